"""A layer's features appended as a new version, and the pointer moved to it, in the caller's transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, Protocol

import orjson
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, text

from geoapp.assign.coverage import shares
from geoapp.city import City, LayerSpec
from geoapp.store import copy

AREAS: Final = "areas"


class Feature(Protocol):
    """One feature as layers.base has it, read and checked; its shape in WGS-84 degrees, an area's a MultiPolygon."""

    @property
    def code(self) -> str: ...
    @property
    def names(self) -> Mapping[str, str]: ...
    @property
    def quality(self) -> str: ...
    @property
    def shape(self) -> BaseGeometry: ...
    @property
    def classed(self) -> str: ...
    @property
    def authority(self) -> str | None: ...
    @property
    def owner(self) -> str | None: ...
    @property
    def maintainer(self) -> str | None: ...
    @property
    def attributes(self) -> Mapping[str, Any]: ...


def digest_of(features: Sequence[Feature]) -> str:
    """What a version consists of, as a digest: SHA-256 over every feature, in the order of codes."""
    found = hashlib.sha256()
    for one in sorted(features, key=lambda feature: feature.code):
        parties = (one.classed, one.authority, one.owner, one.maintainer)
        said = (one.code, sorted(one.names.items()), one.quality, parties, sorted(one.attributes.items()))
        found.update(repr(said).encode("utf-8", "surrogatepass"))
        found.update(shapely.to_wkb(one.shape))
    return found.hexdigest()


def load(
    connection: Connection, city: City, spec: LayerSpec, role: str, features: Sequence[Feature],
    findings: Mapping[str, Any],
) -> int:  # fmt: skip
    """Append the features as the layer's next version and point to it; the version's number.

    role is one of tables.places.ROLES. Content that is the current version already is not loaded again.
    """
    # Loads of one layer come one after the other: each sees the version before it.
    connection.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 3))"), {"name": f"{city.id}/{spec.name}"}
    )
    digest, before = digest_of(features), _current(connection, city, spec.name)
    if before is not None and before.digest == digest:
        return int(before.version)
    version_id, version = _new_version(connection, city, spec, role, digest, len(features), findings)
    if role == AREAS:
        keys = _area_keys(connection, city, spec.name, [feature.code for feature in features])
        _copy_areas(connection, city, spec.name, version_id, version, keys, features)
        if before is not None and before.role == AREAS:
            _note_lineage(connection, city, before.id, version_id)
    else:
        _copy_assets(connection, city, spec.name, version_id, version, features)
    connection.execute(
        text(
            "INSERT INTO geoapp.layer_current (city_id, layer, layer_version_id) VALUES (:city, :layer, :id) "
            "ON CONFLICT (city_id, layer) DO UPDATE SET layer_version_id = excluded.layer_version_id"
        ),
        {"city": city.id, "layer": spec.name, "id": version_id},
    )
    return version


def _current(connection: Connection, city: City, layer: str) -> Any:
    return connection.execute(
        text(
            "SELECT v.id, v.digest, v.version, v.role FROM geoapp.layer_current c "
            "JOIN geoapp.layer_version v ON v.id = c.layer_version_id "
            "WHERE c.city_id = :city AND c.layer = :layer"
        ),
        {"city": city.id, "layer": layer},
    ).one_or_none()


def _copy_areas(
    connection: Connection, city: City, layer: str, version_id: int, version: int, keys: Mapping[str, int],
    features: Sequence[Feature],
) -> None:  # fmt: skip
    columns = _shared_columns(city, layer, version_id, version, features)
    copy.copy(connection, "geoapp.area", {**columns, "area_key_id": copy.plain(keys[one.code] for one in features)})


def _copy_assets(
    connection: Connection, city: City, layer: str, version_id: int, version: int, features: Sequence[Feature]
) -> None:
    parties = {
        name: copy.texts([getattr(one, name) for one in features]) for name in ("authority", "owner", "maintainer")
    }
    columns = _shared_columns(city, layer, version_id, version, features) | parties
    columns["class"] = copy.texts([one.classed for one in features])
    columns["attributes"] = [copy.json(dict(one.attributes)) for one in features]
    copy.copy(connection, "geoapp.asset", columns)


def _shared_columns(
    city: City, layer: str, version_id: int, version: int, features: Sequence[Feature]
) -> dict[str, Any]:
    count = len(features)
    shapes = shapely.set_srid([one.shape for one in features], 4326)
    return {
        "city_id": copy.same(str(city.id), count),
        "layer_version_id": copy.same(str(version_id), count),
        "layer": copy.same(copy.escape(layer), count),
        "version": copy.same(str(version), count),
        "code": copy.texts([one.code for one in features]),
        "names": [copy.json(dict(one.names)) for one in features],
        "quality": [one.quality for one in features],
        "geom": shapely.to_wkb(shapes, hex=True, include_srid=True).tolist(),
    }


def _note_lineage(connection: Connection, city: City, before: int, after: int) -> None:
    """What became of each area: rows for those whose outline or code changed, and for those that stayed."""
    old, new = (_outlines(connection, version) for version in (before, after))
    rows = shares([shape for _, shape in old], [shape for _, shape in new], city.metric_crs)
    if not rows:
        return
    copy.copy(
        connection,
        "geoapp.area_lineage",
        {
            "layer_version_id": copy.same(str(after), len(rows)),
            "from_key_id": copy.plain(old[one.old][0] for one in rows),
            "to_key_id": copy.plain(new[one.new][0] for one in rows),
            "share": copy.plain(one.share for one in rows),
        },
    )


def _outlines(connection: Connection, version_id: int) -> list[tuple[int, BaseGeometry]]:
    rows = connection.execute(
        text("SELECT area_key_id, ST_AsBinary(geom) FROM geoapp.area WHERE layer_version_id = :id ORDER BY code"),
        {"id": version_id},
    ).all()
    shapes = shapely.from_wkb([bytes(wkb) for _, wkb in rows])
    return list(zip([key for key, _ in rows], shapes, strict=True))


def _new_version(
    connection: Connection, city: City, spec: LayerSpec, role: str, digest: str, count: int, findings: Mapping[str, Any]
) -> tuple[int, int]:
    row = connection.execute(
        text(
            "INSERT INTO geoapp.layer_version "
            "(city_id, layer, kind, role, version, digest, features, findings, valid_from, valid_to) "
            "SELECT :city, :layer, :kind, :role, coalesce(max(version), 0) + 1, :digest, :count, "
            "cast(:findings AS jsonb), cast(:first AS date), cast(:last AS date) "
            "FROM geoapp.layer_version WHERE city_id = :city AND layer = :layer RETURNING id, version"
        ),
        {
            "city": city.id, "layer": spec.name, "kind": spec.kind, "role": role, "digest": digest, "count": count,
            "findings": orjson.dumps(dict(findings)).decode(),
            "first": date.fromisoformat(spec.valid_from) if spec.valid_from else None,
            "last": date.fromisoformat(spec.valid_to) if spec.valid_to else None,
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
