"""The one path: a batch of reports cleaned, located, assigned, matched and written; a form is a batch of one."""

from __future__ import annotations

import math
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import numpy as np
from psycopg.errors import UniqueViolation
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

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
    engine: Engine, city: City, source: str, identified: Sequence[Identified], receipts: bool = False
) -> Prepared:
    """The first half of the path, which leans on nothing that other batches write: a run does it ahead."""
    seen = _seen_before(engine, city, source, identified)
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
        except IntegrityError as error:
            # Another session stored one of these meanwhile; now it is known, so look again.
            if not isinstance(error.orig, UniqueViolation) or attempt == _TRIES - 1:
                raise
        except UniqueViolation:
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
    matters = catalogue.matter_ids(engine, city, source, {(r.category, r.matter) for r in reports})
    units = catalogue.unit_ids(engine, city, {r.unit: r.unit_name for r in reports if r.unit})
    matter_facts = _facts(city)
    cases = []
    for at, one in enumerate(identified):
        report = one.report
        facts = matter_facts.get(report.matter)
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
                matter_id=matters.get((report.category, report.matter)),
                unit_id=units.get(report.unit),
                site_id=places.sites[at],
                quad=places.quads[at],
                area_keys=places.area_keys[at],
                owned=places.owned[at],
                radius_m=RADIUS_M if places.problems[at] is None else None,
                urgent=report.urgent or (facts is not None and facts[0]),
                public=report.public and (facts is None or facts[1]) and report.kind != "denunciation",
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


def _facts(city: City) -> dict[str, tuple[bool, bool]]:
    """By matter code of the pack: urgent or not, public or not."""
    return {matter.code: (matter.urgent, matter.public) for matter in city.matters}


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


def _write(connection: Connection, prepared: Prepared, here: Ground, run_id: int | None, keyed: bool) -> list[Taken]:
    cases = list(prepared.cases)
    evidence = {"rule": "covers", "layer": here.responsible, "version": here.versions[here.responsible]}
    origin = Origin(prepared.city, prepared.source, run_id, evidence)
    taken: list[Taken | None] = [None] * len(cases)
    for batch in _rounds(cases):
        for position, answer in _write_round(connection, origin, cases, batch, keyed):
            taken[position] = answer
    return [answer for answer in taken if answer is not None]


def _rounds(cases: Sequence[Case]) -> list[list[int]]:
    """Positions in batches that hold no reference twice: what a later row says of it must meet the earlier one."""
    rounds: list[list[int]] = []
    times: dict[str, int] = {}
    for position, case in enumerate(cases):
        ref = case.report.ref
        number = 0 if ref is None else times.get(ref, 0)
        if ref is not None:
            times[ref] = number + 1
        if number == len(rounds):
            rounds.append([])
        rounds[number].append(position)
    return rounds


def _write_round(
    connection: Connection, origin: Origin, cases: list[Case], batch: Sequence[int], keyed: bool
) -> list[tuple[int, Taken]]:
    answers: list[tuple[int, Taken]] = []
    fresh: list[int] = []
    updates: list[tuple[int, Known]] = []
    for position, same, earlier in _compare(connection, origin, cases, batch):
        if same is not None:
            answers.append((position, _seen(same)))
        elif earlier is None:
            fresh.append(position)
        elif keyed:
            raise KeyReused()
        else:
            updates.append((position, earlier))
    # An update that brings the first usable place opens the ticket its report was waiting for.
    opening = fresh + [p for p, earlier in updates if earlier.ticket_id is None]
    following = [(p, earlier) for p, earlier in updates if earlier.ticket_id is not None]
    answers += _open(connection, origin, cases, opening, {p for p, _ in updates})
    answers += _follow(connection, origin, cases, following)
    return answers


def _compare(
    connection: Connection, origin: Origin, cases: list[Case], batch: Sequence[int]
) -> list[tuple[int, Known | None, Known | None]]:
    """For each position: the stored report that is the same, or else the latest one under its reference."""
    named = [p for p in batch if cases[p].report.ref is not None]
    nameless = [p for p in batch if cases[p].report.ref is None]
    by_ref = known.by_ref(connection, origin.city.id, origin.source, [cases[p].report.ref or "" for p in named])
    compared: list[tuple[int, Known | None, Known | None]] = []
    for position in named:
        stored = by_ref.get(cases[position].report.ref or "", [])
        same = next((one for one in stored if one.hash == cases[position].hash), None)
        ticketed = next((one for one in stored if one.ticket_id is not None), None)
        compared.append((position, same, ticketed or (stored[-1] if stored else None)))
    numbers = known.occurrences(connection, origin.run_id, [cases[p].hash for p in nameless])
    keys = [(cases[p].hash, number) for p, number in zip(nameless, numbers, strict=True)]
    by_content = known.by_content(connection, origin.city.id, origin.source, keys)
    for position, key in zip(nameless, keys, strict=True):
        if key[1] != 1:
            cases[position] = replace(cases[position], occurrence=key[1])
        compared.append((position, by_content.get(key), None))
    return compared


def _seen(same: Known) -> Taken:
    problem = Problem(same.problem) if same.problem and same.ticket_id is None else None
    return Taken("seen", same.id, same.receipt, same.ticket_id, same.number, problem)


def _open(
    connection: Connection, origin: Origin, cases: Sequence[Case], positions: Sequence[int], updates: set[int]
) -> list[tuple[int, Taken]]:
    chosen = [cases[p] for p in positions]
    placed = [case for case in chosen if case.placed]
    opened = iter(writer.open_tickets(connection, origin, placed))
    tickets = [next(opened) if case.placed else None for case in chosen]
    reports = writer.store_reports(connection, origin, chosen, [ticket[0] if ticket else None for ticket in tickets])
    both = [(case, t[0], r) for case, t, r in zip(chosen, tickets, reports, strict=True) if t is not None]
    events = writer.openings(origin, [c for c, _, _ in both], [t for _, t, _ in both], [r for _, _, r in both])
    waiting = [
        writer.Happening(None, r, "unplaced", None, None, c.said_at, origin.actor, writer.codes(problem=c.problem))
        for c, t, r in zip(chosen, tickets, reports, strict=True)
        if t is None
    ]
    writer.append_events(connection, origin.run_id, events + waiting)
    answers = []
    for position, case, ticket, report_id in zip(positions, chosen, tickets, reports, strict=True):
        status = "updated" if ticket is None and position in updates else "opened" if ticket else "unplaced"
        number = ticket[1] if ticket else None
        unowned = ticket is not None and not case.owned
        taken = Taken(status, report_id, case.receipt, ticket[0] if ticket else None, number, case.problem, unowned)
        answers.append((position, taken))
    return answers


def _follow(
    connection: Connection, origin: Origin, cases: Sequence[Case], updates: Sequence[tuple[int, Known]]
) -> list[tuple[int, Taken]]:
    chosen = [cases[p] for p, _ in updates]
    tickets = [earlier.ticket_id or 0 for _, earlier in updates]
    reports = writer.store_reports(connection, origin, chosen, tickets)
    writer.follow(connection, origin, chosen, tickets, reports)
    return [
        (position, Taken("updated", report_id, case.receipt, earlier.ticket_id, earlier.number))
        for (position, earlier), case, report_id in zip(updates, chosen, reports, strict=True)
    ]
