"""Reports that wait for a place, and those that words have placed: what is located again, by people or by the names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, text

from geoapp.records import Sight
from geoapp.store.tables.reports import PLACED_BY_WORDS


@dataclass(frozen=True, slots=True)
class Waiting:
    """A report without a ticket; codes and note are those of the event that put it aside.

    body and address are redacted words.
    """

    id: int
    source: str
    ref: str | None
    kind: str
    channel: str | None
    said_at: datetime
    problem: str | None
    matter_id: int | None
    matter_code: str | None
    category_code: str | None
    matter_names: dict[str, str] | None
    matter_public: bool
    unit_id: int | None
    recorded_area: str | None
    x: float | None
    y: float | None
    crs: str | None
    body: str
    address: str
    codes: dict[str, Any]
    note: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a ticket stands and by which report; lon, lat in WGS-84 degrees."""

    ticket_id: int
    report_id: int | None
    matter_code: str | None
    lon: float
    lat: float
    precision: str | None
    radius_m: float | None


@dataclass(frozen=True, slots=True)
class ByWords:
    """A report that its words have placed, and its ticket, which still stands there; lon, lat in WGS-84 degrees."""

    id: int
    ticket_id: int
    matter_code: str | None
    body: str
    address: str
    recorded_area: str | None
    lon: float
    lat: float
    precision: str
    radius_m: float
    confidence: float
    stands: bool


@dataclass(frozen=True, slots=True)
class Claims:
    """By which names, and codes of a source, a report without a place is known to be of one's own areas, or of any."""

    names: tuple[str, ...]
    codes: tuple[str, ...]
    all_names: tuple[str, ...]
    all_codes: tuple[str, ...]


def claims(connection: Connection, city_id: int, responsible: str, sight: Sight) -> Claims:
    """What the areas of a sight, and those of its units, are called; sources record codes of the responsible layer."""
    query = text(
        "SELECT a.names, a.code, a.layer = :responsible AS recorded, a.area_key_id = ANY(:keys) OR EXISTS (SELECT FROM "
        "geoapp.unit u WHERE u.id = ANY(:units) AND a.area_key_id = ANY(u.area_keys)) AS mine "
        "FROM geoapp.area a JOIN geoapp.layer_current l ON l.layer_version_id = a.layer_version_id "
        "WHERE a.city_id = :city ORDER BY a.id"
    )
    values = {
        "city": city_id, "responsible": responsible, "keys": list(sight.area_keys), "units": list(sight.units),
    }  # fmt: skip
    rows = list(connection.execute(query, values))
    mine = [row for row in rows if row.mine]
    return Claims(_called(mine), _codes(mine), _called(rows), _codes(rows))


def _called(rows: Sequence[Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.lower() for row in rows for name in row.names.values() if len(name) > 1))


def _codes(rows: Sequence[Any]) -> tuple[str, ...]:
    """A source records the code of an area, or its name."""
    return (*(row.code for row in rows if row.recorded), *(name for row in rows for name in row.names.values()))


# Whoever looks after some areas sees what names one of these, and what names no area at all: nobody else's, then.
_WORDS: Final = "lower(concat_ws(' ', t.address, t.body))"
_CLAIMED: Final = (
    "((r.recorded_area = ANY(cast(:{0}codes AS text[]))) IS TRUE OR EXISTS "
    f"(SELECT FROM unnest(cast(:{{0}}names AS text[])) w WHERE position(w IN {_WORDS}) > 0))"
)
_SEEN: Final = f"({_CLAIMED.format('')} OR NOT {_CLAIMED.format('all_')})"


def _asked(among: Claims | None) -> dict[str, list[str]]:
    return {} if among is None else {name: list(getattr(among, name)) for name in Claims.__slots__}


def seen(connection: Connection, report_id: int, among: Claims | None) -> bool:
    """Whether a report that waits names one of one's own areas, or none at all."""
    if among is None:
        return True
    query = text(
        "SELECT 1 FROM geoapp.report r LEFT JOIN geoapp.report_text t ON t.report_id = r.id "
        f"WHERE r.id = :id AND {_SEEN}"
    )
    return connection.execute(query, {"id": report_id, **_asked(among)}).first() is not None


# Of several reports of one reference the newest says how things are; the others come with it.
_WAITING: Final = """
    SELECT r.id, r.source, r.ref, r.kind, r.channel, r.said_at, r.problem, r.matter_id, m.code AS matter_code,
           c.code AS category_code, m.names AS matter_names, coalesce(m.public, true) AS matter_public,
           r.unit_id, r.recorded_area, r.x, r.y, r.crs,
           coalesce(t.body, '') AS body, coalesce(t.address, '') AS address,
           coalesce(e.codes, '{}') AS codes, coalesce(e.note, '') AS note
    FROM geoapp.report r LEFT JOIN geoapp.report_text t ON t.report_id = r.id
    LEFT JOIN geoapp.matter m ON m.id = r.matter_id LEFT JOIN geoapp.category c ON c.id = m.category_id
    LEFT JOIN LATERAL (
        SELECT e.codes, n.body AS note FROM geoapp.event e LEFT JOIN geoapp.event_note n ON n.event_id = e.id
        WHERE e.report_id = r.id AND e.ticket_id IS NULL AND e.name IN ('unplaced', 'found', 'found_again')
        ORDER BY e.id DESC LIMIT 1
    ) e ON true
"""
_NEWEST: Final = """
    NOT EXISTS (SELECT FROM geoapp.report o WHERE o.city_id = r.city_id AND o.source = r.source AND o.ref = r.ref
                AND o.id > r.id)
"""


def page(
    connection: Connection, city_id: int, problem: str | None = None, before: int | None = None, limit: int = 50,
    among: Claims | None = None,
) -> list[Waiting]:  # fmt: skip
    """Reports that wait, newest first, those of one problem only where one is named, and not those that name areas of
    others alone."""
    query = text(
        f"{_WAITING} WHERE r.city_id = :city AND r.ticket_id IS NULL AND r.kind <> 'lead' AND {_NEWEST} "
        "AND (cast(:problem AS text) IS NULL OR r.problem = :problem) "
        f"AND (cast(:before AS bigint) IS NULL OR r.id < :before) {'' if among is None else f'AND {_SEEN}'} "
        "ORDER BY r.id DESC LIMIT :limit"
    )
    values = {"city": city_id, "problem": problem, "before": before, "limit": limit, **_asked(among)}
    return [Waiting(**row._asdict()) for row in connection.execute(query, values)]


def after(connection: Connection, *, city_id: int, last: int, limit: int) -> list[Waiting]:
    """Reports that wait and whose coordinates are not what is wrong with them, in the order of their keys."""
    query = text(
        f"{_WAITING} WHERE r.city_id = :city AND r.ticket_id IS NULL AND r.id > :last AND r.x IS NULL "
        f"AND r.kind <> 'lead' AND {_NEWEST} ORDER BY r.id LIMIT :limit"
    )
    return [
        Waiting(**row._asdict()) for row in connection.execute(query, {"city": city_id, "last": last, "limit": limit})
    ]


def newest(connection: Connection, city_id: int, ids: Sequence[int], leads: bool = False) -> dict[int, Waiting]:
    """By each of these keys the report that now speaks for it: the newest of its reference, where that waits.

    Leads wait to be filed, not for a place: they are asked for alone.
    """
    query = text(
        "SELECT a.id AS asked, w.* FROM geoapp.report a CROSS JOIN LATERAL ("
        f"{_WAITING} WHERE r.city_id = a.city_id AND r.source = a.source AND (r.id = a.id OR r.ref = a.ref) "
        "ORDER BY r.id DESC LIMIT 1) w WHERE a.city_id = :city AND a.id = ANY(:ids) AND a.ticket_id IS NULL "
        "AND (a.kind = 'lead') = :leads "
        "AND EXISTS (SELECT FROM geoapp.report s WHERE s.id = w.id AND s.ticket_id IS NULL) ORDER BY a.id"
    )
    found = {}
    for row in connection.execute(query, {"city": city_id, "ids": list(ids), "leads": leads}):
        columns = row._asdict()
        asked = columns.pop("asked")
        found[asked] = Waiting(**columns)
    return found


def held(connection: Connection, ids: Sequence[int]) -> set[int]:
    """Those of these reports that wait still, held until the transaction ends."""
    query = text("SELECT id FROM geoapp.report WHERE id = ANY(:ids) AND ticket_id IS NULL ORDER BY id FOR UPDATE")
    return set(connection.execute(query, {"ids": list(ids)}).scalars())


def mates(connection: Connection, ids: Sequence[int]) -> dict[int, list[int]]:
    """By each of these reports, which wait, all that wait under its reference, itself included."""
    query = text(
        "SELECT a.id AS asked, m.id FROM geoapp.report a CROSS JOIN LATERAL (SELECT r.id FROM geoapp.report r "
        "WHERE r.city_id = a.city_id AND r.source = a.source AND r.ref = a.ref AND r.ticket_id IS NULL OFFSET 0) m "
        "WHERE a.id = ANY(:ids) AND a.ref IS NOT NULL ORDER BY 1, 2"
    )
    found: dict[int, list[int]] = {one: [one] for one in ids}
    for asked, one in connection.execute(query, {"ids": list(ids)}):
        if one != asked:
            found[asked].append(one)
    return found


@dataclass(frozen=True, slots=True)
class Veil:
    """What waiting reports ask of the ticket that they come to: to be hidden, to be a denunciation's."""

    hidden: bool
    denounced: bool


def veils(connection: Connection, ids: Sequence[int]) -> dict[int, Veil]:
    """Of these reports, which wait, those that must not be seen by everybody, and why."""
    query = text(
        f"SELECT id, kind = 'denunciation' AS denounced FROM ({_WAITING} WHERE r.id = ANY(:ids)) w "
        "WHERE kind = 'denunciation' OR NOT matter_public OR codes ? 'hidden'"
    )
    return {row.id: Veil(True, row.denounced) for row in connection.execute(query, {"ids": list(ids)})}


def counts(connection: Connection, city_id: int, among: Claims | None = None) -> dict[str, int]:
    """How many reports wait, by what is wrong with their place; not those that name areas of others alone."""
    words = "" if among is None else "LEFT JOIN geoapp.report_text t ON t.report_id = r.id "
    seen_alone = "" if among is None else f"AND {_SEEN} "
    query = text(
        f"SELECT coalesce(r.problem, '') AS problem, count(*) AS n FROM geoapp.report r {words}"
        f"WHERE r.city_id = :city AND r.ticket_id IS NULL AND r.kind <> 'lead' AND {_NEWEST} {seen_alone}"
        "GROUP BY 1 ORDER BY 2 DESC, 1"
    )
    return {row.problem: row.n for row in connection.execute(query, {"city": city_id, **_asked(among)})}


def by_words(connection: Connection, *, city_id: int, last: int, limit: int) -> list[ByWords]:
    """Reports placed by words, in the order of their keys; of several of one ticket only the newest.

    What a source's coordinates or a person has placed is not looked at again. stands: their ticket is still where the
    words put it.
    """
    # The condition on precision is that of the index, to the letter.
    query = text(
        "SELECT r.id, k.id AS ticket_id, m.code AS matter_code, coalesce(t.body, '') AS body, "
        "coalesce(t.address, '') AS address, r.recorded_area, ST_X(r.point) AS lon, ST_Y(r.point) AS lat, "
        "r.precision, r.radius_m, r.confidence, "
        "ST_X(k.point) = ST_X(r.point) AND ST_Y(k.point) = ST_Y(r.point) AND r.x IS NULL AND NOT EXISTS ("
        "SELECT FROM geoapp.report o WHERE o.ticket_id = r.ticket_id AND o.id > r.id AND o.point IS NOT NULL) "
        "AS stands "
        f"FROM (SELECT * FROM geoapp.report r WHERE r.city_id = :city AND r.id > :last AND {PLACED_BY_WORDS} "
        "ORDER BY r.id LIMIT :limit) r JOIN geoapp.ticket k ON k.id = r.ticket_id "
        "LEFT JOIN geoapp.report_text t ON t.report_id = r.id "
        "LEFT JOIN geoapp.matter m ON m.id = k.matter_id ORDER BY r.id"
    )
    return [
        ByWords(**row._asdict()) for row in connection.execute(query, {"city": city_id, "last": last, "limit": limit})
    ]


def doubted(connection: Connection, tickets: Sequence[int]) -> set[int]:
    """Those of these tickets whose place is in doubt already."""
    query = text(
        "SELECT e.ticket_id FROM geoapp.event e WHERE e.ticket_id = ANY(:ids) AND e.name = 'doubted' AND NOT EXISTS ("
        "SELECT FROM geoapp.event l WHERE l.ticket_id = e.ticket_id AND l.id > e.id "
        "AND l.name IN ('placed', 'relocated'))"
    )
    return set(connection.execute(query, {"ids": list(tickets)}).scalars())


def standing(connection: Connection, city_id: int, number: str) -> Standing | None:
    """Where a ticket of the city stands, with the newest of its reports that has a place."""
    query = text(
        "SELECT k.id AS ticket_id, r.id AS report_id, m.code AS matter_code, ST_X(k.point) AS lon, "
        "ST_Y(k.point) AS lat, r.precision, r.radius_m "
        "FROM geoapp.ticket k LEFT JOIN geoapp.matter m ON m.id = k.matter_id LEFT JOIN LATERAL ("
        "SELECT * FROM geoapp.report r WHERE r.ticket_id = k.id AND r.point IS NOT NULL ORDER BY r.id DESC LIMIT 1"
        ") r ON true WHERE k.number = :number AND k.city_id = :city"
    )
    row = connection.execute(query, {"city": city_id, "number": number}).one_or_none()
    return None if row is None else Standing(**row._asdict())
