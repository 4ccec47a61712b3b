"""The repairs of a site: what is planned there, in works and until when, and what was done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection, text

from geoapp.lifecycle import OPEN
from geoapp.records import PUBLIC_ONLY, Sight
from geoapp.store.mercator import Box
from geoapp.store.queries.sight import SEEN, values
from geoapp.store.queries.sites import Known

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


_OPEN: Final = ", ".join(f"'{one}'" for one in sorted(OPEN))
_GOES_ON: Final = f"(r.source IS NOT NULL OR r.ended_at IS NOT NULL OR k.state IN ({_OPEN}))"
"""Whether works are to come, go on or are done: what was told of a ticket that has ended came to nothing."""

_AT_SITE: Final = (
    "SELECT r.id, r.planned_at, r.started_at, r.promised_at, r.ended_at, r.hoarding, r.traffic_plan, "
    "r.liability_until, r.unit_id, r.assisting, "
    f"(SELECT k.number FROM geoapp.ticket k WHERE k.id = r.ticket_id AND {SEEN}) AS ticket, "
    "coalesce(n.body, '') AS note, coalesce(n.address, '') AS address "
    "FROM geoapp.repair r LEFT JOIN LATERAL (SELECT w.body, w.address FROM geoapp.repair_event e "
    "LEFT JOIN geoapp.repair_note w ON w.event_id = e.id WHERE e.repair_id = r.id AND e.name <> 'outdated' "
    "ORDER BY e.id DESC LIMIT 1) n ON true WHERE r.site_id = :site "
    # A repair would betray the hidden ticket that it ends.
    f"AND (r.ticket_id IS NULL OR EXISTS (SELECT FROM geoapp.ticket k WHERE k.id = r.ticket_id AND {SEEN} "
    f"AND {_GOES_ON})) "
    "ORDER BY coalesce(r.started_at, r.planned_at, r.promised_at, r.ended_at, r.recorded_at) DESC, r.id DESC "
    "LIMIT :most"
)


@dataclass(frozen=True, slots=True)
class UnderWay:
    """Works that have begun and are not done: at a public ticket's place, else at their site's."""

    site: Known
    ticket: str | None
    started_at: datetime
    promised_at: datetime | None
    outline: str | None


def under_way(connection: Connection, city_id: int, box: Box, now: datetime, *, most: int) -> list[UnderWay]:
    """The works under way in a box, those that began last first; outline is GeoJSON."""
    values = {"city": city_id, "now": now, "most": most, **dict(zip("wsen", box.as_list(), strict=True))}
    return [
        UnderWay(
            Known(row.site_id, row.kind, row.key, row.lon, row.lat), row.ticket, row.started_at, row.promised_at,
            row.outline,
        )
        for row in connection.execute(text(_UNDER_WAY), values)
    ]  # fmt: skip


_UNDER_WAY: Final = (
    "SELECT s.id AS site_id, s.kind, s.key, ST_X(w.point) AS lon, ST_Y(w.point) AS lat, w.number AS ticket, "
    "w.started_at, w.promised_at, ST_AsGeoJSON(w.geom, 7) AS outline FROM ("
    "SELECT r.site_id, r.started_at, r.promised_at, r.geom, k.number, coalesce(k.point, o.point) AS point "
    "FROM geoapp.repair r JOIN geoapp.site o ON o.id = r.site_id LEFT JOIN geoapp.ticket k ON k.id = r.ticket_id "
    "WHERE r.city_id = :city AND r.started_at <= :now AND r.ended_at IS NULL "
    # Works would betray the hidden ticket that they end.
    f"AND (k.id IS NULL OR (k.public AND {_GOES_ON}))) w JOIN geoapp.site s ON s.id = w.site_id "
    "WHERE w.point && ST_MakeEnvelope(:w, :s, :e, :n, 4326) ORDER BY w.started_at DESC, s.id LIMIT :most"
)


def _units(connection: Connection, wanted: set[int]) -> dict[int, Unit]:
    query = text("SELECT id, code, names FROM geoapp.unit WHERE id = ANY(:ids)")
    return {row.id: Unit(row.code, row.names) for row in connection.execute(query, {"ids": sorted(wanted)})}
