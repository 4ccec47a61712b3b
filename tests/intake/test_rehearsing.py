"""A dozen made-up reports gone through again: figures as counted by hand, clocks as their events alone say them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, text

from geoapp.assign.calendar import moment
from geoapp.assign.clocks import Round
from geoapp.assign.duties import Duty
from geoapp.assign.figures import Figure
from geoapp.assign.three_lists import ListKind
from geoapp.city import City
from geoapp.intake import rehearsing
from geoapp.intake.became import Again, Became, Told, Word, apart
from geoapp.intake.history import past
from geoapp.intake.lists import put_into_force, take_in
from geoapp.intake.rehearsing import Rehearsed, rehearse
from geoapp.intake.weekly_lists import WeeklyLists
from geoapp.records import UnitKind
from geoapp.store import clocks, units
from geoapp.store.queries import figures
from geoapp.store.queries import ticket as queries
from importers.base import Standing
from tests.make import SOURCE, make_city, make_report
from tests.tickets.test_keeping_time import by_clock, from_events

MONDAY = datetime(2024, 1, 8, 2, 0, tzinfo=UTC)
"""Ten in the morning in the small city."""

BORDER = {"x": 113.99995, "y": 22.55}
DAY = timedelta(days=1)
END = MONDAY + 60 * DAY


def one(ref: str, became: Became, said_at: datetime = MONDAY, **changes: Any) -> Told:
    return Told(make_report(ref, said_at=said_at, **changes), became)


def closed(unit: str, days: float, **more: Any) -> Became:
    return Became(unit, state="closed", at=MONDAY + days * DAY, outcome="repaired", **more)


def dozen() -> list[Told]:
    again = (Again(MONDAY + DAY, MONDAY + 2 * DAY, stars=(1, 2, 3)),)
    return [
        one("before", closed("A1", -2), MONDAY - 4 * DAY),
        one("before, open", Became("roads", state="in_hand"), MONDAY - 4 * DAY),
        one("good", closed("A1", 1, word=Word(MONDAY + 2 * DAY, (5, 5, 4)))),
        one("silent", closed("A1", 2)),
        one("again", closed("A1", 4, again=again)),
        one("late", closed("A1", 30)),
        one("wrong 1", closed("roads", 3)),
        one("wrong 2", closed("roads", 3)),
        one("held", closed("A2", 3), **BORDER),
        one("at once", closed("A1", 0)),
        one("unsigned", Became("A1", state="to_sign", at=MONDAY + DAY)),
        one("joined", Became("A1", state="merged", at=MONDAY + DAY, into="good")),
    ]


def town(engine: Engine) -> City:
    city = make_city(engine, calendar="CN")
    with engine.begin() as connection:
        units.grow(connection, city)
        units.save(connection, city.id, "roads", {"en": "Roads"}, UnitKind.BUREAU)
    return city


def gone_through(engine: Engine, city: City, told: Sequence[Told]) -> Rehearsed:
    """The list comes into force with the second week."""

    def lists(monday: date) -> None:
        if monday != date(2024, 1, 8):
            return
        with engine.begin() as connection:
            duty = Duty("road", category="road", level="offices")
            made = take_in(connection, city, ListKind.RESPONSIBILITIES, [duty], monday, "test", "to try it").batch
        if made is not None:
            put_into_force(engine, city, made, checked=False)

    return rehearse(engine, city, SOURCE, told, lists, until=END)


def test_the_figures_are_those_counted_by_hand(engine: Engine) -> None:
    city = town(engine)
    found = gone_through(engine, city, dozen())
    assert {share.figure: share.counts for share in found.whole} == {
        Figure.FIRST_DISPATCH: (9, 2, 1),
        Figure.IN_TIME: (8, 1, 0),
        Figure.SATISFIED: (1, 1, 8),
        Figure.REDONE: (1, 8),
    }
    assert (found.without, found.sent, found.wrong, found.held, found.held_by) == (
        2, 9, 2, 1, {"border": 1, "approximate": 1},
    )  # fmt: skip
    assert (found.held_percent, found.held_by_year, found.at_once) == (10.0, {"2024": 10.0}, 1)
    with engine.connect() as connection:
        by_unit = figures.of(connection, city, Figure.FIRST_DISPATCH, "unit")
        week = figures.every(connection, city, "all", MONDAY, MONDAY + 5 * DAY)
        weekly = [share for share in figures.every(connection, city, "week") if share.label == "2024-01-08"]
    assert {share.label: share.counts for share in by_unit} == {"A1": (7, 2, 1), "A2": (1, 0, 0), "roads": (1, 0, 0)}
    # Sunday and Saturday nothing happens but what silence does.
    assert [replace(share, label="all") for share in weekly if share.figure is not Figure.SATISFIED] == [
        share for share in week if share.figure is not Figure.SATISFIED
    ]
    assert {share.figure: share.counts for share in week}[Figure.IN_TIME] == (7, 0, 0)


def tickets(engine: Engine, city: City) -> dict[str, int]:
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT ref, ticket_id FROM geoapp.report WHERE city_id = :city"), {"city": city.id}
        )
        return {row.ref: row.ticket_id for row in rows}


def bare(found: Sequence[Round]) -> list[Round]:
    """Rounds without the steps that were taken, of which no move tells."""
    return by_clock([replace(each, done=0, warned=None, overdue=None) for each in found])


def test_clocks_are_what_the_events_say_and_each_step_came_at_its_own_time(engine: Engine) -> None:
    city = town(engine)
    gone_through(engine, city, dozen())
    known = tickets(engine, city)
    with engine.connect() as connection:
        kept = clocks.rounds(connection, list(known.values()))
        timelines = {ref: queries.timeline(connection, key) for ref, key in known.items()}
    for ref, key in known.items():
        assert bare(kept[key]) == bare(from_events(engine, city, key)), ref
        moments = [event.occurred_at for event in timelines[ref]]
        assert moments == sorted(moments), ref
    overdue = [event for event in timelines["late"] if event.name == "overdue"]
    (disposal,) = [each for each in kept[known["late"]] if each.clock == "disposal"]
    assert [event.occurred_at for event in overdue] == [moment(disposal.due)]
    silent = next(event for event in timelines["silent"] if event.name == "archive")
    assert silent.occurred_at == MONDAY + 9 * DAY and silent.actor == "system:clock"


class Killed(BaseException):
    """As if the process had been ended."""


@pytest.mark.parametrize("after", [1, 3, 5])
def test_killed_and_started_again_it_comes_to_the_same(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    usual = gone_through(engine, town(engine), dozen())
    city, made = town(engine), rehearsing.make_moves
    calls = iter(range(after))

    def few(*arguments: Any) -> list[int]:
        if next(calls, None) is None:
            raise Killed
        return made(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(rehearsing, "make_moves", few)
        with pytest.raises(Killed):
            gone_through(engine, city, dozen())
    again = gone_through(engine, city, dozen())
    assert (again.whole, again.years, again.events) == (usual.whole, usual.years, usual.events)
    assert (again.held_by, again.wrong, again.without) == (usual.held_by, usual.wrong, usual.without)


def test_no_case_is_judged_by_a_list_that_knew_it(engine: Engine) -> None:
    city = town(engine)
    reports = [
        make_report(f"R-{nth}", unit="roads", said_at=MONDAY + nth * 7 * DAY / 4,
                    standing=Standing("closed", MONDAY + 80 * DAY, "repaired"))
        for nth in range(12)
    ]  # fmt: skip
    with engine.connect() as connection:
        of = past(connection, city, SOURCE, reports)
    weekly = WeeklyLists(engine, city, of)
    learned: list[tuple[date, int]] = []
    learn = weekly._learn

    def noted(known: np.typing.NDArray[np.intp], monday: date) -> None:
        learned.append((monday, len(known)))
        learn(known, monday)

    weekly._learn = noted  # type: ignore[method-assign]
    found = rehearse(engine, city, SOURCE, [apart(report) for report in reports], weekly.begin)
    assert learned == [(date(2024, 1, 15), 4), (date(2024, 1, 22), 8)]
    assert (found.without, found.sent, found.wrong, weekly.batches) == (4, 8, 0, 1)
