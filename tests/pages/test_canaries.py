"""A canary sits in every private column; no address, kept answer, file or line of the log ever lets one be heard."""

from __future__ import annotations

import base64
import hashlib
import io
import logging
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import orjson
import psycopg
import pytest
from apiflask import APIFlask
from flask import Response
from flask.testing import FlaskClient
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from sqlalchemy import LargeBinary, Table, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from geoapp import logs
from geoapp.app import create_app
from geoapp.city import City
from geoapp.intake.path import take
from geoapp.pages.parts import kept, security
from geoapp.people import looking, rights, secrets
from geoapp.people.rights import Of
from geoapp.records import PUBLIC_ONLY, Person, Role, Sight
from geoapp.settings import Settings
from geoapp.store import accounts, backup, sessions, units
from geoapp.store.acting import KEEPER, Identity, acting
from geoapp.store.cluster import SUPERUSER, Server
from geoapp.store.database import Database
from geoapp.store.tables import METADATA
from importers.base import Report, Standing
from tests.pages.conftest import SOUTH, WEST
from tests.people.make import enter, make_account, secret_of

PRIVATE = {table.name: table for table in METADATA.tables.values() if table.schema == "private"}

KEYS = {"id", "report_id", "city_id", "unit_id", "run_id", "given_by", "occurrence"}
"""Keys that stand elsewhere too and say nothing by themselves; whose a row is, is a canary."""

NO_CANARY = {
    "role_right": {"role", "action", "scope"},  # as public as the code
    "role_held": {"role"},  # one of a few words
    "account": {"language", "active", "demo", "must_change", "totp_step"},
    "look": {"refused"},
    "deed": {"what"},  # one of a few words
}
OPENED_BY = {
    "reporter": "see_private", "original": "see_private", "post": "see_private", "filed": "see_private",
    "rejected": "manage_lists", "look": "see_log", "role_held": "manage_people",
    "deed": "manage_people",
}  # fmt: skip
"""The right that opens a table; those of an account open to whoever keeps people, secrets to nobody."""

OPEN_OF_ACCOUNT = {"login", "name", "email", "phone"}
VICTIM = 770_077_007
"""The account to whom everything belongs: a number that is nowhere by chance."""


@dataclass
class Canary:
    """What was put where, how it would sound, and the right by which it may be heard; None: nobody may."""

    table: str
    column: str
    sounds: tuple[bytes, ...]
    action: str | None
    report: int = 0


def moments(table: Table) -> set[str]:
    return {column.name for column in table.columns if column.name.endswith("_at") or column.name == "at"}


def canary(table: Table, column: str, nth: int) -> tuple[Any, tuple[bytes, ...]]:
    """A value of the column's type, and all the ways in which it might be written."""
    kind = table.c[column].type
    word = f"kanari{table.name.replace('_', '')}{column.replace('_', '')}{nth}"
    if isinstance(kind, LargeBinary) or (isinstance(kind, ARRAY) and isinstance(kind.item_type, LargeBinary)):
        raw = hashlib.sha256(word.encode()).digest()
        value: Any = [raw] if isinstance(kind, ARRAY) else raw
        return value, (raw, raw.hex().encode(), base64.b64encode(raw), base64.urlsafe_b64encode(raw).rstrip(b"="))
    if isinstance(kind, Uuid):
        found = uuid.UUID(bytes=hashlib.md5(word.encode(), usedforsecurity=False).digest())
        return found, (str(found).encode(), found.hex.encode())
    if isinstance(kind, JSONB):
        return orjson.dumps({word: word}).decode(), (word.encode(),)
    if isinstance(kind, ARRAY):
        return [word], (word.encode(),)
    if column == "line":
        return 770_000_000 + nth, (str(770_000_000 + nth).encode(),)
    return word, (word.encode(), word.title().encode(), word.upper().encode())


def wanted(table: Table) -> list[str]:
    """The columns of a table that must bear a canary."""
    spared = KEYS | NO_CANARY.get(table.name, set()) | moments(table)
    return [column.name for column in table.columns if column.name not in spared]


@dataclass
class Planted:
    """The cage: what was planted, and what addresses are made of."""

    city: City
    canaries: list[Canary] = field(default_factory=list)
    reports: dict[str, int] = field(default_factory=dict)
    parts: dict[str, list[str]] = field(default_factory=dict)
    """Words for the variable parts of addresses, by their name."""

    def heard(self, content: bytes, person: Person | None = None, ofs: dict[int, Of] | None = None) -> set[str]:
        """The canaries heard in an answer that whoever asks has no right to hear."""
        return {
            f"{one.table}.{one.column}"
            for one in self.canaries
            if any(sound in content for sound in one.sounds) and not self.may(one, person, ofs or {})
        }

    def may(self, one: Canary, person: Person | None, ofs: dict[int, Of]) -> bool:
        if one.action is None:
            return False
        if (
            one.table == "account"
            and one.column in ("login", "name")
            and rights.may(person, "see_log", Of(self.city.id))
        ):
            return True  # The log of looks is there to tell who looked.
        return rights.may(person, one.action, ofs.get(one.report) or Of(self.city.id))


def insert(connection: psycopg.Connection, planted: Planted, table: Table, nth: int, **keys: Any) -> None:
    values: dict[str, Any] = dict(keys)
    for column in wanted(table):
        if column in ("account_id", "by_id"):
            values[column], sounds = VICTIM, (str(VICTIM).encode(),)
        elif (table.name, column) == ("look", "what"):
            values[column], sounds = "kanarilookwhat", (b"kanarilookwhat",)
        else:
            values[column], sounds = canary(table, column, nth)
        action = OPENED_BY.get(table.name)
        if table.name == "account":
            action = "manage_people" if column in OPEN_OF_ACCOUNT else None
        planted.canaries.append(Canary(table.name, column, sounds, action, int(keys.get("report_id", 0))))
    for column in moments(table):
        if not table.c[column].nullable and table.c[column].server_default is None:
            values[column] = datetime.now(UTC) + timedelta(days=1)
    names = ", ".join(values)
    places = ", ".join("%s" for _ in values)
    clash = " ON CONFLICT (report_id) DO UPDATE SET " + ", ".join(f"{n} = excluded.{n}" for n in values)
    query = (
        f"INSERT INTO private.{table.name} ({names}) OVERRIDING SYSTEM VALUE VALUES ({places})"
        f"{clash if 'report_id' in table.primary_key.columns else ''}"
    )
    connection.execute(query.encode(), list(values.values()))


@pytest.fixture
def planted(db: Database, city: City, database: Server) -> Planted:
    """A public complaint, a denunciation and a report that waits, with a canary in every private column."""
    with db.bulk.begin() as connection:
        units.grow(connection, city)
    found = Planted(city)
    said = datetime(2026, 3, 1, tzinfo=UTC)
    stands = Standing("in_hand", said + timedelta(hours=1), None, "on our way")
    told = [
        Report(ref=f"kanariref{kind}", said_at=said, kind=kind, body="a hole", category="roads", matter="pothole",
               x=None if kind == "help" else WEST + 0.2, y=None if kind == "help" else SOUTH + 0.2, unit="O00",
               unit_name="O00", standing=None if kind == "help" else stands)
        for kind in ("complaint", "denunciation", "help")
    ]  # fmt: skip
    taken = take(db.bulk, city, "hotline", told, receipts=True)
    found.reports = dict(zip(("complaint", "denunciation", "help"), (one.report_id for one in taken), strict=True))
    with psycopg.connect(database.conninfo(SUPERUSER)) as connection:
        connection.execute("INSERT INTO geoapp.run (id, city_id, source, files) OVERRIDING SYSTEM VALUE "
                           "VALUES (900, %s, 'hotline', '{kanarirunfile}')", (city.id,))  # fmt: skip
        insert(connection, found, PRIVATE["account"], 0, id=VICTIM)
        found.canaries.append(Canary("account", "id", (str(VICTIM).encode(),), "manage_people"))
        for nth, report in enumerate(found.reports.values(), 1):
            for name in ("reporter", "original", "post", "filed", "look"):
                insert(connection, found, PRIVATE[name], nth, report_id=report, city_id=city.id)
        insert(connection, found, PRIVATE["rejected"], 1, city_id=city.id, run_id=900, occurrence=1)
        insert(connection, found, PRIVATE["role_held"], 1, city_id=city.id, role="citizen")
        insert(connection, found, PRIVATE["deed"], 1, city_id=city.id, what="locked")
        for name in ("session", "link", "token"):
            insert(connection, found, PRIVATE[name], 1)
        # What is not public of a hidden ticket, or of anybody's receipt, lies outside of the schema `private`.
        hidden = found.reports["denunciation"]
        tie_together(connection, taken[0].ticket_id or 0, taken[1].ticket_id or 0, taken[1].number or "")
        connection.execute("UPDATE geoapp.report_text SET body = 'kanarihiddenbody', address = 'kanarihiddenaddress' "
                           "WHERE report_id = %s", (hidden,))  # fmt: skip
        connection.execute("UPDATE geoapp.event_note SET body = 'kanarihiddennote' WHERE event_id IN ("
                           "SELECT id FROM geoapp.event WHERE report_id = %s)", (hidden,))  # fmt: skip
    for word in ("kanarihiddenbody", "kanarihiddenaddress", "kanarihiddennote", taken[1].number or ""):
        found.canaries.append(Canary("hidden", word, (word.encode(),), rights.SEE_INSIDE, hidden))
    for word in ("kanarirunfile", "kanariref", *(one.receipt or "" for one in taken)):
        found.canaries.append(Canary("kept", word, (word.encode(),), None))
    numbers = [one.number or "" for one in taken[:2]]
    found.parts = {
        "number": [*numbers, "nothing"], "receipt": ["nothing"], "photo_id": [str(uuid.uuid4())],
        "layer": ["offices"], "code": ["O00"], "city_code": [city.code], "kind": ["spot"], "shown": ["nothing"],
    }  # fmt: skip
    return found


def tie_together(connection: psycopg.Connection, shown: int, hidden: int, number: str) -> None:
    """All that a public ticket may have to do with a hidden one: links both ways, events that name it, works, a ruling
    before, a photo, a unit that assists with both."""
    run = connection.execute
    for one, kind, other in ((shown, "older", hidden), (hidden, "child", shown), (hidden, "merged", shown)):
        run("INSERT INTO geoapp.ticket_link (ticket_id, kind, other_id) VALUES (%s, %s, %s)", (one, kind, other))
    for name, code in (("link", "other"), ("attach", "from"), ("merge", "into"), ("liable", "ticket")):
        run("INSERT INTO geoapp.event (ticket_id, name, occurred_at, actor, codes) VALUES (%s, %s, now(), 'system', "
            "jsonb_build_object(%s::text, %s::text))", (shown, name, code, number))  # fmt: skip
    run("INSERT INTO geoapp.repair (city_id, site_id, ticket_id, started_at, liability_until, placed_by) SELECT "
        "city_id, site_id, id, now() - interval '1 day', '2199-01-01', 'ticket' FROM geoapp.ticket WHERE id = %s",
        (hidden,))  # fmt: skip
    run("INSERT INTO geoapp.dispute (city_id, ticket_id, proposal_id, reason, rule, opened_at, due_at) SELECT "
        "k.city_id, k.id, u.id, 'not_ours', '{}', now(), now() FROM geoapp.ticket k, geoapp.unit u "
        "WHERE k.id = %s LIMIT 1", (hidden,))  # fmt: skip
    run("INSERT INTO geoapp.ticket_mark (ticket_id, mark, since) VALUES (%s, 'supervised', now())", (hidden,))
    run("INSERT INTO geoapp.rating (ticket_id, satisfied, actor, rated_at) VALUES (%s, false, 'reporter', now())",
        (hidden,))  # fmt: skip


def test_every_private_column_has_its_canary(planted: Planted) -> None:
    """A column that is added to a private table must be given one, or be said to need none."""
    have = {(one.table, one.column) for one in planted.canaries}
    missing = [f"{name}.{column}" for name, table in PRIVATE.items() for column in wanted(table)
               if (name, column) not in have]  # fmt: skip
    assert missing == []
    for name, columns in NO_CANARY.items():
        assert columns <= {column.name for column in PRIVATE[name].columns}


# Whoever asks


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """All that is written to the log meanwhile, by whatever application, at its most talkative."""
    written = io.StringIO()
    monkeypatch.setattr(logs, "sys", SimpleNamespace(stderr=written))
    logs.configure("DEBUG")
    yield written
    monkeypatch.undo()
    logs.configure("INFO")


@pytest.fixture
def talkative(settings: Settings, db: Database, log: io.StringIO) -> APIFlask:
    made = create_app(replace(settings, reports_per_hour=10_000, log_level="DEBUG", upload_mb=1), db)
    made.config["TESTING"] = False
    return made


def addresses(app: APIFlask, planted: Planted) -> list[str]:
    """Every address that can be read, each with every word there is for its variable parts, and with hostile ones."""
    found = []
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint == "static":
            continue
        made = [re.sub(r"<(?:[^:<>]+(?:\([^)]*\))?:)?(\w+)>", r"{\1}", rule.rule)]
        for name in rule.arguments:
            words = planted.parts.get(name, ["nothing"])
            made = [one.replace("{" + name + "}", word) for one in made for word in words]
        found += [one + more for one in made for more in ("", "?lang=en", f"?city={planted.city.code}")]
    box = f"bbox={WEST},{SOUTH},{WEST + 1},{SOUTH + 1}"
    asked = [
        f"/api/clusters?{box}&zoom={zoom}" for zoom in (4, 12, 18)
    ] + [
        f"/api/tickets?{box}&{more}" for more in ("limit=200", "kind=denunciation", "state=open", "unit=O00", "q=PB",
                                                  "source=hotline", "q=kanari", "area=offices/O00")
    ] + [
        f"/?{box}&kind=denunciation", f"/api/times?{box}", "/api/places?q=O00", "/api/locate?q=O00",
        f"/api/assign?lon={WEST + 0.2}&lat={SOUTH + 0.2}", "/unplaced?problem=missing", "/healthz", "/readyz",
    ]  # fmt: skip
    return found + asked


def follow(client: FlaskClient, address: str) -> list[bytes]:
    """An answer with its headers, and the files of the map that it names."""
    answer = client.get(address)
    files = re.findall(r'"(/map/[^"]+\.(?:js|css))"', answer.text) if answer.mimetype == "text/html" else []
    more = [client.get(name).data for name in set(files)]
    return [answer.data, str(answer.headers).encode(), *more]


def person_of(db: Database, account_id: int) -> Person:
    with acting(db.web, KEEPER) as connection:
        found = accounts.person(connection, account_id)
    assert found is not None
    return found


def ofs(db: Database, planted: Planted) -> dict[int, Of]:
    return {report: looking.of_report(db.web, report) for report in planted.reports.values()}


def listen(client: FlaskClient, app: APIFlask, planted: Planted, person: Person | None, of: dict[int, Of]) -> set[str]:
    """What is heard at all addresses, and where."""
    found = set()
    for address in addresses(app, planted):
        # Who may not know the number in the address is told it by nobody but themselves.
        for content in follow(client, address):
            clean = content.replace(address.encode(), b"")
            found |= {f"{address}: {one}" for one in planted.heard(clean, person, of) if not of_address(one, address)}
    return found


def of_address(canary_name: str, address: str) -> bool:
    return canary_name.startswith("hidden.PB") and canary_name.partition(".")[2] in address


def test_nobody_hears_a_canary_anywhere(talkative: APIFlask, planted: Planted, db: Database, log: io.StringIO) -> None:
    of = ofs(db, planted)
    for _twice in range(2):
        assert listen(talkative.test_client(), talkative, planted, None, of) == set()
    answers = talkative.extensions["geoapp_kept"]
    assert isinstance(answers, kept.Answers) and answers._kept
    assert planted.heard(repr(answers._kept).encode()) == set(), "kept answers and their keys"
    assert planted.heard(log.getvalue().encode()) == set()


def test_a_canary_is_heard_where_there_is_one(
    talkative: APIFlask, planted: Planted, db: Database, log: io.StringIO
) -> None:
    """What the other tests would be deaf without: that each canary is heard, and that the log is listened to."""

    @talkative.get("/api/forgetful")
    def forgetful() -> Response:
        logging.getLogger("x").debug("nothing")
        return Response(b" ".join(one.sounds[0] for one in planted.canaries), mimetype="application/octet-stream")

    heard = listen(talkative.test_client(), talkative, planted, None, ofs(db, planted))
    assert {one.partition(": ")[2] for one in heard} == {f"{one.table}.{one.column}" for one in planted.canaries}
    assert '"nothing"' in log.getvalue()


WITH_UNIT = {role for role in Role if rights.needs_unit(role)}


@pytest.mark.parametrize("role", Role)
def test_no_role_hears_what_it_may_not(
    talkative: APIFlask, planted: Planted, db: Database, role: Role, log: io.StringIO
) -> None:
    """Of the office that handles it all, by cookie and by token."""
    with db.web.connect() as connection:
        unit_id = units.find(connection, planted.city.id, "O00").id
    account_id = make_account(
        db, "asker", role, city_id=planted.city.id, unit_id=unit_id if role in WITH_UNIT else None
    )
    person, of = person_of(db, account_id), ofs(db, planted)
    client = talkative.test_client()
    assert enter(client, "asker").status_code == 303
    assert listen(client, talkative, planted, person, of) == set()
    if rights.may(person, "use_api"):
        with acting(db.web, Identity(account_id)) as connection:
            sessions.make_token(connection, account_id, "x", secrets.digest("t"), ["use_api"], timedelta(days=1))
        client = talkative.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = "Bearer t"
        narrow = replace(person, scopes=frozenset({"use_api"}))
        assert listen(client, talkative, planted, narrow, of) == set()
    assert planted.heard(log.getvalue().encode()) == set()
    # What somebody with a session was told is kept for whoever sees the same, and nothing private with it.
    for key, answer in talkative.extensions["geoapp_kept"]._kept.items():
        heard = planted.heard(repr((key, answer)).encode())
        seen = next(part for part in key if isinstance(part, Sight))
        assert heard == set() or (seen != PUBLIC_ONLY and all(one.startswith("hidden.") for one in heard))


# Whatever goes wrong

WORDS = "kanari-in-the-request 张三"


def wrong(client: FlaskClient) -> list[tuple[int, Any]]:
    """Requests that cannot be served, each with words that are nobody else's to read: expected status and answer."""
    large = {"photo": (io.BytesIO(b"x" * (2 << 20)), f"{WORDS}.jpg"), "text": WORDS}
    header = {"Authorization": f"Bearer {WORDS.encode().hex()}kanari-in-the-request"}
    token = secret_of(client)
    return [
        (400, client.post("/api/reports", data=f"{{{WORDS}", content_type="application/json")),
        (400, client.post("/report", data={"body": WORDS, "name": WORDS})),
        (400, client.post("/sign-in", data={"login": WORDS, "password": WORDS})),
        (401, client.get("/api/tickets", headers=header)),
        (404, client.get(f"/tickets/{WORDS}")),
        (404, client.get(f"/receipts/{WORDS}")),
        (404, client.get(f"/{WORDS}")),
        (404, client.get(f"/api/tickets/{WORDS}")),
        (405, client.delete(f"/api/reports?name={WORDS}")),
        (413, client.post("/api/reports", data=large, content_type="multipart/form-data")),
        (415, client.post("/api/reports", data=WORDS.encode(), content_type="text/plain")),
        (422, client.post("/api/reports", json={"text": WORDS, "contact": {"name": WORDS, "phone": WORDS}})),
        (422, client.get(f"/api/tickets?since={WORDS}")),
        (401, client.post("/sign-in", data={"login": WORDS, "password": WORDS, "csrf_token": token})),
    ]


def test_no_line_of_the_log_repeats_a_request_that_cannot_be_served(
    talkative: APIFlask, planted: Planted, log: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    for expected, answer in wrong(talkative.test_client()):
        assert answer.status_code == expected, (expected, answer.request.path, answer.text[:300])
        assert planted.heard(answer.data) == set()
    assert talkative.test_client().get("/metrics").text.count("kanari") == 0
    shown = "".join(capfd.readouterr())
    assert "kanari" not in log.getvalue() + shown and "张三" not in log.getvalue() + shown


def test_a_429_and_a_409_and_a_403_say_nothing(
    settings: Settings, db: Database, planted: Planted, log: io.StringIO
) -> None:
    app = create_app(replace(settings, reports_per_hour=1, log_level="DEBUG"), db)
    client = app.test_client()
    hole = {"text": WORDS, "lon": WEST + 0.2, "lat": SOUTH + 0.2, "contact": {"name": WORDS}}
    assert [client.post("/api/reports", json=hole).status_code for _ in range(2)] == [201, 429]
    make_account(db, "dora", Role.DISPATCHER, city_id=planted.city.id)
    make_account(db, "paul", Role.PLANNER, city_id=planted.city.id)
    paul = app.test_client()
    enter(paul, "paul")
    refused = paul.get(f"/unplaced?problem={WORDS}&report={planted.reports['help']}")
    assert refused.status_code == 403 and planted.heard(refused.data) == set()
    dora = app.test_client()
    enter(dora, "dora")
    given = {"report": str(planted.reports["complaint"]), "lon": str(WEST + 0.2), "lat": str(SOUTH + 0.2),
             "csrf_token": secret_of(dora, "/unplaced")}  # fmt: skip
    late = dora.post("/unplaced", data=given)
    of, person = ofs(db, planted), next(iter([person_of_login(db, "dora")]))
    assert late.status_code == 409 and planted.heard(late.data, person, of) == set()
    logging.getLogger("x").warning("all ears")
    assert "all ears" in log.getvalue()
    assert "kanari" not in log.getvalue() and "张三" not in log.getvalue()


def person_of_login(db: Database, login: str) -> Person:
    with acting(db.web, KEEPER) as connection:
        found = accounts.find(connection, login)
    assert found is not None
    return person_of(db, found.id)


FAULTS = {
    "an error that quotes": lambda db: (_ for _ in ()).throw(ValueError(f"invalid literal: {WORDS}")),
    "a row that fails": lambda db: _insert_twice(db, "INSERT INTO private.account (login, name, demo) VALUES "
                                                    f"('{WORDS}', '{WORDS}', false)"),
    "a value that is none": lambda db: _insert_twice(db, f"SELECT cast('{WORDS}' AS integer)"),
}  # fmt: skip


def _insert_twice(db: Database, statement: str) -> None:
    with acting(db.web, KEEPER) as connection:
        for _ in range(2):
            connection.execute(text(":words".join(statement.split(f"'{WORDS}'"))), {"words": WORDS})


@pytest.mark.parametrize("fault", FAULTS)
def test_a_500_tells_neither_its_caller_nor_the_log(
    talkative: APIFlask, planted: Planted, db: Database, log: io.StringIO, fault: str
) -> None:
    @talkative.get("/api/broken")
    def broken() -> str:
        FAULTS[fault](db)
        return ""

    @talkative.get("/broken")
    def page() -> str:
        try:
            FAULTS[fault](db)
        except Exception as error:
            raise RuntimeError(WORDS) from error
        return ""

    # A page leads to itself in the other language, by its own address.
    for address in (f"/api/broken?q={WORDS}", "/broken"):
        answer = talkative.test_client().get(address)
        assert answer.status_code == 500 and b"kanari" not in answer.data and "张三" not in answer.text
    written = log.getvalue()
    assert written.count('"unexpected"') == 2 and "broken" in written and "test_canaries.py" in written
    assert "kanari" not in written and "张三" not in written


def test_the_log_of_a_program_blacks_out_what_postgresql_quotes(db: Database, log: io.StringIO) -> None:
    for statement in ("INSERT INTO geoapp.city (code, names, pack) VALUES ", "COPY"):
        try:
            if statement == "COPY":
                with db.bulk.begin() as connection:
                    raw: Any = connection.connection.dbapi_connection
                    with raw.cursor().copy("COPY geoapp.run_count FROM STDIN") as copying:
                        copying.write(f"{WORDS}\t1\n")
            else:
                with db.bulk.begin() as connection:
                    for _ in range(2):
                        connection.execute(text(f"{statement}(:words, '{{}}', '{{}}')"), {"words": WORDS})
        except Exception:
            logging.getLogger("x").exception("failed")
    written = log.getvalue()
    assert written.count("failed") == 2 and "DETAIL" in written and "CONTEXT" in written
    assert "kanari-in" not in written and "张三" not in written


# What is filed, and what is kept of it


def photo_with_words(kind: str) -> io.BytesIO:
    image = Image.new("RGB", (60, 40), "red")
    out = io.BytesIO()
    if kind == "PNG":
        told = PngInfo()
        told.add_text("Comment", WORDS)
        told.add_itxt("XML:com.adobe.xmp", WORDS)
        image.save(out, kind, pnginfo=told)
    else:
        exif = Image.Exif()
        exif[0x010E] = exif[0x013B] = exif[0x8298] = "kanari-in-the-request"
        exif.get_ifd(0x8825).update({1: "N", 2: (20.0, 12.0, 0.0), 29: "kanari-in-the-request"})
        more: dict[str, Any] = {"comment": WORDS.encode()} if kind == "JPEG" else {}
        image.save(out, kind, exif=exif, xmp=WORDS.encode(), **more)
    assert b"kanari" in out.getvalue()
    out.seek(0)
    return out


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_what_is_filed_leaves_its_private_words_in_private_tables_alone(
    talkative: APIFlask,
    planted: Planted,
    db: Database,
    database: Server,
    settings: Settings,
    log: io.StringIO,
    kind: str,
) -> None:
    account_id = make_account(db, "wang", Role.CITIZEN, city_id=planted.city.id)
    client = talkative.test_client()
    enter(client, "wang")
    secret = secret_of(client, "/report")
    sent = {
        "csrf_token": secret, "key": "k", "body": "A hole. 13800138000 or me@kanari.example", "lon": str(WEST + 0.3),
        "lat": str(SOUTH + 0.3), "matter": "pothole", "address": "13800138000, gate 2", "name": WORDS,
        "phone": "13900139000", "email": "kanari@kanari.example", "photo": (photo_with_words(kind), f"{WORDS}.jpg"),
    }  # fmt: skip
    answer = client.post("/report", data=sent, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text
    forbidden = ("kanari-in", "张三", "13800138000", "13900139000", "kanari@", "me@kanari")
    with psycopg.connect(database.conninfo(SUPERUSER)) as connection:
        for table in METADATA.sorted_tables:
            if table.schema == "geoapp":
                rows = connection.execute(f"SELECT t::text FROM geoapp.{table.name} t".encode()).fetchall()
                assert not [row for (row,) in rows if any(word in row for word in forbidden)], table.name
        report = connection.execute("SELECT max(report_id) FROM private.filed WHERE account_id = %s", (account_id,))
        (report_id,) = report.fetchone() or (None,)
        columns = connection.execute(
            "SELECT e.actor || e.codes::text FROM geoapp.event e WHERE e.report_id = %s", (report_id,)
        ).fetchall()
        photos = connection.execute("SELECT id FROM geoapp.photo WHERE report_id = %s", (report_id,)).fetchall()
    assert columns and all(f"account:{account_id}" not in row for (row,) in columns), "who filed is told by one table"
    (stored,) = [path for path in (settings.data_dir / "photos").rglob("*.jpg")]
    shown = talkative.test_client().get(f"/photos/{photos[0][0]}.jpg")
    for content in (stored.read_bytes(), shown.data):
        assert b"kanari" not in content and "张三".encode() not in content
        image = Image.open(io.BytesIO(content))
        assert not image.getexif() and not image.info.keys() & {"comment", "exif", "xmp", "Comment"}
    assert not any(word in log.getvalue() for word in forbidden)
    assert planted.heard(log.getvalue().encode()) == set()


def test_files_that_hold_private_things_are_for_the_installations_account_alone(
    planted: Planted, database: Server, settings: Settings, tmp_path: Path
) -> None:
    saved = tmp_path / "saved.tar"
    backup.backup(database, settings, saved)
    assert saved.stat().st_mode & 0o777 == 0o600
    assert security._kept_key(settings.data_dir) and (settings.data_dir / "secret_key").stat().st_mode & 0o077 == 0
