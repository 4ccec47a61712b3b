"""What has become of reports, kept apart from what they say: the truth by which a rehearsal goes on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from geoapp.lifecycle import Outcome, State
from importers.base import Report


@dataclass(frozen=True, slots=True)
class Again:
    """Somebody was not satisfied: when it had been settled, when it was asked for again, and why."""

    settled_at: datetime
    at: datetime
    reason: str = "not_done"
    stars: tuple[int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class Word:
    """What was said of the work in the end: when, and how it was rated (speed, effect, service)."""

    at: datetime
    stars: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Became:
    """What became of a report: whose it was, where it stands and since when, and what came of it.

    at None: its source does not say since when. again are the times it was done again before it was settled for good;
    word is what was said then, None where nobody said anything; into is the reference of what it was joined with.
    """

    unit: str
    unit_name: str = ""
    state: str = State.REGISTERED.value
    at: datetime | None = None
    outcome: str | None = None
    again: tuple[Again, ...] = ()
    word: Word | None = None
    into: str = ""

    @property
    def result(self) -> str:
        """What the unit reports as done: whatever was not repaired or adopted was explained."""
        done = (Outcome.REPAIRED.value, Outcome.ADOPTED.value)
        return self.outcome if self.outcome in done else Outcome.EXPLAINED.value


@dataclass(frozen=True, slots=True)
class Told:
    """A report as it was said, and what became of it."""

    report: Report
    became: Became


def apart(report: Report) -> Told:
    """A source's report, and what the source says of its unit, its state and what it promised, taken out of it."""
    standing = report.standing
    said = replace(report, unit="", unit_name="", standing=None, due_at=None)
    if standing is None:
        return Told(said, Became(report.unit, report.unit_name))
    return Told(said, Became(report.unit, report.unit_name, standing.state, standing.at, standing.outcome))
