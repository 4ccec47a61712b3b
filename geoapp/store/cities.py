"""Cities as the database knows them: their packs, and their current ground kept in memory a version long."""

from __future__ import annotations

from threading import Lock
from typing import Any, Final

import numpy as np
import orjson
import shapely
from sqlalchemy import Connection, select, text

from geoapp.assign.areas import AreaLayer, Ground
from geoapp.city import City, city_from
from geoapp.errors import CityNeeded, UnknownCity
from geoapp.store.tables import area, layer_version
from geoapp.store.tables import city as city_table


def cities(connection: Connection) -> list[City]:
    """Every city loaded here, in the order of loading."""
    rows = connection.execute(select(city_table.c.id, city_table.c.pack).order_by(city_table.c.id))
    return [city_from(pack, pack["code"], city_id) for city_id, pack in rows]


def city(connection: Connection, code: str = "") -> City:
    """The city of that code; without one, the only city there is.

    Raises:
        UnknownCity: no city of that code, or none at all.
        CityNeeded: no code, and several cities.
    """
    query = select(city_table.c.id, city_table.c.pack)
    if code:
        query = query.where(city_table.c.code == code)
    rows = connection.execute(query.limit(2)).all()
    if not rows:
        raise UnknownCity(code)
    if len(rows) > 1:
        raise CityNeeded()
    return city_from(rows[0].pack, code, rows[0].id)


def save_city(connection: Connection, pack: City) -> City:
    """Make a city known, or its pack the newer one."""
    # Few and rarely made: a table lock gives the small key without a gap.
    connection.execute(text("LOCK TABLE geoapp.city IN SHARE ROW EXCLUSIVE MODE"))
    values = {"names": orjson.dumps(pack.names).decode(), "pack": orjson.dumps(pack.as_dict()).decode()}
    row = connection.execute(
        text(
            "INSERT INTO geoapp.city (id, code, names, pack) "
            "SELECT coalesce(max(id), 0) + 1, :code, cast(:names AS jsonb), cast(:pack AS jsonb) FROM geoapp.city "
            "ON CONFLICT (code) DO UPDATE SET names = excluded.names, pack = excluded.pack, loaded_at = now() "
            "RETURNING id"
        ),
        {"code": pack.code, **values},
    ).one()
    return city_from(pack.as_dict(), pack.code, row.id)


_GROUNDS: Final[dict[tuple[object, ...], Ground]] = {}
_LOCK: Final = Lock()


def ground(connection: Connection, of: City) -> Ground:
    """The city's area layers in force now.

    The pointer is read each time (one key look-up); outlines are read once a version and shared by all threads.
    """
    current = tuple(
        connection.execute(
            text("SELECT layer_version_id FROM geoapp.layer_current WHERE city_id = :city ORDER BY layer"),
            {"city": of.id},
        ).scalars()
    )
    if not current:
        raise UnknownCity(f"{of.code}: no layers loaded")
    # Keys count from 1 in every database, and a pack may change without its outlines.
    whose = (str(connection.engine.url), of.id)
    key = (*whose, of.responsible, of.outside_m, *current)
    with _LOCK:
        if key not in _GROUNDS:
            layers = tuple(area_layer(connection, version) for version in current)
            for old in [old for old in _GROUNDS if old[: len(whose)] == whose]:
                del _GROUNDS[old]
            _GROUNDS[key] = Ground(layers, of.responsible, of.outside_m)
        return _GROUNDS[key]


def area_layer(connection: Connection, version_id: int) -> AreaLayer:
    """One version of a layer, read whole."""
    head = connection.execute(select(layer_version).where(layer_version.c.id == version_id)).one()
    columns = (area.c.area_key_id, area.c.code, area.c.names, area.c.quality)
    wkb: Any = text("ST_AsBinary(geom) AS wkb")
    rows = connection.execute(select(*columns, wkb).where(area.c.layer_version_id == version_id)).all()
    return AreaLayer.of(
        head.layer, head.kind, head.version,
        [row.area_key_id for row in rows], [row.code for row in rows],
        [row.names for row in rows], [row.quality for row in rows],
        np.array(shapely.from_wkb([bytes(row.wkb) for row in rows]), dtype=object),
    )  # fmt: skip
