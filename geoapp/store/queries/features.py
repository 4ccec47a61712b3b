"""Assets, roads and landmarks by their codes: names, class and parties."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from geoapp.records import AssetAnswer
from geoapp.store.tables import asset, layer_current, layer_version


def in_force(connection: Connection, city_id: int, layer: str, code: str) -> AssetAnswer | None:
    """The feature of that code in the layer's version in force."""
    v = layer_version.c
    current = (
        select(v.version)
        .join(layer_current, layer_current.c.layer_version_id == v.id)
        .where(v.city_id == city_id, v.layer == layer)
    )
    version = connection.execute(current).scalar_one_or_none()
    return None if version is None else by_code(connection, city_id, layer, version, [code]).get(code)


def by_code(
    connection: Connection, city_id: int, layer: str, version: int, codes: Sequence[str]
) -> dict[str, AssetAnswer]:
    """The features of a layer's version with these codes, as answers of no distance yet."""
    if not codes:
        return {}
    a = asset.c
    statement = select(
        a.layer, a.code, a.names, a.version, a.quality, a["class"], a.authority, a.owner, a.maintainer
    ).where(a.city_id == city_id, a.layer == layer, a.version == version, a.code.in_(codes))
    return {row.code: AssetAnswer(*row, 0.0) for row in connection.execute(statement)}
