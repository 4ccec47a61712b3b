"""How a ticket goes on in a rehearsal: the moves that lead from where it was opened to what became of it, and when.

What its source does not say is done by a rule: everybody acts once half of their time has gone, by the clocks of
assign.clocks; who has it wrongly says so then, and after half as long again it is taken back. Where it was over before
that, all these moves come as much sooner as they must. It is reported done, found good and settled when its source
says that it was; nobody is told to have been quicker, or slower, than is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from geoapp.assign.clocks import LINES, Clock, minutes_of
from geoapp.intake.became import Again, Became
from geoapp.lifecycle import State

STARS: Final = ("speed", "effect", "service")
REVIEWED_AFTER: Final = timedelta(days=40)
"""What is put on hold is looked at again after so long."""

_WAITS: Final = frozenset({State.TO_SIGN, State.DISPUTED})
"""Where a source says that nobody has signed for it yet; one that says less may have had somebody all along."""

_DONE: Final = frozenset({State.SETTLED, State.CLOSED, State.DECLINED, State.WITHDRAWN})
OVER: Final = _DONE | {State.MERGED, State.TO_CHECK, State.SHELVED}
"""Where a source says since when: what has come so far was done then."""


@dataclass(frozen=True, slots=True)
class Begun:
    """Where a ticket was left when it was opened, and whose it then was; times are its matter's own."""

    said_at: datetime
    state: str
    unit: str
    urgent: bool = False
    times: Mapping[str, int] = field(default_factory=dict)

    def half(self, clock: Clock) -> timedelta:
        """Half of the time that a clock gives."""
        return timedelta(minutes=minutes_of(LINES[clock], self.urgent, self.times)) / 2


@dataclass(frozen=True, slots=True)
class Step:
    """One move to be made: given are its codes, unit the code of whom the ticket has from then on.

    satisfied: what is said with it of the work; None where nothing is.
    """

    at: datetime
    name: str
    who: str
    given: Mapping[str, Any] = field(default_factory=dict)
    unit: str = ""
    satisfied: bool | None = None


def course(begun: Begun, became: Became) -> list[Step]:
    """The moves in their order; as far as what is known of it leads."""
    # What is closed before it is said, as some sources have it, is over as soon as it is said.
    over = max(became.at, begun.said_at) if became.at and became.state in OVER else None
    if became.state == State.TO_DISPATCH and begun.state != State.TO_SIGN:
        # Nobody has got round to it: what no list has sent waits still.
        return _early(begun, became)[:1] if begun.state == State.REGISTERED else []
    early = _in_time_for(_early(begun, became), begun.said_at, _first_end(became, over))
    if became.state in _WAITS:
        early = [step for step in early if step.name != "sign"]
    if not early:
        return []
    contact = _contact(begun, early, _first_end(became, over))
    return [*early, *contact, *_end(begun, became, over)]


def _first_end(became: Became, over: datetime | None) -> datetime | None:
    """When it was done for the first time."""
    return became.again[0].settled_at if became.again else over


def _early(begun: Begun, became: Became) -> list[Step]:
    """From where it was opened until the right unit has signed for it, by the rule."""
    at, found = begun.said_at, []
    unit = became.unit or begun.unit
    if not unit:
        return []
    if begun.state == State.REGISTERED:
        found.append(Step(at, "queue", "call_taker"))
    if begun.unit != unit and begun.state == State.TO_SIGN:
        asked = at + begun.half(Clock.SIGN)
        at = asked + begun.half(Clock.SIGN) / 2
        given = {"reason": "not_ours", "proposal": unit}
        found += [Step(asked, "ask_return", "unit", given), Step(at, "return", "dispatcher", given)]
    if begun.unit != unit or begun.state != State.TO_SIGN:
        at += begun.half(Clock.DISPATCH)
        found.append(Step(at, "dispatch", "dispatcher", {"rule": "by_hand"}, unit))
    return [*found, Step(at + begun.half(Clock.SIGN), "sign", "unit")]


def _in_time_for(steps: list[Step], said_at: datetime, end: datetime | None) -> list[Step]:
    """All as much sooner as they must come for the last to be made by the end."""
    if not steps or end is None or steps[-1].at <= end:
        return steps
    part = (end - said_at) / (steps[-1].at - said_at)
    return [replace(step, at=_second(said_at + (step.at - said_at) * part)) for step in steps]


def _second(at: datetime) -> datetime:
    return at.replace(microsecond=0)


def _contact(begun: Begun, early: list[Step], end: datetime | None) -> list[Step]:
    """Whoever reported it is called, unless it is over by then: what is done is the answer."""
    if not early or early[-1].name != "sign":
        return []
    at = early[-1].at + begun.half(Clock.FIRST_CONTACT)
    return [] if end is not None and at >= end else [Step(at, "contact", "unit")]


def _end(begun: Begun, became: Became, over: datetime | None) -> list[Step]:
    if over is None:
        return []
    if became.state in _DONE:
        return _settled(became, over)
    if became.state == State.MERGED:
        into = {"into": became.into} if became.into else {}
        return [Step(over, "merge", "dispatcher", into)] if into else _settled(became, over)
    if became.state == State.TO_CHECK:
        return [Step(over, "submit", "unit", {"result": became.result})]
    if became.state == State.SHELVED:
        review = (over + REVIEWED_AFTER).date().isoformat()
        owner = became.unit or begun.unit
        return [Step(over, "shelve", "supervisor", {"plan": "yearly_works", "review": review, "owner": owner})]
    return []


def _settled(became: Became, over: datetime) -> list[Step]:
    """Settled as often as it was; who is not satisfied twice has it supervised."""
    found: list[Step] = []
    for nth, one in enumerate(became.again, 1):
        found += [*_done(became, one.settled_at), _not_good(one)]
        if nth == 2:
            found.append(Step(one.at, "supervise", "system", {"reason": "not_satisfied"}))
    found += _done(became, over)
    if became.word is not None:
        given = dict(zip(STARS, became.word.stars, strict=True))
        found.append(Step(became.word.at, "archive", "citizen", given, satisfied=True))
    return found


def _done(became: Became, at: datetime) -> list[Step]:
    return [
        Step(at, "submit", "unit", {"result": became.result}),
        Step(at, "pass", "supervisor", {"outcome": became.result}),
    ]


def _not_good(one: Again) -> Step:
    stars = dict(zip(STARS, one.stars, strict=True)) if one.stars else {}
    return Step(one.at, "redo", "citizen", {"reason": one.reason, **stars}, satisfied=False)
