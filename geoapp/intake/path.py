"""The one path: a batch of reports cleaned, located, assigned, matched and written; a form is a batch of one."""

from __future__ import annotations

import math
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import numpy as np
from psycopg.errors import DeadlockDetected, UniqueViolation
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from geoapp.assign.areas import NONE, Ground
from geoapp.assign.sites import spots
from geoapp.city import City
from geoapp.errors import KeyReused
from geoapp.intake.clean import Identified, identify
from geoapp.lifecycle import OPEN, State
from geoapp.locate.coordinates import RADIUS_M, locate
from geoapp.records import Problem, Taken
from geoapp.store import catalogue, known
from geoapp.store.cities import ground
from geoapp.store.known import Known
from geoapp.store.mercator import quads
from geoapp.tickets import writer
from geoapp.tickets.case import Case
from geoapp.tickets.writer import Origin
from importers.base import Report

_TRIES: Final = 5


def take(
    engine: Engine, city: City, source: str, reports: Sequence[Report], *,
    run_id: int | None = None, receipts: bool = False, keyed: bool = False,
) -> list[Taken]:  # fmt: skip
    """Take a batch of reports in, in one transaction; what became of each, in order.

    receipts: each report gets a receipt of its own. keyed: the reference is a caller's Idempotency-Key, which may
    come again with the same content but not with another.

    Raises:
        KeyReused: keyed, and a reference is known with other content; nothing is written.
    """
    prepared = prepare(engine, city, source, [identify(one) for one in reports], receipts)
    return write(engine, prepared, run_id, keyed)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A batch located, classified and assigned, nothing written yet; seen answers for those that are known already."""

    city: City
    source: str
    size: int
    seen: dict[int, Taken]
    cases: list[Case]
    ground: Ground | None


def prepare(
    engine: Engine, city: City, source: str, identified: Sequence[Identified], receipts: bool = False, look: bool = True
) -> Prepared:
    """The first half of the path, which leans on nothing that other batches write: a run does it ahead.

    look: spare what is known already the work; the second half looks again, so this changes the cost alone.
    """
    seen = _seen_before(engine, city, source, identified) if look else {}
    unseen = [one for at, one in enumerate(identified) if at not in seen]
    cases, here = _cases(engine, city, source, unseen, receipts) if unseen else ([], None)
    return Prepared(city, source, len(identified), seen, cases, here)


def write(engine: Engine, prepared: Prepared, run_id: int | None = None, keyed: bool = False) -> list[Taken]:
    """The second half: matched and written in one transaction.

    Raises:
        KeyReused: as take().
    """
    taken = iter(_write_unseen(engine, prepared, prepared.ground, run_id, keyed) if prepared.ground else [])
    return [prepared.seen[at] if at in prepared.seen else next(taken) for at in range(prepared.size)]


def _seen_before(engine: Engine, city: City, source: str, identified: Sequence[Identified]) -> dict[int, Taken]:
    """Positions of reports whose reference and content are stored: nothing more need be found out about them."""
    refs = [one.report.ref for one in identified if one.report.ref is not None]
    with engine.connect() as connection:
        stored = known.by_ref(connection, city.id, source, refs)
    seen = {}
    for at, one in enumerate(identified):
        for same in stored.get(one.report.ref or "", ()) if one.report.ref is not None else ():
            if same.hash == one.hash:
                seen[at] = _seen(same)
    return seen


def _write_unseen(engine: Engine, prepared: Prepared, here: Ground, run_id: int | None, keyed: bool) -> list[Taken]:
    for attempt in range(_TRIES):
        try:
            with engine.begin() as connection:
                return _write(connection, prepared, here, run_id, keyed)
        except DBAPIError as error:
            # Another session stored one of these meanwhile; now it is known, so look again.
            if not isinstance(error.orig, UniqueViolation | DeadlockDetected) or attempt == _TRIES - 1:
                raise
        except (UniqueViolation, DeadlockDetected):
            if attempt == _TRIES - 1:
                raise
    raise AssertionError("unreachable")


def check_place(engine: Engine, city: City, x: float | None, y: float | None, crs: str) -> Problem | None:
    """What is wrong with coordinates somebody is about to report; None: they are in the city."""
    with engine.connect() as connection:
        here = ground(connection, city)
    return locate([x], [y], [crs], here.in_city).problems[0]


@dataclass(frozen=True, slots=True)
class _Places:
    """Where the reports of a batch are, by position; -1 where an area layer has none."""

    ground: Ground
    lon: list[float | None]
    lat: list[float | None]
    problems: tuple[Problem | None, ...]
    quads: list[int]
    area_keys: list[tuple[int, ...]]
    owned: list[bool]
    sites: list[int | None]


def _cases(
    engine: Engine, city: City, source: str, identified: Sequence[Identified], receipts: bool
) -> tuple[list[Case], Ground]:
    reports = [one.report for one in identified]
    places = _places(engine, city, reports)
    matters = catalogue.matters(engine, city, source, {(r.category, r.matter) for r in reports})
    units = catalogue.unit_ids(engine, city, {r.unit: r.unit_name for r in reports if r.unit})
    cases = []
    for at, one in enumerate(identified):
        report = one.report
        facts = matters.get((report.category, report.matter))
        state, outcome, since = _standing(one)
        cases.append(
            Case(
                report=report,
                said_at=one.said_at,
                hash=one.hash,
                occurrence=1,
                receipt=secrets.token_urlsafe(12) if receipts else None,
                body=one.body,
                address=one.address,
                note=one.note,
                lon=places.lon[at],
                lat=places.lat[at],
                problem=places.problems[at],
                matter_id=facts.id if facts else None,
                unit_id=units.get(report.unit),
                site_id=places.sites[at],
                quad=places.quads[at],
                area_keys=places.area_keys[at],
                owned=places.owned[at],
                radius_m=RADIUS_M if places.problems[at] is None else None,
                urgent=report.urgent or (facts is not None and facts.urgent),
                public=report.public and (facts is None or facts.public) and report.kind != "denunciation",
                state=state,
                outcome=outcome,
                since=since,
            )
        )
    return cases, places.ground


_STATES: Final = {state.value: state for state in State}


def _standing(one: Identified) -> tuple[State, str | None, datetime]:
    """Where the ticket stands as the source says, what came of it if it has ended, and since when."""
    standing = one.report.standing
    if standing is None:
        return State.REGISTERED, None, one.said_at
    state = _STATES[standing.state]
    since = max(standing.at, one.said_at) if standing.at else one.said_at
    return state, None if state in OPEN else standing.outcome, since


def _places(engine: Engine, city: City, reports: Sequence[Report]) -> _Places:
    with engine.connect() as connection:
        here = ground(connection, city)
    located = locate([r.x for r in reports], [r.y for r in reports], [r.crs for r in reports], here.in_city)
    placed = np.flatnonzero(located.placed)
    lon, lat = located.lon[placed], located.lat[placed]
    codes = np.zeros(len(reports), dtype=np.int64)
    codes[placed] = quads(lon, lat)
    areas: list[tuple[int, ...]] = [()] * len(reports)
    owned = [False] * len(reports)
    found = {layer.name: layer.find(lon, lat) for layer in here.layers}
    keys = [
        np.where(at == NONE, 0, layer.key_ids[at]).tolist()
        for layer, at in ((layer, found[layer.name]) for layer in here.layers)
    ]
    for position, row in zip(placed.tolist(), zip(*keys, strict=True), strict=True):
        areas[position] = tuple(key for key in row if key)
    for position, at in zip(placed.tolist(), found[here.responsible].tolist(), strict=True):
        owned[position] = at != NONE
    names, centre_lon, centre_lat = spots(lon, lat, city.metric_crs)
    ids = catalogue.site_ids(engine, city, "spot", names, centre_lon, centre_lat)
    sites: list[int | None] = [None] * len(reports)
    for position, name in zip(placed.tolist(), names, strict=True):
        sites[position] = ids[name]
    return _Places(
        here, _numbers(located.lon), _numbers(located.lat), located.problems, codes.tolist(), areas, owned, sites
    )


def _numbers(values: np.ndarray[Any, np.dtype[np.float64]]) -> list[float | None]:
    return [None if math.isnan(value) else value for value in values.tolist()]


@dataclass(slots=True)
class _Fate:
    """What is to become of the report at one position of a batch.

    same: it is stored already; same_at: it stands earlier in the batch. update: its reference is known. opens: it
    opens a ticket. follows, follows_at: it speaks of that ticket, or of the one opened at that position. before,
    before_at: reports of its reference that waited for a place until now.
    """

    same: Known | None = None
    same_at: int | None = None
    update: bool = False
    opens: bool = False
    follows: Known | None = None
    follows_at: int | None = None
    before: tuple[int, ...] = ()
    before_at: tuple[int, ...] = ()

    @property
    def stored(self) -> bool:
        """Whether it is new and will be stored."""
        return self.same is None and self.same_at is None

    @property
    def waits(self) -> bool:
        """Whether it will be stored without a ticket."""
        return self.stored and not self.opens and self.follows is None and self.follows_at is None


def _write(connection: Connection, prepared: Prepared, here: Ground, run_id: int | None, keyed: bool) -> list[Taken]:
    cases = list(prepared.cases)
    evidence = {"rule": "covers", "layer": here.responsible, "version": here.versions[here.responsible]}
    origin = Origin(prepared.city, prepared.source, run_id, evidence)
    names = None if run_id else [case.report.ref or case.hash for case in cases]
    known.hold(connection, origin.city.id, origin.source, names)
    fates = _decide(connection, origin, cases)
    if keyed and any(fate.update for fate in fates):
        raise KeyReused()
    return _carry_out(connection, origin, cases, fates)


def _decide(connection: Connection, origin: Origin, cases: list[Case]) -> list[_Fate]:
    """The fate of each report, in order, as if they came one by one: so the cut into batches makes no difference."""
    refs = [case.report.ref for case in cases if case.report.ref is not None]
    stored = known.by_ref(connection, origin.city.id, origin.source, refs)
    nameless = [at for at, case in enumerate(cases) if case.report.ref is None]
    numbers = known.occurrences(connection, origin.run_id, [cases[at].hash for at in nameless])
    for at, number in zip(nameless, numbers, strict=True):
        if number != 1:
            cases[at] = replace(cases[at], occurrence=number)
    keys = [(cases[at].hash, cases[at].occurrence) for at in nameless]
    contents = known.by_content(connection, origin.city.id, origin.source, keys)
    earlier: dict[str, list[int]] = {}
    fates: list[_Fate] = []
    for at, case in enumerate(cases):
        ref = case.report.ref
        if ref is None:
            same = contents.get((case.hash, case.occurrence))
            fates.append(_Fate(same=same, opens=same is None and case.placed))
            continue
        mates = earlier.setdefault(ref, [])
        fates.append(_fate(case, cases, fates, stored.get(ref, ()), mates))
        if fates[at].stored:
            mates.append(at)
    return fates


def _fate(
    case: Case, cases: Sequence[Case], fates: Sequence[_Fate], stored: Sequence[Known], mates: Sequence[int]
) -> _Fate:
    """The fate of a report with a reference; mates are earlier positions of the batch that will be stored under it."""
    for one in stored:
        if one.hash == case.hash:
            return _Fate(same=one)
    for at in mates:
        if cases[at].hash == case.hash:
            return _Fate(same_at=at)
    fate = _Fate(update=bool(stored or mates))
    fate.follows = next((one for one in stored if one.ticket_id is not None), None)
    if fate.follows is None:
        fate.follows_at = next((at for at in mates if fates[at].opens), None)
    fate.opens = case.placed and fate.follows is None and fate.follows_at is None
    if fate.opens:
        fate.before, fate.before_at = tuple(one.id for one in stored), tuple(mates)
    return fate


def _carry_out(connection: Connection, origin: Origin, cases: Sequence[Case], fates: Sequence[_Fate]) -> list[Taken]:
    opening = [at for at, fate in enumerate(fates) if fate.opens]
    opened = dict(zip(opening, writer.open_tickets(connection, origin, [cases[at] for at in opening]), strict=True))
    tickets = {at: _ticket(at, fate, opened) for at, fate in enumerate(fates) if fate.stored}
    stored = [cases[at] for at in tickets]
    ids = writer.store_reports(connection, origin, stored, [_id(ticket) for ticket in tickets.values()])
    reports = dict(zip(tickets, ids, strict=True))
    _append_events(connection, origin, cases, fates, opened, reports)
    following = [(at, ticket[0]) for at, ticket in tickets.items() if ticket and not fates[at].opens]
    writer.follow(
        connection,
        origin,
        [cases[at] for at, _ in following],
        [ticket_id for _, ticket_id in following],
        [reports[at] for at, _ in following],
    )
    known.place(connection, [(one, opened[at][0]) for at in opening for one in _waiting(fates[at], reports)])
    return [_taken(at, case, fates[at], tickets, reports) for at, case in enumerate(cases)]


def _ticket(at: int, fate: _Fate, opened: dict[int, tuple[int, str]]) -> tuple[int, str] | None:
    if fate.follows is not None and fate.follows.ticket_id is not None:
        return fate.follows.ticket_id, fate.follows.number or ""
    return opened.get(at if fate.follows_at is None else fate.follows_at)


def _id(ticket: tuple[int, str] | None) -> int | None:
    return ticket[0] if ticket else None


def _waiting(fate: _Fate, reports: dict[int, int]) -> list[int]:
    return [*fate.before, *(reports[at] for at in fate.before_at)]


def _append_events(
    connection: Connection,
    origin: Origin,
    cases: Sequence[Case],
    fates: Sequence[_Fate],
    opened: dict[int, tuple[int, str]],
    reports: dict[int, int],
) -> None:
    chosen = list(opened)
    events = writer.openings(
        origin, [cases[at] for at in chosen], [opened[at][0] for at in chosen], [reports[at] for at in chosen]
    )
    for at, report_id in reports.items():
        if fates[at].waits:
            case, codes = cases[at], writer.codes(problem=cases[at].problem)
            events.append(writer.Happening(None, report_id, "unplaced", None, None, case.said_at, origin.actor, codes))
    writer.append_events(connection, origin.run_id, events)


def _taken(
    at: int, case: Case, fate: _Fate, tickets: dict[int, tuple[int, str] | None], reports: dict[int, int]
) -> Taken:
    if fate.same is not None:
        return _seen(fate.same)
    first = at if fate.same_at is None else fate.same_at
    ticket = tickets[first]
    status = "opened" if fate.opens else "updated" if fate.update else "unplaced"
    status = "seen" if fate.same_at is not None else status
    return Taken(
        status=status,
        report_id=reports[first],
        receipt=case.receipt,
        ticket_id=_id(ticket),
        number=ticket[1] if ticket else None,
        problem=None if ticket else case.problem,
        unowned=fate.opens and not case.owned,
    )


def _seen(same: Known) -> Taken:
    problem = Problem(same.problem) if same.problem and same.ticket_id is None else None
    return Taken("seen", same.id, same.receipt, same.ticket_id, same.number, problem)
