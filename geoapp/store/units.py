"""The tree of units: those of areas made from the layers in force, and any looked up, told or changed by code."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import Connection, text

from geoapp.city import City
from geoapp.errors import UnitInvalid, UnknownUnit
from geoapp.records import UnitKind

KINDS: Final[Mapping[str, UnitKind]] = {
    "districts": UnitKind.DISTRICT,
    "street_offices": UnitKind.STREET_OFFICE,
    "communities": UnitKind.COMMUNITY,
    "grids": UnitKind.GRID,
}
"""The unit of an area, by the kind of the layer it is in."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit; parent and fallback are codes, duty and contacts as the table has them."""

    id: int
    code: str
    names: Mapping[str, str]
    kind: UnitKind | None
    parent: str | None
    area_keys: tuple[int, ...]
    duty: Sequence[Mapping[str, Any]]
    contacts: Mapping[str, str]
    fallback: str | None
    active: bool


@dataclass(frozen=True, slots=True)
class Grown:
    """What came of making the units of areas: how many there are now, and how many of them are new."""

    units: int
    made: int


def grow(connection: Connection, city: City) -> Grown:
    """Make a unit of each area in force, level by level, below the one whose area holds it; the city is the root.

    Once each, however often it is run: an area's unit is known by its key, so whatever somebody has changed of a unit
    (its name, its contacts, whom it is below) stays. The responsible level takes on units that reports have named by
    the area's code. An area that vanished leaves its unit: tickets hang on it.
    """
    before = _count(connection, city)
    root = _root(connection, city)
    above: list[str] = []
    for layer, kind in levels(city):
        values = {"city": city.id, "layer": layer, "kind": kind.value, "above": above, "root": root}
        if layer == city.responsible:
            connection.execute(_ADOPT, values)
        connection.execute(_MAKE, values)
        connection.execute(_PLACE, values)
        above.append(layer)
    after = _count(connection, city)
    return Grown(after, after - before)


def levels(city: City) -> list[tuple[str, UnitKind]]:
    """The layers whose areas have units, from the widest: districts, the responsible one, communities, grids."""
    kinds = list(KINDS)
    chosen: dict[int, tuple[str, UnitKind]] = {}
    for spec in city.layers:
        if spec.name == city.responsible:
            kind = KINDS.get(spec.kind, UnitKind.STREET_OFFICE)
            chosen[kinds.index(spec.kind) if spec.kind in KINDS else 1] = (spec.name, kind)
    for spec in city.layers:
        if spec.kind in KINDS:
            chosen.setdefault(kinds.index(spec.kind), (spec.name, KINDS[spec.kind]))
    return [chosen[rank] for rank in sorted(chosen)]


def _count(connection: Connection, city: City) -> int:
    query = text("SELECT count(*) FROM geoapp.unit WHERE city_id = :city AND kind IS NOT NULL")
    return int(connection.execute(query, {"city": city.id}).scalar_one())


def _root(connection: Connection, city: City) -> int:
    """The city's own unit, made where there is none."""
    values = {"city": city.id, "code": city.code, "other": f"city/{city.code}", "names": _json(city.names)}
    # Two loads at once make one root.
    hold(connection, city.id)
    found = connection.execute(_ROOT, values).scalar_one_or_none()
    return int(found if found is not None else connection.execute(_MAKE_ROOT, values).scalar_one())


_ROOT: Final = text("SELECT id FROM geoapp.unit WHERE city_id = :city AND kind = 'city' ORDER BY id LIMIT 1")
_MAKE_ROOT: Final = text(
    "INSERT INTO geoapp.unit (city_id, code, names, kind) SELECT :city, CASE WHEN EXISTS ("
    "SELECT FROM geoapp.unit WHERE city_id = :city AND code = :code) THEN :other ELSE :code END, "
    "cast(:names AS jsonb), 'city' RETURNING id"
)

_IN_FORCE: Final = (
    "geoapp.layer_current c JOIN geoapp.area a ON a.layer_version_id = c.layer_version_id AND a.city_id = c.city_id"
)
_WITHOUT: Final = (
    "NOT EXISTS (SELECT FROM geoapp.unit o WHERE o.city_id = c.city_id AND o.area_keys @> ARRAY[a.area_key_id])"
)

_ADOPT: Final = text(
    f"UPDATE geoapp.unit u SET kind = :kind, area_keys = ARRAY[a.area_key_id], names = a.names || u.names "
    f"FROM {_IN_FORCE} WHERE c.city_id = :city AND c.layer = :layer AND u.city_id = c.city_id AND u.code = a.code "
    f"AND u.kind IS NULL AND {_WITHOUT}"
)
_MAKE: Final = text(
    "INSERT INTO geoapp.unit (city_id, code, names, kind, area_keys) "
    "SELECT c.city_id, CASE WHEN EXISTS (SELECT FROM geoapp.unit t WHERE t.city_id = c.city_id AND t.code = a.code) "
    "THEN c.layer || '/' || a.code ELSE a.code END, a.names, :kind, ARRAY[a.area_key_id] "
    f"FROM {_IN_FORCE} WHERE c.city_id = :city AND c.layer = :layer AND {_WITHOUT} ORDER BY a.code "
    "ON CONFLICT (city_id, code) DO NOTHING"
)
# The nearest level above that holds a point of the area; where outlines overlap the lowest code, as everywhere.
_PLACE: Final = text(
    "UPDATE geoapp.unit u SET parent_id = coalesce(("
    "  SELECT p.id FROM unnest(cast(:above AS text[])) WITH ORDINALITY w(layer, rank) "
    "  JOIN geoapp.layer_current k ON k.city_id = :city AND k.layer = w.layer "
    "  JOIN geoapp.area o ON o.layer_version_id = k.layer_version_id "
    "   AND o.geom && ST_PointOnSurface(a.geom) AND ST_Covers(o.geom, ST_PointOnSurface(a.geom)) "
    "  JOIN geoapp.unit p ON p.city_id = :city AND p.area_keys @> ARRAY[o.area_key_id] "
    "  ORDER BY w.rank DESC, o.code LIMIT 1), :root) "
    f"FROM {_IN_FORCE} WHERE c.city_id = :city AND c.layer = :layer AND u.city_id = c.city_id "
    "AND u.area_keys @> ARRAY[a.area_key_id] AND u.parent_id IS NULL"
)


# One by one


_UNITS: Final = (
    "SELECT u.id, u.code, u.names, u.kind, p.code AS parent, u.area_keys, u.duty, u.contacts, f.code AS fallback, "
    "u.active FROM geoapp.unit u LEFT JOIN geoapp.unit p ON p.id = u.parent_id "
    "LEFT JOIN geoapp.unit f ON f.id = u.fallback_id WHERE u.city_id = :city"
)


def every(connection: Connection, city_id: int) -> list[Unit]:
    """All units of a city, those that areas have first, in the order of their codes."""
    query = text(f"{_UNITS} ORDER BY u.kind IS NULL, u.code")
    return [_unit(row) for row in connection.execute(query, {"city": city_id})]


def find(connection: Connection, city_id: int, code: str) -> Unit:
    """The unit of a code.

    Raises:
        UnknownUnit: the city has none of that code.
    """
    row = connection.execute(text(f"{_UNITS} AND u.code = :code"), {"city": city_id, "code": code}).one_or_none()
    if row is None:
        raise UnknownUnit(code)
    return _unit(row)


def names(connection: Connection, ids: Sequence[int]) -> dict[int, Mapping[str, str]]:
    """What those units are called."""
    query = text("SELECT id, names FROM geoapp.unit WHERE id = ANY(:ids)")
    return {row.id: row.names for row in connection.execute(query, {"ids": list(ids)})}


def called(connection: Connection, city_id: int, codes: Collection[str]) -> dict[str, Mapping[str, str]]:
    """What the units of these codes are called."""
    if not codes:
        return {}
    query = text("SELECT code, names FROM geoapp.unit WHERE city_id = :city AND code = ANY(:codes)")
    return {row.code: row.names for row in connection.execute(query, {"city": city_id, "codes": sorted(codes)})}


def of_area(connection: Connection, city_id: int, layer: str, code: str) -> Unit | None:
    """The unit that is for an area."""
    query = text(
        f"{_UNITS} AND u.area_keys && ARRAY(SELECT k.id FROM geoapp.area_key k "
        "WHERE k.city_id = :city AND k.layer = :layer AND k.code = :code) ORDER BY u.id LIMIT 1"
    )
    row = connection.execute(query, {"city": city_id, "layer": layer, "code": code}).one_or_none()
    return None if row is None else _unit(row)


def below(connection: Connection, *unit_ids: int) -> frozenset[int]:
    """Some units and all below them; a tree bitten by its own tail ends, since none is met twice."""
    if not unit_ids:
        return frozenset()
    query = text(
        "WITH RECURSIVE down (id) AS (SELECT unnest(cast(:ids AS integer[])) UNION "
        "SELECT u.id FROM down JOIN geoapp.unit u ON u.parent_id = down.id) SELECT id FROM down"
    )
    return frozenset(connection.execute(query, {"ids": sorted(unit_ids)}).scalars())


def line(connection: Connection, unit_id: int) -> tuple[int, ...]:
    """A unit, then each above it."""
    return tuple(connection.execute(text("SELECT geoapp.unit_line(:id)"), {"id": unit_id}).scalar_one())


def save(
    connection: Connection, city_id: int, code: str, names: Mapping[str, str], kind: UnitKind, *,
    parent: str | None = None, fallback: str | None = None, duty: Sequence[Mapping[str, Any]] = (),
    contacts: Mapping[str, str] | None = None, active: bool = True,
) -> int:  # fmt: skip
    """Make a unit, or change all of one but its areas; its key.

    Raises:
        UnknownUnit: parent or fallback is none of the city's.
        UnitInvalid: it would come to stand below itself.
    """
    if parent == code:
        raise UnitInvalid(f"{code} below itself")
    parent_id = None if parent is None else find(connection, city_id, parent).id
    fallback_id = None if fallback is None else find(connection, city_id, fallback).id
    values = {
        "city": city_id, "code": code, "names": _json(dict(names)), "kind": kind.value, "parent": parent_id,
        "fallback": fallback_id, "duty": _json(list(duty)), "contacts": _json(dict(contacts or {})), "active": active,
    }  # fmt: skip
    saved = int(connection.execute(_SAVE, values).scalar_one())
    if parent_id is not None and parent_id in below(connection, saved):
        raise UnitInvalid(f"{code} below {parent}")
    return saved


_SAVE: Final = text(
    "INSERT INTO geoapp.unit (city_id, code, names, kind, parent_id, fallback_id, duty, contacts, active) "
    "VALUES (:city, :code, cast(:names AS jsonb), :kind, :parent, :fallback, cast(:duty AS jsonb), "
    "cast(:contacts AS jsonb), :active) ON CONFLICT (city_id, code) DO UPDATE SET names = excluded.names, "
    "kind = excluded.kind, parent_id = excluded.parent_id, fallback_id = excluded.fallback_id, duty = excluded.duty, "
    "contacts = excluded.contacts, active = excluded.active RETURNING id"
)


def hold(connection: Connection, city_id: int) -> None:
    """Let one transaction at a time change a city's tree: two moves, each harmless, may make a circle together."""
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 5))"), {"name": f"units/{city_id}"})


def set_areas(connection: Connection, unit_id: int, keys: Sequence[int]) -> None:
    """Say which areas a unit is for."""
    connection.execute(
        text("UPDATE geoapp.unit SET area_keys = :keys WHERE id = :id"), {"id": unit_id, "keys": sorted(keys)}
    )


def untie(connection: Connection, unit_ids: Sequence[int]) -> None:
    """Let these stand below nobody, until they are saved again."""
    connection.execute(text("UPDATE geoapp.unit SET parent_id = NULL WHERE id = ANY(:ids)"), {"ids": list(unit_ids)})


@dataclass(frozen=True, slots=True)
class AreaWord:
    """An area as people name it to us: layer/code, and what it is called in the version in force, if it is."""

    key: int
    layer: str
    code: str
    names: Mapping[str, str]

    @property
    def word(self) -> str:
        """layer/code, as addresses have it."""
        return f"{self.layer}/{self.code}"


def areas(connection: Connection, city_id: int, keys: Sequence[int]) -> dict[int, AreaWord]:
    """The areas of those keys."""
    return {one.key: one for one in _areas(connection, city_id, "k.id = ANY(:asked)", list(keys))}


def areas_called(connection: Connection, city_id: int, words: Sequence[str]) -> dict[str, AreaWord]:
    """The areas of those words (layer/code), as far as there are such."""
    found = _areas(connection, city_id, "k.layer || '/' || k.code = ANY(:asked)", list(words))
    return {one.word: one for one in found}


def _areas(connection: Connection, city_id: int, which: str, asked: list[Any]) -> list[AreaWord]:
    query = text(
        "SELECT k.id, k.layer, k.code, coalesce((SELECT a.names FROM geoapp.area a WHERE a.area_key_id = k.id "
        "ORDER BY a.version DESC LIMIT 1), '{}') FROM geoapp.area_key k "
        f"WHERE k.city_id = :city AND {which} ORDER BY k.layer, k.code"
    )
    return [AreaWord(*row) for row in connection.execute(query, {"city": city_id, "asked": asked})]


def _unit(row: Any) -> Unit:
    kind = None if row.kind is None else UnitKind(row.kind)
    return Unit(
        row.id, row.code, row.names, kind, row.parent, tuple(row.area_keys), row.duty, row.contacts, row.fallback,
        row.active,
    )  # fmt: skip


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
