"""Single reports found again: by the key they were filed under, and by receipt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, select, text

from geoapp.store.tables import photo, report, ticket

PLACING: Final = "receipt"
"""The channel of a report that only says where an earlier one is: whoever held the receipt said so."""


@dataclass(frozen=True, slots=True)
class Filed:
    """A report as its filer may see it; number and state are None while it has no place."""

    report_id: int
    city_id: int
    ref: str | None
    receipt: str | None
    said_at: datetime
    problem: str | None
    number: str | None
    state: str | None
    public: bool | None
    photos: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A report that waits for a place, as much of it as whatever is said later must repeat.

    words are the category and the matter as they were said; named: they say all that is known of its matter.
    """

    ref: str
    source: str
    kind: str
    said_at: datetime
    words: tuple[str, str]
    named: bool


def hold(connection: Connection, name: str) -> None:
    """Wait until nobody else holds this name, and let nobody until the transaction ends."""
    connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def by_receipt(connection: Connection, receipt: str) -> Filed | None:
    """The report of that receipt."""
    row = connection.execute(_FILED.where(report.c.receipt == receipt)).one_or_none()
    return None if row is None else Filed(**row._asdict())


def waiting(connection: Connection, receipt: str) -> Waiting | None:
    """The report of that receipt, if it waits for a place; without a reference nothing can be said of it again."""
    row = connection.execute(text(_WAITING), {"receipt": receipt}).one_or_none()
    if row is None:
        return None
    category, _between, matter = row.words.partition("\x1f")
    return Waiting(
        row.ref, row.source, row.kind, row.said_at, (category, matter), row.matter_id is None or bool(row.words)
    )


def by_id(connection: Connection, report_id: int) -> Filed:
    """The report of that key, which there is."""
    return Filed(**connection.execute(_FILED.where(report.c.id == report_id)).one()._asdict())


_PHOTOS = select(func.count()).select_from(photo).where(photo.c.report_id == report.c.id).scalar_subquery()

_FILED = select(
    report.c.id.label("report_id"),
    report.c.city_id,
    report.c.ref,
    report.c.receipt,
    report.c.said_at,
    report.c.problem,
    ticket.c.number,
    ticket.c.state,
    ticket.c.public,
    _PHOTOS.label("photos"),
).select_from(report.outerjoin(ticket, ticket.c.id == report.c.ticket_id))

_WAITING = (
    "SELECT r.ref, r.source, r.kind, r.said_at, r.matter_id, coalesce((SELECT w.words FROM geoapp.source_word w "
    "WHERE w.city_id = r.city_id AND w.source = r.source AND w.matter_id = r.matter_id ORDER BY w.words LIMIT 1), '') "
    "AS words FROM geoapp.report r WHERE r.receipt = :receipt AND r.ticket_id IS NULL AND r.ref IS NOT NULL"
)
