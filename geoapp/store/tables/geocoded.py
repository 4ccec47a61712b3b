"""What online geocoders answered, kept for a while, and how much they have been asked."""

from __future__ import annotations

from sqlalchemy import Column, Date, DateTime, ForeignKey, Integer, SmallInteger, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from geoapp.store.tables.base import METADATA, SCHEMA, moment

# The question is a digest: an answer is found again, and no words of a citizen's lie here. answer: as the geocoder gave
# it, in its own datum; null where it knows of no such place.
geocoded = Table(
    "geocoded",
    METADATA,
    Column("city_id", SmallInteger, ForeignKey(f"{SCHEMA}.city.id"), primary_key=True),
    Column("geocoder", Text, primary_key=True),
    Column("question", Uuid, primary_key=True),
    Column("answer", JSONB(none_as_null=True)),
    moment("asked_at", now=True),
    moment("expires_at", needed=True),
)

# One row a geocoder, its address and its key together: what its owner limits.
geocoder_use = Table(
    "geocoder_use",
    METADATA,
    Column("key", Uuid, primary_key=True),
    # From when on the next question may be put.
    Column("free_at", DateTime(timezone=True), nullable=False),
    Column("day", Date, nullable=False),
    Column("n", Integer, nullable=False),
    # Failures since the last answer; until when it is therefore left alone.
    Column("failures", Integer, nullable=False),
    moment("rests_until"),
)
