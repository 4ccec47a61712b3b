"""Places by name: the areas, roads and landmarks of a city's layers in force."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import ColumnElement, Connection, Row, Select, Text, case, cast, func, select, true, union_all

from geoapp.store.mercator import Box
from geoapp.store.tables import area, asset, layer_current, layer_version

NAMED: Final = ("areas", "roads", "landmarks")
"""The roles of layers whose things people call by name."""

_KNOWN: Final = ("districts", "street_offices", "roads", "landmarks", "communities")
"""Kinds of layers as people know them, best first; where names fit as well, the better known thing comes first."""


@dataclass(frozen=True, slots=True)
class Found:
    """One place: a thing, or all the pieces of one layer that bear one name."""

    layer: str
    role: str
    code: str
    names: dict[str, str]
    box: Box


@dataclass(frozen=True, slots=True)
class Choice:
    """One area of a form."""

    layer: str
    code: str
    names: dict[str, str]


def named_like(
    connection: Connection, city_id: int, words: str, most: int, roles: Collection[str] = NAMED
) -> list[Found]:
    """The places one of whose names holds the words, in any language: whole names first, then beginnings."""
    fit = _Fit(words)
    tables = [area, asset] if set(roles) - {"areas"} else [area]
    both = union_all(*(_pieces(table, city_id, fit, roles) for table in tables)).subquery()
    around = func.ST_Extent(both.c.geom)
    edges = [edge(around) for edge in (func.ST_XMin, func.ST_YMin, func.ST_XMax, func.ST_YMax)]
    known = case({kind: rank for rank, kind in enumerate(_KNOWN)}, value=both.c.kind, else_=len(_KNOWN))
    # A road lies in many pieces of one name; two areas or landmarks of one name are two.
    one = case((both.c.role == "roads", ""), else_=both.c.code)
    statement = (
        select(both.c.layer, both.c.role, func.min(both.c.code).label("code"), both.c.names, *edges)
        .group_by(both.c.layer, both.c.role, both.c.kind, both.c.names, both.c.fit, both.c.length, one)
        .order_by(both.c.fit, known, both.c.length, func.min(both.c.code))
        .limit(most)
    )
    return [_found(row) for row in connection.execute(statement)]


def choices(connection: Connection, city_id: int, layers: Sequence[str]) -> list[Choice]:
    """The areas of those layers in force, by layer and code."""
    statement = (
        select(area.c.layer, area.c.code, area.c.names)
        .join(layer_current, layer_current.c.layer_version_id == area.c.layer_version_id)
        .where(layer_current.c.city_id == city_id, area.c.layer.in_(layers))
        .order_by(area.c.layer, area.c.code)
    )
    return [Choice(**row._asdict()) for row in connection.execute(statement)]


class _Fit:
    """How well a name fits the words: 0 it is these, 1 it begins with them, 2 it holds them."""

    def __init__(self, words: str) -> None:
        self.whole = _plain(words)
        self.begins, self.holds = f"{self.whole}%", f"%{self.whole}%"
        # As JSON writes it: quotes and backslashes stand there in another way.
        self.in_json = f"%{_plain(orjson.dumps(words).decode()[1:-1])}%"

    def of(self, name: ColumnElement[str]) -> ColumnElement[int]:
        return case((name.ilike(self.whole), 0), (name.ilike(self.begins), 1), else_=2)


def _plain(words: str) -> str:
    """Words in which no sign means anything to LIKE."""
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _pieces(table: Any, city_id: int, fit: _Fit, roles: Collection[str]) -> Select[Any]:
    t, v = table.c, layer_version.c
    pair = func.jsonb_each_text(t.names).table_valued("key", "value", name=f"{table.name}_name")
    best = (
        select(func.min(fit.of(pair.c.value)).label("fit"), func.min(func.length(pair.c.value)).label("length"))
        .where(pair.c.value.ilike(fit.holds))
        .lateral(f"{table.name}_fit")
    )
    return (
        select(t.layer, v.role, v.kind, t.code, t.names, t.geom, best.c.fit, best.c.length)
        .select_from(
            table.join(layer_current, layer_current.c.layer_version_id == t.layer_version_id)
            .join(layer_version, v.id == t.layer_version_id)
            .join(best, true())
        )
        .where(
            layer_current.c.city_id == city_id,
            v.role.in_(roles),
            # All names as one text first: to take each out of its JSON costs ten times as much, and few will fit.
            cast(t.names, Text).ilike(fit.in_json),
            best.c.fit.is_not(None),
        )
    )


def _found(row: Row[Any]) -> Found:
    return Found(row.layer, row.role, row.code, row.names, Box(*(row[at] for at in range(4, 8))))
