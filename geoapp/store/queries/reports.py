"""Single reports found again: by the key they were filed under, and by receipt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from geoapp.store.tables import photo, report, ticket


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


def hold(connection: Connection, name: str) -> None:
    """Wait until nobody else holds this name, and let nobody until the transaction ends."""
    connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def by_receipt(connection: Connection, receipt: str) -> Filed | None:
    """The report of that receipt."""
    row = connection.execute(_FILED.where(report.c.receipt == receipt)).one_or_none()
    return None if row is None else Filed(**row._asdict())


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
