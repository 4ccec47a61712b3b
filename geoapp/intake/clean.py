"""A report's words made storable, and the content it is recognised by."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from geoapp.intake.redact import redact
from importers.base import Report, Reporter, Standing

BODY_LIMIT: Final = 20_000
LINE_LIMIT: Final = 500

# Control characters but for tab and line feed, lone surrogates, and the marks that turn text direction about.
_UNWANTED: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufeff]")
_SPACES: Final = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Identified:
    """A clean report and the 128-bit digest of what it says; said_at is always set.

    body, address and note (the source's closing words) are what everybody may read: redacted.
    """

    report: Report
    said_at: datetime
    hash: str
    body: str
    address: str
    note: str


def identify(report: Report, now: datetime | None = None) -> Identified:
    """Clean a report and take the digest of its content (every field but the reference).

    Where the source gives no time, it is said now, and its time is no part of what it says: sent twice, it is the same.
    """
    clean = _clean(report)
    return Identified(
        report=clean,
        said_at=clean.said_at or now or datetime.now(UTC),
        hash=digest(clean),
        body=redact(clean.body),
        address=redact(clean.address),
        note=_redacted_note(clean.standing.note) if clean.standing and clean.standing.note else "",
    )


# A source closes with the same few sentences; people never say the same thing twice, so only notes are remembered.
_redacted_note = lru_cache(maxsize=4096)(redact)


def _clean(report: Report) -> Report:
    ref = None if report.ref is None else line(report.ref) or None
    body, address = text(report.body), line(report.address)
    category, matter = line(report.category), line(report.matter)
    unit, unit_name = line(report.unit), line(report.unit_name)
    area, channel = line(report.recorded_area), line(report.channel)
    crs, standing, reporter = line(report.crs), _standing(report.standing), _reporter(report.reporter)
    measured = tuple((line(name), value, line(unit)) for name, value, unit in report.measured)
    words = (ref, body, address, category, matter, unit, unit_name, area, channel, crs, measured)
    given = (report.ref, report.body, report.address, report.category, report.matter, report.unit, report.unit_name,
             report.recorded_area, report.channel, report.crs, report.measured)  # fmt: skip
    if words == given and standing is report.standing and reporter is report.reporter:
        # Most come clean, and to build a report anew costs more than all the looking.
        return report
    return replace(
        report, ref=ref, body=body, address=address, category=category, matter=matter, unit=unit,
        unit_name=unit_name, recorded_area=area, channel=channel,
        crs=crs, standing=standing, reporter=reporter, measured=measured,
    )  # fmt: skip


def _standing(standing: Standing | None) -> Standing | None:
    note = text(standing.note) if standing else ""
    return standing if standing is None or note == standing.note else replace(standing, note=note)


def _reporter(reporter: Reporter | None) -> Reporter | None:
    if reporter is None:
        return None
    clean = Reporter(line(reporter.name), line(reporter.phone), line(reporter.email))
    return reporter if clean == reporter else clean


def text(value: str, limit: int = BODY_LIMIT) -> str:
    """Words of several lines: unwanted characters gone, NFC, ends trimmed, cut at the limit."""
    if not value:
        return value
    if value.isascii() and value.isprintable():
        return value.strip()[:limit].rstrip()
    value = _UNWANTED.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))
    return unicodedata.normalize("NFC", value).strip()[:limit].rstrip()


def line(value: str, limit: int = LINE_LIMIT) -> str:
    """Words of one line: as text(), and runs of white space made one space."""
    if not value:
        return ""
    value = text(value, limit * 2)
    return (_SPACES.sub(" ", value) if "  " in value or not value.isprintable() else value)[:limit].rstrip()


def digest(report: Report) -> str:
    """128 bits of BLAKE2b, in hexadecimal, over the fields a source speaks with; the same on every machine."""
    standing, reporter = report.standing, report.reporter
    said = "" if report.said_at is None else _utc(report.said_at)
    due = "" if report.due_at is None else _utc(report.due_at)
    stands = standing and (standing.state, standing.at and _utc(standing.at),
                           standing.outcome, standing.note)  # fmt: skip
    fields = (
        said, report.body, report.kind, report.category, report.matter, report.address, report.x, report.y, report.crs,
        report.unit, report.unit_name, report.recorded_area, report.channel, report.urgent, report.public, due,
        stands, reporter and (reporter.name, reporter.phone, reporter.email), report.measured,
    )  # fmt: skip
    content = repr(fields).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def _utc(moment: datetime) -> str:
    return str(moment if moment.tzinfo is UTC else moment.astimezone(UTC))
