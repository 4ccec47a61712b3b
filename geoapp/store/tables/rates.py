"""How often each caller did what may be done only so often, by window of time."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, Integer, Table, Uuid

from geoapp.store.tables.base import METADATA

# The key is a digest of who and what; after a crash all may begin anew, so it is not worth logging.
rate = Table(
    "rate",
    METADATA,
    Column("key", Uuid, primary_key=True),
    Column("began_at", DateTime(timezone=True), primary_key=True),
    Column("n", Integer, nullable=False),
    prefixes=["UNLOGGED"],
)
