"""Tickets dispatched anew: whose matter or place has changed, and those held that another list or layer sends."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection, Engine

from geoapp.assign.areas import NONE, Ground
from geoapp.assign.asking import Cases, levels_of, lying
from geoapp.assign.dispatch import Dispatch, Dispatched
from geoapp.assign.lattice import Whole
from geoapp.assign.three_lists import ListKind
from geoapp.city import City
from geoapp.intake.dispatching import Listed, dispatched, in_force, positions, proposal, said
from geoapp.intake.places import lying as lying_at
from geoapp.intake.texts import APPROXIMATE
from geoapp.intake.things import Units
from geoapp.lifecycle import State
from geoapp.locate.coordinates import RADIUS_M
from geoapp.store import lists
from geoapp.store.cities import cities
from geoapp.store.ground import current, ground
from geoapp.store.queries import dispatched as stored
from geoapp.store.queries.dispatched import WITH_A_UNIT, Block
from geoapp.store.subjects import Subject
from geoapp.tickets.relocations import resite
from geoapp.tickets.sending import Anew, propose, send_anew

BATCH: Final = 2_000

WAITING: Final = (State.REGISTERED, State.TO_DISPATCH)

RETURNED: Final = "returned"
"""Why a ticket is held besides what dispatch says (Held): whom the list names has just sent it back."""


@dataclass(frozen=True, slots=True)
class Again:
    """What was made of a city's tickets: those held that were looked at and sent, and those that a unit has although
    the list would send them to another."""

    looked: int = 0
    sent: int = 0
    elsewhere: int = 0


@dataclass(frozen=True, slots=True)
class _Answers:
    """What the list in force says of tickets."""

    block: Block
    of: Listed
    units: Units
    found: Dispatched


def about_another(engine: Engine, connection: Connection, subject: Subject) -> None:
    """A ticket's matter has changed: its site is the one of that matter, and the list is asked anew."""
    city = next(one for one in cities(connection) if one.id == subject.city_id)
    here = ground(connection, city)
    block = stored.these(connection, city, [subject.id], RADIUS_M)
    if block is None:
        return
    lie = lying_at(engine, city, here, np.array(block.lon), np.array(block.lat), block.matter)
    resite(connection, city.id, {key: site for key, site in zip(block.id, lie.sites, strict=True) if site is not None})
    reconsider(connection, city, here, [subject.id])


def reconsider(
    connection: Connection, city: City, here: Ground, ticket_ids: Collection[int], at: datetime | None = None
) -> None:
    """Ask the list in force whose these tickets are, which are held until the transaction ends.

    What waits is sent or held at once; of what a unit has it is said who would have it now, and it stays where it is.
    What a source follows by itself is left alone.
    """
    now = at or datetime.now(UTC)
    block = stored.these(connection, city, ticket_ids, RADIUS_M) if ticket_ids else None
    answers = block and _answers(connection, city, here, block, now)
    if not answers:
        return
    mirrored, back = stored.mirrored(connection, ticket_ids), stored.returned(connection, ticket_ids)
    anew: list[Anew] = []
    proposals: list[tuple[int, dict[str, Any]]] = []
    for nth, key in enumerate(answers.block.id):
        state, unit = answers.block.state[nth], answers.block.unit[nth]
        one = answers.found.at(nth)
        if key in mirrored:
            continue
        if state in WAITING and (not unit or (key in back and state == State.TO_DISPATCH)):
            anew.append(_anew(answers, nth, one, not_to=unit))
        elif state in WITH_A_UNIT and one.unit not in ("", unit):
            proposals.append((key, proposal(one, answers.of.version)))
    send_anew(connection, city.id, anew, now)
    propose(connection, proposals, now)


def again(
    engine: Engine, city: City, at: datetime | None = None, progress: Callable[[int], None] = lambda looked: None,
    batch: int = BATCH,
) -> Again:  # fmt: skip
    """Ask the list in force anew about all tickets it has held: those that are safe now are sent, the others stay.

    Each batch is a transaction, and what was sent is not held any more: it can be stopped, and started again.
    """
    now, last, done = at or datetime.now(UTC), 0, Again()
    while True:
        with engine.begin() as connection:
            ids = stored.hold_waiting(connection, city.id, last, batch)
            sent = _send_safe(connection, city, ids, now) if ids else 0
        if not ids:
            return replace(done, elsewhere=elsewhere(engine, city, now))
        last = ids[-1]
        done = replace(done, looked=done.looked + len(ids), sent=done.sent + sent)
        progress(done.looked)


def _send_safe(connection: Connection, city: City, ids: Collection[int], now: datetime) -> int:
    block = stored.these(connection, city, ids, RADIUS_M)
    answers = block and _answers(connection, city, ground(connection, city), block, now)
    if not answers:
        return 0
    safe = np.flatnonzero(~answers.found.held).tolist()
    back = stored.returned(connection, ids)
    anew = [_anew(answers, nth, answers.found.at(nth), not_to=_unit_of(answers, nth, back)) for nth in safe]
    sent = [one for one in anew if one.unit_id is not None]
    send_anew(connection, city.id, sent, now)
    return len(sent)


def _unit_of(answers: _Answers, nth: int, back: Collection[int]) -> str:
    return answers.block.unit[nth] if answers.block.id[nth] in back else ""


def elsewhere(engine: Engine, city: City, at: datetime) -> int:
    """How many tickets a unit has that the list would surely send to another; `geoapp dispatch replay` tells which."""
    found = 0
    with engine.connect() as connection:
        here = ground(connection, city)
        for block in stored.with_a_unit(connection, city, RADIUS_M):
            answers = _answers(connection, city, here, block, at)
            if answers is None:
                return 0
            would, has = np.array(answers.found.units()), np.array(block.unit)
            found += int((~answers.found.held & (would != has)).sum())
    return found


def stamp(connection: Connection, city: City, at: datetime) -> tuple[object, ...]:
    """What the list's answers depend on: while it is the same, nothing that was held is safe now."""
    numbers = [lists.number_in_force(connection, city.id, kind, at) for kind in ListKind]
    units = Units.of(connection, city)
    return (
        *numbers, at.astimezone(city.zone).date(), current(connection, city),
        tuple(sorted(units.ids.items())), tuple(sorted(units.of_areas.items())),
    )  # fmt: skip


def _answers(connection: Connection, city: City, here: Ground, block: Block, at: datetime) -> _Answers | None:
    """What the list in force says of them on that day, where the layers in force have them lie; None without a list."""
    of = in_force(connection, city, at)
    if of is None:
        return None
    units, count = Units.of(connection, city), len(block)
    cases = Cases(
        block.matter, block.category, np.full(count, at.astimezone(city.zone).date(), dtype="datetime64[D]"),
        np.array(block.lon), np.array(block.lat), np.array(block.radius_m), np.array(block.confidence),
    )  # fmt: skip
    return _Answers(block, of, units, dispatched(connection, city, here, units, cases, _areas(here, block), of))


def _areas(here: Ground, block: Block) -> Whole:
    """Where tickets lie now: borders may have moved since they were opened."""
    now, then = lying(here, np.array(block.lon), np.array(block.lat)), positions(here, block.area_keys)
    column = [layer.name for layer in levels_of(here)].index(here.responsible)
    roughly = np.array([one == APPROXIMATE for one in here.layer(here.responsible).qualities] + [False], dtype=bool)
    # Where the outline is a guess, what was said has told which area it is, if that differs.
    stays = roughly[now[:, column]] & (then[:, column] != NONE)
    now[stays, column] = then[stays, column]
    return now


def _anew(answers: _Answers, nth: int, one: Dispatch, not_to: str) -> Anew:
    """What becomes of a ticket that waits; whoever has just sent it back is not given it again by itself."""
    block, of, units = answers.block, answers.of, answers.units
    lead = units.ids.get(one.unit)
    if one.held or lead is None or one.unit == not_to:
        codes = proposal(one, of.version)
        if one.unit and one.unit == not_to:
            codes["held"] = [*codes.get("held", []), RETURNED]
        return Anew(block.id[nth], block.state[nth], None, codes)
    assisting = tuple(sorted({units.ids[code] for code in one.assisting if code in units.ids} - {lead}))
    codes = said(one, of.version) | {"unit": str(lead), "unit_code": one.unit}
    return Anew(block.id[nth], block.state[nth], lead, codes, assisting)
