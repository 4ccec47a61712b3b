"""Online geocoders against one on this machine: what they say, when they fail, how seldom they are asked."""

from __future__ import annotations

import logging
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, create_engine, text

from geoapp import settings as settings_module
from geoapp.city import City
from geoapp.cli import main
from geoapp.intake import geocoders
from geoapp.intake.geocoders import Why
from geoapp.intake.online import CAP, Unanswered, ask
from geoapp.intake.path import take
from geoapp.locate import datum
from geoapp.locate.answer import Answer
from geoapp.locate.conflict import metres
from geoapp.logs import redact
from geoapp.settings import CHECKOUT, Settings
from geoapp.store import geocoded
from geoapp.store.cluster import SUPERUSER, Server
from tests.intake import stub as stubs
from tests.intake.stub import Stub
from tests.make import make_city, make_report

KEY = "k3y-of-ours"
TEXT = "示例路12号台阶坏了"

# A published pair of the shift, in Shenzhen: WGS-84 and GCJ-02 of one point, in area A1 of the small city.
WGS = (113.912316, 22.543847)
GCJ = (113.9171764808363, 22.540796131694766)


@pytest.fixture
def stub() -> Iterator[Stub]:
    with stubs.running() as stub:
        yield stub


@pytest.fixture(scope="module")
def bulk(shared_database: Server) -> Iterator[Engine]:
    """The importing role, which loads the city and tidies."""
    engine = create_engine(shared_database.url("geoapp_bulk"))
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def city(bulk: Engine) -> City:
    return make_city(bulk)


@pytest.fixture
def engine(
    shared_database: Server, bulk: Engine, city: City, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Engine]:
    """The pages' role: the narrower of the two that ask. Nothing has been asked yet."""
    monkeypatch.setenv("GEOAPP_DATABASE_URL", shared_database.url(SUPERUSER))
    monkeypatch.setenv("GEOAPP_DATA_DIR", str(tmp_path))
    with bulk.begin() as connection:
        for table in ("geocoded", "geocoder_use"):
            connection.execute(text(f"DELETE FROM geoapp.{table}"))
    engine = create_engine(shared_database.url("geoapp_web"))
    yield engine
    engine.dispose()


@pytest.fixture
def using(stub: Stub, engine: Engine) -> Settings:
    """AMap's dialect, asked as often as we like."""
    return set_to(stub, "amap")


def set_to(stub: Stub, name: str, **more: str) -> Settings:
    usual = {"GEOCODER": name, "GEOCODER_URL": stub.url, "GEOCODER_KEY": KEY, "GEOCODER_PER_SECOND": "50"}
    return settings_module.read({f"GEOAPP_{key}": value for key, value in (usual | more).items()})


def one(engine: Engine, city: City, using: Settings, words: str = TEXT, **more: Any) -> Answer | Unanswered:
    (found,) = ask(engine, city, [words], using=using, **more)
    return found


def why(found: Answer | Unanswered) -> Why:
    assert isinstance(found, Unanswered), found
    return found.why


def off_by(found: Answer | Unanswered) -> float:
    assert isinstance(found, Answer) and found.lon is not None and found.lat is not None, found
    return metres(found.lon, found.lat, *WGS)


# What they say


def test_amap_speaks_gcj02(stub: Stub, engine: Engine, city: City, using: Settings) -> None:
    stub.answer = stubs.amap(GCJ)
    found = one(engine, city, using)
    assert off_by(found) < 1.0
    assert isinstance(found, Answer)
    assert (found.rule, found.precision, found.radius_m, found.confidence) == ("online", "address", 60.0, CAP)
    said = found.evidence
    assert (said["geocoder"], said["datum"], said["level"]) == ("amap", "GCJ-02", "门牌号")
    assert (said["said"], said["kept"]) == ({"x": 113.917176, "y": 22.540796}, False)
    assert said["asked"] == "示例路12号" and said["most_confidence"] == CAP
    assert stub.paths == ["/v3/geocode/geo"]
    assert stub.asked == [{"key": KEY, "address": "示例路12号", "output": "JSON", "city": "小城"}]


def test_baidu_speaks_bd09(stub: Stub, engine: Engine, city: City) -> None:
    lon, lat = datum.gcj02_to_bd09(np.array([GCJ[0]]), np.array([GCJ[1]]))
    stub.answer = stubs.baidu(float(lon[0]), float(lat[0]))
    found = one(engine, city, set_to(stub, "baidu"))
    assert off_by(found) < 1.0
    assert isinstance(found, Answer)
    assert (found.precision, found.radius_m, found.evidence["datum"]) == ("address", 100.0, "BD-09")
    assert stub.paths == ["/geocoding/v3/"]
    assert stub.asked == [{"ak": KEY, "output": "json", "address": "小城示例路12号"}]


def test_the_published_pair_of_baidus_shift() -> None:
    lon, lat = datum.bd09_to_gcj02(np.array([116.404]), np.array([39.915]))
    assert metres(float(lon[0]), float(lat[0]), 116.39762729119315, 39.90865673957631) < 1.0


def test_nominatim_speaks_wgs84(stub: Stub, engine: Engine, city: City) -> None:
    stub.answer = stubs.nominatim(*WGS)
    found = one(engine, city, set_to(stub, "nominatim", GEOCODER_CONTACT="maps@city.example"))
    assert off_by(found) < 0.1
    assert isinstance(found, Answer) and found.evidence["datum"] == "WGS-84"
    (asked,) = stub.asked
    assert (stub.paths, asked["q"], asked["bounded"], asked["limit"]) == (["/search"], "示例路12号", "1", "1")
    assert list(map(float, asked["viewbox"].split(","))) == pytest.approx([113.9, 22.5, 114.1, 22.7])
    assert KEY not in str(stub.asked) and stub.agents == ["geoapp (maps@city.example)"]


LEVELS: list[tuple[str, Any, str, float, float]] = [
    ("amap", stubs.amap(GCJ, level="道路"), "road", 800.0, 0.35),
    ("amap", stubs.amap(GCJ, level="道路交叉路口"), "crossing", 60.0, 0.7),
    ("amap", stubs.amap(GCJ, level="兴趣点"), "landmark", 150.0, 0.6),
    ("amap", stubs.amap(GCJ, (113.95, 22.55)), "address", 60.0, 0.42),
    ("baidu", stubs.baidu(*GCJ, level="道路", confidence=50), "road", 1000.0, 0.35),
    ("baidu", stubs.baidu(*GCJ, level="政府机构", confidence=100), "landmark", 60.0, 0.6),
    ("baidu", stubs.baidu(*GCJ, precise=0), "address", 100.0, 0.42),
    ("nominatim", stubs.nominatim(*WGS, 26, "residential", 0.004), "road", 604.3, 0.35),
    ("nominatim", stubs.nominatim(*WGS, 30, "school"), "landmark", 60.0, 0.6),
]  # fmt: skip


@pytest.mark.parametrize(("name", "answer", "precision", "radius", "confidence"), LEVELS)
def test_each_level_is_as_fine_and_as_sure_as_is_stated(
    name: str, answer: Any, precision: str, radius: float, confidence: float, stub: Stub, engine: Engine, city: City
) -> None:
    stub.answer = answer
    found = one(engine, city, set_to(stub, name))
    assert isinstance(found, Answer)
    assert (found.precision, found.confidence) == (precision, confidence)
    assert found.radius_m == pytest.approx(radius, rel=0.01)


# What is not believed


REFUSED: list[tuple[str, Any, Why]] = [
    ("amap", stubs.amap((114.5, 22.55)), Why.OUTSIDE),
    ("amap", stubs.amap(GCJ, level="区县"), Why.TOO_COARSE),
    ("amap", stubs.amap(GCJ, level="未知"), Why.TOO_COARSE),
    ("amap", stubs.amap(), Why.NOTHING),
    ("amap", {"status": "0", "info": "ENGINE_RESPONSE_DATA_ERROR", "infocode": "30001"}, Why.NOTHING),
    ("baidu", stubs.baidu(*GCJ, level="区县"), Why.TOO_COARSE),
    ("baidu", stubs.baidu(*GCJ, confidence=25), Why.TOO_COARSE),
    ("baidu", {"status": 1, "msg": "Internal Service Error:无相关结果", "results": []}, Why.NOTHING),
    ("nominatim", stubs.nominatim(*WGS, 16, "suburb"), Why.TOO_COARSE),
    ("nominatim", stubs.nominatim(*WGS, 26, "primary", 0.05), Why.TOO_COARSE),
    ("nominatim", stubs.nominatim(0.0, 0.0), Why.OUTSIDE),
    ("nominatim", [], Why.NOTHING),
]  # fmt: skip


@pytest.mark.parametrize(("name", "answer", "reason"), REFUSED)
def test_what_is_no_place_for_a_report_is_refused_with_the_reason(
    name: str, answer: Any, reason: Why, stub: Stub, engine: Engine, city: City
) -> None:
    stub.answer = answer
    found = one(engine, city, set_to(stub, name))
    assert why(found) is reason
    assert isinstance(found, Unanswered) and found.as_dict()["geocoder"] == name
    # It works, only this once it does not help.
    assert why(one(engine, city, set_to(stub, name), "另路3号")) is reason


def test_an_area_that_the_text_names_must_hold_it(stub: Stub, engine: Engine, city: City, using: Settings) -> None:
    stub.answer = stubs.amap(GCJ)
    assert isinstance(one(engine, city, using, "A1区示例路12号"), Answer)
    assert why(one(engine, city, using, "A4区示例路12号")) is Why.AGAINST_AREA
    assert why(one(engine, city, using, "请D2区处理，示例路12号")) is Why.AGAINST_AREA
    assert isinstance(one(engine, city, using, "从A4区来，A1区示例路12号"), Answer)


def test_words_that_say_nowhere_are_not_asked(stub: Stub, engine: Engine, city: City, using: Settings) -> None:
    assert [why(found) for found in ask(engine, city, ["路灯不亮", ""], using=using)] == [Why.NO_WORDS] * 2
    assert stub.asked == []


def test_nobodys_number_or_name_leaves_the_house(stub: Stub, engine: Engine, city: City, using: Settings) -> None:
    stub.answer = stubs.amap(GCJ)
    one(engine, city, using, "我是王小明，电话13800138000，示例路12号502室，身份证440301199001011234，粤B12345")
    assert [asked["address"] for asked in stub.asked] == ["示例路12号"]


# How they fail


def sleeping(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(1.6)


def dripping(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(30):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.1)


def dripping_headers(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    for _ in range(30):
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.1)


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(10_000):
        handler.wfile.write(b" " * 65_536)


def cut_short(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "500")
    handler.end_headers()
    handler.wfile.write(b"[]")


def no_http(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"nonsense\r\n\r\n")


WAYS: list[tuple[Callable[[BaseHTTPRequestHandler], None], Why]] = [
    (sleeping, Why.TIMED_OUT), (dripping, Why.TIMED_OUT), (dripping_headers, Why.TIMED_OUT), (endless, Why.TOO_LARGE),
    (cut_short, Why.FAILED), (no_http, Why.FAILED),
]  # fmt: skip


@pytest.mark.parametrize(("say", "reason"), WAYS)
def test_a_host_that_misbehaves_is_told_by_a_reason_and_soon(
    say: Callable[[BaseHTTPRequestHandler], None], reason: Why, stub: Stub, engine: Engine, city: City
) -> None:
    stub.say = say
    began = time.monotonic()
    assert why(one(engine, city, set_to(stub, "amap", GEOCODER_SECONDS="1"))) is reason
    assert time.monotonic() - began < 2.5


DENIED = {"status": "0", "info": "INVALID_USER_KEY", "infocode": "10001"}
BODIES: list[tuple[str, int, Any, Why]] = [
    ("amap", 200, b"<html>", Why.GARBLED),
    ("amap", 200, b"[" * 100_000, Why.GARBLED),
    ("amap", 200, [1], Why.GARBLED),
    ("amap", 200, {"status": "1", "geocodes": [{"location": "here"}]}, Why.GARBLED),
    ("amap", 200, {"status": "1", "geocodes": [{"location": "nan,nan"}]}, Why.GARBLED),
    ("amap", 200, DENIED, Why.DENIED),
    ("amap", 200, {"status": "0", "infocode": "10044"}, Why.LIMITED),
    ("amap", 200, {"status": "0", "infocode": "20000"}, Why.REFUSED),
    ("amap", 500, {}, Why.FAILED),
    ("amap", 429, {}, Why.LIMITED),
    ("baidu", 200, {"status": 5, "message": "AK不存在"}, Why.DENIED),
    ("baidu", 200, {"status": 240, "message": "APP 服务被禁用"}, Why.DENIED),
    ("baidu", 200, {"status": 302, "message": "天配额超限"}, Why.LIMITED),
    ("baidu", 200, {"status": 302, "result": {"location": {"lng": 1, "lat": 1}}}, Why.LIMITED),
    ("baidu", 200, {"status": 0, "result": {"location": {}}}, Why.GARBLED),
    ("nominatim", 403, {}, Why.DENIED),
    ("nominatim", 503, {}, Why.TIMED_OUT),
    ("nominatim", 200, [{"lat": "x", "lon": "y"}], Why.GARBLED),
    ("nominatim", 200, [{"lat": "1", "lon": "2", "place_rank": "?"}], Why.GARBLED),
]  # fmt: skip


@pytest.mark.parametrize(("name", "status", "body", "reason"), BODIES)
def test_errors_are_reasons(
    name: str, status: int, body: Any, reason: Why, stub: Stub, engine: Engine, city: City
) -> None:
    stub.status, stub.answer = status, body
    assert why(one(engine, city, set_to(stub, name))) is reason


def test_nobody_there(engine: Engine, city: City) -> None:
    with stubs.running() as gone:
        using = set_to(gone, "amap")
    assert why(one(engine, city, using)) is Why.UNREACHABLE


@pytest.mark.parametrize("code", [301, 302, 307])
def test_no_redirect_is_followed(code: int, stub: Stub, engine: Engine, city: City, using: Settings) -> None:
    with stubs.running() as other:
        stub.status, stub.headers = code, {"Location": other.url + "/elsewhere"}
        assert why(one(engine, city, using)) is Why.REDIRECTED
        assert other.asked == []


def test_no_proxy_is_used(
    stub: Stub, engine: Engine, city: City, using: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub.answer = stubs.amap(GCJ)
    with stubs.running() as other:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, other.url)
        assert isinstance(one(engine, city, using), Answer)
        assert other.asked == []


def test_what_failed_rests_twice_as_long_each_time(stub: Stub, engine: Engine, city: City, using: Settings) -> None:
    stub.status = 500
    answers = ask(engine, city, ["甲路1号", "乙路2号", "丙路3号"], using=using)
    assert [why(found) for found in answers] == [Why.FAILED, Why.RESTING, Why.RESTING]
    assert len(stub.asked) == 1
    over = text("UPDATE geoapp.geocoder_use SET rests_until = now() - interval '1 second'")
    rests = text("SELECT extract(epoch FROM rests_until - now())::float8 FROM geoapp.geocoder_use")
    with engine.begin() as connection:
        assert 3 < connection.execute(rests).scalar_one() <= 5
        connection.execute(over)
    assert why(one(engine, city, using)) is Why.FAILED
    with engine.begin() as connection:
        assert 8 < connection.execute(rests).scalar_one() <= 10
        connection.execute(over)
    stub.status, stub.answer = 200, stubs.amap(GCJ)
    assert isinstance(one(engine, city, using), Answer)
    with engine.begin() as connection:
        assert connection.execute(rests).scalar_one() is None


def test_it_rests_as_long_as_it_asks(stub: Stub, engine: Engine, city: City, using: Settings) -> None:
    stub.status, stub.headers = 429, {"Retry-After": "300"}
    assert why(one(engine, city, using)) is Why.LIMITED
    with engine.begin() as connection:
        rests = text("SELECT extract(epoch FROM rests_until - now())::float8 FROM geoapp.geocoder_use")
        assert 290 < connection.execute(rests).scalar_one() <= 300


def test_a_wrong_key_that_is_mended_need_not_wait(stub: Stub, engine: Engine, city: City) -> None:
    stub.answer = DENIED
    assert why(one(engine, city, set_to(stub, "amap", GEOCODER_KEY="wrong"))) is Why.DENIED
    assert why(one(engine, city, set_to(stub, "amap", GEOCODER_KEY="wrong"))) is Why.RESTING
    stub.answer = stubs.amap(GCJ)
    assert isinstance(one(engine, city, set_to(stub, "amap")), Answer)


def test_a_refused_question_says_nothing_of_the_next(stub: Stub, engine: Engine, city: City, using: Settings) -> None:
    stub.answer = {"status": "0", "infocode": "20000"}
    answers = ask(engine, city, ["甲路1号", "乙路2号"], using=using)
    assert [why(found) for found in answers] == [Why.REFUSED] * 2


# How seldom they are asked


def test_what_is_known_is_not_asked_again(stub: Stub, engine: Engine, city: City, using: Settings) -> None:
    stub.answer = stubs.amap(GCJ)
    first, again = ask(engine, city, [TEXT, "示例路12号 积水"], using=using)
    third = one(engine, city, using)
    assert len(stub.asked) == 1
    assert [off_by(found) < 1.0 for found in (first, again, third)] == [True] * 3
    assert isinstance(first, Answer) and isinstance(third, Answer)
    assert [first.evidence["kept"], third.evidence["kept"]] == [False, True]
    assert replace(first, written={}) == replace(third, written={})
    with engine.connect() as connection:
        row = connection.execute(text("SELECT geocoder, answer::text FROM geoapp.geocoded")).one()
    assert row.geocoder == "amap" and "台阶" not in row.answer


def test_that_there_is_nothing_is_known_too(stub: Stub, engine: Engine, city: City, using: Settings) -> None:
    stub.answer = stubs.amap()
    assert [why(one(engine, city, using)) for _ in range(3)] == [Why.NOTHING] * 3
    assert len(stub.asked) == 1


def test_failures_are_not_kept(stub: Stub, engine: Engine, city: City, using: Settings) -> None:
    stub.answer = {"status": "0", "infocode": "20000"}
    assert why(one(engine, city, using)) is Why.REFUSED
    stub.answer = stubs.amap(GCJ)
    assert isinstance(one(engine, city, using), Answer)


def test_answers_grow_old(stub: Stub, engine: Engine, city: City, using: Settings, bulk: Engine) -> None:
    stub.answer = stubs.amap(GCJ)
    one(engine, city, using)
    with engine.begin() as connection:
        days = text("SELECT extract(epoch FROM expires_at - asked_at) / 86400 FROM geoapp.geocoded")
        assert connection.execute(days).scalar_one() == 30
        connection.execute(text("UPDATE geoapp.geocoded SET expires_at = now() - interval '1 second'"))
    one(engine, city, using)
    assert len(stub.asked) == 2
    with bulk.begin() as connection:
        assert geocoded.forget(connection) == 0
        connection.execute(text("UPDATE geoapp.geocoded SET expires_at = now() - interval '1 second'"))
        assert geocoded.forget(connection) == 1


def test_no_more_than_the_day_allows(stub: Stub, engine: Engine, city: City) -> None:
    stub.answer = stubs.amap(GCJ)
    using = set_to(stub, "amap", GEOCODER_PER_DAY="2")
    answers = ask(engine, city, [f"示例路{n}号" for n in range(1, 5)], using=using)
    assert [isinstance(found, Answer) for found in answers] == [True, True, False, False]
    assert {why(found) for found in answers[2:]} == {Why.DAY_FULL} and len(stub.asked) == 2
    with engine.begin() as connection:
        connection.execute(text("UPDATE geoapp.geocoder_use SET day = day - 1"))
    assert isinstance(one(engine, city, using, "示例路9号"), Answer)


def test_nobody_waits_longer_than_told(stub: Stub, engine: Engine, city: City) -> None:
    stub.answer = stubs.amap(GCJ)
    using = set_to(stub, "amap", GEOCODER_PER_SECOND="0.1")
    began = time.monotonic()
    answers = ask(engine, city, ["示例路1号", "示例路2号", "路灯", "示例路1号"], using=using, patience_s=0.5)
    assert time.monotonic() - began < 2.0 and len(stub.asked) == 1
    assert why(answers[1]) is Why.BUSY and why(answers[2]) is Why.NO_WORDS
    assert isinstance(answers[0], Answer) and isinstance(answers[3], Answer)


def test_processes_take_turns(stub: Stub, engine: Engine, city: City, shared_database: Server, tmp_path: Path) -> None:
    stub.answer = stubs.amap(GCJ)
    environment = os.environ | {
        "GEOAPP_DATABASE_URL": shared_database.url(SUPERUSER), "GEOAPP_DATA_DIR": str(tmp_path),
        "GEOAPP_GEOCODER": "amap", "GEOAPP_GEOCODER_URL": stub.url, "GEOAPP_GEOCODER_KEY": KEY,
        "GEOAPP_GEOCODER_PER_SECOND": "5",
    }  # fmt: skip
    command = [str(CHECKOUT / ".venv/bin/geoapp"), "locate", "--online"]
    asking = [
        subprocess.Popen([*command, *(f"{road}路{n}号" for n in range(1, 7))], env=environment, stdout=subprocess.PIPE)
        for road in "甲乙"
    ]
    said = [process.communicate(timeout=60)[0].splitlines() for process in asking]
    assert [len(lines) for lines in said] == [6, 6] and all(
        b'"rule":"online"' in line for lines in said for line in lines
    )
    # A turn is begun when it is given; how long the way to the stub then takes is the machine's affair. Twelve turns of
    # a fifth of a second each take 2.2 s; two processes that knew nothing of each other would take half of that.
    assert len(stub.times) == 12 and max(stub.times) - min(stub.times) > 0.7 * 11 * 0.2


def test_turns_are_given_in_order(engine: Engine, bulk: Engine) -> None:
    key = geocoders._USES
    with engine.begin() as connection:
        waits = [geocoded.take(connection, key, 2.0, 100, 10.0) for _ in range(4)]
    assert [turn.wait_s for turn in waits] == pytest.approx([0.0, 0.5, 1.0, 1.5], abs=0.1)
    with bulk.begin() as connection:
        assert geocoded.take(connection, key, 2.0, 100, 10.0).wait_s == pytest.approx(2.0, abs=0.2)
        assert geocoded.take(connection, key, 2.0, 100, 0.2).held is geocoded.Held.BUSY


# Who asks


def test_by_default_nobody_is_asked(engine: Engine, city: City, stub: Stub) -> None:
    assert why(one(engine, city, settings_module.read({}))) is Why.OFF
    assert why(one(engine, city, settings_module.read({"GEOAPP_GEOCODER_URL": stub.url}))) is Why.OFF
    result = CliRunner().invoke(main, ["locate", "--online", TEXT])
    assert result.exit_code == 2 and "GEOAPP_GEOCODER" in result.output
    assert stub.asked == []


def test_no_import_asks(stub: Stub, engine: Engine, city: City, bulk: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"": "amap", "_URL": stub.url, "_KEY": KEY}.items():
        monkeypatch.setenv(f"GEOAPP_GEOCODER{name}", value)
    reports = [make_report("R-9", body=TEXT, address="示例路12号", x=None, y=None)]
    assert [taken.status for taken in take(bulk, city, "test", reports)] == ["unplaced"]
    result = CliRunner().invoke(main, ["locate", TEXT], catch_exceptions=False)
    assert result.exit_code == 0 and '"lon":null' in result.output
    assert stub.asked == []


def test_the_command_asks_for_what_words_do_not_place(
    stub: Stub, engine: Engine, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"": "amap", "_URL": stub.url, "_KEY": KEY}.items():
        monkeypatch.setenv(f"GEOAPP_GEOCODER{name}", value)
    stub.answer = stubs.amap(GCJ)
    lines = [TEXT, "22.55,113.95", "路灯不亮", "A4区示例路12号"]
    result = CliRunner().invoke(main, ["locate", "--online", *lines], catch_exceptions=False)
    found, written, nowhere, against = map(orjson.loads, result.stdout.splitlines())
    assert found["evidence"]["rule"] == "online" and found["confidence"] == CAP
    assert {area["code"] for area in found["areas"]} == {"A1", "D1"}
    assert written["precision"] == "coordinates"
    assert (nowhere["lon"], nowhere["evidence"]["online"]) == (None, {"reason": "no_words"})
    assert against["evidence"]["online"]["reason"] == "against_area"
    assert [asked["address"] for asked in stub.asked] == ["示例路12号", "A4区示例路12号"]
    assert KEY not in result.output


def test_no_log_has_the_key_or_the_question(
    stub: Stub, engine: Engine, city: City, using: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    stub.status = 500
    one(engine, city, using)
    assert stub.asked and KEY not in caplog.text and "示例路" not in caplog.text
    assert KEY not in repr(using)
    assert KEY not in str(redact(f"https://restapi.amap.com/v3/geocode/geo?key={KEY}&address=x"))
    assert KEY not in str(redact({"url": f"https://api.map.baidu.com/geocoding/v3/?ak={KEY}", "geocoder_key": KEY}))
