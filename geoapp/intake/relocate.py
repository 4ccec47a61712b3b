"""Reports located again: those that wait get the place a person or mended names give them, tickets a better one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, TypeVar

import numpy as np
from sqlalchemy import Connection, Engine

from geoapp.assign.areas import Ground
from geoapp.city import City
from geoapp.errors import NotFound, PlacedMeanwhile
from geoapp.intake.again import reconsider
from geoapp.intake.dispatching import send
from geoapp.intake.places import Found, Lying, by_words, lying, words_of
from geoapp.lifecycle import Kind, State
from geoapp.locate.answer import Precision
from geoapp.locate.conflict import metres
from geoapp.locate.coordinates import PRECISION
from geoapp.locate.datum import Floats
from geoapp.locate.weighing import RANK
from geoapp.store import aliases, gazetteer, known
from geoapp.store.ground import ground
from geoapp.store.queries import waiting
from geoapp.store.queries.waiting import ByWords, Veil, Waiting
from geoapp.tickets import writer
from geoapp.tickets.cases import Cases, Statements
from geoapp.tickets.relocations import NAMES, Relocation, Spot, note_found, note_places, relocate
from geoapp.tickets.writer import Happening, Origin

R = TypeVar("R", Waiting, ByWords)
BATCH: Final = 1_000
SYSTEM: Final = "system:locate"
_LESS_SURE: Final = 0.05
"""A place known more finely may be a little less sure."""

_MOVED_M: Final = 1.0


@dataclass(frozen=True, slots=True)
class Opened:
    """A report that waited and the ticket it became."""

    report_id: int
    ticket_id: int
    number: str


@dataclass(frozen=True, slots=True)
class Again:
    """What locating again did: read reports, tickets opened, moved, and those whose words no longer say where."""

    read: int = 0
    opened: int = 0
    moved: int = 0
    doubtful: int = 0

    def plus(self, read: int = 0, opened: int = 0, moved: int = 0, doubtful: int = 0) -> Again:
        """The same with more of each."""
        return Again(self.read + read, self.opened + opened, self.moved + moved, self.doubtful + doubtful)


def place(engine: Engine, city: City, spots: Mapping[int, Spot], actor: str) -> list[Opened]:
    """Open the tickets of reports that wait, where they are now known to be; spots by report, in WGS-84.

    The newest report of a reference speaks for all that wait under it, and all come with it. One that has a ticket
    meanwhile is left as it is.
    """
    with engine.connect() as connection:
        here = ground(connection, city)
        speaking = waiting.newest(connection, city.id, sorted(spots))
    # Where several of one reference are given a place, the last given says where it is.
    chosen = {one.id: (one, spots[asked]) for asked, one in speaking.items()}
    found: list[Opened] = []
    for source in sorted({one.source for one, _ in chosen.values()}):
        mine = [pair for pair in chosen.values() if pair[0].source == source]
        found += open_at(engine, city, here, source, mine, actor)
    return found


def open_at(
    engine: Engine, city: City, here: Ground, source: str, chosen: Sequence[tuple[Waiting, Spot]], actor: str,
    before: Callable[[Connection], None] = lambda connection: None,
) -> list[Opened]:  # fmt: skip
    """Open the tickets of reports of one source, each at its place; before: what is done first in the transaction."""
    rows, spots = [row for row, _ in chosen], [spot for _, spot in chosen]
    lon, lat = _points(spots)
    lie = lying(engine, city, here, lon, lat, [row.matter_code for row in rows])
    words = [(row.category_code or "", row.matter_code or "") for row in rows]
    evidence = {"rule": "covers", "layer": here.responsible, "version": here.versions[here.responsible]}
    origin = Origin(city, source, None, evidence)
    with engine.begin() as connection:
        known.hold(connection, city.id, source, [row.ref or str(row.id) for row in rows])
        before(connection)
        ids = [row.id for row in rows]
        # Said something newer meanwhile: that waits for its own turn.
        leads = any(row.kind == Kind.LEAD for row in rows)
        current = {one.id for one in waiting.newest(connection, city.id, ids, leads).values()}
        still = waiting.held(connection, ids) & current
        at = [nth for nth, one in enumerate(ids) if one in still]
        mates = waiting.mates(connection, [ids[nth] for nth in at])
        veils = waiting.veils(connection, [mate for every in mates.values() for mate in every])
        cases = _cases(rows, spots, lon, lat, lie, [_veil(veils, mates.get(one, ())) for one in ids])
        cases = send(connection, city, here, cases, words)
        tickets = writer.open_tickets(connection, origin, cases, at)
        opened = [Opened(ids[nth], *ticket) for nth, ticket in zip(at, tickets, strict=True)]
        note_places(connection, [(ids[nth], spots[nth]) for nth in at])
        known.place(connection, [(mate, one.ticket_id) for one in opened for mate in mates[one.report_id]])
        writer.append_openings(
            connection, origin, cases, at, [one.ticket_id for one in opened], [one.report_id for one in opened]
        )
        found = zip(opened, at, strict=True)
        note_found(connection, [(one.ticket_id, one.report_id, spots[nth]) for one, nth in found], actor)
    return opened


def _veil(veils: Mapping[int, Veil], mates: Sequence[int]) -> Veil:
    """What all reports of one reference together ask of their ticket."""
    mine = [veils[mate] for mate in mates if mate in veils]
    return Veil(any(one.hidden for one in mine), any(one.denounced for one in mine))


def _points(spots: Sequence[Spot | ByWords]) -> tuple[Floats, Floats]:
    return np.array([one.lon for one in spots], np.float64), np.array([one.lat for one in spots], np.float64)


def _cases(
    rows: Sequence[Waiting], spots: Sequence[Spot], lon: Floats, lat: Floats, lie: Lying, veils: Sequence[Veil]
) -> Cases:
    """Reports that waited as the writer takes them: what they said, and what was kept when they were put aside."""
    count = len(rows)
    first = State.REGISTERED.value
    codes = [row.codes for row in rows]
    said_at = [str(row.said_at) for row in rows]
    nothing: list[Any] = [None] * count
    said = Statements(
        ref=[row.ref for row in rows], hash=[""] * count, said_at=said_at, 
        kind=[Kind.DENUNCIATION.value if veil.denounced else row.kind for row, veil in zip(rows, veils, strict=True)],
        category=[""] * count, matter=[""] * count, body=[row.body for row in rows],
        address=[row.address for row in rows], note=[row.note for row in rows], x=nothing, y=nothing,
        crs=[""] * count, unit=[""] * count, unit_name=[""] * count, recorded_area=[""] * count,
        channel=[row.channel or "" for row in rows], urgent=[bool(one.get("urgent")) for one in codes],
        public=[not veil.hidden for veil in veils], due_at=[one.get("due_at") for one in codes],
        state=[one.get("state", first) for one in codes], outcome=[one.get("outcome") for one in codes],
        since=[one.get("since", when) for one, when in zip(codes, said_at, strict=True)],
        spoken=[bool(one.get("spoken")) for one in codes], dated=[False] * count,
        reporters={}, originals={}, measured={}, posts={},
    )  # fmt: skip
    return Cases(
        said=said, occurrence=[1] * count, receipt=nothing, problem=nothing, lon=lon, lat=lat,
        point=writer.points(lon, lat), precision=[spot.precision for spot in spots],
        radius_m=[spot.radius_m for spot in spots], confidence=[spot.confidence for spot in spots],
        found_by={at: spot.names for at, spot in enumerate(spots) if spot.rule == NAMES}, 
        conflicts={at: one["conflict"] for at, one in enumerate(codes) if isinstance(one.get("conflict"), dict)},
        quad=lie.quads, area_keys=lie.area_keys, owned=lie.owned, quality=lie.qualities, site_id=lie.sites,
        matter_id=[row.matter_id for row in rows], recognised=nothing, unit_id=[row.unit_id for row in rows],
        urgent=said.urgent,
        urgent_by={at: one["urgent_by"] for at, one in enumerate(codes) if isinstance(one.get("urgent_by"), dict)},
        public=[not veil.hidden for veil in veils],
    )  # fmt: skip


def move(engine: Engine, city: City, number: str, spot: Spot, actor: str) -> None:
    """Put the ticket of that number where a person says it is, and ask the list anew whose it is there.

    Raises:
        NotFound: the city has no such ticket.
        PlacedMeanwhile: somebody else moved it at the same moment.
    """
    with engine.connect() as connection:
        here = ground(connection, city)
        stands = waiting.standing(connection, city.id, number)
    if stands is None:
        raise NotFound()
    lie = lying(engine, city, here, *_points([spot]), [stands.matter_code])
    was = {"lon": stands.lon, "lat": stands.lat, "precision": stands.precision, "radius_m": stands.radius_m}
    with engine.begin() as connection:
        done = relocate(
            connection, city.id, [_relocation(stands.ticket_id, stands.report_id, was, spot, lie, 0)], actor
        )
        reconsider(connection, city, here, done)
    if not done:
        raise PlacedMeanwhile()


def locate_again(
    engine: Engine, city: City, batch: int = BATCH, progress: Callable[[int], None] = lambda read: None
) -> Again:
    """Locate all reports that wait for want of a place in their words, and all that words have placed, once more.

    A report that has a place now opens its ticket. A ticket moves where the names now say another place that is no
    less sure; one whose words no longer say a place stays, and is counted. Every change is an event; each batch is a
    transaction, and what is done once changes nothing the second time, so that it can be stopped at any moment.
    """
    with engine.connect() as connection:
        pending = aliases.pending(connection, city.id)
        gazetteer.locator(connection, city, newest=True)
    done = Again()
    for rows in _batches(engine, partial(waiting.after, city_id=city.id, limit=batch)):
        found = _located(engine, city, rows)
        spots = {row.id: _spot(one) for row, one in zip(rows, found, strict=True) if one.problem is None}
        done = done.plus(len(rows), opened=len(place(engine, city, spots, SYSTEM)) if spots else 0)
        progress(done.read)
    for placed in _batches(engine, partial(waiting.by_words, city_id=city.id, limit=batch)):
        found = _located(engine, city, placed)
        both = [(row, one) for row, one in zip(placed, found, strict=True) if row.stands]
        better = [(row, one) for row, one in both if _improves(row, one)]
        lost = [row for row, one in both if one.problem is not None]
        _doubt(engine, lost)
        done = done.plus(len(placed), moved=_move(engine, city, better), doubtful=len(lost))
        progress(done.read)
    if pending:
        with engine.begin() as connection:
            aliases.applied(connection, pending)
    return done


def _batches(engine: Engine, read: Callable[..., list[R]]) -> Iterator[list[R]]:
    """Reports a batch at a time in the order of their keys, each read when the one before has been dealt with."""
    last = 0
    while True:
        with engine.connect() as connection:
            rows = read(connection, last=last)
        if not rows:
            return
        yield rows
        last = rows[-1].id


def _located(engine: Engine, city: City, rows: Sequence[Waiting | ByWords]) -> list[Found]:
    with engine.connect() as connection:
        texts = [words_of(row.address, row.body) for row in rows]
        recorded = [row.recorded_area or "" for row in rows]
        return by_words(connection, city, ground(connection, city), texts, recorded)


def _spot(one: Found) -> Spot:
    assert one.lon is not None and one.lat is not None
    return Spot(one.lon, one.lat, one.precision, one.radius_m, one.confidence, one.names, NAMES)


def _improves(before: ByWords, now: Found) -> bool:
    """Whether what words say now is another place, known as finely and about as surely as the one before."""
    if now.lon is None or now.lat is None or metres(before.lon, before.lat, now.lon, now.lat) < _MOVED_M:
        return False
    return _fineness(now.precision) >= _fineness(before.precision) and now.confidence >= before.confidence - _LESS_SURE


def _fineness(precision: str) -> float:
    """How fine a kind of place is; coordinates in the words are the finest."""
    return 1.0 if precision == PRECISION else RANK[Precision(precision)]


def _doubt(engine: Engine, lost: Sequence[ByWords]) -> None:
    """Note of tickets whose words no longer say where they are that their place is in doubt, once."""
    if not lost:
        return
    now = str(datetime.now(UTC))
    with engine.begin() as connection:
        known_already = waiting.doubted(connection, [row.ticket_id for row in lost])
        events = [
            Happening(row.ticket_id, row.id, "doubted", None, None, now, SYSTEM)
            for row in lost
            if row.ticket_id not in known_already
        ]
        writer.append_events(connection, None, events)


def _move(engine: Engine, city: City, better: Sequence[tuple[ByWords, Found]]) -> int:
    if not better:
        return 0
    spots = [_spot(now) for _, now in better]
    with engine.connect() as connection:
        here = ground(connection, city)
    lie = lying(engine, city, here, *_points(spots), [row.matter_code for row, _ in better])
    moved = [
        _relocation(row.ticket_id, row.id, _was(row), spot, lie, at)
        for at, ((row, _), spot) in enumerate(zip(better, spots, strict=True))
    ]
    with engine.begin() as connection:
        done = relocate(connection, city.id, moved, SYSTEM)
        reconsider(connection, city, here, done)
    return len(done)


def _was(row: ByWords) -> dict[str, Any]:
    return {
        "lon": round(row.lon, 7), "lat": round(row.lat, 7), "precision": row.precision, "radius_m": row.radius_m,
        "confidence": row.confidence,
    }  # fmt: skip


def _relocation(
    ticket_id: int, report_id: int | None, was: Mapping[str, Any], spot: Spot, lie: Lying, at: int
) -> Relocation:
    site = lie.sites[at]
    assert site is not None
    return Relocation(ticket_id, report_id, was, spot, int(lie.quads[at]), site, lie.area_keys[at])
