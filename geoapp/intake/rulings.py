"""Rulings gathered: each becomes a line of the next batch of the responsibilities, which then answer as was ruled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

import numpy as np
from sqlalchemy import Connection

from geoapp.assign.areas import Ground
from geoapp.assign.asking import Cases, as_levels, components, levels_of
from geoapp.assign.dispatch import Dispatch
from geoapp.assign.duties import Duty
from geoapp.assign.exactness import COMPONENTS, EVENTS
from geoapp.assign.fitting import wrong_with
from geoapp.assign.ruled import Fate, Ruled, take_up
from geoapp.assign.three_lists import ListKind
from geoapp.city import City
from geoapp.intake.dispatching import Listed, dispatched, positions
from geoapp.intake.lists import REASON_LONGEST, Drafted, latest, read_lines, take_in
from geoapp.intake.things import Units
from geoapp.lifecycle import line as move
from geoapp.locate.coordinates import RADIUS_M
from geoapp.store import disputes, lists
from geoapp.store.disputes import Proposal
from geoapp.store.ground import ground
from geoapp.store.queries import matters
from geoapp.store.queries.dispatched import Block, these

KIND = ListKind.RESPONSIBILITIES


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one ruling: its ticket, its line if it has one, and the codes of the lines that replaces."""

    ticket: str
    fate: Fate
    line: Duty | None
    replaced: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was gathered: the draft, if there is one, and what became of each ruling, the earliest first."""

    drafted: Drafted | None
    taken: tuple[Taken, ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What rulings are asked on: the city's ground and units as they are, and the catalogue's word on matters."""

    connection: Connection
    city: City
    here: Ground
    units: Units
    natures: Mapping[str, bool]
    day: date


def gather(
    connection: Connection, city: City, author: str, since: date | None = None, reason: str = "",
    today: date | None = None,
) -> Gathered:  # fmt: skip
    """The next batch of the responsibilities as a draft: the newest with a line for each ruling that is open.

    Without a day it is of today, or of the batch before where that comes later; without a reason it names the tickets
    that were ruled on, and on what ground. A ruling that cannot be a line stays open.

    Raises:
        BatchRefused: it would come into force before the batch it is drawn up against.
        BadField: the reason is too long.
    """
    lists.lock(connection, city.id)
    open_ = disputes.open_proposals(connection, city.id)
    if not open_:
        return Gathered(None, ())
    day = since or _next_day(connection, city, today or datetime.now(city.zone).date())
    duties = {one.code: one for one in read_lines(KIND, latest(connection, city, KIND)) if isinstance(one, Duty)}
    taken = []
    for one, found in _each(connection, city, open_, duties, day):
        duties = dict(found.duties)
        taken.append(Taken(one.ticket, found.fate, found.line, found.replaced))
    done = [one for one, of in zip(open_, taken, strict=True) if of.fate is Fate.DRAWN]
    drafted = None
    if done:
        lines = [duties[code] for code in sorted(duties)]
        drafted = take_in(connection, city, KIND, lines, day, author, reason.strip() or _reason(city, done))
    _mark(connection, open_, taken, drafted)
    return Gathered(drafted, tuple(taken))


def _mark(connection: Connection, open_: Sequence[Proposal], taken: Sequence[Taken], drafted: Drafted | None) -> None:
    batch = drafted.batch.id if drafted and drafted.batch else None
    for fate, of in ((Fate.DRAWN, batch), (Fate.SAYS_SO, None)):
        if ids := [one.id for one, what in zip(open_, taken, strict=True) if what.fate is fate]:
            disputes.take_up(connection, ids, of)


def _next_day(connection: Connection, city: City, today: date) -> date:
    newest = lists.newest(connection, city.id, KIND)
    return max(today, newest.in_force_from.astimezone(city.zone).date()) if newest else today


def _each(
    connection: Connection, city: City, open_: Sequence[Proposal], duties: Mapping[str, Duty], day: date
) -> list[tuple[Proposal, Ruled]]:
    """Each ruling taken up by the list as those before it have left it."""
    asked = _Asked(
        connection, city, ground(connection, city), Units.of(connection, city), matters.natures(connection, city.id),
        day,
    )  # fmt: skip
    found = []
    for one in open_:
        ruled = _ruled(asked, one, duties)
        duties = ruled.duties
        found.append((one, ruled))
    return found


def _ruled(asked: _Asked, one: Proposal, duties: Mapping[str, Duty]) -> Ruled:
    if one.category is None:
        return Ruled(duties, Fate.RETIRED)
    if not one.acting:
        return Ruled(duties, Fate.NO_UNIT)
    wanted = Duty(one.code, matter=one.matter, level=one.level, area=one.area, unit=one.unit)
    if wrong_with(wanted, as_levels(asked.here, asked.units.of_areas), asked.units.codes):
        return Ruled(duties, Fate.NO_AREA)
    block = these(asked.connection, asked.city, [one.ticket_id], RADIUS_M)
    assert block is not None  # a proposal is of a ticket
    thing = components(asked.here, [one.matter], asked.natures)[0]
    levels = [layer.name for layer in levels_of(asked.here)]
    answer = partial(_answer, asked, one, block)
    return take_up(duties, wanted, COMPONENTS if thing else EVENTS, levels, answer)


def _answer(asked: _Asked, one: Proposal, block: Block, duties: Sequence[Duty]) -> Dispatch:
    """What such a list answers of the ticket that was ruled on, on the day of the batch."""
    levels = as_levels(asked.here, asked.units.of_areas)
    meant = [
        duty for duty in duties
        if (duty.matter == one.matter or (not duty.matter and duty.category in ("", one.category)))
        and not wrong_with(duty, levels, asked.units.codes)
    ]  # fmt: skip
    case = Cases(
        [one.matter], [one.category or ""], np.array([asked.day], dtype="datetime64[D]"), np.array(block.lon),
        np.array(block.lat), np.array(block.radius_m), np.array(block.confidence),
    )  # fmt: skip
    areas = positions(asked.here, block.area_keys)
    of = Listed("", tuple(meant), natures=asked.natures)  # tried once, and kept by nobody
    return dispatched(asked.connection, asked.city, asked.here, asked.units, case, areas, of).at(0)


_SAID = {"zh": ("依裁决修订：", "工单 {ticket}（{ground}）", "、", "等 {n} 件"),
         "en": ("By ruling: ", "ticket {ticket} ({ground})", ", ", " and others, {n} in all")}  # fmt: skip


def _reason(city: City, done: Sequence[Proposal]) -> str:
    """Why the list changes: the tickets that were ruled on and on what ground, as far as there is room."""
    language = "zh" if city.languages[0] == "zh" else "en"
    begins, each, comma, more = _SAID[language]
    grounds = next(field for field in move("rule").fields if field.name == "reason").choices
    words = [each.format(ticket=one.ticket, ground=grounds[one.ground][language]) for one in done]
    said = begins + comma.join(words)
    while len(said) > REASON_LONGEST:
        words.pop()
        said = begins + comma.join(words) + more.format(n=len(done))
    return said
