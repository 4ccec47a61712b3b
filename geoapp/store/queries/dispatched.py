"""Tickets as dispatch takes them, a block of columns at a time: those of a period, and those to be sent anew."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, TextClause, text

from geoapp.city import City
from geoapp.lifecycle import State

BLOCK: Final = 20_000


@dataclass(frozen=True, slots=True)
class Block:
    """Tickets in the order of their keys, a column a fact; unit is whose each is now, "" for nobody's."""

    id: Sequence[int]
    state: Sequence[str]
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


# A ticket's place is as well known as that of the first of its reports that lie where it lies, else of the first that
# has one. Whatever the statistics say, reports are found by their ticket: "+ 0" keeps the planner from walking all
# reports in the order of their keys.
_TICKETS: Final = """
    SELECT k.id, k.state, k.number, coalesce(m.code, ''), coalesce(c.code, ''),
           cast(k.opened_at AT TIME ZONE cast(:zone AS text) AS date), ST_X(k.point), ST_Y(k.point), k.area_keys,
           coalesce(u.code, ''), coalesce(r.radius_m, :radius), coalesce(r.confidence, 1)
    FROM (SELECT * FROM geoapp.ticket k WHERE {which} ORDER BY k.id LIMIT :block) k
    LEFT JOIN geoapp.matter m ON m.id = k.matter_id LEFT JOIN geoapp.category c ON c.id = m.category_id
    LEFT JOIN geoapp.unit u ON u.id = k.unit_id
    LEFT JOIN LATERAL (
        SELECT r.radius_m, r.confidence FROM geoapp.report r
        WHERE r.ticket_id = k.id AND r.radius_m IS NOT NULL
        ORDER BY r.point IS NULL OR ST_X(r.point) <> ST_X(k.point) OR ST_Y(r.point) <> ST_Y(k.point), r.id + 0 LIMIT 1
    ) r ON true
    ORDER BY k.id
"""
_OF_A_PERIOD: Final = text(
    _TICKETS.format(
        which="k.city_id = :city AND k.id > :last "
        "AND (cast(:since AS timestamptz) IS NULL OR k.opened_at >= :since) "
        "AND (cast(:until AS timestamptz) IS NULL OR k.opened_at < :until)"
    )
)
_THESE: Final = text(_TICKETS.format(which="k.id = ANY(:ids)"))
_WITH_A_UNIT: Final = text(
    _TICKETS.format(
        which="k.city_id = :city AND k.id > :last AND k.unit_id IS NOT NULL AND k.state = ANY(:states) "
        "AND NOT EXISTS (SELECT FROM geoapp.event e WHERE e.ticket_id = k.id AND e.name LIKE 'mirror@_%' ESCAPE '@')"
    )
)


def blocks(
    connection: Connection, city: City, since: datetime | None, until: datetime | None, radius_m: float
) -> Iterator[Block]:
    """All tickets opened from since and before until; radius_m is what a place counts that does not say."""
    yield from _blocks(connection, city, _OF_A_PERIOD, {"since": since, "until": until, "radius": radius_m})


def with_a_unit(connection: Connection, city: City, radius_m: float) -> Iterator[Block]:
    """All tickets that a unit has and goes on with here, while nobody has said that they are done."""
    yield from _blocks(connection, city, _WITH_A_UNIT, {"states": list(WITH_A_UNIT), "radius": radius_m})


def _blocks(connection: Connection, city: City, query: TextClause, values: Mapping[str, Any]) -> Iterator[Block]:
    last = 0
    every = {"city": city.id, "zone": city.time_zone, "block": BLOCK, **values}
    while rows := connection.execute(query, every | {"last": last}).all():
        last = rows[-1][0]
        yield _block(rows)


def these(connection: Connection, city: City, ticket_ids: Collection[int], radius_m: float) -> Block | None:
    """The tickets of these keys; None where there are none."""
    values = {"ids": sorted(ticket_ids), "zone": city.time_zone, "radius": radius_m, "block": len(ticket_ids)}
    rows = connection.execute(_THESE, values).all()
    return _block(rows) if rows else None


def _block(rows: Sequence[Any]) -> Block:
    key, state, number, matter, category, day, lon, lat, keys, unit, radius, sure = zip(*rows, strict=True)
    places = [tuple(one) for one in keys]
    return Block(key, state, number, matter, category, day, lon, lat, places, unit, radius, sure)


WITH_A_UNIT: Final = (
    State.TO_SIGN.value, State.DISPUTED.value, State.IN_HAND.value, State.SHELVED.value, State.TO_CHECK.value,
)  # fmt: skip

# What last said whose a ticket is.
_LAST_SENT: Final = (
    "(SELECT e.name FROM geoapp.event e WHERE e.ticket_id = k.id "
    "AND e.name IN ('held', 'dispatch', 'delegate', 'rule', 'return') ORDER BY e.id DESC LIMIT 1)"
)


def hold_waiting(connection: Connection, city_id: int, last: int, limit: int) -> list[int]:
    """Tickets that wait because the list held them, in the order of their keys, held until the transaction ends.

    Whoever acts on one just now sends it on: it is passed over.
    """
    query = text(
        "SELECT k.id FROM geoapp.ticket k WHERE k.city_id = :city AND k.id > :last AND k.state = 'to_dispatch' "
        f"AND {_LAST_SENT} = 'held' ORDER BY k.id LIMIT :limit FOR UPDATE SKIP LOCKED"
    )
    return list(connection.execute(query, {"city": city_id, "last": last, "limit": limit}).scalars())


def returned(connection: Connection, ticket_ids: Collection[int]) -> set[int]:
    """Those of these tickets that their unit has sent back, and that nobody was given since."""
    query = text(
        "SELECT k.id FROM geoapp.ticket k WHERE k.id = ANY(:ids) AND (SELECT e.name FROM geoapp.event e "
        "WHERE e.ticket_id = k.id AND e.name IN ('dispatch', 'delegate', 'rule', 'return') "
        "ORDER BY e.id DESC LIMIT 1) = 'return'"
    )
    return set(connection.execute(query, {"ids": sorted(ticket_ids)}).scalars())


def mirrored(connection: Connection, ticket_ids: Collection[int]) -> set[int]:
    """Those of these tickets that a source follows by itself."""
    query = text(
        "SELECT DISTINCT e.ticket_id FROM geoapp.event e "
        "WHERE e.ticket_id = ANY(:ids) AND e.name LIKE 'mirror@_%' ESCAPE '@'"
    )
    return set(connection.execute(query, {"ids": sorted(ticket_ids)}).scalars())


def last_held(connection: Connection, ticket_id: int) -> dict[str, Any]:
    """The codes of the event that held a ticket, or sent it back, if nobody was given it since; else nothing."""
    row = connection.execute(
        text(
            "SELECT e.name, e.codes FROM geoapp.event e WHERE e.ticket_id = :id "
            "AND e.name IN ('held', 'dispatch', 'delegate', 'rule', 'return') ORDER BY e.id DESC LIMIT 1"
        ),
        {"id": ticket_id},
    ).one_or_none()
    return dict(row.codes or {}) if row is not None and row.name in ("held", "return") else {}
