"""Repairs of maintenance systems as they are stored: what is known of a reference, what is new, what has changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Final

import orjson
from sqlalchemy import Connection, text

from geoapp.store import copy
from geoapp.store.copy import NULL
from geoapp.store.ids import take_ids


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is stored of a repair but its words, in codes and keys; placed_by says how its site was told."""

    site_id: int
    ticket_id: int | None
    placed_by: str
    unit_id: int | None
    assisting: tuple[int, ...]
    planned_at: datetime | None
    started_at: datetime | None
    promised_at: datetime | None
    ended_at: datetime | None
    hoarding: bool
    traffic_plan: bool
    liability_until: date | None
    as_of: datetime | None

    def codes(self) -> dict[str, Any]:
        """What an event keeps: everything that is said."""
        return {name: value for name in NAMES if (value := getattr(self, name)) not in (None, False, ())}

    def differs(self, other: Facts) -> list[str]:
        """The names of what is not the same."""
        return [name for name in NAMES if getattr(self, name) != getattr(other, name)]


NAMES: Final = tuple(field.name for field in fields(Facts))


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored repair, the digests of every content its source has given of it, since when it is so, by which run."""

    id: int
    facts: Facts
    hashes: frozenset[str]
    since: datetime
    run_id: int | None


@dataclass(frozen=True, slots=True)
class Told:
    """One content a source has given, and when: what became of it, all it says in codes, and its words."""

    repair_id: int
    name: str
    at: datetime
    hash: str
    codes: dict[str, Any]
    note: str
    address: str


def by_ref(connection: Connection, city_id: int, source: str, refs: Iterable[str]) -> dict[str, Stored]:
    """The stored repair of each reference that is known."""
    rows = connection.execute(
        text(
            # Looked up one by one by its key, whatever the statistics say: those of a running import are behind.
            f"SELECT r.ref, r.id, {', '.join(f'r.{name}' for name in NAMES)}, e.* "
            "FROM unnest(cast(:refs AS text[])) w(ref) CROSS JOIN LATERAL ("
            "SELECT * FROM geoapp.repair r WHERE r.city_id = :city AND r.source = :source AND r.ref = w.ref OFFSET 0"
            ") r CROSS JOIN LATERAL (SELECT array_agg(encode(uuid_send(e.hash), 'hex')), "
            "max(e.recorded_at) FILTER (WHERE e.name <> 'outdated'), "
            "(array_agg(e.run_id ORDER BY e.id DESC) FILTER (WHERE e.name <> 'outdated'))[1] "
            "FROM geoapp.repair_event e WHERE e.repair_id = r.id AND e.hash IS NOT NULL OFFSET 0"
            ") e(hashes, since, run_id)"
        ),
        {"city": city_id, "source": source, "refs": sorted(set(refs))},
    )
    found = {}
    for ref, repair_id, *facts, hashes, since, run_id in rows:
        known = dict(zip(NAMES, facts, strict=True))
        known["assisting"] = tuple(known["assisting"])
        found[ref] = Stored(repair_id, Facts(**known), frozenset(hashes), since, run_id)
    return found


def now(connection: Connection) -> datetime:
    """The moment of this transaction, which is that of all it writes."""
    found: datetime = connection.execute(text("SELECT now()")).scalar_one()
    return found


def tickets(connection: Connection, city_id: int, numbers: Iterable[str]) -> dict[str, tuple[int, int]]:
    """The ticket and the site of each number that is one of this city's tickets."""
    rows = connection.execute(
        text(
            "SELECT k.number, k.id, k.site_id FROM unnest(cast(:numbers AS text[])) w(number) CROSS JOIN LATERAL ("
            "SELECT number, id, site_id, city_id FROM geoapp.ticket k WHERE k.number = w.number OFFSET 0"
            ") k WHERE k.city_id = :city"
        ),
        {"city": city_id, "numbers": sorted(set(numbers))},
    )
    return {number: (ticket_id, site_id) for number, ticket_id, site_id in rows}


def record(
    connection: Connection, city_id: int, source: str, ids: Sequence[int], refs: Sequence[str], facts: Sequence[Facts]
) -> None:
    """Append new repairs under keys taken before."""
    if not ids:
        return
    count = len(ids)
    copy.copy(
        connection,
        "geoapp.repair",
        {
            "id": copy.plain(ids),
            "city_id": copy.same(str(city_id), count),
            "source": copy.same(copy.escape(source), count),
            "ref": copy.texts(refs),
            **{name: _rendered([getattr(one, name) for one in facts]) for name in NAMES},
        },
    )


def change(connection: Connection, changed: Sequence[tuple[int, Facts]]) -> None:
    """Bring stored repairs to what is true of them now; pairs of key and facts."""
    if not changed:
        return
    given = ", ".join(f"cast(:{name} AS {_TYPES.get(name, 'timestamptz')}[])" for name in NAMES)
    assigned = ", ".join(f"{name} = w.{name}" for name in NAMES if name != "assisting")
    connection.execute(
        text(
            f"UPDATE geoapp.repair r SET {assigned}, assisting = cast(w.assisting AS int[]), changed_at = now() "
            f"FROM unnest(cast(:ids AS bigint[]), {given}) w(id, {', '.join(NAMES)}) WHERE r.id = w.id"
        ),
        {
            "ids": [repair_id for repair_id, _ in changed],
            **{name: [getattr(facts, name) for _, facts in changed] for name in NAMES if name != "assisting"},
            "assisting": list(copy.arrays(facts.assisting for _, facts in changed)),
        },
    )


_TYPES: Final = {
    "site_id": "bigint", "ticket_id": "bigint", "placed_by": "text", "unit_id": "int", "assisting": "text",
    "hoarding": "bool", "traffic_plan": "bool", "liability_until": "date",
}  # fmt: skip


def append(connection: Connection, source: str, run_id: int | None, told: Sequence[Told]) -> None:
    """Append what a source has said to the history of its repairs, in the order given."""
    if not told:
        return
    ids, count = take_ids(connection, "repair_event", len(told)), len(told)
    copy.copy(
        connection,
        "geoapp.repair_event",
        {
            "id": copy.plain(ids),
            "repair_id": copy.plain(one.repair_id for one in told),
            "name": [one.name for one in told],
            "recorded_at": copy.moments(one.at for one in told),
            "actor": copy.same(copy.escape(f"source:{source}"), count),
            "run_id": copy.same(str(run_id) if run_id else NULL, count),
            "hash": [one.hash for one in told],
            "codes": [copy.escape(orjson.dumps(one.codes).decode()) for one in told],
        },
    )
    spoken = [(event, one) for event, one in zip(ids, told, strict=True) if one.note or one.address]
    if spoken:
        copy.copy(
            connection,
            "geoapp.repair_note",
            {
                "event_id": copy.plain(event for event, _ in spoken),
                "body": copy.texts([one.note for _, one in spoken]),
                "address": copy.texts([one.address for _, one in spoken]),
            },
        )


def _rendered(values: Sequence[Any]) -> Iterable[str]:
    """A column of facts as COPY takes it."""
    if values and isinstance(values[0], tuple):
        return copy.arrays(values)
    if values and isinstance(values[0], bool):
        return copy.flags(values)
    return copy.plain(values)
