"""Layers in force and the areas on them: keys, names, outlines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, and_, func, select

from geoapp.store.mercator import Box
from geoapp.store.tables import area, layer_current, layer_version


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of a city in the version in force."""

    version_id: int
    name: str
    kind: str
    role: str
    version: int
    digest: str


@dataclass(frozen=True, slots=True)
class Place:
    """One area of a layer in force."""

    key_id: int
    layer: str
    code: str
    version: int
    names: dict[str, str]


@dataclass(frozen=True, slots=True)
class Extent:
    """Where tickets that carry an area's key lie."""

    key_id: int
    box: Box


@dataclass(frozen=True, slots=True)
class Portrait:
    """One area in its newest version: its simplified outline, a GeoJSON geometry in text, and the box around it."""

    names: dict[str, str]
    quality: str
    version: int
    in_force: bool
    geometry: str
    box: Box


@dataclass(frozen=True, slots=True)
class Outline:
    """One area with its simplified outline, a GeoJSON geometry in text."""

    code: str
    names: dict[str, str]
    quality: str
    geometry: str


_EDGES: Final = (func.ST_XMin, func.ST_YMin, func.ST_XMax, func.ST_YMax)


def layers(connection: Connection, city_id: int) -> dict[str, Layer]:
    """The city's layers in force, by name."""
    v = layer_version.c
    statement = (
        select(v.id.label("version_id"), v.layer.label("name"), v.kind, v.role, v.version, v.digest)
        .join(layer_current, layer_current.c.layer_version_id == v.id)
        .where(layer_current.c.city_id == city_id)
        .order_by(v.layer)
    )
    return {row.name: Layer(**row._asdict()) for row in connection.execute(statement)}


def extent(connection: Connection, city_id: int, layer: str, code: str) -> Extent | None:
    """The key tickets carry for an area, whether or not it is in force, and where it lies in any version."""
    found = func.ST_Extent(area.c.geom)
    statement = (
        select(area.c.area_key_id, *(edge(found) for edge in _EDGES))
        .where(area.c.city_id == city_id, area.c.layer == layer, area.c.code == code)
        .group_by(area.c.area_key_id)
    )
    row = connection.execute(statement).one_or_none()
    return None if row is None else Extent(row[0], Box(*row[1:]))


def newest(connection: Connection, city_id: int, layer: str, code: str, tolerance: float) -> Portrait | None:
    """An area as its newest version has it, whether or not the layer still does."""
    a, shape = area.c, func.ST_SimplifyPreserveTopology(area.c.geom, tolerance)
    in_force = and_(layer_current.c.layer_version_id == a.layer_version_id, layer_current.c.city_id == a.city_id)
    statement = (
        select(
            a.names,
            a.quality,
            a.version,
            layer_current.c.layer.is_not(None).label("in_force"),
            func.ST_AsGeoJSON(shape, 5).label("geometry"),
            *(edge(a.geom) for edge in _EDGES),
        )
        .select_from(area.outerjoin(layer_current, in_force))
        .where(a.city_id == city_id, a.layer == layer, a.code == code)
        .order_by(a.version.desc())
        .limit(1)
    )
    row = connection.execute(statement).one_or_none()
    if row is None:
        return None
    names, quality, version, in_force, geometry, *edges = row
    return Portrait(names, quality, version, in_force, geometry, Box(*edges))


def places(connection: Connection, city_id: int, keys: Sequence[int]) -> list[Place]:
    """The areas in force of those keys."""
    a = area.c
    statement = (
        select(a.area_key_id.label("key_id"), a.layer, a.code, a.version, a.names)
        .join(layer_current, layer_current.c.layer_version_id == a.layer_version_id)
        .where(layer_current.c.city_id == city_id, a.area_key_id.in_(keys))
        .order_by(a.layer, a.code)
    )
    return [Place(**row._asdict()) for row in connection.execute(statement)]


def names_of(connection: Connection, layer_version_id: int) -> dict[int, dict[str, str]]:
    """The names of a layer version's areas, by key; a version never changes."""
    statement = select(area.c.area_key_id, area.c.names).where(area.c.layer_version_id == layer_version_id)
    return {row.area_key_id: row.names for row in connection.execute(statement)}


def outlines(connection: Connection, layer_version_id: int, tolerance: float) -> list[Outline]:
    """The outlines of a layer version, simplified to a tolerance in degrees."""
    shape = func.ST_AsGeoJSON(func.ST_SimplifyPreserveTopology(area.c.geom, tolerance), 5)
    statement = (
        select(area.c.code, area.c.names, area.c.quality, shape.label("geometry"))
        .where(area.c.layer_version_id == layer_version_id)
        .order_by(area.c.code)
    )
    return [Outline(**row._asdict()) for row in connection.execute(statement)]


def bounds(connection: Connection, city_id: int) -> tuple[float, float, float, float] | None:
    """The box around all areas of a city in force: west, south, east, north."""
    around = func.ST_Extent(area.c.geom)
    statement = (
        select(*(edge(around) for edge in _EDGES))
        .join(layer_current, layer_current.c.layer_version_id == area.c.layer_version_id)
        .where(layer_current.c.city_id == city_id)
    )
    west, south, east, north = connection.execute(statement).one()
    return None if west is None else (west, south, east, north)
