"""Whether the database answers, and the few numbers monitoring asks for."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from geoapp.store.tables import cell_delta, cell_total, city


@dataclass(frozen=True, slots=True)
class Numbers:
    """Sizes that cost little to know."""

    cities: int
    tickets: int
    open: int
    deltas: int


def ready(connection: Connection) -> bool:
    """Whether the schema is there and answers."""
    connection.execute(select(city.c.id).limit(1)).all()
    return True


def numbers(connection: Connection) -> Numbers:
    """Public tickets, from the cells kept: being watched costs nothing, and a sum must not tell what rows hide."""
    top = select(func.sum(cell_total.c.n), func.sum(cell_total.c.open)).where(
        cell_total.c.z == 0, cell_total.c.audience == "public"
    )
    public = cell_delta.c.audience == "public"
    sums = (func.sum(column).filter(public) for column in (cell_delta.c.n, cell_delta.c.open))
    rest = select(func.count(), *sums).select_from(cell_delta)
    kept, pending = connection.execute(top).one(), connection.execute(rest).one()
    cities = connection.execute(select(func.count()).select_from(city)).scalar_one()
    tickets = int(kept[0] or 0) + int(pending[1] or 0)
    return Numbers(int(cities), tickets, int(kept[1] or 0) + int(pending[2] or 0), int(pending[0]))
