"""Which public ticket a source's own reference leads to."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, text


def numbers(connection: Connection, city_id: int, source: str, refs: Sequence[str]) -> dict[str, str]:
    """The number of the public ticket that each reference of a source has opened or told of."""
    rows = connection.execute(
        text(
            # Looked up one by one by its key, as store/known.py explains.
            "SELECT w.ref, k.number FROM unnest(cast(:refs AS text[])) w(ref) CROSS JOIN LATERAL ("
            "SELECT r.ticket_id FROM geoapp.report r WHERE r.city_id = :city AND r.source = :source AND r.ref = w.ref "
            "AND r.ticket_id IS NOT NULL ORDER BY r.id LIMIT 1) r "
            "CROSS JOIN LATERAL (SELECT number FROM geoapp.ticket k WHERE k.id = r.ticket_id AND k.public OFFSET 0) k"
        ),
        {"city": city_id, "source": source, "refs": sorted(set(refs))},
    )
    return {ref: number for ref, number in rows}
