"""The register says at every moment what the table says, whoever wrote it and in whatever order they ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text
from sqlalchemy.exc import TimeoutError

from geoapp import worker
from geoapp.city import City, city_from
from geoapp.intake.path import take
from geoapp.lifecycle import OPEN, Kind, Outcome, State
from geoapp.records import EVERYTHING, PUBLIC_ONLY, Sight
from geoapp.settings import Settings
from geoapp.store import columns, mercator, register
from geoapp.store.cluster import Server
from geoapp.store.columns import microseconds, moment
from geoapp.store.database import Database
from geoapp.store.mercator import Box
from geoapp.store.queries import clusters, tickets
from geoapp.store.queries.chosen import choose, span
from geoapp.store.queries.filters import Filters
from geoapp.store.queries.tickets import After
from importers.base import Report
from tests.make import recount
from tests.pages.conftest import PACK, load

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TICKETS = 400
STATES, KINDS, OUTCOMES = list(State), list(Kind), [None, *Outcome]


@pytest.fixture
def city(db: Database) -> City:
    """A city of tickets of every kind; some share a moment, some a place, some lie beyond the square's ends."""
    city = load(db, city_from(PACK))
    chance = np.random.default_rng(3)
    spots = chance.uniform((114.0, 20.0), (115.0, 21.0), (TICKETS, 2)).round(3).tolist()
    said = [NOW - timedelta(hours=int(hours)) for hours in chance.integers(0, 400, TICKETS)]
    reports = [
        Report(ref=str(at), said_at=said[at], body="x", x=lon, y=lat, matter=("pothole", "step", "")[at % 3])
        for at, (lon, lat) in enumerate(spots)
    ]
    take(db.bulk, city, "probe", reports)
    with db.bulk.begin() as connection:
        shuffle(connection, chance, "true")
    return city


def shuffle(connection: Connection, chance: np.random.Generator, where: str) -> None:
    """Tickets become anything, by hand: nothing here knows of the register."""
    ids = connection.execute(text(f"SELECT id FROM geoapp.ticket WHERE {where}")).scalars().all()
    for key in ids:
        state = STATES[chance.integers(len(STATES))]
        ended = None if state in OPEN else NOW
        connection.execute(
            text(
                "UPDATE geoapp.ticket SET state = :state, kind = :kind, outcome = :outcome, ended_at = :ended, "
                "public = :public, late = :late, due_at = :due, unit_id = :unit, source = :source WHERE id = :id"
            ),
            {
                "id": key, "state": state, "kind": KINDS[chance.integers(len(KINDS))], "ended": ended,
                "outcome": OUTCOMES[chance.integers(len(OUTCOMES))], "public": bool(chance.integers(4)),
                "late": ended is None and bool(chance.integers(2)), "unit": int(chance.integers(1, 4)),
                "due": NOW + timedelta(hours=int(chance.integers(-50, 50))) if chance.integers(2) else None,
                "source": ("probe", "web", "api")[chance.integers(3)],
            },
        )  # fmt: skip
    recount(connection)


def some(values: list[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.one_of(st.just(()), st.lists(st.sampled_from(values), min_size=1, max_size=6, unique=True).map(tuple))


def when() -> st.SearchStrategy[datetime | None]:
    return st.one_of(st.none(), st.integers(-400, 60).map(lambda hours: NOW + timedelta(hours=hours)))


DEGREES = st.one_of(
    st.tuples(st.integers(0, 100), st.integers(0, 100)).map(lambda at: (114 + at[0] / 100, 20 + at[1] / 100)),
    st.tuples(st.floats(113.9, 115.1), st.floats(19.9, 21.1)),
)


@st.composite
def boxes(draw: st.DrawFn) -> tuple[Box, ...]:
    (west, south), (east, north) = draw(DEGREES), draw(DEGREES)
    west, east, south, north = min(west, east), max(west, east), min(south, north), max(south, north)
    whole = Box(west, south, east, north)
    return draw(st.sampled_from([(), (whole,), (whole, Box(114.2, 20.2, 114.6, 20.9)), (Box(-180, -90, 180, 90),)]))


SIGHTS = (
    PUBLIC_ONLY, EVERYTHING, Sight(cities=frozenset({1})), Sight(cities=frozenset({2})),
    Sight(area_keys=frozenset({1, 3})), Sight(units=frozenset({2})),
    Sight(cities=frozenset({2}), area_keys=frozenset({2}), units=frozenset({1, 3})),
)  # fmt: skip


@st.composite
def questions(draw: st.DrawFn) -> Filters:
    return Filters(
        1,
        boxes=draw(boxes()), area_keys=draw(some([1, 2, 3, 4])), categories=draw(some([1, 2, 3])),
        matters=draw(some([1, 2, 3, 99])), units=draw(some([1, 2, 3])), kinds=draw(some(KINDS)),
        states=draw(some(STATES)), outcomes=draw(some(list(Outcome))),
        sources=draw(some(["probe", "web", "api", "none"])), since=draw(when()), until=draw(when()),
        due_before=draw(when()), late=draw(st.sampled_from([None, None, True, False])),
        number=draw(st.sampled_from(["", "", "", "PB-0000", "PB-00001", "NO"])),
        sight=draw(st.sampled_from(SIGHTS)),
    )  # fmt: skip


TIMES = {
    "since": "t.opened_at >= :since",
    "until": "t.opened_at < :until",
    "due_before": "t.due_at < :due_before AND t.ended_at IS NULL",
    "late": "t.late = :late",
}


def where(asked: Filters) -> tuple[str, dict[str, Any]]:
    """The same question as plain SQL, written anew."""
    said = ["t.city_id = :city"]
    lists = {
        "t.matter_id": asked.matters, "t.unit_id": asked.units, "t.kind": asked.kinds, "t.state": asked.states,
        "t.outcome": asked.outcomes, "t.source": asked.sources, "m.category_id": asked.categories,
    }  # fmt: skip
    values: dict[str, Any] = {"city": asked.city_id, "areas": list(asked.area_keys), "number": asked.number}
    for nth, (column, wanted) in enumerate(lists.items()):
        if wanted:
            said.append(f"{column} = ANY(:w{nth})")
            values[f"w{nth}"] = [str(one) if isinstance(one, str) else one for one in wanted]
    if asked.area_keys:
        said.append("t.area_keys && cast(:areas AS int[])")
    for name, test in TIMES.items():
        if getattr(asked, name) is not None:
            said.append(test)
            values[name] = getattr(asked, name)
    if asked.number:
        said.append("starts_with(t.number, :number)")
    said.append(
        "(t.public OR :all OR t.city_id = ANY(:cities) OR t.area_keys && cast(:near AS int[]) OR t.unit_id = ANY(:by))"
    )
    sight = asked.sight
    values |= {
        "all": sight.everywhere, "cities": list(sight.cities), "near": list(sight.area_keys), "by": list(sight.units),
    }  # fmt: skip
    if asked.boxes:
        said.append("(" + " OR ".join(_in_box(box) for box in asked.boxes) + ")")
    return " AND ".join(said), values


def _in_box(box: Box) -> str:
    east = "<" if box.west < box.east < 180 else "<="
    south = ">" if box.north > box.south > -90 else ">="
    return (
        f"(ST_X(t.point) >= {box.west!r} AND ST_X(t.point) {east} {box.east!r} "
        f"AND ST_Y(t.point) {south} {box.south!r} AND ST_Y(t.point) <= {box.north!r})"
    )


def rows(connection: Connection, asked: Filters, columns: str) -> list[Any]:
    clause, values = where(asked)
    query = (
        f"SELECT {columns} FROM geoapp.ticket t LEFT JOIN geoapp.matter m ON m.id = t.matter_id WHERE {clause} "
        "ORDER BY t.opened_at DESC, t.id DESC"
    )
    return list(connection.execute(text(query), values))


def in_hand(words: str) -> bool:
    return words in OPEN


def check(connection: Connection, asked: Filters, zoom: int, size: int) -> None:
    """Counts, list and cells are those of plain SQL."""
    there = rows(connection, asked, "t.id, t.state, t.late, t.opened_at, t.ended_at, t.quad")
    assert clusters.total(connection, asked) == len(there)
    opened, late = sum(in_hand(row.state) for row in there), sum(row.late for row in there)
    found = clusters.standing(connection, asked, NOW)
    assert (found.open, found.late, found.settled) == (opened, late, len(there) - opened)
    assert found.ended == sum(row.ended_at is not None and row.ended_at >= NOW for row in there)
    listed, after = [], None
    for _ in range(len(there) // size + 1):
        lines, after = tickets.page(connection, asked, size, after)
        listed += [line.id for line in lines]
        if after is None:
            break
    assert listed == [row.id for row in there]
    check_cells(connection, asked, zoom)


def check_cells(connection: Connection, asked: Filters, zoom: int) -> None:
    box = asked.boxes or (Box(114.0, 20.0, 115.0, 21.0),)
    answer = clusters.clusters(connection, replace(asked, boxes=box), zoom)
    shift = 2 * (mercator.ZOOM - answer.cell_zoom)
    everywhere = rows(connection, replace(asked, boxes=()), "t.quad, t.state, t.late, t.number, ST_X(t.point) AS lon")
    wanted: dict[int, list[Any]] = {}
    parts = [mercator.snap(one, answer.cell_zoom) for one in answer.boxes]
    for row in everywhere:
        x, y = (int(one) for one in mercator.unmorton(row.quad >> shift))
        if any(part.holds(x, y) for part in parts):
            wanted.setdefault(row.quad >> shift, []).append(row)
    told = sorted((one.count, one.open, one.late, one.single.number if one.single else "") for one in answer.clusters)
    assert told == sorted(
        (len(group), sum(in_hand(row.state) for row in group), sum(row.late for row in group),
         group[0].number if len(group) == 1 else "")
        for group in wanted.values()
    )  # fmt: skip
    cells = {tuple(int(v) for v in mercator.whole(one.lon, one.lat)) for one in answer.clusters if one.count > 1}
    assert len(cells) == sum(one.count > 1 for one in answer.clusters), "each cluster lies in a place of its own"


QUIET = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]}


@settings(max_examples=150, **QUIET)
@given(asked=questions(), zoom=st.integers(0, 22), size=st.integers(40, 500))
def test_counts_lists_and_cells_are_those_of_plain_sql(
    db: Database, city: City, asked: Filters, zoom: int, size: int
) -> None:
    assert city.id == 1
    with db.web.connect() as connection:
        check(connection, asked, zoom, size)


@settings(max_examples=25, **QUIET)
@given(asked=questions(), zoom=st.integers(0, 22), seed=st.integers(0, 1 << 30))
def test_what_changes_is_seen_at_once(db: Database, city: City, asked: Filters, zoom: int, seed: int) -> None:
    chance = np.random.default_rng(seed)
    with db.web.connect() as connection:
        check(connection, asked, zoom, 300)
    with db.bulk.begin() as connection:
        shuffle(connection, chance, f"id % 7 = {seed % 7}")
    take(db.bulk, city, "probe", [Report(ref=f"n{seed}", said_at=NOW, body="new", x=114.4, y=20.4)])
    with db.bulk.begin() as connection:
        connection.execute(text(f"UPDATE geoapp.ticket SET area_keys = area_keys || 4 WHERE id = {seed % 300 + 1}"))
    with db.web.connect() as connection:
        check(connection, replace(asked, number=""), zoom, 300)


@settings(max_examples=40, **QUIET)
@given(box=boxes().filter(bool), zoom=st.integers(13, 22), seed=st.integers(0, 1 << 30))
def test_cells_summed_are_those_of_plain_sql_after_changes_too(
    db: Database, city: City, box: tuple[Box, ...], zoom: int, seed: int
) -> None:
    with db.web.connect() as connection:
        register.register(connection, city.id)
    with db.bulk.begin() as connection:
        shuffle(connection, np.random.default_rng(seed), f"id % 11 = {seed % 11}")
    with db.web.connect() as connection:
        for sight in SIGHTS:
            check_cells(connection, Filters(city.id, boxes=box, sight=sight), zoom)
            opened = [row.opened_at for row in rows(connection, Filters(city.id, sight=sight), "t.opened_at")]
            assert span(connection, city.id, sight) == (microseconds(min(opened)), microseconds(max(opened)))


def test_a_city_without_tickets_spans_no_time(db: Database) -> None:
    empty = load(db, city_from(PACK))
    with db.web.connect() as connection:
        assert span(connection, empty.id, sight=EVERYTHING) is None


def count(db: Database, city: City) -> int:
    with db.web.connect() as connection:
        return len(choose(connection, Filters(city.id, sight=EVERYTHING)))


def test_writers_that_end_in_another_order_than_they_began_are_all_heard(
    database: Server, db: Database, city: City
) -> None:
    seen = [count(db, city)]
    with (
        psycopg.connect(database.conninfo("geoapp_bulk")) as early,
        psycopg.connect(database.conninfo("geoapp_bulk")) as late,
    ):
        for nth, writer in enumerate((early, late)):
            writer.execute("UPDATE geoapp.ticket SET late = NOT late WHERE id = %s", (nth + 1,))
            writer.execute(copied(nth))
        seen.append(count(db, city))
        late.commit()
        seen.append(count(db, city))
        early.commit()
        seen.append(count(db, city))
    assert seen == [TICKETS, TICKETS, TICKETS + 1, TICKETS + 2]


def copied(nth: int) -> str:
    columns = (
        "city_id, source, kind, state, outcome, matter_id, site_id, area_keys, public, urgent, late, opened_at, "
        "changed_at, due_at, ended_at, quad, point"
    )
    return f"INSERT INTO geoapp.ticket (number, {columns}) SELECT 'Y-{nth}', {columns} FROM geoapp.ticket WHERE id = 9"


def test_what_a_writer_took_back_is_never_heard_of(database: Server, db: Database, city: City) -> None:
    assert count(db, city) == TICKETS
    with psycopg.connect(database.conninfo("geoapp_bulk")) as writer:
        writer.execute(copied(1))
        writer.rollback()
        writer.execute(copied(2))
        writer.commit()
    assert count(db, city) == TICKETS + 1


def test_what_was_deleted_is_gone(database: Server, db: Database, city: City) -> None:
    with psycopg.connect(database.conninfo("geoapp_bulk")) as writer:
        writer.execute(copied(1))
    assert count(db, city) == TICKETS + 1
    with psycopg.connect(database.conninfo("geoapp_owner")) as owner:
        owner.execute("DELETE FROM geoapp.ticket WHERE number = 'Y-1'")
    assert count(db, city) == TICKETS


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """Everything goes into files, and what is fresh settles at once."""
    monkeypatch.setattr(register, "_KEPT_FROM", 1)
    monkeypatch.setattr(register, "_FRESH", 5)
    monkeypatch.setenv("GEOAPP_DATA_DIR", str(settings.data_dir))


def forgotten() -> None:
    register._KEPT.clear()


def test_another_process_maps_the_file_and_asks_for_what_came_after(
    small: None, db: Database, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert count(db, city) == TICKETS
    forgotten()
    with db.bulk.begin() as connection:
        shuffle(connection, np.random.default_rng(5), "id < 30")
    take(db.bulk, city, "probe", [Report(ref="later", said_at=NOW, body="x", x=114.4, y=20.4)])

    def never(*_: Any) -> None:
        raise AssertionError("everything was read again")

    monkeypatch.setattr(register, "_made", never)
    with db.web.connect() as connection:
        check(connection, Filters(city.id, sight=EVERYTHING, states=(State.IN_HAND, State.CLOSED)), 12, 50)
        assert len(register.register(connection, city.id)) == TICKETS + 1


def test_a_stock_read_piece_by_piece_is_whole(db: Database, city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "_PIECE", 37)
    with db.web.connect() as connection:
        assert len(register.register(connection, city.id)) == TICKETS
        check(connection, Filters(city.id), 11, 100)


def test_what_another_process_has_kept_up_with_is_taken_from_its_file(
    small: None, db: Database, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker's process is played by a second state of this one."""
    assert count(db, city) == TICKETS
    mine = dict(register._KEPT)
    forgotten()
    with db.bulk.begin() as connection:
        shuffle(connection, np.random.default_rng(5), "true")
    worker.keep_up(db.bulk)
    register._KEPT.update(mine)
    read = register.read

    def little(*args: Any) -> Any:
        assert not args[3], "the file has it all"
        return read(*args)

    monkeypatch.setattr(register, "read", little)
    with db.web.connect() as connection:
        check(connection, Filters(city.id, kinds=(Kind.HELP,)), 11, 100)


def test_many_changes_settle_into_a_new_base(small: None, db: Database, city: City) -> None:
    for seed in range(4):
        with db.bulk.begin() as connection:
            shuffle(connection, np.random.default_rng(seed), "id % 3 = 0")
        with db.web.connect() as connection:
            check(connection, Filters(city.id, late=True, sight=EVERYTHING), 13, 60)
            assert len(register.register(connection, city.id).fresh) == 0


def test_a_copy_too_old_is_made_anew(db: Database, city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    assert count(db, city) == TICKETS
    monkeypatch.setattr(register, "_LONGEST", timedelta(0))
    with db.bulk.begin() as connection:
        connection.execute(text("UPDATE geoapp.ticket SET public = NOT public"))
        recount(connection)
        connection.execute(text("DELETE FROM geoapp.ticket_change"))
    with db.web.connect() as connection:
        check(connection, Filters(city.id), 10, 100)


def test_notes_of_changes_go_when_all_have_long_heard_them(database: Server, db: Database, city: City) -> None:
    def notes() -> int:
        with db.bulk.connect() as connection:
            return int(connection.execute(text("SELECT count(*) FROM geoapp.ticket_change")).scalar_one())

    with db.bulk.begin() as connection:
        assert register.forget_changes(connection) == 0
    before = notes()
    with psycopg.connect(database.conninfo("geoapp_owner")) as owner:
        # Both the hour and the transaction are put back: of other databases too, one may still be open that is older.
        owner.execute(
            "UPDATE geoapp.ticket_change SET recorded_at = now() - interval '3 days', transaction = '3' "
            "WHERE id % 2 = 0"
        )
    with db.bulk.begin() as connection:
        assert 0 < register.forget_changes(connection) < before
    assert 0 < notes() < before


def test_a_file_that_cannot_be_read_is_done_without(
    small: None, db: Database, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(path: object) -> None:
        raise PermissionError(path)

    monkeypatch.setattr(register, "load", refused)
    assert count(db, city) == TICKETS
    forgotten()
    assert count(db, city) == TICKETS


def test_the_base_is_one_file_that_all_map(small: None, db: Database, city: City) -> None:
    assert count(db, city) == TICKETS
    with db.web.connect() as connection:
        base = register.register(connection, city.id).base
    assert not base.id.flags.owndata and not base.id.flags.writeable


def test_many_sources_are_told_apart(db: Database, city: City) -> None:
    with db.bulk.begin() as connection:
        connection.execute(text("UPDATE geoapp.ticket SET source = 's' || id"))
    with db.web.connect() as connection:
        for nth in (1, 127, 128, 255, 256, 300):
            assert clusters.total(connection, Filters(city.id, sources=(f"s{nth}",), sight=EVERYTHING)) == 1


def test_whoever_waits_too_long_for_another_is_told_so(
    db: Database, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert count(db, city) == TICKETS
    monkeypatch.setattr(register, "_PATIENCE_S", 0.05)
    (kept,) = [one for key, one in register._KEPT.items() if key == next(reversed(register._KEPT))]
    with kept.lock, pytest.raises(TimeoutError):
        count(db, city)
    assert count(db, city) == TICKETS


@given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)))
def test_a_moment_comes_back_as_it_went_in(when: datetime) -> None:
    assert moment(microseconds(when.replace(tzinfo=UTC))) == when.replace(tzinfo=UTC)


def test_a_page_goes_on_where_the_last_ended_though_moments_are_alike(db: Database, city: City) -> None:
    with db.bulk.begin() as connection:
        connection.execute(text("UPDATE geoapp.ticket SET opened_at = :now, public = true"), {"now": NOW})
        recount(connection)
    with db.web.connect() as connection:
        first, after = tickets.page(connection, Filters(city.id), 150)
        assert after == After(NOW, first[-1].id)
        second, _ = tickets.page(connection, Filters(city.id), 400, after)
    keys = [line.id for line in (*first, *second)]
    assert keys == sorted(keys, reverse=True) and len(keys) == TICKETS
