"""What hangs on a ticket beside its state, read at once: marks, other tickets, who assists, what is fenced off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, text

from geoapp.records import PUBLIC_ONLY, Sight
from geoapp.store.queries.sight import SEEN, values


@dataclass(frozen=True, slots=True)
class Linked:
    """Another ticket; kind is what it is to the one asked about: older, child, parent, merged_into, merged_from, …"""

    kind: str
    number: str
    state: str
    outcome: str | None
    public: bool


@dataclass(frozen=True, slots=True)
class Beside:
    """Marks with since when each lies there; assisting are codes and names; hoardings the ground that works fence off
    now, as GeoJSON."""

    marks: Mapping[str, datetime]
    links: Sequence[Linked]
    assisting: Sequence[tuple[str, Mapping[str, str]]]
    hoardings: Sequence[str]


_TURNED: Final = {
    "older": "later", "child": "parent", "merged": "merged_from", "split": "split_off", "after": "followed_by",
}  # fmt: skip
"""What a link is, seen from the other ticket."""


def of(connection: Connection, ticket_id: int, sight: Sight = PUBLIC_ONLY) -> Beside:
    """What hangs on a ticket; of other tickets only what is seen, since none betrays another that is hidden."""
    row = connection.execute(_BESIDE, {"id": ticket_id, **values(sight)}).one()
    return Beside(
        {mark: datetime.fromisoformat(since) for mark, since in row.marks},
        [Linked(kind if mine else _TURNED[kind], *more) for kind, mine, *more in row.links],
        [(code, names) for code, names in row.assisting],
        row.hoardings,
    )


_BESIDE: Final = text(f"""
    SELECT (
        SELECT coalesce(jsonb_agg(jsonb_build_array(m.mark, m.since) ORDER BY m.mark), '[]')
        FROM geoapp.ticket_mark m WHERE m.ticket_id = :id
    ) AS marks, (
        SELECT coalesce(jsonb_agg(
            jsonb_build_array(l.kind, l.ticket_id = :id, k.number, k.state, k.outcome, k.public) ORDER BY l.id), '[]')
        FROM geoapp.ticket_link l
        JOIN geoapp.ticket k ON k.id = CASE WHEN l.ticket_id = :id THEN l.other_id ELSE l.ticket_id END
        WHERE (l.ticket_id = :id OR l.other_id = :id) AND {SEEN}
    ) AS links, (
        SELECT coalesce(jsonb_agg(jsonb_build_array(u.code, u.names) ORDER BY u.code), '[]')
        FROM geoapp.assisting a JOIN geoapp.unit u ON u.id = a.unit_id WHERE a.ticket_id = :id
    ) AS assisting, (
        SELECT coalesce(jsonb_agg(ST_AsGeoJSON(p.geom, 7) ORDER BY p.id), '[]') FROM geoapp.repair p
        WHERE p.ticket_id = :id AND p.geom IS NOT NULL AND p.ended_at IS NULL
    ) AS hoardings
""")
