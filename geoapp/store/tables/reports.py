"""What arrived: runs, reports with identity by content, their erasable words and photos."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from geoapp.lifecycle import Kind
from geoapp.store.tables.base import METADATA, big_id, city_id, geometry, hot_city_id, moment, one_of

run = Table(
    "run",
    METADATA,
    big_id(),
    city_id(),
    Column("source", Text, nullable=False),
    Column("files", ARRAY(Text), nullable=False, server_default="{}"),
    Column("versions", JSONB, nullable=False, server_default="{}"),
    moment("started_at", now=True),
    moment("ended_at"),
    Column("tally", JSONB),
)

report = Table(
    "report",
    METADATA,
    big_id(),
    hot_city_id(),
    Column("source", Text, nullable=False),
    Column("ref", Text),
    Column("hash", Uuid, nullable=False),
    Column("occurrence", Integer, nullable=False, server_default="1"),
    Column("receipt", Text),
    Column("kind", Text, nullable=False),
    Column("channel", Text),
    moment("said_at", needed=True),
    moment("recorded_at", now=True),
    Column("run_id", BigInteger),
    Column("ticket_id", BigInteger, ForeignKey("geoapp.ticket.id")),
    Column("matter_id", Integer),
    Column("unit_id", Integer),
    Column("x", Double),
    Column("y", Double),
    Column("crs", Text),
    geometry("POINT", needed=False),
    Column("precision", Text),
    Column("radius_m", Double),
    Column("confidence", Double),
    Column("problem", Text),
    Column("recorded_area", Text),
    Column("measured", JSONB),
    one_of("kind", Kind),
)
# Identity (design §3): by reference and content, else by content and how often it was said.
Index(
    "uq_report_ref", report.c.city_id, report.c.source, report.c.ref, report.c.hash,
    unique=True, postgresql_where=text("ref IS NOT NULL"),
)  # fmt: skip
Index(
    "uq_report_content", report.c.city_id, report.c.source, report.c.hash, report.c.occurrence,
    unique=True, postgresql_where=text("ref IS NULL"),
)  # fmt: skip
Index("uq_report_receipt", report.c.receipt, unique=True, postgresql_where=text("receipt IS NOT NULL"))
Index("ix_report_ticket", report.c.ticket_id, postgresql_where=text("ticket_id IS NOT NULL"))
PLACED_BY_WORDS: Final = "r.ticket_id IS NOT NULL AND r.precision NOT IN ('coordinates', 'by_hand')"
"""Of reports r those whose words say where they are: what is located again when names were mended."""

Index(
    "ix_report_by_words",
    report.c.city_id,
    report.c.id,
    postgresql_where=text(PLACED_BY_WORDS.replace("r.", "")),
)
Index("ix_report_unplaced", report.c.city_id, report.c.id, postgresql_where=text("ticket_id IS NULL"))

# How often a run has met a content that bears no reference; emptied when the run ends, so not worth logging.
run_count = Table(
    "run_count",
    METADATA,
    Column("run_id", BigInteger, ForeignKey("geoapp.run.id"), primary_key=True),
    Column("hash", Uuid, primary_key=True),
    Column("n", Integer, nullable=False),
    prefixes=["UNLOGGED"],
)

report_text = Table(
    "report_text",
    METADATA,
    Column("report_id", BigInteger, ForeignKey("geoapp.report.id"), primary_key=True),
    Column("body", Text, nullable=False),
    Column("address", Text, nullable=False, server_default=""),
)

PHOTO_SHOWS: Final = ("defect", "repair")
"""What is wrong, or how it was mended."""

photo = Table(
    "photo",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("report_id", BigInteger, ForeignKey("geoapp.report.id"), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("digest", Text, nullable=False),
    moment("recorded_at", now=True),
    Column("shows", Text, nullable=False, server_default="defect"),
    one_of("shows", PHOTO_SHOWS),
)
Index(None, photo.c.report_id)
