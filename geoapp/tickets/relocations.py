"""Places that are found, or found better, after a report was taken in: by people, or by names that were mended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, text

from geoapp.store import copy
from geoapp.tickets.writer import Happening, append_events, change, held

BY_HAND: Final = "by_hand"
"""The precision of a place that somebody pointed out on a map."""

NAMES: Final = "names"
"""The rule of a place that words have given."""

BY_HAND_M: Final = 15.0
_DIGITS: Final = 7


@dataclass(frozen=True, slots=True)
class Spot:
    """A place with how it was found: names are those of layers, empty where a person chose it."""

    lon: float
    lat: float
    precision: str
    radius_m: float
    confidence: float
    names: str
    rule: str

    @staticmethod
    def by_hand(lon: float, lat: float) -> Spot:
        """A place that somebody has pointed out."""
        return Spot(lon, lat, BY_HAND, BY_HAND_M, 1.0, "", BY_HAND)

    def codes(self) -> dict[str, Any]:
        """As an event keeps it."""
        return {
            "lon": round(self.lon, _DIGITS), "lat": round(self.lat, _DIGITS), "precision": self.precision,
            "radius_m": self.radius_m, "confidence": self.confidence, "names": self.names, "rule": self.rule,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Relocation:
    """A ticket's new place and what is there; report_id is the report it was found by, before what its place was."""

    ticket_id: int
    report_id: int | None
    before: Mapping[str, Any]
    to: Spot
    quad: int
    site_id: int
    area_keys: tuple[int, ...]


def relocate(connection: Connection, city_id: int, wanted: Sequence[Relocation], actor: str) -> list[int]:
    """Put tickets where they are now known to be; an event each says from where, to where and by what.

    Those that moved, by key: one that stands elsewhere meanwhile was moved by somebody who knew better, and stays.
    """
    before = held(connection, [one.ticket_id for one in wanted]) if wanted else {}
    moved = [one for one in wanted if _stands(before[one.ticket_id], one.before)]
    if not moved:
        return []
    before = {one.ticket_id: before[one.ticket_id] for one in moved}
    after = {ticket_id: dict(row) for ticket_id, row in before.items()}
    now = datetime.now(UTC)
    for one in moved:
        after[one.ticket_id] |= {
            "lon": one.to.lon, "lat": one.to.lat, "quad": one.quad, "site_id": one.site_id,
            "area_keys": list(one.area_keys), "changed_at": max(after[one.ticket_id]["changed_at"], now),
        }  # fmt: skip
    change(connection, city_id, before, after)
    _repairs_follow(connection, list(before))
    note_places(connection, [(one.report_id, one.to) for one in moved if one.report_id is not None])
    append_events(
        connection, None,
        [
            Happening(one.ticket_id, one.report_id, "relocated", None, None, str(now), actor,
                      copy.json({"from": dict(one.before), "to": one.to.codes()}))
            for one in moved
        ],
    )  # fmt: skip
    return list(before)


def resite(connection: Connection, city_id: int, sites: Mapping[int, int]) -> None:
    """Put tickets that are about another matter to the sites of that: key of the site by key of the ticket."""
    before = held(connection, list(sites))
    before = {key: row for key, row in before.items() if row["site_id"] != sites[key]}
    if before:
        after = {key: {**row, "site_id": sites[key]} for key, row in before.items()}
        change(connection, city_id, before, after)
        _repairs_follow(connection, list(before))


def _repairs_follow(connection: Connection, tickets: Sequence[int]) -> None:
    """What was or will be repaired because of a ticket is where the ticket is."""
    connection.execute(
        text(
            "UPDATE geoapp.repair p SET site_id = k.site_id FROM geoapp.ticket k "
            "WHERE k.id = p.ticket_id AND p.ticket_id = ANY(:ids) AND p.placed_by = 'ticket'"
        ),
        {"ids": list(tickets)},
    )


def _stands(row: Mapping[str, Any], at: Mapping[str, Any]) -> bool:
    return all(round(row[name], _DIGITS) == round(at[name], _DIGITS) for name in ("lon", "lat"))


def note_places(connection: Connection, places: Sequence[tuple[int, Spot]]) -> None:
    """Write where reports are with them; pairs of report and place."""
    if not places:
        return
    names = ("lon", "lat", "precision", "radius_m", "confidence")
    values: dict[str, Any] = {name: [getattr(spot, name) for _, spot in places] for name in names}
    connection.execute(
        text(
            "UPDATE geoapp.report r SET point = ST_SetSRID(ST_MakePoint(w.lon, w.lat), 4326), precision = w.precision, "
            "radius_m = w.radius_m, confidence = w.confidence, problem = NULL "
            "FROM unnest(cast(:ids AS bigint[]), cast(:lon AS float8[]), cast(:lat AS float8[]), "
            "cast(:precision AS text[]), cast(:radius_m AS float8[]), cast(:confidence AS float8[])) "
            "w(id, lon, lat, precision, radius_m, confidence) WHERE r.id = w.id"
        ),
        {"ids": [report_id for report_id, _ in places], **values},
    )


def note_found(connection: Connection, found: Sequence[tuple[int, int, Spot]], actor: str) -> None:
    """Say of tickets whose reports had waited how their place was found; (ticket, report, place) of each."""
    now = str(datetime.now(UTC))
    append_events(
        connection, None,
        [
            Happening(ticket_id, report_id, "placed", None, None, now, actor, copy.json({"to": spot.codes()}))
            for ticket_id, report_id, spot in found
        ],
    )  # fmt: skip
