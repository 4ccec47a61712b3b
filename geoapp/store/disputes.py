"""Disputes between units, how like ones were ruled before, and what lists and duties are to learn from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class Dispute:
    """A dispute with its words; units are codes and names, None where there is none (yet)."""

    id: int
    ticket: str
    city_id: int
    reason: str
    rule: Mapping[str, Any]
    opened_at: datetime
    due_at: datetime
    ruled_at: datetime | None
    ground: str | None
    unit: str | None
    unit_names: Mapping[str, str] | None
    proposal: str
    proposal_names: Mapping[str, str]
    ruled_unit: str | None
    ruled_unit_names: Mapping[str, str] | None
    same_area: bool = False


@dataclass(frozen=True, slots=True)
class Ruled:
    """The last ruling on a ticket, as a line of a list is drawn from it."""

    id: int
    matter_id: int | None
    area_key_id: int | None
    unit_id: int
    ground: str


def open_(
    connection: Connection, city_id: int, ticket_id: int, unit_id: int | None, proposal_id: int, reason: str,
    rule: Mapping[str, Any], matter_id: int | None, area_key: int | None, at: datetime, due_at: datetime,
) -> None:  # fmt: skip
    """A dispute begins; one that nobody has ruled on, since its source took the ticket elsewhere, is it anew."""
    connection.execute(
        text(
            "INSERT INTO geoapp.dispute (city_id, ticket_id, unit_id, proposal_id, reason, rule, matter_id, "
            "area_key_id, opened_at, due_at) VALUES (:city, :ticket, :unit, :proposal, :reason, "
            "cast(:rule AS jsonb), :matter, :area, :at, :due) ON CONFLICT (ticket_id) WHERE ruled_at IS NULL "
            "DO UPDATE SET unit_id = excluded.unit_id, proposal_id = excluded.proposal_id, reason = excluded.reason, "
            "rule = excluded.rule, matter_id = excluded.matter_id, area_key_id = excluded.area_key_id, "
            "opened_at = excluded.opened_at, due_at = excluded.due_at"
        ),
        {
            "city": city_id, "ticket": ticket_id, "unit": unit_id, "proposal": proposal_id, "reason": reason,
            "rule": orjson.dumps(dict(rule)).decode(), "matter": matter_id, "area": area_key, "at": at, "due": due_at,
        },
    )  # fmt: skip


def rule(connection: Connection, ticket_id: int, unit_id: int, ground: str, actor: str, at: datetime) -> None:
    """The ruling on the dispute that is open."""
    connection.execute(
        text(
            "UPDATE geoapp.dispute SET ruled_at = :at, ruled_unit_id = :unit, ground = :ground, ruled_by = :actor "
            "WHERE ticket_id = :ticket AND ruled_at IS NULL"
        ),
        {"ticket": ticket_id, "unit": unit_id, "ground": ground, "actor": actor, "at": at},
    )


_DISPUTE: Final = (
    "SELECT d.id, k.number AS ticket, d.city_id, d.reason, d.rule, d.opened_at, d.due_at, d.ruled_at, d.ground, "
    "u.code AS unit, u.names AS unit_names, p.code AS proposal, p.names AS proposal_names, r.code AS ruled_unit, "
    "r.names AS ruled_unit_names FROM geoapp.dispute d JOIN geoapp.ticket k ON k.id = d.ticket_id "
    "LEFT JOIN geoapp.unit u ON u.id = d.unit_id JOIN geoapp.unit p ON p.id = d.proposal_id "
    "LEFT JOIN geoapp.unit r ON r.id = d.ruled_unit_id"
)


def of_ticket(connection: Connection, ticket_id: int) -> list[Dispute]:
    """The disputes about a ticket, the latest first."""
    query = text(f"{_DISPUTE} WHERE d.ticket_id = :id ORDER BY d.id DESC")
    return [Dispute(**row._asdict()) for row in connection.execute(query, {"id": ticket_id})]


def waiting(connection: Connection, city_id: int, *, most: int = 200) -> list[Dispute]:
    """The disputes of a city that wait for a ruling, the one that is due first before the others."""
    query = text(
        f"{_DISPUTE} WHERE d.city_id = :city AND d.ruled_at IS NULL AND k.state = 'disputed' "
        "ORDER BY d.due_at, d.id LIMIT :most"
    )
    return [Dispute(**row._asdict()) for row in connection.execute(query, {"city": city_id, "most": most})]


def precedents(connection: Connection, dispute_id: int, *, most: int = 10) -> list[Dispute]:
    """How disputes of the same matter were ruled before: those of the same area first, then the latest."""
    query = text(
        f"SELECT w.*, w.area_key_id IS NOT DISTINCT FROM o.area_key_id AS same_area FROM geoapp.dispute o "
        f"JOIN LATERAL ({_DISPUTE.replace(' FROM geoapp.dispute d', ', d.area_key_id FROM geoapp.dispute d')} "
        "WHERE d.city_id = o.city_id AND d.matter_id = o.matter_id AND d.ruled_at IS NOT NULL AND d.id <> o.id) w "
        "ON true WHERE o.id = :id ORDER BY same_area DESC, w.ruled_at DESC, w.id DESC LIMIT :most"
    )
    found = []
    for row in connection.execute(query, {"id": dispute_id, "most": most}):
        values = row._asdict()
        values.pop("area_key_id")
        found.append(Dispute(**values))
    return found


def last_ruled(connection: Connection, ticket_id: int) -> Ruled | None:
    """The last ruling on a ticket."""
    row = connection.execute(
        text(
            "SELECT id, matter_id, area_key_id, ruled_unit_id AS unit_id, ground FROM geoapp.dispute "
            "WHERE ticket_id = :id AND ruled_at IS NOT NULL ORDER BY id DESC LIMIT 1"
        ),
        {"id": ticket_id},
    ).one_or_none()
    return None if row is None else Ruled(**row._asdict())


def may_propose(connection: Connection, ticket_id: int) -> bool:
    """Whether a line can be drawn from the last ruling on a ticket: there is one, of a known matter, and none was."""
    query = text(
        "SELECT count(*) FROM geoapp.dispute d WHERE d.id = (SELECT max(id) FROM geoapp.dispute WHERE ticket_id = :id "
        "AND ruled_at IS NOT NULL) AND d.matter_id IS NOT NULL "
        "AND NOT EXISTS (SELECT FROM geoapp.list_proposal p WHERE p.dispute_id = d.id)"
    )
    return bool(connection.execute(query, {"id": ticket_id}).scalar_one())


def propose_line(
    connection: Connection, city_id: int, of: Ruled, area_key: int | None, actor: str, at: datetime
) -> bool:
    """Draft a line of the responsibility list for its next batch; False where the ruling has led to one already."""
    done = connection.execute(
        text(
            "INSERT INTO geoapp.list_proposal (city_id, dispute_id, matter_id, area_key_id, unit_id, ground, actor, "
            "made_at) VALUES (:city, :dispute, :matter, :area, :unit, :ground, :actor, :at) ON CONFLICT DO NOTHING"
        ),
        {
            "city": city_id, "dispute": of.id, "matter": of.matter_id, "area": area_key, "unit": of.unit_id,
            "ground": of.ground, "actor": actor, "at": at,
        },
    )  # fmt: skip
    return done.rowcount == 1


@dataclass(frozen=True, slots=True)
class Proposal:
    """A ruling that is to become a line: of a matter, for an area of a level or ("") the whole city, to a unit.

    acting: the unit acts; category is None where the matter is retired.
    """

    id: int
    dispute_id: int
    ticket_id: int
    ticket: str
    matter: str
    category: str | None
    level: str
    area: str
    unit: str
    acting: bool
    ground: str

    @property
    def code(self) -> str:
        """The code of its line, the same whenever it is drawn."""
        return f"ruling-{self.dispute_id}"


def open_proposals(connection: Connection, city_id: int) -> list[Proposal]:
    """The rulings that no batch has taken up, the earliest first: of two on the same the later has the last word."""
    query = text(
        "SELECT p.id, p.dispute_id, k.id AS ticket_id, k.number AS ticket, m.code AS matter, "
        "CASE WHEN m.retired_at IS NULL THEN c.code END AS category, coalesce(a.layer, '') AS level, "
        "coalesce(a.code, '') AS area, u.code AS unit, u.active AS acting, p.ground FROM geoapp.list_proposal p "
        "JOIN geoapp.dispute d ON d.id = p.dispute_id JOIN geoapp.ticket k ON k.id = d.ticket_id "
        "JOIN geoapp.matter m ON m.id = p.matter_id JOIN geoapp.category c ON c.id = m.category_id "
        "JOIN geoapp.unit u ON u.id = p.unit_id LEFT JOIN geoapp.area_key a ON a.id = p.area_key_id "
        "WHERE p.city_id = :city AND p.taken_at IS NULL ORDER BY d.ruled_at, d.id"
    )
    return [Proposal(**row._asdict()) for row in connection.execute(query, {"city": city_id})]


def take_up(connection: Connection, proposals: Sequence[int], batch_id: int | None) -> None:
    """These are in a batch; without one, the list says already what was ruled."""
    query = text("UPDATE geoapp.list_proposal SET taken_at = clock_timestamp(), batch_id = :batch WHERE id = ANY(:ids)")
    connection.execute(query, {"ids": list(proposals), "batch": batch_id})


def give_back(connection: Connection, batch_id: int) -> None:
    """What a batch had taken up is open again."""
    query = text("UPDATE geoapp.list_proposal SET taken_at = NULL, batch_id = NULL WHERE batch_id = :batch")
    connection.execute(query, {"batch": batch_id})


# Gaps between duties


@dataclass(frozen=True, slots=True)
class Gap:
    """A gap on the consultation list (职责协商清单), with its words; units are codes and names."""

    id: int
    ticket: str
    public: bool
    made_at: datetime
    matter: str | None
    matter_names: Mapping[str, str] | None
    units: Sequence[tuple[str, Mapping[str, str]]]
    note: str | None
    disputed: str | None
    settled_at: datetime | None
    decision: str | None


_GAP: Final = (
    "SELECT g.id, k.number AS ticket, k.public, g.made_at, m.code AS matter, m.names AS matter_names, "
    "(SELECT coalesce(jsonb_agg(jsonb_build_array(u.code, u.names) ORDER BY o.nth), '[]') "
    "FROM unnest(g.unit_ids) WITH ORDINALITY o(id, nth) JOIN geoapp.unit u ON u.id = o.id) AS units, "
    "n.body AS note, d.reason AS disputed, g.settled_at, g.decision FROM geoapp.consultation g "
    "JOIN geoapp.ticket k ON k.id = g.ticket_id LEFT JOIN geoapp.matter m ON m.id = g.matter_id "
    "LEFT JOIN geoapp.dispute d ON d.id = g.dispute_id LEFT JOIN geoapp.event_note n ON n.event_id = g.event_id "
    "WHERE g.city_id = :city"
)


def gaps(
    connection: Connection, city_id: int, *, settled: bool | None = None, before: int | None = None, most: int = 1000
) -> list[Gap]:
    """The consultation list, the latest first: all of it, or only what was decided, or was not."""
    query = text(
        f"{_GAP} AND (cast(:settled AS boolean) IS NULL OR (g.settled_at IS NOT NULL) = :settled) "
        "AND (cast(:before AS bigint) IS NULL OR g.id < :before) ORDER BY g.id DESC LIMIT :most"
    )
    values = {"city": city_id, "settled": settled, "before": before, "most": most}
    return [_gap(row) for row in connection.execute(query, values)]


def _gap(row: Any) -> Gap:
    return Gap(**{**row._asdict(), "units": tuple((code, names) for code, names in row.units)})


def settle(connection: Connection, city_id: int, gap_id: int, decision: str, actor: str, at: datetime) -> bool:
    """A gap is closed with what was decided; False where there is none such that is open."""
    done = connection.execute(
        text(
            "UPDATE geoapp.consultation SET settled_at = :at, settled_by = :actor, decision = :decision "
            "WHERE id = :id AND city_id = :city AND settled_at IS NULL"
        ),
        {"id": gap_id, "city": city_id, "decision": decision, "actor": actor, "at": at},
    )
    return done.rowcount == 1


def consult(
    connection: Connection, city_id: int, ticket_id: int, matter_id: int | None, units: Sequence[int], event_id: int,
    actor: str, at: datetime,
) -> None:  # fmt: skip
    """Put a gap between units' duties on the list that the body which sets them goes through."""
    connection.execute(
        text(
            "INSERT INTO geoapp.consultation (city_id, ticket_id, dispute_id, matter_id, unit_ids, event_id, actor, "
            "made_at) VALUES (:city, :ticket, (SELECT max(id) FROM geoapp.dispute WHERE ticket_id = :ticket), "
            ":matter, :units, :event, :actor, :at)"
        ),
        {
            "city": city_id, "ticket": ticket_id, "matter": matter_id, "units": list(units), "event": event_id,
            "actor": actor, "at": at,
        },
    )  # fmt: skip
