"""Cities as the database knows them: their packs."""

from __future__ import annotations

import orjson
from sqlalchemy import Connection, select, text

from geoapp.city import City, city_from
from geoapp.errors import CityNeeded, UnknownCity
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
