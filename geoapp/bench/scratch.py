"""Databases of the bench's own on the installation's server, dropped when done; nobody's data is touched."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from geoapp.settings import Settings
from geoapp.store import bootstrap, cluster, migrate
from geoapp.store.cluster import SUPERUSER, Server


@contextmanager
def scratch(settings: Settings) -> Iterator[Server]:
    """A migrated, empty database; needs the right to create one, as on the private cluster."""
    server = cluster.ensure(settings)
    name = f"geoapp_bench_{os.getpid()}_{secrets.token_hex(3)}"
    with psycopg.connect(server.conninfo(SUPERUSER, "postgres"), autocommit=True) as connection:
        try:
            bootstrap.prepare(connection, name)
            migrate.upgrade(server.url(bootstrap.OWNER, name))
            yield server.on(name)
        finally:
            bootstrap.drop_database(connection, name)
