"""What hangs on a ticket beside its state: marks, links, assisting units, ratings, disputes; and what a lead is."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from geoapp.lifecycle import LeadState, Mark
from geoapp.store.tables.base import METADATA, big_id, city_id, moment, one_of

LINKS: Final = ("older", "child", "merged", "split", "after")
"""What the other ticket is to this one: an older one of the kind, its child, the one it was joined with, the one it was
split from, the closed one after which it was opened."""

BY_ITSELF: Final = ("archive", "resume")
"""The moves that are made when their time comes."""

# A row while the mark holds; its coming and going are events.
ticket_mark = Table(
    "ticket_mark",
    METADATA,
    Column("ticket_id", BigInteger, ForeignKey("geoapp.ticket.id"), primary_key=True),
    Column("mark", Text, primary_key=True),
    moment("since", needed=True),
    one_of("mark", Mark),
)

ticket_link = Table(
    "ticket_link",
    METADATA,
    big_id(),
    Column("ticket_id", BigInteger, ForeignKey("geoapp.ticket.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("other_id", BigInteger, ForeignKey("geoapp.ticket.id"), nullable=False),
    moment("recorded_at", now=True),
    UniqueConstraint("ticket_id", "kind", "other_id"),
    one_of("kind", LINKS),
)
Index(None, ticket_link.c.other_id)
# A child has one parent.
Index("uq_ticket_link_child", ticket_link.c.other_id, unique=True, postgresql_where=text("kind = 'child'"))

assisting = Table(
    "assisting",
    METADATA,
    Column("ticket_id", BigInteger, ForeignKey("geoapp.ticket.id"), primary_key=True),
    Column("unit_id", Integer, ForeignKey("geoapp.unit.id"), primary_key=True),
)

# What happens by itself once so much time has passed since then, or then: one thing a ticket.
due_move = Table(
    "due_move",
    METADATA,
    Column("ticket_id", BigInteger, ForeignKey("geoapp.ticket.id"), primary_key=True),
    Column("move", Text, nullable=False),
    moment("since", needed=True),
    one_of("move", BY_ITSELF),
)
Index(None, due_move.c.move, due_move.c.since)

rating = Table(
    "rating",
    METADATA,
    big_id(),
    Column("ticket_id", BigInteger, ForeignKey("geoapp.ticket.id"), nullable=False),
    Column("unit_id", Integer),
    Column("satisfied", Boolean, nullable=False),
    Column("speed", SmallInteger),
    Column("effect", SmallInteger),
    Column("service", SmallInteger),
    Column("actor", Text, nullable=False),
    moment("rated_at", needed=True),
)
Index(None, rating.c.ticket_id)
Index(None, rating.c.rated_at)

# unit_id had the ticket and keeps acting; rule is what had sent it there; ruled_unit_id acts first by the ruling.
dispute = Table(
    "dispute",
    METADATA,
    big_id(),
    city_id(),
    Column("ticket_id", BigInteger, ForeignKey("geoapp.ticket.id"), nullable=False),
    Column("unit_id", Integer, ForeignKey("geoapp.unit.id")),
    Column("proposal_id", Integer, ForeignKey("geoapp.unit.id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("rule", JSONB, nullable=False),
    Column("matter_id", Integer),
    Column("area_key_id", Integer),
    moment("opened_at", needed=True),
    moment("due_at", needed=True),
    moment("ruled_at"),
    Column("ruled_unit_id", Integer, ForeignKey("geoapp.unit.id")),
    Column("ground", Text),
    Column("ruled_by", Text),
)
Index("uq_dispute_open", dispute.c.ticket_id, unique=True, postgresql_where=dispute.c.ruled_at.is_(None))
Index("ix_dispute_ruled", dispute.c.city_id, dispute.c.matter_id, postgresql_where=dispute.c.ruled_at.is_not(None))
Index(None, dispute.c.ticket_id)

# A draft line for the next batch of the responsibility list: matter and area to unit, everywhere where area is null.
# taken_at: since when it is no longer open; batch_id is the batch that took it up, none where the list said so already.
list_proposal = Table(
    "list_proposal",
    METADATA,
    big_id(),
    city_id(),
    Column("dispute_id", BigInteger, ForeignKey("geoapp.dispute.id"), nullable=False, unique=True),
    Column("matter_id", Integer),
    Column("area_key_id", Integer),
    Column("unit_id", Integer, ForeignKey("geoapp.unit.id"), nullable=False),
    Column("ground", Text, nullable=False),
    Column("actor", Text, nullable=False),
    moment("made_at", needed=True),
    moment("taken_at"),
    Column("batch_id", Integer, ForeignKey("geoapp.list_batch.id")),
)
Index("ix_list_proposal_open", list_proposal.c.city_id, postgresql_where=list_proposal.c.taken_at.is_(None))

# Gaps between duties, for the body that sets them; decision says what it came to.
consultation = Table(
    "consultation",
    METADATA,
    big_id(),
    city_id(),
    Column("ticket_id", BigInteger, ForeignKey("geoapp.ticket.id"), nullable=False),
    Column("dispute_id", BigInteger, ForeignKey("geoapp.dispute.id")),
    Column("matter_id", Integer),
    Column("unit_ids", ARRAY(Integer), nullable=False),
    Column("event_id", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    moment("made_at", needed=True),
    moment("settled_at"),
    Column("settled_by", Text),
    Column("decision", Text),
)
Index(None, consultation.c.city_id, consultation.c.id)
Index(None, consultation.c.ticket_id)

# A report that nobody has filed: where it stands until it becomes a ticket, or does not.
lead = Table(
    "lead",
    METADATA,
    Column("report_id", BigInteger, ForeignKey("geoapp.report.id"), primary_key=True),
    city_id(),
    Column("state", Text, nullable=False),
    moment("changed_at", needed=True),
    Column("reason", Text),
    one_of("state", LeadState),
)
Index(None, lead.c.city_id, lead.c.state, lead.c.report_id)
