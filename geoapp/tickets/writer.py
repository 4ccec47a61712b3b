"""The only writer of tickets: opens them, follows their sources, and appends an event for everything it does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection, text

from geoapp.city import City
from geoapp.lifecycle import MIRROR, OPEN, State, move
from geoapp.store import cells, copy
from geoapp.store.ids import take_ids
from geoapp.tickets.case import Case
from geoapp.tickets.numbers import number


@dataclass(frozen=True, slots=True)
class Origin:
    """Whence a batch comes: evidence is the codes every opening carries (rule, layer, version)."""

    city: City
    source: str
    run_id: int | None
    evidence: Mapping[str, Any]

    @property
    def actor(self) -> str:
        """Who acts when the source speaks."""
        return f"source:{self.source}"


def open_tickets(connection: Connection, origin: Origin, cases: Sequence[Case]) -> list[tuple[int, str]]:
    """Open one ticket for each placed case; its id and number, in order. The reports themselves are stored after."""
    ids = take_ids(connection, "ticket", len(cases))
    numbers = [number(origin.city.prefix, ticket_id) for ticket_id in ids]
    if not cases:
        return []
    copy.copy(
        connection,
        "geoapp.ticket",
        {
            "id": copy.plain(ids),
            "number": numbers,
            "city_id": copy.same(str(origin.city.id), len(cases)),
            "source": copy.same(copy.escape(origin.source), len(cases)),
            "kind": [case.report.kind for case in cases],
            "state": [case.state for case in cases],
            "outcome": copy.plain(case.outcome for case in cases),
            "matter_id": copy.plain(case.matter_id for case in cases),
            "unit_id": copy.plain(case.unit_id for case in cases),
            "site_id": copy.plain(case.site_id for case in cases),
            "point": _points(cases),
            "quad": copy.plain(case.quad for case in cases),
            "area_keys": copy.arrays(case.area_keys for case in cases),
            "public": copy.flags(case.public for case in cases),
            "urgent": copy.flags(case.urgent for case in cases),
            "late": copy.same("f", len(cases)),
            "opened_at": copy.moments(case.said_at for case in cases),
            "changed_at": copy.moments(case.since for case in cases),
            "due_at": copy.moments(case.report.due_at for case in cases),
            "ended_at": copy.moments(case.ended_at for case in cases),
        },
    )
    cells.append(
        connection, origin.city.id, 1, np.array(ids, dtype=np.int64),
        np.array([case.quad for case in cases], dtype=np.int64),
        np.array([not case.public for case in cases], dtype=bool),
        np.array([case.state in OPEN for case in cases], dtype=bool),
        np.zeros(len(cases), dtype=bool),
    )  # fmt: skip
    return list(zip(ids, numbers, strict=True))


def store_reports(
    connection: Connection, origin: Origin, cases: Sequence[Case], tickets: Sequence[int | None]
) -> list[int]:
    """Store the reports with their words, each under its ticket or, unplaced, under none; their ids in order."""
    ids = take_ids(connection, "report", len(cases))
    if not cases:
        return ids
    reports = [case.report for case in cases]
    copy.copy(
        connection,
        "geoapp.report",
        {
            "id": copy.plain(ids),
            "city_id": copy.same(str(origin.city.id), len(cases)),
            "source": copy.same(copy.escape(origin.source), len(cases)),
            "ref": copy.texts(report.ref for report in reports),
            "hash": copy.plain(case.hash for case in cases),
            "occurrence": copy.plain(case.occurrence for case in cases),
            "receipt": copy.plain(case.receipt for case in cases),
            "kind": [report.kind for report in reports],
            "channel": copy.texts(report.channel or None for report in reports),
            "said_at": copy.moments(case.said_at for case in cases),
            "run_id": copy.same(str(origin.run_id) if origin.run_id else r"\N", len(cases)),
            "ticket_id": copy.plain(tickets),
            "matter_id": copy.plain(case.matter_id for case in cases),
            "unit_id": copy.plain(case.unit_id for case in cases),
            "x": copy.plain(report.x for report in reports),
            "y": copy.plain(report.y for report in reports),
            "crs": [copy.escape(report.crs) for report in reports],
            "point": _points(cases),
            "precision": ["coordinates" if case.placed else r"\N" for case in cases],
            "radius_m": copy.plain(case.radius_m for case in cases),
            "confidence": ["1" if case.placed else r"\N" for case in cases],
            "problem": copy.plain(case.problem for case in cases),
            "recorded_area": copy.texts(report.recorded_area or None for report in reports),
            "measured": [copy.json(report.measured or None) for report in reports],
        },
    )
    copy.copy(
        connection,
        "geoapp.report_text",
        {
            "report_id": copy.plain(ids),
            "body": copy.texts(case.body for case in cases),
            "address": copy.texts(case.address for case in cases),
        },
    )
    _store_private(connection, origin, ids, cases)
    return ids


def _store_private(connection: Connection, origin: Origin, ids: Sequence[int], cases: Sequence[Case]) -> None:
    # INSERT, not COPY: under row-level security the web role may insert but COPY is refused.
    told = [(i, case.report.reporter) for i, case in zip(ids, cases, strict=True) if case.report.reporter]
    if told:
        connection.execute(
            text(
                "INSERT INTO private.reporter (report_id, city_id, name, phone, email) "
                "SELECT w.id, :city, w.a, w.b, w.c FROM "
                "unnest(cast(:ids AS bigint[]), cast(:a AS text[]), cast(:b AS text[]), cast(:c AS text[]))"
                " w(id, a, b, c)"
            ),
            {
                "city": origin.city.id, "ids": [i for i, _ in told], "a": [who.name for _, who in told],
                "b": [who.phone for _, who in told], "c": [who.email for _, who in told],
            },
        )  # fmt: skip
    changed = [(i, case.report) for i, case in zip(ids, cases, strict=True) if case.redacted]
    if changed:
        connection.execute(
            text(
                "INSERT INTO private.original (report_id, city_id, body, address) SELECT w.id, :city, w.a, w.b "
                "FROM unnest(cast(:ids AS bigint[]), cast(:a AS text[]), cast(:b AS text[])) w(id, a, b)"
            ),
            {
                "city": origin.city.id, "ids": [i for i, _ in changed],
                "a": [report.body for _, report in changed], "b": [report.address for _, report in changed],
            },
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Happening:
    """One event to append; subject is (ticket id, report id), note its free text."""

    ticket_id: int | None
    report_id: int | None
    name: str
    before: str | None
    after: str | None
    at: datetime
    actor: str
    codes: str = r"\N"
    note: str = ""


def codes(**facts: object) -> str:
    """An event's codes, rendered."""
    return copy.json({name: str(value) for name, value in facts.items()})


def append_events(connection: Connection, run_id: int | None, events: Sequence[Happening]) -> None:
    """Append events in the order given; codes are JSON rendered for COPY."""
    if not events:
        return
    ids = take_ids(connection, "event", len(events))
    copy.copy(
        connection,
        "geoapp.event",
        {
            "id": copy.plain(ids),
            "ticket_id": copy.plain(event.ticket_id for event in events),
            "report_id": copy.plain(event.report_id for event in events),
            "name": [event.name for event in events],
            "from_state": copy.plain(event.before for event in events),
            "to_state": copy.plain(event.after for event in events),
            "occurred_at": copy.moments(event.at for event in events),
            "actor": [copy.escape(event.actor) for event in events],
            "run_id": copy.same(str(run_id) if run_id else r"\N", len(events)),
            "codes": [event.codes for event in events],
        },
    )
    noted = [(i, event.note) for i, event in zip(ids, events, strict=True) if event.note]
    if noted:
        copy.copy(
            connection,
            "geoapp.event_note",
            {"event_id": copy.plain(i for i, _ in noted), "body": copy.texts(note for _, note in noted)},
        )


def openings(origin: Origin, cases: Sequence[Case], tickets: Sequence[int], reports: Sequence[int]) -> list[Happening]:
    """The events of newly opened tickets: registered, and where the source has already gone on, its own move."""
    owned, unowned = copy.json(dict(origin.evidence)), copy.json({**origin.evidence, "rule": "none"})
    actor = origin.actor
    events = []
    first, registered = State.REGISTERED, State.REGISTERED.value
    for case, ticket_id, report_id in zip(cases, tickets, reports, strict=True):
        codes = owned if case.owned else unowned
        events.append(Happening(ticket_id, report_id, "register", None, registered, case.said_at, actor, codes))
        if case.state is not first:
            move(MIRROR[case.state], first, "source")
            events.append(
                Happening(
                    ticket_id, report_id, MIRROR[case.state], registered, case.state.value, case.since, actor,
                    copy.json({"outcome": case.outcome}) if case.outcome else r"\N", case.note,
                )
            )  # fmt: skip
        elif case.note:
            events.append(Happening(ticket_id, report_id, "note", None, None, case.since, actor, r"\N", case.note))
    return events


_CURRENT: Final = (
    "SELECT id, state, outcome, matter_id, unit_id, site_id, ST_X(point) AS lon, ST_Y(point) AS lat, quad, area_keys, "
    "public, urgent, late, due_at, ended_at FROM geoapp.ticket WHERE id = ANY(:ids) ORDER BY id FOR UPDATE"
)

_CHANGE: Final = (
    "UPDATE geoapp.ticket t SET state = w.state, outcome = w.outcome, matter_id = w.matter_id, unit_id = w.unit_id, "
    "site_id = w.site_id, point = ST_SetSRID(ST_MakePoint(w.lon, w.lat), 4326), quad = w.quad, "
    "area_keys = cast(w.area_keys AS int[]), public = w.public, urgent = w.urgent, late = w.late, due_at = w.due_at, "
    "ended_at = w.ended_at, changed_at = greatest(t.changed_at, w.changed_at) "
    "FROM unnest(cast(:id AS bigint[]), cast(:state AS text[]), cast(:outcome AS text[]), cast(:matter_id AS int[]), "
    "cast(:unit_id AS int[]), cast(:site_id AS bigint[]), cast(:lon AS float8[]), cast(:lat AS float8[]), "
    "cast(:quad AS bigint[]), cast(:area_keys AS text[]), cast(:public AS bool[]), cast(:urgent AS bool[]), "
    "cast(:late AS bool[]), cast(:due_at AS timestamptz[]), cast(:ended_at AS timestamptz[]), "
    "cast(:changed_at AS timestamptz[])) w(id, state, outcome, matter_id, unit_id, site_id, lon, lat, quad, "
    "area_keys, public, urgent, late, due_at, ended_at, changed_at) WHERE t.id = w.id"
)

_FOLLOWED: Final = ("matter_id", "unit_id", "site_id", "lon", "lat", "public", "urgent", "due_at")


def follow(
    connection: Connection, origin: Origin, cases: Sequence[Case], tickets: Sequence[int], reports: Sequence[int]
) -> None:
    """Bring tickets to what their source says now: an `update` event a report, and its move where the state changed."""
    if not cases:
        return
    rows = connection.execute(text(_CURRENT), {"ids": sorted(set(tickets))}).mappings()
    before = {row["id"]: dict(row) for row in rows}
    after = {ticket_id: dict(row) for ticket_id, row in before.items()}
    events: list[Happening] = []
    for case, ticket_id, report_id in zip(cases, tickets, reports, strict=True):
        events += _followed(origin, case, ticket_id, report_id, after[ticket_id])
    change(connection, origin.city.id, before, after)
    append_events(connection, origin.run_id, events)


def _followed(origin: Origin, case: Case, ticket_id: int, report_id: int, row: dict[str, Any]) -> list[Happening]:
    """Change the row to what the case says; the events of it."""
    told: dict[str, Any] = {
        "unit_id": case.unit_id or row["unit_id"], "matter_id": case.matter_id or row["matter_id"],
        "public": case.public, "urgent": case.urgent, "due_at": case.report.due_at,
    }  # fmt: skip
    if case.placed and (case.lon, case.lat) != (row["lon"], row["lat"]):
        told |= {"lon": case.lon, "lat": case.lat, "quad": case.quad, "site_id": case.site_id,
                 "area_keys": list(case.area_keys)}  # fmt: skip
    changed = sorted(name for name in _FOLLOWED if name in told and told[name] != row[name])
    row |= told | {"changed_at": case.since}
    at = max(case.said_at, case.since)
    codes = copy.json({"changed": changed, **origin.evidence})
    state = State(row["state"])
    moved = case.report.standing is not None and case.state is not state
    note = "" if moved else case.note
    events = [Happening(ticket_id, report_id, "update", None, None, at, origin.actor, codes, note)]
    if moved:
        move(MIRROR[case.state], state, "source")
        events.append(
            Happening(ticket_id, report_id, MIRROR[case.state], state.value, case.state.value, at, origin.actor,
                      copy.json({"outcome": case.outcome}) if case.outcome else r"\N", case.note)
        )  # fmt: skip
        row |= {"state": case.state.value, "ended_at": case.ended_at}
        row["late"] = row["late"] and case.state in OPEN
    if case.report.standing:
        row["outcome"] = case.outcome
    return events


def change(
    connection: Connection,
    city_id: int,
    before: Mapping[int, Mapping[str, Any]],
    after: Mapping[int, Mapping[str, Any]],
) -> None:
    """Write tickets anew and move their counts from the old cells to the new; rows as _CURRENT reads them."""
    rows = list(after.values())
    names = ("id", "state", "outcome", "matter_id", "unit_id", "site_id", "lon", "lat", "quad", "public", "urgent",
             "late", "due_at", "ended_at", "changed_at")  # fmt: skip
    values: dict[str, Any] = {name: [row[name] for row in rows] for name in names}
    values["area_keys"] = list(copy.arrays(row["area_keys"] for row in rows))
    connection.execute(text(_CHANGE), values)
    for sign, side in ((-1, before.values()), (1, after.values())):
        cells.append(
            connection, city_id, sign,
            np.array([row["id"] for row in side], dtype=np.int64),
            np.array([row["quad"] for row in side], dtype=np.int64),
            np.array([not row["public"] for row in side], dtype=bool),
            np.array([row["state"] in OPEN for row in side], dtype=bool),
            np.array([row["late"] for row in side], dtype=bool),
        )  # fmt: skip


def mark_late(connection: Connection, now: datetime, limit: int = 5000) -> int:
    """Tickets whose time has run out become overdue: an appended event at the moment it ran out; how many.

    Whoever holds a ticket just now is passed over and looked at the next time.
    """
    rows = connection.execute(
        text(
            "UPDATE geoapp.ticket SET late = true WHERE id IN ("
            "SELECT id FROM geoapp.ticket "
            "WHERE due_at IS NOT NULL AND NOT late AND ended_at IS NULL AND due_at <= :now "
            "ORDER BY due_at LIMIT :limit FOR UPDATE SKIP LOCKED) RETURNING id, city_id, quad, public, state, due_at"
        ),
        {"now": now, "limit": limit},
    ).all()
    append_events(
        connection, None, [Happening(r.id, None, "overdue", None, None, r.due_at, "system:clock") for r in rows]
    )
    for city_id in sorted({row.city_id for row in rows}):
        mine = [row for row in rows if row.city_id == city_id]
        ids = np.array([row.id for row in mine], dtype=np.int64)
        quads = np.array([row.quad for row in mine], dtype=np.int64)
        hidden = np.array([not row.public for row in mine], dtype=bool)
        opened = np.array([row.state in OPEN for row in mine], dtype=bool)
        cells.append(connection, city_id, -1, ids, quads, hidden, opened, np.zeros(len(mine), dtype=bool))
        cells.append(connection, city_id, 1, ids, quads, hidden, opened, opened)
    return len(rows)


# Little-endian EWKB of a point in EPSG:4326, up to its coordinates.
_EWKB_HEAD: Final = "0101000020E6100000"


def _points(cases: Sequence[Case]) -> list[str]:
    """Points as hexadecimal EWKB, null where there is none."""
    pairs = np.array([(case.lon or 0.0, case.lat or 0.0) for case in cases], dtype="<f8")
    body = pairs.tobytes().hex()
    return [_EWKB_HEAD + body[32 * at : 32 * at + 32] if case.placed else r"\N" for at, case in enumerate(cases)]
