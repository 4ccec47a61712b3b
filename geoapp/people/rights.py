"""The one written table of rights: which role may do what, how far it reaches, and what it lets one see.

Pure: it knows nobody and asks nothing. Whoever asks says what the deed is about (`Of`); without, the question is
whether there is anything at all that the person may do it to, which is what menus and doors want to know.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final

from geoapp.lifecycle import Kind
from geoapp.records import PUBLIC_ONLY, Holding, Person, Role, Sight

Words = Mapping[str, str]


class Scope(StrEnum):
    """How far a right reaches."""

    OWN = "own"  # what one filed oneself
    UNIT = "unit"  # what one's own unit, or one below it, handles
    AREA = "area"  # that, and whatever lies in the areas of one's unit
    CITY = "city"  # all of the city for which the role is held; of all cities where it is held in all


class Audience(IntEnum):
    """What is seen, each holding all before it."""

    PUBLIC = 0  # what everybody sees
    INSIDE = 1  # what is hidden from the public, but tells of nobody
    PRIVATE = 2  # words as they came, and who may be called back about them
    REPORTER = 3  # who denounced


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that may be allowed: its code, what doing it shows, and how it is said."""

    code: str
    audience: Audience
    names: Words


@dataclass(frozen=True, slots=True)
class Right:
    """One line of the table."""

    role: Role
    action: str
    scope: Scope

    @property
    def audience(self) -> Audience:
        """What the right lets one see."""
        return ACTIONS[self.action].audience


@dataclass(frozen=True, slots=True)
class Of:
    """What a deed is about: a ticket or a report, as far as rights ask for it.

    units: the line (its key and those above it) of each unit that handles it, the lead first; earlier: of each that
    did; account_id: who filed it, where that is whoever asks.
    """

    city_id: int
    units: tuple[tuple[int, ...], ...] = ()
    area_keys: frozenset[int] = frozenset()
    kind: str = ""
    account_id: int | None = None
    earlier: tuple[tuple[int, ...], ...] = ()


def _actions(*lines: tuple[str, Audience, str, str]) -> dict[str, Action]:
    return {code: Action(code, audience, {"zh": zh, "en": en}) for code, audience, zh, en in lines}


SEE_INSIDE: Final = "see_inside"
SEE_PRIVATE: Final = "see_private"
SEE_DENOUNCER: Final = "see_denouncer"

ACTIONS: Final = _actions(
    (SEE_INSIDE, Audience.INSIDE, "查看不公开的工单和处理情况", "see tickets and steps that are not public"),
    (SEE_PRIVATE, Audience.PRIVATE, "查看诉求人联系方式和诉求原文（每次查看留痕）",
     "see how to reach a reporter, and the words as they came (each look is noted)"),
    (SEE_DENOUNCER, Audience.REPORTER, "查看举报人身份（承办单位人员除外，每次查看留痕）",
     "see who denounced, unless of the unit that handles it (each look is noted)"),
    ("file_for_others", Audience.PRIVATE, "代市民登记诉求", "file reports for others"),
    ("place", Audience.INSIDE, "为没有地点的诉求标注地点", "give reports without a place one"),
    ("verify_lead", Audience.INSIDE, "核实线索，立案或不立案", "verify leads, and file or drop them"),
    ("check_on_site", Audience.INSIDE, "现场核实、核查", "check on site"),
    ("queue", Audience.INSIDE, "受理，转入待分拨", "accept tickets for dispatch"),
    ("decline", Audience.INSIDE, "不予受理", "decline tickets"),
    ("reclassify", Audience.INSIDE, "更正工单的事项", "change what a ticket is about"),
    ("merge", Audience.INSIDE, "并案", "merge tickets"),
    ("withdraw", Audience.PUBLIC, "撤回诉求", "withdraw a report"),
    ("dispatch", Audience.INSIDE, "分拨工单", "dispatch tickets"),
    ("sign", Audience.INSIDE, "签收工单", "sign for tickets"),
    ("propose", Audience.INSIDE, "提请退单、延期或挂账", "ask for a return, an extension or to put on hold"),
    ("return", Audience.INSIDE, "审核退单", "decide on returns"),
    ("delegate", Audience.INSIDE, "转派下级单位", "pass tickets on to units below"),
    ("rule", Audience.INSIDE, "裁决争议", "rule on disputes"),
    ("extend", Audience.INSIDE, "批准延期", "approve extensions"),
    ("shelve", Audience.INSIDE, "批准挂账和恢复办理", "approve putting on hold and taking up again"),
    ("submit", Audience.INSIDE, "申请办结", "report work done"),
    ("pass", Audience.INSIDE, "核查通过", "pass what was done"),
    ("fail", Audience.INSIDE, "核查不通过，退回重办", "send back what was not done well"),
    ("visit", Audience.PRIVATE, "回访诉求人", "call reporters back"),
    ("reopen", Audience.PUBLIC, "评价办理结果，不满意时要求重办", "rate what was done, and ask for it to be redone"),
    ("note", Audience.INSIDE, "补充说明、联系诉求人、要求补充材料", "add notes, get in touch and ask for more"),
    ("supply", Audience.PUBLIC, "补充材料", "add what was asked for"),
    ("remind", Audience.PUBLIC, "催办", "remind whoever is on it"),
    ("supervise", Audience.INSIDE, "督办和解除督办", "supervise, and end supervision"),
    ("urge", Audience.INSIDE, "加急和取消加急", "make urgent, and no longer urgent"),
    ("link", Audience.INSIDE, "关联历史工单", "link tickets with older ones"),
    ("group", Audience.INSIDE, "拆分工单，挂接子工单，指定协办单位", "split and group tickets, name who assists"),
    ("consult", Audience.INSIDE, "提请编制部门协商", "put gaps between duties on the consultation list"),
    ("see_gaps", Audience.INSIDE, "查看职责协商清单", "see the consultation list of gaps between duties"),
    ("close_gaps", Audience.INSIDE, "登记职责协商结果", "close gaps between duties with what was decided"),
    ("works", Audience.INSIDE, "填报施工计划和进展", "tell of works: planned, begun, done"),
    ("plan", Audience.INSIDE, "类案分析", "study what keeps happening"),
    ("manage_people", Audience.INSIDE, "管理人员和角色", "look after people and roles"),
    ("manage_units", Audience.INSIDE, "管理单位", "look after units"),
    ("manage_lists", Audience.INSIDE, "管理事项清单、责任清单和实施清单", "look after the three lists"),
    ("use_api", Audience.PUBLIC, "使用接口令牌", "use tokens of the API"),
    ("see_log", Audience.INSIDE, "查看隐私查询记录", "see who looked at private data"),
)  # fmt: skip


def _may(role: Role, scope: Scope, actions: str) -> tuple[Right, ...]:
    return tuple(Right(role, action, scope) for action in actions.split())


TABLE: Final[tuple[Right, ...]] = (
    *_may(Role.CITIZEN, Scope.OWN, "place withdraw reopen supply remind"),
    *_may(Role.CALL_TAKER, Scope.CITY, "see_inside see_private see_denouncer file_for_others place queue decline"),
    *_may(Role.CALL_TAKER, Scope.CITY, "note supply remind urge link reclassify"),
    *_may(Role.VERIFIER, Scope.CITY, "see_inside see_private place verify_lead reclassify"),
    *_may(Role.FIELD_CHECKER, Scope.AREA, "see_inside verify_lead check_on_site pass fail note"),
    *_may(Role.DISPATCHER, Scope.CITY, "see_inside place queue decline merge dispatch return"),
    *_may(Role.DISPATCHER, Scope.CITY, "note remind urge link group consult reclassify see_gaps"),
    *_may(Role.DISTRICT_DISPATCHER, Scope.AREA, "see_inside place queue decline merge dispatch return"),
    *_may(Role.DISTRICT_DISPATCHER, Scope.AREA, "note remind urge link group consult reclassify"),
    *_may(Role.UNIT_STAFF, Scope.AREA, "see_inside"),
    *_may(Role.UNIT_STAFF, Scope.UNIT, "see_private sign propose delegate submit note works"),
    *_may(Role.UNIT_HEAD, Scope.AREA, "see_inside"),
    *_may(Role.UNIT_HEAD, Scope.UNIT, "see_private sign propose delegate submit use_api note works"),
    *_may(Role.CREW, Scope.UNIT, "see_inside submit note works"),
    *_may(Role.SUPERVISOR, Scope.CITY, "see_inside check_on_site extend shelve pass fail see_log"),
    *_may(Role.SUPERVISOR, Scope.CITY, "note remind supervise urge link"),
    *_may(Role.VISITOR, Scope.CITY, "see_inside see_private see_denouncer visit note"),
    *_may(Role.ADJUDICATOR, Scope.CITY, "see_inside rule note consult see_gaps close_gaps"),
    *_may(Role.PLANNER, Scope.CITY, "see_inside plan use_api see_gaps"),
    *_may(Role.ADMINISTRATOR, Scope.CITY, "see_inside manage_people manage_units manage_lists use_api see_log"),
    *_may(Role.ADMINISTRATOR, Scope.CITY, "see_gaps close_gaps"),
    *_may(Role.API_CLIENT, Scope.CITY, "use_api see_inside file_for_others"),
)

LINES: Final = frozenset((str(right.role), right.action, str(right.scope)) for right in TABLE)
"""The table as the database keeps its copy."""

ACTS_AS: Final[Mapping[Role, str]] = {
    Role.CITIZEN: "citizen",
    Role.CALL_TAKER: "call_taker",
    Role.VERIFIER: "verifier",
    Role.FIELD_CHECKER: "field_checker",
    Role.DISPATCHER: "dispatcher",
    Role.DISTRICT_DISPATCHER: "dispatcher",
    Role.UNIT_STAFF: "unit",
    Role.UNIT_HEAD: "unit",
    Role.CREW: "crew",
    Role.SUPERVISOR: "supervisor",
    Role.VISITOR: "visitor",
    Role.ADJUDICATOR: "adjudicator",
}
"""The one place that says as whom of lifecycle.MOVES (its `who`) a role moves tickets; `system` and `source` are
nobody, and roles that are missing move none."""

NO_PERSON: Final = frozenset({"system", "source"})

_OTHER_NAMES: Final = {
    "dispute": "return", "resume": "shelve", "refuse": "extend", "archive": "visit", "redo": "visit",
    "ask_return": "propose", "ask_extend": "propose", "ask_shelve": "propose", "ask_pause": "propose",
    "pause": "extend", "list_change": "rule",
    "contact": "note", "ask": "note", "release": "supervise", "urgent": "urge", "not_urgent": "urge",
    "assist": "group", "attach_child": "group", "detach_child": "group", "split": "group",
    "plan_works": "works", "begin_works": "works", "end_works": "works",
    "check": "verify_lead", "file": "verify_lead", "drop": "verify_lead", "remark": "verify_lead",
}  # fmt: skip


IN_PERSON: Final = frozenset({"manage_people", "manage_units", "see_log"})
"""What nobody does by a token: it looks after no accounts, and shows nobody who looked at what."""


def action_of(move: str, who: str) -> str:
    """The action that somebody must be allowed who makes a move of the lifecycle as that one."""
    if who == "citizen" and move in ("archive", "redo"):
        return "reopen"
    if who == "unit" and move == "supply":
        return "note"
    return _OTHER_NAMES.get(move, move)


_BY_ROLE: Final[Mapping[Role, tuple[Right, ...]]] = {
    role: tuple(right for right in TABLE if right.role == role) for role in Role
}


def may(person: Person | None, action: str, of: Of | None = None) -> bool:
    """Whether somebody may do that to what it is about; None is anybody, who may only what needs no right."""
    if person is None:
        return False
    if of is not None and of.kind == Kind.DENUNCIATION and action == SEE_PRIVATE:
        action = SEE_DENOUNCER
    if person.scopes is not None and action not in person.scopes:
        return False
    if of is not None and action == SEE_DENOUNCER and _of_the_unit(person, of):
        return False
    return any(
        right.action == action and _reaches(person, holding, right.scope, of)
        for holding in person.holdings
        for right in _BY_ROLE[holding.role]
    )


def audience(person: Person | None, of: Of) -> Audience:
    """The most that somebody may see of it."""
    if may(person, SEE_PRIVATE, of):
        return Audience.REPORTER if of.kind == Kind.DENUNCIATION else Audience.PRIVATE
    return Audience.INSIDE if may(person, SEE_INSIDE, of) else Audience.PUBLIC


def acts_as(person: Person | None, move: str, of: Of) -> frozenset[str]:
    """As whom of lifecycle.MOVES somebody may make that move."""
    holdings = () if person is None else person.holdings
    whos = {ACTS_AS[holding.role] for holding in holdings if holding.role in ACTS_AS}
    return frozenset(who for who in whos if person and _may_as(person, who, action_of(move, who), of))


def _may_as(person: Person, who: str, action: str, of: Of) -> bool:
    if person.scopes is not None and action not in person.scopes:
        return False
    return any(
        right.action == action and _reaches(person, holding, right.scope, of)
        for holding in person.holdings
        if ACTS_AS.get(holding.role) == who
        for right in _BY_ROLE[holding.role]
    )


def needs_unit(role: Role) -> bool:
    """Whether a role is held for a unit: without one it would allow nothing."""
    return all(right.scope in (Scope.UNIT, Scope.AREA) for right in _BY_ROLE[role])


def cities(person: Person | None, action: str) -> frozenset[int] | None:
    """The cities in which somebody may do that to something; None where these are all there are."""
    if person is None or (person.scopes is not None and action not in person.scopes):
        return frozenset()
    found = {
        holding.city_id
        for holding in person.holdings
        for right in _BY_ROLE[holding.role]
        if right.action == action and _reaches(person, holding, right.scope, None)
    }
    return None if None in found else frozenset(city for city in found if city is not None)


def sight_of(person: Person | None) -> Sight:
    """Which tickets that are not public somebody sees, as one thing that every query asks for: what `may` answers of
    SEE_INSIDE one by one. Who must change the password first sees no more than anybody."""
    if person is None or (person.must_change and person.scopes is None):
        return PUBLIC_ONLY
    if person.scopes is not None and SEE_INSIDE not in person.scopes:
        return PUBLIC_ONLY
    held = [
        (holding, right.scope)
        for holding in person.holdings
        for right in _BY_ROLE[holding.role]
        if right.action == SEE_INSIDE and _reaches(person, holding, right.scope, None)
    ]
    all_of = {holding.city_id for holding, scope in held if scope == Scope.CITY}
    of_units = [(holding, scope) for holding, scope in held if scope != Scope.CITY]
    return Sight(
        None in all_of,
        frozenset(city for city in all_of if city is not None),
        frozenset(key for holding, scope in of_units if scope == Scope.AREA for key in holding.area_keys),
        frozenset(unit for holding, _scope in of_units for unit in holding.below),
    )


def of_city(person: Person | None, action: str, city_id: int) -> Sight:
    """What of a city somebody may do that to: all of it, or what lies in some areas and what some units handle."""
    if person is None or (person.scopes is not None and action not in person.scopes):
        return PUBLIC_ONLY
    held = [
        (holding, right.scope)
        for holding in person.holdings
        for right in _BY_ROLE[holding.role]
        if right.action == action and right.scope != Scope.OWN and holding.city_id in (None, city_id)
        if _reaches(person, holding, right.scope, None)
    ]
    if any(scope == Scope.CITY for _holding, scope in held):
        return Sight(cities=frozenset({city_id}))
    return Sight(
        area_keys=frozenset(key for holding, scope in held if scope == Scope.AREA for key in holding.area_keys),
        units=frozenset(unit for holding, _scope in held for unit in holding.below),
    )


def _reaches(person: Person, holding: Holding, scope: Scope, of: Of | None) -> bool:
    """Whether a role as it is held reaches that far; of None: whether it reaches anything."""
    needs_unit = scope in (Scope.UNIT, Scope.AREA)
    if needs_unit and holding.unit_id is None:
        return False
    if of is None:
        return True
    if holding.city_id is not None and holding.city_id != of.city_id:
        return False
    if scope == Scope.OWN:
        return of.account_id == person.account_id
    if not needs_unit:
        return True
    handles = any(holding.unit_id in line for line in of.units)
    return handles or (scope == Scope.AREA and not holding.area_keys.isdisjoint(of.area_keys))


def _of_the_unit(person: Person, of: Of) -> bool:
    """Whether somebody is of a unit that handles it, did or is likely to, or of one above or below such a one.

    While nobody knows in whose area it lies, every unit is likely to.
    """
    return any(
        not of.area_keys
        or any(holding.unit_id in line or (line and line[0] in holding.line) for line in (*of.units, *of.earlier))
        or not holding.area_keys.isdisjoint(of.area_keys)
        for holding in person.holdings
        if holding.unit_id is not None
    )


# In words

ROLES: Final[Mapping[Role, Words]] = {
    Role.CITIZEN: {"zh": "市民", "en": "Citizen"},
    Role.CALL_TAKER: {"zh": "坐席", "en": "Call taker"},
    Role.VERIFIER: {"zh": "核实员", "en": "Verifier"},
    Role.FIELD_CHECKER: {"zh": "网格员", "en": "Field checker"},
    Role.DISPATCHER: {"zh": "分拨员", "en": "Dispatcher"},
    Role.DISTRICT_DISPATCHER: {"zh": "区分拨员", "en": "District dispatcher"},
    Role.UNIT_STAFF: {"zh": "经办人", "en": "Unit staff"},
    Role.UNIT_HEAD: {"zh": "单位负责人", "en": "Head of unit"},
    Role.CREW: {"zh": "养护班组", "en": "Crew"},
    Role.SUPERVISOR: {"zh": "督办员", "en": "Supervisor"},
    Role.VISITOR: {"zh": "回访员", "en": "Visitor back"},
    Role.ADJUDICATOR: {"zh": "裁决员", "en": "Adjudicator"},
    Role.PLANNER: {"zh": "规划员", "en": "Planner"},
    Role.ADMINISTRATOR: {"zh": "管理员", "en": "Administrator"},
    Role.API_CLIENT: {"zh": "接口客户端", "en": "API client"},
}

SCOPES: Final[Mapping[Scope, Words]] = {
    Scope.OWN: {"zh": "自己提交的", "en": "of one's own"},
    Scope.UNIT: {"zh": "本单位及下级单位承办的", "en": "handled by one's unit or one below"},
    Scope.AREA: {"zh": "本辖区的", "en": "of one's unit and its area"},
    Scope.CITY: {"zh": "全市的", "en": "of the whole city"},
}


@dataclass(frozen=True, slots=True)
class InWords:
    """What a role as it is held allows, for people: whose role it is, and for each reach the things allowed."""

    holding: Holding
    role: str
    allowed: tuple[tuple[str, tuple[str, ...]], ...]


def rights_in_words(person: Person, language: str) -> tuple[InWords, ...]:
    """All that somebody may do, role by role."""
    return tuple(
        InWords(holding, ROLES[holding.role][language], tuple(_allowed(person, holding, language)))
        for holding in person.holdings
    )


def roles_in_words(language: str) -> tuple[tuple[Role, str, tuple[tuple[str, tuple[str, ...]], ...]], ...]:
    """All roles: each with its name and, for each reach, the things it allows."""
    return tuple(
        (
            role, ROLES[role][language],
            tuple(
                (SCOPES[scope][language], said)
                for scope in Scope
                if (said := tuple(
                    ACTIONS[right.action].names[language] for right in _BY_ROLE[role] if right.scope == scope
                ))
            ),
        )
        for role in Role
    )  # fmt: skip


def role_in_words(role: Role, language: str) -> str:
    """The same of one role, in one line."""
    comma, colon, stop = ("、", "：", "；") if language == "zh" else (", ", ": ", "; ")
    allowed = next(told for one, _name, told in roles_in_words(language) if one == role)
    return stop.join(scope + colon + comma.join(said) for scope, said in allowed)


def _allowed(person: Person, holding: Holding, language: str) -> Iterable[tuple[str, tuple[str, ...]]]:
    for scope in Scope:
        said = tuple(
            ACTIONS[right.action].names[language]
            for right in _BY_ROLE[holding.role]
            if right.scope == scope
            and _reaches(person, holding, scope, None)
            and (person.scopes is None or right.action in person.scopes)
        )
        if said:
            yield SCOPES[scope][language], said
