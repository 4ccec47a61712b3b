"""Clocks kept with moves are what the stored events say; steps are taken once, however late and by however many."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from geoapp.assign.calendar import seconds
from geoapp.assign.clocks import Clock, Facts, Round, run
from geoapp.city import City
from geoapp.intake.path import take
from geoapp.intake.run import fold_cells, settle
from geoapp.lifecycle import MOVES, State
from geoapp.store import calendars, clocks, copy
from geoapp.store import runs as runs_store
from geoapp.store.cluster import Server
from geoapp.store.queries import ticket as queries
from geoapp.tickets import ticking
from geoapp.tickets.clocks import told
from geoapp.tickets.moves import Moved, make_moves
from geoapp.tickets.writer import Happening
from importers.base import Standing
from tests.make import SOURCE, make_city, make_report

MONDAY = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
"""Ten in the morning in Shenzhen."""


@pytest.fixture
def engine(database: Server) -> Iterator[Engine]:
    engine = create_engine(database.url("geoapp_bulk"), poolclass=NullPool)
    yield engine
    engine.dispose()


@pytest.fixture
def city(engine: Engine) -> City:
    return make_city(engine, calendar="CN", clocked=(SOURCE,))


def opened(engine: Engine, city: City, ref: str = "1", **changes: Any) -> int:
    (taken,) = take(engine, city, SOURCE, [make_report(ref=ref, **{"said_at": MONDAY, **changes})])
    assert taken.ticket_id is not None
    return taken.ticket_id


def move(engine: Engine, city: City, ticket: int, name: str, at: datetime, **more: Any) -> None:
    line = next(one for one in MOVES if one.name == name)
    given = {need: "x" for need in line.needs} | more.pop("given", {})
    outcome = given.pop("outcome", None) and "repaired"
    who = sorted(line.who)[0]
    with engine.begin() as connection:
        make_moves(
            connection, city.id, [Moved(ticket, name, who, f"{who}:x", at, given, outcome=outcome, **more)]
        )  # fmt: skip


def rounds(engine: Engine, ticket: int) -> tuple[Round, ...]:
    with engine.connect() as connection:
        return clocks.rounds(connection, [ticket]).get(ticket, ())


def one_of(engine: Engine, ticket: int, clock: Clock) -> Round:
    return [one for one in rounds(engine, ticket) if one.clock is clock][-1]


def events(engine: Engine, ticket: int) -> list[tuple[str, str]]:
    """What happened, and to which clock."""
    with engine.connect() as connection:
        found = queries.timeline(connection, ticket)
    return [(one.name, one.codes.get("clock", "")) for one in found]


def due_at(engine: Engine, ticket: int) -> datetime | None:
    with engine.connect() as connection:
        found = connection.execute(text("SELECT due_at FROM geoapp.ticket WHERE id = :id"), {"id": ticket})
        return found.scalar_one()  # type: ignore[no-any-return]


def from_events(engine: Engine, city: City, ticket: int) -> tuple[Round, ...]:
    """The clocks as the stored events alone say them."""
    with engine.connect() as connection:
        calendar = calendars.calendar(connection, city.id)
        found = queries.timeline(connection, ticket)
    stood, heard = "", []
    for one in found:
        stood = one.to_state or stood
        codes = copy.json(one.codes) if one.codes else copy.NULL
        happened = Happening(
            ticket, None, one.name, one.from_state, one.to_state, str(one.occurred_at.astimezone(UTC)), "", codes
        )
        heard.append(told(happened, stood, False, calendar))
    return run(heard, Facts(calendar))


def by_clock(found: Sequence[Round]) -> list[Round]:
    return sorted(found, key=lambda one: (one.clock, one.nth))


@pytest.mark.parametrize("seed", range(6))
def test_what_is_kept_is_what_the_events_say(engine: Engine, city: City, seed: int) -> None:
    dice = random.Random(seed)
    tickets = [opened(engine, city, str(nth)) for nth in range(4)]
    states = dict.fromkeys(tickets, State.REGISTERED)
    now = MONDAY
    for _ in range(25):
        now += timedelta(minutes=dice.randrange(700))
        ticket = dice.choice(tickets)
        lines = [
            line for line in MOVES
            if states[ticket] in line.sources and not line.name.startswith("mirror_")
            and line.name not in ("merge", "withdraw", "decline", "urgent", "not_urgent")
        ]  # fmt: skip
        if lines:
            line = dice.choice(lines)
            more: dict[str, Any] = {}
            if line.name == "extend":
                more["due_at"] = now + timedelta(minutes=dice.randrange(9000))
            if line.name == "shelve":
                more["given"] = {"review": (now + timedelta(days=40)).date().isoformat()}
            move(engine, city, ticket, line.name, now, **more)
            states[ticket] = line.target or states[ticket]
    for ticket in tickets:
        assert by_clock(rounds(engine, ticket)) == by_clock(from_events(engine, city, ticket))


def test_a_ticket_promises_what_its_disposal_does(engine: Engine, city: City) -> None:
    ticket = opened(engine, city)
    assert due_at(engine, ticket) is None
    for nth, name in enumerate(("queue", "dispatch", "sign")):
        move(engine, city, ticket, name, MONDAY + timedelta(minutes=nth))
    # Five days of seven hours.
    assert due_at(engine, ticket) == MONDAY + timedelta(days=7, minutes=2)
    move(engine, city, ticket, "pause", MONDAY + timedelta(hours=1))
    assert due_at(engine, ticket) is None
    move(engine, city, ticket, "supply", MONDAY + timedelta(days=1, hours=1))
    assert due_at(engine, ticket) == MONDAY + timedelta(days=8, minutes=2)
    until = MONDAY + timedelta(days=20)
    move(engine, city, ticket, "extend", MONDAY + timedelta(days=2), due_at=until)
    one = one_of(engine, ticket, Clock.DISPOSAL)
    assert due_at(engine, ticket) == until and one.paused_s == 420 * 60 and one.extended_s > 0
    # Its source says nothing of a due moment: what is promised here stands.
    take(engine, city, SOURCE, [make_report(ref="1", said_at=MONDAY, body="仍未修", due_at=None)])
    assert due_at(engine, ticket) == until


def test_what_a_source_promised_stands(engine: Engine, city: City) -> None:
    until = MONDAY + timedelta(days=30)
    ticket = opened(engine, city, due_at=until)
    for name in ("queue", "dispatch", "sign"):
        move(engine, city, ticket, name, MONDAY)
    assert one_of(engine, ticket, Clock.DISPOSAL).due == seconds(until) and due_at(engine, ticket) == until


def test_an_import_has_clocks_only_where_the_city_says_so(engine: Engine) -> None:
    said = [
        make_report(ref=str(nth), said_at=MONDAY, standing=Standing(state, MONDAY + timedelta(hours=1)))
        for nth, state in enumerate(("registered", "in_hand", "closed", "to_sign"))
    ]  # fmt: skip
    found = {}
    for clocked in (False, True):
        city = make_city(engine, calendar="CN", clocked=(SOURCE,) if clocked else ())
        with engine.begin() as connection:
            run_id = runs_store.begin(connection, city.id, SOURCE, ["a.csv"], {})
        taken = take(engine, city, SOURCE, said, run_id=run_id)
        found[clocked] = [rounds(engine, one.ticket_id or 0) for one in taken]
        if clocked:
            assert by_clock(from_events(engine, city, taken[1].ticket_id or 0)) == by_clock(found[True][1])
            assert due_at(engine, taken[1].ticket_id or 0) is not None
        else:
            # The first move made here starts them.
            move(engine, city, taken[3].ticket_id or 0, "sign", MONDAY + timedelta(hours=2))
            assert {one.clock for one in rounds(engine, taken[3].ticket_id or 0)} == {
                Clock.FIRST_CONTACT, Clock.DISPOSAL,
            }  # fmt: skip
    assert found[False] == [(), (), (), ()]
    running = [{one.clock.value for one in mine if one.runs} for mine in found[True]]
    assert running == [{"dispatch"}, {"first_contact", "disposal"}, set(), {"sign"}]


# Time that runs out


def test_what_came_due_while_nobody_looked_is_caught_up_once(engine: Engine, city: City) -> None:
    ticket = opened(engine, city)
    assert ticking.tick(engine, MONDAY + timedelta(minutes=90)) == 0
    assert ticking.tick(engine, MONDAY + timedelta(minutes=100)) == 1
    assert events(engine, ticket)[1:] == [("due_soon", "dispatch"), ("reminded", "dispatch")]
    # The worker was away for days: all that was due meanwhile, in its order, at its own moment.
    assert ticking.tick(engine, MONDAY + timedelta(days=9)) == 1
    assert ticking.tick(engine, MONDAY + timedelta(days=9)) == 0
    assert events(engine, ticket)[3:] == [
        ("overdue", "dispatch"), ("reminded", "dispatch"), ("escalated", "dispatch"),
    ]  # fmt: skip
    with engine.connect() as connection:
        overdue = next(one for one in queries.timeline(connection, ticket) if one.name == "overdue")
        told_to = connection.execute(
            text("SELECT event, role, unit_id FROM geoapp.reminder ORDER BY step, role")
        ).all()  # fmt: skip
    assert overdue.occurred_at == MONDAY + timedelta(hours=2)
    assert [tuple(one) for one in told_to] == [
        ("due_soon", "dispatcher", None), ("overdue", "dispatcher", None), ("overdue", "supervisor", None),
        ("escalated", "supervisor", None),
    ]  # fmt: skip


def test_a_disposal_that_is_overdue_is_the_tickets_lateness_and_said_once(engine: Engine, city: City) -> None:
    ticket = opened(engine, city)
    for name in ("queue", "dispatch", "sign", "contact"):
        move(engine, city, ticket, name, MONDAY)
    later = MONDAY + timedelta(days=30)
    ticking.tick(engine, later)
    settle(engine, later)
    ticking.tick(engine, later)
    mine = [name for name, clock in events(engine, ticket) if clock == "disposal"]
    assert sorted(mine) == ["due_soon", "escalated", "overdue", "reminded", "reminded"]
    with engine.connect() as connection:
        late = connection.execute(text("SELECT late FROM geoapp.ticket")).scalar_one()
        counted = connection.execute(text("SELECT sum(late) FROM geoapp.cell_total WHERE z = 0")).scalar_one()
    assert late and counted == 1
    # More time, and steps come again before the new moment.
    move(engine, city, ticket, "extend", later, due_at=later + timedelta(days=30))
    fold_cells(engine)
    assert one_of(engine, ticket, Clock.DISPOSAL).done == 0
    ticking.tick(engine, later + timedelta(days=60))
    assert [name for name, clock in events(engine, ticket) if clock == "disposal"].count("overdue") == 2


def test_many_who_look_at_once_take_each_step_once(engine: Engine, city: City) -> None:
    tickets = [opened(engine, city, str(nth)) for nth in range(60)]
    failed: list[BaseException] = []

    def look() -> None:
        try:
            ticking.tick(engine, MONDAY + timedelta(days=1), batch=7)
        except BaseException as error:
            failed.append(error)

    lookers = [Thread(target=look) for _ in range(4)]
    for looker in lookers:
        looker.start()
    for looker in lookers:
        looker.join()
    ticking.tick(engine, MONDAY + timedelta(days=1))
    assert failed == []
    names = ["register", "due_soon", "reminded", "overdue", "reminded", "escalated"]
    assert all([name for name, _ in events(engine, ticket)] == names for ticket in tickets)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM geoapp.reminder")).scalar_one() == 60 * 4


def test_a_calendar_put_right_moves_what_runs_by_it(engine: Engine, city: City) -> None:
    ticket, promised = opened(engine, city), opened(engine, city, "2", due_at=MONDAY + timedelta(days=30))
    for key in (ticket, promised):
        for name in ("queue", "dispatch", "sign"):
            move(engine, city, key, name, MONDAY)
    with engine.begin() as connection:
        before = calendars.calendar(connection, city.id)
        calendars.put_right(connection, city.id, date(2026, 3, 4), False, "台风", "shell:x")
        calendars.put_right(connection, city.id, date(2026, 3, 5), False, "台风", "shell:x")
        calendars.put_right(connection, city.id, date(2026, 3, 5), None, "没有来", "shell:x")
        assert ticking.retime(connection, city.id, before, MONDAY + timedelta(hours=3)) == 1
    assert due_at(engine, ticket) == MONDAY + timedelta(days=8)
    assert due_at(engine, promised) == MONDAY + timedelta(days=30)


def test_a_calendar_put_right_after_time_ran_out_lets_its_steps_come_again(engine: Engine, city: City) -> None:
    ticket = opened(engine, city)
    for name in ("queue", "dispatch", "sign"):
        move(engine, city, ticket, name, MONDAY)
    due = due_at(engine, ticket)
    assert due is not None
    after = due + timedelta(minutes=5)
    ticking.tick(engine, after)
    assert one_of(engine, ticket, Clock.DISPOSAL).done == 2
    with engine.begin() as connection:
        before = calendars.calendar(connection, city.id)
        calendars.put_right(connection, city.id, MONDAY.date() + timedelta(days=1), False, "typhoon", "x")
        assert ticking.retime(connection, city.id, before, after) == 1
    later = due_at(engine, ticket)
    assert later is not None and later > after
    one = one_of(engine, ticket, Clock.DISPOSAL)
    assert one.overdue is None and one.done <= 1
    ticking.tick(engine, later + timedelta(minutes=5))
    told = [name for name, clock in events(engine, ticket) if clock == "disposal"]
    assert told.count("overdue") == 2 and told.count("due_soon") >= 1
