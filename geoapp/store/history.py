"""The ground as it was: the layer versions in force at some moment, for answers about the past."""

from __future__ import annotations

from datetime import datetime
from threading import Lock
from typing import Final

from sqlalchemy import Connection, text

from geoapp.assign.areas import AreaLayer, Ground
from geoapp.city import City
from geoapp.store.cities import area_layer

# Days are the city's. A version without a day of its own came into force when it was loaded; valid_to is its last day.
# The newest of several wins: a later load corrects an earlier one.
_IN_FORCE: Final = text("""
    SELECT DISTINCT ON (layer) id FROM geoapp.layer_version
    WHERE city_id = :city AND (valid_to IS NULL OR valid_to >= cast(:day AS date))
      AND CASE WHEN valid_from IS NULL THEN loaded_at <= :at ELSE valid_from <= cast(:day AS date) END
    ORDER BY layer, version DESC
""")

_KEPT: Final = 32
_LAYERS: Final[dict[tuple[str, int], AreaLayer]] = {}
_LOCK: Final = Lock()


def ground_at(connection: Connection, city: City, at: datetime) -> Ground | None:
    """The city's area layers in force at a moment; None where the responsible layer had no version yet."""
    values = {"city": city.id, "at": at, "day": at.astimezone(city.zone).date()}
    ids = connection.execute(_IN_FORCE, values).scalars().all()
    layers = tuple(_layer(connection, version_id) for version_id in ids)
    if city.responsible not in {layer.name for layer in layers}:
        return None
    return Ground(layers, city.responsible, city.outside_m)


def _layer(connection: Connection, version_id: int) -> AreaLayer:
    # A version never changes, so what was read of it holds for ever; one process may speak to several databases.
    key = (str(connection.engine.url), version_id)
    with _LOCK:
        if key not in _LAYERS:
            while len(_LAYERS) >= _KEPT:
                del _LAYERS[next(iter(_LAYERS))]
            _LAYERS[key] = area_layer(connection, version_id)
        return _LAYERS[key]


def first_run(connection: Connection, city_id: int, source: str) -> tuple[datetime, list[str]] | None:
    """When a source first began to be read for a city, and what it then was called; None: never."""
    query = text(
        "SELECT started_at, files FROM geoapp.run WHERE city_id = :city AND source = :source ORDER BY id LIMIT 1"
    )
    row = connection.execute(query, {"city": city_id, "source": source}).one_or_none()
    return None if row is None else (row.started_at, list(row.files))
