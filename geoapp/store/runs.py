"""Runs: when each began and ended, what it read, and the rows it had to put aside."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Engine, text

from geoapp.store import known
from importers.base import Rejected

_LIVES: Final = 0x6E0  # names the advisory locks of runs that go on


@dataclass(frozen=True, slots=True)
class KeptRow:
    """A rejected row as it is kept."""

    id: int
    file: str
    line: int
    reason: str
    fields: dict[str, str]
    kept_at: datetime


def begin(connection: Connection, city_id: int, source: str, files: Sequence[str], versions: Mapping[str, int]) -> int:
    """A new run; its id."""
    values = {
        "city": city_id,
        "source": source,
        "files": [_storable(file) for file in files],
        "versions": orjson.dumps(dict(versions)).decode(),
    }
    return int(
        connection.execute(
            text(
                "INSERT INTO geoapp.run (city_id, source, files, versions) "
                "VALUES (:city, :source, :files, cast(:versions AS jsonb)) RETURNING id"
            ),
            values,
        ).scalar_one()
    )


@contextmanager
def alive(engine: Engine, run_id: int) -> Iterator[Callable[[], None]]:
    """Hold a sign that the run goes on; what is given says whether the server has stayed up, and raises if not.

    A server that crashed and came back has lost the last commits, for which bulk work does not wait, and the run's
    counts: such a run must stop and be started again. The sign ends with the process, so that the counts of runs that
    were killed are known from those of runs that go on; they are dropped here.

    Raises:
        sqlalchemy.exc.OperationalError: by what is given, when the server has gone away meanwhile.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SELECT pg_advisory_lock(:kind, :run)"), {"kind": _LIVES, "run": run_id})
        connection.execute(
            text(
                "DELETE FROM geoapp.run_count WHERE run_id IN (SELECT id FROM (SELECT DISTINCT run_id AS id "
                "FROM geoapp.run_count) counted WHERE id <> :run AND pg_try_advisory_xact_lock(:kind, cast(id AS int)))"
            ),
            {"kind": _LIVES, "run": run_id},
        )
        try:
            yield lambda: connection.execute(text("SELECT 1")).close()
        finally:
            # Not given back with the lock still held: the pool would keep the sign alive.
            connection.invalidate()


def end(connection: Connection, run_id: int, tally: Mapping[str, Any]) -> None:
    """The run is over; with this commit all that it wrote is on the disk."""
    connection.execute(text("SET LOCAL synchronous_commit = on"))
    known.forget_counts(connection, run_id)
    connection.execute(
        text("UPDATE geoapp.run SET ended_at = now(), tally = cast(:tally AS jsonb) WHERE id = :run"),
        {"run": run_id, "tally": orjson.dumps(dict(tally)).decode()},
    )


def keep_rejected(
    connection: Connection, city_id: int, source: str, run_id: int, rows: Sequence[tuple[str, Rejected]]
) -> None:
    """Keep rows that could not be used, each once however often its file is read again; rows are (file, row)."""
    if not rows:
        return
    # A rejected row of a kept content is the same row: its file may have been renamed, its line moved.
    hashes = [_hash(row.fields) for _, row in rows]
    numbers = known.occurrences(connection, run_id, hashes)
    connection.execute(
        text(
            "INSERT INTO private.rejected "
            "(city_id, source, run_id, file, line, reason, detail, fields, hash, occurrence) "
            "SELECT :city, :source, :run, w.* FROM unnest(cast(:files AS text[]), cast(:lines AS int[]), "
            "cast(:reasons AS text[]), cast(:details AS text[]), cast(:fields AS jsonb[]), cast(:hashes AS uuid[]), "
            "cast(:numbers AS int[])) w ON CONFLICT DO NOTHING"
        ),
        {
            "city": city_id, "source": source, "run": run_id,
            "files": [_storable(file) for file, _ in rows], "lines": [row.line for _, row in rows],
            "reasons": [row.reason for _, row in rows], "details": [_storable(row.detail) for _, row in rows],
            "fields": [_json(row) for _, row in rows], "hashes": hashes, "numbers": numbers,
        },
    )  # fmt: skip


def kept_rejected(connection: Connection, city_id: int, source: str, after: int, limit: int) -> list[KeptRow]:
    """Rows of a source put aside and not settled since, in order of keeping."""
    rows = connection.execute(
        text(
            "SELECT id, file, line, reason, fields, recorded_at FROM private.rejected "
            "WHERE city_id = :city AND source = :source AND settled_at IS NULL AND id > :after ORDER BY id LIMIT :limit"
        ),
        {"city": city_id, "source": source, "after": after, "limit": limit},
    )
    return [KeptRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row's content that was put aside and is not settled: the kept rows that hold it, and since when."""

    ids: tuple[int, ...]
    since: datetime


def waiting(
    connection: Connection, city_id: int, source: str, rows: Sequence[Mapping[str, str]]
) -> list[Waiting | None]:
    """For each row, by its fields, whether a source has put it aside before."""
    if not rows:
        return []
    hashes = [_hash(fields) for fields in rows]
    found = connection.execute(
        text(
            # Looked up one by one by its key, as store/known.py explains.
            "SELECT encode(uuid_send(w.hash), 'hex'), array_agg(r.id), min(r.recorded_at) "
            "FROM unnest(cast(:hashes AS uuid[])) w(hash) CROSS JOIN LATERAL ("
            "SELECT id, recorded_at FROM private.rejected r WHERE r.city_id = :city AND r.source = :source "
            "AND r.hash = w.hash AND r.settled_at IS NULL OFFSET 0) r GROUP BY 1"
        ),
        {"city": city_id, "source": source, "hashes": sorted(set(hashes))},
    )
    known_rows = {content: Waiting(tuple(ids), since) for content, ids, since in found}
    return [known_rows.get(content) for content in hashes]


def settle_rejected(connection: Connection, ids: Sequence[int]) -> None:
    """These rows have become reports after all."""
    if not ids:
        return
    connection.execute(text("UPDATE private.rejected SET settled_at = now() WHERE id = ANY(:ids)"), {"ids": list(ids)})


def _hash(fields: Mapping[str, str]) -> str:
    content = orjson.dumps({_storable(k): _storable(v) for k, v in fields.items()}, option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def _json(row: Rejected) -> str:
    return orjson.dumps({_storable(k): _storable(v) for k, v in row.fields.items()}).decode()


def _storable(value: str) -> str:
    """What PostgreSQL cannot hold in text (NUL, lone surrogates) made visible, so that nothing of the row is lost."""
    return value.replace("\x00", "\\x00").encode("utf-8", "backslashreplace").decode()
