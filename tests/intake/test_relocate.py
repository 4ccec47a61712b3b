"""Located again: by people from the queue, by names kept by hand, by a register that was mended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text

from geoapp.city import City
from geoapp.demo.pack import pack
from geoapp.errors import BadField, NotFound
from geoapp.intake import aliases, relocate
from geoapp.intake.path import take
from geoapp.intake.stages import locate_many
from geoapp.store import aliases as stored
from geoapp.store import cities, gazetteer
from geoapp.store.aliases import Alias
from geoapp.store.cluster import SUPERUSER
from geoapp.store.queries import waiting
from geoapp.tickets.relocations import Relocation, Spot
from geoapp.tickets.relocations import relocate as moved
from geoapp.tickets.writer import SENDER
from importers.base import Report, Standing
from tests.databases import Databases
from tests.make import recount, snapshot

SAID = datetime(2026, 1, 2, 3, tzinfo=UTC)
PLACE = "彩云里大楼"
"""What no layer of the town calls anything."""


@pytest.fixture(scope="module")
def town(databases: Databases, bay: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, City]]:
    """The importing role in the demo town without tickets; each test takes another source."""
    folder: Path = tmp_path_factory.mktemp("data")
    with databases.fresh(bay) as database, pytest.MonkeyPatch.context() as patch:
        patch.setenv("GEOAPP_DATABASE_URL", database.url(SUPERUSER))
        patch.setenv("GEOAPP_DATA_DIR", str(folder))
        engine = create_engine(database.url("geoapp_bulk"))
        with engine.connect() as connection:
            city = cities.city(connection, pack().code)
        yield engine, city
        engine.dispose()


def rows(engine: Engine, query: str, **values: Any) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(text(query), values))


def events(engine: Engine, number: str | None) -> list[Any]:
    return rows(
        engine, "SELECT e.name, e.actor, e.codes FROM geoapp.event e JOIN geoapp.ticket k ON k.id = e.ticket_id "
        "WHERE k.number = :number ORDER BY e.id", number=number,
    )  # fmt: skip


def unsent(found: Sequence[Any]) -> list[str]:
    """The names of events but for those of dispatch: the town has its lists."""
    return [event.name for event in found if event.actor != SENDER]


def somewhere(engine: Engine, city: City, nth: int = 0) -> tuple[float, float]:
    """A crossing of the town: a point that surely is in it."""
    return crossings(engine, city.code)[nth]


@cache
def crossings(engine: Engine, code: str) -> list[tuple[float, float]]:
    """Those of the town that words find."""
    with engine.connect() as connection:
        city = cities.city(connection, code)
        names = gazetteer.locator(connection, city).gazetteer
        pairs = [divmod(int(key), len(names)) for key in names.crossings.keys]
        texts = [f"{names.name(one)}与{names.name(other)}交叉口" for one, other in pairs[:400]]
        found = [one.located for one in locate_many(connection, city, texts)]
    return [(one.lon, one.lat) for one in found if one.precision == "crossing" and one.lon and one.lat]


def test_a_report_that_waits_gets_its_ticket_where_a_person_says(town: tuple[Engine, City]) -> None:
    engine, city = town
    (one,) = take(
        engine, city, "hand", [Report(ref="1", said_at=SAID, body=f"{PLACE}门口有坑", category="", matter="")]
    )
    assert one.number is None
    lon, lat = somewhere(engine, city)
    (opened,) = relocate.place(engine, city, {one.report_id: Spot.by_hand(lon, lat)}, "account:7")
    (ticket,) = rows(
        engine, "SELECT number, ST_X(point) AS lon, state, opened_at, cardinality(area_keys) AS areas "
        "FROM geoapp.ticket WHERE id = :id", id=opened.ticket_id,
    )  # fmt: skip
    # Nobody knows what it is about: the list leaves it to a person.
    assert (ticket.number, ticket.state, ticket.opened_at) == (opened.number, "to_dispatch", SAID)
    assert ticket.lon == pytest.approx(lon) and ticket.areas > 0
    (report,) = rows(engine, "SELECT * FROM geoapp.report WHERE id = :id", id=one.report_id)
    assert (report.ticket_id, report.precision, report.problem) == (opened.ticket_id, "by_hand", None)
    told = events(engine, opened.number)
    assert unsent(told) == ["register", "placed"]
    assert (told[0].actor, told[-1].actor) == ("source:hand", "account:7")
    assert told[-1].codes["to"]["rule"] == "by_hand"
    assert relocate.place(engine, city, {one.report_id: Spot.by_hand(lon, lat)}, "account:8") == [], "once only"


def test_what_a_source_said_of_a_report_is_kept_while_it_waits(town: tuple[Engine, City]) -> None:
    engine, city = town
    ended = datetime(2026, 2, 3, 4, tzinfo=UTC)
    said = Report(
        ref="1", said_at=SAID, body=f"{PLACE}门口有坑", urgent=True, public=False, due_at=ended,
        standing=Standing("closed", ended, "repaired", note="已修补"),
    )  # fmt: skip
    (one,) = take(engine, city, "kept", [said])
    (opened,) = relocate.place(engine, city, {one.report_id: Spot.by_hand(*somewhere(engine, city))}, "account:7")
    (ticket,) = rows(engine, "SELECT * FROM geoapp.ticket WHERE id = :id", id=opened.ticket_id)
    assert (ticket.state, ticket.outcome, ticket.ended_at) == ("closed", "repaired", ended)
    assert (ticket.urgent, ticket.public, ticket.due_at) == (True, False, ended)
    assert [one.name for one in events(engine, opened.number)] == ["register", "mirror_closed", "placed"]
    notes = rows(
        engine, "SELECT n.body FROM geoapp.event_note n JOIN geoapp.event e ON e.id = n.event_id "
        "WHERE e.ticket_id = :id", id=opened.ticket_id,
    )  # fmt: skip
    assert [note.body for note in notes] == ["已修补"]


def test_all_that_was_said_under_one_reference_comes_with_it(town: tuple[Engine, City]) -> None:
    engine, city = town
    said = [Report(ref="1", said_at=SAID, body=f"{PLACE}{words}") for words in ("有坑", "的坑更大了")]
    first, second = (take(engine, city, "mates", [one])[0] for one in said)
    with engine.connect() as connection:
        waits = [one.id for one in waiting.page(connection, city.id) if one.source == "mates"]
    assert waits == [second.report_id], "the newest speaks for all"
    (opened,) = relocate.place(engine, city, {second.report_id: Spot.by_hand(*somewhere(engine, city))}, "account:7")
    placed = rows(engine, "SELECT id FROM geoapp.report WHERE ticket_id = :id ORDER BY id", id=opened.ticket_id)
    assert [one.id for one in placed] == [first.report_id, second.report_id]
    (update,) = take(engine, city, "mates", [Report(ref="1", said_at=SAID, body=f"{PLACE}还没修")])
    assert (update.status, update.number) == ("updated", opened.number)


def test_two_places_for_one_reference_open_one_ticket(town: tuple[Engine, City]) -> None:
    engine, city = town
    said = [Report(ref="1", said_at=SAID, body=f"{PLACE}{words}") for words in ("有坑", "的坑更大了")]
    ids = [take(engine, city, "twice", [one])[0].report_id for one in said]
    spots = {one: Spot.by_hand(*somewhere(engine, city, nth)) for nth, one in enumerate(ids)}
    (opened,) = relocate.place(engine, city, spots, "account:7")
    assert opened.report_id == ids[1]
    counted = rows(engine, "SELECT ticket_id FROM geoapp.report WHERE source = 'twice'")
    assert {one.ticket_id for one in counted} == {opened.ticket_id}


def test_a_ticket_that_a_person_moves_meanwhile_is_left_to_them(town: tuple[Engine, City]) -> None:
    engine, city = town
    lon, lat = somewhere(engine, city, 6)
    (one,) = take(engine, city, "race", [Report(ref="1", said_at=SAID, body="坑", x=lon, y=lat)])
    assert one.number and one.ticket_id
    relocate.move(engine, city, one.number, Spot.by_hand(*somewhere(engine, city, 7)), "account:7")
    (site,) = rows(engine, "SELECT site_id, quad FROM geoapp.ticket WHERE id = :id", id=one.ticket_id)
    stale = Relocation(
        one.ticket_id, None, {"lon": lon, "lat": lat}, Spot.by_hand(*somewhere(engine, city, 8)),
        site.quad, site.site_id, (),
    )  # fmt: skip
    with engine.begin() as connection:
        assert moved(connection, city.id, [stale], "system:locate") == []
    assert unsent(events(engine, one.number)) == ["register", "relocated"]


def test_a_name_kept_by_hand_places_what_waits_and_what_comes(town: tuple[Engine, City]) -> None:
    engine, city = town
    lon, lat = somewhere(engine, city, 1)
    reports = [Report(ref=str(nth), said_at=SAID, body="星湖新天地旁边路灯不亮") for nth in range(3)]
    taken = take(engine, city, "alias", reports)
    assert {one.status for one in taken} == {"unplaced"}
    alias = Alias("星湖新天地", point=(lon, lat), radius_m=80.0, reason="三人都说是这里")
    with engine.begin() as connection:
        aliases.keep(connection, city, alias, "account:7")
    done = relocate.locate_again(engine, city, batch=2)
    assert done.opened == 3 and done.moved == 0
    numbers = rows(
        engine, "SELECT k.number, ST_X(k.point) AS lon, r.precision, r.radius_m FROM geoapp.report r "
        "JOIN geoapp.ticket k ON k.id = r.ticket_id WHERE r.source = 'alias'",
    )  # fmt: skip
    assert len(numbers) == 3
    assert all(one.lon == pytest.approx(lon, abs=1e-6) and one.radius_m >= 80 for one in numbers)
    told = events(engine, numbers[0].number)
    assert unsent(told) == ["register", "placed"]
    assert (told[0].actor, told[-1].actor) == ("source:alias", "system:locate")
    assert told[-1].codes["to"]["names"] == "星湖新天地"
    assert take(engine, city, "alias2", [reports[0]])[0].status == "opened"
    with engine.connect() as connection:
        assert stored.pending(connection, city.id) == []
    again = relocate.locate_again(engine, city)
    assert (again.opened, again.moved) == (0, 0), "what is done once changes nothing the second time"


def test_a_name_that_is_corrected_moves_its_tickets_and_says_so(town: tuple[Engine, City]) -> None:
    engine, city = town
    wrong, right = somewhere(engine, city, 2), somewhere(engine, city, 40)
    with engine.begin() as connection:
        aliases.keep(connection, city, Alias("望海里广场", point=wrong, radius_m=60.0, reason="猜的"), "account:7")
    with engine.connect() as connection:
        gazetteer.locator(connection, city, newest=True)
    (one,) = take(engine, city, "moved", [Report(ref="1", said_at=SAID, body="望海里广场门口有坑")])
    (fixed,) = take(engine, city, "moved", [Report(ref="2", said_at=SAID, body="望海里广场门口积水")])
    assert one.number and fixed.number
    relocate.move(engine, city, fixed.number, Spot.by_hand(*wrong), "account:9")
    with engine.begin() as connection:
        aliases.keep(
            connection,
            city,
            Alias("望海里广场", point=right, radius_m=60.0, reason="实地看过"),
            "account:8",
            replace=True,
        )
    assert relocate.locate_again(engine, city).moved == 1
    (ticket,) = rows(engine, "SELECT ST_X(point) AS lon FROM geoapp.ticket WHERE number = :n", n=one.number)
    assert ticket.lon == pytest.approx(right[0], abs=1e-6)
    (event,) = [event for event in events(engine, one.number) if event.name == "relocated"]
    assert event.codes["from"]["lon"] == pytest.approx(wrong[0], abs=1e-6)
    assert event.codes["to"]["lon"] == pytest.approx(right[0], abs=1e-6)
    (still,) = rows(engine, "SELECT ST_X(point) AS lon FROM geoapp.ticket WHERE number = :n", n=fixed.number)
    assert still.lon == pytest.approx(wrong[0], abs=1e-6), "what a person has chosen stays"


def test_a_ticket_whose_words_lose_their_place_stays(town: tuple[Engine, City]) -> None:
    engine, city = town
    spot = somewhere(engine, city, 3)
    with engine.begin() as connection:
        aliases.keep(connection, city, Alias("听涛阁小楼", point=spot, radius_m=60.0, reason="一次"), "account:7")
    with engine.connect() as connection:
        gazetteer.locator(connection, city, newest=True)
    (one,) = take(engine, city, "lost", [Report(ref="1", said_at=SAID, body="听涛阁小楼门口有坑")])
    with engine.begin() as connection:
        assert stored.retire(connection, city.id, "听涛阁小楼")
    for _ in range(2):
        assert relocate.locate_again(engine, city).doubtful >= 1
    assert unsent(events(engine, one.number)) == ["register", "doubted"], "said once"


def test_the_counts_of_the_map_follow_a_moved_ticket(town: tuple[Engine, City]) -> None:
    engine, city = town
    lon, lat = somewhere(engine, city, 5)
    (one,) = take(engine, city, "cells", [Report(ref="1", said_at=SAID, body="坑", x=lon, y=lat)])
    assert one.number
    relocate.move(engine, city, one.number, Spot.by_hand(*somewhere(engine, city, 50)), "account:7")
    with engine.connect() as connection:
        counted = snapshot(connection, city)["cells"]
        recount(connection)
        assert snapshot(connection, city)["cells"] == counted


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("小区", "too_general"), ("小区门口", "too_general"), ("家门口", "too_general"), ("请处理", "too_general"),
        ("人行道地砖", "too_general"), ("the park", "too_general"), ("street lamp", "too_general"),
        ("北京市", "too_general"), ("路", "length"), (" 彩云里南楼", "length"), ("13800138000", "not_a_name"),
        ("<b>楼</b>", "not_a_name"), ("王小明", "not_a_name"), ("老王家", "not_a_name"), ("李女士", "not_a_name"),
    ],
)  # fmt: skip
def test_a_name_that_would_draw_everything_or_tell_of_somebody_is_refused(
    town: tuple[Engine, City], name: str, why: str
) -> None:
    engine, city = town
    alias = Alias(name, point=somewhere(engine, city), radius_m=60, reason="x")
    with pytest.raises(BadField) as refused, engine.connect() as connection:
        aliases.check(connection, city, alias)
    assert refused.value.facts["fields"] == {"name": why}


def test_what_many_say_who_are_elsewhere_is_no_name(town: tuple[Engine, City]) -> None:
    engine, city = town
    for nth in range(3):
        lon, lat = somewhere(engine, city, 10 + 15 * nth)
        take(engine, city, "many", [Report(ref=str(nth), said_at=SAID, body="奶茶铺前的坑", x=lon, y=lat)])
    alias = Alias("奶茶铺", point=somewhere(engine, city, 62), radius_m=60, reason="x")
    with pytest.raises(BadField), engine.connect() as connection:
        aliases.check(connection, city, alias)


@pytest.mark.parametrize(
    ("alias", "field"),
    [
        (Alias("彩云里南楼", point=(0.0, 51.0), radius_m=60, reason="x"), "point"),
        (Alias("彩云里南楼", of="没有这个地方", reason="x"), "of"),
        (Alias("彩云里南楼", of="滨海西路", reason=" "), "reason"),
        (Alias("滨海西路", of="滨海西路", reason="x"), "name"),
        (Alias("彩云里南楼", point=(113.9, 22.5), radius_m=9_000, reason="x"), "radius_m"),
    ],
)
def test_a_name_of_what_cannot_be_is_refused(town: tuple[Engine, City], alias: Alias, field: str) -> None:
    engine, city = town
    with pytest.raises(BadField) as refused, engine.begin() as connection:
        aliases.keep(connection, city, alias, "account:7")
    assert field in refused.value.facts["fields"]  # type: ignore[operator]


def test_another_name_of_what_a_layer_calls_otherwise_is_kept(town: tuple[Engine, City]) -> None:
    engine, city = town
    with engine.begin() as connection:
        aliases.keep(connection, city, Alias("滨海旧街", of="滨海西路", reason="老人都这样叫"), "account:7")
    with engine.connect() as connection:
        found = gazetteer.locator(connection, city, newest=True).locate(["滨海旧街有坑", "滨海西路有坑"])
    assert found[0].problem == found[1].problem and found[0].matched[0].name == "滨海西路"


def test_a_name_in_use_is_replaced_only_where_that_is_said(town: tuple[Engine, City]) -> None:
    engine, city = town
    first, second = (Alias("云影小筑", point=somewhere(engine, city, n), radius_m=60, reason="x") for n in (3, 4))
    with engine.begin() as connection:
        aliases.keep(connection, city, first, "account:7")
    with pytest.raises(BadField), engine.connect() as connection:
        aliases.check(connection, city, second)
    with engine.begin() as connection:
        aliases.keep(connection, city, second, "account:7", replace=True)
        (kept,) = [one for one in stored.of_city(connection, city.id) if one.name == "云影小筑"]
    assert kept.point == pytest.approx(second.point)


@pytest.mark.parametrize("first", [{"kind": "denunciation"}, {"public": False}])
def test_what_was_hidden_while_it_waited_stays_hidden(town: tuple[Engine, City], first: dict[str, Any]) -> None:
    """Neither a person's click nor coordinates said later show what one of its reports kept from everybody."""
    engine, city = town
    source = f"veil{'-'.join(first)}"
    said = [
        Report(ref="1", said_at=SAID, body=f"{PLACE}私搭", **first),
        Report(ref="1", said_at=SAID, body=f"{PLACE}补充"),
    ]
    last = [take(engine, city, source, [one])[0] for one in said][-1]
    (opened,) = relocate.place(engine, city, {last.report_id: Spot.by_hand(*somewhere(engine, city))}, "account:7")
    lon, lat = somewhere(engine, city)
    take(engine, city, f"{source}x", said[:1])
    (other,) = take(engine, city, f"{source}x", [Report(ref="1", said_at=SAID, body="补充", x=lon, y=lat)])
    for number in (opened.number, other.number):
        (ticket,) = rows(engine, "SELECT public, kind FROM geoapp.ticket WHERE number = :n", n=number)
        assert (ticket.public, ticket.kind) == (False, first.get("kind", "complaint"))


def test_what_a_person_has_placed_is_not_moved_by_its_source(town: tuple[Engine, City]) -> None:
    engine, city = town
    (lon, lat), right = somewhere(engine, city, 9), somewhere(engine, city, 60)
    said = Report(ref="1", said_at=SAID, body="坑", x=lon, y=lat)
    (one,) = take(engine, city, "stays", [said])
    assert one.number
    relocate.move(engine, city, one.number, Spot.by_hand(*right), "account:7")
    take(engine, city, "stays", [Report(ref="1", said_at=SAID, body="坑还在", x=lon, y=lat)])
    (ticket,) = rows(engine, "SELECT ST_X(point) AS lon FROM geoapp.ticket WHERE number = :n", n=one.number)
    assert ticket.lon == pytest.approx(right[0])
    assert unsent(events(engine, one.number)) == ["register", "relocated", "update"]


def test_the_newest_of_a_reference_says_how_it_stands(town: tuple[Engine, City]) -> None:
    engine, city = town
    ended = datetime(2026, 2, 3, 4, tzinfo=UTC)
    older = Report(ref="1", said_at=SAID, body=f"{PLACE}有坑")
    newer = Report(ref="1", said_at=SAID, body=f"{PLACE}有坑", standing=Standing("closed", ended, "repaired"))
    first, _ = (take(engine, city, "older", [one])[0] for one in (older, newer))
    (opened,) = relocate.place(engine, city, {first.report_id: Spot.by_hand(*somewhere(engine, city))}, "account:7")
    (ticket,) = rows(engine, "SELECT state FROM geoapp.ticket WHERE id = :id", id=opened.ticket_id)
    assert ticket.state == "closed"


def test_a_check_in_placed_by_its_words_is_no_hindrance(town: tuple[Engine, City]) -> None:
    engine, city = town
    with engine.connect() as connection:
        names = gazetteer.locator(connection, city).gazetteer
        one, other = divmod(int(names.crossings.keys[0]), len(names))
    lon, lat = somewhere(engine, city, 55)
    body = f"{names.name(one)}与{names.name(other)}交叉口有坑，{lat:.5f},{lon:.5f}"
    take(engine, city, "checkin", [Report(ref="1", said_at=SAID, body=body, x=lon, y=lat, pin="check_in")])
    assert relocate.locate_again(engine, city).moved == 0


def test_a_ticket_that_is_none_cannot_be_moved(town: tuple[Engine, City]) -> None:
    engine, city = town
    with pytest.raises(NotFound):
        relocate.move(engine, city, "DEMO-999999-1", Spot.by_hand(*somewhere(engine, city)), "account:7")
