"""The way of repairs: a batch of maintenance records placed, matched by reference, and written.

Where a repair is: at the site of the ticket it names, else at its asset, else at the spot of its coordinates. One that
names nothing known is put aside to be tried again. A ticket that a repair names is not moved by it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection, Engine

from geoapp.assign.areas import Ground
from geoapp.assign.sites import ASSET, Site
from geoapp.assign.sites import sites as sites_of
from geoapp.city import City
from geoapp.intake.maintenance import Recorded, Records
from geoapp.locate.coordinates import locate
from geoapp.records import Problem
from geoapp.store import catalogue, known, repairs, runs
from geoapp.store.ground import ground
from geoapp.store.ids import take_ids
from geoapp.store.repairs import Facts, Told
from geoapp.store.runs import Waiting
from importers.base import Maintenance, Rejected

NO_PLACE: Final = "no_place"


class Unknown(StrEnum):
    """What a repair without a place names and nobody knows."""

    TICKET = "unknown_ticket"
    ASSET = "unknown_asset"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a repair is, how that was told, and the ticket it names."""

    site_id: int
    placed_by: str
    ticket_id: int | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A batch placed, nothing written yet: for each record its place or what is wrong with it."""

    city: City
    source: str
    records: Records
    places: Sequence[_Place | Problem | Unknown]
    units: Mapping[str, int]


@dataclass(slots=True)
class Done:
    """What became of a batch, a column a fact, in order; none is counted apart as seen, and no repair has an owner."""

    status: list[str] = field(default_factory=list)
    problem: list[Problem | Unknown | None] = field(default_factory=list)
    seen: Mapping[int, Any] = field(default_factory=dict)
    unowned: Sequence[bool] = ()

    def add(self, status: str, problem: Problem | Unknown | None = None) -> None:
        """One more."""
        self.status.append(status)
        self.problem.append(problem)


def prepare(engine: Engine, city: City, source: str, records: Records) -> Prepared:
    """The first half, which leans on nothing that other batches write."""
    told = [one.repair for one in records.recorded]
    named = {unit: "" for repair in told for unit in repair.assisting}
    named |= {repair.unit: repair.unit_name for repair in told if repair.unit}
    return Prepared(city, source, records, _places(engine, city, told), catalogue.unit_ids(engine, city, named))


def write(
    engine: Engine, prepared: Prepared, run_id: int, *, beside: Callable[[Connection], None] | None = None
) -> Done:
    """The second half: matched and written in one transaction, and what is to be written beside it."""
    with engine.begin() as connection:
        if beside is not None:
            beside(connection)
        known.hold(connection, prepared.city.id, prepared.source, None)
        return _write(connection, prepared, run_id)


# Where it is


def _places(engine: Engine, city: City, told: Sequence[Maintenance]) -> list[_Place | Problem | Unknown]:
    with engine.connect() as connection:
        here = ground(connection, city)
        tickets = repairs.tickets(connection, city.id, {repair.ticket for repair in told if repair.ticket})
    found: list[_Place | Problem | Unknown] = [Problem.MISSING] * len(told)
    for at, repair in enumerate(told):
        if repair.ticket in tickets:
            ticket_id, site_id = tickets[repair.ticket]
            found[at] = _Place(site_id, "ticket", ticket_id)
    left = [at for at, place in enumerate(found) if not isinstance(place, _Place)]
    sites = _assets(here, told, left)
    wrong = _by_coordinates(here, told, [at for at in left if at not in sites], sites)
    keys = catalogue.site_ids(engine, city, list(sites.values()))
    for (at, site), site_id in zip(sites.items(), keys, strict=True):
        found[at] = _Place(site_id, "asset" if site.kind == ASSET else "coordinates")
    return [wrong.get(at, place) for at, place in enumerate(found)]


def _assets(here: Ground, told: Sequence[Maintenance], left: Sequence[int]) -> dict[int, Site]:
    """The sites of those whose asset is known; of layers that share a code, the first of the pack."""
    sites: dict[int, Site] = {}
    for layer in here.assets:
        for at in left:
            asset, named = told[at].asset, told[at].asset_layer
            if not asset or at in sites or named not in ("", layer.name):
                continue
            code = asset.encode("utf-8", "surrogatepass")
            nth = bisect_left(range(len(layer.codes)), code, key=layer.codes.__getitem__)
            if nth < len(layer.codes) and layer.codes[nth] == code:
                lon, lat = layer.places([nth], [0.0])
                sites[at] = Site(ASSET, f"{layer.name}:{asset}", float(lon[0]), float(lat[0]))
    return sites


def _by_coordinates(
    here: Ground, told: Sequence[Maintenance], left: Sequence[int], sites: dict[int, Site]
) -> dict[int, Problem | Unknown]:
    """Add the sites of those with coordinates, which are those of reports there; what is wrong with the others."""
    mine = [told[at] for at in left]
    located = locate([one.x for one in mine], [one.y for one in mine], [one.crs for one in mine], here.in_city)
    on = np.flatnonzero(located.placed)
    # A maintenance system names no matter, so an asset has to be named; what lies beside a road is its stretch's.
    there = sites_of(here, located.lon[on], located.lat[on], [None] * len(on))
    sites |= {left[nth]: site for nth, site in zip(on.tolist(), there, strict=True)}
    return {
        left[nth]: _wrong(repair, problem)
        for nth, (repair, problem) in enumerate(zip(mine, located.problems, strict=True))
        if problem
    }


def _wrong(repair: Maintenance, problem: Problem) -> Problem | Unknown:
    if problem is Problem.MISSING and (repair.ticket or repair.asset):
        return Unknown.TICKET if repair.ticket else Unknown.ASSET
    return problem


# What becomes of it


@dataclass(slots=True)
class _Now:
    """A repair while a batch tells of it: what is true, since when, whether this run said so; the contents given."""

    id: int
    stored: bool
    facts: Facts
    hashes: set[str]
    since: datetime
    by_this_run: bool = True
    changed: bool = False


@dataclass(frozen=True, slots=True)
class _Heard:
    """One record when its turn has come: its place if it names one, and since when it was put aside if it was."""

    one: Recorded
    place: _Place | Problem | Unknown
    waiting: Waiting | None


_Content = tuple[tuple[str, str], ...]


def _content(one: Recorded) -> _Content:
    """What a row that is put aside is known by: all its fields, read or not."""
    return tuple(sorted(one.row.fields.items()))


@dataclass(slots=True)
class _Telling:
    """A batch told record by record, as if each came alone: so the cut into batches makes no difference."""

    units: Mapping[str, int]
    now: dict[str, _Now]
    fresh: Iterator[int]
    at: datetime
    events: list[Told] = field(default_factory=list)
    done: Done = field(default_factory=Done)
    settled: list[int] = field(default_factory=list)
    aside: set[_Content] = field(default_factory=set)

    def tell(self, heard: _Heard) -> None:
        """Take in one record."""
        one, before = heard.one, self.now.get(heard.one.repair.ref)
        if before is not None and one.hash in before.hashes:
            self.done.add("seen")
            if one.kept:
                self._settle(heard)
        elif isinstance(heard.place, _Place):
            self._take(heard, before, heard.place)
        elif before is None or self._was_put_aside(heard):
            self.aside.add(_content(one))
            self.done.add("unplaced", heard.place)
        else:
            # Where it is has been told before, and a record that no longer says so does not say that it is nowhere.
            place = _Place(before.facts.site_id, before.facts.placed_by, before.facts.ticket_id)
            self._take(heard, before, place)

    def _was_put_aside(self, heard: _Heard) -> bool:
        """Whether it came before its repair was known, and its file is being read again: it stays where it is."""
        return not heard.one.kept and (heard.waiting is not None or _content(heard.one) in self.aside)

    def _take(self, heard: _Heard, before: _Now | None, place: _Place) -> None:
        one, at = heard.one, heard.waiting.since if heard.waiting else self.at
        facts = _facts(one.repair, place, self.units)
        if before is None:
            before = _Now(next(self.fresh), False, facts, set(), at)
            self.now[one.repair.ref] = before
            name, codes = "record", facts.codes()
            self.done.add("opened")
        else:
            name, codes = self._follow(heard, before, facts, at)
            self.done.add("updated")
        before.hashes.add(one.hash)
        self.events.append(Told(before.id, name, at, one.hash, codes, one.repair.note, one.repair.address))
        self._settle(heard)

    def _follow(self, heard: _Heard, before: _Now, facts: Facts, at: datetime) -> tuple[str, dict[str, Any]]:
        """Bring a repair to what its source says, unless that is older than what is known; the event of it."""
        if facts.as_of and before.facts.as_of:
            older = facts.as_of < before.facts.as_of
        else:
            # What was put aside is as old as that; rows put aside together are taken up in their order.
            known_later = at < before.since or (at == before.since and not before.by_this_run)
            older = heard.waiting is not None and known_later
        if older:
            return "outdated", facts.codes()
        facts = replace(facts, as_of=facts.as_of or before.facts.as_of)
        codes = facts.codes() | {"changed": facts.differs(before.facts)}
        before.facts, before.since, before.by_this_run, before.changed = facts, at, True, True
        return "change", codes

    def _settle(self, heard: _Heard) -> None:
        self.settled += heard.waiting.ids if heard.waiting else ()


def _write(connection: Connection, prepared: Prepared, run_id: int) -> Done:
    city, source, told = prepared.city, prepared.source, prepared.records.recorded
    stored = repairs.by_ref(connection, city.id, source, [one.repair.ref for one in told])
    now = {
        ref: _Now(one.id, True, one.facts, set(one.hashes), one.since, one.run_id == run_id)
        for ref, one in stored.items()
    }
    fresh = iter(take_ids(connection, "repair", len({one.repair.ref for one in told} - now.keys())))
    telling = _Telling(prepared.units, now, fresh, repairs.now(connection))
    waiting = runs.waiting(connection, city.id, source, [one.row.fields for one in told])
    for heard in map(_Heard, told, prepared.places, waiting):
        telling.tell(heard)
    new = [(ref, one) for ref, one in now.items() if not one.stored]
    repairs.record(
        connection, city.id, source, [one.id for _, one in new], [ref for ref, _ in new], [one.facts for _, one in new]
    )
    repairs.change(connection, [(one.id, one.facts) for one in now.values() if one.stored and one.changed])
    repairs.append(connection, source, run_id, telling.events)
    runs.keep_rejected(connection, city.id, source, run_id, _aside(prepared.records, telling.done))
    runs.settle_rejected(connection, telling.settled)
    return telling.done


def _facts(repair: Maintenance, place: _Place, units: Mapping[str, int]) -> Facts:
    return Facts(
        site_id=place.site_id, ticket_id=place.ticket_id, placed_by=place.placed_by,
        unit_id=units.get(repair.unit), assisting=tuple(units[unit] for unit in repair.assisting if unit),
        planned_at=repair.planned_at, started_at=repair.started_at, promised_at=repair.promised_at,
        ended_at=repair.ended_at, hoarding=repair.hoarding, traffic_plan=repair.traffic_plan,
        liability_until=repair.liability_until, as_of=repair.as_of,
    )  # fmt: skip


def _aside(records: Records, done: Done) -> list[tuple[str, Rejected]]:
    """The rows of repairs without a place, to be tried again."""
    return [
        (
            records.file,
            Rejected(
                one.row.line,
                NO_PLACE,
                f'{problem}: ticket "{one.repair.ticket}", asset "{one.repair.asset}"',
                one.row.fields,
            ),
        )
        for one, status, problem in zip(records.recorded, done.status, done.problem, strict=True)
        if status == "unplaced"
    ]
