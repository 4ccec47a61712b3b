"""The table of moves: which state a ticket or a lead may leave for which other, by whom, and what that needs.

Whoever makes a move – a page, the API, the command line, a test – asks this table: for its words, for the fields it
takes, and whether what was given can be used (`read`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, Final, Generic, TypeVar

from geoapp.errors import BadField, BadMove

Words = Mapping[str, str]


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

SILENCE: Final = timedelta(days=7)
"""So long one waits for a word on what was done before a settled ticket is closed."""

REOPEN_WINDOW: Final = timedelta(days=30)
"""So long whoever reported it may open a closed ticket again; later it is a new one, linked to the old."""

RULING: Final = timedelta(hours=24)
"""So long a ruling may take, day and night."""


class Mark(StrEnum):
    """What is laid over a ticket's state while it holds."""

    WORKS = "works"
    AWAITING = "awaiting"
    REMINDED = "reminded"
    SUPERVISED = "supervised"
    LIABLE = "liable"


class FieldKind(StrEnum):
    """What a field of a move holds."""

    TEXT = "text"
    CHOICE = "choice"
    YES = "yes"
    DAY = "day"
    NUMBER = "number"
    AMOUNT = "amount"
    RATING = "rating"
    UNIT = "unit"
    UNITS = "units"
    MATTER = "matter"
    TICKET = "ticket"
    REPORTS = "reports"
    OUTLINE = "outline"
    PHOTO = "photo"


@dataclass(frozen=True, slots=True)
class Field:
    """What a move may be given: its words, whether it must be, and when else it must (another field's value)."""

    name: str
    kind: FieldKind
    names: Words
    needed: bool = False
    longest: int = 0
    choices: Mapping[str, Words] = field(default_factory=dict)
    needed_when: tuple[str, str] | None = None


S = TypeVar("S", State, LeadState)


@dataclass(frozen=True, slots=True)
class Move(Generic[S]):
    """One line of a table: from any of `sources` to `target` (None: it stays where it is), by one of `who`.

    sets, lifts: what it lays over the state, and what it takes away. before_due: only while there is time left.
    """

    name: str
    names: Words
    sources: frozenset[S]
    target: S | None
    who: frozenset[str]
    fields: tuple[Field, ...] = ()
    sets: Mark | None = None
    lifts: frozenset[Mark] = frozenset()
    before_due: bool = False

    @property
    def needs(self) -> frozenset[str]:
        """The fields it cannot be made without."""
        return frozenset(field.name for field in self.fields if field.needed)


def _said(zh: str, en: str) -> Words:
    return {"zh": zh, "en": en}


def _field(name: str, kind: FieldKind, zh: str, en: str, longest: int = 0) -> Field:
    return Field(name, kind, _said(zh, en), longest=longest)


def _choice(name: str, zh: str, en: str, *choices: tuple[str, str, str]) -> Field:
    return Field(name, FieldKind.CHOICE, _said(zh, en), choices={code: _said(z, e) for code, z, e in choices})


def _must(field: Field) -> Field:
    return replace(field, needed=True)


def _called(field: Field, zh: str, en: str) -> Field:
    return replace(field, names=_said(zh, en))


LONGEST_NOTE: Final = 1000

_NOTE: Final = _field("note", FieldKind.TEXT, "说明（公开）", "Note (everybody reads it)", LONGEST_NOTE)
_UNIT: Final = _field("unit", FieldKind.UNIT, "承办单位", "Unit")
_ASSISTING: Final = _field("assisting", FieldKind.UNITS, "协办单位", "Assisting units")
_PHOTO: Final = _field("photo", FieldKind.PHOTO, "现场照片", "Photo")
_PROPOSAL: Final = _field("proposal", FieldKind.UNIT, "建议承办单位", "Unit proposed instead")
_RETURN_WHY: Final = _choice(
    "reason", "退单理由", "Why it is not ours",
    ("not_ours", "不属本单位职责", "not our duty"),
    ("outside_area", "不在本辖区", "outside our area"),
    ("other_owner", "设施权属他人", "the asset is somebody else's"),
    ("wrong_matter", "事项分类有误", "the matter is another"),
    ("unclear", "诉求内容不清", "it is not clear what is meant"),
)  # fmt: skip
_EXTEND_WHY: Final = _choice(
    "reason", "延期理由", "Why more time is needed",
    ("weather", "天气影响", "the weather"),
    ("material", "材料或设备未到", "material or machines are missing"),
    ("permit", "等待审批或协调", "a permit or an agreement is pending"),
    ("large", "工程量大", "the work is larger than thought"),
    ("other", "其他", "something else"),
)  # fmt: skip
_PAUSE_WHY: Final = _choice(
    "reason", "需诉求人补充的内容", "What is missing from whoever reported it",
    ("place", "地点不清", "where it is"),
    ("matter", "诉求不清", "what is meant"),
    ("access", "需诉求人到场配合", "they have to be there"),
)  # fmt: skip
_PLAN: Final = _choice(
    "plan", "处置计划", "What is planned",
    ("yearly_works", "列入年度改造计划", "part of next year's works"),
    ("funding", "落实资金后实施", "once there is money"),
    ("design", "重新设计方案", "to be designed anew"),
    ("joint", "与其他工程合并实施", "together with other works"),
    ("season", "待季节条件具备", "once the season allows it"),
)  # fmt: skip
_REVIEW: Final = _field("review", FieldKind.DAY, "复核日期", "Looked at again on")
_OWNER: Final = _field("owner", FieldKind.UNIT, "责任单位", "Unit that answers for it")
_DUE: Final = _field("due", FieldKind.DAY, "延期至", "New last day")
_RESULT: Final = _choice(
    "result", "办理结果", "What came of it",
    ("repaired", "已修复", "repaired"), ("explained", "解释说明", "explained"), ("adopted", "采纳建议", "adopted"),
)  # fmt: skip
_REDO_WHY: Final = _choice(
    "reason", "不满意的原因", "What is not good",
    ("not_done", "没有解决", "it is not done"),
    ("poor", "质量不好", "it was done badly"),
    ("back", "又坏了", "it is broken again"),
    ("answer", "答复不清楚", "the answer does not answer"),
    ("attitude", "服务态度", "how one was treated"),
)  # fmt: skip
_RATINGS: Final = (
    _field("speed", FieldKind.RATING, "办理速度", "Speed"),
    _field("effect", FieldKind.RATING, "办理效果", "Effect"),
    _field("service", FieldKind.RATING, "服务态度", "Service"),
)
_MATTER: Final = _field("matter", FieldKind.MATTER, "更正为", "The matter it is")
_OTHER_TICKET: Final = _field("other", FieldKind.TICKET, "工单编号", "Ticket number")

_WORKS: Final = (
    _field("start", FieldKind.DAY, "开工日期", "Begins on"),
    _field("end", FieldKind.DAY, "承诺完工日期", "Promised end"),
    _field("hoarding_m", FieldKind.NUMBER, "围挡半径（米）", "Hoarding, radius in metres", 500),
    _field("outline", FieldKind.OUTLINE, "围挡范围", "Hoarding, corners as lon,lat", 100),
    _field("traffic", FieldKind.YES, "有交通疏解方案", "There is a traffic plan"),
    _ASSISTING,
    _field("cost", FieldKind.AMOUNT, "费用（元）", "Cost"),
    _NOTE,
)
_LIABILITY: Final = _field("liability", FieldKind.DAY, "缺陷责任期至", "Liability until")


def _move(
    name: str, words: str, sources: str, target: State | None, who: str, *fields: Field,
    sets: Mark | None = None, lifts: str = "", before_due: bool = False,
) -> Move[State]:  # fmt: skip
    zh, _slash, en = words.partition("/")
    return Move(
        name, _said(zh, en), frozenset(State(s) for s in sources.split()), target, frozenset(who.split()), fields,
        sets, frozenset(Mark(mark) for mark in lifts.split()), before_due,
    )  # fmt: skip


def _all_but(state: State) -> str:
    return " ".join(other for other in State if other != state)


_OPEN: Final = "registered to_dispatch to_sign disputed in_hand shelved to_check"
_EARLY: Final = "registered to_dispatch to_sign in_hand"
_HOUSE: Final = "call_taker dispatcher unit crew supervisor field_checker visitor adjudicator"

MOVES: Final = (
    _move("queue", "受理/Accept", "registered", State.TO_DISPATCH, "system call_taker dispatcher", _NOTE),
    _move(
        "decline", "不予受理/Decline", "registered to_dispatch", State.DECLINED, "call_taker dispatcher",
        _must(_choice(
            "reason", "不予受理的理由", "Why",
            ("not_public", "不属公共设施", "not a public matter"),
            ("elsewhere", "应向其他机关提出", "for another authority"),
            ("no_facts", "没有具体事实", "nothing definite is said"),
            ("in_court", "已进入诉讼、仲裁等程序", "before a court already"),
            ("not_found", "核实不存在", "looked for and not found"),
        )),
        _must(_called(_NOTE, "告知去向（公开）", "Where to go instead (everybody reads it)")),
    ),
    _move(
        "merge", "并案/Join with another", _EARLY, State.MERGED, "system dispatcher",
        _must(replace(_called(_OTHER_TICKET, "并入工单", "Ticket it is joined with"), name="into")), _NOTE,
    ),
    _move("withdraw", "撤回/Withdraw", _EARLY, State.WITHDRAWN, "citizen", _NOTE),
    _move("dispatch", "分拨/Dispatch", "to_dispatch", State.TO_SIGN, "system dispatcher", _must(_UNIT), _ASSISTING,
          _NOTE),
    _move("sign", "签收/Sign for it", "to_sign", State.IN_HAND, "unit", _NOTE, lifts="reminded"),
    _move("ask_return", "申请退单/Ask for a return", "to_sign", None, "unit", _must(_RETURN_WHY), _must(_PROPOSAL),
          _must(_NOTE)),
    _move("return", "同意退单/Agree to the return", "to_sign", State.TO_DISPATCH, "dispatcher", _must(_RETURN_WHY),
          _must(_PROPOSAL), _NOTE),
    _move("dispute", "提请裁决/Put to the adjudicator", "to_sign", State.DISPUTED, "dispatcher", _must(_RETURN_WHY),
          _must(_PROPOSAL), _NOTE),
    _move("delegate", "转派下级/Pass on below", "to_sign", State.TO_SIGN, "unit", _must(_UNIT), _NOTE),
    _move(
        "rule", "裁决/Rule", "disputed", State.TO_SIGN, "adjudicator",
        _must(_called(_UNIT, "首办单位", "Unit that acts first")),
        _must(_choice(
            "reason", "裁决依据", "Ground",
            ("by_list", "责任清单有规定", "the list of duties says so"),
            ("by_asset", "设施权属", "whose asset it is"),
            ("by_area", "属地负责", "in whose area it lies"),
            ("precedent", "参照先例", "as ruled before"),
            ("acts_first", "先办后议", "acts first, duties are talked about later"),
        )),
        _must(_called(_NOTE, "裁决理由（公开）", "Reasons (everybody reads them)")),
    ),
    _move("list_change", "列入清单修订/Put into the next list", "to_sign in_hand shelved to_check settled closed", None,
          "adjudicator", _choice(
              "scope", "适用范围", "Holds for", ("area", "本街道", "this street office"),
              ("city", "全市", "the whole city")), _NOTE),
    _move("consult", "提请编制部门协商/Put on the consultation list", "to_dispatch to_sign disputed in_hand", None,
          "adjudicator dispatcher", _must(replace(_called(_ASSISTING, "涉及单位", "Units concerned"), name="units")),
          _must(_NOTE)),
    _move("assist", "指定协办/Name assisting units", "to_sign in_hand", None, "dispatcher", _must(_ASSISTING), _NOTE),
    _move("contact", "联系诉求人/First contact", "in_hand", None, "unit crew", _NOTE),
    _move("ask_extend", "申请延期/Ask for more time", "in_hand", None, "unit", _must(_DUE), _must(_EXTEND_WHY),
          _must(_called(_NOTE, "阶段性答复（公开）", "Interim answer (everybody reads it)")), before_due=True),
    _move("extend", "批准延期/Give more time", "in_hand", State.IN_HAND, "supervisor", _must(_DUE), _must(_EXTEND_WHY),
          _must(_called(_NOTE, "阶段性答复（公开）", "Interim answer (everybody reads it)")), before_due=True),
    _move("ask_shelve", "申请挂账/Ask to put on hold", "in_hand", None, "unit", _must(_REVIEW), _must(_PLAN),
          _must(_OWNER), _must(_NOTE)),
    _move("shelve", "批准挂账/Put on hold", "in_hand", State.SHELVED, "supervisor", _must(_REVIEW), _must(_PLAN),
          _must(_OWNER), _NOTE),
    _move("ask_pause", "申请暂停计时/Ask to stop the clock", "in_hand", None, "unit", _must(_PAUSE_WHY), _must(_NOTE)),
    # Time stands only while a supervisor agrees that whoever reported it has to say more (待补充).
    _move("pause", "批准暂停计时/Stop the clock", "in_hand", None, "supervisor", _must(_PAUSE_WHY), _NOTE,
          sets=Mark.AWAITING),
    _move("refuse", "不同意延期、暂停或挂账/Refuse time, a stop or hold", "in_hand", None, "supervisor", _must(_NOTE)),
    _move("resume", "恢复办理/Take up again", "shelved", State.IN_HAND, "system supervisor", _NOTE),
    _move(
        "submit", "申请办结/Report it done", "in_hand", State.TO_CHECK, "unit crew", _must(_RESULT),
        replace(_PHOTO, needed_when=("result", "repaired")), _LIABILITY, _NOTE, lifts="works awaiting reminded",
    ),
    _move("pass", "核查通过/Checked: good", "to_check", State.SETTLED, "supervisor field_checker",
          _must(replace(_RESULT, name="outcome")), _PHOTO, _NOTE),
    _move("fail", "核查不通过/Checked: not good", "to_check", State.IN_HAND, "supervisor field_checker", _must(_choice(
        "reason", "不通过的理由", "Why",
        ("not_done", "未完成", "it is not done"), ("poor", "质量不达标", "it was done badly"),
        ("elsewhere", "地点不符", "it was done somewhere else"), ("no_proof", "佐证不足", "nothing shows it"),
    )), _PHOTO, _NOTE),
    _move("archive", "满意，归档/Satisfied: close", "settled", State.CLOSED, "system visitor citizen", *_RATINGS, _NOTE,
          lifts="supervised reminded"),
    _move("redo", "不满意，重办/Not satisfied: do it again", "settled", State.IN_HAND, "system visitor citizen",
          _must(_REDO_WHY), *_RATINGS, _NOTE),
    _move("reopen", "重新打开/Open again", "closed", State.IN_HAND, "citizen", _must(_REDO_WHY), _NOTE),
    # Laid over the state, which stays.
    _move("plan_works", "填报施工计划/Plan works", "disputed in_hand shelved", None, "unit crew", _must(_WORKS[0]),
          _must(_WORKS[1]), *_WORKS[2:]),
    _move("begin_works", "开工/Works begin", "disputed in_hand", None, "unit crew", _must(_WORKS[1]), *_WORKS[2:],
          sets=Mark.WORKS),
    _move("end_works", "完工/Works done", "disputed in_hand shelved", None, "unit crew", _LIABILITY, _WORKS[6], _PHOTO,
          _NOTE, lifts="works"),
    _move("note", "补充说明/Add a note", f"{_OPEN} settled", None, _HOUSE, _must(_NOTE)),
    _move("ask", "要求补充/Ask for more", _EARLY, None, "call_taker dispatcher unit", _must(_NOTE),
          sets=Mark.AWAITING),
    _move("supply", "补充材料/Add what was asked", f"{_EARLY} disputed", None, "citizen call_taker unit", _must(_NOTE),
          lifts="awaiting"),
    _move("remind", "催办/Remind", "to_dispatch to_sign disputed in_hand shelved to_check", None,
          "citizen call_taker dispatcher supervisor", _NOTE, sets=Mark.REMINDED),
    _move("supervise", "督办/Supervise", _OPEN, None, "system supervisor", _NOTE, sets=Mark.SUPERVISED),
    _move("release", "解除督办/End supervision", f"{_OPEN} settled", None, "supervisor", _NOTE, lifts="supervised"),
    _move("urgent", "加急/Make urgent", _OPEN, None, "call_taker dispatcher supervisor", _NOTE),
    _move("not_urgent", "取消加急/No longer urgent", _OPEN, None, "call_taker dispatcher supervisor", _NOTE),
    _move("link", "关联历史工单/Link an older ticket", f"{_OPEN} settled closed", None,
          "system call_taker dispatcher supervisor", _must(_OTHER_TICKET), _NOTE),
    _move("attach_child", "挂接子工单/Attach a child", _OPEN, None, "dispatcher",
          _must(_called(_OTHER_TICKET, "子工单编号", "Number of the child")), _NOTE),
    # Also from what has ended: else a child would have a parent for ever that nobody can move.
    _move("detach_child", "解除子工单/Detach a child", " ".join(State), None, "dispatcher",
          _must(_called(_OTHER_TICKET, "子工单编号", "Number of the child")), _NOTE),
    _move("reclassify", "改派事项/Change the matter", _EARLY, None, "call_taker dispatcher verifier", _must(_MATTER),
          _NOTE),
    _move("split", "拆分工单/Split", _EARLY, None, "system dispatcher",
          _must(_field("reports", FieldKind.REPORTS, "拆出的诉求", "Reports that go", 100)), _NOTE),
    # A source that keeps its own lifecycle (an imported 311 system) is mirrored as it speaks;
    # only such a source may jump, and its move says so by name.
    *(_move(f"mirror_{state}", f"来源：{state}/At the source: {state}", _all_but(state), state, "source")
      for state in State),
)  # fmt: skip


def _lead(name: str, words: str, sources: str, target: LeadState | None, who: str, *fields: Field) -> Move[LeadState]:
    zh, _slash, en = words.partition("/")
    froms = frozenset(LeadState(one) for one in sources.split())
    return Move(name, _said(zh, en), froms, target, frozenset(who.split()), fields)


LEAD_MOVES: Final = (
    _lead("check", "核实/Check", "found", LeadState.CHECKING, "verifier field_checker", _must(_choice(
        "how", "核实方式", "How", ("desk", "后台核实", "at the desk"), ("on_site", "现场核实", "on site"),
    )), _NOTE),
    _lead("file", "立案/File", "found checking", LeadState.FILED, "verifier field_checker", _NOTE),
    _lead("drop", "不立案/Drop", "found checking", LeadState.DROPPED, "verifier field_checker", _must(_choice(
        "reason", "不立案的理由", "Why",
        ("untrue", "情况不属实", "it is not so"), ("mended", "已经修复", "it is mended already"),
        ("known", "已有工单", "there is a ticket already"), ("not_public", "不属公共设施", "not a public matter"),
        ("no_place", "无法确定地点", "nobody can say where"), ("old", "旧闻", "it is old"),
    )), _NOTE),
    _lead("remark", "补充说明/Add a note", "found checking", None, "verifier field_checker", _must(_NOTE)),
)  # fmt: skip

_BY_NAME: Final = {move.name: move for move in MOVES}
_LEADS_BY_NAME: Final = {move.name: move for move in LEAD_MOVES}


def line(name: str) -> Move[State]:
    """The table's line of a move.

    Raises:
        BadMove: there is none of that name.
    """
    if name not in _BY_NAME:
        raise BadMove(name[:40])
    return _BY_NAME[name]


def lead_line(name: str) -> Move[LeadState]:
    """The line of a lead's move.

    Raises:
        BadMove: there is none of that name.
    """
    if name not in _LEADS_BY_NAME:
        raise BadMove(name[:40])
    return _LEADS_BY_NAME[name]


def move(name: str, state: State, who: str, given: frozenset[str] = frozenset()) -> State:
    """The state a ticket comes to by the named move.

    Raises:
        BadMove: there is no such move, not from this state, not by this role, or something needed is missing.
    """
    return _come_to(line(name), state, who, given)


def lead_move(name: str, state: LeadState, who: str, given: frozenset[str] = frozenset()) -> LeadState:
    """The state a lead comes to by the named move.

    Raises:
        BadMove: as move().
    """
    return _come_to(lead_line(name), state, who, given)


def _come_to(found: Move[S], state: S, who: str, given: frozenset[str]) -> S:
    if state not in found.sources:
        raise BadMove(f"{found.name} from {state}")
    if who not in found.who:
        raise BadMove(f"{found.name} by {who}")
    # Words are asked of people, by `read`; an event keeps them apart, and they can be erased.
    if missing := found.needs - given - {"note"}:
        raise BadMove(f"{found.name} needs {', '.join(sorted(missing))}")
    return state if found.target is None else found.target


MIRROR: Final = {state: f"mirror_{state}" for state in State}
"""The move by which a source's own word on a state is followed."""


# What a move is given


@dataclass(frozen=True, slots=True)
class Given:
    """What a move was given, read: codes as its event keeps them, and the one free text there is."""

    codes: Mapping[str, Any]
    note: str


def read(fields: Iterable[Field], said: Mapping[str, str], photo: bool = False) -> Given:
    """What was said of a move's fields, read by the table; photo: one was sent.

    Raises:
        BadField: something is missing, cannot be read or is no field of the move; its fields say what, in a word of
            WRONG each.
    """
    known = {one.name: one for one in fields}
    errors = {name: "unknown" for name in said if name not in known}
    if photo and not any(one.kind is FieldKind.PHOTO for one in known.values()):
        errors["photo"] = "unknown"
    found: dict[str, Any] = {}
    for name, one in known.items():
        word = said.get(name, "").strip()
        if word:
            try:
                found[name] = _READERS[one.kind](one, word)
            except _Unusable as error:
                errors[name] = str(error)
    for name, one in known.items():
        has = photo if one.kind is FieldKind.PHOTO else name in found
        if _is_needed(one, found) and not has:
            errors.setdefault(name, "missing")
    if errors:
        raise BadField(", ".join(f"{name}: {why}" for name, why in errors.items()), fields=errors)
    note = found.pop("note", "")
    return Given({name: value for name, value in found.items() if value is not False}, note)


def _is_needed(one: Field, found: Mapping[str, Any]) -> bool:
    return one.needed or (one.needed_when is not None and found.get(one.needed_when[0]) == one.needed_when[1])


class _Unusable(ValueError):
    """A word that is none of what a field holds; it says which of WRONG that is."""


WRONG: Final = (
    "missing",
    "unknown",
    "too_long",
    "not_a_choice",
    "not_a_day",
    "not_a_number",
    "not_a_rating",
    "not_plain",
)
"""Why a field cannot be used."""

_UNSTORABLE: Final = re.compile("[\0\ud800-\udfff]")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_LONGEST_CODE: Final = 100
_MOST_CODES: Final = 20
_MOST_CORNERS: Final = 100


def _plain(word: str, longest: int) -> str:
    if len(word) > longest:
        raise _Unusable("too_long")
    if _UNSTORABLE.search(word):
        raise _Unusable("not_plain")
    return word


def _one_of(field: Field, word: str) -> str:
    if word not in field.choices:
        raise _Unusable("not_a_choice")
    return word


def _day(_field: Field, word: str) -> str:
    try:
        if not _DAY.fullmatch(word) or not 2000 <= date.fromisoformat(word).year <= 2200:
            raise ValueError(word)
    except ValueError:
        raise _Unusable("not_a_day") from None
    return word


def _whole(word: str, most: int, why: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", word) or not 1 <= int(word) <= most:
        raise _Unusable(why)
    return int(word)


def _amount(_field: Field, word: str) -> str:
    try:
        value = Decimal(word)
    except InvalidOperation:
        raise _Unusable("not_a_number") from None
    if not value.is_finite() or not 0 <= value < 10**11:
        raise _Unusable("not_a_number")
    return str(value.quantize(Decimal("0.01")))


def _codes(_field: Field, word: str) -> list[str]:
    found = [_plain(part.strip(), _LONGEST_CODE) for part in word.split(",") if part.strip()]
    if len(found) > _MOST_CODES:
        raise _Unusable("too_long")
    return list(dict.fromkeys(found))


def _keys(field: Field, word: str) -> list[int]:
    parts = [part for part in word.replace(" ", "").split(",") if part]
    if len(parts) > field.longest:
        raise _Unusable("too_long")
    return sorted({_whole(part, 999_999_999, "not_a_number") for part in parts})


def _outline(_field: Field, word: str) -> list[list[float]]:
    """Corners written lon,lat, parted by spaces; three make an area."""
    try:
        corners = [[round(float(part), 7) for part in corner.split(",")] for corner in word.split()]
    except ValueError:
        raise _Unusable("not_a_number") from None
    if not 3 <= len(corners) <= _MOST_CORNERS or not all(
        len(corner) == 2 and abs(corner[0]) <= 180 and abs(corner[1]) <= 90 for corner in corners
    ):
        raise _Unusable("not_a_number")
    return corners


def _yes(_field: Field, word: str) -> bool:
    if word.lower() not in ("yes", "on", "true", "1", "no", "off", "false", "0"):
        raise _Unusable("not_a_choice")
    return word.lower() in ("yes", "on", "true", "1")


def _no_words(_field: Field, _word: str) -> Any:
    raise _Unusable("not_plain")


_READERS: Final[Mapping[FieldKind, Callable[[Field, str], Any]]] = {
    FieldKind.TEXT: lambda field, word: _plain(word, field.longest),
    FieldKind.CHOICE: _one_of,
    FieldKind.YES: _yes,
    FieldKind.DAY: _day,
    FieldKind.NUMBER: lambda field, word: _whole(word, field.longest, "not_a_number"),
    FieldKind.AMOUNT: _amount,
    FieldKind.RATING: lambda _field, word: _whole(word, 5, "not_a_rating"),
    FieldKind.UNIT: lambda _field, word: _plain(word, _LONGEST_CODE),
    FieldKind.UNITS: _codes,
    FieldKind.MATTER: lambda _field, word: _plain(word, _LONGEST_CODE),
    FieldKind.TICKET: lambda _field, word: _plain(word.upper(), 40),
    FieldKind.REPORTS: _keys,
    FieldKind.OUTLINE: _outline,
    FieldKind.PHOTO: _no_words,
}
