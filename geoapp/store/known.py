"""What is known already of the reports of a batch: which were seen, and how often this run has met a content."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
_COLUMNS = "r.id, encode(uuid_send(r.hash), 'hex'), r.ticket_id, k.number, r.receipt, r.problem"


def by_ref(connection: Connection, city_id: int, source: str, refs: Sequence[str]) -> dict[str, list[Known]]:
    """The stored reports under these references, oldest first."""
    found: dict[str, list[Known]] = {}
    if refs:
        rows = connection.execute(
            text(
                # A join and not = ANY: of a large array that is compared one by one when it meets a sequential scan.
                f"SELECT r.ref, {_COLUMNS} FROM unnest(cast(:refs AS text[])) w(ref) "
                "JOIN geoapp.report r ON r.city_id = :city AND r.source = :source AND r.ref = w.ref "
                "LEFT JOIN geoapp.ticket k ON k.id = r.ticket_id ORDER BY r.id"
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
            f"JOIN geoapp.report r ON r.city_id = :city AND r.source = :source AND r.ref IS NULL "
            "AND r.hash = w.hash AND r.occurrence = w.n LEFT JOIN geoapp.ticket k ON k.id = r.ticket_id"
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


def forget_counts(connection: Connection, run_id: int) -> None:
    """A run has ended: its counts are of no more use."""
    connection.execute(text("DELETE FROM geoapp.run_count WHERE run_id = :run"), {"run": run_id})
