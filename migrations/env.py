"""How Alembic reaches the database: over the connection that geoapp.store.migrate hands it."""

from __future__ import annotations

from alembic import context

from geoapp.people.rights import LINES
from geoapp.store import role_rights
from geoapp.store.migrate import SCHEMA
from geoapp.store.tables import METADATA

_OURS = {SCHEMA, "private"}


def _include(name: str | None, kind: str, parents: object) -> bool:
    # PostGIS keeps tables of its own in public; they are not ours to compare or drop.
    return kind != "schema" or name in _OURS


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table_schema=SCHEMA,
    include_schemas=True,
    include_name=_include,
)
with context.begin_transaction():
    context.run_migrations()
    # However a database comes to a revision, its copy of the table of rights is this checkout's.
    if role_rights.is_there(connection := context.config.attributes["connection"]):
        role_rights.keep(connection, LINES)
