"""A city's ground in memory: its layers in force, now or at some moment, each version's index mapped from one file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any, Final

import numpy as np
import shapely
import structlog
from numpy.typing import NDArray
from sqlalchemy import Connection, Row, text

from geoapp import settings
from geoapp.assign import assets
from geoapp.assign.areas import AreaLayer, Ground
from geoapp.assign.arrays import DamagedIndex, Packed, load, save
from geoapp.assign.assets import AssetLayer
from geoapp.assign.raster import Raster
from geoapp.city import City
from geoapp.errors import UnknownCity
from geoapp.store.identity import identity, make_room

Arrays = Mapping[str, NDArray[Any]]

_FORMAT: Final = "1"
"""Raised when an index comes to hold something else."""

_REACH_M: Final = {"assets": 15.0, "roads": 25.0}
"""How far a report may lie from what it speaks of where the pack does not say: geocoded addresses scatter so much."""

# A layer that the pack has dropped is loaded still, but says nothing any more.
_CURRENT: Final = text(
    "SELECT layer_version_id FROM geoapp.layer_current WHERE city_id = :city AND layer = ANY(:layers) ORDER BY layer"
)

# Days are the city's. A version without a day of its own came into force when it was loaded; valid_to is its last day.
# The newest of several wins: a later load corrects an earlier one.
_IN_FORCE: Final = text("""
    SELECT DISTINCT ON (layer) id FROM geoapp.layer_version
    WHERE city_id = :city AND (valid_to IS NULL OR valid_to >= cast(:day AS date))
      AND CASE WHEN valid_from IS NULL THEN loaded_at <= :at ELSE valid_from <= cast(:day AS date) END
    ORDER BY layer, version DESC
""")

_HEADS: Final = text(
    "SELECT id, layer, kind, role, version, digest FROM geoapp.layer_version WHERE id = ANY(:ids) ORDER BY layer"
)

_GROUNDS: Final[dict[tuple[object, ...], Ground]] = {}
_LAYERS: Final[dict[tuple[object, ...], AreaLayer | AssetLayer]] = {}
_MOST_GROUNDS: Final = 16
_MOST_LAYERS: Final = 128
_LOCK: Final = Lock()


def ground(connection: Connection, of: City) -> Ground:
    """The city's layers in force now.

    The pointer is read each time (one key look-up); a version is read once a process, its index mapped from a file
    that all processes share.

    Raises:
        UnknownCity: no layer is loaded.
    """
    versions = current(connection, of)
    if not versions:
        raise UnknownCity(f"{of.code}: no layers loaded")
    return _ground(connection, of, versions)


def current(connection: Connection, of: City) -> tuple[int, ...]:
    """The keys of the versions in force of the city's layers: another ground has others."""
    values = {"city": of.id, "layers": [layer.name for layer in of.layers]}
    return tuple(connection.execute(_CURRENT, values).scalars())


def ground_at(connection: Connection, of: City, at: datetime) -> Ground | None:
    """The city's layers in force at a moment; None where the responsible layer had no version yet."""
    values = {"city": of.id, "at": at, "day": at.astimezone(of.zone).date()}
    found = _ground(connection, of, connection.execute(_IN_FORCE, values).scalars().all())
    return found if of.responsible in {layer.name for layer in found.layers} else None


def area_version(connection: Connection, of: City, layer: str, version: int) -> AreaLayer:
    """One version of an area layer, in force or not.

    Raises:
        sqlalchemy.exc.NoResultFound: there is none of that number.
    """
    query = text(
        "SELECT id, layer, kind, role, version, digest FROM geoapp.layer_version "
        "WHERE city_id = :city AND layer = :layer AND version = :version AND role = 'areas'"
    )
    head = connection.execute(query, {"city": of.id, "layer": layer, "version": version}).one()
    with _LOCK:
        found = _kept(connection, head, ("areas",), partial(_area_layer, connection, head))
    assert isinstance(found, AreaLayer)
    return found


def _ground(connection: Connection, of: City, versions: Sequence[int]) -> Ground:
    # A pack may change without its layers: what the answer takes from it is part of the key.
    specs = tuple((layer.name, layer.reach_m, layer.matters) for layer in of.layers)
    key = (identity(connection), of.id, of.responsible, of.outside_m, of.metric_crs, specs, *versions)
    with _LOCK:
        if key not in _GROUNDS:
            made = _make(connection, of, versions)
            make_room(_GROUNDS, _MOST_GROUNDS)
            _GROUNDS[key] = made
        return _GROUNDS[key]


def _make(connection: Connection, of: City, versions: Sequence[int]) -> Ground:
    areas: list[AreaLayer] = []
    others: dict[str, list[AssetLayer]] = {"assets": [], "roads": []}
    order = {layer.name: nth for nth, layer in enumerate(of.layers)}
    heads = connection.execute(_HEADS, {"ids": list(versions)}).all()
    for head in sorted(heads, key=lambda one: (order.get(one.layer, len(order)), one.layer)):
        if head.role == "areas":
            layer = _kept(connection, head, ("areas",), partial(_area_layer, connection, head))
            assert isinstance(layer, AreaLayer)
            areas.append(layer)
        elif head.role in others:
            reach_m, matters = _of_pack(of, head)
            key = (reach_m, matters, of.metric_crs)
            made = _kept(connection, head, key, partial(_asset_layer, connection, of, head))
            assert isinstance(made, AssetLayer)
            others[head.role].append(made)
    return Ground(
        tuple(sorted(areas, key=lambda layer: layer.name)), of.responsible, of.outside_m, of.metric_crs,
        tuple(others["assets"]), tuple(others["roads"]),
    )  # fmt: skip


def _of_pack(of: City, head: Row[Any]) -> tuple[float, tuple[str, ...]]:
    """The reach and the matters the pack gives a layer now."""
    spec = next((layer for layer in of.layers if layer.name == head.layer), None)
    reach_m = spec.reach_m if spec and spec.reach_m > 0 else _REACH_M[head.role]
    return reach_m, spec.matters if spec else ()


def _kept(
    connection: Connection, head: Row[Any], further: tuple[object, ...], make: Callable[[], AreaLayer | AssetLayer]
) -> AreaLayer | AssetLayer:
    key = (identity(connection), head.id, *further)
    if key not in _LAYERS:
        made = make()
        make_room(_LAYERS, _MOST_LAYERS)
        _LAYERS[key] = made
    return _LAYERS[key]


def _area_layer(connection: Connection, head: Row[Any]) -> AreaLayer:
    query = text("SELECT area_key_id, code, names, quality FROM geoapp.area WHERE layer_version_id = :id")
    rows = sorted(connection.execute(query, {"id": head.id}).all(), key=lambda row: row.code)

    def make() -> dict[str, NDArray[Any]]:
        outlines = _shapes(connection, "area", head.id)
        shapely.prepare(outlines)
        wkb = Packed.of(list(shapely.to_wkb(outlines)))
        return {**wkb.arrays("outlines"), **Raster.of(outlines).arrays()}

    made = index(f"{head.digest}-areas", make)
    wkb = Packed.from_arrays(made, "outlines")
    return AreaLayer.of(
        head.layer, head.kind, head.version,
        [row.area_key_id for row in rows], [row.code for row in rows],
        [row.names for row in rows], [row.quality for row in rows],
        np.array(shapely.from_wkb([wkb[at] for at in range(len(wkb))]), dtype=object), Raster.from_arrays(made),
    )  # fmt: skip


def _asset_layer(connection: Connection, of: City, head: Row[Any]) -> AssetLayer:
    reach_m, matters = _of_pack(of, head)

    def make() -> dict[str, NDArray[Any]]:
        query = text("SELECT code FROM geoapp.asset WHERE layer_version_id = :id")
        codes = sorted(connection.execute(query, {"id": head.id}).scalars())
        return assets.arrays(codes, _shapes(connection, "asset", head.id), reach_m, of.metric_crs)

    made = index(f"{head.digest}-{reach_m}-{of.metric_crs}", make)
    return assets.layer_from(head.layer, head.kind, head.version, head.id, reach_m, matters, of.metric_crs, made)


def _shapes(connection: Connection, table: str, version_id: int) -> NDArray[np.object_]:
    """The shapes of a version in the order of codes, which is Python's and not a collation's."""
    query = text(f"SELECT code, ST_AsBinary(geom) AS wkb FROM geoapp.{table} WHERE layer_version_id = :id")
    rows = sorted(connection.execute(query, {"id": version_id}).all(), key=lambda row: row.code)
    return np.array(shapely.from_wkb([bytes(row.wkb) for row in rows]), dtype=object)


def index(content: str, make: Callable[[], dict[str, NDArray[Any]]]) -> Arrays:
    """An index mapped from its file, made and kept there first where it is not.

    Files are named by what they were made of, so that one can never be out of date; where none can be written, the
    index lives in this process alone.
    """
    path = _index_file(content)
    try:
        return load(path)
    except (FileNotFoundError, DamagedIndex):
        made = make()
    try:
        save(path, made)
        return load(path)
    except OSError as error:
        structlog.get_logger().warning("index_not_kept", folder=str(Path(path).parent), error=str(error))
        return made


def has_index(content: str) -> bool:
    """Whether somebody has made the index of that already."""
    return _index_file(content).exists()


def _index_file(content: str) -> Path:
    name = hashlib.sha256(f"{_FORMAT} {content}".encode()).hexdigest()[:40]
    return settings.read().data_dir / "index" / f"{name}.index"
