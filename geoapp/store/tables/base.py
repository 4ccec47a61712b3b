"""What all tables share: the metadata, its naming, and the column shapes used more than once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from geoalchemy2 import Geometry
from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Identity, MetaData, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import BigInteger, Integer, SmallInteger

SCHEMA: Final = "geoapp"
PRIVATE: Final = "private"

METADATA: Final = MetaData(
    schema=SCHEMA,
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    },
)


def small_id() -> Column[Any]:
    """A key the database counts up, for things of which there are few."""
    return Column("id", Integer, Identity(always=False), primary_key=True)


def big_id() -> Column[Any]:
    """A key the database counts up, for things of which there are millions."""
    return Column("id", BigInteger, Identity(always=False), primary_key=True)


def city_id() -> Column[Any]:
    """The city a row belongs to."""
    return Column("city_id", SmallInteger, ForeignKey(f"{SCHEMA}.city.id"), nullable=False)


def hot_city_id() -> Column[Any]:
    """The same for tables that take millions of rows.

    A foreign key is one look-up a row (measured: half the cost of a COPY); these tables keep the keys that hold a
    case together (words to report, report and event to ticket, ticket to site), and the only writer sees to the rest.
    Nothing they name is ever deleted: no role may.
    """
    return Column("city_id", SmallInteger, nullable=False)


def moment(name: str, *, needed: bool = False, now: bool = False) -> Column[Any]:
    """A point in time, with time zone; `now`: the database writes the time of recording."""
    return Column(
        name, DateTime(timezone=True), nullable=not (needed or now), server_default=func.now() if now else None
    )


def names() -> Column[Any]:
    """What a thing is called, by language: {"zh": …, "en": …}."""
    return Column("names", JSONB, nullable=False)


def geometry(kind: str, *, needed: bool = True) -> Column[Any]:
    """A shape in WGS-84 longitude and latitude (EPSG:4326); its index is declared beside the table."""
    name = "point" if kind == "POINT" else "geom"
    return Column(name, Geometry(kind, srid=4326, spatial_index=False), nullable=not needed)


def one_of(column: str, codes: Iterable[str]) -> CheckConstraint:
    """The column holds one of these codes (or null where it may)."""
    listed = ", ".join(f"'{code}'" for code in codes)
    return CheckConstraint(f"{column} IN ({listed})", name=column)
