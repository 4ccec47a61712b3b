"""Pages, headers, languages, health: what every caller meets."""

from __future__ import annotations

import logging
import re
import stat
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import orjson
import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from geoapp import errors, logs, statics
from geoapp.app import addresses, create_app
from geoapp.city import City
from geoapp.settings import CHECKOUT, Settings
from geoapp.store.database import Database
from tests.pages.conftest import load

PAGES = ["/", "/report", "/nothing-here", "/api/clusters", "/api/nothing", "/healthz", "/metrics"]


@pytest.mark.parametrize("address", PAGES)
def test_every_answer_forbids_what_is_not_ours(client: FlaskClient, filled: City, address: str) -> None:
    headers = client.get(address).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "geolocation=(self)" in headers["Permissions-Policy"] and "Referrer-Policy" in headers


@pytest.mark.parametrize("address", ["/", "/report"])
def test_pages_hold_nothing_inline(client: FlaskClient, filled: City, address: str) -> None:
    page = client.get(address).text
    for attributes, body in re.findall(r"<script([^>]*)>(.*?)</script>", page, re.DOTALL):
        assert "application/json" in attributes or not body.strip()
    assert "<style" not in page and not re.search(r"<[^>]+\s(style|on\w+)=", page)


def test_tiles_from_outside_are_allowed_by_setting_only(settings: Settings, db: Database, filled: City) -> None:
    from dataclasses import replace

    given = replace(settings, tiles_url="https://{s}.tile.example.org/{z}/{x}/{y}.png", https=True)
    answer = create_app(given, db).test_client().get("/report")
    assert "img-src 'self' data: blob: https://*.tile.example.org;" in answer.headers["Content-Security-Policy"]
    assert "Strict-Transport-Security" in answer.headers
    assert all(word in answer.headers["Set-Cookie"] for word in ("HttpOnly", "Secure", "SameSite=Lax"))


def test_the_policy_allows_what_the_map_asks_for(settings: Settings, db: Database, filled: City) -> None:
    from dataclasses import replace

    from geoapp import mapview

    for url in ("https://tile-{s}.maps.example/{z}/{x}/{y}.png", "/tiles/{z}/{x}/{y}.png"):
        given = replace(settings, tiles_url=url)
        policy = create_app(given, db).test_client().get("/report").headers["Content-Security-Policy"]
        images = policy.partition("img-src ")[2].partition(";")[0]
        assert images == f"'self' data: blob: {mapview.tiles_source(given)}".strip()


def test_the_map_names_files_that_may_be_kept_for_ever(client: FlaskClient, filled: City) -> None:
    page = client.get("/?lang=en").text
    script = re.search(r'/map/[^"]+\.js', page)[0]  # type: ignore[index]
    style = script.removesuffix("js") + "css"
    for address, kind in ((script, "javascript"), (style, "css")):
        answer = client.get(address)
        assert answer.status_code == 200 and kind in answer.mimetype and "immutable" in answer.headers["Cache-Control"]
    assert client.get(re.sub(r"\.[0-9a-f]{16}\.", ".0000000000000000.", script)).status_code == 404


@pytest.mark.parametrize("address", ["/", "/report", "/nothing"])
def test_scripts_styles_and_pictures_are_asked_for_by_what_they_hold_and_kept_for_ever(
    client: FlaskClient, filled: City, address: str
) -> None:
    page = client.get(address).text
    asked = set(re.findall(r'"(/static/[^"#]*)', page))
    assert asked and all(re.fullmatch(r"/static/[\w./-]+\?v=[0-9a-f]{16}", one) for one in asked)
    for one in asked:
        answer = client.get(one)
        assert answer.status_code == 200 and "immutable" in answer.headers["Cache-Control"]
        assert "Cookie" not in answer.headers.get("Vary", "")
        for other in (one.partition("?")[0], one[:-16] + "0" * 16):
            assert client.get(other).headers["Cache-Control"] == "no-cache"
    assert client.get("/static/none.js?v=").headers["Cache-Control"] != "immutable"


def test_a_file_that_changes_has_another_address(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(statics, "FOLDER", tmp_path)
    (tmp_path / "a.js").write_text("1")
    first = statics.url("a.js")
    (tmp_path / "a.js").write_text("22")
    assert statics.url("a.js") != first and statics.digest("none") == ""


def test_a_tickets_page_reads_without_scripts(client: FlaskClient, filled: City) -> None:
    number = client.get("/api/tickets").json["items"][0]["number"]
    page = client.get(f"/tickets/{number}?lang=en")
    assert page.status_code == 200 and number in page.text and "O11 office" in page.text
    assert client.get(f"/?q={number.lower()}").location == f"/tickets/{number}"


def test_language_is_asked_for_then_remembered_then_preferred_then_the_citys(client: FlaskClient, city: City) -> None:
    def lang(address: str = "/nothing", **headers: str) -> str:
        return client.get(address, headers=headers).headers["Content-Language"]

    assert lang() == "zh"
    assert lang(**{"Accept-Language": "en-GB,zh;q=0.5"}) == "en"
    assert lang(**{"Accept-Language": "fr"}) == "zh"
    assert lang("/nothing?lang=en", **{"Accept-Language": "zh-CN"}) == "en"
    assert lang(**{"Accept-Language": "zh-CN"}) == "en"
    assert lang("/nothing?lang=xx") == "en"


@pytest.mark.parametrize("path", ["/%5Cevil.example/x", "/%5C%5Cevil.example", "/%2F%2Fevil.example/x", "/report"])
def test_the_links_to_the_other_language_lead_nowhere_else_and_keep_the_question(
    client: FlaskClient, city: City, path: str
) -> None:
    page = client.get(path + "?lang=en&area=a&area=b&q=%E8%B7%AF%26x%3D1").text
    links = re.findall(r'<a class="tongue"[^>]* href="([^"]*)"', page)
    assert [link.partition("&amp;")[0] for link in links] == ["?lang=zh", "?lang=en"]
    for link in links:
        assert urlsplit(link.replace("&amp;", "&"))[:3] == ("", "", "")
        words = parse_qsl(urlsplit(link.replace("&amp;", "&")).query)
        assert words[1:] == [("area", "a"), ("area", "b"), ("q", "路&x=1")]
    assert "evil.example" not in "".join(re.findall(r'(?:href|src|action)="([^"]*)"', page))


def test_what_is_not_there_is_said_in_the_callers_language(client: FlaskClient, city: City) -> None:
    assert "此地址没有内容" in client.get("/tickets/nope?lang=zh").text
    assert "There is nothing at this address" in client.get("/tickets/nope?lang=en").text
    assert client.get("/api/tickets/nope?lang=zh").json["error"]["message"] == "此地址没有内容。"


def test_an_installation_without_a_city_says_so(client: FlaskClient) -> None:
    for address in ("/", "/report", "/api/clusters", "/api/tickets"):
        assert client.get(address).status_code == 404
    assert client.post("/api/reports", json={"text": "x"}).status_code == 404
    assert client.get("/healthz").status_code == client.get("/readyz").status_code == 200


def test_without_its_database_the_site_says_it_is_away(settings: Settings) -> None:
    class Nowhere:
        def url(self, role: str) -> str:
            return "postgresql+psycopg://x@127.0.0.1:1/x"

    client = create_app(settings, Database(Nowhere())).test_client()
    assert client.get("/healthz").status_code == 200
    assert [client.get(a).status_code for a in ("/readyz", "/", "/api/clusters", "/metrics")] == [503] * 4
    assert client.get("/api/clusters").json["error"]["code"] == "unavailable"


def test_an_unexpected_failure_tells_nothing_of_itself(
    app: APIFlask, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    from geoapp.store.queries import clusters

    def fail(*_: object) -> None:
        raise RuntimeError("inner secret")

    monkeypatch.setattr(clusters, "clusters", fail)
    answer = app.test_client().get("/api/clusters?lang=en")
    assert answer.status_code == 500 and "secret" not in answer.text and answer.json["error"]["code"] == "error"


def test_metrics_count_public_tickets_only(client: FlaskClient, filled: City) -> None:
    assert "geoapp_tickets 300.0" in client.get("/metrics").text


def test_the_secret_key_is_made_once_and_read_by_its_account_only(
    app: APIFlask, settings: Settings, db: Database
) -> None:
    path = settings.data_dir / "secret_key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and len(path.read_text()) >= 32
    assert create_app(settings, db).secret_key == app.secret_key


def test_each_address_says_who_may_open_it_and_what_it_is() -> None:
    for module in addresses():
        assert isinstance(module.WHO, str) and module.__doc__ and module.page


def test_every_error_and_message_has_its_chinese() -> None:
    from babel.messages.extract import extract_from_dir
    from babel.messages.pofile import read_po

    folder = CHECKOUT / "geoapp"
    keywords = {"_": None, "_l": None, "gettext": None}
    found = {line[2] for line in extract_from_dir(folder / "pages", [("**.py", "python")], keywords=keywords)}
    classes = [errors.GeoappError]
    for known in classes:
        classes += known.__subclasses__()
    found |= {(known.__doc__ or "").splitlines()[0] for known in classes}
    with (folder / "translations/zh/LC_MESSAGES/errors.po").open("rb") as file:
        catalogue = read_po(file)
    assert not [word for word in found if isinstance(word, str) and not (word in catalogue and catalogue[word].string)]


def test_the_api_describes_every_operation(client: FlaskClient) -> None:
    spec = client.get("/api/openapi.json").json
    rules = {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(r)) for r in client.application.url_map.iter_rules()}
    assert set(spec["paths"]) == {rule for rule in rules if rule.startswith("/api/")} - {"/api/openapi.json"}
    assert all(
        "422" in op["responses"] or path.endswith("}") for path, ops in spec["paths"].items() for op in ops.values()
    )


def test_the_log_is_json_without_anything_private(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("INFO")
    logging.getLogger("x").warning("call 13800138000 or wang@example.com, 粤B12345, 440305199001011234")
    line = capsys.readouterr().err.strip().splitlines()[-1]
    assert orjson.loads(line)["level"] == "warning"
    for private in ("13800138000", "wang@example.com", "粤B12345", "440305199001011234"):
        assert private not in line
    assert logs.redact({"Authorization": "Bearer x", "deep": {"phone": "1"}, "url": "postgresql://u:pw@h/d"}) == {
        "Authorization": logs.BLACK, "deep": {"phone": logs.BLACK}, "url": f"postgresql://{logs.BLACK}@h/d",
    }  # fmt: skip


def test_with_several_cities_the_map_opens_and_leads_to_each(client: FlaskClient, db: Database, filled: City) -> None:
    load(db, replace(filled, code="other", prefix="OTHER", names={"zh": "另一城", "en": "Other Town"}))
    for address in ("/?lang=en", "/?city=other&lang=zh"):
        page = client.get(address)
        assert page.status_code == 200
        assert 'href="/?city=other"' in page.text and f'href="/?city={filled.code}"' in page.text
    assert "Other Town" in client.get("/?lang=en").text
