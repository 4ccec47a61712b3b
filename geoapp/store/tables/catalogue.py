"""The catalogue of matters, what sources call them, and the units that act."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Integer, SmallInteger, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY

from geoapp.store.tables.base import METADATA, city_id, names, small_id

category = Table(
    "category",
    METADATA,
    small_id(),
    city_id(),
    Column("code", Text, nullable=False),
    names(),
    UniqueConstraint("city_id", "code"),
)

matter = Table(
    "matter",
    METADATA,
    small_id(),
    city_id(),
    Column("category_id", Integer, ForeignKey("geoapp.category.id"), nullable=False),
    Column("code", Text, nullable=False),
    names(),
    Column("keywords", ARRAY(Text), nullable=False, server_default="{}"),
    Column("public", Boolean, nullable=False, server_default="true"),
    Column("urgent", Boolean, nullable=False, server_default="false"),
    Column("offered", Boolean, nullable=False, server_default="false"),
    Column("std_code", Text),
    UniqueConstraint("city_id", "code"),
)

# A source's own words for a matter, as first seen: the record of how each was understood.
source_word = Table(
    "source_word",
    METADATA,
    Column("city_id", SmallInteger, ForeignKey("geoapp.city.id"), primary_key=True),
    Column("source", Text, primary_key=True),
    Column("words", Text, primary_key=True),
    Column("matter_id", Integer, ForeignKey("geoapp.matter.id"), nullable=False),
)

unit = Table(
    "unit",
    METADATA,
    small_id(),
    city_id(),
    Column("code", Text, nullable=False),
    names(),
    UniqueConstraint("city_id", "code"),
)
