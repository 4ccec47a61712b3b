"""Reports without coordinates: placed by what they say, or left to a person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, text

from geoapp.city import City
from geoapp.demo.pack import pack
from geoapp.intake.path import take
from geoapp.intake.stages import locate_many
from geoapp.store import cities, gazetteer
from geoapp.store.cluster import SUPERUSER, Server
from importers.base import Report

SAID = datetime(2026, 1, 2, 3, tzinfo=UTC)


@pytest.fixture
def template(bay: str) -> str:
    """The demo town without tickets."""
    return bay


@pytest.fixture
def engine(database: Server, monkeypatch: pytest.MonkeyPatch, bay_folder: Path) -> Iterator[Engine]:
    """The importing role, in the demo town."""
    monkeypatch.setenv("GEOAPP_DATABASE_URL", database.url(SUPERUSER))
    monkeypatch.setenv("GEOAPP_DATA_DIR", str(bay_folder))
    engine = create_engine(database.url("geoapp_bulk"))
    yield engine
    engine.dispose()


def crossing(connection: Connection, city: City) -> tuple[str, str, str]:
    """A crossing of the town that words find, as a text and its two roads."""
    names = gazetteer.locator(connection, city).gazetteer
    pairs = [divmod(int(key), len(names)) for key in names.crossings.keys]
    said = [(names.name(one), names.name(other)) for one, other in pairs]
    said = [(one, other) for one, other in said if "\u4e00" <= one[0] <= "\u9fff" and "\u4e00" <= other[0] <= "\u9fff"]
    texts = [f"{one}与{other}交叉口积水" for one, other in said]
    found = locate_many(connection, city, texts)
    at = next(at for at, answer in enumerate(found) if answer.located.precision == "crossing")
    return texts[at], *said[at]


def test_words_open_a_ticket_where_they_say(engine: Engine) -> None:
    with engine.connect() as connection:
        city = cities.city(connection, pack().code)
        words, one, other = crossing(connection, city)
        expected = locate_many(connection, city, [words])[0].located
    reports = [
        Report(ref="1", said_at=SAID, body=words),
        Report(ref="2", said_at=SAID, body="路灯不亮，请处理"),
        Report(ref="3", said_at=SAID, body=""),
    ]
    assert [taken.status for taken in take(engine, city, "test", reports)] == ["opened", "unplaced", "unplaced"]
    with engine.connect() as connection:
        report = connection.execute(
            text(
                "SELECT ST_X(point) AS lon, precision, radius_m, confidence, problem FROM geoapp.report WHERE ref = '1'"
            )
        ).one()
        codes = connection.execute(text("SELECT codes FROM geoapp.event WHERE name = 'register'")).scalar_one()
    assert report.lon == pytest.approx(expected.lon) and report.problem is None
    assert (report.precision, report.radius_m) == (expected.precision, expected.radius_m)
    assert report.confidence == pytest.approx(expected.confidence)
    assert (codes["located"], codes["names"]) == ("crossing", f"{one} × {other}")


def test_words_do_not_move_a_ticket_that_has_a_place(engine: Engine) -> None:
    with engine.connect() as connection:
        city = cities.city(connection, pack().code)
        words, _, _ = crossing(connection, city)
        spot = locate_many(connection, city, [words])[0].located
    assert spot.lon and spot.lat
    first = Report(ref="1", said_at=SAID, body=words, x=spot.lon + 0.002, y=spot.lat)
    assert [one.status for one in take(engine, city, "test", [first])] == ["opened"]
    again = Report(ref="1", said_at=SAID, body=words + "，还没修")
    assert [one.status for one in take(engine, city, "test", [again])] == ["updated"]
    with engine.connect() as connection:
        lon = connection.execute(text("SELECT ST_X(point) FROM geoapp.ticket")).scalar_one()
    assert lon == pytest.approx(spot.lon + 0.002)


def test_the_cut_into_batches_makes_no_difference(engine: Engine) -> None:
    with engine.connect() as connection:
        city = cities.city(connection, pack().code)
        words, _, _ = crossing(connection, city)
    bodies = [words, "路灯不亮", words + "很深", "福田区有坑"]
    reports = [Report(ref=str(at), said_at=SAID, body=body) for at, body in enumerate(bodies)]
    together = [one.status for one in take(engine, city, "a", reports)]
    alone = [take(engine, city, "b", [one])[0].status for one in reports]
    assert together == alone == ["opened", "unplaced", "opened", "unplaced"]


def test_coordinates_in_a_text_are_held_against_its_words(engine: Engine) -> None:
    with engine.connect() as connection:
        city = cities.city(connection, pack().code)
        words, _, _ = crossing(connection, city)
        spot = locate_many(connection, city, [words])[0].located
        assert spot.lon and spot.lat
        there, away = f"{spot.lat:.6f},{spot.lon:.6f}", f"{spot.lat:.6f},{spot.lon + 0.03:.6f}"
        links = [f"https://{host}/marker?position={away}" for host in ("maps.example.org", "uri.amap.com")]
        said = [f"{words}，{one}" for one in (there, away, *links)]
        near, far, pinned, moved = locate_many(connection, city, said)
    assert near.conflict and near.conflict.agree and near.located.problem is None
    assert (far.located.lon, far.located.problem) == (None, "conflict")
    told = far.as_dict("zh")["evidence"]["conflict"]
    assert (told["rule"], told["winner"]) == ("words_sure", "neither") and 2_500 < told["distance_m"] < 3_500
    assert pinned.conflict and not pinned.conflict.agree
    assert pinned.located.lon == pytest.approx(spot.lon + 0.03, abs=1e-5)
    # A link of that map is in its datum: some 500 m off.
    assert moved.located.lon is not None and 0.003 < abs(moved.located.lon - (spot.lon + 0.03)) < 0.008


def told(engine: Engine, ref: str) -> tuple[Any, Any]:
    """The stored report of a reference, and the codes of its first event."""
    with engine.connect() as connection:
        report = connection.execute(
            text(
                "SELECT id, ST_X(point) AS lon, precision, radius_m, confidence, problem, ticket_id "
                "FROM geoapp.report WHERE ref = :ref"
            ),
            {"ref": ref},
        ).one()
        codes = connection.execute(
            text("SELECT codes FROM geoapp.event WHERE report_id = :id ORDER BY id LIMIT 1"), {"id": report.id}
        ).scalar_one()
    return report, codes


def test_coordinates_and_words_that_disagree_are_settled_by_a_stated_rule(engine: Engine) -> None:
    with engine.connect() as connection:
        city = cities.city(connection, pack().code)
        words, _, _ = crossing(connection, city)
        spot = locate_many(connection, city, [words])[0].located
    assert spot.lon and spot.lat
    far = {"x": spot.lon + 0.04, "y": spot.lat}
    pairs = {"pinned": "pinned", "check": "check_in", "recorded": "recorded"}
    for ref, pin in pairs.items():
        assert take(engine, city, "test", [Report(ref=ref, said_at=SAID, body=words, pin=pin, **far)])[0].number
    report, codes = told(engine, "pinned")
    assert report.lon == pytest.approx(spot.lon + 0.04) and report.precision == "coordinates"
    assert codes["conflict"]["rule"] == "pinned_first" and codes["conflict"]["winner"] == "point"
    assert codes["conflict"]["distance_m"] > 3_000
    report, codes = told(engine, "check")
    assert report.lon == pytest.approx(spot.lon) and report.precision == "crossing"
    assert codes["conflict"]["rule"] == "words_sure" and codes["names"]
    report, codes = told(engine, "recorded")
    assert report.lon == pytest.approx(spot.lon + 0.04) and "conflict" not in codes


def test_where_somebody_was_is_known_less_well_than_a_place(engine: Engine) -> None:
    with engine.connect() as connection:
        city = cities.city(connection, pack().code)
        words, _, _ = crossing(connection, city)
        spot = locate_many(connection, city, [words])[0].located
    assert spot.lon and spot.lat
    said = Report(ref="1", said_at=SAID, body="路灯不亮，请处理", x=spot.lon, y=spot.lat, pin="check_in")
    assert take(engine, city, "test", [said])[0].number
    report, codes = told(engine, "1")
    assert (report.radius_m, report.confidence) == (150.0, pytest.approx(0.7)) and "conflict" not in codes


def test_a_check_in_beside_words_of_another_city_is_not_believed(engine: Engine) -> None:
    with engine.connect() as connection:
        city = cities.city(connection, pack().code)
        words, _, _ = crossing(connection, city)
        spot = locate_many(connection, city, [words])[0].located
    assert spot.lon and spot.lat
    said = Report(ref="1", said_at=SAID, body="北京市朝阳区建国路有个坑", x=spot.lon, y=spot.lat, pin="check_in")
    (one,) = take(engine, city, "test", [said])
    report, codes = told(engine, "1")
    assert (one.number, report.problem) == (None, "conflict") and codes["conflict"]["winner"] == "neither"


def test_a_map_link_in_the_words_is_a_place(engine: Engine) -> None:
    with engine.connect() as connection:
        city = cities.city(connection, pack().code)
        words, _, _ = crossing(connection, city)
        spot = locate_many(connection, city, [words])[0].located
    assert spot.lon and spot.lat
    body = f"这里有坑 https://maps.example/?x=1!3d{spot.lat:.6f}!4d{spot.lon:.6f}"
    assert take(engine, city, "test", [Report(ref="1", said_at=SAID, body=body)])[0].number
    assert told(engine, "1")[0].lon == pytest.approx(spot.lon, abs=1e-5)


def test_the_area_its_source_recorded_settles_what_words_leave_open(engine: Engine) -> None:
    """A road through two street offices is too long to be a place; where its source answers for one, it is in that."""
    with engine.connect() as connection:
        city = cities.city(connection, pack().code)
        names = gazetteer.locator(connection, city).gazetteer
        offices = connection.execute(
            text(
                "SELECT a.code, a.names->>'zh' AS name FROM geoapp.area a JOIN geoapp.layer_current c "
                "ON c.layer_version_id = a.layer_version_id WHERE c.layer = :layer"
            ),
            {"layer": city.responsible},
        ).all()
        roads = [names.name(place) for place in range(len(names)) if names.kinds[place] == 1]
        texts = [f"{road}有坑" for road in roads if "\u4e00" <= road[0] <= "\u9fff"]
        open_ones = [one for one, found in zip(texts, locate_many(connection, city, texts), strict=True)
                     if found.located.problem in ("too_coarse", "ambiguous")]  # fmt: skip
    assert open_ones and offices
    reports = [
        Report(ref=f"{nth}-{office.code}", said_at=SAID, body=words, recorded_area=office.code)
        for nth, words in enumerate(open_ones[:20])
        for office in offices
    ]
    taken = take(engine, city, "test", reports)
    placed = [one for one in taken if one.number]
    assert 0 < len(placed) < len(taken)
    without = [Report(ref=f"{nth}", said_at=SAID, body=words) for nth, words in enumerate(open_ones[:20])]
    assert {one.status for one in take(engine, city, "plain", without)} == {"unplaced"}
