"""The peer of an import: the very rows it wrote, copied bare into an identical empty database."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg import sql

from geoapp.store.cluster import Server

BATCH: Final = 10_000
_ROLE: Final = "geoapp_bulk"

# Parents before children; the upper ends of a batch's ids are those that belong to its last ticket.
_TABLES: Final = {
    "site": "id > {site} AND id <= {site_end}",
    "ticket": "id > {ticket} AND id <= {ticket_end}",
    "report": "id > {report} AND id <= {report_end}",
    "report_text": "report_id > {report} AND report_id <= {report_end}",
    "event": "ticket_id > {ticket} AND ticket_id <= {ticket_end}",
    "event_note": "event_id IN (SELECT id FROM geoapp.event WHERE ticket_id > {ticket} AND ticket_id <= {ticket_end})",
}
_ENDS: Final = {
    "site": "SELECT max(site_id) FROM geoapp.ticket WHERE id > {ticket} AND id <= {ticket_end}",
    "report": "SELECT max(id) FROM geoapp.report WHERE ticket_id > {ticket} AND ticket_id <= {ticket_end}",
}
# Deltas are gone once folded; these are as many, of the same width, made again from the tickets.
_DELTAS: Final = (
    "SELECT row_number() OVER () + 1000 * {ticket} AS id, city_id, CASE WHEN public THEN 'public' ELSE 'hidden' END, "
    "((quad >> 16) >> 16)::int, ((quad >> 16) & 65535)::int, count(*)::int, count(*)::int, 0, 0, "
    "sum(quad & 16777215)::bigint, sum(quad & 16777215)::bigint, sum(id)::bigint "
    "FROM geoapp.ticket WHERE id > {ticket} AND id <= {ticket_end} GROUP BY city_id, public, quad >> 16"
)


@dataclass(frozen=True, slots=True)
class Bare:
    """How many reports were copied, and how long the copying itself took."""

    reports: int
    seconds: float


def measure(source: Server, target: Server, limit: int) -> Bare:
    """Copy what an import wrote, a batch of tickets a transaction, up to so many tickets; only COPY FROM is timed."""
    reports, seconds = 0, 0.0
    with (
        psycopg.connect(source.conninfo(_ROLE), autocommit=True) as reading,
        psycopg.connect(target.conninfo(_ROLE), autocommit=True) as writing,
    ):
        _load(writing, [("geoapp.city", _unload(reading, "SELECT * FROM geoapp.city"))])
        for ends in _batches(reading, limit):
            parts = [
                (f"geoapp.{table}", _unload(reading, f"SELECT * FROM geoapp.{table} WHERE {where} ORDER BY 1", ends))
                for table, where in _TABLES.items()
            ]
            parts.append(("geoapp.cell_delta", _unload(reading, _DELTAS, ends)))
            seconds += _load(writing, parts)
            reports += ends["report_end"] - ends["report"]
    return Bare(reports, seconds)


def _batches(reading: psycopg.Connection[Any], limit: int) -> Iterator[dict[str, int]]:
    last = min(_one(reading, "SELECT coalesce(max(id), 0) FROM geoapp.ticket", {}), limit)
    before = {"site": 0, "report": 0}
    for ticket in range(0, last, BATCH):
        ends = {"ticket": ticket, "ticket_end": min(ticket + BATCH, last), **before}
        after = {name: max(_one(reading, query, ends), before[name]) for name, query in _ENDS.items()}
        yield ends | {f"{name}_end": value for name, value in after.items()}
        before = after


def _one(reading: psycopg.Connection[Any], query: str, ends: dict[str, int]) -> int:
    row = reading.execute(_filled(query, ends)).fetchone()
    return int(row[0] or 0) if row else 0


def _unload(reading: psycopg.Connection[Any], query: str, ends: dict[str, int] | None = None) -> bytes:
    copying = sql.SQL("COPY ({}) TO STDOUT").format(_filled(query, ends or {}))
    with reading.cursor() as cursor, cursor.copy(copying) as stream:
        return b"".join(bytes(part) for part in stream)


def _filled(query: str, ends: dict[str, int]) -> sql.Composed:
    return sql.SQL(query).format(**{name: sql.Literal(value) for name, value in ends.items()})


def _load(writing: psycopg.Connection[Any], parts: list[tuple[str, bytes]]) -> float:
    """One transaction; how long it took."""
    started = time.perf_counter()
    with writing.transaction(), writing.cursor() as cursor:
        for table, body in parts:
            with cursor.copy(f"COPY {table} FROM STDIN") as stream:
                stream.write(body)
    return time.perf_counter() - started
