"""The consultation list (职责协商清单): gaps between duties, written for whoever goes through them, and closed."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Final

from sqlalchemy import Connection

from geoapp.city import City, called
from geoapp.errors import BadField
from geoapp.people import sheets
from geoapp.people.sheets import Sheet
from geoapp.store import disputes
from geoapp.store.disputes import Gap

LONGEST: Final = 500
MOST: Final = 20_000

_HEADINGS: Final = {
    "zh": ("编号", "工单", "提出时间", "事项编码", "事项", "涉及单位", "缘由", "办结时间", "协商结果"),
    "en": ("Number", "Ticket", "Raised", "Matter code", "Matter", "Units concerned", "Why", "Closed", "Decided"),
}
_NAME: Final = {"zh": "职责协商清单", "en": "Consultation"}


def close(connection: Connection, city: City, gap: int, decision: str, actor: str) -> bool:
    """A gap is closed with what was decided; False where there is none such that is open.

    Raises:
        BadField: nothing is said, or too much.
    """
    words = " ".join(decision.split())
    if not words or len(words) > LONGEST:
        raise BadField("decision", fields={"decision": "missing" if not words else "too_long"})
    return disputes.settle(connection, city.id, gap, words, actor, datetime.now(UTC))


def workbook(connection: Connection, city: City, language: str) -> bytes:
    """The list as an Excel file, the latest first."""
    return sheets.workbook([_sheet(connection, city, language)])


def text(connection: Connection, city: City, language: str) -> bytes:
    """The same as CSV."""
    return sheets.text(_sheet(connection, city, language))


def _sheet(connection: Connection, city: City, language: str) -> Sheet:
    found = disputes.gaps(connection, city.id, most=MOST)
    return Sheet(_NAME[language], _HEADINGS[language], [_row(one, city.zone, language) for one in found])


def _row(one: Gap, zone: tzinfo, language: str) -> tuple[str, ...]:
    settled = f"{one.settled_at.astimezone(zone):%Y-%m-%d %H:%M}" if one.settled_at else ""
    units = (called(dict(names), language, code) for code, names in one.units)
    return (
        str(one.id), one.ticket, f"{one.made_at.astimezone(zone):%Y-%m-%d %H:%M}", one.matter or "",
        called(dict(one.matter_names or {}), language, ""), ("、" if language == "zh" else ", ").join(units),
        one.note or "", settled, one.decision or "",
    )  # fmt: skip
