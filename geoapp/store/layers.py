"""A layer's features appended as a new version, and the pointer moved to it, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import shapely
from sqlalchemy import Connection, text

from geoapp.city import City


@dataclass(frozen=True, slots=True)
class Feature:
    """One area as read and checked: outline a MultiPolygon in WGS-84 degrees."""

    code: str
    names: Mapping[str, str]
    quality: str
    outline: shapely.MultiPolygon


def load_areas(
    connection: Connection, city: City, layer: str, kind: str, digest: str,
    features: Sequence[Feature], findings: Mapping[str, Any],
) -> int:  # fmt: skip
    """Append the features as the layer's next version and point to it; the version's number.

    Content that is the current version already is not loaded again.
    """
    current = connection.execute(
        text(
            "SELECT v.digest, v.version FROM geoapp.layer_current c "
            "JOIN geoapp.layer_version v ON v.id = c.layer_version_id "
            "WHERE c.city_id = :city AND c.layer = :layer"
        ),
        {"city": city.id, "layer": layer},
    ).one_or_none()
    if current is not None and current.digest == digest:
        return int(current.version)
    version_id, version = _new_version(connection, city, layer, kind, digest, len(features), findings)
    keys = _area_keys(connection, city, layer, [feature.code for feature in features])
    connection.execute(
        text(
            "INSERT INTO geoapp.area"
            " (city_id, layer_version_id, area_key_id, layer, code, version, names, quality, geom)"
            " VALUES (:city, :version_id, :key, :layer, :code, :version, cast(:names AS jsonb), :quality,"
            " ST_SetSRID(ST_GeomFromWKB(:wkb), 4326))"
        ),
        [
            {
                "city": city.id, "version_id": version_id, "key": keys[feature.code], "layer": layer,
                "code": feature.code, "version": version, "names": orjson.dumps(dict(feature.names)).decode(),
                "quality": feature.quality, "wkb": shapely.to_wkb(feature.outline),
            }
            for feature in features
        ],
    )  # fmt: skip
    connection.execute(
        text(
            "INSERT INTO geoapp.layer_current (city_id, layer, layer_version_id) VALUES (:city, :layer, :id) "
            "ON CONFLICT (city_id, layer) DO UPDATE SET layer_version_id = excluded.layer_version_id"
        ),
        {"city": city.id, "layer": layer, "id": version_id},
    )
    return version


def _new_version(
    connection: Connection, city: City, layer: str, kind: str, digest: str, count: int, findings: Mapping[str, Any]
) -> tuple[int, int]:
    row = connection.execute(
        text(
            "INSERT INTO geoapp.layer_version (city_id, layer, kind, version, digest, features, findings) "
            "SELECT :city, :layer, :kind, coalesce(max(version), 0) + 1, :digest, :count, cast(:findings AS jsonb) "
            "FROM geoapp.layer_version WHERE city_id = :city AND layer = :layer RETURNING id, version"
        ),
        {
            "city": city.id, "layer": layer, "kind": kind, "digest": digest, "count": count,
            "findings": orjson.dumps(dict(findings)).decode(),
        },
    ).one()  # fmt: skip
    return row.id, row.version


def _area_keys(connection: Connection, city: City, layer: str, codes: list[str]) -> dict[str, int]:
    values = {"city": city.id, "layer": layer, "codes": codes}
    connection.execute(
        text(
            "INSERT INTO geoapp.area_key (city_id, layer, code) "
            "SELECT :city, :layer, unnest(cast(:codes AS text[])) ON CONFLICT DO NOTHING"
        ),
        values,
    )
    rows = connection.execute(
        text("SELECT code, id FROM geoapp.area_key WHERE city_id = :city AND layer = :layer AND code = ANY(:codes)"),
        values,
    )
    return {code: key for code, key in rows}
