"""Tickets as columns of numbers: a city's whole stock read at once, so that any filter is a few passes over arrays."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg import sql
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from geoapp.assign.arrays import OfArrays
from geoapp.lifecycle import OPEN, Kind, Outcome, State
from geoapp.store.copy import raw

STATES: Final = tuple(State)
KINDS: Final = tuple(Kind)
OUTCOMES: Final = tuple(Outcome)
NEVER: Final = (1 << 63) - 1
"""The moment of what is not due or has not ended: PostgreSQL's infinity."""

PUBLIC: Final = 1
LATE: Final = 2

Range = tuple[int, int]
"""Keys from the first up to, but not including, the last."""

_PIECE: Final = 250_000
IS_OPEN: Final = np.array([False, *(state in OPEN for state in STATES)])
"""Whether something is still to be done, by the code of a state."""

_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
# COPY's binary format: a signature with flags, then per row the number of fields and each field after its length.
_HEAD: Final = 19
_TAIL: Final = struct.pack(">h", -1)


def microseconds(moment: datetime) -> int:
    """A moment as the columns hold it: microseconds since the year 2000 began in UTC, as PostgreSQL counts."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(value: int) -> datetime:
    """The moment a column holds."""
    return _EPOCH + timedelta(microseconds=value)


@dataclass(frozen=True, slots=True)
class Columns(OfArrays):
    """Tickets, a row each. Shapes (n,), areas (k, n) filled up with 0.

    lon, lat in WGS-84 degrees; opened, due and ended as `microseconds` gives them, NEVER for none; state, kind, outcome
    and source are places in their lists counted from 1, 0 for none; matter, unit and site are keys, 0 for none; flags
    are sums of the constants above.
    """

    id: NDArray[np.int64]
    quad: NDArray[np.int64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    opened: NDArray[np.int64]
    due: NDArray[np.int64]
    ended: NDArray[np.int64]
    site: NDArray[np.int64]
    matter: NDArray[np.int32]
    unit: NDArray[np.int32]
    state: NDArray[np.int8]
    kind: NDArray[np.int8]
    outcome: NDArray[np.int8]
    source: NDArray[np.int16]
    flags: NDArray[np.int8]
    areas: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.id)

    def take(self, at: NDArray[np.intp] | NDArray[np.bool_] | slice) -> Columns:
        """Those rows."""
        return Columns(**{one.name: getattr(self, one.name)[..., at] for one in fields(self)})

    def sorted(self) -> Columns:
        """In the order of their places, so that a box is a few ranges of rows."""
        return self.take(np.argsort(self.quad, kind="stable"))


@dataclass(frozen=True, slots=True)
class Sums(OfArrays):
    """Sums over the public ones of the first 0, 1, … n rows, shapes (n + 1,): what lies in any range of rows is a
    difference of two. Degrees are counted from the first row's, so that they stay exact enough."""

    count: NDArray[np.int32]
    open: NDArray[np.int32]
    late: NDArray[np.int32]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]

    @staticmethod
    def of(columns: Columns) -> Sums:
        """Those of some rows."""
        public = (columns.flags & PUBLIC) != 0
        opened, late = IS_OPEN[columns.state] & public, ((columns.flags & LATE) != 0) & public
        counts = (_from_nothing(values, np.int32) for values in (public, opened, late))
        degrees = (_from_nothing((values - values[:1]) * public, np.float64) for values in (columns.lon, columns.lat))
        return Sums(*counts, *degrees)


def _from_nothing(values: NDArray[Any], kind: type) -> NDArray[Any]:
    sums: NDArray[Any] = np.zeros(len(values) + 1, dtype=kind)
    np.cumsum(values, out=sums[1:])
    return sums


def joined(*parts: Columns) -> Columns:
    """The rows of all."""
    if len(parts) == 1:
        return parts[0]
    wide = max(len(part.areas) for part in parts)
    arrays = {one.name: [getattr(part, one.name) for part in parts] for one in fields(Columns)}
    arrays["areas"] = [np.pad(part.areas, ((0, wide - len(part.areas)), (0, 0))) for part in parts]
    return Columns(**{name: np.concatenate(each, axis=-1) for name, each in arrays.items()})


# A field of COPY's answer: its name, its type there and here, and what gives it.
_FIELDS: Final = (
    ("id", ">i8", "id"),
    ("quad", ">i8", "quad"),
    ("lon", ">f8", "ST_X(point)"),
    ("lat", ">f8", "ST_Y(point)"),
    ("opened", ">i8", "opened_at"),
    ("due", ">i8", "coalesce(due_at, 'infinity')"),
    ("ended", ">i8", "coalesce(ended_at, 'infinity')"),
    ("site", ">i8", "site_id"),
    ("matter", ">i4", "coalesce(matter_id, 0)"),
    ("unit", ">i4", "coalesce(unit_id, 0)"),
    ("state", ">i2", "coalesce(array_position({states}, state), 0)::int2"),
    ("kind", ">i2", "coalesce(array_position({kinds}, kind), 0)::int2"),
    ("outcome", ">i2", "coalesce(array_position({outcomes}, outcome), 0)::int2"),
    ("source", ">i2", "coalesce(array_position({sources}, source), 0)::int2"),
    ("flags", ">i2", f"({PUBLIC} * public::int + {LATE} * late::int)::int2"),
)  # fmt: skip


def read(connection: Connection, city_id: int, sources: list[str], ranges: Sequence[Range] | None = None) -> Columns:
    """The tickets of a city, or those of them whose keys lie in half-open ranges; new sources join the list.

    By binary COPY, which arrives as an array: a million tickets take about two seconds. A piece at a time, so that no
    statement lasts longer than a page's question may, and memory holds little beside the columns.
    """
    if ranges is None:
        last = text("SELECT coalesce(max(id), 0) FROM geoapp.ticket WHERE city_id = :city")
        ranges = [(1, connection.execute(last, {"city": city_id}).scalar_one() + 1)]
    try:
        return joined(*(_read(connection, city_id, sources, part) for part in _pieces(ranges)))
    except psycopg.Error as error:
        # What the driver says here is what it says elsewhere: given up for its time, or away.
        raise DBAPIError.instance("COPY", None, error, psycopg.Error) from error


def _pieces(ranges: Sequence[Range]) -> Iterator[list[Range]]:
    """The ranges cut so that each piece holds some keys at most; one at least."""
    piece: list[Range] = []
    room = _PIECE
    for first, beyond in ranges:
        while first < beyond:
            end = min(beyond, first + room)
            piece.append((first, end))
            room -= end - first
            first = end
            if not room:
                yield piece
                piece, room = [], _PIECE
    yield piece


def _read(connection: Connection, city_id: int, sources: list[str], ranges: Sequence[Range]) -> Columns:
    values = {
        "starts": [first for first, _ in ranges], "ends": [beyond for _, beyond in ranges], "city": city_id,
        "states": list(STATES), "kinds": list(KINDS), "outcomes": list(OUTCOMES),
    }  # fmt: skip
    # Range by range by the key, whatever the statistics say.
    where = (
        "FROM unnest({starts}::bigint[], {ends}::bigint[]) r(first, beyond) CROSS JOIN LATERAL ("
        "SELECT * FROM geoapp.ticket WHERE id >= r.first AND id < r.beyond AND city_id = {city} OFFSET 0) ticket"
    )
    head = f"SELECT coalesce(max(cardinality(area_keys)), 0), array_agg(DISTINCT source) {where}"
    wide, spoken = _one(connection, head, values)
    sources.extend(sorted(set(spoken or ()) - set(sources)))
    areas = [(f"area{nth}", ">i4", f"coalesce(area_keys[{nth}], 0)") for nth in range(1, wide + 1)]
    listed = ", ".join(expression for *_, expression in (*_FIELDS, *areas))
    query = _filled(f"COPY (SELECT {listed} {where}) TO STDOUT (FORMAT binary)", {**values, "sources": list(sources)})
    with raw(connection).cursor() as cursor, cursor.copy(query) as stream:
        body = b"".join(bytes(part) for part in stream)
    return _parsed(body, [(name, kind) for name, kind, _ in (*_FIELDS, *areas)], wide)


def _one(connection: Connection, query: str, values: dict[str, Any]) -> Any:
    return raw(connection).execute(_filled(query, values)).fetchone()


def _filled(query: str, values: dict[str, Any]) -> sql.Composed:
    # COPY takes no parameters: they are written in as literals.
    return sql.SQL(query).format(**{name: sql.Literal(value) for name, value in values.items()})


def _parsed(body: bytes, kinds: Sequence[tuple[str, str]], wide: int) -> Columns:
    rows = body[_HEAD : len(body) - len(_TAIL)]
    layout = [("count", ">i2")]
    for name, kind in kinds:
        layout += [(f"{name} size", ">i4"), (name, kind)]
    found = np.frombuffer(rows, dtype=np.dtype(layout))
    here = {one.name: np.dtype(_HERE.get(one.name, "i1")) for one in fields(Columns) if one.name != "areas"}
    columns = {name: np.ascontiguousarray(found[name].astype(kind)) for name, kind in here.items()}
    areas = np.zeros((wide, len(found)), dtype=np.int32)
    for nth in range(wide):
        areas[nth] = found[f"area{nth + 1}"]
    return Columns(**columns, areas=areas)


_HERE: Final = {
    "id": "i8", "quad": "i8", "lon": "f8", "lat": "f8", "opened": "i8", "due": "i8", "ended": "i8", "site": "i8",
    "matter": "i4", "unit": "i4", "source": "i2",
}  # fmt: skip
