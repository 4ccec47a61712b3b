"""Names kept by hand: read for the gazetteer, kept, and retired."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class Alias:
    """What people call a place: the name a layer has for it (of), or a point in WGS-84 degrees with its radius."""

    name: str
    of: str | None = None
    point: tuple[float, float] | None = None
    radius_m: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """An alias as it stands, with who kept it and when."""

    alias: Alias
    actor: str
    recorded_at: datetime
    applied: bool


def of_city(connection: Connection, city_id: int) -> list[Alias]:
    """The names in use, in their order."""
    return [one.alias for one in kept(connection, city_id)]


def kept(connection: Connection, city_id: int) -> list[Kept]:
    """The names in use with who kept them, in the order of names."""
    rows = connection.execute(
        text(
            "SELECT name, of, ST_X(point) AS lon, ST_Y(point) AS lat, radius_m, reason, actor, recorded_at, "
            "applied_at IS NOT NULL AS applied "
            "FROM geoapp.alias WHERE city_id = :city AND retired_at IS NULL ORDER BY name"
        ),
        {"city": city_id},
    )
    return [
        Kept(
            Alias(row.name, row.of, None if row.lon is None else (row.lon, row.lat), row.radius_m, row.reason),
            row.actor, row.recorded_at, row.applied,
        )
        for row in rows
    ]  # fmt: skip


def keep(connection: Connection, city_id: int, alias: Alias, actor: str) -> None:
    """Keep a name; what it meant before is retired. Two who keep one at once come one after the other."""
    connection.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 3))"), {"name": f"{city_id}/{alias.name}"}
    )
    retire(connection, city_id, alias.name)
    lon, lat = alias.point or (None, None)
    connection.execute(
        text(
            "INSERT INTO geoapp.alias (city_id, name, of, point, radius_m, reason, actor) VALUES (:city, :name, :of, "
            "ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), :radius, :reason, :actor)"
        ),
        {
            "city": city_id, "name": alias.name, "of": alias.of, "lon": lon, "lat": lat,
            "radius": alias.radius_m, "reason": alias.reason, "actor": actor,
        },
    )  # fmt: skip


def retire(connection: Connection, city_id: int, name: str) -> bool:
    """Let a name mean nothing any more; whether it meant something."""
    done = connection.execute(
        text(
            "UPDATE geoapp.alias SET retired_at = now(), applied_at = NULL "
            "WHERE city_id = :city AND name = :name AND retired_at IS NULL"
        ),
        {"city": city_id, "name": name},
    )
    return done.rowcount > 0


def pending(connection: Connection, city_id: int) -> list[int]:
    """The names kept or retired since reports were last located again."""
    query = text("SELECT id FROM geoapp.alias WHERE city_id = :city AND applied_at IS NULL ORDER BY id")
    return list(connection.execute(query, {"city": city_id}).scalars())


def applied(connection: Connection, ids: list[int]) -> None:
    """Note that reports were located again with these."""
    connection.execute(text("UPDATE geoapp.alias SET applied_at = now() WHERE id = ANY(:ids)"), {"ids": ids})


# What was said lately tells whether words are a name: what many say who are elsewhere is none.
_LATELY: Final = 20_000


def said_elsewhere(connection: Connection, city_id: int, name: str, point: tuple[float, float], metres: float) -> int:
    """How many of the reports taken in lately say these words, although their ticket is farther away than that."""
    query = text(
        "SELECT count(*) FROM (SELECT r.id, r.ticket_id FROM geoapp.report r WHERE r.city_id = :city "
        "AND r.ticket_id IS NOT NULL ORDER BY r.id DESC LIMIT :lately) r "
        "JOIN geoapp.report_text t ON t.report_id = r.id AND strpos(t.address || ' ' || t.body, :name) > 0 "
        "JOIN geoapp.ticket k ON k.id = r.ticket_id WHERE ST_DistanceSphere(k.point, "
        "ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)) > :metres"
    )
    values = {"city": city_id, "name": name, "lon": point[0], "lat": point[1], "metres": metres, "lately": _LATELY}
    return int(connection.execute(query, values).scalar_one())
