"""The clocks of tickets, who was told when they ran out, and days of the working calendar that were put right."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from geoapp.assign.clocks import Clock
from geoapp.records import Role
from geoapp.store.tables.base import METADATA, big_id, city_id, hot_city_id, moment, one_of

# Each running of a clock is a round. due_at is with pauses and more time, first_due_at without; paused_s and extended_s
# count as the clock does: working time where `working`. next_at is when the next of its steps is due.
clock = Table(
    "clock",
    METADATA,
    Column("ticket_id", BigInteger, ForeignKey("geoapp.ticket.id")),
    Column("name", Text),
    Column("nth", SmallInteger),
    hot_city_id(),
    Column("urgent", Boolean, nullable=False),
    Column("working", Boolean, nullable=False),
    Column("minutes", Integer, nullable=False),
    moment("started_at", needed=True),
    moment("first_due_at", needed=True),
    moment("due_at", needed=True),
    moment("paused_at"),
    Column("paused_s", Integer, nullable=False, server_default="0"),
    Column("extended_s", Integer, nullable=False, server_default="0"),
    moment("stopped_at"),
    Column("done", SmallInteger, nullable=False, server_default="0"),
    moment("warned_at"),
    moment("overdue_at"),
    moment("next_at"),
    PrimaryKeyConstraint("ticket_id", "name", "nth"),
    one_of("name", Clock),
)
Index("ix_clock_next", clock.c.next_at, postgresql_where=clock.c.next_at.is_not(None))

STEPS: Final = ("due_soon", "overdue", "escalated")

# A step is told to a role once for each moment at which its clock was due, whatever happens to whoever tells it.
reminder = Table(
    "reminder",
    METADATA,
    big_id(),
    city_id(),
    Column("ticket_id", BigInteger, ForeignKey("geoapp.ticket.id"), nullable=False),
    Column("clock", Text, nullable=False),
    Column("nth", SmallInteger, nullable=False),
    Column("step", SmallInteger, nullable=False),
    Column("event", Text, nullable=False),
    moment("due_at", needed=True),
    Column("role", Text, nullable=False),
    Column("unit_id", Integer, ForeignKey("geoapp.unit.id")),
    moment("made_at", now=True),
    moment("mailed_at"),
    Column("tries", SmallInteger, nullable=False, server_default="0"),
    UniqueConstraint("ticket_id", "clock", "nth", "step", "due_at", "role", name="uq_reminder_step"),
    one_of("clock", Clock),
    one_of("event", STEPS),
    one_of("role", Role),
)
Index("ix_reminder_desk", reminder.c.city_id, reminder.c.role, reminder.c.unit_id, reminder.c.made_at.desc())
Index("ix_reminder_mail", reminder.c.made_at, postgresql_where=text("mailed_at IS NULL AND tries < 5"))

# The latest word on a day holds; works is null where the day is to be as the country has it.
calendar_day = Table(
    "calendar_day",
    METADATA,
    big_id(),
    city_id(),
    Column("day", Date, nullable=False),
    Column("works", Boolean),
    Column("why", Text, nullable=False),
    Column("who", Text, nullable=False),
    moment("made_at", now=True),
)
Index(None, calendar_day.c.city_id, calendar_day.c.day, calendar_day.c.id)
