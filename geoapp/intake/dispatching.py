"""Tickets dispatched as they open: by the responsibilities in force, a batch at a time; what is unsure waits, and why.

Only where a city has a list, and only what no source follows itself: a source that names its unit, or that tells how
things stand, is mirrored.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
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
from geoapp.assign.three_lists import BatchState, ListKind
from geoapp.city import City
from geoapp.intake.things import Units, things
from geoapp.lifecycle import State
from geoapp.store import copy, lists
from geoapp.store.identity import identity, make_room
from geoapp.store.queries import matters
from geoapp.tickets.cases import Cases, Sending

_MOST: Final = 32
_TOLD: Final = 3
_DISPATCHERS: Final[dict[tuple[object, ...], Dispatcher]] = {}
_LISTS: Final[dict[tuple[object, ...], Listed]] = {}
_LOCK: Final = Lock()
_REGISTERED: Final = State.REGISTERED.value
_log: Final = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Listed:
    """The responsibilities of a city: the number of the batch that put them into force, and their lines.

    catalogue is the batch of the catalogue that goes with them, natures whether it calls a matter a thing (部件).
    """

    version: str
    duties: tuple[Duty, ...]
    catalogue: int = 0
    natures: Mapping[str, bool] = field(default_factory=dict)


def in_force(connection: Connection, city: City, at: datetime) -> Listed | None:
    """The stored list in force at a moment; None: the city had none, and nothing is dispatched by itself."""
    number = lists.number_in_force(connection, city.id, ListKind.RESPONSIBILITIES, at)
    return _listed(connection, city, number) if number else None


def with_batch(connection: Connection, city: City, number: int) -> Listed:
    """The list as it is with the batch of that number, whether that is in force or still a draft.

    Raises:
        UnknownBatch: there is none of that number.
    """
    batch = lists.batch(connection, city.id, ListKind.RESPONSIBILITIES, number)
    if batch.state == BatchState.IN_FORCE:
        return _listed(connection, city, number)
    natures = matters.natures(connection, city.id)
    return Listed(f"{number} ({batch.state})", lists.duties_with(connection, batch.id), 0, natures)


def _listed(connection: Connection, city: City, number: int) -> Listed:
    """The responsibilities with the batch of that number in force, read once a process."""
    catalogue = lists.number_in_force(connection, city.id, ListKind.CATALOGUE, datetime.now(UTC))
    key = (identity(connection), city.id, number, catalogue)
    with _LOCK:
        if key in _LISTS:
            return _LISTS[key]
    batch = lists.batch(connection, city.id, ListKind.RESPONSIBILITIES, number)
    duties = lists.duties_with(connection, batch.id)
    made = Listed(str(number), duties, catalogue, matters.natures(connection, city.id))
    with _LOCK:
        make_room(_LISTS, _MOST)
        return _LISTS.setdefault(key, made)


def dispatcher_for(connection: Connection, city: City, here: Ground, units: Units, of: Listed) -> Dispatcher:
    """The list compiled for this ground and these units, lines that nobody can follow left out.

    Once a process, but for a list without a version, which nobody asks twice.
    """
    if not of.version:
        return _compiled(of, as_levels(here, units.of_areas), units)
    known = (tuple(sorted(units.ids.items())), tuple(sorted(units.of_areas.items())))
    key = (identity(connection), city.id, of.version, of.catalogue, tuple(sorted(here.versions.items())), known)
    with _LOCK:
        if key in _DISPATCHERS:
            return _DISPATCHERS[key]
    made = _compiled(of, as_levels(here, units.of_areas), units)
    with _LOCK:
        make_room(_DISPATCHERS, _MOST)
        return _DISPATCHERS.setdefault(key, made)


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


def send(connection: Connection, city: City, here: Ground, cases: Cases, words: Sequence[tuple[str, str]]) -> Cases:
    """The cases with what becomes of those that are to be sent, each by the list that was in force when it was said.

    words are each one's category and matter, by code.
    """
    at = to_send(cases)
    begun = lists.begun(connection, city.id, ListKind.RESPONSIBILITIES) if at else []
    if not begun:
        return cases
    units = Units.of(connection, city)
    sendings: dict[int, Sending] = {}
    for number, mine in _by_list(cases, at, begun).items():
        of = _listed(connection, city, number)
        areas = positions(here, [cases.area_keys[one] for one in mine])
        found = dispatched(connection, city, here, units, _asking(city, cases, words, mine), areas, of)
        sendings |= {one: sending(found.at(nth), units, of.version) for nth, one in enumerate(mine)}
    return replace(cases, sendings=sendings)


def _by_list(cases: Cases, at: Sequence[int], begun: Sequence[tuple[datetime, int]]) -> dict[int, list[int]]:
    """The positions by the number of the batch in force when each was said; said before any was, nobody sends it."""
    found: dict[int, list[int]] = {}
    since = [one for one, _ in begun]
    for one in at:
        nth = bisect_right(since, datetime.fromisoformat(cases.said.said_at[one]))
        if nth:
            found.setdefault(begun[nth - 1][1], []).append(one)
    return found


def dispatched(
    connection: Connection, city: City, here: Ground, units: Units, asked: Asking, areas: Whole, of: Listed
) -> Dispatched:
    """What becomes of cases that lie in these areas; their assets are looked up where a line asks for one.

    Whoever asks whose a case is comes by here: tickets that open or are sent anew, a replay, `assign`.
    """
    dispatcher = dispatcher_for(connection, city, here, units, of)
    _, of_assets = dispatcher.book.asks_of(asked.matter, asked.category)
    assets = things(connection, city, here, units, asked, of_assets)
    return dispatcher.dispatch(batch(dispatcher, here, asked, assets, areas, of.natures))


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
    lead = units.ids.get(one.unit)
    if one.held or lead is None:
        return Sending(None, copy.json(proposal(one, version)))
    assisting = tuple(sorted({units.ids[code] for code in one.assisting if code in units.ids} - {lead}))
    return Sending(lead, copy.json(said(one, version) | {"unit": str(lead), "unit_code": one.unit}), assisting)


def said(one: Dispatch, version: str) -> dict[str, Any]:
    """A dispatch as codes: everybody may read these, and who is in charge is found by the line."""
    codes: dict[str, Any] = {**one.as_dict(), "list": version}
    codes.pop("person", None)
    return codes


def proposal(one: Dispatch, version: str) -> dict[str, Any]:
    """The same of a case that is not sent: whom the list would have it sent to is no unit of the ticket's yet."""
    codes = said(one, version)
    unit = codes.pop("unit", None)
    return codes | ({"proposal": unit} if unit else {})
