"""Tickets as the map shows them: counted by cell, from the cells kept or from the register."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import numpy as np
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    Row,
    Select,
    Subquery,
    and_,
    cast,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)

from geoapp.lifecycle import OPEN, SETTLED
from geoapp.store import mercator
from geoapp.store.columns import microseconds
from geoapp.store.mercator import Box, Cells
from geoapp.store.queries.chosen import choose, hidden, in_cells
from geoapp.store.queries.filters import Filters
from geoapp.store.tables import cell_delta, cell_total, ticket
from geoapp.store.tables.cells import SUMS

KEPT_ZOOM: Final = 16
"""The deepest zoom whose cells the database keeps; deltas are written at it."""

MOST_CELLS: Final = 4096
DEEPER: Final = 2
"""Cells lie two zooms below the map's: squares of 64 pixels."""


@dataclass(frozen=True, slots=True)
class Single:
    """The one ticket of a cell."""

    number: str
    state: str
    outcome: str | None
    urgent: bool
    matter_id: int | None
    area_keys: tuple[int, ...]
    site_id: int


@dataclass(frozen=True, slots=True)
class Cluster:
    """The tickets of one cell, at their mean place; `single` where it is one."""

    lon: float
    lat: float
    count: int
    open: int
    late: int
    settled: int
    single: Single | None


@dataclass(frozen=True, slots=True)
class Clusters:
    """The answer: the boxes really counted, the zoom of their cells, and the clusters."""

    boxes: tuple[Box, ...]
    cell_zoom: int
    clusters: tuple[Cluster, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """How tickets stand, in numbers; ended: how many have ended since a moment."""

    open: int
    late: int
    settled: int
    ended: int


def clusters(connection: Connection, asked: Filters, zoom: int) -> Clusters:
    """What lies in the boxes asked for, each snapped outward to cells; over them the counts add up."""
    parts = _parts(asked.boxes, min(zoom + DEEPER, mercator.ZOOM))
    if not asked.narrow and parts[0].zoom <= KEPT_ZOOM and not _by_areas(asked):
        found = _from_kept(connection.execute(_kept(asked, parts)).all())
    else:
        found = _from_register(connection, asked, parts)
    return Clusters(tuple(cells.box() for cells in parts), parts[0].zoom, tuple(found))


def standing(connection: Connection, asked: Filters, since: datetime) -> Standing:
    """How many of the tickets found are still to be done, how many of these late, how many no longer, and how many of
    those ended since then."""
    found = choose(connection, asked)
    return Standing(*found.standing(), found.ended_since(microseconds(since)))


def total(connection: Connection, asked: Filters) -> int:
    """How many tickets the filters find: from the cells where these know, else from the register."""
    parts, name = _whole_cells(asked.boxes), _summed(asked)
    if not parts or not name:
        return len(choose(connection, asked))
    kept = _sum(connection, asked, parts, name)
    # What cells keep is public or the whole city's: what else somebody sees is counted one by one.
    return kept + len(hidden(connection, asked)) if _by_areas(asked) else kept


def _by_areas(asked: Filters) -> bool:
    """Whether the asker sees some of what is not public, and not all of it: no cell is kept for such a one."""
    return asked.sight.partial and not asked.sight.whole(asked.city_id)


def _summed(asked: Filters) -> str | None:
    """The sum of a cell that counts just what is asked for, if there is one."""
    plain = replace(asked, states=(), late=None)
    states, late = frozenset(asked.states), asked.late
    if plain.narrow or late is False:
        return None
    if late:
        # Late ones are open ones.
        return "late" if not states or states >= OPEN else None
    counts: dict[frozenset[str], str] = {frozenset(): "n", OPEN: "open", SETTLED: "settled", OPEN | SETTLED: "n"}
    return counts.get(states)


def _whole_cells(boxes: Sequence[Box]) -> tuple[Cells, ...]:
    """The cells that the boxes are, if they are whole cells and not too many; of everything without a box."""
    every = boxes or (Box(-180.0, -mercator.LIMIT, 180.0, mercator.LIMIT),)
    parts = tuple(cells for box in every if (cells := mercator.whole_cells(box, KEPT_ZOOM)) is not None)
    return parts if len(parts) == len(every) and sum(cells.count for cells in parts) <= 4 * MOST_CELLS else ()


def _sum(connection: Connection, asked: Filters, parts: Sequence[Cells], name: str) -> int:
    both = union_all(*(part for cells in parts for part in _kept_rows(asked, [cells], (name,)))).subquery()
    return int(connection.execute(select(func.sum(both.c[name]))).scalar_one() or 0)


def _parts(boxes: Sequence[Box], zoom: int) -> tuple[Cells, ...]:
    """The cells of each box, all of one zoom; two halves that share a column (the date line's) count it once."""
    share = MOST_CELLS // len(boxes)
    zoom = min(mercator.snap_within(box, zoom, share).zoom for box in boxes)
    parts = [mercator.snap(box, zoom) for box in boxes]
    last = (1 << zoom) - 1
    # Of two boxes that lie anywhere, what lies between them is not asked for, and may be most of the world.
    if len(parts) == 2 and (parts[0].x1, parts[1].x0) == (last, 0) and parts[0].x0 <= parts[1].x1:
        return (replace(parts[0], x0=0, x1=last),)
    return tuple(parts)


def _kept(asked: Filters, parts: Sequence[Cells]) -> Select[Any]:
    """Totals and what was appended since, in one statement: one moment of the database."""
    both = union_all(*_kept_rows(asked, parts, SUMS)).subquery()
    # A sum of bigints is numeric, and a numeric finds no ticket by its index.
    sums = (cast(func.sum(both.c[name]), BigInteger).label(name) for name in SUMS)
    cell = select(both.c.x, both.c.y, *sums).group_by(both.c.x, both.c.y).having(func.sum(both.c.n) > 0).subquery()
    columns = (cell.c.n, cell.c.open, cell.c.late, cell.c.settled, cell.c.sum_x, cell.c.sum_y)
    return _with_singles(cell, columns, cell.c.sum_id)


def _kept_rows(asked: Filters, parts: Sequence[Cells], names: Sequence[str]) -> tuple[Select[Any], Select[Any]]:
    """Those sums of the cells, all of one zoom, as folded, and as appended since."""
    zoom = parts[0].zoom
    shift = KEPT_ZOOM - zoom
    audience = ("public", "hidden") if asked.sight.whole(asked.city_id) else ("public",)
    x, y = _shifted(cell_delta.c.x, shift), _shifted(cell_delta.c.y, shift)
    totals = select(cell_total.c.x, cell_total.c.y, *(cell_total.c[name] for name in names)).where(
        cell_total.c.city_id == asked.city_id,
        cell_total.c.audience.in_(audience),
        cell_total.c.z == zoom,
        or_(*(_within(cell_total.c.x, cell_total.c.y, cells) for cells in parts)),
    )
    deltas = select(x.label("x"), y.label("y"), *(cell_delta.c[name] for name in names)).where(
        cell_delta.c.city_id == asked.city_id,
        cell_delta.c.audience.in_(audience),
        or_(*(_within(x, y, cells) for cells in parts)),
    )
    return totals, deltas


def _shifted(column: Any, bits: int) -> ColumnElement[int]:
    # Bound as an integer whatever the column is: PostgreSQL shifts a bigint by an integer only.
    shifted: ColumnElement[int] = column.op(">>")(literal(bits, Integer))
    return shifted


def _within(x: ColumnElement[int], y: ColumnElement[int], cells: Cells) -> ColumnElement[bool]:
    return and_(x.between(cells.x0, cells.x1), y.between(cells.y0, cells.y1))


def _with_singles(cells: Subquery, columns: Sequence[ColumnElement[Any]], key: ColumnElement[int]) -> Select[Any]:
    """The cells, and the ticket of each that has only one: looked up by key, cell by cell.

    Lateral and limited, since the planner would rather read the whole table of tickets for a few cells.
    """
    one = select(*_SINGLE).where(cells.c.n == 1, ticket.c.id == key).limit(1).lateral("single")
    return select(*columns, one).select_from(cells.outerjoin(one, true()))


_SINGLE: Final = (
    func.ST_X(ticket.c.point).label("lon"), func.ST_Y(ticket.c.point).label("lat"),
    *(ticket.c[name] for name in ("number", "state", "outcome", "urgent", "matter_id", "area_keys", "site_id")),
)  # fmt: skip


def _all_to(cells: Cells) -> Box:
    """The cells' box; at the ends of the square it reaches the poles, whose tickets count in the outermost cells."""
    box, last = cells.box(), (1 << cells.zoom) - 1
    margin = 1e-7
    return Box(
        box.west - margin,
        -90.0 if cells.y1 == last else box.south - margin,
        box.east + margin,
        90.0 if cells.y0 == 0 else box.north + margin,
    )


def _from_kept(rows: Iterable[Row[Any]]) -> Iterable[Cluster]:
    rows = list(rows)
    counts = np.array([float(row.n) for row in rows])
    east = np.array([float(row.sum_x) for row in rows]) / counts
    south = np.array([float(row.sum_y) for row in rows]) / counts
    # A whole number stands for a square; its middle is the better guess.
    lons, lats = mercator.degrees(east + 0.5, south + 0.5)
    for row, lon, lat in zip(rows, lons, lats, strict=True):
        single = row if row.number is not None else None
        yield _cluster(row.n, row.open, row.late, row.settled, float(lon), float(lat), single)


def _from_register(connection: Connection, asked: Filters, parts: Sequence[Cells]) -> Iterable[Cluster]:
    if asked.narrow:
        groups = choose(connection, asked, [_all_to(cells) for cells in parts]).groups(parts[0].zoom)
    else:
        groups = in_cells(connection, asked, parts)
    xs, ys = mercator.unmorton(groups.cell)
    # What lies on an edge of the boxes, or beyond the square, was chosen too.
    held = np.flatnonzero(
        [any(cells.holds(x, y) for cells in parts) for x, y in zip(xs.tolist(), ys.tolist(), strict=True)]
    )
    single = held[groups.count[held] == 1]
    rows = connection.execute(select(ticket.c.id, *_SINGLE).where(ticket.c.id.in_(groups.one[single].tolist())))
    singles = {row.id: row for row in rows} if len(single) else {}
    counted = (groups.count, groups.open, groups.late, groups.lon, groups.lat, groups.one)
    for n, opened, late, lon, lat, key in zip(*(column[held].tolist() for column in counted), strict=True):
        yield _cluster(n, opened, late, n - opened, lon, lat, singles.get(key) if n == 1 else None)


def _cluster(n: int, opened: int, late: int, settled: int, lon: float, lat: float, row: Row[Any] | None) -> Cluster:
    if row is None:
        return Cluster(lon, lat, n, opened, late, settled, None)
    keys = tuple(row.area_keys)
    single = Single(row.number, row.state, row.outcome, row.urgent, row.matter_id, keys, row.site_id)
    return Cluster(row.lon, row.lat, n, opened, late, settled, single)
