"""Leads: what somebody found, until it is filed or dropped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, text

from geoapp.lifecycle import LeadState


@dataclass(frozen=True, slots=True)
class Lead:
    """A lead as whoever verifies it sees it, its words redacted; lon, lat None where nobody knows where it is."""

    report_id: int
    city_id: int
    state: str
    changed_at: datetime
    reason: str | None
    said_at: datetime
    source: str
    channel: str | None
    body: str
    matter: str | None
    matter_names: Mapping[str, str] | None
    lon: float | None
    lat: float | None
    precision: str | None
    radius_m: float | None
    confidence: float | None
    number: str | None


_LEAD: Final = (
    "SELECT l.report_id, l.city_id, l.state, l.changed_at, l.reason, r.said_at, r.source, r.channel, "
    "coalesce(t.body, '') AS body, m.code AS matter, m.names AS matter_names, ST_X(r.point) AS lon, "
    "ST_Y(r.point) AS lat, r.precision, r.radius_m, r.confidence, k.number FROM geoapp.lead l "
    "JOIN geoapp.report r ON r.id = l.report_id LEFT JOIN geoapp.report_text t ON t.report_id = r.id "
    "LEFT JOIN geoapp.matter m ON m.id = r.matter_id LEFT JOIN geoapp.ticket k ON k.id = r.ticket_id"
)


def add(connection: Connection, city_id: int, found: Sequence[tuple[int, str]]) -> None:
    """New leads; report and time of each."""
    if found:
        connection.execute(
            text(
                "INSERT INTO geoapp.lead (report_id, city_id, state, changed_at) SELECT w.report, :city, :state, w.at "
                "FROM unnest(cast(:reports AS bigint[]), cast(:at AS timestamptz[])) w(report, at)"
            ),
            {
                "city": city_id, "state": LeadState.FOUND.value, "reports": [one for one, _ in found],
                "at": [at for _, at in found],
            },
        )  # fmt: skip


def filed_at_source(connection: Connection, report_ids: Sequence[int]) -> None:
    """What of these is a lead has been filed by its own source."""
    if report_ids:
        connection.execute(
            text("UPDATE geoapp.lead SET state = 'filed', changed_at = now() WHERE report_id = ANY(:ids)"),
            {"ids": list(report_ids)},
        )


def page(
    connection: Connection, city_id: int, states: Sequence[str], before: int | None = None, limit: int = 50
) -> list[Lead]:
    """Leads in these states, the latest first."""
    query = text(
        f"{_LEAD} WHERE l.city_id = :city AND l.state = ANY(:states) "
        "AND (cast(:before AS bigint) IS NULL OR l.report_id < :before) ORDER BY l.report_id DESC LIMIT :limit"
    )
    values: dict[str, Any] = {"city": city_id, "states": list(states), "before": before, "limit": limit}
    return [Lead(**row._asdict()) for row in connection.execute(query, values)]


def one(connection: Connection, report_id: int) -> Lead | None:
    """The lead that a report is."""
    row = connection.execute(text(f"{_LEAD} WHERE l.report_id = :id"), {"id": report_id}).one_or_none()
    return None if row is None else Lead(**row._asdict())


def hold(connection: Connection, report_id: int) -> LeadState:
    """Where a lead stands, held until the transaction ends."""
    query = text("SELECT state FROM geoapp.lead WHERE report_id = :id FOR UPDATE")
    return LeadState(connection.execute(query, {"id": report_id}).scalar_one())


def stand(connection: Connection, report_id: int, state: LeadState, reason: str | None, at: datetime) -> None:
    """Where a lead stands from now on."""
    connection.execute(
        text("UPDATE geoapp.lead SET state = :state, reason = :reason, changed_at = :at WHERE report_id = :id"),
        {"id": report_id, "state": state.value, "reason": reason, "at": at},
    )
