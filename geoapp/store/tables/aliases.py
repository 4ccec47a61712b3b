"""Names that people use and no layer has, kept when somebody said what they mean."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Double, Index, Table, Text

from geoapp.store.tables.base import METADATA, city_id, geometry, moment, small_id

# Another name of what a layer calls `of`, or the name of a point. Never changed: one that is wrong is retired.
alias = Table(
    "alias",
    METADATA,
    small_id(),
    city_id(),
    Column("name", Text, nullable=False),
    Column("of", Text),
    geometry("POINT", needed=False),
    Column("radius_m", Double),
    Column("reason", Text, nullable=False),
    Column("actor", Text, nullable=False),
    moment("recorded_at", now=True),
    moment("retired_at"),
    # When reports were last located again because of it.
    moment("applied_at"),
    CheckConstraint("(of IS NULL) <> (point IS NULL) AND (point IS NULL) = (radius_m IS NULL)", name="meaning"),
)
Index("uq_alias_name", alias.c.city_id, alias.c.name, unique=True, postgresql_where=alias.c.retired_at.is_(None))
