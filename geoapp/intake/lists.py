"""The three lists taken in: a file becomes a draft, a draft is checked, and comes into force whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from geoapp.assign.catalogue import CatalogueMatter
from geoapp.assign.duties import Duty
from geoapp.assign.implementation import Step
from geoapp.assign.list_check import Checked, Known, check_catalogue, check_duties, check_steps
from geoapp.assign.three_lists import Difference, Line, ListKind, Plain, by_code, difference, line_of
from geoapp.city import City
from geoapp.errors import BadField, BatchRefused
from geoapp.store import disputes, list_catalogue, list_known, lists
from geoapp.store.cities import cities
from geoapp.store.lists import Batch
from geoapp.tickets import writer

REASON_LONGEST: Final = 500

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Drafted:
    """A list taken in: what differs from the newest batch, and the draft; None where nothing does."""

    batch: Batch | None
    difference: Difference


def start_of(day: date, city: City) -> datetime:
    """When a day begins in the city: the moment from which a batch of that day is in force."""
    return datetime.combine(day, time(), city.zone).astimezone(UTC)


def take_in(
    connection: Connection, city: City, kind: ListKind, lines: Sequence[Line], since: date, author: str, reason: str
) -> Drafted:
    """The whole list as somebody wants it from a day on, kept as a draft of the next batch.

    Raises:
        BadField: no reason is given, or too long a one.
        BatchRefused: it would come into force before the batch it is drawn up against.
    """
    reason = _reasoned(reason)
    lists.lock(connection, city.id)
    newest = lists.newest(connection, city.id, kind)
    if newest and start_of(since, city) < newest.in_force_from:
        # Batches follow each other in number and in time: what was in force on a day is read from both.
        raise BatchRefused(f"Batch {newest.number} comes into force later, on {_day(newest, city)}.")
    before, after = latest(connection, city, kind), by_code(lines)
    found = difference(before, after)
    if not found:
        return Drafted(None, found)
    made = lists.draw_up(connection, city.id, kind, start_of(since, city), author, reason, found, after)
    return Drafted(made, found)


def _reasoned(reason: str) -> str:
    reason = " ".join(reason.split())
    if not reason or len(reason) > REASON_LONGEST:
        raise BadField("reason", fields={"reason": "missing" if not reason else "too_long"})
    return reason


def latest(connection: Connection, city: City, kind: ListKind) -> dict[str, Plain]:
    """The list as the newest batch that was not withdrawn has it: what the next is compared with."""
    newest = lists.newest(connection, city.id, kind)
    return lists.with_batch(connection, newest.id) if newest else {}


def read_lines(kind: ListKind, values: Mapping[str, Plain]) -> list[Line]:
    """Plain lines as records."""
    return [line_of(kind, one) for one in values.values()]


# Checked


def check(
    connection: Connection, city: City, kind: ListKind, lines: Iterable[Line], day: date, *,
    drafts: bool = True, persons: frozenset[str] | None = None,
) -> Checked:  # fmt: skip
    """All that is wrong with a list on a day; drafts: what the catalogue's drafts bring by then may be named, too."""
    if kind is ListKind.CATALOGUE:
        at = start_of(day, city)
        before = lists.in_force(connection, city.id, kind, datetime.now(UTC))
        named = lists.duties(connection, city.id, max(at, datetime.now(UTC)))
        return check_catalogue([line for line in lines if isinstance(line, CatalogueMatter)], before.keys(), named)
    if kind is ListKind.IMPLEMENTATION:
        steps = [line for line in lines if isinstance(line, Step)]
        duties = lists.duties(connection, city.id, start_of(day, city))
        acting = {duty.unit for duty in duties if duty.unit}
        return check_steps(steps, _known(connection, city, day, (), drafts, persons), acting)
    duties = tuple(line for line in lines if isinstance(line, Duty))
    levels = {duty.level for duty in duties if duty.level}
    return check_duties(duties, _known(connection, city, day, tuple(levels), drafts, persons))


def _known(
    connection: Connection, city: City, day: date, levels: Sequence[str], drafts: bool, persons: frozenset[str] | None
) -> Known:
    found = list_known.known(connection, city, day, levels, persons)
    newest = lists.newest(connection, city.id, ListKind.CATALOGUE)
    if not drafts or newest is None or newest.applied_at or newest.in_force_from > start_of(day, city):
        return found
    brought = lists.with_batch(connection, newest.id)
    now = lists.in_force(connection, city.id, ListKind.CATALOGUE, datetime.now(UTC))
    matters = {code: of for code, of in found.matters.items() if code in brought or code not in now}
    return found.with_matters(matters | {code: one["category"] for code, one in brought.items()})


# Put into force


def release(
    connection: Connection, city: City, kind: ListKind, number: int, despite: str = "", *,
    persons: frozenset[str] | None = None,
) -> Batch:  # fmt: skip
    """A draft is to come into force on its day, or at once where that has come: the worker sees to it.

    Raises:
        UnknownBatch: there is none of that number.
        BatchRefused: it is no draft, it names what there is not, or it follows one that nobody has released.
    """
    lists.lock(connection, city.id)
    one = lists.batch(connection, city.id, kind, number)
    # What a draft of the catalogue brings by then may be named; on the day itself all must be there.
    _refuse(connection, city, one, despite, persons, drafts=True)
    lists.release(connection, one, _despite(despite))
    return lists.batch(connection, city.id, kind, number)


def _despite(words: str) -> str | None:
    return _reasoned(words) if words.strip() else None


def put_into_force(
    engine: Engine, city: City, batch: Batch, despite: str = "", *, persons: frozenset[str] | None = None,
    checked: bool = True,
) -> None:  # fmt: skip
    """A draft comes into force, in one transaction; despite says why, where something stands in its way.

    Raises:
        BatchRefused: its day has not come, it is no draft, or it names what there is not; nothing was changed.
    """
    if batch.in_force_from > datetime.now(UTC):
        raise BatchRefused(f"Batch {batch.number} comes into force on {_day(batch, city)}.")
    with engine.begin() as connection:
        lists.lock(connection, city.id)
        current = lists.batch(connection, city.id, batch.list, batch.number)
        despite = _despite(despite) or current.despite or ""
        if checked:
            _refuse(connection, city, current, despite, persons)
        lists.begin(connection, current, despite or None)
        if current.list is ListKind.CATALOGUE:
            _bring(connection, city, current)


def _refuse(
    connection: Connection, city: City, batch: Batch, despite: str, persons: frozenset[str] | None, *,
    drafts: bool = False,
) -> None:  # fmt: skip
    lines = read_lines(batch.list, lists.with_batch(connection, batch.id))
    found = check(connection, city, batch.list, lines, _day(batch, city), drafts=drafts, persons=persons).refused
    if found and not despite:
        words = "; ".join(one.words("en") for one in found[:10])
        raise BatchRefused(f"{words}{'; …' if len(found) > 10 else ''}", findings=found)


def _bring(connection: Connection, city: City, batch: Batch) -> None:
    brought, taken = lists.changes(connection, batch.id)
    lines = [brought[code] for code in sorted(brought)]
    list_catalogue.bring(connection, city.id, lines, taken, batch.in_force_from)
    if not all(line.get("public", True) for line in lines):
        writer.hide(connection, city.id)


def _day(batch: Batch, city: City) -> date:
    return batch.in_force_from.astimezone(city.zone).date()


def withdraw(connection: Connection, city: City, kind: ListKind, number: int) -> None:
    """A draft is never to come into force; rulings that it had taken up are open again.

    Raises:
        UnknownBatch: there is none of that number.
        BatchRefused: it is no draft, or another was drawn up against it.
    """
    lists.lock(connection, city.id)
    one = lists.batch(connection, city.id, kind, number)
    lists.withdraw(connection, one)
    disputes.give_back(connection, one.id)


def put_due_into_force(engine: Engine) -> None:
    """Whatever was released comes into force as its day comes; one that is refused waits for somebody's word again, and
    the log says so."""
    with engine.connect() as connection:
        waiting = lists.due(connection, datetime.now(UTC))
        loaded = {city.id: city for city in cities(connection)} if waiting else {}
    for batch in waiting:
        city = loaded[batch.city_id]
        try:
            put_into_force(engine, city, batch)
            log.info("list_in_force", city=city.code, list=str(batch.list), batch=batch.number)
        except (BatchRefused, DBAPIError) as error:
            # Whatever it is, trying again each second would not mend it. If the database is away, this fails as well.
            with engine.begin() as connection:
                lists.hold(connection, batch)
            why = error.detail if isinstance(error, BatchRefused) else str(error.orig)
            log.warning("list_refused", city=city.code, list=str(batch.list), batch=batch.number, why=why)
