"""Versions of area layers, what became of their areas, and the open tickets that a change would concern."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, select, text

from geoapp.city import City
from geoapp.errors import BadField
from geoapp.lifecycle import OPEN
from geoapp.store.tables import layer_version, ticket

_BATCH: Final = 50_000


@dataclass(frozen=True, slots=True)
class Placed:
    """An open ticket and where it is, WGS-84 degrees."""

    number: str
    lon: float
    lat: float


def versions(
    connection: Connection, city: City, layer: str, before: int | None = None, after: int | None = None
) -> tuple[int, int]:
    """Two versions of an area layer: those named, else the newest and the one before it.

    Raises:
        BadField: there are no such versions, or the layer is none of areas.
    """
    v = layer_version.c
    statement = select(v.version).where(v.city_id == city.id, v.layer == layer, v.role == "areas").order_by(v.version)
    known = list(connection.execute(statement).scalars())
    last = after or (known[-1] if known else 0)
    first = before or max((one for one in known if one < last), default=0)
    if first not in known or last not in known:
        listed = ", ".join(map(str, known)) or "none"
        raise BadField(f"{layer}: {first or '?'} → {last or '?'}; area versions of this layer: {listed}", fields={})
    return first, last


def open_tickets(connection: Connection, city_id: int) -> Iterator[list[Placed]]:
    """All open tickets of a city, in batches."""
    t = ticket.c
    after = 0
    while True:
        statement = (
            select(t.id, t.number, text("ST_X(point)"), text("ST_Y(point)"))
            .where(t.city_id == city_id, t.state.in_(sorted(OPEN)), t.id > after)
            .order_by(t.id)
            .limit(_BATCH)
        )
        rows = connection.execute(statement).all()
        if not rows:
            return
        after = rows[-1].id
        yield [Placed(*row[1:]) for row in rows]


def carried(connection: Connection, city: City, layer: str, before: int, after: int) -> dict[tuple[str, str], float]:
    """Which part of each area of one version lies in each of a later one, by codes, over all versions between.

    With it a figure by the old areas is told by the new ones: each new area gets its part of every old one's.
    """
    steps = connection.execute(
        text(
            "SELECT v.version, a.code, b.code, l.share FROM geoapp.area_lineage l "
            "JOIN geoapp.layer_version v ON v.id = l.layer_version_id "
            "JOIN geoapp.area_key a ON a.id = l.from_key_id JOIN geoapp.area_key b ON b.id = l.to_key_id "
            "WHERE v.city_id = :city AND v.layer = :layer AND v.version > :before AND v.version <= :after "
            "ORDER BY v.version, a.code, b.code"
        ),
        {"city": city.id, "layer": layer, "before": before, "after": after},
    ).all()
    parts: dict[tuple[str, str], float] = {}
    for version in sorted({step[0] for step in steps}):
        parts = _followed(parts, [step[1:] for step in steps if step[0] == version])
    return parts


def _followed(
    parts: dict[tuple[str, str], float], step: Sequence[tuple[str, str, float]]
) -> dict[tuple[str, str], float]:
    if not parts:
        return {(old, new): share for old, new, share in step}
    found: dict[tuple[str, str], float] = {}
    by_old: dict[str, list[tuple[str, float]]] = {}
    for old, new, share in step:
        by_old.setdefault(old, []).append((new, share))
    for (first, middle), share in parts.items():
        for new, further in by_old.get(middle, ()):
            found[first, new] = found.get((first, new), 0.0) + share * further
    return found
