"""The table of moves: which state a ticket may leave for which other, by whom, and what that needs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from geoapp.errors import BadMove


class State(StrEnum):
    """Where a ticket (工单) stands."""

    REGISTERED = "registered"  # 已登记
    TO_DISPATCH = "to_dispatch"  # 待分拨
    TO_SIGN = "to_sign"  # 待签收
    DISPUTED = "disputed"  # 争议中
    IN_HAND = "in_hand"  # 办理中
    SHELVED = "shelved"  # 挂账
    TO_CHECK = "to_check"  # 待核查
    SETTLED = "settled"  # 已办结
    CLOSED = "closed"  # 已归档
    DECLINED = "declined"  # 不予受理
    MERGED = "merged"  # 并案
    WITHDRAWN = "withdrawn"  # 撤回


class LeadState(StrEnum):
    """Where a lead (线索) stands before it becomes a ticket."""

    FOUND = "found"  # 发现
    CHECKING = "checking"  # 核实中
    FILED = "filed"  # 已立案
    DROPPED = "dropped"  # 不立案


class Outcome(StrEnum):
    """What came of it; None while nothing has, or where the source does not say."""

    REPAIRED = "repaired"  # 已修复
    EXPLAINED = "explained"  # 解释说明
    ADOPTED = "adopted"  # 采纳
    DECLINED = "declined"  # 不予受理
    MERGED = "merged"  # 并案


class Kind(StrEnum):
    """What a report is."""

    INQUIRY = "inquiry"  # 咨询
    HELP = "help"  # 求助
    COMPLAINT = "complaint"  # 投诉
    DENUNCIATION = "denunciation"  # 举报
    SUGGESTION = "suggestion"  # 建议
    LEAD = "lead"  # 线索


ENDED: Final = frozenset({State.CLOSED, State.DECLINED, State.MERGED, State.WITHDRAWN})
SETTLED: Final = ENDED | {State.SETTLED}
OPEN: Final = frozenset(State) - SETTLED


@dataclass(frozen=True, slots=True)
class Move:
    """One line of the table: from any of `sources` to `target`, by one of `who`, with all of `needs` given."""

    name: str
    sources: frozenset[State]
    target: State
    who: frozenset[str]
    needs: frozenset[str] = frozenset()


def _move(name: str, sources: str, target: State, who: str, needs: str = "") -> Move:
    return Move(
        name,
        frozenset(State(s) for s in sources.split()),
        target,
        frozenset(who.split()),
        frozenset(needs.split()),
    )


def _all_but(state: State) -> str:
    return " ".join(other for other in State if other != state)


MOVES: Final = (
    _move("queue", "registered", State.TO_DISPATCH, "system call_taker dispatcher"),
    _move("decline", "registered to_dispatch", State.DECLINED, "call_taker dispatcher", "reason"),
    _move("merge", "registered to_dispatch to_sign in_hand", State.MERGED, "system dispatcher", "into"),
    _move("withdraw", "registered to_dispatch to_sign in_hand", State.WITHDRAWN, "citizen"),
    _move("dispatch", "to_dispatch", State.TO_SIGN, "system dispatcher", "unit"),
    _move("sign", "to_sign", State.IN_HAND, "unit"),
    _move("return", "to_sign", State.TO_DISPATCH, "dispatcher", "reason proposal"),
    _move("dispute", "to_sign", State.DISPUTED, "dispatcher", "reason proposal"),
    _move("delegate", "to_sign", State.TO_SIGN, "unit", "unit"),
    _move("rule", "disputed", State.TO_SIGN, "adjudicator", "unit reason"),
    _move("extend", "in_hand", State.IN_HAND, "supervisor", "due reason"),
    _move("contact", "in_hand", State.IN_HAND, "unit"),
    # Time stands only while a supervisor agrees that whoever reported it has to say more (待补充).
    _move("pause", "in_hand", State.IN_HAND, "supervisor", "reason"),
    _move("supply", "in_hand", State.IN_HAND, "system call_taker unit"),
    _move("shelve", "in_hand", State.SHELVED, "supervisor", "review plan"),
    _move("resume", "shelved", State.IN_HAND, "system supervisor"),
    _move("submit", "in_hand", State.TO_CHECK, "unit crew", "result"),
    _move("pass", "to_check", State.SETTLED, "supervisor field_checker", "outcome"),
    _move("fail", "to_check", State.IN_HAND, "supervisor field_checker", "reason"),
    _move("archive", "settled", State.CLOSED, "system visitor"),
    _move("redo", "settled", State.IN_HAND, "system visitor citizen", "reason"),
    _move("reopen", "closed", State.IN_HAND, "citizen", "reason"),
    # A source that keeps its own lifecycle (an imported 311 system) is mirrored as it speaks;
    # only such a source may jump, and its move says so by name.
    *(_move(f"mirror_{state}", _all_but(state), state, "source") for state in State),
)

_BY_NAME: Final = {move.name: move for move in MOVES}


def move(name: str, state: State, who: str, given: frozenset[str] = frozenset()) -> State:
    """The state a ticket comes to by the named move.

    Raises:
        BadMove: there is no such move, not from this state, not by this role, or something needed is missing.
    """
    line = _BY_NAME.get(name)
    if line is None or state not in line.sources:
        raise BadMove(f"{name} from {state}")
    if who not in line.who:
        raise BadMove(f"{name} by {who}")
    if missing := line.needs - given:
        raise BadMove(f"{name} needs {', '.join(sorted(missing))}")
    return line.target


MIRROR: Final = {state: f"mirror_{state}" for state in State}
"""The move by which a source's own word on a state is followed."""
