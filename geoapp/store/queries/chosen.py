"""The tickets that filters find, chosen from the register: counted by cell, in all and by day, or newest first."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from geoapp.records import Sight
from geoapp.store import mercator
from geoapp.store.columns import IS_OPEN, KINDS, LATE, NEVER, OUTCOMES, PUBLIC, STATES, Columns, microseconds
from geoapp.store.mercator import ZOOM, Box, Cells
from geoapp.store.queries.filters import Filters, numbered
from geoapp.store.register import Register, Rows, register, spans
from geoapp.store.tables import matter

Test = Callable[[Columns, Rows | slice], NDArray[np.bool_]]
"""Which of some rows of columns pass."""

_COVER: Final = 64
"""A box is covered by at most so many cells, each one range of rows."""

_FEW: Final = 4
"""Up to so many codes are compared one by one: cheaper than a table of them."""

_FIRST_LOOK: Final = 4096
_LONGEST_LOOK: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Groups:
    """Tickets by cell, shapes (n,): the cell's Morton code, how many, how many of them open and late, the mean place
    in WGS-84 degrees, and the key of one."""

    cell: NDArray[np.int64]
    count: NDArray[np.int64]
    open: NDArray[np.int64]
    late: NDArray[np.int64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    one: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of the base, or of what is fresh, in ascending order."""

    columns: Columns
    rows: Rows


@dataclass(frozen=True, slots=True)
class Chosen:
    """The tickets found."""

    parts: tuple[Part, ...]

    def __len__(self) -> int:
        return sum(len(part.rows) for part in self.parts)

    def standing(self) -> tuple[int, int, int]:
        """How many are open, late, and settled."""
        opened = late = 0
        for part in self.parts:
            opened += int(np.count_nonzero(IS_OPEN[part.columns.state[part.rows]]))
            late += int(np.count_nonzero(part.columns.flags[part.rows] & LATE))
        return opened, late, len(self) - opened

    def by_time(self, edges: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """How many were opened between each two of the ascending edges (as `microseconds` gives them), and how many of
        these are open still; shapes (len(edges) - 1,). What lies outside counts in none."""
        count, still = (np.zeros(len(edges) + 1, dtype=np.int64) for _ in range(2))
        for part in self.parts:
            nth = np.searchsorted(edges, part.columns.opened[part.rows], side="right")
            count += np.bincount(nth, minlength=len(edges) + 1)
            still += np.bincount(nth[IS_OPEN[part.columns.state[part.rows]]], minlength=len(edges) + 1)
        return count[1:-1], still[1:-1]

    def ended_since(self, since: int) -> int:
        """How many ended at that moment (as `microseconds` gives it) or later."""
        ended = (part.columns.ended[part.rows] for part in self.parts)
        return sum(int(np.count_nonzero((moments >= since) & (moments != NEVER))) for moments in ended)

    def repeats(self, most: int) -> list[tuple[int, int, int, int, int]]:
        """Sites where one matter came up at least twice, the most often first: keys of site and matter, how often,
        the first moment and the last."""
        site, matter_, opened = (
            np.concatenate([getattr(part.columns, name)[part.rows] for part in self.parts]).astype(np.int64)
            for name in ("site", "matter", "opened")
        )
        order = np.lexsort((opened, matter_, site))
        order = order[matter_[order] != 0]
        site, matter_, opened = site[order], matter_[order], opened[order]
        if not len(site):
            return []
        starts = np.append(0, np.flatnonzero((site[1:] != site[:-1]) | (matter_[1:] != matter_[:-1])) + 1)
        times = np.diff(np.append(starts, len(site)))
        last = opened[starts + times - 1]
        again = np.flatnonzero(times > 1)
        first = again[np.lexsort((site[starts[again]], -last[again], -times[again]))][:most]
        found = (site[starts[first]], matter_[starts[first]], times[first], opened[starts[first]], last[first])
        return list(zip(*(column.tolist() for column in found), strict=True))

    def groups(self, zoom: int) -> Groups:
        """By cell of a zoom, in the order of cells."""
        found = [_grouped(part, 2 * (ZOOM - zoom)) for part in self.parts if len(part.rows)]
        if len(found) == 1:
            return found[0]
        return _merged(found)


def choose(connection: Connection, asked: Filters, boxes: Sequence[Box] | None = None) -> Chosen:
    """The tickets that are what is asked for; boxes stand for those asked for, edges and all."""
    known = register(connection, asked.city_id)
    tests = _tests(connection, known, asked)
    where = asked.boxes if boxes is None else boxes
    tests += [_in_boxes(where, edges=boxes is not None)] if where else []
    return _choose(known, tests, _areas(asked, where))


def span(connection: Connection, city_id: int, sight: Sight) -> tuple[int, int] | None:
    """The moments when the first and the last ticket of a city were opened: looked for from the ends, however many
    there are."""
    known = register(connection, city_id)
    tests = _tests(connection, known, Filters(city_id, sight=sight))
    rows = [row for order in (known.by_opened, known.by_opened[::-1]) for row in _first(known, order, tests)]
    moments = [*known.base.opened[rows].tolist(), *known.fresh.opened[_fresh(known, tests).rows].tolist()]
    return (min(moments), max(moments)) if moments else None


def matters_met(connection: Connection, city_id: int) -> list[int]:
    """The keys of the matters of which there are tickets that everybody may see."""
    known = register(connection, city_id)
    seen = {
        *_met(known.base, ~known.gone),
        *_met(known.fresh, np.ones(len(known.fresh), dtype=np.bool_)),
    }
    return sorted(seen - {0})


def _met(columns: Columns, there: NDArray[np.bool_]) -> list[int]:
    public = there & ((columns.flags & PUBLIC) != 0)
    return np.flatnonzero(np.bincount(columns.matter[public])).tolist()


def _first(known: Register, order: NDArray[np.int32], tests: Sequence[Test]) -> list[int]:
    """The first row of the base in an order that passes, if one does."""
    for start in range(0, len(order), _FIRST_LOOK):
        rows = order[start : start + _FIRST_LOOK].astype(np.intp)
        passed = _passing(known.base, rows[~known.gone[rows]], tests)
        if len(passed):
            return [int(passed[0])]
    return []


def in_cells(connection: Connection, asked: Filters, parts: Sequence[Cells]) -> Groups:
    """The tickets of all cells of some boxes of them, all of one zoom, whatever the filters: those that are public by
    sums, however many the cells hold, and what else the asker sees."""
    known = register(connection, asked.city_id)
    base, sums, zoom = known.base, known.sums, parts[0].zoom
    shift = 2 * (ZOOM - zoom)
    codes = np.unique(np.concatenate([_codes(cells) for cells in parts]))
    first, beyond = np.searchsorted(base.quad, codes << shift), np.searchsorted(base.quad, (codes + 1) << shift)
    # What has changed since the base was made is looked at itself, and with it all else in its cells.
    fresh = known.fresh.quad >> shift
    gone = np.flatnonzero(known.gone)
    changed = np.isin(codes, fresh) | (np.searchsorted(gone, first) < np.searchsorted(gone, beyond))
    count = sums.count[beyond] - sums.count[first]
    kept = np.flatnonzero((count > 0) & ~changed)
    a, b, n = first[kept], beyond[kept], count[kept].astype(np.int64)
    lon, lat = (
        (of[b] - of[a]) / n + where[0] if len(n) else np.zeros(0)
        for of, where in ((sums.lon, base.lon), (sums.lat, base.lat))
    )
    # The one ticket of a cell that has one: the row at which the sum grows.
    one = base.id[np.searchsorted(sums.count, sums.count[a] + 1) - 1] if len(n) else np.zeros(0, dtype=np.int64)
    still = Groups(codes[kept], n, sums.open[b] - sums.open[a], sums.late[b] - sums.late[a], lon, lat, one)
    rows = spans(first[changed], beyond[changed])
    rows = rows[~known.gone[rows] & ((base.flags[rows] & PUBLIC) != 0)]
    others = np.flatnonzero(np.isin(fresh, codes) & ((known.fresh.flags & PUBLIC) != 0))
    looked_at = [_grouped(Part(of, at), shift) for of, at in ((base, rows), (known.fresh, others)) if len(at)]
    hidden = [
        _grouped(Part(part.columns, at), shift)
        for part in _hidden(known, _sight_tests(known, asked)).parts
        if len(at := part.rows[np.isin(part.columns.quad[part.rows] >> shift, codes)])
    ]
    return _merged([still, *looked_at, *hidden])


def hidden(connection: Connection, asked: Filters) -> Chosen:
    """Those of the tickets that are what is asked for which are not public: few, and found among few."""
    known = register(connection, asked.city_id)
    tests = _tests(connection, known, asked)
    return _hidden(known, [*tests, _in_boxes(asked.boxes, edges=False)] if asked.boxes else tests)


def _hidden(known: Register, tests: Sequence[Test]) -> Chosen:
    base = known.hidden[~known.gone[known.hidden]]
    fresh = np.flatnonzero((known.fresh.flags & PUBLIC) == 0)
    return Chosen((
        Part(known.base, _passing(known.base, base, tests)), Part(known.fresh, _passing(known.fresh, fresh, tests)),
    ))  # fmt: skip


def _codes(cells: Cells) -> NDArray[np.int64]:
    x, y = np.meshgrid(np.arange(cells.x0, cells.x1 + 1), np.arange(cells.y0, cells.y1 + 1))
    return mercator.morton(x.ravel(), y.ravel())


def newest(connection: Connection, asked: Filters, size: int, after: tuple[int, int] | None) -> list[int]:
    """The keys of up to so many tickets, newest first; after: (moment in microseconds, key) of the one before.

    Looks at the newest first and stops when it has enough; where few pass, all are looked at once.
    """
    known = register(connection, asked.city_id)
    tests = _tests(connection, known, asked)
    if asked.boxes:
        tests.append(_in_boxes(asked.boxes, edges=False))
    base, start = known.base, 0
    if after is not None:
        start = bisect_right(range(len(base)), (-after[0], -after[1]), key=lambda nth: _age(known, nth))
        tests.append(lambda columns, rows: _older(columns, rows, after))
    found: list[tuple[int, int]] = []
    step, whole = _FIRST_LOOK, len(base)
    while start < whole and len(found) < size:
        if step > _LONGEST_LOOK:
            found = _sorted_pairs(_choose(known, tests, _areas(asked, asked.boxes)).parts[:1], size)
            break
        rows = known.by_opened[start : start + step].astype(np.intp)
        found += _pairs(base, _passing(base, rows[~known.gone[rows]], tests))
        start, step = start + step, step * 4
    fresh = _sorted_pairs((_fresh(known, tests),), size)
    return [-key for _, key in sorted([*found[:size], *fresh])[:size]]


def _age(known: Register, nth: int) -> tuple[int, int]:
    row = known.by_opened[nth]
    return -int(known.base.opened[row]), -int(known.base.id[row])


def _older(columns: Columns, rows: Rows | slice, after: tuple[int, int]) -> NDArray[np.bool_]:
    opened = columns.opened[rows]
    older: NDArray[np.bool_] = (opened < after[0]) | ((opened == after[0]) & (columns.id[rows] < after[1]))
    return older


def _pairs(columns: Columns, rows: Rows) -> list[tuple[int, int]]:
    """Moment and key, both negative, so that the newest is the least."""
    return list(zip((-columns.opened[rows]).tolist(), (-columns.id[rows]).tolist(), strict=True))


def _sorted_pairs(parts: Sequence[Part], size: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for part in parts:
        opened, rows = part.columns.opened[part.rows], part.rows
        if len(rows) > size:
            # Those as new as the last of the page and newer; of equal moments the keys decide below.
            rows = rows[opened >= np.partition(opened, len(opened) - size)[len(opened) - size]]
        found += _pairs(part.columns, rows)
    return sorted(found)[:size]


def _choose(known: Register, tests: Sequence[Test], near: Sequence[Sequence[Box]]) -> Chosen:
    base = []
    for part in _ranges(known.base, near):
        passed = ~known.gone[part]
        for test in tests:
            passed &= test(known.base, part)
        base.append(np.flatnonzero(passed) + part.start)
    rows = np.concatenate(base) if base else np.zeros(0, dtype=np.intp)
    return Chosen((Part(known.base, rows), _fresh(known, tests)))


def _fresh(known: Register, tests: Sequence[Test]) -> Part:
    return Part(known.fresh, _passing(known.fresh, np.arange(len(known.fresh)), tests))


def _passing(columns: Columns, rows: Rows, tests: Sequence[Test]) -> Rows:
    for test in tests:
        rows = rows[test(columns, rows)]
    return rows


def _areas(asked: Filters, boxes: Sequence[Box]) -> list[Sequence[Box]]:
    """What a ticket must lie in, each of them one or other of some boxes."""
    found: list[Sequence[Box]] = [boxes] if boxes else []
    return [*found, (asked.area_box,)] if asked.area_box else found


def _ranges(base: Columns, near: Sequence[Sequence[Box]]) -> list[slice]:
    """The rows that may lie in the narrowest of the groups of boxes: all rows where there is none."""
    if not len(base):
        return []
    choices = [_covered(base, boxes) for boxes in near]
    if not choices:
        return [slice(0, len(base))]
    return min(choices, key=lambda parts: sum(part.stop - part.start for part in parts))


def _covered(base: Columns, boxes: Sequence[Box]) -> list[slice]:
    edges: set[tuple[int, int]] = set()
    for box in boxes:
        cells = mercator.snap_within(_wider(box), ZOOM, _COVER)
        shift = 2 * (ZOOM - cells.zoom)
        edges.update((code << shift, (code + 1) << shift) for code in _codes(cells).tolist())
    joined: list[list[int]] = []
    for first, beyond in sorted(edges):
        if joined and first <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], beyond)
        else:
            joined.append([first, beyond])
    rows = np.searchsorted(base.quad, np.array(joined, dtype=np.int64))
    return [slice(first, beyond) for first, beyond in rows.tolist() if beyond > first]


def _wider(box: Box) -> Box:
    """A little, for what rounding may do; beyond the square's ends lie the poles, whose tickets count at its edge."""
    slack = 1e-7
    return Box(
        max(box.west - slack, -180.0), max(box.south - slack, -90.0),
        min(box.east + slack, 180.0), min(box.north + slack, 90.0),
    )  # fmt: skip


def _in_boxes(boxes: Sequence[Box], *, edges: bool) -> Test:
    """Whether they lie in one of the boxes: with all edges, or half-open like cells, as `filters.in_boxes` says."""

    def test(columns: Columns, rows: Rows | slice) -> NDArray[np.bool_]:
        lon, lat = columns.lon[rows], columns.lat[rows]
        found = np.zeros(len(lon), dtype=np.bool_)
        for box in boxes:
            within = (lon >= box.west) & (lat <= box.north)
            within &= (lon < box.east) if not edges and box.west < box.east < 180 else (lon <= box.east)
            within &= (lat > box.south) if not edges and box.north > box.south > -90 else (lat >= box.south)
            found |= within
        return found

    return test


def _tests(connection: Connection, known: Register, asked: Filters) -> list[Test]:
    """What the filters say, their boxes aside; the rarest things first."""
    matters = set(asked.matters)
    tests: list[Test] = []
    if asked.number:
        keys = np.array(numbered(connection, asked), dtype=np.int64)
        mine = _among("matter", asked.number_matters)
        tests.append(lambda columns, rows: np.isin(columns.id[rows], keys) | mine(columns, rows))
    if asked.categories:
        query = select(matter.c.id).where(matter.c.category_id.in_(asked.categories))
        tests.append(_among("matter", connection.execute(query).scalars().all()))
    tests += [_among(name, keys) for name, keys in (("matter", matters), ("unit", asked.units)) if keys]
    if asked.area_keys:
        tests.append(_in_areas(asked.area_keys))
    tests += _code_tests(known, asked)
    tests += _time_tests(asked)
    return tests + _sight_tests(known, asked)


def _sight_tests(known: Register, asked: Filters) -> list[Test]:
    if asked.sight.whole(asked.city_id):
        return []
    return [_seen(known, asked.sight)] if asked.sight.partial else [_public]


def _public(columns: Columns, rows: Rows | slice) -> NDArray[np.bool_]:
    public: NDArray[np.bool_] = (columns.flags[rows] & PUBLIC) != 0
    return public


def _seen(known: Register, sight: Sight) -> Test:
    """Whether somebody sees them who does not see all."""
    either = [_in_areas(sorted(sight.area_keys))] if sight.area_keys else []
    either += [_among("unit", sight.units)] if sight.units else []
    shown = _shown(known, sight, either)

    def test(columns: Columns, rows: Rows | slice) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = (columns.flags[rows] & PUBLIC) != 0
        if isinstance(rows, slice):
            first, beyond = np.searchsorted(shown, (rows.start, rows.stop))
            found[shown[first:beyond] - rows.start] = True
        elif len(hidden := np.flatnonzero(~found)):
            found[hidden] = _any(either, columns, rows[hidden])
        return found

    return test


def _shown(known: Register, sight: Sight, either: Sequence[Test]) -> Rows:
    """Those hidden of the base that are seen all the same. Few are hidden: they are found once for each state of the
    base, not in each range of rows, nor with each question of somebody's day."""
    kept = _SHOWN.get(sight)
    if kept is None or kept[0] is not known.hidden:
        kept = known.hidden, known.hidden[_any(either, known.base, known.hidden)]
        if len(_SHOWN) >= _MOST_SHOWN:
            _SHOWN.clear()
        _SHOWN[sight] = kept
    return kept[1]


_SHOWN: Final[dict[Sight, tuple[Rows, Rows]]] = {}
_MOST_SHOWN: Final = 256


def _any(tests: Sequence[Test], columns: Columns, rows: Rows) -> NDArray[np.bool_]:
    """Which rows pass one of the tests at least."""
    found = np.zeros(len(rows), dtype=np.bool_)
    for one in tests:
        found |= one(columns, rows)
    return found


def _code_tests(known: Register, asked: Filters) -> list[Test]:
    listed: tuple[tuple[str, Sequence[str], Sequence[str]], ...] = (
        ("outcome", OUTCOMES, asked.outcomes), ("kind", KINDS, asked.kinds),
        ("source", known.sources, asked.sources), ("state", STATES, asked.states),
    )  # fmt: skip
    return [
        _among(name, [codes.index(code) + 1 for code in wanted if code in codes])
        for name, codes, wanted in listed if wanted
    ]  # fmt: skip


def _time_tests(asked: Filters) -> list[Test]:
    tests: list[Test] = []
    if asked.since is not None:
        since = microseconds(asked.since)
        tests.append(lambda columns, rows: columns.opened[rows] >= since)
    if asked.until is not None:
        until = microseconds(asked.until)
        tests.append(lambda columns, rows: columns.opened[rows] < until)
    if asked.due_before is not None:
        due = microseconds(asked.due_before)
        tests.append(lambda columns, rows: (columns.due[rows] < due) & (columns.ended[rows] == NEVER))
    if asked.late is not None:
        late = LATE if asked.late else 0
        tests.append(lambda columns, rows: (columns.flags[rows] & LATE) == late)
    return tests


def _among(name: str, wanted: Collection[int]) -> Test:
    """Whether a column of keys or codes holds one of these."""
    keys = sorted(set(wanted))
    if len(keys) <= _FEW:

        def few(columns: Columns, rows: Rows | slice) -> NDArray[np.bool_]:
            values = getattr(columns, name)[rows]
            found = np.zeros(len(values), dtype=np.bool_)
            for key in keys:
                found |= values == key
            return found

        return few
    table = np.zeros(keys[-1] + 2, dtype=np.bool_)
    table[keys] = True
    return lambda columns, rows: table.take(getattr(columns, name)[rows], mode="clip")


def _in_areas(keys: Sequence[int]) -> Test:
    def test(columns: Columns, rows: Rows | slice) -> NDArray[np.bool_]:
        found = np.zeros(len(columns.id[rows]), dtype=np.bool_)
        for held in columns.areas:
            values = held[rows]
            for key in keys:
                found |= values == key
        return found

    return test


def _grouped(part: Part, shift: int) -> Groups:
    columns, rows = part.columns, part.rows
    cell = columns.quad[rows] >> shift
    if np.any(cell[1:] < cell[:-1]):
        # What is fresh stands in no order.
        order = np.argsort(cell, kind="stable")
        rows, cell = rows[order], cell[order]
    starts = np.append(0, np.flatnonzero(cell[1:] != cell[:-1]) + 1)
    count = np.diff(np.append(starts, len(cell)))
    opened, late = IS_OPEN[columns.state[rows]], (columns.flags[rows] & LATE) != 0
    return Groups(
        cell[starts], count,
        np.add.reduceat(opened, starts, dtype=np.int64), np.add.reduceat(late, starts, dtype=np.int64),
        np.add.reduceat(columns.lon[rows], starts) / count, np.add.reduceat(columns.lat[rows], starts) / count,
        columns.id[rows[starts]],
    )  # fmt: skip


def _merged(parts: Sequence[Groups]) -> Groups:
    """Groups of the same cells put together."""
    cells = np.concatenate([part.cell for part in parts]) if parts else np.zeros(0, dtype=np.int64)
    cell, first, which = np.unique(cells, return_index=True, return_inverse=True)

    def together(name: str) -> NDArray[Any]:
        return np.concatenate([getattr(part, name) for part in parts]) if parts else np.zeros(0)

    def add(values: NDArray[Any]) -> NDArray[np.float64]:
        # Sums of counts, which floats hold exactly as far as counts go.
        return np.bincount(which, values, len(cell)).astype(np.float64)

    each = together("count")
    count = add(each)
    return Groups(
        cell, count.astype(np.int64), add(together("open")).astype(np.int64), add(together("late")).astype(np.int64),
        add(together("lon") * each) / count, add(together("lat") * each) / count,
        together("one")[first].astype(np.int64),
    )  # fmt: skip
