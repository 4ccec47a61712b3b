"""The register (台账): a city's tickets in memory as columns, kept true by asking only for what changed since.

What changed is noted by the database in the transaction that changes it, and asked for by the database's own word on
which transactions a reader has seen: nothing is missed and nobody waits, whatever the order writers commit in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Any, Final

import numpy as np
import structlog
from numpy.typing import NDArray
from sqlalchemy import Connection, text
from sqlalchemy.exc import TimeoutError as PoolTimeout

from geoapp import settings
from geoapp.assign.arrays import DamagedIndex, load, save
from geoapp.store.columns import PUBLIC, Columns, Sums, joined, read
from geoapp.store.identity import identity, make_room

Rows = NDArray[np.intp]

_FORMAT: Final = "5"
_KEPT_FROM: Final = 50_000
"""From so many tickets on a base is kept in a file; fewer are read in no time."""

_FRESH: Final = 20_000
_LONGEST: Final = timedelta(hours=12)
"""A copy older than that is made anew: notes of changes are kept for days, not for ever."""

_MOST: Final = 16
_PATIENCE_S: Final = 10.0
"""So long a thread waits for another that brings the register up to date."""

_VERSIONS: Final = count(1)
"""Numbers of states, none of them twice in a process: what was told of one is never taken for another's."""

# Asked before every answer: by the driver itself, which prepares it.
_SINCE: Final = """
    SELECT pg_current_snapshot()::text, clock_timestamp(),
           pg_snapshot_xmax(%(seen)s::pg_snapshot) > pg_snapshot_xmax(pg_current_snapshot()),
           (SELECT range_agg(tickets) FROM geoapp.ticket_change
            WHERE city_id = %(city)s AND transaction >= pg_snapshot_xmin(%(seen)s::pg_snapshot)
              AND transaction < pg_snapshot_xmax(pg_current_snapshot())
              AND NOT pg_visible_in_snapshot(transaction, %(seen)s::pg_snapshot))
"""
_NOW: Final = text("SELECT cast(pg_current_snapshot() AS text) AS as_of, clock_timestamp() AS now")


@dataclass(frozen=True, slots=True)
class Register:
    """Tickets at one moment: the rows of the base but those that are gone, and the fresh ones.

    base is sorted by place; by_id and by_opened are its rows by key, and newest first; hidden those that are not
    public; sums are of the base. version
    tells states apart: another one comes with each change, be it in the names that an answer gives its tickets.
    """

    base: Columns
    by_id: NDArray[np.int32]
    by_opened: NDArray[np.int32]
    hidden: Rows
    sums: Sums
    gone: NDArray[np.bool_]
    fresh: Columns
    sources: tuple[str, ...]
    as_of: str
    seen_at: datetime
    version: int

    def __len__(self) -> int:
        return len(self.base) - int(np.count_nonzero(self.gone)) + len(self.fresh)


class _Kept:
    """The register of one city as this process has it, and the lock under which it is brought up to date."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.register: Register | None = None


_KEPT: Final[dict[tuple[str, int], _Kept]] = {}
_LOCK: Final = Lock()


def register(connection: Connection, city_id: int) -> Register:
    """The city's tickets as they are now.

    One question to the database while nothing has changed; what has is read by key.

    Raises:
        sqlalchemy.exc.TimeoutError: another thread has been reading it for too long.
    """
    key = (identity(connection), city_id)
    with _LOCK:
        if key not in _KEPT:
            make_room(_KEPT, _MOST)
            _KEPT[key] = _Kept()
        # Those asked for lately stay.
        kept = _KEPT[key] = _KEPT.pop(key)
    if not kept.lock.acquire(timeout=_PATIENCE_S):
        raise PoolTimeout("the register is being read")
    try:
        kept.register = _current(connection, key, kept.register)
        return kept.register
    finally:
        kept.lock.release()


def _current(connection: Connection, key: tuple[str, int], known: Register | None) -> Register:
    known = known if known is not None else _mapped(key)
    current = None if known is None else _advanced(connection, key, known)
    if current is None:
        return _keep(key, _made(connection, key[1]))
    if len(current.fresh) > max(_FRESH, len(current.base) // 8):
        return _keep(key, _settled(current))
    return current


def forget_changes(connection: Connection) -> int:
    """Remove notes of changes that every reader has heard of; how many."""
    query = text(
        "DELETE FROM geoapp.ticket_change WHERE recorded_at < now() - interval '2 days' "
        "AND transaction < pg_snapshot_xmin(pg_current_snapshot())"
    )
    return connection.execute(query).rowcount


def _made(connection: Connection, city_id: int) -> Register:
    """Read from the table. The moment is taken first: what happens meanwhile is asked for again the next time."""
    now = connection.execute(_NOW).one()
    sources: list[str] = []
    base = read(connection, city_id, sources).sorted()
    return _based(base, sources, now.as_of, now.now)


def _based(
    base: Columns, sources: Sequence[str], as_of: str, seen_at: datetime, version: int | None = None
) -> Register:
    by_opened = np.lexsort((-base.id, -base.opened)).astype(np.int32)
    return Register(
        base, np.argsort(base.id).astype(np.int32), by_opened, _not_public(base), Sums.of(base),
        np.zeros(len(base), dtype=np.bool_), base.take(slice(0, 0)), tuple(sources), as_of, seen_at,
        version or next(_VERSIONS),
    )  # fmt: skip


def _not_public(base: Columns) -> Rows:
    return np.flatnonzero((base.flags & PUBLIC) == 0)


def _advanced(connection: Connection, key: tuple[str, int], known: Register) -> Register | None:
    """What is known, and what has changed since; None where too much time has passed, or the database is another."""
    as_of, now, of_another, changed = connection.exec_driver_sql(_SINCE, {"seen": known.as_of, "city": key[1]}).one()
    if of_another or now - known.seen_at > _LONGEST:
        return None
    ranges = [(int(one.lower), int(one.upper)) for one in changed or ()]
    if sum(beyond - first for first, beyond in ranges) > _FRESH:
        # So much comes of an import, which another process has kept up with.
        mapped = _mapped(key)
        if mapped and mapped.seen_at > known.seen_at:
            return _advanced(connection, key, mapped)
    version = known.version if changed is None else next(_VERSIONS)
    known = replace(known, as_of=as_of, seen_at=now, version=version)
    if not ranges:
        return known
    sources = list(known.sources)
    fresh = read(connection, key[1], sources, ranges)
    bounds = np.array(ranges, dtype=np.int64)
    kept = known.fresh.take(~_within(known.fresh.id, bounds))
    gone = known.gone.copy()
    gone[_rows(known, bounds)] = True
    return replace(known, gone=gone, fresh=joined(kept, fresh), sources=tuple(sources))


def _within(ids: NDArray[np.int64], bounds: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which keys lie in one of the ascending half-open ranges, shape (m, 2)."""
    nth = np.searchsorted(bounds[:, 0], ids, side="right") - 1
    within: NDArray[np.bool_] = (nth >= 0) & (ids < bounds[np.maximum(nth, 0), 1])
    return within


def _rows(known: Register, bounds: NDArray[np.int64]) -> Rows:
    """The rows of the base whose keys lie in the ranges."""
    first, beyond = (np.searchsorted(known.base.id, side, sorter=known.by_id) for side in bounds.T)
    return np.asarray(known.by_id[spans(first, beyond)], dtype=np.intp)


def spans(first: NDArray[np.int64], beyond: NDArray[np.int64]) -> Rows:
    """The whole numbers of half-open ranges, one range after the other."""
    size = beyond - first
    shift = np.repeat(first - np.append(0, np.cumsum(size)[:-1]), size)
    return np.asarray(shift + np.arange(int(size.sum())), dtype=np.intp)


def _settled(known: Register) -> Register:
    """The same tickets with none fresh: now and then, so that a question never has many of them to look at."""
    base = joined(known.base.take(~known.gone), known.fresh).sorted()
    return _based(base, known.sources, known.as_of, known.seen_at, known.version)


def _file(key: tuple[str, int]) -> Path:
    name = hashlib.sha256(f"{_FORMAT} {key}".encode()).hexdigest()[:40]
    return settings.read().data_dir / "index" / f"{name}.register"


def _keep(key: tuple[str, int], current: Register) -> Register:
    """Put the base into a file that all processes map, and take it from there; where none can be, each has its own."""
    if len(current.base) < _KEPT_FROM:
        return current
    words = "\n".join((current.as_of, current.seen_at.isoformat(), *current.sources))
    arrays: dict[str, NDArray[Any]] = {
        **current.base.arrays(), "by_id": current.by_id, "by_opened": current.by_opened,
        **{f"sums.{name}": array for name, array in current.sums.arrays().items()},
        "words": np.frombuffer(words.encode(), dtype=np.uint8),
    }  # fmt: skip
    try:
        save(_file(key), arrays)
    except OSError as error:
        structlog.get_logger().warning("register_not_kept", error=str(error))
        return current
    mapped = _mapped(key)
    # Another process may have put a file of its own there meanwhile.
    return replace(mapped, version=current.version) if mapped and mapped.as_of == current.as_of else current


def _mapped(key: tuple[str, int]) -> Register | None:
    try:
        return _of_file(load(_file(key)))
    except (FileNotFoundError, DamagedIndex):
        return None
    except OSError as error:
        structlog.get_logger().warning("register_not_readable", error=str(error))
        return None


def _of_file(arrays: Mapping[str, NDArray[Any]]) -> Register:
    as_of, seen_at, *sources = arrays["words"].tobytes().decode().split("\n")
    base = Columns.from_arrays(arrays)
    sums = Sums.from_arrays({one.name: arrays[f"sums.{one.name}"] for one in fields(Sums)})
    return Register(
        base, arrays["by_id"], arrays["by_opened"], _not_public(base), sums,
        np.zeros(len(base), dtype=np.bool_), base.take(slice(0, 0)),
        tuple(sources), as_of, datetime.fromisoformat(seen_at), next(_VERSIONS),
    )  # fmt: skip
