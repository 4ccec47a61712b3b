"""What lines of the lists may name, as the database has it now: matters, units, areas, assets' classes and parties."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy import Connection, text

from geoapp.assign.list_check import Known
from geoapp.city import City

_PARTIES = ("authority", "owner", "maintainer")


def known(
    connection: Connection, city: City, day: date, levels: Collection[str] = (), persons: frozenset[str] | None = None
) -> Known:
    """What lines may name; levels are those they ask for; gaps are looked for in the finest of them."""
    there = _levels(connection, city, {*levels, city.responsible})
    classes, parties = _assets(connection, city.id)
    return Known(
        day, matters(connection, city.id), _units(connection, city.id), tuple(there), _places(connection, there),
        _areas(connection, there), _area_units(connection, city.id), classes, parties, persons, city.responsible,
    )  # fmt: skip


def matters(connection: Connection, city_id: int) -> dict[str, str]:
    """The category of each matter that is not retired."""
    query = text(
        "SELECT m.code, c.code FROM geoapp.matter m JOIN geoapp.category c ON c.id = m.category_id "
        "WHERE m.city_id = :city AND m.retired_at IS NULL"
    )
    return {code: category for code, category in connection.execute(query, {"city": city_id})}


def area_names(connection: Connection, city_id: int) -> dict[tuple[str, str], dict[str, str]]:
    """What the areas in force are called, by level and code."""
    query = text(
        "SELECT a.layer, a.code, a.names FROM geoapp.layer_current c "
        "JOIN geoapp.area a ON a.layer_version_id = c.layer_version_id WHERE c.city_id = :city"
    )
    return {(row.layer, row.code): row.names for row in connection.execute(query, {"city": city_id})}


def names(connection: Connection, city_id: int) -> dict[str, dict[str, dict[str, str]]]:
    """What lines name is called: matters, categories and units by their codes, those that are gone too."""
    return {
        name: {
            row.code: row.names
            for row in connection.execute(
                text(f"SELECT code, names FROM geoapp.{name} WHERE city_id = :city ORDER BY id"), {"city": city_id}
            )
        }
        for name in ("matter", "category", "unit")
    }  # fmt: skip


def _units(connection: Connection, city_id: int) -> frozenset[str]:
    query = text("SELECT code FROM geoapp.unit WHERE city_id = :city AND active")
    return frozenset(connection.execute(query, {"city": city_id}).scalars())


def _levels(connection: Connection, city: City, wanted: Collection[str]) -> dict[str, int]:
    """The version in force of each of those layers of areas, that of the fewest areas first."""
    query = text(
        "SELECT c.layer, v.id FROM geoapp.layer_current c JOIN geoapp.layer_version v ON v.id = c.layer_version_id "
        "WHERE c.city_id = :city AND v.role = 'areas' AND c.layer = ANY(:layers) ORDER BY v.features, c.layer"
    )
    return {layer: version for layer, version in connection.execute(query, {"city": city.id, "layers": list(wanted)})}


def _areas(connection: Connection, levels: Mapping[str, int]) -> dict[str, frozenset[str]]:
    query = text("SELECT code FROM geoapp.area WHERE layer_version_id = :id")
    return {level: frozenset(connection.execute(query, {"id": version}).scalars()) for level, version in levels.items()}


def _places(connection: Connection, levels: Mapping[str, int]) -> dict[str, list[str]]:
    """For each of the finest areas, in the order of codes, the code of the area of each level that holds it."""
    if not levels:
        return {}
    finest = list(levels)[-1]
    query = text(
        "SELECT coalesce((SELECT o.code FROM geoapp.area o WHERE o.layer_version_id = :level "
        "AND o.geom && ST_PointOnSurface(a.geom) AND ST_Covers(o.geom, ST_PointOnSurface(a.geom)) "
        "ORDER BY o.code LIMIT 1), '') FROM geoapp.area a WHERE a.layer_version_id = :finest ORDER BY a.code"
    )
    own = text("SELECT code FROM geoapp.area WHERE layer_version_id = :finest ORDER BY code")
    return {
        level: list(
            connection.execute(
                own if level == finest else query, {"level": version, "finest": levels[finest]}
            ).scalars()
        )
        for level, version in levels.items()
    }  # fmt: skip


def _area_units(connection: Connection, city_id: int) -> dict[tuple[str, str], str]:
    query = text(
        "SELECT k.layer, k.code, u.code AS unit FROM geoapp.unit u JOIN geoapp.area_key k ON k.id = ANY(u.area_keys) "
        "WHERE u.city_id = :city AND u.active ORDER BY u.id DESC"
    )
    return {(row.layer, row.code): row.unit for row in connection.execute(query, {"city": city_id})}


def _assets(connection: Connection, city_id: int) -> tuple[frozenset[str], dict[tuple[str, str], frozenset[str]]]:
    """The classes of assets and roads, by the words of their layers and the layers' own names, and their parties."""
    query = text(
        "SELECT DISTINCT a.layer, a.class, a.authority, a.owner, a.maintainer FROM geoapp.layer_current c "
        "JOIN geoapp.layer_version v ON v.id = c.layer_version_id AND v.role IN ('assets', 'roads') "
        "JOIN geoapp.asset a ON a.layer_version_id = v.id WHERE c.city_id = :city"
    )
    classes: set[str] = set()
    parties: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for layer, classed, *names in connection.execute(query, {"city": city_id}):
        classes |= {layer, classed}
        for party, name in zip(_PARTIES, names, strict=True):
            if name:
                for of in ("", layer, classed):
                    parties[of, party].add(name)
    return frozenset(classes - {""}), {key: frozenset(found) for key, found in parties.items()}
