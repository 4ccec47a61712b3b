"""One ticket with everything that whoever sees it may know, nothing private."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, func, select

from geoapp.lifecycle import LEAD_MOVES
from geoapp.records import PUBLIC_ONLY, Sight
from geoapp.store.queries.sight import seen, seen_by_assisting
from geoapp.store.tables import category, event, event_note, matter, photo, report, report_text, site, ticket, unit

LEAD_EVENTS: Final = ("found", *(move.name for move in LEAD_MOVES))
"""What happens to a report while it is a lead."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo of what a report tells, or of how it was mended: shows says which."""

    id: UUID
    width: int
    height: int
    shows: str


@dataclass(frozen=True, slots=True)
class Said:
    """One report of a ticket, its words redacted, its reporter not here."""

    id: int
    said_at: datetime
    source: str
    channel: str | None
    body: str
    address: str
    precision: str | None
    radius_m: float | None
    confidence: float | None
    crs: str | None
    photos: tuple[Photo, ...]


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of a ticket."""

    occurred_at: datetime
    name: str
    from_state: str | None
    to_state: str | None
    actor: str
    note: str
    codes: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """A ticket as it stands; names by language."""

    id: int
    number: str
    city_id: int
    source: str
    kind: str
    public: bool
    state: str
    outcome: str | None
    urgent: bool
    late: bool
    opened_at: datetime
    changed_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    lon: float
    lat: float
    area_keys: tuple[int, ...]
    site_id: int
    site_kind: str
    site_key: str
    matter_code: str | None
    matter_names: dict[str, str] | None
    category_code: str | None
    category_names: dict[str, str] | None
    unit_id: int | None
    unit_code: str | None
    unit_names: dict[str, str] | None


def case(connection: Connection, number: str, sight: Sight = PUBLIC_ONLY) -> Case | None:
    """The ticket of that number, if it is seen."""
    row = connection.execute(_CASE.where(ticket.c.number == number, seen_by_assisting(sight))).one_or_none()
    return None if row is None else Case(**{**row._asdict(), "area_keys": tuple(row.area_keys)})


def seen_of(connection: Connection, numbers: Collection[str], sight: Sight) -> set[str]:
    """Those of these tickets' numbers that are seen."""
    if not numbers:
        return set()
    wanted = select(ticket.c.number).where(ticket.c.number.in_(sorted(numbers)), seen(sight))
    return set(connection.execute(wanted).scalars())


def said(connection: Connection, ticket_id: int) -> list[Said]:
    """The ticket's reports, in the order they came, with their photos."""
    rows = connection.execute(_SAID.where(report.c.ticket_id == ticket_id).order_by(report.c.id)).all()
    photos: dict[int, list[Photo]] = {}
    for one in connection.execute(_PHOTOS.where(photo.c.report_id.in_([row.id for row in rows]))):
        photos.setdefault(one.report_id, []).append(Photo(one.id, one.width, one.height, one.shows))
    return [Said(**row._asdict(), photos=tuple(photos.get(row.id, ()))) for row in rows]


def timeline(connection: Connection, ticket_id: int) -> list[Happened]:
    """What happened to the ticket, in order; of one that was a lead also how that was verified."""
    mine = select(report.c.id).where(report.c.ticket_id == ticket_id)
    as_lead = _HAPPENED.where(event.c.ticket_id.is_(None), event.c.report_id.in_(mine), event.c.name.in_(LEAD_EVENTS))
    before = [_happened(row) for row in connection.execute(as_lead.order_by(event.c.id))]
    return [*before, *happened(connection, [ticket_id])[ticket_id]]


def happened(connection: Connection, tickets: Sequence[int]) -> dict[int, list[Happened]]:
    """What happened to each of several tickets, in order."""
    found: dict[int, list[Happened]] = {ticket_id: [] for ticket_id in tickets}
    for row in connection.execute(_HAPPENED.where(event.c.ticket_id.in_(tickets)).order_by(event.c.id)):
        found[row.ticket_id].append(_happened(row))
    return found


def _happened(row: Any) -> Happened:
    columns = row._asdict()
    columns.pop("ticket_id")
    return Happened(**{**columns, "codes": row.codes or {}})


_CASE = select(
    ticket.c.id,
    ticket.c.number,
    ticket.c.city_id,
    ticket.c.source,
    ticket.c.kind,
    ticket.c.public,
    ticket.c.state,
    ticket.c.outcome,
    ticket.c.urgent,
    ticket.c.late,
    ticket.c.opened_at,
    ticket.c.changed_at,
    ticket.c.due_at,
    ticket.c.ended_at,
    func.ST_X(ticket.c.point).label("lon"),
    func.ST_Y(ticket.c.point).label("lat"),
    ticket.c.area_keys,
    ticket.c.site_id,
    site.c.kind.label("site_kind"),
    site.c.key.label("site_key"),
    matter.c.code.label("matter_code"),
    matter.c.names.label("matter_names"),
    category.c.code.label("category_code"),
    category.c.names.label("category_names"),
    ticket.c.unit_id,
    unit.c.code.label("unit_code"),
    unit.c.names.label("unit_names"),
).select_from(
    ticket.join(site, site.c.id == ticket.c.site_id)
    .outerjoin(matter, matter.c.id == ticket.c.matter_id)
    .outerjoin(category, category.c.id == matter.c.category_id)
    .outerjoin(unit, unit.c.id == ticket.c.unit_id)
)

_SAID = select(
    report.c.id,
    report.c.said_at,
    report.c.source,
    report.c.channel,
    func.coalesce(report_text.c.body, "").label("body"),
    func.coalesce(report_text.c.address, "").label("address"),
    report.c.precision,
    report.c.radius_m,
    report.c.confidence,
    report.c.crs,
).select_from(report.outerjoin(report_text, report_text.c.report_id == report.c.id))

_PHOTOS = select(photo.c.id, photo.c.report_id, photo.c.width, photo.c.height, photo.c.shows).order_by(
    photo.c.shows, photo.c.recorded_at, photo.c.id
)

_HAPPENED = select(
    event.c.ticket_id,
    event.c.occurred_at,
    event.c.name,
    event.c.from_state,
    event.c.to_state,
    event.c.actor,
    func.coalesce(event_note.c.body, "").label("note"),
    event.c.codes,
).select_from(event.outerjoin(event_note, event_note.c.event_id == event.c.id))
