"""The catalogue of matters, what sources call them, and the units that act."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from geoapp.assign.catalogue import NATURES
from geoapp.records import UnitKind
from geoapp.store.tables.base import METADATA, city_id, moment, names, one_of, small_id

category = Table(
    "category",
    METADATA,
    small_id(),
    city_id(),
    Column("code", Text, nullable=False),
    names(),
    Column("parent_id", Integer, ForeignKey("geoapp.category.id")),
    UniqueConstraint("city_id", "code"),
)

# Never deleted, since tickets are about it: what the catalogue no longer has is retired. minutes: its default times by
# clock; the standards say by language when it is taken on and when it is done with.
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
    Column("nature", Text),
    Column("filing_standard", JSONB, nullable=False, server_default="{}"),
    Column("closing_standard", JSONB, nullable=False, server_default="{}"),
    Column("minutes", JSONB, nullable=False, server_default="{}"),
    moment("retired_at"),
    UniqueConstraint("city_id", "code"),
    one_of("nature", NATURES),
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

# A unit that is known only by a source's word has neither kind nor place in the tree. duty lists spans of hours
# ({"days": [1, …], "from": "09:00", "to": "18:00"}, Monday is 1; none: not told); contacts are public.
unit = Table(
    "unit",
    METADATA,
    small_id(),
    city_id(),
    Column("code", Text, nullable=False),
    names(),
    Column("kind", Text),
    Column("parent_id", Integer, ForeignKey("geoapp.unit.id")),
    Column("area_keys", ARRAY(Integer), nullable=False, server_default="{}"),
    Column("duty", JSONB, nullable=False, server_default="[]"),
    Column("contacts", JSONB, nullable=False, server_default="{}"),
    Column("fallback_id", Integer, ForeignKey("geoapp.unit.id")),
    Column("active", Boolean, nullable=False, server_default="true"),
    UniqueConstraint("city_id", "code"),
    one_of("kind", UnitKind),
    CheckConstraint("parent_id <> id", name="parent"),
)
Index("ix_unit_area_keys", unit.c.area_keys, postgresql_using="gin")
Index("ix_unit_parent", unit.c.parent_id, postgresql_where=unit.c.parent_id.is_not(None))
