"""What is private, read by key; the question that reads it is the one that notes who looked, when and why.

Nothing here can be read without a note: `_looked` makes one statement of both. The transaction must act as somebody who
reads that city's private data (store/acting.py), else there is nothing to see and nothing to note.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, TextClause, text


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who said it, and how to reach them."""

    report_id: int
    name: str
    phone: str
    email: str


@dataclass(frozen=True, slots=True)
class Original:
    """The words as they came."""

    report_id: int
    body: str
    address: str


@dataclass(frozen=True, slots=True)
class Post:
    """Where a lead was published."""

    report_id: int
    link: str
    about: str
    pictures: Any


@dataclass(frozen=True, slots=True)
class Look:
    """One look at private data, as the log tells it."""

    at: datetime
    login: str | None
    name: str | None
    report_id: int
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class About:
    """What rights ask of a report: its city, its kind, whose its ticket is and where it lies."""

    city_id: int
    kind: str
    ticket_id: int | None
    units: tuple[tuple[int, ...], ...]
    earlier: tuple[tuple[int, ...], ...]
    area_keys: frozenset[int]


def _looked(what: str, columns: str) -> TextClause:
    """The statement that reads a private table by key, and notes each row it has read."""
    return text(
        f"WITH seen AS (SELECT report_id, city_id, {columns} FROM private.{what} WHERE report_id = ANY(:reports)), "
        "noted AS (INSERT INTO private.look (city_id, account_id, report_id, what, why) "
        f"SELECT city_id, nullif(current_setting('geoapp.account', true), '')::integer, report_id, '{what}', :why "
        f"FROM seen) SELECT report_id, {columns} FROM seen ORDER BY report_id"
    )


_REPORTER: Final = _looked("reporter", "name, phone, email")
_ORIGINAL: Final = _looked("original", "body, address")
_POST: Final = _looked("post", "link, about, pictures")


def reporters(connection: Connection, report_ids: Sequence[int], why: str) -> list[Reporter]:
    """Who said these."""
    return [Reporter(*row) for row in connection.execute(_REPORTER, _asked(report_ids, why))]


def originals(connection: Connection, report_ids: Sequence[int], why: str) -> list[Original]:
    """The words of these as they came; of those whose words redaction left alone there is nothing."""
    return [Original(*row) for row in connection.execute(_ORIGINAL, _asked(report_ids, why))]


def posts(connection: Connection, report_ids: Sequence[int], why: str) -> list[Post]:
    """Where these leads were published."""
    return [Post(*row) for row in connection.execute(_POST, _asked(report_ids, why))]


def _asked(report_ids: Sequence[int], why: str) -> Mapping[str, Any]:
    return {"reports": list(report_ids), "why": why}


def about(connection: Connection, report_id: int) -> About | None:
    """What rights ask of a report; None where there is none such."""
    row = connection.execute(_ABOUT, {"report": report_id}).one_or_none()
    if row is None:
        return None
    now, earlier = ([tuple(line) for past, line in row.lines if past == then] for then in (False, True))
    return About(row.city_id, row.kind, row.ticket_id, tuple(now), tuple(earlier), frozenset(row.area_keys or ()))


# Whoever handles the ticket now, whoever is sent along, and every unit it was ever with: who denounced stays hidden
# from a unit that has passed the case on, too.
_ABOUT: Final = text("""
    SELECT r.city_id, CASE WHEN 'denunciation' IN (r.kind, k.kind) THEN 'denunciation' ELSE r.kind END AS kind,
           k.id AS ticket_id, k.area_keys, (
        SELECT coalesce(
            jsonb_agg(jsonb_build_array(w.rank = 2, geoapp.unit_line(w.unit)) ORDER BY w.rank, w.unit), '[]') FROM (
            SELECT unit, min(rank) AS rank FROM (
                SELECT k.unit_id, 0
                UNION ALL SELECT r.unit_id, 1
                UNION ALL SELECT unnest(p.assisting || p.unit_id), 1 FROM geoapp.repair p WHERE p.ticket_id = k.id
                UNION ALL SELECT u.id, 2 FROM geoapp.event e JOIN geoapp.unit u ON u.city_id = k.city_id
                    AND e.codes ->> 'unit' IN (u.code, u.id::text) WHERE e.ticket_id = k.id AND e.codes ? 'unit'
            ) found (unit, rank) WHERE unit IS NOT NULL GROUP BY unit
        ) w
    ) AS lines
    FROM geoapp.report r LEFT JOIN geoapp.ticket k ON k.id = r.ticket_id WHERE r.id = :report
""")


def looks(connection: Connection, city_id: int, *, report_id: int | None = None, most: int = 200) -> list[Look]:
    """The latest looks in a city, of one report where it is named; the transaction must read that city's log."""
    query = text(
        "SELECT k.at, a.login, a.name, k.report_id, k.what, k.why FROM private.look k "
        "LEFT JOIN private.account a ON a.id = k.account_id WHERE k.city_id = :city "
        "AND (cast(:report AS bigint) IS NULL OR k.report_id = :report) ORDER BY k.at DESC, k.id DESC LIMIT :most"
    )
    return [Look(*row) for row in connection.execute(query, {"city": city_id, "report": report_id, "most": most})]
