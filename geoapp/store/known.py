"""What is known already of the reports of a batch: which were seen, and how often this run has met a content."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class Known:
    """A stored report, as much of it as tells whether another is the same."""

    id: int
    hash: str
    ticket_id: int | None
    number: str | None
    receipt: str | None
    problem: str | None


# Digests travel as 32 hexadecimal digits: UUID objects would cost more than all else a row needs.
_COLUMNS: Final = "r.id, encode(uuid_send(r.hash), 'hex'), r.ticket_id, k.number, r.receipt, r.problem"
_TICKET: Final = "LEFT JOIN LATERAL (SELECT number FROM geoapp.ticket k WHERE k.id = r.ticket_id OFFSET 0) k ON true"


_MANY: Final = 20


def hold(connection: Connection, city_id: int, source: str, names: Sequence[str] | None) -> None:
    """Let nobody else write reports of these names (references, else contents) until this transaction ends.

    Without names, or with many, the whole source is held: a run's batches come one after the other. A report filed
    alone holds its own name only, so that people do not wait for each other.
    """
    whole = names is None or len(names) > _MANY
    mode = "" if whole else "_shared"
    connection.execute(
        text(f"SELECT pg_advisory_xact_lock{mode}(hashtextextended(:name, 1))"), {"name": f"{city_id}/{source}"}
    )
    # One after the other and in one order for all, or two batches could wait for each other for ever.
    for name in [] if whole else sorted(set(names or ())):
        connection.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 2))"), {"name": f"{city_id}/{source}/{name}"}
        )


def place(connection: Connection, reports: Sequence[tuple[int, int]]) -> None:
    """Put reports that waited for a place under the ticket that was opened; pairs of report and ticket."""
    if reports:
        connection.execute(
            text(
                "UPDATE geoapp.report r SET ticket_id = w.ticket FROM unnest(cast(:reports AS bigint[]), "
                "cast(:tickets AS bigint[])) w(report, ticket) WHERE r.id = w.report AND r.ticket_id IS NULL"
            ),
            {"reports": [report for report, _ in reports], "tickets": [ticket for _, ticket in reports]},
        )


def by_ref(connection: Connection, city_id: int, source: str, refs: Sequence[str]) -> dict[str, list[Known]]:
    """The stored reports under these references, oldest first."""
    found: dict[str, list[Known]] = {}
    if refs:
        rows = connection.execute(
            text(
                # Laterals that cannot be flattened: each name is looked up by its key. A plain join is planned by
                # statistics, which a running import is always ahead of, and then reads all that is stored each time.
                f"SELECT r.ref, {_COLUMNS} FROM unnest(cast(:refs AS text[])) w(ref) CROSS JOIN LATERAL ("
                "SELECT * FROM geoapp.report r "
                "WHERE r.city_id = :city AND r.source = :source AND r.ref = w.ref OFFSET 0"
                f") r {_TICKET} ORDER BY r.id"
            ),
            {"city": city_id, "source": source, "refs": sorted(set(refs))},
        )
        for ref, *rest in rows:
            found.setdefault(ref, []).append(Known(*rest))
    return found


def by_content(
    connection: Connection, city_id: int, source: str, keys: Sequence[tuple[str, int]]
) -> dict[tuple[str, int], Known]:
    """The stored reports without reference of these contents and occurrences."""
    if not keys:
        return {}
    rows = connection.execute(
        text(
            f"SELECT r.occurrence, {_COLUMNS} FROM unnest(cast(:hashes AS uuid[]), cast(:numbers AS int[])) w(hash, n) "
            "CROSS JOIN LATERAL (SELECT * FROM geoapp.report r WHERE r.city_id = :city AND r.source = :source "
            f"AND r.ref IS NULL AND r.hash = w.hash AND r.occurrence = w.n OFFSET 0) r {_TICKET}"
        ),
        {"city": city_id, "source": source, "hashes": [k[0] for k in keys], "numbers": [k[1] for k in keys]},
    )
    return {(known.hash, occurrence): known for occurrence, *rest in rows for known in [Known(*rest)]}


def occurrences(connection: Connection, run_id: int | None, hashes: Sequence[str]) -> list[int]:
    """For each content in turn, how often this run has met it, this time included (1, 2, …).

    The count is kept in the database, so that memory stays flat however long the run.
    """
    counts: dict[str, int] = {}
    for content in hashes:
        counts[content] = counts.get(content, 0) + 1
    before = dict.fromkeys(counts, 0)
    if run_id is not None and counts:
        ordered = sorted(counts)
        rows = connection.execute(
            text(
                "INSERT INTO geoapp.run_count (run_id, hash, n) "
                "SELECT :run, w.hash, w.n FROM unnest(cast(:hashes AS uuid[]), cast(:counts AS int[])) w(hash, n) "
                "ON CONFLICT (run_id, hash) DO UPDATE SET n = run_count.n + excluded.n "
                "RETURNING encode(uuid_send(hash), 'hex'), n"
            ),
            {"run": run_id, "hashes": ordered, "counts": [counts[content] for content in ordered]},
        )
        before = {content: total - counts[content] for content, total in rows}
    numbers = []
    for content in hashes:
        before[content] += 1
        numbers.append(before[content])
    return numbers


def next_occurrences(connection: Connection, city_id: int, source: str, hashes: Sequence[str]) -> list[int]:
    """For each content in turn, the first occurrence number that no stored report has."""
    last: dict[str, int] = dict.fromkeys(hashes, 0)
    if last:
        rows = connection.execute(
            text(
                "SELECT encode(uuid_send(w.hash), 'hex'), r.n FROM unnest(cast(:hashes AS uuid[])) w(hash) "
                "CROSS JOIN LATERAL (SELECT max(occurrence) AS n FROM geoapp.report r WHERE r.city_id = :city "
                "AND r.source = :source AND r.ref IS NULL AND r.hash = w.hash OFFSET 0) r WHERE r.n IS NOT NULL"
            ),
            {"city": city_id, "source": source, "hashes": list(last)},
        )
        last |= {content: number for content, number in rows}
    numbers = []
    for content in hashes:
        last[content] += 1
        numbers.append(last[content])
    return numbers


def forget_counts(connection: Connection, run_id: int) -> None:
    """A run has ended, or begins another file: its counts are of no more use."""
    connection.execute(text("DELETE FROM geoapp.run_count WHERE run_id = :run"), {"run": run_id})
