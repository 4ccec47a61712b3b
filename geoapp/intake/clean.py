"""A report's words made storable, and the content it is recognised by."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from importers.base import Report

BODY_LIMIT: Final = 20_000
LINE_LIMIT: Final = 500

# Control characters but for tab and line feed, lone surrogates, and the marks that turn text direction about.
_UNWANTED: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufeff]")
_SPACES: Final = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Identified:
    """A clean report and the 128-bit digest of what it says; said_at is always set."""

    report: Report
    said_at: datetime
    hash: UUID


def identify(report: Report, now: datetime | None = None) -> Identified:
    """Clean a report and take the digest of its content (every field but the reference).

    Where the source gives no time, it is said now, and its time is no part of what it says: sent twice, it is the same.
    """
    clean = replace(
        report,
        ref=line(report.ref) or None if report.ref is not None else None,
        body=text(report.body),
        category=line(report.category),
        matter=line(report.matter),
        address=line(report.address),
        unit=line(report.unit),
        unit_name=line(report.unit_name),
        recorded_area=line(report.recorded_area),
        channel=line(report.channel),
    )
    return Identified(clean, clean.said_at or now or datetime.now(UTC), digest(clean))


def text(value: str, limit: int = BODY_LIMIT) -> str:
    """Words of several lines: unwanted characters gone, NFC, ends trimmed, cut at the limit."""
    if value.isascii() and value.isprintable():
        return value.strip()[:limit]
    value = _UNWANTED.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))
    return unicodedata.normalize("NFC", value).strip()[:limit]


def line(value: str, limit: int = LINE_LIMIT) -> str:
    """Words of one line: as text(), and runs of white space made one space."""
    if not value:
        return ""
    value = text(value, limit * 2)
    return (_SPACES.sub(" ", value) if "  " in value or not value.isprintable() else value)[:limit]


def digest(report: Report) -> UUID:
    """128 bits of BLAKE2b over the fields a source speaks with; equal content, equal digest, on every machine."""
    standing, reporter = report.standing, report.reporter
    said = "" if report.said_at is None else report.said_at.astimezone(UTC).isoformat()
    due = "" if report.due_at is None else report.due_at.astimezone(UTC).isoformat()
    stands = standing and (standing.state, standing.at and standing.at.astimezone(UTC).isoformat(),
                           standing.outcome, standing.note)  # fmt: skip
    fields = (
        said, report.body, report.kind, report.category, report.matter, report.address, report.x, report.y, report.crs,
        report.unit, report.unit_name, report.recorded_area, report.channel, report.urgent, report.public, due,
        stands, reporter and (reporter.name, reporter.phone, reporter.email), report.measured,
    )  # fmt: skip
    content = repr(fields).encode("utf-8", "surrogatepass")
    return UUID(bytes=hashlib.blake2b(content, digest_size=16).digest())
