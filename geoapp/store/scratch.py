"""A database of its own on the installation's server, for what is only tried out; dropped when done, unless kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg
from psycopg import sql

from geoapp.errors import RehearsalRuns
from geoapp.settings import Settings
from geoapp.store import bootstrap, cluster, migrate
from geoapp.store.cluster import SUPERUSER, Server
from geoapp.store.tables import METADATA


@contextmanager
def scratch(settings: Settings, name: str, *, keep: bool = False) -> Iterator[Server]:
    """A migrated, empty database of that name; needs the right to create one, as on the private cluster.

    What lies there, kept before or left by a process that was killed, makes room for it.

    Raises:
        RehearsalRuns: another process is at it.
    """
    server = cluster.ensure(settings)
    with psycopg.connect(server.conninfo(SUPERUSER, "postgres"), autocommit=True) as connection:
        held = connection.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 8))", [name]).fetchone()
        if held is None or not held[0]:
            raise RehearsalRuns(name)
        bootstrap.drop_database(connection, name)
        try:
            bootstrap.prepare(connection, name)
            migrate.upgrade(server.url(bootstrap.OWNER, name))
            yield server.on(name)
        finally:
            if not keep:
                bootstrap.drop_database(connection, name)


# What a city stands on, in the order in which one names the other; its reports, tickets and lists are not among it.
_CITY: Final = {
    "city": "id = {city}",
    "layer_version": "city_id = {city}",
    "layer_current": "city_id = {city}",
    "area_key": "city_id = {city}",
    "area": "city_id = {city}",
    "area_lineage": "layer_version_id IN (SELECT id FROM geoapp.layer_version WHERE city_id = {city})",
    "asset": "city_id = {city}",
    "category": "city_id = {city}",
    "matter": "city_id = {city}",
    "source_word": "city_id = {city}",
    "unit": "city_id = {city}",
    "alias": "city_id = {city}",
    "calendar_day": "city_id = {city}",
}


def copy_city(there: Server, here: Server, city_id: int) -> None:
    """A city's layers, catalogue, units, names and calendar as another database has them, under the same keys."""
    with psycopg.connect(there.conninfo(SUPERUSER)) as reading, psycopg.connect(here.conninfo(SUPERUSER)) as writing:
        for name, condition in _CITY.items():
            _copy(reading, writing, name, condition.format(city=int(city_id)))


def _copy(
    reading: psycopg.Connection[object], writing: psycopg.Connection[object], name: str, condition: str
) -> None:  # fmt: skip
    table = METADATA.tables[f"{METADATA.schema}.{name}"]
    columns = sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns)
    full = sql.Identifier("geoapp", name)
    given = sql.SQL("COPY (SELECT {} FROM {} WHERE {}) TO STDOUT (FORMAT binary)").format(
        columns, full, sql.SQL(condition)
    )  # fmt: skip
    taken = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(full, columns)
    with reading.cursor().copy(given) as out, writing.cursor().copy(taken) as into:
        for part in out:
            into.write(part)
    if "id" in table.columns and table.columns["id"].identity is not None:
        # The next row of this table gets a key that none of these has.
        writing.execute(
            sql.SQL("SELECT setval(pg_get_serial_sequence({}, 'id'), coalesce(max(id), 1)) FROM {}").format(
                sql.Literal(f"geoapp.{name}"), full
            )
        )
