"""What only the entitled may read: reporters, who filed, original words, rejected rows; all row by row."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from geoapp.store.tables.base import METADATA, PRIVATE, big_id, city_id, moment

reporter = Table(
    "reporter",
    METADATA,
    Column("report_id", BigInteger, ForeignKey("geoapp.report.id"), primary_key=True),
    city_id(),
    Column("name", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("email", Text, nullable=False),
    schema=PRIVATE,
)

# Whose report it is, where somebody had signed in: told nowhere else.
filed = Table(
    "filed",
    METADATA,
    Column("report_id", BigInteger, ForeignKey("geoapp.report.id"), primary_key=True),
    city_id(),
    Column("account_id", Integer, ForeignKey("private.account.id"), nullable=False),
    schema=PRIVATE,
)
Index(None, filed.c.account_id, filed.c.report_id)

# The words as they came, kept only where redaction changed them.
original = Table(
    "original",
    METADATA,
    Column("report_id", BigInteger, ForeignKey("geoapp.report.id"), primary_key=True),
    city_id(),
    Column("body", Text, nullable=False),
    Column("address", Text, nullable=False),
    schema=PRIVATE,
)

# Where a lead was published: an address there leads to whoever wrote it.
post = Table(
    "post",
    METADATA,
    Column("report_id", BigInteger, ForeignKey("geoapp.report.id"), primary_key=True),
    city_id(),
    Column("link", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("pictures", JSONB, nullable=False),
    schema=PRIVATE,
)

rejected = Table(
    "rejected",
    METADATA,
    big_id(),
    city_id(),
    Column("source", Text, nullable=False),
    Column("run_id", BigInteger, ForeignKey("geoapp.run.id"), nullable=False),
    Column("file", Text, nullable=False),
    Column("line", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("fields", JSONB, nullable=False),
    Column("hash", Uuid, nullable=False),
    Column("occurrence", Integer, nullable=False),
    moment("recorded_at", now=True),
    moment("settled_at"),
    UniqueConstraint("city_id", "source", "hash", "occurrence"),
    schema=PRIVATE,
)
Index("ix_rejected_run", rejected.c.run_id)
