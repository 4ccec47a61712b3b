"""The one path: a batch of reports cleaned, located, assigned, matched and written; a form is a batch of one."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from psycopg.errors import DeadlockDetected, UniqueViolation
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from geoapp.assign.areas import Ground
from geoapp.city import City
from geoapp.errors import KeyReused
from geoapp.intake.classify import Classified, recognise
from geoapp.intake.clean import identify
from geoapp.intake.dispatching import send
from geoapp.intake.places import by_words, find
from geoapp.intake.urgency import urgent_by_words
from geoapp.lifecycle import OPEN, Kind, LeadState
from geoapp.locate.coordinates import locate
from geoapp.records import Problem, Taken
from geoapp.store import catalogue, copy, filed, known, leads
from geoapp.store.acting import Identity, act
from geoapp.store.catalogue import KnownSites, MatterFacts
from geoapp.store.ground import ground
from geoapp.store.known import Known
from geoapp.store.queries import waiting
from geoapp.tickets import writer
from geoapp.tickets.cases import Cases, Statements, pick
from geoapp.tickets.writer import Origin
from importers.base import Report

_TRIES: Final = 5


def take(
    engine: Engine, city: City, source: str, reports: Sequence[Report], *,
    run_id: int | None = None, receipts: bool = False, keyed: bool = False, account_id: int | None = None,
) -> list[Taken]:  # fmt: skip
    """Take a batch of reports in, in one transaction; what became of each, in order.

    receipts: each report gets a receipt of its own. keyed: the reference is a caller's Idempotency-Key, which may
    come again with the same content but not with another. account_id: whose those are that are new.

    Raises:
        KeyReused: keyed, and a reference is known with other content; nothing is written.
    """
    prepared = prepare(engine, city, source, identify(reports), receipts)
    done = write(engine, prepared, run_id, keyed, account_id=account_id)
    return done.taken()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A batch located, classified and assigned, nothing written yet.

    seen answers for those that are known already, by position; unseen are the positions of the cases.
    """

    city: City
    source: str
    seen: dict[int, Taken]
    unseen: Sequence[int]
    cases: Cases | None
    ground: Ground | None


def prepare(
    engine: Engine, city: City, source: str, said: Statements, receipts: bool = False, look: bool = True,
    met: KnownSites | None = None,
) -> Prepared:  # fmt: skip
    """The first half of the path, which leans on nothing that other batches write: a run does it ahead.

    look: spare what is known already the work; the second half looks again, so this changes the cost alone.
    met: what a run remembers of sites.
    """
    seen = _seen_before(engine, city, source, said) if look else {}
    unseen = [at for at in range(len(said)) if at not in seen]
    if not unseen:
        return Prepared(city, source, seen, unseen, None, None)
    cases, here = _cases(engine, city, source, said.pick(unseen), receipts, met)
    return Prepared(city, source, seen, unseen, cases, here)


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a batch: of those seen before, by position, and of the others, a column a fact, in order."""

    seen: dict[int, Taken]
    unseen: Sequence[int]
    status: Sequence[str]
    report_id: Sequence[int]
    ticket: Sequence[tuple[int, str] | None]
    receipt: Sequence[str | None]
    problem: Sequence[Problem | None]
    unowned: Sequence[bool]

    def taken(self) -> list[Taken]:
        """The answer for each report, in the order they were given."""
        columns = zip(self.status, self.report_id, self.receipt, self.ticket, self.problem, self.unowned, strict=True)
        found = dict(self.seen)
        for at, (status, report_id, receipt, ticket, problem, unowned) in zip(self.unseen, columns, strict=True):
            ticket_id, number = ticket or (None, None)
            found[at] = Taken(status, report_id, receipt, ticket_id, number, None if ticket else problem, unowned)
        return [found[at] for at in range(len(found))]


def write(
    engine: Engine, prepared: Prepared, run_id: int | None = None, keyed: bool = False,
    beside: Callable[[Connection], None] | None = None, account_id: int | None = None,
) -> Done:  # fmt: skip
    """The second half: matched and written in one transaction, and what is to be written beside it.

    Raises:
        KeyReused: as take().
    """
    for attempt in range(_TRIES):
        try:
            with engine.begin() as connection:
                if beside is not None:
                    beside(connection)
                if prepared.cases is None or prepared.ground is None:
                    return Done(prepared.seen, (), (), (), (), (), (), ())
                done = _write(connection, prepared, prepared.cases, prepared.ground, run_id, keyed)
                if account_id is not None:
                    _own(connection, city_id=prepared.city.id, account_id=account_id, done=done)
                return done
        except DBAPIError as error:
            # Another session stored one of these meanwhile; now it is known, so look again.
            if not isinstance(error.orig, UniqueViolation | DeadlockDetected) or attempt == _TRIES - 1:
                raise
        except (UniqueViolation, DeadlockDetected):
            if attempt == _TRIES - 1:
                raise
    raise AssertionError("unreachable")


def _own(connection: Connection, *, city_id: int, account_id: int, done: Done) -> None:
    """Note whose the reports are that were stored; what was stored before is whose it was."""
    new = [one for one, status in zip(done.report_id, done.status, strict=True) if status != "seen"]
    act(connection, Identity(account_id))
    filed.keep(connection, city_id, new)


def _seen_before(engine: Engine, city: City, source: str, said: Statements) -> dict[int, Taken]:
    """Positions of reports whose reference and content are stored: nothing more need be found out about them."""
    with engine.connect() as connection:
        stored = known.by_ref(connection, city.id, source, [ref for ref in said.ref if ref is not None])
    return {
        at: _seen(same)
        for at, (ref, content) in enumerate(zip(said.ref, said.hash, strict=True))
        for same in (stored.get(ref, ()) if ref is not None else ())
        if same.hash == content
    }


def check_place(engine: Engine, city: City, x: float | None, y: float | None, crs: str) -> Problem | None:
    """What is wrong with coordinates somebody is about to report; None: they are in the city."""
    with engine.connect() as connection:
        here = ground(connection, city)
    return locate([x], [y], [crs], here.in_city).problems[0]


def _cases(
    engine: Engine, city: City, source: str, said: Statements, receipts: bool, met: KnownSites | None
) -> tuple[Cases, Ground]:
    recognised = _recognised(city, said)
    words = [
        (one.category or "", one.matter or "") if one else pair
        for one, pair in zip(recognised, zip(said.category, said.matter, strict=True), strict=True)
    ]
    found = catalogue.matters(engine, city, source, set(words))
    matters = [found.get(pair, _NO_MATTER) for pair in words]
    places = find(engine, city, said, [matter.code for matter in matters], met)
    named = {unit: name for unit, name in zip(said.unit, said.unit_name, strict=True) if unit}
    units = catalogue.unit_ids(engine, city, named)
    located, lying = places.located, places.lying
    hurries = _hurries(said, matters)
    cases = Cases(
        said=said,
        occurrence=[1] * len(said),
        receipt=[secrets.token_urlsafe(12) if receipts else None for _ in range(len(said))],
        problem=located.problems,
        lon=located.lon,
        lat=located.lat,
        point=writer.points(located.lon, located.lat),
        precision=places.precision,
        radius_m=places.radius_m,
        confidence=places.confidence,
        found_by=places.found_by,
        conflicts=places.conflicts,
        quad=lying.quads,
        area_keys=lying.area_keys,
        owned=lying.owned,
        quality=lying.qualities,
        site_id=lying.sites,
        matter_id=[matter.id for matter in matters],
        recognised=[None if one is None else dict(one.evidence) for one in recognised],
        unit_id=[units.get(unit) for unit in said.unit],
        urgent=[asked or at in hurries for at, asked in enumerate(said.urgent)],
        urgent_by=hurries,
        public=[
            open_ and matter.public and kind != Kind.DENUNCIATION
            for open_, matter, kind in zip(said.public, matters, said.kind, strict=True)
        ],
    )
    spoken = [(matter.category or "", matter.code or "") for matter in matters]
    with engine.connect() as connection:
        return send(connection, city, places.ground, cases, spoken), places.ground


def _recognised(city: City, said: Statements) -> list[Classified | None]:
    """What the texts of those are about that name no matter, where that is sure."""
    unnamed = [at for at, pair in enumerate(zip(said.category, said.matter, strict=True)) if not any(pair)]
    found: list[Classified | None] = [None] * len(said)
    for at, one in zip(unnamed, recognise(city, [said.body[at] for at in unnamed]), strict=True):
        found[at] = one
    return found


def _hurries(said: Statements, matters: Sequence[MatterFacts]) -> dict[int, dict[str, Any]]:
    """Why reports are urgent, by position: by their matter, or by what they say of something that is not over."""
    found: dict[int, dict[str, Any]] = {
        at: {"rule": "words", "kind": kind} for at, kind in urgent_by_words(said.body).items() if said.state[at] in OPEN
    }
    return found | {at: {"rule": "matter"} for at, matter in enumerate(matters) if matter.urgent}


_NO_MATTER: Final = MatterFacts(None, None, urgent=False, public=True)


def check_words(engine: Engine, city: City, words: str) -> Problem | None:
    """What is wrong with words by which somebody is about to say where it is; None: they name a place."""
    with engine.connect() as connection:
        (found,) = by_words(connection, city, ground(connection, city), [words], [""])
    return found.problem


@dataclass(frozen=True, slots=True)
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


# What becomes of nearly all: nothing is known of it, and it has a place or has none.
_OPENS: Final = _Fate(opens=True)
_WAITS: Final = _Fate()


def _write(
    connection: Connection, prepared: Prepared, cases: Cases, here: Ground, run_id: int | None, keyed: bool
) -> Done:
    evidence = {"rule": "covers", "layer": here.responsible, "version": here.versions[here.responsible]}
    origin = Origin(prepared.city, prepared.source, run_id, evidence)
    said = cases.said
    names = None if run_id else [ref or content for ref, content in zip(said.ref, said.hash, strict=True)]
    known.hold(connection, origin.city.id, origin.source, names)
    fates = _decide(connection, origin, cases)
    if keyed and any(fate.update for fate in fates):
        raise KeyReused()
    return _carry_out(connection, origin, prepared, cases, fates)


def _decide(connection: Connection, origin: Origin, cases: Cases) -> list[_Fate]:
    """The fate of each report, in order, as if they came one by one: so the cut into batches makes no difference."""
    refs, contents = cases.said.ref, _contents(connection, origin, cases)
    stored = known.by_ref(connection, origin.city.id, origin.source, [ref for ref in refs if ref is not None])
    earlier: dict[str, list[int]] = {}
    fates: list[_Fate] = []
    for at, (ref, problem) in enumerate(zip(refs, cases.problem, strict=True)):
        first = _OPENS if problem is None and not _is_lead(cases, at) else _WAITS
        if ref is None:
            fates.append(_Fate(same=contents[at]) if at in contents else first)
            continue
        mates = earlier.setdefault(ref, [])
        fate = _fate(cases, at, fates, stored.get(ref, ()), mates) if mates or ref in stored else first
        fates.append(fate)
        if fate.stored:
            mates.append(at)
    return fates


def _is_lead(cases: Cases, at: int) -> bool:
    """Whether it is a lead that nobody has filed: it opens no ticket before somebody does."""
    return cases.said.kind[at] == Kind.LEAD and not cases.said.spoken[at]


def _contents(connection: Connection, origin: Origin, cases: Cases) -> dict[int, Known]:
    """Reports without a reference whose content is stored already, by position; counts each content's occurrences."""
    said = cases.said
    nameless = [at for at, ref in enumerate(said.ref) if ref is None]
    hashes = [said.hash[at] for at in nameless]
    if said.kept_at:
        # A row that was put aside was never stored: it is one more, whatever else says the same.
        numbers = known.next_occurrences(connection, origin.city.id, origin.source, hashes)
    else:
        numbers = known.occurrences(connection, origin.run_id, hashes)
    for at, number in zip(nameless, numbers, strict=True):
        cases.occurrence[at] = number
    keys = {at: (said.hash[at], cases.occurrence[at]) for at in nameless}
    stored = known.by_content(connection, origin.city.id, origin.source, list(keys.values()))
    return {at: stored[key] for at, key in keys.items() if key in stored}


def _fate(cases: Cases, at: int, fates: Sequence[_Fate], stored: Sequence[Known], mates: Sequence[int]) -> _Fate:
    """The fate of a report whose reference is known; mates are earlier positions of the batch stored under it."""
    hashes = cases.said.hash
    for one in stored:
        if one.hash == hashes[at]:
            return _Fate(same=one)
    for mate in mates:
        if hashes[mate] == hashes[at]:
            return _Fate(same_at=mate)
    follows = next((one for one in stored if one.ticket_id is not None), None)
    follows_at = None if follows else next((mate for mate in mates if fates[mate].opens), None)
    opens = cases.placed(at) and follows is None and follows_at is None and not _is_lead(cases, at)
    before, before_at = (tuple(one.id for one in stored), tuple(mates)) if opens else ((), ())
    return _Fate(update=True, opens=opens, follows=follows, follows_at=follows_at, before=before, before_at=before_at)


def _carry_out(
    connection: Connection, origin: Origin, prepared: Prepared, cases: Cases, fates: Sequence[_Fate]
) -> Done:
    opening = [at for at, fate in enumerate(fates) if fate.opens]
    _veil(connection, cases, {at: fates[at] for at in opening if fates[at].before or fates[at].before_at})
    pairs = writer.open_tickets(connection, origin, cases, opening)
    opened = dict(zip(opening, pairs, strict=True))
    stored = [at for at, fate in enumerate(fates) if fate.stored]
    tickets = [_ticket(at, fates[at], opened) for at in stored]
    ids = writer.store_reports(connection, origin, cases, stored, [ticket and ticket[0] for ticket in tickets])
    reports = dict(zip(stored, ids, strict=True))
    writer.append_openings(
        connection, origin, cases, opening, [ticket for ticket, _ in pairs], [reports[at] for at in opening]
    )
    _append_waiting(connection, origin, cases, {at: reports[at] for at in stored if fates[at].waits}, fates)
    following = [(at, ticket[0]) for at, ticket in zip(stored, tickets, strict=True) if ticket and not fates[at].opens]
    writer.follow(
        connection, origin, cases, [at for at, _ in following], [ticket_id for _, ticket_id in following],
        [reports[at] for at, _ in following],
    )  # fmt: skip
    known.place(connection, [(one, opened[at][0]) for at in opening for one in _waiting(fates[at], reports)])
    leads.filed_at_source(connection, [one for at in opening for one in _waiting(fates[at], reports)])
    return _done(prepared, cases, fates, reports, dict(zip(stored, tickets, strict=True)))


def _veil(connection: Connection, cases: Cases, opening: Mapping[int, _Fate]) -> None:
    """Hide the tickets to which something comes that waited and that not everybody may see: once hidden, always."""
    if not opening:
        return
    veils = waiting.veils(connection, [one for fate in opening.values() for one in fate.before])
    for at, fate in opening.items():
        mine = [veils[one] for one in fate.before if one in veils]
        denounced = {cases.said.kind[one] for one in fate.before_at} | {
            Kind.DENUNCIATION for one in mine if one.denounced
        }
        if Kind.DENUNCIATION in denounced:
            cases.said.kind[at] = Kind.DENUNCIATION.value
        if mine or Kind.DENUNCIATION in denounced or not all(cases.public[one] for one in fate.before_at):
            cases.public[at] = False


def _ticket(at: int, fate: _Fate, opened: dict[int, tuple[int, str]]) -> tuple[int, str] | None:
    if fate.follows is not None and fate.follows.ticket_id is not None:
        return fate.follows.ticket_id, fate.follows.number or ""
    return opened.get(at if fate.follows_at is None else fate.follows_at)


def _waiting(fate: _Fate, reports: dict[int, int]) -> list[int]:
    return [*fate.before, *(reports[at] for at in fate.before_at)]


def _append_waiting(
    connection: Connection, origin: Origin, cases: Cases, reports: Mapping[int, int], fates: Sequence[_Fate]
) -> None:
    """The events of reports that wait for a place, or to be filed; their ids by position."""
    found = {at: fates[at].update for at in reports if _is_lead(cases, at)}
    events = [
        writer.Happening(
            None, report_id, "unplaced" if at not in found else "found_again" if found[at] else "found", None,
            LeadState.FOUND.value if found.get(at) is False else None, cases.said.said_at[at], origin.actor,
            copy.json({"problem": cases.problem[at], **_standing(cases, at)}), cases.said.note[at],
        )
        for at, report_id in reports.items()
    ]  # fmt: skip
    writer.append_events(connection, origin.run_id, events)
    first = [(reports[at], cases.said.said_at[at]) for at, again in found.items() if not again]
    leads.add(connection, origin.city.id, first)


def _standing(cases: Cases, at: int) -> dict[str, Any]:
    """What the ticket will need that the report itself does not hold, for when its place is found."""
    said = cases.said
    facts = {
        "state": said.state[at], "outcome": said.outcome[at], "since": said.since[at], "due_at": said.due_at[at],
        "spoken": said.spoken[at] or None, "urgent": cases.urgent[at] or None, "hidden": (not cases.public[at]) or None,
        "conflict": cases.conflicts.get(at), "urgent_by": cases.urgent_by.get(at),
    }  # fmt: skip
    return {name: fact for name, fact in facts.items() if fact is not None}


def _done(
    prepared: Prepared, cases: Cases, fates: Sequence[_Fate], reports: Mapping[int, int],
    tickets: Mapping[int, tuple[int, str] | None],
) -> Done:  # fmt: skip
    first = [at if fate.same_at is None else fate.same_at for at, fate in enumerate(fates)]
    known_before = {at: fate.same for at, fate in enumerate(fates) if fate.same is not None}
    seen = prepared.seen | {prepared.unseen[at]: _seen(same) for at, same in known_before.items()}
    rest = [at for at in range(len(fates)) if at not in known_before]
    return Done(
        seen, pick(prepared.unseen, rest),
        [_status(fates[at], _is_lead(cases, at) and cases.placed(at)) for at in rest],
        [reports[first[at]] for at in rest],
        [tickets[first[at]] for at in rest],
        pick(cases.receipt, [first[at] for at in rest]),
        pick(cases.problem, rest),
        [fates[at].opens and not cases.owned[at] for at in rest],
    )  # fmt: skip


def _status(fate: _Fate, placed_lead: bool) -> str:
    if fate.same_at is not None:
        return "seen"
    return "opened" if fate.opens else "updated" if fate.update else "lead" if placed_lead else "unplaced"


def _seen(same: Known) -> Taken:
    problem = Problem(same.problem) if same.problem and same.ticket_id is None else None
    return Taken("seen", same.id, same.receipt, same.ticket_id, same.number, problem)
