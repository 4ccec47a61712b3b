"""Tickets dispatched as they open: by the responsibilities in force, a batch at a time; what is unsure waits, and why.

Only where a city has a list, and only what no source follows itself: a source that names its unit, or that tells how
things stand, is mirrored.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from threading import Lock
from typing import Any, Final

import numpy as np
import structlog
from sqlalchemy import Connection

from geoapp.assign.areas import NONE, Ground
from geoapp.assign.asking import Cases as Asking
from geoapp.assign.asking import as_levels, batch, levels_of
from geoapp.assign.dispatch import Dispatch, Dispatched, Dispatcher
from geoapp.assign.duties import Duty
from geoapp.assign.fitting import Level, wrong_with
from geoapp.assign.lattice import Whole
from geoapp.city import City
from geoapp.intake.things import Units, things
from geoapp.lifecycle import State
from geoapp.store import copy
from geoapp.store.identity import identity, make_room
from geoapp.tickets.cases import Cases, Sending

_MOST: Final = 32
_TOLD: Final = 3
_DISPATCHERS: Final[dict[tuple[object, ...], Dispatcher]] = {}
_LOCK: Final = Lock()
_REGISTERED: Final = State.REGISTERED.value
_log: Final = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Listed:
    """The responsibilities of a city at a moment: the number of the batch that put them into force, and their lines."""

    version: str
    duties: tuple[Duty, ...]


Lists = Callable[[Connection, City, datetime], Listed | None]
"""Gives the responsibilities in force at a moment; None: the city has none, and nothing is dispatched by itself."""


def in_force(_connection: Connection, _city: City, _at: datetime) -> Listed | None:
    """The stored list in force at a moment. None is stored yet."""
    return None


def dispatcher_for(connection: Connection, city: City, here: Ground, units: Units, of: Listed) -> Dispatcher:
    """The list compiled for this ground and these units, once a process; lines that nobody can follow are left out."""
    known = (tuple(sorted(units.ids.items())), tuple(sorted(units.of_areas.items())))
    key = (identity(connection), city.id, of.version, hash(of.duties), tuple(sorted(here.versions.items())), known)
    with _LOCK:
        if key not in _DISPATCHERS:
            made = _compiled(of, as_levels(here, units.of_areas), units)
            make_room(_DISPATCHERS, _MOST)
            _DISPATCHERS[key] = made
        return _DISPATCHERS[key]


def _compiled(of: Listed, levels: Sequence[Level], units: Units) -> Dispatcher:
    wrong = {duty.code: why for duty in of.duties if (why := wrong_with(duty, levels, units.codes))}
    if wrong:
        # Lists are checked before they are in force, but a layer or a unit can go afterwards.
        _log.warning("lines left out", version=of.version, count=len(wrong), why=list(wrong.values())[:_TOLD])
    return Dispatcher.of([duty for duty in of.duties if duty.code not in wrong], levels, units.codes)


def to_send(cases: Cases) -> list[int]:
    """The positions of those that no source follows itself, and that have a place."""
    said = cases.said
    return [
        nth for nth, (unit, spoken, state) in enumerate(zip(cases.unit_id, said.spoken, said.state, strict=True))
        if unit is None and not spoken and state == _REGISTERED and cases.placed(nth)
    ]  # fmt: skip


def send(
    connection: Connection, city: City, here: Ground, cases: Cases, words: Sequence[tuple[str, str]],
    lists: Lists = in_force,
) -> Cases:  # fmt: skip
    """The cases with what becomes of those that are to be sent; words are each one's category and matter, by code."""
    at = to_send(cases)
    of = lists(connection, city, datetime.now(UTC)) if at else None
    if of is None:
        return cases
    units = Units.of(connection, city)
    dispatcher = dispatcher_for(connection, city, here, units, of)
    areas = positions(here, [cases.area_keys[one] for one in at])
    found = dispatched(dispatcher, connection, city, here, units, _asking(city, cases, words, at), areas)
    return replace(cases, sendings={one: sending(found.at(nth), units, of.version) for nth, one in enumerate(at)})


def dispatched(
    dispatcher: Dispatcher, connection: Connection, city: City, here: Ground, units: Units, asked: Asking, areas: Whole
) -> Dispatched:
    """What becomes of cases that lie in these areas; their assets are looked up where a line asks for one."""
    _, of_assets = dispatcher.book.asks_of(asked.matter, asked.category)
    of = things(connection, city, here, units, asked, of_assets)
    return dispatcher.dispatch(batch(dispatcher, here, asked, of, areas))


def _asking(city: City, cases: Cases, words: Sequence[tuple[str, str]], at: Sequence[int]) -> Asking:
    where = np.array(at, dtype=np.int64)
    days = [_day(cases.said.said_at[one], city) for one in at]
    return Asking(
        [words[one][1] for one in at], [words[one][0] for one in at], np.array(days, dtype="datetime64[D]"),
        cases.lon[where], cases.lat[where], np.array([cases.radius_m[one] for one in at], dtype=np.float64),
        np.array([cases.confidence[one] for one in at], dtype=np.float64),
    )  # fmt: skip


def _day(moment: str, city: City) -> date:
    return datetime.fromisoformat(moment).astimezone(city.zone).date()


def positions(here: Ground, keys: Sequence[tuple[int, ...]]) -> Whole:
    """The position of the area of each level among these keys of areas, a row a case."""
    layers = levels_of(here)
    place = {key: (nth, at) for nth, layer in enumerate(layers) for at, key in enumerate(layer.key_ids.tolist())}
    # Few combinations for many cases.
    rows: dict[tuple[int, ...], list[int]] = {}
    for one in dict.fromkeys(keys):
        row = [NONE] * len(layers)
        for key in one:
            if key in place:
                row[place[key][0]] = place[key][1]
        rows[one] = row
    return np.array([rows[one] for one in keys], dtype=np.int64).reshape(len(keys), len(layers))


def sending(one: Dispatch, units: Units, version: str) -> Sending:
    """What an event says of a dispatch, and what the ticket becomes by it."""
    codes: dict[str, Any] = {**one.as_dict(), "list": version}
    # Everybody may read an event's codes; who is in charge is found by the line.
    codes.pop("person", None)
    lead = units.ids.get(one.unit)
    if one.held or lead is None:
        # Whom the list would have it sent to is no unit of the ticket's yet.
        codes["proposal"] = codes.pop("unit", None)
        return Sending(None, copy.json({name: fact for name, fact in codes.items() if fact is not None}))
    return Sending(lead, copy.json(codes | {"unit": str(lead), "unit_code": one.unit}))
