"""Tickets of a period as dispatch takes them, a block of columns at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection, text

from geoapp.city import City

BLOCK: Final = 20_000


@dataclass(frozen=True, slots=True)
class Block:
    """Tickets in the order of their keys, a column a fact; unit is whose each is now, "" for nobody's."""

    number: Sequence[str]
    matter: Sequence[str]
    category: Sequence[str]
    day: Sequence[date]
    lon: Sequence[float]
    lat: Sequence[float]
    area_keys: Sequence[tuple[int, ...]]
    unit: Sequence[str]
    radius_m: Sequence[float]
    confidence: Sequence[float]

    def __len__(self) -> int:
        return len(self.number)


# A ticket's place is that of the first report that has one. Whatever the statistics say, reports are found by their
# ticket: "+ 0" keeps the planner from walking all reports in the order of their keys.
_TICKETS: Final = text("""
    SELECT k.id, k.number, coalesce(m.code, ''), coalesce(c.code, ''),
           cast(k.opened_at AT TIME ZONE cast(:zone AS text) AS date), ST_X(k.point), ST_Y(k.point), k.area_keys,
           coalesce(u.code, ''), coalesce(r.radius_m, :radius), coalesce(r.confidence, 1)
    FROM (
        SELECT * FROM geoapp.ticket k WHERE k.city_id = :city AND k.id > :last
           AND (cast(:since AS timestamptz) IS NULL OR k.opened_at >= :since)
           AND (cast(:until AS timestamptz) IS NULL OR k.opened_at < :until)
        ORDER BY k.id LIMIT :block
    ) k
    LEFT JOIN geoapp.matter m ON m.id = k.matter_id LEFT JOIN geoapp.category c ON c.id = m.category_id
    LEFT JOIN geoapp.unit u ON u.id = k.unit_id
    LEFT JOIN LATERAL (
        SELECT r.radius_m, r.confidence FROM geoapp.report r
        WHERE r.ticket_id = k.id AND r.radius_m IS NOT NULL ORDER BY r.id + 0 LIMIT 1
    ) r ON true
    ORDER BY k.id
""")


def blocks(
    connection: Connection, city: City, since: datetime | None, until: datetime | None, radius_m: float
) -> Iterator[Block]:
    """All tickets opened from since and before until; radius_m is what a place counts that does not say."""
    last = 0
    values = {"city": city.id, "zone": city.time_zone, "since": since, "until": until, "radius": radius_m}
    while rows := connection.execute(_TICKETS, values | {"last": last, "block": BLOCK}).all():
        last = rows[-1][0]
        _, number, matter, category, day, lon, lat, keys, unit, radius, confidence = zip(*rows, strict=True)
        yield Block(number, matter, category, day, lon, lat, [tuple(one) for one in keys], unit, radius, confidence)
