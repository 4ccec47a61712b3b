"""What a new version of an area layer changes: which areas moved, split or merged, which open tickets change hands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection

from geoapp.assign.areas import NONE, AreaLayer
from geoapp.assign.coverage import Share, shares
from geoapp.city import City
from geoapp.store.ground import area_version
from geoapp.store.queries import lineage

ADDED: Final = "added"
REMOVED: Final = "removed"
CHANGED: Final = "changed"

_SAME: Final = 0.9999
"""What is left of an area whose outline was only drawn again."""


@dataclass(frozen=True, slots=True)
class AreaChange:
    """One area that is not what it was; became maps codes of the later version to the part of it that lies there.

    An area that is new has become nothing: `out_of` says which parts of it lay in which areas before.
    """

    code: str
    change: str
    became: Mapping[str, float]
    out_of: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Handed:
    """Open tickets that would pass from one area to another ("" none), and some of their numbers."""

    before: str
    after: str
    tickets: int
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BoundaryChange:
    """The difference between two versions of a layer."""

    layer: str
    before: int
    after: int
    areas: tuple[AreaChange, ...]
    unchanged: int
    open_tickets: int
    handed: tuple[Handed, ...]

    def as_dict(self) -> dict[str, Any]:
        """As it is printed with --json."""
        return {
            "layer": self.layer, "from": self.before, "to": self.after, "unchanged": self.unchanged,
            "areas": [
                {"code": one.code, "change": one.change, "became": dict(one.became), "out_of": dict(one.out_of)}
                for one in self.areas
            ],
            "open_tickets": self.open_tickets,
            "handed": [
                {"from": one.before, "to": one.after, "tickets": one.tickets, "numbers": list(one.numbers)}
                for one in self.handed
            ],
        }  # fmt: skip


def boundary_change(
    connection: Connection, city: City, layer: str, before: int | None = None, after: int | None = None
) -> BoundaryChange:
    """Compare two versions of an area layer, without numbers the one in force with the one before it.

    Raises:
        BadField: the layer has no such versions, or is none of areas.
    """
    old, new = (
        area_version(connection, city, layer, one) for one in lineage.versions(connection, city, layer, before, after)
    )
    parts = shares(list(old.outlines), list(new.outlines), city.metric_crs)
    areas = tuple(_areas(old, new, parts, city.metric_crs))
    touched = {one.code for one in areas}
    total, handed = _handed(connection, city, old, new)
    unchanged = len(set(old.codes) & set(new.codes) - touched)
    return BoundaryChange(layer, old.version, new.version, areas, unchanged, total, handed)


def _areas(old: AreaLayer, new: AreaLayer, parts: list[Share], metric_crs: str) -> Iterator[AreaChange]:
    became: dict[str, dict[str, float]] = {}
    for part in parts:
        became.setdefault(old.codes[part.old], {})[new.codes[part.new]] = part.share
    back = shares(list(new.outlines), list(old.outlines), metric_crs)
    out_of: dict[str, dict[str, float]] = {}
    for part in back:
        out_of.setdefault(new.codes[part.old], {})[old.codes[part.new]] = part.share
    for code in sorted({*old.codes, *new.codes}):
        goes, comes = became.get(code, {}), out_of.get(code, {})
        if code not in new.codes:
            yield AreaChange(code, REMOVED, goes, {})
        elif code not in old.codes:
            yield AreaChange(code, ADDED, {}, comes)
        elif goes.get(code, 0.0) < _SAME or comes.get(code, 0.0) < _SAME:
            yield AreaChange(code, CHANGED, goes, comes)


def _handed(connection: Connection, city: City, old: AreaLayer, new: AreaLayer) -> tuple[int, tuple[Handed, ...]]:
    counts: Counter[tuple[str, str]] = Counter()
    numbers: dict[tuple[str, str], list[str]] = {}
    total = 0
    for batch in lineage.open_tickets(connection, city.id):
        lon, lat = np.array([one.lon for one in batch]), np.array([one.lat for one in batch])
        owners = zip(_codes(old, lon, lat), _codes(new, lon, lat), strict=True)
        total += len(batch)
        for ticket, pair in zip(batch, owners, strict=True):
            if pair[0] != pair[1]:
                counts[pair] += 1
                some = numbers.setdefault(pair, [])
                if len(some) < 20:
                    some.append(ticket.number)
    handed = [Handed(*pair, count, tuple(numbers[pair])) for pair, count in sorted(counts.items())]
    return total, tuple(handed)


def _codes(layer: AreaLayer, lon: Any, lat: Any) -> list[str]:
    return ["" if at == NONE else layer.codes[at] for at in layer.find(lon, lat).tolist()]
