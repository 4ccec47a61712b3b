"""Map cells: how many tickets lie in each square of each zoom, for each audience, as totals and deltas."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, SmallInteger, Table, Text

from geoapp.store.tables.base import METADATA, SCHEMA, big_id, hot_city_id, one_of

AUDIENCES: Final = ("public", "hidden")
"""public: what everybody sees; hidden: the rest, which only the inside adds to it."""

SUMS: Final = ("n", "open", "late", "settled", "sum_x", "sum_y", "sum_id")
"""Everything a cell holds is a sum, so that deltas add up in any order; where n is 1, sum_id is the ticket."""


def _sums() -> list[Column[Any]]:
    return [Column(name, BigInteger if name.startswith("sum_") else Integer, nullable=False) for name in SUMS]


cell_total = Table(
    "cell_total",
    METADATA,
    Column("city_id", SmallInteger, ForeignKey(f"{SCHEMA}.city.id"), primary_key=True),
    Column("audience", Text, primary_key=True),
    Column("z", SmallInteger, primary_key=True),
    Column("x", Integer, primary_key=True),
    Column("y", Integer, primary_key=True),
    *_sums(),
    one_of("audience", AUDIENCES),
    postgresql_with={"fillfactor": 70},
)

# Appended by every write at the deepest zoom kept; folded into the totals of all zooms by the worker.
cell_delta = Table(
    "cell_delta",
    METADATA,
    big_id(),
    hot_city_id(),
    Column("audience", Text, nullable=False),
    Column("x", Integer, nullable=False),
    Column("y", Integer, nullable=False),
    *_sums(),
    one_of("audience", AUDIENCES),
)
