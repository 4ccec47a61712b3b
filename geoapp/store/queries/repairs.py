"""The repairs of a site: what is planned there, in works and until when, and what was done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection, text

from geoapp.records import PUBLIC_ONLY, Sight
from geoapp.store.queries.sight import SEEN, values

PLANNED: Final = "planned"
WORKS: Final = "works"
DONE: Final = "done"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit by its code, and its names by language."""

    code: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Repair:
    """One repair as whoever asks may see it: ticket is the number of one that is seen, note redacted words."""

    id: int
    planned_at: datetime | None
    started_at: datetime | None
    promised_at: datetime | None
    ended_at: datetime | None
    hoarding: bool
    traffic_plan: bool
    liability_until: date | None
    unit: Unit | None
    assisting: tuple[Unit, ...]
    ticket: str | None
    note: str
    address: str

    def stage(self, now: datetime) -> str:
        """planned, works or done, by then."""
        if self.ended_at is not None and self.ended_at <= now:
            return DONE
        return WORKS if self.started_at is not None and self.started_at <= now else PLANNED

    def late(self, now: datetime) -> bool:
        """Whether the promised end has passed and it is not done."""
        return self.promised_at is not None and self.promised_at < now and self.stage(now) != DONE


def at_site(connection: Connection, site_id: int, *, sight: Sight = PUBLIC_ONLY, most: int = 50) -> list[Repair]:
    """The repairs of a site, latest first by when they began, else were to begin or to end."""
    rows = connection.execute(text(_AT_SITE), {"site": site_id, "most": most, **values(sight)}).all()
    units = _units(connection, {unit for row in rows for unit in (row.unit_id, *row.assisting) if unit})
    return [
        Repair(
            row.id, row.planned_at, row.started_at, row.promised_at, row.ended_at, row.hoarding, row.traffic_plan,
            row.liability_until, units.get(row.unit_id), tuple(units[unit] for unit in row.assisting if unit in units),
            row.ticket, row.note, row.address,
        )
        for row in rows
    ]  # fmt: skip


_AT_SITE: Final = (
    "SELECT r.id, r.planned_at, r.started_at, r.promised_at, r.ended_at, r.hoarding, r.traffic_plan, "
    "r.liability_until, r.unit_id, r.assisting, "
    f"(SELECT k.number FROM geoapp.ticket k WHERE k.id = r.ticket_id AND {SEEN}) AS ticket, "
    "coalesce(n.body, '') AS note, coalesce(n.address, '') AS address "
    "FROM geoapp.repair r LEFT JOIN LATERAL (SELECT w.body, w.address FROM geoapp.repair_event e "
    "LEFT JOIN geoapp.repair_note w ON w.event_id = e.id WHERE e.repair_id = r.id AND e.name <> 'outdated' "
    "ORDER BY e.id DESC LIMIT 1) n ON true WHERE r.site_id = :site "
    # A repair would betray the hidden ticket that it ends.
    f"AND (r.ticket_id IS NULL OR EXISTS (SELECT FROM geoapp.ticket k WHERE k.id = r.ticket_id AND {SEEN})) "
    "ORDER BY coalesce(r.started_at, r.planned_at, r.promised_at, r.ended_at, r.recorded_at) DESC, r.id DESC "
    "LIMIT :most"
)


def _units(connection: Connection, wanted: set[int]) -> dict[int, Unit]:
    query = text("SELECT id, code, names FROM geoapp.unit WHERE id = ANY(:ids)")
    return {row.id: Unit(row.code, row.names) for row in connection.execute(query, {"ids": sorted(wanted)})}
