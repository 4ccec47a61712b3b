"""The one path: each report becomes exactly what it should, however the input is cut, and the map adds up."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from geoapp.city import City
from geoapp.errors import KeyReused
from geoapp.intake.path import take
from geoapp.lifecycle import OPEN, State
from geoapp.records import Problem, Taken
from geoapp.store import catalogue, cells, runs
from geoapp.store.cells import DEEPEST
from geoapp.store.cluster import SUPERUSER, Server
from geoapp.store.mercator import ZOOM, unmorton
from geoapp.tickets.writer import hide, mark_late
from importers.base import Report, Reporter, Standing
from tests.make import INSIDE, SAID, SOURCE, UNOWNED, make_city, make_report, snapshot

HOUR = timedelta(hours=1)

# Each example is a city of its own in the test's database. Nothing is shrunk: that takes minutes.
QUICKLY = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
EAST = (114.05, 22.55)


def taken(engine: Engine, city: City, *reports: Report, **options: Any) -> list[Taken]:
    return take(engine, city, SOURCE, reports, **options)


def picture(engine: Engine, city: City) -> dict[str, list[tuple[Any, ...]]]:
    with engine.connect() as connection:
        return snapshot(connection, city)


def value(engine: Engine, query: str, **values: object) -> Any:
    with engine.connect() as connection:
        return connection.execute(text(query), values).scalar_one()


def events(engine: Engine, city: City) -> list[tuple[Any, ...]]:
    """(ticket, name, from, to) in order."""
    return [(row[0], *row[5:8]) for row in picture(engine, city)["events"]]


def ticket(engine: Engine) -> Any:
    with engine.connect() as connection:
        query = "SELECT *, ST_X(point) AS lon, ST_Y(point) AS lat FROM geoapp.ticket"
        return connection.execute(text(query)).mappings().one()


def begin(engine: Engine, city: City) -> int:
    with engine.begin() as connection:
        return runs.begin(connection, city.id, SOURCE, ["a.csv"], {})


# What becomes of a report


def test_a_report_with_a_place_opens_a_ticket_where_it_is(engine: Engine, city: City) -> None:
    (one,) = taken(engine, city, make_report())
    assert (one.status, one.problem, one.unowned) == ("opened", None, False)
    found = ticket(engine)
    assert (found["number"], found["lon"], found["lat"]) == (one.number, *INSIDE)
    assert picture(engine, city)["tickets"][0][-1] == ["districts:D1", "offices:A1"]
    assert events(engine, city) == [(1, "register", None, "registered")]


def test_the_same_report_again_is_seen_and_changes_nothing(engine: Engine, city: City) -> None:
    first = taken(engine, city, make_report())[0]
    before = picture(engine, city)
    again = taken(engine, city, make_report())[0]
    assert again == replace(first, status="seen")
    assert picture(engine, city) == before


def test_new_words_under_a_known_reference_are_an_update(engine: Engine, city: City) -> None:
    first, second = (taken(engine, city, make_report(body=body))[0] for body in ("a", "b"))
    assert (second.status, second.number) == ("updated", first.number) and second.report_id != first.report_id
    assert events(engine, city) == [(1, "register", None, "registered"), (1, "update", None, None)]


@pytest.mark.parametrize(
    ("x", "y", "problem"),
    [
        (None, None, Problem.NO_PLACE), (float("nan"), 22.5, Problem.NOT_FINITE), (0.0, 0.0, Problem.ZERO),
        (22.55, 113.95, Problem.SWAPPED), (2.35, 48.85, Problem.OUTSIDE),
    ],
)  # fmt: skip
def test_a_report_without_a_place_is_kept_with_its_reason(
    engine: Engine, city: City, x: float | None, y: float | None, problem: Problem
) -> None:
    (one,) = taken(engine, city, make_report(x=x, y=y))
    assert (one.status, one.ticket_id, one.number, one.problem) == ("unplaced", None, None, problem)
    assert picture(engine, city)["tickets"] == [] and events(engine, city) == [(None, "unplaced", None, None)]


def test_a_report_without_coordinates_and_words_has_no_place_at_all(engine: Engine, city: City) -> None:
    assert taken(engine, city, make_report(x=None, y=None, body=" ", address=""))[0].problem is Problem.MISSING


def test_an_unknown_epsg_code_is_a_reason_and_no_error(engine: Engine, city: City) -> None:
    assert taken(engine, city, make_report(crs="EPSG:999999"))[0].problem is Problem.BAD_CRS


def test_a_place_off_every_area_but_near_is_the_citys_and_nobodys(engine: Engine, city: City) -> None:
    (one,) = taken(engine, city, make_report(x=UNOWNED[0], y=UNOWNED[1]))
    assert (one.status, one.unowned) == ("opened", True)
    assert '"rule": "none"' in picture(engine, city)["events"][0][10]


def test_an_empty_batch_is_nothing(engine: Engine, city: City) -> None:
    assert take(engine, city, SOURCE, []) == []


def test_answers_come_in_the_order_of_the_reports(engine: Engine, city: City) -> None:
    reports = [
        make_report("A"),
        make_report("B", x=None),
        make_report("A"),
        make_report("A", body="x"),
        make_report("C"),
    ]
    assert [one.status for one in taken(engine, city, *reports)] == ["opened", "unplaced", "seen", "updated", "opened"]


def test_the_same_words_without_reference_twice_in_a_run_are_two(engine: Engine, city: City) -> None:
    run_id = begin(engine, city)
    statuses = [taken(engine, city, make_report(None), run_id=run_id)[0].status for _ in range(3)]
    assert statuses == ["opened"] * 3
    again = taken(engine, city, *[make_report(None)] * 4, run_id=begin(engine, city))
    assert [one.status for one in again] == ["seen", "seen", "seen", "opened"]


def test_one_reference_in_two_sources_or_cities_is_two_reports(engine: Engine, city: City) -> None:
    other = make_city(engine)
    statuses = [
        take(engine, where, source, [make_report()])[0].status for where in (city, other) for source in ("a", "b")
    ]
    assert statuses == ["opened"] * 4


# Updates


def test_an_update_moves_the_ticket_and_its_areas(engine: Engine, city: City) -> None:
    taken(engine, city, make_report())
    before = ticket(engine)["site_id"]
    taken(engine, city, make_report(x=EAST[0], y=EAST[1]))
    found = ticket(engine)
    assert (found["lon"], found["lat"]) == EAST and found["site_id"] != before
    assert picture(engine, city)["tickets"][0][-1] == ["districts:D2", "offices:A2"]


def test_an_update_that_lost_its_place_leaves_the_ticket_where_it_was(engine: Engine, city: City) -> None:
    taken(engine, city, make_report())
    one = taken(engine, city, make_report(x=None, y=None))[0]
    assert one.status == "updated" and (ticket(engine)["lon"], ticket(engine)["lat"]) == INSIDE


def test_an_update_closes_and_reopens_with_an_event_each(engine: Engine, city: City) -> None:
    stands = [None, Standing("closed", SAID + HOUR, "repaired"), Standing("in_hand", SAID + 2 * HOUR)]
    seen = []
    for standing in stands:
        taken(engine, city, make_report(standing=standing))
        found = ticket(engine)
        seen.append((found["state"], found["outcome"], found["ended_at"] is not None))
    assert seen == [("registered", None, False), ("closed", "repaired", True), ("in_hand", None, False)]
    moves = [(name, a, b) for _, name, a, b in events(engine, city) if name != "update"]
    assert moves == [
        ("register", None, "registered"),
        ("mirror_closed", "registered", "closed"),
        ("mirror_in_hand", "closed", "in_hand"),
    ]


def test_a_ticket_that_arrives_closed_has_its_registration_and_its_closing(engine: Engine, city: City) -> None:
    taken(engine, city, make_report(standing=Standing("closed", SAID + HOUR, "repaired", "已修复，请电13800000000")))
    found = ticket(engine)
    assert (found["state"], found["outcome"], found["ended_at"], found["opened_at"]) == (
        "closed", "repaired", SAID + HOUR, SAID,
    )  # fmt: skip
    assert [e[1] for e in events(engine, city)] == ["register", "mirror_closed"]
    assert picture(engine, city)["events"][1][-1] == "已修复，请电▇▇▇"


def test_an_update_that_brings_the_first_place_opens_the_ticket(engine: Engine, city: City) -> None:
    assert taken(engine, city, make_report(x=None))[0].status == "unplaced"
    opened = taken(engine, city, make_report())[0]
    assert opened.status == "opened" and opened.number
    after = taken(engine, city, make_report(body="x"))[0]
    assert (after.status, after.number) == ("updated", opened.number)


def test_a_sources_new_note_is_kept_though_the_state_stays(engine: Engine, city: City) -> None:
    for note in ("材料已订", "明日施工"):
        taken(engine, city, make_report(standing=Standing("in_hand", SAID + HOUR, None, note)))
    assert value(engine, "SELECT array_agg(body ORDER BY event_id) FROM geoapp.event_note") == ["材料已订", "明日施工"]


def test_a_new_outcome_leaves_a_trace_though_the_state_stays(engine: Engine, city: City) -> None:
    for outcome in ("repaired", "explained"):
        taken(engine, city, make_report(standing=Standing("closed", SAID + HOUR, outcome)))
    assert ticket(engine)["outcome"] == "explained"
    assert "outcome" in str(picture(engine, city)["events"][2:])


# Keys


def test_a_row_that_no_longer_names_its_matter_does_not_publish_what_was_hidden(engine: Engine, city: City) -> None:
    taken(engine, city, make_report("P", category="Home", matter="Row"))
    taken(engine, city, make_report("P", category="", matter="", body="mehr"))
    assert not ticket(engine).public
    taken(engine, city, make_report("P", body="it was a hole"))
    assert ticket(engine).public


def test_a_row_that_no_longer_names_its_matter_keeps_its_urgency(engine: Engine, city: City) -> None:
    taken(engine, city, make_report("U", matter="Gone"))
    taken(engine, city, make_report("U", category="", matter=""))
    assert ticket(engine).urgent
    taken(engine, city, make_report("U", body="only a hole"))
    assert not ticket(engine).urgent


def test_a_matter_that_becomes_private_hides_its_tickets_and_the_words_that_mean_it(engine: Engine, city: City) -> None:
    taken(engine, city, make_report("1"))
    secret = replace(next(one for one in city.matters if one.code == "pothole"), public=False)
    others = tuple(one for one in city.matters if one.code != "pothole")
    catalogue.save_catalogue(engine, replace(city, matters=(*others, secret)))
    with engine.begin() as connection:
        assert hide(connection, city.id) == 1
        assert hide(connection, city.id) == 0
    assert not ticket(engine).public
    assert value(engine, "SELECT sum(n) FROM geoapp.cell_delta WHERE audience = 'public'") == 0
    assert value(engine, "SELECT sum(n) FROM geoapp.cell_delta WHERE audience = 'hidden'") == 1


def test_words_known_already_come_to_mean_what_the_pack_says_now(engine: Engine, city: City) -> None:
    taken(engine, city, make_report("1", category="Feud", matter="Loud"))
    quarrel = next(one for one in city.matters if one.code == "quarrel")
    named = replace(quarrel, sources=(*quarrel.sources, f"{SOURCE}:Feud/Loud"))
    catalogue.save_catalogue(engine, replace(city, matters=(named,)))
    taken(engine, city, make_report("2", category="Feud", matter="Loud"))
    assert value(engine, "SELECT count(*) FROM geoapp.ticket WHERE NOT public") == 1


def test_once_a_denunciation_a_ticket_stays_hidden_and_one(engine: Engine, city: City) -> None:
    taken(engine, city, make_report("D", kind="denunciation"))
    taken(engine, city, make_report("D", kind="complaint"))
    assert (ticket(engine).kind, ticket(engine).public) == ("denunciation", False)
    taken(engine, city, make_report("E"))
    taken(engine, city, make_report("E", kind="denunciation"))
    assert value(engine, "SELECT count(*) FROM geoapp.ticket WHERE public") == 0


def test_a_tickets_kind_follows_its_source(engine: Engine, city: City) -> None:
    taken(engine, city, make_report(kind="complaint"))
    taken(engine, city, make_report(kind="help"))
    assert ticket(engine).kind == "help"


def test_an_older_statement_is_noted_and_changes_nothing(engine: Engine, city: City) -> None:
    taken(engine, city, make_report(standing=Standing("closed", SAID + 100 * HOUR, "repaired")))
    taken(
        engine, city, make_report(body="earlier", standing=Standing("in_hand", SAID + 5 * HOUR), x=EAST[0], y=EAST[1])
    )
    now = ticket(engine)
    assert (now.state, now.outcome, now.ended_at, now.lon) == ("closed", "repaired", SAID + 100 * HOUR, INSIDE[0])
    assert [one[1] for one in events(engine, city)] == ["register", "mirror_closed", "update"]
    assert value(engine, "SELECT codes->>'older' FROM geoapp.event WHERE name = 'update'") == "true"


def test_the_day_a_ticket_ended_follows_the_source_though_the_state_stays(engine: Engine, city: City) -> None:
    taken(engine, city, make_report(standing=Standing("closed")))
    taken(engine, city, make_report(standing=Standing("closed", SAID + 3 * HOUR)))
    assert ticket(engine).ended_at == SAID + 3 * HOUR


@pytest.mark.parametrize("due", [None, datetime(2099, 1, 1, tzinfo=UTC)])
def test_a_ticket_given_more_time_is_late_no_more_until_that_has_run_out(
    engine: Engine, city: City, due: datetime | None
) -> None:
    taken(engine, city, make_report(due_at=SAID + HOUR))
    with engine.begin() as connection:
        mark_late(connection, SAID + 2 * HOUR)
    taken(engine, city, make_report(due_at=due))
    assert not ticket(engine).late
    assert sorted(one[1] for one in events(engine, city)) == ["not_overdue", "overdue", "register", "update"]
    assert value(engine, "SELECT sum(late) FROM geoapp.cell_delta") == 0
    with engine.begin() as connection:
        assert mark_late(connection, datetime(2100, 1, 1, tzinfo=UTC)) == (1 if due else 0)


def test_a_key_used_again_for_the_same_is_seen(engine: Engine, city: City) -> None:
    report = make_report("key", said_at=None)
    first, second = (taken(engine, city, report, keyed=True, receipts=True)[0] for _ in range(2))
    assert (
        second.status == "seen" and (second.number, second.receipt) == (first.number, first.receipt) and first.receipt
    )


def test_a_key_used_again_for_something_else_is_refused_and_nothing_written(engine: Engine, city: City) -> None:
    taken(engine, city, make_report("key"), keyed=True)
    before = picture(engine, city)
    with pytest.raises(KeyReused):
        taken(engine, city, make_report("new"), make_report("key", body="other"), keyed=True)
    assert picture(engine, city) == before


# Matters of the pack


@pytest.mark.parametrize(("category", "matter"), [("", "quarrel"), ("Home", "Row")])
def test_a_matter_the_pack_hides_is_hidden_whoever_names_it(
    engine: Engine, city: City, category: str, matter: str
) -> None:
    taken(engine, city, make_report(category=category, matter=matter))
    assert picture(engine, city)["tickets"][0][5] == "quarrel" and ticket(engine)["public"] is False


@pytest.mark.parametrize(("category", "matter"), [("", "collapse"), ("Road", "Gone")])
def test_a_matter_the_pack_calls_urgent_is_urgent_whoever_names_it(
    engine: Engine, city: City, category: str, matter: str
) -> None:
    taken(engine, city, make_report(category=category, matter=matter))
    assert picture(engine, city)["tickets"][0][5] == "collapse" and ticket(engine)["urgent"] is True


def test_a_denunciation_is_hidden(engine: Engine, city: City) -> None:
    taken(engine, city, make_report(kind="denunciation"))
    assert ticket(engine)["public"] is False


def test_a_slash_in_a_sources_words_does_not_make_two_matters_one(engine: Engine, city: City) -> None:
    taken(engine, city, make_report("1", category="a/b", matter="c"), make_report("2", category="a", matter="b/c"))
    first, second = (row[5] for row in picture(engine, city)["tickets"])
    assert first != second


# Any cut gives the same

PLACES = [INSIDE, EAST, (114.0, 22.6), UNOWNED, (2.0, 48.0), (None, None), (22.55, 113.95)]
STANDS = [None, Standing("in_hand", SAID + HOUR), Standing("closed", SAID + 2 * HOUR, "repaired", "完工")]


@st.composite
def reports(draw: st.DrawFn) -> Report:
    x, y = draw(st.sampled_from(PLACES))
    return make_report(
        draw(st.sampled_from([None, None, "A", "B", "C", "D"])),
        body=draw(st.sampled_from(["a", "b"])), x=x, y=y, standing=draw(st.sampled_from(STANDS)),
        public=draw(st.booleans()), category=draw(st.sampled_from(["Road", "Home", ""])),
        unit=draw(st.sampled_from(["", "U1", "U2"])),
    )  # fmt: skip


def cut(some: Sequence[Report], ends: Sequence[int]) -> list[Sequence[Report]]:
    edges = sorted({0, len(some), *(end for end in ends if end < len(some))})
    return [some[a:b] for a, b in pairwise(edges)]


def import_in(engine: Engine, city: City, parts: Sequence[Sequence[Report]]) -> dict[str, list[tuple[Any, ...]]]:
    run_id = begin(engine, city)
    for part in parts:
        take(engine, city, SOURCE, part, run_id=run_id)
    return picture(engine, city)


@settings(QUICKLY, max_examples=40)
@given(st.lists(reports(), min_size=2, max_size=14), st.lists(st.integers(1, 13), max_size=6))
def test_any_cut_of_the_input_gives_the_same_tickets_under_the_same_numbers(
    engine: Engine, some: list[Report], ends: list[int]
) -> None:
    whole = import_in(engine, make_city(engine), [some])
    assert import_in(engine, make_city(engine), cut(some, ends)) == whole


@settings(QUICKLY, max_examples=15)
@given(st.lists(reports(), min_size=1, max_size=14), st.lists(st.integers(1, 13), max_size=4))
def test_an_import_done_twice_is_an_import_done_once(engine: Engine, some: list[Report], ends: list[int]) -> None:
    city = make_city(engine)
    once = import_in(engine, city, [some])
    assert import_in(engine, city, cut(some, ends)) == once


# The map adds up


def counted(engine: Engine, city: City) -> dict[int, Counter[tuple[Any, ...]]]:
    """By zoom, what plain counting of the tickets says: (audience, x, y, what) → how many."""
    query = text("SELECT id, quad, public, state, late FROM geoapp.ticket WHERE city_id = :city")
    with engine.connect() as connection:
        rows = connection.execute(query, {"city": city.id}).all()
    found: dict[int, Counter[tuple[Any, ...]]] = {z: Counter() for z in range(DEEPEST + 1)}
    for row in rows:
        x24, y24 = (int(v) for v in unmorton(row.quad))
        is_open = State(row.state) in OPEN
        sums = {"n": 1, "open": is_open, "late": row.late, "settled": not is_open, "sum_x": x24, "sum_y": y24,
                "sum_id": row.id}  # fmt: skip
        for z, counter in found.items():
            up = ZOOM - z
            for name, add in sums.items():
                counter["public" if row.public else "hidden", x24 >> up, y24 >> up, name] += int(add)
    return found


def kept(engine: Engine, city: City) -> dict[int, Counter[tuple[Any, ...]]]:
    """By zoom, what totals and deltas say together."""
    names = ("n", "open", "late", "settled", "sum_x", "sum_y", "sum_id")
    found: dict[int, Counter[tuple[Any, ...]]] = {z: Counter() for z in range(DEEPEST + 1)}
    with engine.connect() as connection:
        for row in connection.execute(text("SELECT * FROM geoapp.cell_total WHERE city_id = :c"), {"c": city.id}):
            for name in names:
                found[row.z][row.audience, row.x, row.y, name] += getattr(row, name)
        for row in connection.execute(text("SELECT * FROM geoapp.cell_delta WHERE city_id = :c"), {"c": city.id}):
            for z, counter in found.items():
                for name in names:
                    counter[row.audience, row.x >> DEEPEST - z, row.y >> DEEPEST - z, name] += getattr(row, name)
    return found


def same(a: dict[int, Counter[tuple[Any, ...]]], b: dict[int, Counter[tuple[Any, ...]]]) -> bool:
    return all(a[z] == b[z] for z in range(DEEPEST + 1))  # Counter equality takes absent for zero


@st.composite
def steps(draw: st.DrawFn) -> list[tuple[str, Any]]:
    due = st.none() | st.integers(0, 8).map(lambda n: SAID + n * HOUR)
    one = st.builds(lambda report, due: replace(report, due_at=due), reports(), due)
    step = st.one_of(
        st.tuples(st.just("take"), st.lists(one, min_size=1, max_size=5)),
        st.tuples(st.just("take"), st.lists(one, min_size=1, max_size=5)),
        st.tuples(st.just("late"), st.integers(0, 9).map(lambda n: SAID + n * HOUR)),
        st.tuples(st.just("fold"), st.integers(1, 5)),
        st.tuples(st.just("tidy"), st.none()),
    )
    return draw(st.lists(step, min_size=2, max_size=8))


@settings(QUICKLY, max_examples=40)
@given(steps())
def test_cells_add_up_to_the_tickets_for_each_audience_and_zoom_whatever_happens(
    engine: Engine, some: list[tuple[str, Any]]
) -> None:
    city = make_city(engine)
    run_id = begin(engine, city)
    for name, what in some:
        if name == "take":
            take(engine, city, SOURCE, what, run_id=run_id)
        else:
            with engine.begin() as connection:
                if name == "late":
                    mark_late(connection, what)
                elif name == "fold":
                    cells.fold(connection, what)
                else:
                    cells.drop_empty(connection)
        assert same(kept(engine, city), counted(engine, city)), name
    with engine.begin() as connection:
        cells.fold(connection)
    assert value(engine, "SELECT count(*) FROM geoapp.cell_delta") == 0
    assert same(kept(engine, city), counted(engine, city))


def test_lateness_is_an_event_at_the_moment_the_time_ran_out(engine: Engine, city: City) -> None:
    taken(engine, city, make_report(due_at=SAID + HOUR), make_report("R-2", due_at=SAID + 3 * HOUR))
    for _ in range(2):
        with engine.begin() as connection:
            mark_late(connection, SAID + 2 * HOUR)
    late = [row for row in picture(engine, city)["events"] if row[5] == "overdue"]
    assert [(row[0], row[8]) for row in late] == [(1, SAID + HOUR)]


# Several at once


def at_once(*works: Any) -> list[Any]:
    with ThreadPoolExecutor(len(works)) as pool:
        futures = [pool.submit(work) for work in works]
        return [future.exception() or future.result() for future in futures]


def held_until_both_wait(database: Server, works: Sequence[Any]) -> list[Any]:
    """Run works at once, all held at their first write to tickets until each has read what is known."""
    with psycopg.connect(database.conninfo(SUPERUSER)) as holder, ThreadPoolExecutor(len(works)) as pool:
        holder.execute("LOCK TABLE geoapp.ticket IN SHARE MODE")
        futures = [pool.submit(work) for work in works]
        waiting = 0
        with psycopg.connect(database.conninfo(SUPERUSER), autocommit=True) as looker:
            for _ in range(10_000):
                query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"  # noqa: E501
                waiting = looker.execute(query).fetchone()[0]  # type: ignore[index]
                if waiting == len(works) or all(future.done() for future in futures):
                    break
        holder.rollback()
        return [future.exception() or future.result() for future in futures]


def test_two_that_take_the_same_batch_at_once_take_each_row_once(engine: Engine, city: City, database: Server) -> None:
    some = [make_report(f"R-{i}") for i in range(200)] + [make_report(None, body=f"{i}") for i in range(200)]
    lists = held_until_both_wait(database, [lambda: taken(engine, city, *some)] * 2)
    assert Counter(one.status for answers in lists for one in answers) == {"opened": 400, "seen": 400}
    assert (
        value(engine, "SELECT count(*) FROM geoapp.ticket")
        == value(engine, "SELECT count(*) FROM geoapp.report")
        == 400
    )
    assert same(kept(engine, city), counted(engine, city))


def test_two_that_take_the_same_rows_in_opposite_order_at_once_both_end_well(
    engine: Engine, city: City, database: Server
) -> None:
    some = [make_report(f"R-{i}") for i in range(1500)]
    works = [lambda: taken(engine, city, *some), lambda: taken(engine, city, *reversed(some))]
    lists = held_until_both_wait(database, works)
    assert Counter(one.status for answers in lists for one in answers) == {"opened": 1500, "seen": 1500}


def test_two_that_bring_different_words_of_one_reference_at_once_open_one_ticket(
    engine: Engine, city: City, database: Server
) -> None:
    works = [lambda body=body: taken(engine, city, make_report(body=body))[0].status for body in ("a", "b")]
    assert sorted(held_until_both_wait(database, works)) == ["opened", "updated"]
    assert value(engine, "SELECT count(*) FROM geoapp.ticket") == 1


def test_new_units_matters_and_sites_met_by_two_at_once_are_made_once(engine: Engine, city: City) -> None:
    def batch(source: str, seed: int) -> list[Taken]:
        dice = random.Random(seed)
        some = [
            make_report(f"{i}", category=f"c{i % 7}", matter=f"m{i % 11}", unit=f"u{i % 13}", x=113.91 + i / 5000)
            for i in range(200)
        ]
        dice.shuffle(some)
        return take(engine, city, source, some)

    lists = at_once(*(lambda n=n: batch(SOURCE + str(n), n) for n in range(3)))
    assert [len(one) for one in lists] == [200] * 3
    assert value(engine, "SELECT count(*) FROM geoapp.unit WHERE city_id = :c", c=city.id) == 13


# What the database itself refuses


@pytest.mark.parametrize("role", ["geoapp_owner", "geoapp_bulk", "geoapp_web", SUPERUSER])
@pytest.mark.parametrize(
    "statement",
    ["UPDATE geoapp.event SET actor = 'x'", "DELETE FROM geoapp.event", "TRUNCATE geoapp.event CASCADE"],
)
def test_an_event_is_never_changed_whoever_asks(
    engine: Engine, city: City, database: Server, role: str, statement: str
) -> None:
    taken(engine, city, make_report())
    with psycopg.connect(database.conninfo(role)) as connection, pytest.raises(psycopg.Error):
        connection.execute(statement)
    assert value(engine, "SELECT count(*) FROM geoapp.event WHERE actor <> 'x'") == 1


PRIVATE = ("reporter", "original", "rejected")


@pytest.fixture
def told(engine: Engine, city: City) -> City:
    """A city with one row in each private table."""
    taken(engine, city, make_report(body="我是13800000000", reporter=Reporter("张三", "13800000000", "a@example.com")))
    with engine.begin() as connection:
        from importers.base import Rejected

        run_id = runs.begin(connection, city.id, SOURCE, ["a.csv"], {})
        runs.keep_rejected(connection, city.id, SOURCE, run_id, [("a.csv", Rejected(2, "bad_date", "", {"a": "b"}))])
    return city


@pytest.mark.parametrize("table", PRIVATE)
def test_the_web_role_reads_no_private_row_as_nobody_or_as_somebody_without_a_role(
    told: City, database: Server, table: str
) -> None:
    query = f"SELECT count(*) FROM private.{table}"
    with psycopg.connect(database.conninfo("geoapp_web")) as connection:
        seen = [connection.execute(query).fetchone()]
        with connection.transaction():
            connection.execute("SELECT set_config('geoapp.account', '1', true)")
            seen.append(connection.execute(query).fetchone())
        seen.append(connection.execute(query).fetchone())
    assert seen == [(0,), (0,), (0,)]


@pytest.mark.parametrize("table", PRIVATE)
def test_the_bulk_role_reads_again_only_what_it_has_put_aside(told: City, engine: Engine, table: str) -> None:
    if table == "rejected":
        assert value(engine, f"SELECT count(*) FROM private.{table}") == 1
    else:
        with pytest.raises(DBAPIError):
            value(engine, f"SELECT count(*) FROM private.{table}")


@pytest.mark.parametrize("table", PRIVATE)
@pytest.mark.parametrize("change", ["UPDATE private.{} SET city_id = 1", "DELETE FROM private.{}"])
def test_the_bulk_role_changes_no_private_row(told: City, engine: Engine, table: str, change: str) -> None:
    with pytest.raises(DBAPIError), engine.begin() as connection:
        connection.execute(text(change.format(table)))


@pytest.mark.parametrize("table", PRIVATE)
@pytest.mark.parametrize("change", ["UPDATE private.{} SET city_id = 1", "DELETE FROM private.{}"])
def test_the_web_role_changes_no_private_row(told: City, database: Server, table: str, change: str) -> None:
    with psycopg.connect(database.conninfo("geoapp_web")) as connection, pytest.raises(psycopg.Error):
        connection.execute(change.format(table))


def test_the_web_role_files_a_report_of_its_own(city: City, database: Server) -> None:
    web = create_engine(database.url("geoapp_web"))
    with suppress(DBAPIError):
        one = take(web, city, "web", [make_report("k", said_at=None, body="电13800000000", reporter=Reporter("张三"))],
                   receipts=True, keyed=True)[0]  # fmt: skip
        assert one.status == "opened" and one.receipt
    web.dispose()
    with psycopg.connect(database.conninfo(SUPERUSER)) as connection:
        assert connection.execute("SELECT body FROM geoapp.report_text").fetchall() == [("电▇▇▇",)]
        assert connection.execute("SELECT name FROM private.reporter").fetchall() == [("张三",)]


def test_a_ticket_holds_no_free_text_and_nothing_private(engine: Engine, city: City) -> None:
    marked = "秘密"
    taken(
        engine, city,
        make_report(
            "秘密", body=marked, address=marked, unit_name=marked, channel=marked, recorded_area=marked,
            reporter=Reporter(marked, marked, marked), standing=Standing("in_hand", None, None, marked),
        ),
    )  # fmt: skip
    for table in ("ticket", "event", "cell_delta"):
        assert value(engine, f"SELECT count(*) FROM geoapp.{table} t WHERE t::text LIKE '%秘密%'") == 0
    columns = value(
        engine,
        "SELECT array_agg(cast(column_name AS text)) FROM information_schema.columns "
        "WHERE table_schema = 'geoapp' AND table_name = 'ticket' AND data_type NOT IN "
        "('bigint', 'integer', 'smallint', 'boolean', 'timestamp with time zone', 'ARRAY', 'USER-DEFINED')",
    )
    assert sorted(columns) == ["kind", "number", "outcome", "source", "state"]


HOSTILE = [
    "a\0b",
    "\ud800",
    "\\N",
    "\\.",
    "a\tb\nc\r\n",
    "'; DROP TABLE geoapp.ticket; --",
    "<script>x</script>",
    "\u202e",
    "%s:x",
]


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_in_every_field_are_taken_like_any_other(engine: Engine, city: City, words: str) -> None:
    report = make_report(
        words, body=words, category=words, matter=words, address=words, unit=words, unit_name=words, recorded_area=words,  # noqa: E501
        channel=words, reporter=Reporter(words, words, words), standing=Standing("closed", None, None, words),
        measured=((words, 1.0, words),),
    )  # fmt: skip
    assert taken(engine, city, report)[0].status == "opened"
    assert taken(engine, city, report)[0].status in ("seen", "opened")


@pytest.mark.parametrize(
    "at", [datetime.fromisoformat("1900-01-01T00:00+14:00"), datetime.fromisoformat("2100-12-31T23:59-12:00")]
)
def test_a_time_at_the_ends_of_the_calendar_is_kept_as_it_is(engine: Engine, city: City, at: datetime) -> None:
    taken(engine, city, make_report(said_at=at))
    assert ticket(engine)["opened_at"] == at


# What its words are about


def test_a_report_that_names_no_matter_is_what_its_words_surely_say(engine: Engine, city: City) -> None:
    said = {"one": "门口的坑洼三天了", "two": "坑洼和塌陷", "three": "请看看这里"}
    taken(engine, city, *(make_report(ref, category="", matter="", body=body) for ref, body in said.items()))
    query = text(
        "SELECT r.ref, m.code, e.codes -> 'matter' ->> 'words' FROM geoapp.report r JOIN geoapp.ticket t "
        "ON t.id = r.ticket_id LEFT JOIN geoapp.matter m ON m.id = t.matter_id "
        "JOIN geoapp.event e ON e.ticket_id = t.id AND e.name = 'register' ORDER BY r.id"
    )
    with engine.connect() as connection:
        found = connection.execute(query).all()
    assert found == [("one", "pothole", "坑洼"), ("two", None, None), ("three", None, None)]


def test_what_the_words_say_never_takes_the_place_of_a_matter_that_was_named(engine: Engine, city: City) -> None:
    taken(engine, city, make_report(matter="Gone"))
    before = ticket(engine)["matter_id"]
    taken(engine, city, make_report(category="", matter="", body="坑洼"))
    assert ticket(engine)["matter_id"] == before


def test_what_the_words_say_never_shows_what_was_hidden(engine: Engine, city: City) -> None:
    taken(engine, city, make_report(category="", matter="", public=False))
    taken(engine, city, make_report(category="", matter="", body="坑洼还在"))
    assert ticket(engine)["public"] is False and ticket(engine)["matter_id"] is not None
