"""Sites: by their keys, with their tickets, what happened to these, and what lies near by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, func, select, text

from geoapp.records import PUBLIC_ONLY, Sight
from geoapp.store.columns import moment
from geoapp.store.queries import matters
from geoapp.store.queries.chosen import choose
from geoapp.store.queries.filters import Filters
from geoapp.store.queries.reports import PLACING
from geoapp.store.queries.sight import SEEN, seen, values
from geoapp.store.tables import matter, report, site, ticket, unit


@dataclass(frozen=True, slots=True)
class Known:
    """A site as it is stored."""

    id: int
    kind: str
    key: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Visit:
    """One ticket of a site; names by language."""

    id: int
    number: str
    state: str
    outcome: str | None
    urgent: bool
    late: bool
    opened_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    lon: float
    lat: float
    matter_id: int | None
    matter_names: dict[str, str] | None
    unit_names: dict[str, str] | None
    reports: int


@dataclass(frozen=True, slots=True)
class Opening:
    """One ticket of a site, as much of it as its history is counted from."""

    id: int
    number: str
    state: str
    outcome: str | None
    opened_at: datetime
    ended_at: datetime | None
    matter_id: int | None


@dataclass(frozen=True, slots=True)
class Near:
    """A ticket near a site that is not the site's own."""

    number: str
    state: str
    outcome: str | None
    lon: float
    lat: float
    matter_id: int | None
    area_keys: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A site with several tickets of one matter: how many, and when the first and the last of them were opened."""

    site: Known
    matter_names: dict[str, str]
    times: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Road:
    """The road nearest to a point, and how far it is."""

    names: dict[str, str]
    metres: float


def by_key(connection: Connection, city_id: int, kind: str, key: str) -> Known | None:
    """The site of that kind and key."""
    s = site.c
    statement = _SITE.where(s.city_id == city_id, s.kind == kind, s.key == key)
    row = connection.execute(statement).one_or_none()
    return None if row is None else Known(**row._asdict())


def openings(connection: Connection, site_id: int, *, sight: Sight = PUBLIC_ONLY, most: int = 2000) -> list[Opening]:
    """The site's tickets that are seen, newest first: what its history is counted from."""
    t = ticket.c
    statement = (
        select(t.id, t.number, t.state, t.outcome, t.opened_at, t.ended_at, t.matter_id)
        .where(t.site_id == site_id, seen(sight))
        .order_by(t.opened_at.desc(), t.id.desc())
        .limit(most)
    )
    return [Opening(**row._asdict()) for row in connection.execute(statement)]


def visits(connection: Connection, site_id: int, *, sight: Sight = PUBLIC_ONLY, most: int) -> list[Visit]:
    """The tickets of a site that are seen, newest first."""
    t = ticket.c
    statement = _VISIT.where(t.site_id == site_id, seen(sight)).order_by(t.opened_at.desc(), t.id.desc()).limit(most)
    return [Visit(**row._asdict()) for row in connection.execute(statement)]


def counts_at(
    connection: Connection, site_ids: Sequence[int], sight: Sight, since: datetime
) -> dict[tuple[int, int], int]:
    """How often each matter came up at several sites since then, by keys of site and matter, as far as it is seen."""
    t = ticket.c
    asked: list[ColumnElement[bool]] = [
        t.site_id == func.any(sorted(set(site_ids))), t.opened_at >= since, t.matter_id.is_not(None),
        seen(sight),
    ]  # fmt: skip
    statement = select(t.site_id, t.matter_id, func.count()).where(*asked).group_by(t.site_id, t.matter_id)
    return {(site_id, matter_id): count for site_id, matter_id, count in connection.execute(statement)}


def near(
    connection: Connection, of: Known, metres: float, *, sight: Sight = PUBLIC_ONLY, most: int = 100
) -> list[Near]:
    """The tickets that are seen within so many metres of a site and are not its own, the nearest first."""
    rows = connection.execute(text(_NEAR), {"site": of.id, "metres": metres, "most": most, **values(sight)})
    return [Near(**{**row._asdict(), "area_keys": tuple(row.area_keys)}) for row in rows]


def nearest_road(connection: Connection, city_id: int, of: Known, metres: float) -> Road | None:
    """The road in force nearest to a site, if there is one within so many metres."""
    row = connection.execute(
        text(_ROAD), {"city": city_id, "lon": of.lon, "lat": of.lat, "metres": metres}
    ).one_or_none()
    return None if row is None else Road(row.names, row.metres)


def shape(connection: Connection, city_id: int, layer: str, code: str) -> bytes | None:
    """The shape of an asset or a road in force, as WKB in WGS-84 degrees."""
    found = connection.execute(text(_SHAPE), {"city": city_id, "layer": layer, "code": code}).scalar_one_or_none()
    return None if found is None else bytes(found)


def repeats(connection: Connection, asked: Filters, *, most: int) -> list[Repeat]:
    """The sites where one matter came up most often among the tickets asked for, at least twice."""
    again = choose(connection, asked).repeats(most)
    known = {row.id: Known(*row) for row in connection.execute(_SITE.where(site.c.id.in_([one[0] for one in again])))}
    names = matters.matter_names(connection, {one[1] for one in again})
    return [Repeat(known[key], names[of], times, moment(first), moment(last)) for key, of, times, first, last in again]


_SITE = select(
    site.c.id, site.c.kind, site.c.key, func.ST_X(site.c.point).label("lon"), func.ST_Y(site.c.point).label("lat")
)

_REPORTS = (
    select(func.count())
    .select_from(report)
    .where(report.c.ticket_id == ticket.c.id, report.c.channel.is_distinct_from(PLACING))
    .scalar_subquery()
)

_VISIT = select(
    ticket.c.id,
    ticket.c.number,
    ticket.c.state,
    ticket.c.outcome,
    ticket.c.urgent,
    ticket.c.late,
    ticket.c.opened_at,
    ticket.c.due_at,
    ticket.c.ended_at,
    func.ST_X(ticket.c.point).label("lon"),
    func.ST_Y(ticket.c.point).label("lat"),
    ticket.c.matter_id,
    matter.c.names.label("matter_names"),
    unit.c.names.label("unit_names"),
    _REPORTS.label("reports"),
).select_from(
    ticket.outerjoin(matter, matter.c.id == ticket.c.matter_id).outerjoin(unit, unit.c.id == ticket.c.unit_id)
)

# The spatial index finds what the box holds before anything is put in order: OFFSET 0 keeps the order out of the plan.
_NEAR: Final = (
    "SELECT number, state, outcome, lon, lat, matter_id, area_keys FROM ("
    "SELECT k.number, k.state, k.outcome, ST_X(k.point) AS lon, ST_Y(k.point) AS lat, k.matter_id, k.area_keys, "
    "ST_DistanceSphere(k.point, s.point) AS metres FROM geoapp.site s JOIN geoapp.ticket k "
    "ON k.point && ST_Expand(s.point, :metres / (110000.0 * cos(radians(ST_Y(s.point)))), :metres / 110000.0) "
    f"WHERE s.id = :site AND k.site_id <> s.id AND {SEEN} AND k.city_id = s.city_id OFFSET 0"
    ") n WHERE metres <= :metres ORDER BY metres, number LIMIT :most"
)

_ROAD: Final = (
    "SELECT names, metres FROM (SELECT a.names, a.code, ST_DistanceSphere(a.geom, p.point) AS metres "
    "FROM (SELECT ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) AS point) p JOIN geoapp.asset a "
    "ON a.geom && ST_Expand(p.point, :metres / (110000.0 * cos(radians(:lat))), :metres / 110000.0) "
    "JOIN geoapp.layer_version v ON v.id = a.layer_version_id AND v.role = 'roads' "
    "JOIN geoapp.layer_current c ON c.layer_version_id = v.id WHERE c.city_id = :city OFFSET 0"
    ") n WHERE metres <= :metres ORDER BY metres, code LIMIT 1"
)

_SHAPE: Final = (
    "SELECT ST_AsBinary(a.geom) FROM geoapp.layer_current c JOIN geoapp.layer_version v ON v.id = c.layer_version_id "
    "JOIN geoapp.asset a ON a.city_id = v.city_id AND a.layer = v.layer AND a.version = v.version "
    "WHERE c.city_id = :city AND c.layer = :layer AND a.code = :code"
)
