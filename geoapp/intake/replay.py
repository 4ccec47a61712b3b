"""What another list, or other boundaries, would have made of the tickets of a period: replayed, nothing written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection

from geoapp.assign.areas import Ground
from geoapp.assign.asking import Cases, lying
from geoapp.assign.dispatch import Dispatched, Held
from geoapp.assign.fitting import Flags
from geoapp.assign.lattice import Whole
from geoapp.city import City
from geoapp.intake.dispatching import Listed, dispatched, positions
from geoapp.intake.things import Units
from geoapp.locate.coordinates import RADIUS_M
from geoapp.store.queries.dispatched import Block, blocks

EXAMPLES: Final = 3

Pair = tuple[str, str]
"""From whom to whom, by the units' codes; "" is nobody: a person looks."""


@dataclass(frozen=True, slots=True)
class World:
    """By what tickets are dispatched: a list, on some ground; of None the tickets' own units are what was.

    as_they_lie: where tickets lie is taken from themselves, else looked up on that ground anew.
    """

    listed: Listed | None
    here: Ground
    as_they_lie: bool = True


@dataclass(slots=True)
class Replayed:
    """What would be otherwise: tickets by from whom and to whom they would go, with the numbers of a few."""

    tickets: int = 0
    same: int = 0
    elsewhere: Counter[Pair] = field(default_factory=Counter)
    examples: dict[Pair, list[str]] = field(default_factory=dict)
    reasons: Counter[str] = field(default_factory=Counter)

    def count(self, which: Callable[[Pair], bool]) -> int:
        """How many of those that would go otherwise."""
        return sum(count for pair, count in self.elsewhere.items() if which(pair))

    def as_dict(self) -> dict[str, Any]:
        """As it is printed with --json; reasons are why tickets that went by themselves would be held."""
        return {
            "tickets": self.tickets, "same": self.same,
            "elsewhere": self.count(lambda pair: all(pair)),
            "would_be_held": self.count(lambda pair: not pair[1]),
            "would_be_sent": self.count(lambda pair: not pair[0]),
            "held_by": dict(self.reasons.most_common()),
            "moves": [
                {"from": one, "to": other, "tickets": count, "examples": self.examples[one, other]}
                for (one, other), count in sorted(self.elsewhere.items(), key=lambda pair: (-pair[1], pair[0]))
            ],
        }  # fmt: skip


def replay(
    connection: Connection, city: City, before: World, after: World, since: datetime | None = None,
    until: datetime | None = None, progress: Callable[[int], None] = lambda tickets: None,
) -> Replayed:  # fmt: skip
    """Which tickets opened in the period would go elsewhere, block by block: memory does not grow with them."""
    found = Replayed()
    lines = [duty for world in (before, after) if world.listed for duty in world.listed.duties]
    units = Units.of(connection, city).and_those(duty.unit for duty in lines)
    for block in blocks(connection, city, since, until, RADIUS_M):
        was, _ = _leads(connection, city, units, before, block)
        would, of = _leads(connection, city, units, after, block)
        _count(found, block, was, would, of)
        progress(found.tickets)
    return found


def _leads(
    connection: Connection, city: City, units: Units, world: World, block: Block
) -> tuple[list[str], Dispatched | None]:
    """Who has each ticket, by code; "" where a person has to look."""
    if world.listed is None:
        return list(block.unit), None
    asked = _asked(block)
    areas: Whole = (
        positions(world.here, block.area_keys) if world.as_they_lie else lying(world.here, asked.lon, asked.lat)
    )
    found = dispatched(connection, city, world.here, units, asked, areas, world.listed)
    return ["" if held else unit for unit, held in zip(found.units(), found.held.tolist(), strict=True)], found


def _asked(block: Block) -> Cases:
    return Cases(
        block.matter, block.category, np.array(block.day, dtype="datetime64[D]"), np.array(block.lon),
        np.array(block.lat), np.array(block.radius_m), np.array(block.confidence),
    )  # fmt: skip


def _count(found: Replayed, block: Block, was: Sequence[str], would: Sequence[str], of: Dispatched | None) -> None:
    changed = [nth for nth, (one, other) in enumerate(zip(was, would, strict=True)) if one != other]
    found.tickets += len(block)
    found.same += len(block) - len(changed)
    for nth in changed:
        pair = (was[nth], would[nth])
        found.elsewhere[pair] += 1
        some = found.examples.setdefault(pair, [])
        if len(some) < EXAMPLES:
            some.append(block.number[nth])
    if of is not None:
        for reason, held in _held(of, np.array([bool(one) for one in was], dtype=bool)):
            found.reasons[reason] += held


def _held(of: Dispatched, went: Flags) -> Iterator[tuple[str, int]]:
    """How many of those that went by themselves would be held, and why; one can be held for several reasons."""
    for reason in Held:
        if count := int((of.because(reason) & went).sum()):
            yield str(reason), count
