"""The three lists in numbered batches (批次): what each batch changed, and when it came into force."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB

from geoapp.assign.three_lists import BatchState, ListKind
from geoapp.store.tables.base import METADATA, big_id, city_id, moment, one_of, small_id

# A batch is what leads from the one before it (base_id) to the next: the lines it brings and those it takes away.
# despite says why it came into force although something stood in its way. released_at: since when somebody wants it in
# force from its day on; without, a draft waits for whoever looks it over.
list_batch = Table(
    "list_batch",
    METADATA,
    small_id(),
    city_id(),
    Column("list", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("base_id", Integer, ForeignKey("geoapp.list_batch.id")),
    Column("state", Text, nullable=False, server_default=BatchState.DRAFT.value),
    moment("in_force_from", needed=True),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
    moment("made_at", now=True),
    moment("applied_at"),
    Column("despite", Text),
    moment("released_at"),
    UniqueConstraint("city_id", "list", "number"),
    one_of("list", ListKind),
    one_of("state", BatchState),
)
Index("ix_list_batch_due", list_batch.c.in_force_from, postgresql_where=text("state = 'draft'"))

# Append-only: a trigger refuses update, delete and truncate to everybody.
list_line = Table(
    "list_line",
    METADATA,
    big_id(),
    Column("batch_id", Integer, ForeignKey("geoapp.list_batch.id"), nullable=False),
    Column("code", Text, nullable=False),
    Column("removed", Boolean, nullable=False),
    Column("fields", JSONB, nullable=False),
    UniqueConstraint("batch_id", "code"),
)
