"""The catalogue as it is asked for: categories, matters and units by code, key or words."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Connection, Table, exists, func, or_, select

from geoapp.records import UnitKind
from geoapp.store.queries import chosen
from geoapp.store.tables import category, matter, run, unit


@dataclass(frozen=True, slots=True)
class Offered:
    """One matter of the form, under its category."""

    category: str
    category_names: dict[str, str]
    code: str
    names: dict[str, str]


def natures(connection: Connection, city_id: int) -> dict[str, bool]:
    """Whether each matter of which the catalogue says so is of a thing (部件), or of a happening (事件)."""
    query = select(matter.c.code, matter.c.nature == "component").where(
        (matter.c.city_id == city_id) & matter.c.nature.is_not(None)
    )
    return {code: bool(thing) for code, thing in connection.execute(query)}


_NOT_OFFERED: Final = (UnitKind.CITY, UnitKind.COMMUNITY, UnitKind.GRID)


def category_ids(connection: Connection, city_id: int, codes: Sequence[str]) -> dict[str, int]:
    """The keys of the categories there are among those codes."""
    return _ids(connection, category, city_id, codes)


def matter_ids(connection: Connection, city_id: int, codes: Sequence[str]) -> dict[str, int]:
    """The keys of the matters there are among those codes."""
    return _ids(connection, matter, city_id, codes)


def unit_ids(connection: Connection, city_id: int, codes: Sequence[str]) -> dict[str, int]:
    """The keys of the units there are among those codes."""
    return _ids(connection, unit, city_id, codes)


def sources(connection: Connection, city_id: int) -> set[str]:
    """The sources whose files were ever imported for the city."""
    return set(connection.execute(select(run.c.source).where(run.c.city_id == city_id).distinct()).scalars())


def matters_like(connection: Connection, city_id: int, words: str) -> tuple[int, ...]:
    """The matters whose name, or whose category's name, holds the words in any language."""
    pattern = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    holds = (_named_like(table, pattern) for table in (matter, category))
    statement = select(matter.c.id).join(category, category.c.id == matter.c.category_id)
    return tuple(connection.execute(statement.where(matter.c.city_id == city_id, or_(*holds))).scalars())


def matter_names(connection: Connection, ids: Collection[int]) -> dict[int, dict[str, str]]:
    """The names of those matters, by key."""
    rows = connection.execute(select(matter.c.id, matter.c.names).where(matter.c.id.in_(ids))) if ids else ()
    return {row.id: row.names for row in rows}


def category_of(connection: Connection, city_id: int, code: str) -> str | None:
    """The category a matter belongs to; None if there is no such matter."""
    statement = select(category.c.code).join(matter, matter.c.category_id == category.c.id)
    return connection.execute(statement.where(matter.c.city_id == city_id, matter.c.code == code)).scalar_one_or_none()


def names_of(connection: Connection, city_id: int, codes: Collection[str]) -> dict[str, dict[str, str]]:
    """The names of those matters that there are, by code."""
    where = (matter.c.city_id == city_id, matter.c.code.in_(codes))
    rows = connection.execute(select(matter.c.code, matter.c.names).where(*where)) if codes else ()
    return {row.code: row.names for row in rows}


def categories_of(connection: Connection, city_id: int, codes: Collection[str]) -> dict[str, str]:
    """The category of each of those matters that there are, by code."""
    statement = select(matter.c.code, category.c.code).join(category, category.c.id == matter.c.category_id)
    rows = connection.execute(statement.where(matter.c.city_id == city_id, matter.c.code.in_(codes))) if codes else ()
    return {code: of for code, of in rows}


def units(connection: Connection, city_id: int) -> dict[str, dict[str, str]]:
    """The names of the units to choose from, by code: all but the city itself and the smallest, which are too many."""
    chosen = unit.c.kind.is_(None) | unit.c.kind.not_in(_NOT_OFFERED)
    statement = select(unit.c.code, unit.c.names).where(unit.c.city_id == city_id, chosen).order_by(unit.c.id)
    rows = connection.execute(statement)
    return {row.code: row.names for row in rows}


def offered(connection: Connection, city_id: int) -> list[Offered]:
    """The matters the form offers, by category."""
    return _listed(connection, city_id, matter.c.offered & matter.c.retired_at.is_(None))


def in_use(connection: Connection, city_id: int) -> list[Offered]:
    """All matters that a ticket may be about, by category: those that are not retired."""
    return _listed(connection, city_id, matter.c.retired_at.is_(None))


def public(connection: Connection, city_id: int) -> list[Offered]:
    """The matters whose tickets everybody may see, by category: those with tickets, and those the form offers."""
    met = chosen.matters_met(connection, city_id)
    return _listed(connection, city_id, matter.c.public & (matter.c.offered | matter.c.id.in_(met)))


def _listed(connection: Connection, city_id: int, which: ColumnElement[bool]) -> list[Offered]:
    columns = (
        category.c.code.label("category"),
        category.c.names.label("category_names"),
        matter.c.code,
        matter.c.names,
    )
    statement = (
        select(*columns)
        .join(category, category.c.id == matter.c.category_id)
        .where(matter.c.city_id == city_id, which)
        .order_by(category.c.id, matter.c.id)
    )
    return [Offered(**row._asdict()) for row in connection.execute(statement)]


def _ids(connection: Connection, table: Table, city_id: int, codes: Sequence[str]) -> dict[str, int]:
    where = (table.c.city_id == city_id, table.c.code.in_(codes))
    return {row.code: row.id for row in connection.execute(select(table.c.code, table.c.id).where(*where))}


def _named_like(table: Table, pattern: str) -> ColumnElement[bool]:
    """One of the names is like it; the languages and JSON's own signs are no names."""
    pair = func.jsonb_each_text(table.c.names).table_valued("key", "value", name=f"{table.name}_name")
    return exists(select(pair.c.key).where(pair.c.value.ilike(pattern)))
