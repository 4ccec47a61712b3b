"""A report's words made storable, and the content it is recognised by."""

from __future__ import annotations

import hashlib
import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from sys import intern
from typing import Any, Final

from geoapp.intake.redact import redact
from geoapp.lifecycle import OPEN, State
from geoapp.tickets.cases import COLUMNS, Moment, Statements
from importers.base import Report, Reporter, RowError, Standing

BODY_LIMIT: Final = 20_000
"""The most characters of a body that are shown; the whole is kept with the private originals."""

LINE_LIMIT: Final = 500
NAME_LIMIT: Final = 200
"""The longest name of a category, matter or unit: names are keys, and keys are indexed."""

WHOLE_LIMIT: Final = 1 << 20
LINK_LIMIT: Final = 2000
MOST_PICTURES: Final = 50
RECORDED: Final = "recorded"

# Control characters but for tab and line feed, lone surrogates, and the marks that turn text direction about.
_UNWANTED: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufeff]")
_SPACES: Final = re.compile(r"\s+")


def check(report: Report) -> None:
    """Refuse what could only be kept cut: a reference or a name too long, a measure that is no number.

    Raises:
        RowError: too_long, bad_number.
    """
    if report.ref and len(report.ref) > LINE_LIMIT:
        raise RowError("too_long", f"the reference has {len(report.ref)} characters")
    for name in ("category", "matter", "unit", "unit_name", "recorded_area", "channel", "crs"):
        if len(getattr(report, name)) > NAME_LIMIT:
            raise RowError("too_long", f"{name} has {len(getattr(report, name))} characters")
    for what, value, _unit in report.measured:
        if not math.isfinite(value):
            raise RowError("bad_number", f"{what} {value}")


def identify(reports: Sequence[Report], now: datetime | None = None) -> Statements:
    """Reports made clean, each with the digest of its content (every field but the reference).

    Where the source gives no time, it is said now, and its time is no part of what it says: sent twice, it is the same.
    """
    clean = [_clean(report) for report in reports]
    rows = [_row(report, now) for report in clean]
    columns = zip(*rows, strict=True) if rows else iter([()] * len(COLUMNS))
    found: dict[str, Any] = dict(zip(COLUMNS, map(list, columns), strict=True))
    words = enumerate(zip(clean, found["body"], found["address"], strict=True))
    return Statements(
        **found,
        reporters={at: report.reporter for at, report in enumerate(clean) if report.reporter},
        originals={
            at: (report.body, report.address)
            for at, (report, body, address) in words
            if body is not report.body or address is not report.address
        },
        measured={at: report.measured for at, report in enumerate(clean) if report.measured},
        posts={
            at: (report.link, report.pictures, report.about)
            for at, report in enumerate(clean)
            if report.link or report.pictures or report.about
        },
        pins={at: report.pin for at, report in enumerate(clean) if report.pin != RECORDED},
    )


def _row(report: Report, now: datetime | None) -> tuple[Any, ...]:
    """One report's values in the order of COLUMNS."""
    standing = report.standing
    given = moment(report.said_at) if report.said_at else None
    due = moment(report.due_at) if report.due_at else None
    acted = moment(standing.at) if standing and standing.at else None
    content = _digest(report, given, due, acted)
    said = given or moment(now or datetime.now(UTC))
    state, outcome = (State.REGISTERED.value, None) if standing is None else (standing.state, standing.outcome)
    note = _redacted_note(standing.note) if standing and standing.note else ""
    body, address = _cut(redact(report.body), BODY_LIMIT), _cut(redact(report.address), LINE_LIMIT)
    return (
        report.ref, content, said, report.kind, public_name(report.category), public_name(report.matter), body, address,
        note, report.x, report.y, report.crs, public_name(report.unit), public_name(report.unit_name),
        public_name(report.recorded_area), public_name(report.channel), report.urgent, report.public, due,
        state, None if state in _OPEN else outcome, max(acted, said) if acted else said, standing is not None,
        acted is not None,
    )  # fmt: skip


def _cut(words: str, limit: int) -> str:
    return words if len(words) <= limit else words[:limit].rstrip()


_OPEN: Final = frozenset(state.value for state in OPEN)

# A source closes with the same few sentences; people never say the same thing twice, so only notes are remembered.
_redacted_note = lru_cache(maxsize=4096)(redact)


@lru_cache(maxsize=4096)
def public_name(words: str) -> str:
    """A source's word for a matter, a unit, an area, a channel: few, and public, so nobody's number may be in it."""
    return intern(redact(words))


def _clean(report: Report) -> Report:
    ref = None if report.ref is None else line(report.ref) or None
    body, address = text(report.body, WHOLE_LIMIT), line(report.address, WHOLE_LIMIT)
    category, matter = line(report.category, NAME_LIMIT), line(report.matter, NAME_LIMIT)
    unit, unit_name = line(report.unit, NAME_LIMIT), line(report.unit_name, NAME_LIMIT)
    area, channel = line(report.recorded_area, NAME_LIMIT), line(report.channel, NAME_LIMIT)
    crs, standing, reporter = line(report.crs), _standing(report.standing), _reporter(report.reporter)
    measured = tuple((line(name), value, line(unit)) for name, value, unit in report.measured)
    link, about = line(report.link, LINK_LIMIT), line(report.about)
    pictures = tuple(line(picture, LINK_LIMIT) for picture in report.pictures[:MOST_PICTURES])
    words = (ref, body, address, category, matter, unit, unit_name, area, channel, crs, measured, link, pictures, about)
    given = (report.ref, report.body, report.address, report.category, report.matter, report.unit, report.unit_name,
             report.recorded_area, report.channel, report.crs, report.measured, report.link, report.pictures,
             report.about)  # fmt: skip
    if words == given and standing is report.standing and reporter is report.reporter:
        # Most come clean, and to build a report anew costs more than all the looking.
        return report
    return replace(
        report, ref=ref, body=body, address=address, category=category, matter=matter, unit=unit,
        unit_name=unit_name, recorded_area=area, channel=channel,
        crs=crs, standing=standing, reporter=reporter, measured=measured, link=link, pictures=pictures, about=about,
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
    said, due = report.said_at, report.due_at
    acted = report.standing.at if report.standing else None
    return _digest(
        report, moment(said) if said else None, moment(due) if due else None, moment(acted) if acted else None
    )


def _digest(report: Report, said: Moment | None, due: Moment | None, acted: Moment | None) -> str:
    standing, reporter = report.standing, report.reporter
    fields: tuple[Any, ...] = (
        said or "", report.body, report.kind, report.category, report.matter, report.address, report.x, report.y,
        report.crs, report.unit, report.unit_name, report.recorded_area, report.channel, report.urgent, report.public,
        due or "", standing and (standing.state, acted, standing.outcome, standing.note),
        reporter and (reporter.name, reporter.phone, reporter.email), report.measured,
    )  # fmt: skip
    if report.link or report.about:
        # Only where there are any: reports stored before these fields were keep their digests. Pictures are left out:
        # platforms sign their addresses anew each time one looks.
        fields = (*fields, report.link, report.about)
    if report.pin != RECORDED:
        fields = (*fields, report.pin)
    content = repr(fields).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def moment(time: datetime) -> Moment:
    """An aware time as the columns hold it."""
    return str(time if time.tzinfo is UTC else time.astimezone(UTC))
