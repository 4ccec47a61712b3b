"""What is private, read by key; the question that reads it is the one that notes who looked, when and why.

Nothing here can be read without a note: `_looked` makes one statement of both. The transaction says as whom it acts
(store/acting.py); the database decides whether that one reads this report (store/wall_rules.py), else there is nothing
to see and nothing to note. Only people/looking.py asks here: it has the note on the disk before anybody sees the row.
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
    """One look at private data, as the log tells it; refused: somebody tried, and saw nothing."""

    at: datetime
    login: str
    name: str
    report_id: int
    what: str
    why: str
    refused: bool
    id: int
    ticket: str | None
    public: bool


@dataclass(frozen=True, slots=True)
class About:
    """What rights ask of a report: its city, its kind, whose its ticket is and where it lies.

    account_id: the transaction's own account, where it filed the report; of nobody else it is told.
    """

    city_id: int
    kind: str
    ticket_id: int | None
    units: tuple[tuple[int, ...], ...]
    earlier: tuple[tuple[int, ...], ...]
    area_keys: frozenset[int]
    account_id: int | None = None


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
    areas = frozenset(row.area_keys)
    return About(row.city_id, row.kind, row.ticket_id, tuple(now), tuple(earlier), areas, row.account_id)


_ABOUT: Final = text("""
    SELECT a.city_id, a.kind, a.ticket_id, a.area_keys, (
        SELECT coalesce(
            jsonb_agg(jsonb_build_array(w.rank = 2, geoapp.unit_line(w.unit)) ORDER BY w.rank, w.unit), '[]')
        FROM geoapp.units_of_report(:report, true) w
    ) AS lines, (
        SELECT f.account_id FROM private.filed f
        WHERE f.report_id = :report AND f.account_id = nullif(current_setting('geoapp.account', true), '')::integer
    ) AS account_id
    FROM geoapp.about_report(:report) a
""")


def opens(connection: Connection, report_id: int) -> bool:
    """Whether the database lets the transaction read what is private of a report."""
    return bool(connection.execute(text("SELECT private.may_read(:report)"), {"report": report_id}).scalar_one())


def note_refused(connection: Connection, city_id: int, report_id: int, what: str, why: str) -> None:
    """Note that the transaction's own account would have looked, and was not let."""
    connection.execute(_REFUSED, {"city": city_id, "report": report_id, "what": what, "why": why})


_REFUSED: Final = text(
    "INSERT INTO private.look (city_id, account_id, report_id, what, why, refused) "
    "VALUES (:city, nullif(current_setting('geoapp.account', true), '')::integer, :report, :what, :why, true)"
)


def looks(
    connection: Connection, city_id: int, *, report_id: int | None = None, login: str = "",
    before: int | None = None, most: int = 200, played: bool = False,
) -> list[Look]:  # fmt: skip
    """The latest looks in a city, of one report or one login where it is named, before the one named, of those who
    play a part in a demo alone where that is said; none for whoever may not see that city's log."""
    query = text(
        "SELECT * FROM private.looks_in(cast(:city AS smallint), cast(:report AS bigint), cast(:login AS text), "
        "cast(:before AS bigint), cast(:played AS boolean), cast(:most AS integer))"
    )
    values = {
        "city": city_id, "report": report_id, "login": login or None, "before": before, "played": played, "most": most,
    }  # fmt: skip
    return [Look(*row) for row in connection.execute(query, values)]
