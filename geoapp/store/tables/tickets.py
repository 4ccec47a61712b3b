"""Tickets (工单), what happened to them, and the repairs that end them."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from geoapp.lifecycle import Kind, Outcome, State
from geoapp.store.tables.base import METADATA, big_id, city_id, geometry, hot_city_id, moment, one_of

# Public by nature: no free text, nothing private, so no row-level security (which would cost the bbox index).
ticket = Table(
    "ticket",
    METADATA,
    big_id(),
    Column("number", Text, nullable=False, unique=True),
    hot_city_id(),
    Column("source", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("outcome", Text),
    Column("matter_id", Integer),
    Column("unit_id", Integer),
    Column("site_id", BigInteger, ForeignKey("geoapp.site.id"), nullable=False),
    geometry("POINT"),
    Column("quad", BigInteger, nullable=False),
    Column("area_keys", ARRAY(Integer), nullable=False),
    Column("public", Boolean, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("late", Boolean, nullable=False),
    moment("opened_at", needed=True),
    moment("changed_at", needed=True),
    moment("due_at"),
    moment("ended_at"),
    one_of("kind", Kind),
    one_of("state", State),
    one_of("outcome", Outcome),
)
Index("gix_ticket_point", ticket.c.point, postgresql_using="gist")
Index("ix_ticket_site", ticket.c.site_id)
Index("ix_ticket_opened", ticket.c.city_id, ticket.c.opened_at.desc(), ticket.c.id.desc())
Index("ix_ticket_hidden", ticket.c.city_id, ticket.c.quad, postgresql_where=~ticket.c.public)
Index(
    "ix_ticket_due",
    ticket.c.due_at,
    postgresql_where=ticket.c.due_at.is_not(None) & ~ticket.c.late & ticket.c.ended_at.is_(None),
)

# Append-only: a trigger refuses update, delete and truncate to everybody.
event = Table(
    "event",
    METADATA,
    big_id(),
    Column("ticket_id", BigInteger, ForeignKey("geoapp.ticket.id")),
    Column("report_id", BigInteger),
    Column("name", Text, nullable=False),
    Column("from_state", Text),
    Column("to_state", Text),
    moment("occurred_at", needed=True),
    moment("recorded_at", now=True),
    Column("actor", Text, nullable=False),
    Column("run_id", BigInteger),
    Column("codes", JSONB),
    CheckConstraint("ticket_id IS NOT NULL OR report_id IS NOT NULL", name="subject"),
)
Index(None, event.c.ticket_id, event.c.id)
# What was put aside says in its event what its source told of it.
Index("ix_event_waiting", event.c.report_id, event.c.id, postgresql_where=event.c.ticket_id.is_(None))
# Figures ask for a period: what was dispatched in it, settled, closed.
Index("ix_event_dispatched", event.c.occurred_at, postgresql_where=event.c.name == "dispatch")
Index("ix_event_settled", event.c.occurred_at, postgresql_where=event.c.to_state.in_(("settled", "closed")))

event_note = Table(
    "event_note",
    METADATA,
    Column("event_id", BigInteger, ForeignKey("geoapp.event.id"), primary_key=True),
    Column("body", Text, nullable=False),
)

PLACED_BY: Final = ("ticket", "asset", "coordinates")
"""How the place of a repair was told: the evidence of its site."""

# Those of a maintenance system are known by its reference; those a ticket has made bear none.
repair = Table(
    "repair",
    METADATA,
    big_id(),
    city_id(),
    Column("site_id", BigInteger, ForeignKey("geoapp.site.id"), nullable=False),
    Column("ticket_id", BigInteger, ForeignKey("geoapp.ticket.id")),
    Column("unit_id", Integer, ForeignKey("geoapp.unit.id")),
    Column("assisting", ARRAY(Integer), nullable=False, server_default="{}"),
    moment("planned_at"),
    moment("started_at"),
    moment("promised_at"),
    moment("ended_at"),
    Column("hoarding", Boolean, nullable=False, server_default="false"),
    Column("traffic_plan", Boolean, nullable=False, server_default="false"),
    Column("liability_until", Date),
    moment("recorded_at", now=True),
    Column("source", Text),
    Column("ref", Text),
    Column("placed_by", Text),
    moment("as_of"),
    moment("changed_at", now=True),
    # What only whoever acts on a ticket says of it: the ground that is fenced off, and what it cost.
    geometry("POLYGON", needed=False),
    Column("cost", Numeric(14, 2)),
    one_of("placed_by", PLACED_BY),
    CheckConstraint("(source IS NULL) = (ref IS NULL)", name="identity"),
)
Index(None, repair.c.site_id)
# Whoever opens a ticket asks whether somebody is still liable for its place; most repairs say nothing of that.
Index("ix_repair_liable", repair.c.site_id, postgresql_where=repair.c.liability_until.is_not(None))
Index(
    "ix_repair_under_way", repair.c.city_id,
    postgresql_where=repair.c.started_at.is_not(None) & repair.c.ended_at.is_(None),
)  # fmt: skip
Index("ix_repair_ticket", repair.c.ticket_id, postgresql_where=repair.c.ticket_id.is_not(None))
Index(
    "uq_repair_ref", repair.c.city_id, repair.c.source, repair.c.ref,
    unique=True, postgresql_where=text("ref IS NOT NULL"),
)  # fmt: skip

REPAIR_EVENTS: Final = ("record", "change", "outdated")
"""First heard of, brought to what its source says now, told something older than what is known."""

# Append-only as well: each content a source has given under a reference, once, with all it says in codes.
repair_event = Table(
    "repair_event",
    METADATA,
    big_id(),
    Column("repair_id", BigInteger, ForeignKey("geoapp.repair.id"), nullable=False),
    Column("name", Text, nullable=False),
    moment("recorded_at", now=True),
    Column("actor", Text, nullable=False),
    Column("run_id", BigInteger),
    Column("hash", Uuid),
    Column("codes", JSONB, nullable=False),
    UniqueConstraint("repair_id", "hash"),
    one_of("name", REPAIR_EVENTS),
)

# What was said in words, redacted and erasable.
repair_note = Table(
    "repair_note",
    METADATA,
    Column("event_id", BigInteger, ForeignKey("geoapp.repair_event.id"), primary_key=True),
    Column("body", Text, nullable=False),
    Column("address", Text, nullable=False, server_default=""),
)
