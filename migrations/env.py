"""How Alembic reaches the database: over the connection that geoapp.store.migrate hands it."""

from __future__ import annotations

from alembic import context

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
