"""The three lists (三张清单) as batches keep them: drawn up, put into force, read as they were at any moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Connection, text

from geoapp.assign.duties import Duty
from geoapp.assign.three_lists import BatchState, Difference, ListKind, Plain, line_of
from geoapp.errors import BatchRefused, UnknownBatch
from geoapp.store.copy import copy, flags, json, same, texts


@dataclass(frozen=True, slots=True)
class Batch:
    """A numbered batch of a list; base is the number of the one it was drawn up against, 0 for none.

    released_at: since when it is wanted in force from its day on; without, a draft waits for somebody's word.
    """

    id: int
    city_id: int
    list: ListKind
    number: int
    base: int
    state: BatchState
    in_force_from: datetime
    author: str
    reason: str
    made_at: datetime
    applied_at: datetime | None
    despite: str | None
    released_at: datetime | None
    brought: int
    taken: int

    def as_dict(self) -> dict[str, Any]:
        """The batch as plain values."""
        return {
            "list": str(self.list), "batch": self.number, "base": self.base, "state": str(self.state),
            "in_force_from": self.in_force_from.isoformat(), "author": self.author, "reason": self.reason,
            "made_at": self.made_at.isoformat(timespec="seconds"),
            "applied_at": self.applied_at and self.applied_at.isoformat(timespec="seconds"),
            "released_at": self.released_at and self.released_at.isoformat(timespec="seconds"),
            "despite": self.despite, "lines_brought": self.brought, "lines_taken": self.taken,
        }  # fmt: skip


_BATCHES: Final = (
    "SELECT b.id, b.city_id, b.list, b.number, coalesce(o.number, 0) AS base, b.state, b.in_force_from, b.author, "
    "b.reason, b.made_at, b.applied_at, b.despite, b.released_at, "
    "(SELECT count(*) FROM geoapp.list_line l WHERE l.batch_id = b.id AND NOT l.removed) AS brought, "
    "(SELECT count(*) FROM geoapp.list_line l WHERE l.batch_id = b.id AND l.removed) AS taken "
    "FROM geoapp.list_batch b LEFT JOIN geoapp.list_batch o ON o.id = b.base_id WHERE "
)

# The order in which lists come into force: what one names, another may have brought.
ORDER: Final = "array_position(ARRAY['catalogue', 'responsibilities', 'implementation'], b.list)"


def batches(connection: Connection, city_id: int, kind: ListKind | None = None) -> list[Batch]:
    """All batches of a city, of one list or of all, by list and number."""
    query = text(
        f"{_BATCHES} b.city_id = :city AND b.list = coalesce(cast(:list AS text), b.list) ORDER BY {ORDER}, b.number"
    )
    return [_batch(row) for row in connection.execute(query, {"city": city_id, "list": kind and str(kind)})]


def batch(connection: Connection, city_id: int, kind: ListKind, number: int) -> Batch:
    """The batch of that number.

    Raises:
        UnknownBatch: the list has none of that number.
    """
    query = text(f"{_BATCHES} b.city_id = :city AND b.list = :list AND b.number = :number")
    values = {"city": city_id, "list": str(kind), "number": number}
    row = connection.execute(query, values).one_or_none()
    if row is None:
        raise UnknownBatch(f"{kind} {number}")
    return _batch(row)


def newest(connection: Connection, city_id: int, kind: ListKind) -> Batch | None:
    """The latest batch that was not withdrawn: what the next is drawn up against."""
    query = text(
        f"{_BATCHES} b.city_id = :city AND b.list = :list AND b.state <> 'withdrawn' ORDER BY b.number DESC LIMIT 1"
    )
    row = connection.execute(query, {"city": city_id, "list": str(kind)}).one_or_none()
    return None if row is None else _batch(row)


def drafts(connection: Connection, city_id: int) -> list[Batch]:
    """The drafts of a city, in the order in which they come into force."""
    query = text(f"{_BATCHES} b.state = 'draft' AND b.city_id = :city ORDER BY b.in_force_from, {ORDER}, b.number")
    return [_batch(row) for row in connection.execute(query, {"city": city_id})]


def due(connection: Connection, now: datetime, city_id: int | None = None) -> list[Batch]:
    """The drafts that were released and whose day has come, in the order in which they come into force."""
    query = text(
        f"{_BATCHES} b.state = 'draft' AND b.released_at IS NOT NULL AND b.in_force_from <= :now "
        "AND b.city_id = coalesce(:city, b.city_id) "
        f"ORDER BY b.city_id, b.in_force_from, {ORDER}, b.number"
    )
    return [_batch(row) for row in connection.execute(query, {"now": now, "city": city_id})]


def _batch(row: Any) -> Batch:
    return Batch(**{**row._mapping, "list": ListKind(row.list), "state": BatchState(row.state)})


# Lines


def in_force(connection: Connection, city_id: int, kind: ListKind, at: datetime) -> dict[str, Plain]:
    """The lines in force at a moment, plain, by code."""
    query = text(
        "SELECT code, cast(fields AS text) AS fields FROM geoapp.list_valid WHERE city_id = :city AND list = :list "
        "AND since <= :at AND (until IS NULL OR until > :at) AND NOT removed ORDER BY code"
    )
    return _lines(connection, query, {"city": city_id, "list": str(kind), "at": at})


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for in a list: words that all stand in a line, or in the names of its matter and unit, and the
    category its matter is of; both may be ""."""

    words: str = ""
    category: str = ""


_SOUGHT: Final = (
    "FROM geoapp.list_valid v WHERE v.city_id = :city AND v.list = :list AND v.since <= :at "
    "AND (v.until IS NULL OR v.until > :at) AND NOT v.removed "
    "AND (:category = '' OR v.fields ->> 'category' = :category OR v.fields ->> 'matter' IN ("
    "SELECT m.code FROM geoapp.matter m JOIN geoapp.category c ON c.id = m.category_id "
    "WHERE m.city_id = :city AND c.code = :category)) "
    "AND NOT EXISTS (SELECT FROM unnest(cast(:words AS text[])) w(word) WHERE NOT EXISTS ("
    "SELECT FROM jsonb_path_query(v.fields, '$.** ? (@.type() == \"string\")') s(value) "
    "WHERE strpos(lower(s.value #>> '{}'), w.word) > 0) "
    "AND NOT EXISTS (SELECT FROM geoapp.unit u WHERE u.city_id = :city AND u.code = v.fields ->> 'unit' "
    "AND strpos(lower(concat_ws(' ', u.names ->> 'zh', u.names ->> 'en')), w.word) > 0) "
    "AND NOT EXISTS (SELECT FROM geoapp.matter m WHERE m.city_id = :city AND m.code = v.fields ->> 'matter' "
    "AND strpos(lower(concat_ws(' ', m.names ->> 'zh', m.names ->> 'en')), w.word) > 0))"
)


def search(
    connection: Connection, city_id: int, kind: ListKind, at: datetime, sought: Sought, first: int, most: int
) -> tuple[int, list[Plain]]:
    """How many lines in force at a moment are looked for, and those from the nth on, in the order of their codes."""
    values = {
        "city": city_id, "list": str(kind), "at": at, "category": sought.category,
        "words": sought.words.lower().split(),
    }  # fmt: skip
    count = connection.execute(text(f"SELECT count(*) {_SOUGHT}"), values).scalar_one()
    query = text(f"SELECT v.code, cast(v.fields AS text) AS fields {_SOUGHT} ORDER BY v.code LIMIT :most OFFSET :first")
    return count, list(_lines(connection, query, {**values, "first": first, "most": most}).values())


def with_batch(connection: Connection, batch_id: int) -> dict[str, Plain]:
    """The whole list as it is with a batch in force, whether it is or not."""
    query = text(
        "WITH RECURSIVE chain (id, base_id, number) AS ("
        "SELECT id, base_id, number FROM geoapp.list_batch WHERE id = :id UNION ALL "
        "SELECT b.id, b.base_id, b.number FROM chain c JOIN geoapp.list_batch b ON b.id = c.base_id) "
        "SELECT code, fields FROM (SELECT DISTINCT ON (l.code) l.code, cast(l.fields AS text) AS fields, l.removed "
        "FROM chain c JOIN geoapp.list_line l ON l.batch_id = c.id ORDER BY l.code, c.number DESC) newest "
        "WHERE NOT removed ORDER BY code"
    )
    return _lines(connection, query, {"id": batch_id})


def changes(connection: Connection, batch_id: int) -> tuple[dict[str, Plain], list[str]]:
    """The lines that a batch brings, and the codes of those it takes away."""
    query = text("SELECT code, removed, cast(fields AS text) AS fields FROM geoapp.list_line WHERE batch_id = :id")
    rows = connection.execute(query, {"id": batch_id}).all()
    return {row.code: orjson.loads(row.fields) for row in rows if not row.removed}, [
        row.code for row in rows if row.removed
    ]


def duties_with(connection: Connection, batch_id: int) -> tuple[Duty, ...]:
    """The responsibilities as they are with a batch in force, as dispatch asks them."""
    return tuple(map(_duty, with_batch(connection, batch_id).values()))


def begun(connection: Connection, city_id: int, kind: ListKind) -> list[tuple[datetime, int]]:
    """Since when each batch was in force, and its number, the earliest first."""
    query = text(
        "SELECT in_force_from, number FROM geoapp.list_batch "
        "WHERE city_id = :city AND list = :list AND state = 'in_force' ORDER BY in_force_from, number"
    )
    return [(since, number) for since, number in connection.execute(query, {"city": city_id, "list": str(kind)})]


def duties(connection: Connection, city_id: int, at: datetime) -> tuple[Duty, ...]:
    """The responsibilities in force at a moment, as dispatch asks them."""
    found = in_force(connection, city_id, ListKind.RESPONSIBILITIES, at)
    return tuple(map(_duty, found.values()))


def _duty(values: Plain) -> Duty:
    line = line_of(ListKind.RESPONSIBILITIES, values)
    assert isinstance(line, Duty)
    return line


def number_in_force(connection: Connection, city_id: int, kind: ListKind, at: datetime) -> int:
    """The number of the batch that was the latest in force at a moment; 0 for none."""
    query = text(
        "SELECT coalesce(max(number), 0) FROM geoapp.list_batch "
        "WHERE city_id = :city AND list = :list AND state = 'in_force' AND in_force_from <= :at"
    )
    return int(connection.execute(query, {"city": city_id, "list": str(kind), "at": at}).scalar_one())


def _lines(connection: Connection, query: Any, values: Mapping[str, Any]) -> dict[str, Plain]:
    return {code: orjson.loads(fields) for code, fields in connection.execute(query, values)}


# Batches drawn up, put into force and withdrawn


def lock(connection: Connection, city_id: int) -> None:
    """Whoever changes a city's lists comes one after the other, until the transaction ends."""
    connection.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 7))"), {"name": f"lists/{city_id}"}
    )  # fmt: skip


def draw_up(
    connection: Connection, city_id: int, kind: ListKind, since: datetime, author: str, reason: str,
    wanted: Difference, after: Mapping[str, Plain],
) -> Batch:  # fmt: skip
    """A draft of the next batch, which leads from the newest one by a difference, and comes into force no earlier than
    that; the lock is held."""
    base = newest(connection, city_id, kind)
    number = connection.execute(
        text("SELECT coalesce(max(number), 0) + 1 FROM geoapp.list_batch WHERE city_id = :city AND list = :list"),
        {"city": city_id, "list": str(kind)},
    ).scalar_one()
    batch_id = connection.execute(
        text(
            "INSERT INTO geoapp.list_batch (city_id, list, number, base_id, in_force_from, author, reason) "
            "VALUES (:city, :list, :number, :base, :since, :author, :reason) RETURNING id"
        ),
        {
            "city": city_id, "list": str(kind), "number": number, "base": base and base.id, "since": since,
            "author": author, "reason": reason,
        },
    ).scalar_one()  # fmt: skip
    brought = [*wanted.added, *(one.code for one in wanted.changed)]
    codes = [*brought, *wanted.removed]
    copy(
        connection, "geoapp.list_line",
        {
            "batch_id": same(str(batch_id), len(codes)), "code": texts(codes),
            "removed": flags([False] * len(brought) + [True] * len(wanted.removed)),
            "fields": map(json, [*(after[code] for code in brought), *({} for _ in wanted.removed)]),
        },
    )  # fmt: skip
    return batch(connection, city_id, kind, number)


def release(connection: Connection, one: Batch, despite: str | None) -> None:
    """A draft is wanted in force from its day on; the lock is held.

    Raises:
        BatchRefused: it is no draft, or the batch it was drawn up against is neither in force nor released.
    """
    if one.state != BatchState.DRAFT:
        raise BatchRefused(f"It is {one.state.value.replace('_', ' ')}.")
    if one.base and batch(connection, one.city_id, one.list, one.base).released_at is None:
        raise BatchRefused(f"It was drawn up against batch {one.base}, which is not in force.")
    query = text("UPDATE geoapp.list_batch SET released_at = clock_timestamp(), despite = :despite WHERE id = :id")
    connection.execute(query, {"id": one.id, "despite": despite})


def hold(connection: Connection, one: Batch) -> None:
    """A released draft waits for somebody's word again; one that has moved on meanwhile is left alone."""
    query = text("UPDATE geoapp.list_batch SET released_at = NULL WHERE id = :id AND state = 'draft'")
    connection.execute(query, {"id": one.id})


def begin(connection: Connection, one: Batch, despite: str | None) -> None:
    """A draft is in force from now on; the lock is held.

    Raises:
        BatchRefused: it is no draft, or the batch it was drawn up against is not in force.
    """
    if one.state != BatchState.DRAFT:
        raise BatchRefused(f"It is {one.state.value.replace('_', ' ')}.")
    if one.base and batch(connection, one.city_id, one.list, one.base).state != BatchState.IN_FORCE:
        raise BatchRefused(f"It was drawn up against batch {one.base}, which is not in force.")
    query = text(
        "UPDATE geoapp.list_batch SET state = 'in_force', applied_at = clock_timestamp(), despite = :despite, "
        "released_at = coalesce(released_at, clock_timestamp()) WHERE id = :id"
    )
    connection.execute(query, {"id": one.id, "despite": despite})


def withdraw(connection: Connection, one: Batch) -> None:
    """A draft that is never to come into force; the lock is held.

    Raises:
        BatchRefused: it is no draft, or another was drawn up against it.
    """
    if one.state != BatchState.DRAFT:
        raise BatchRefused(f"It is {one.state.value.replace('_', ' ')}; the next batch may undo it.")
    query = text("SELECT number FROM geoapp.list_batch WHERE base_id = :id AND state <> 'withdrawn' LIMIT 1")
    later = connection.execute(query, {"id": one.id}).scalar_one_or_none()
    if later is not None:
        raise BatchRefused(f"Batch {later} was drawn up against it.")
    query = text("UPDATE geoapp.list_batch SET state = 'withdrawn', released_at = NULL WHERE id = :id")
    connection.execute(query, {"id": one.id})
