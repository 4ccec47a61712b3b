"""Who may enter and as what: accounts, roles held, sessions, links, tokens, and who looked at what; all private."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.sql import func

from geoapp.records import Role
from geoapp.store.tables.base import METADATA, PRIVATE, big_id, city_id, moment, one_of, small_id

LANGUAGES: Final = ("zh", "en")

# A login is kept in small letters. What is null is not set up: no password, no second factor, no provider's subject.
account = Table(
    "account",
    METADATA,
    small_id(),
    Column("login", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False, server_default=""),
    Column("phone", Text, nullable=False, server_default=""),
    Column("language", Text, nullable=False, server_default=LANGUAGES[0]),
    Column("active", Boolean, nullable=False, server_default="true"),
    Column("demo", Boolean, nullable=False, server_default="false"),
    Column("must_change", Boolean, nullable=False, server_default="false"),
    Column("password", Text),
    Column("totp", Text),
    Column("totp_step", BigInteger),
    Column("recovery", ARRAY(LargeBinary), nullable=False, server_default="{}"),
    Column("subject", Text, unique=True),
    moment("made_at", now=True),
    moment("entered_at"),
    one_of("language", LANGUAGES),
    schema=PRIVATE,
)
Index("ix_account_email", func.lower(account.c.email), postgresql_where=account.c.email != "")

# Never deleted: that somebody held a role, and until when, is kept. Without a city it is held in all of them.
role_held = Table(
    "role_held",
    METADATA,
    small_id(),
    Column("account_id", Integer, ForeignKey("private.account.id"), nullable=False),
    Column("role", Text, nullable=False),
    Column("city_id", SmallInteger, ForeignKey("geoapp.city.id")),
    Column("unit_id", Integer, ForeignKey("geoapp.unit.id")),
    moment("began_at", now=True),
    moment("ends_at"),
    Column("given_by", Integer, ForeignKey("private.account.id")),
    one_of("role", Role),
    schema=PRIVATE,
)
Index(None, role_held.c.account_id)

# The copy of people/rights.py by which the database decides.
role_right = Table(
    "role_right",
    METADATA,
    Column("role", Text, primary_key=True),
    Column("action", Text, primary_key=True),
    Column("scope", Text, primary_key=True),
    schema=PRIVATE,
)

# Of every secret that a caller shows only the SHA-256 is kept.
session = Table(
    "session",
    METADATA,
    big_id(),
    Column("account_id", Integer, ForeignKey("private.account.id"), nullable=False),
    Column("digest", LargeBinary, nullable=False, unique=True),
    moment("began_at", now=True),
    moment("seen_at", now=True),
    moment("ends_at", needed=True),
    Column("agent", Text, nullable=False, server_default=""),
    schema=PRIVATE,
)
Index(None, session.c.account_id)

# A way to set a password once: sent by mail, or handed over by whoever made the account.
link = Table(
    "link",
    METADATA,
    big_id(),
    Column("account_id", Integer, ForeignKey("private.account.id"), nullable=False),
    Column("digest", LargeBinary, nullable=False, unique=True),
    moment("made_at", now=True),
    moment("ends_at", needed=True),
    schema=PRIVATE,
)
Index(None, link.c.account_id)

token = Table(
    "token",
    METADATA,
    small_id(),
    Column("account_id", Integer, ForeignKey("private.account.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("scopes", ARRAY(Text), nullable=False),
    moment("made_at", now=True),
    moment("ends_at", needed=True),
    moment("used_at"),
    schema=PRIVATE,
)
Index(None, token.c.account_id)

# Append-only: who read what of whom, when and why; refused: who was not let.
look = Table(
    "look",
    METADATA,
    big_id(),
    city_id(),
    Column("account_id", Integer, ForeignKey("private.account.id"), nullable=False),
    Column("report_id", BigInteger, nullable=False),
    Column("what", Text, nullable=False),
    Column("why", Text, nullable=False),
    moment("at", now=True),
    Column("refused", Boolean, nullable=False, server_default="false"),
    schema=PRIVATE,
)
Index(None, look.c.report_id)
Index(None, look.c.city_id, look.c.at)

# Append-only: what somebody who keeps people or units has done to which of them, and when; said holds codes, and the
# reason where one was given. Without by_id it was the command line.
deed = Table(
    "deed",
    METADATA,
    big_id(),
    moment("at", now=True),
    Column("by_id", Integer, ForeignKey("private.account.id")),
    Column("what", Text, nullable=False),
    Column("city_id", SmallInteger, ForeignKey("geoapp.city.id")),
    Column("account_id", Integer, ForeignKey("private.account.id")),
    Column("unit_id", Integer, ForeignKey("geoapp.unit.id")),
    Column("said", JSONB, nullable=False, server_default="{}"),
    schema=PRIVATE,
)
Index(None, deed.c.account_id)
Index(None, deed.c.unit_id)
