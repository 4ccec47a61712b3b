"""Which codes a layer has now: what a new version of it is compared with."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, text

from geoapp.city import City


@dataclass(frozen=True, slots=True)
class Current:
    """The version of a layer that its pointer names, and the codes of its features."""

    version: int
    codes: frozenset[str]


def current(connection: Connection, city: City, layer: str) -> Current | None:
    """The layer's current version; None before its first."""
    row = connection.execute(
        text(
            "SELECT v.id, v.version, v.role FROM geoapp.layer_current c "
            "JOIN geoapp.layer_version v ON v.id = c.layer_version_id WHERE c.city_id = :city AND c.layer = :layer"
        ),
        {"city": city.id, "layer": layer},
    ).one_or_none()
    if row is None:
        return None
    table = "area" if row.role == "areas" else "asset"
    codes = connection.execute(text(f"SELECT code FROM geoapp.{table} WHERE layer_version_id = :id"), {"id": row.id})
    return Current(row.version, frozenset(codes.scalars()))
