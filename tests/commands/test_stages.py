"""locate, assign, classify, redact: one JSON line for each line, in order, whatever the line."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
import shapely
from click.testing import CliRunner
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from geoapp.cli import main
from geoapp.commands import stages as commands
from geoapp.errors import BadField
from geoapp.intake.stages import assign_point, locate_words, moment
from geoapp.store import cities
from geoapp.store.cluster import SUPERUSER, Server
from geoapp.store.layers import AREAS
from geoapp.store.layers import load as load_layer
from layers.base import Feature

LOADED = datetime(2024, 1, 1, tzinfo=UTC)


@pytest.fixture
def template(bay: str) -> str:
    """The demo town with its ground and no tickets."""
    return bay


@pytest.fixture
def demo(database: Server, monkeypatch: pytest.MonkeyPatch, bay_folder: Path) -> Server:
    """The demo town as the installation that commands open."""
    monkeypatch.setenv("GEOAPP_DATABASE_URL", database.url(SUPERUSER))
    monkeypatch.setenv("GEOAPP_DATA_DIR", str(bay_folder))
    return database


@pytest.fixture
def connection(demo: Server) -> Iterator[Connection]:
    with create_engine(demo.url("geoapp_bulk"), poolclass=NullPool).connect() as connection:
        yield connection


def run(*arguments: str, lines: bytes | None = None) -> list[dict[str, Any]]:
    result = CliRunner().invoke(main, arguments, input=lines, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return [orjson.loads(line) for line in result.stdout.splitlines()]


def test_locate(demo: Server) -> None:
    here, nowhere = run("locate", "22.5001, 114.5001", "台阶坏了")
    assert (here["lon"], here["lat"], here["precision"], here["problem"]) == (114.5001, 22.5001, "coordinates", None)
    assert {area["layer"] for area in here["areas"]} == {"districts", "street_offices", "communities", "grids"}
    assert all(area.keys() == {"layer", "code", "name", "version"} for area in here["areas"])
    assert here["evidence"]["order"] == "north first"
    assert (nowhere["lon"], nowhere["problem"], nowhere["areas"]) == (None, "no_place", [])


def test_lines_answer_in_order(demo: Server) -> None:
    wanted = [f"114.5,{22.49 + at / 100000:.5f}" for at in range(1200)]
    lines = [*wanted[:600], "", *wanted[600:]]
    found = run("locate", lines="\n".join(lines).encode())
    assert [one["query"] for one in found] == lines
    assert found[600]["problem"] == "no_coordinates"


def test_bad_lines_are_answered_with_their_error(demo: Server) -> None:
    lines = b"114.5,22.5\n\xff\xfe\nnonsense\n114.5,nan\n114.5,22.5,no-such\r\n\n114.5,22.5,pothole\n"
    found = run("assign", lines=lines)
    assert ["error" in one for one in found] == [False, True, True, True, True, True, False]
    assert found[6]["matter"] == "pothole"


def test_assign(demo: Server) -> None:
    (found,) = run("assign", "114.5,22.5")
    areas = {area["layer"]: area for area in found["areas"]}
    assert areas["street_offices"]["border_m"] > 0 and areas["street_offices"]["kind"] == "street_offices"
    assert found["unit"]["code"] == areas["street_offices"]["code"]
    assert (found["asset"], found["rule"], found["problem"]) == (None, "covers", None)
    assert found["query"] == "114.5,22.5"
    (away,) = run("assign", "-73.98,40.75")
    assert (away["areas"], away["unit"], away["problem"]) == ([], None, "outside")


def test_assign_by_the_versions_in_force(demo: Server, connection: Connection) -> None:
    city = cities.city(connection, "demo")
    connection.execute(text("UPDATE geoapp.layer_version SET loaded_at = :at"), {"at": LOADED})
    outline = shapely.MultiPolygon([shapely.box(114.3, 22.3, 114.7, 22.7)])
    new = [Feature("NEW", {"zh": "新街道", "en": "New"}, "synthetic", outline)]
    assert load_layer(connection, city, city.layer("street_offices"), AREAS, new, {}) == 2
    connection.commit()

    def code(at: datetime | None) -> tuple[str | None, str | None]:
        found = assign_point(connection, city, 114.5, 22.5, at=at)
        return (found.unit.code if found.unit else None), found.problem

    assert code(None) == ("NEW", None)
    assert code(datetime.now(UTC) + timedelta(days=1)) == ("NEW", None)
    then, problem = code(LOADED + timedelta(days=10))
    assert then not in (None, "NEW") and problem is None
    assert code(LOADED - timedelta(days=10)) == (None, "no_version")
    # A version's own days go before the day of its loading.
    connection.execute(text("UPDATE geoapp.layer_version SET valid_from = '2023-06-01' WHERE version = 2"))
    assert code(LOADED + timedelta(days=10)) == ("NEW", None)
    connection.execute(text("UPDATE geoapp.layer_version SET valid_to = '2023-12-31' WHERE version = 2"))
    assert code(LOADED + timedelta(days=10)) == (then, None)


def test_a_bad_day_is_refused(demo: Server) -> None:
    result = CliRunner().invoke(main, ["assign", "--at", "yesterday", "114.5,22.5"])
    assert result.exit_code == 2 and "2026-01-31" in result.output


def test_a_day_means_its_end(connection: Connection) -> None:
    city = cities.city(connection, "demo")
    assert moment("2026-01-31", city) == datetime(2026, 1, 31, 15, 59, 59, 999999, tzinfo=UTC)
    assert moment("2026-01-31T08:30", city) == datetime(2026, 1, 31, 0, 30, tzinfo=UTC)


def test_functions_that_pages_use(connection: Connection) -> None:
    city = cities.city(connection, "demo")
    found = locate_words(connection, city, "114.5,22.5")
    assert {area.layer for area in found.areas} == {"districts", "street_offices", "communities", "grids"}
    with pytest.raises(BadField):
        assign_point(connection, city, 114.5, 22.5, "no-such")


def test_classify(demo: Server) -> None:
    exact, named, keyword, unsure, none = run(
        "classify", "井盖缺失", "学校门口路灯不亮", "The lamp is out", "台阶旁有垃圾", "你好"
    )
    assert (exact["matter"], exact["category"], exact["confidence"]) == ("manhole-cover", "utility", 1.0)
    assert named["matter"] == "street-light" and keyword["matter"] == "street-light"
    assert exact["confidence"] > named["confidence"] > keyword["confidence"]
    assert (unsure["matter"], unsure["evidence"]["rule"]) == (None, "ambiguous")
    assert (none["matter"], none["confidence"]) == (None, 0.0)


def test_redact_needs_no_database() -> None:
    found = run("redact", lines="电话13800138000\n路灯不亮\n\n".encode())
    assert [one["redacted"] for one in found] == [True, False, False]
    assert "138" not in found[0]["text"] and found[1]["text"] == "路灯不亮"


def test_an_unknown_option_is_no_text() -> None:
    assert CliRunner().invoke(main, ["redact", "--nonsense"]).exit_code == 2


@pytest.mark.parametrize("size", [1, 7, 1 << 16])
def test_lines_of_any_length(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "LONGEST_LINE", 50)
    monkeypatch.setattr(commands, "_READ", size)
    stream = io.BytesIO(b"one\n" + b"x" * 500 + b"\ntwo\r\n\nlast")
    found = [line for batch in commands._lines(stream) for line in batch]
    assert [isinstance(line, commands.Unreadable) for line in found] == [False, True, False, False, False]
    assert [line for line in found if isinstance(line, str)] == ["one", "two", "", "last"]
