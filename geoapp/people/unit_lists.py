"""Units in a table: read, shown what would come of each row, taken in all or none, and written out again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Connection, Engine

from geoapp.city import City
from geoapp.errors import BadField
from geoapp.people import duty, unit_keeping
from geoapp.people.keeper import CONSOLE, Keeper
from geoapp.people.sheets import Sheet, workbook
from geoapp.people.tables import Fault, Table, columns_of, filled
from geoapp.people.taking_in import Fate
from geoapp.people.unit_keeping import CONTACTS, Data
from geoapp.records import UnitKind
from geoapp.store import units
from geoapp.store.acting import acting
from geoapp.store.units import Unit

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "code": ("编码", "代码", "单位编码", "code"),
    "name_zh": ("中文名称", "名称", "单位名称", "name (chinese)", "name_zh"),
    "name_en": ("英文名称", "name (english)", "name_en", "name"),
    "kind": ("类别", "类型", "kind"),
    "parent": ("上级单位", "上级", "below", "parent"),
    "areas": ("负责区域", "区域", "areas"),
    "duty": ("值班时间", "duty hours", "duty"),
    "phone": ("电话", "phone"),
    "email": ("邮箱", "email"),
    "address": ("地址", "address"),
    "fallback": ("兜底单位", "falls back on", "fallback"),
    "active": ("启用", "active"),
}
"""What each column may be called; the first Chinese and the first English word are what we write."""

KINDS: Final[Mapping[UnitKind, Mapping[str, str]]] = {
    UnitKind.CITY: {"zh": "市", "en": "City"},
    UnitKind.DISTRICT: {"zh": "区", "en": "District"},
    UnitKind.STREET_OFFICE: {"zh": "街道办", "en": "Street office"},
    UnitKind.COMMUNITY: {"zh": "社区", "en": "Community"},
    UnitKind.GRID: {"zh": "网格", "en": "Grid"},
    UnitKind.BUREAU: {"zh": "委办局", "en": "Bureau"},
    UnitKind.COMPANY: {"zh": "企业", "en": "Company"},
    UnitKind.CREW: {"zh": "养护班组", "en": "Crew"},
}
CLEAR: Final = frozenset({"-", "—", "－", "无"})
"""What a cell says that empties what is kept; an empty cell leaves it."""

_YES: Final = {"是": True, "yes": True, "true": True, "1": True, "否": False, "no": False, "false": False, "0": False}
_BETWEEN: Final = re.compile(r"[;；、,，\n]")
_LONGEST: Final = 200

NO_CODE: Final = "a code has 1 to 60 characters"
NO_NAME: Final = "there is no name"
TOO_LONG: Final = "this is too long"
NO_KIND: Final = "“%(word)s” is no kind of unit"
KIND_NEEDED: Final = "a new unit has a kind"
NO_DUTY: Final = "“%(word)s” cannot be read: 1-5 09:00-18:00; 6 09:00-12:00"
NO_ANSWER: Final = "“%(word)s” is neither yes nor no"
NO_UNIT: Final = "“%(word)s” is no unit, and none of this list"
NO_AREA: Final = "“%(word)s” is no area: layer/code"
ITSELF: Final = "%(word)s would stand below itself"
TWICE: Final = "%(word)s stands in row %(more)s already"


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: what it says, by column; what it leaves empty is not there."""

    line: int
    code: str
    said: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A row and what would come of it: the unit as it would be, and which of its data would change."""

    entry: Entry
    fate: Fate
    data: Data
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TakenIn:
    """How many were made, and how many changed."""

    made: int
    changed: int


def read(table: Table) -> tuple[list[Entry], list[Fault]]:
    """The units of a table and what is wrong; where anything is, nothing should be taken in."""
    heading, faults = columns_of(table, COLUMNS, ("code",))
    if faults:
        return [], faults
    entries: list[Entry] = []
    for line, cells in filled(table, heading):
        found, wrong = _entry(line, {name: word for name, word in cells.items() if word})
        entries.append(found)
        faults += wrong
    first: dict[str, int] = {}
    for one in entries:
        if (before := first.setdefault(one.code, one.line)) != one.line:
            faults.append(Fault(one.line, "code", TWICE, one.code, str(before)))
    return entries, faults


def _entry(line: int, cells: Mapping[str, str]) -> tuple[Entry, list[Fault]]:
    said: dict[str, Any] = {}
    wrong = [
        Fault(line, name, TOO_LONG, "") for name, cell in cells.items() if len(cell) > _LONGEST and name != "areas"
    ]
    for name, cell in cells.items():
        try:
            said[name] = None if cell in CLEAR else _READERS.get(name, str)(cell)
        except ValueError:
            wrong.append(Fault(line, name, _SENTENCES[name], cell[:_LONGEST]))
    code = str(said.pop("code", None) or "")
    if not code or len(code) > 60:
        wrong.append(Fault(line, "code", NO_CODE, ""))
    return Entry(line, code, said), wrong


def kind_of(word: str) -> UnitKind:
    """The kind of that code, or so called in one of the languages.

    Raises:
        ValueError: there is none such.
    """
    plain = word.strip().casefold().replace(" ", "_")
    for kind, names in KINDS.items():
        if plain in (str(kind), *(name.casefold().replace(" ", "_") for name in names.values())):
            return kind
    raise ValueError(word)


def _yes(word: str) -> bool:
    try:
        return _YES[word.casefold()]
    except KeyError as error:
        raise ValueError(word) from error


_READERS: Final[Mapping[str, Any]] = {
    "kind": kind_of,
    "duty": duty.read,
    "active": _yes,
    "areas": lambda cell: tuple(dict.fromkeys(word.strip() for word in _BETWEEN.split(cell) if word.strip())),
}
_SENTENCES: Final = {"kind": NO_KIND, "duty": NO_DUTY, "active": NO_ANSWER}


# What would come of it


def preview(connection: Connection, city: City, entries: Sequence[Entry]) -> tuple[list[Outcome], list[Fault]]:
    """What would come of each row, and what is wrong with it; nothing changes."""
    known = {one.code: one for one in units.every(connection, city.id)}
    outcomes = [_outcome(connection, city, one, known.get(one.code)) for one in entries]
    codes = known.keys() | {one.code for one in entries}
    asked = {word for one in entries for word in one.said.get("areas") or ()}
    areas = units.areas_called(connection, city.id, sorted(asked))
    faults = [fault for one in outcomes for fault in _faults(one, codes, areas, known.get(one.entry.code))]
    parents = {code: unit.parent for code, unit in known.items()} | {one.data.code: one.data.parent for one in outcomes}
    faults += [
        Fault(one.entry.line, "parent", ITSELF, one.data.code)
        for one in outcomes
        if "parent" in one.changed and _circles(parents, one.data.code)
    ]
    return outcomes, faults


def _outcome(connection: Connection, city: City, one: Entry, unit: Unit | None) -> Outcome:
    before = (
        Data(one.code, {}, UnitKind.BUREAU, contacts={})
        if unit is None
        else unit_keeping.data_of(connection, city, unit)
    )
    after = _merged(before, one.said)
    if unit is None:
        return Outcome(one, Fate.MAKE, after, tuple(unit_keeping.ALL))
    changed = unit_keeping.differs(before, after)
    if unit.kind is None and "kind" in one.said and "kind" not in changed:
        changed = (*changed, "kind")
    return Outcome(one, Fate.CHANGE if changed else Fate.SAME, after, changed)


def _merged(before: Data, said: Mapping[str, Any]) -> Data:
    names = {**before.names, **{of: said[f"name_{of}"] or "" for of in ("zh", "en") if f"name_{of}" in said}}
    contacts = {**(before.contacts or {}), **{of: said[of] or "" for of in CONTACTS if of in said}}
    plain = {of: said[of] for of in ("parent", "fallback") if of in said}
    return replace(
        before,
        names={of: word for of, word in names.items() if word},
        contacts={of: word for of, word in contacts.items() if word},
        kind=said.get("kind") or before.kind,
        areas=(said["areas"] or ()) if "areas" in said else before.areas,
        duty=(said["duty"] or ()) if "duty" in said else before.duty,
        active=before.active if said.get("active") is None else said["active"],
        **plain,
    )


def _faults(one: Outcome, codes: Any, areas: Mapping[str, Any], unit: Unit | None) -> list[Fault]:
    line, data = one.entry.line, one.data
    faults = []
    if not data.names:
        faults.append(Fault(line, "name_zh", NO_NAME))
    if one.entry.said.get("kind") is None and (unit is None or unit.kind is None):
        faults.append(Fault(line, "kind", KIND_NEEDED))
    for name in ("parent", "fallback"):
        word = one.entry.said.get(name)
        if word and (word not in codes or (name == "fallback" and word == data.code)):
            faults.append(Fault(line, name, NO_UNIT, word))
    faults += [Fault(line, "areas", NO_AREA, word) for word in one.entry.said.get("areas") or () if word not in areas]
    return faults


def _circles(parents: Mapping[str, str | None], code: str) -> bool:
    met = {code}
    above = parents.get(code)
    while above is not None:
        if above in met:
            return above == code
        met.add(above)
        above = parents.get(above)
    return False


def take_in(engine: Engine, city: City, entries: Sequence[Entry], by: Keeper = CONSOLE) -> TakenIn:
    """Take in a list, all of it or nothing; taken in again it changes nothing.

    Raises:
        BadField: some rows cannot be taken in; its `faults` say which and why.
        BeyondReach, NotAllowed
    """
    unit_keeping.check_keeps(by, city)
    with acting(engine, by.identity) as connection:
        units.hold(connection, city.id)
        outcomes, faults = preview(connection, city, entries)
        if faults:
            raise BadField("\n".join(map(str, faults)), faults=faults)
        known = {one.code: one for one in units.every(connection, city.id)}
        for one in outcomes:
            if one.fate == Fate.MAKE:
                # Whom it is below, or falls back on, may come later in the list.
                unit_keeping.put(connection, city, replace(one.data, parent=None, fallback=None), None)
        _untie(connection, city, outcomes, known)
        for one in outcomes:
            if one.fate == Fate.MAKE:
                _tie(connection, city, one.data)
            elif one.fate == Fate.CHANGE:
                unit_keeping.put(connection, city, one.data, known[one.data.code])
    fates = [one.fate for one in outcomes]
    return TakenIn(fates.count(Fate.MAKE), fates.count(Fate.CHANGE))


def _untie(connection: Connection, city: City, outcomes: Sequence[Outcome], known: Mapping[str, Unit]) -> None:
    """Take those that move from their places first: on the way to a good tree none may look like a circle."""
    moving = [known[one.data.code].id for one in outcomes if one.fate == Fate.CHANGE and "parent" in one.changed]
    units.untie(connection, moving)


def _tie(connection: Connection, city: City, data: Data) -> None:
    if data.parent is not None or data.fallback is not None:
        units.save(
            connection, city.id, data.code, data.names, data.kind, parent=data.parent, fallback=data.fallback,
            duty=data.duty, contacts=data.contacts, active=data.active,
        )  # fmt: skip


# Written out


def book(connection: Connection, city: City, language: str) -> bytes:
    """All units of a city that somebody has said more of than a report's word."""
    spoken = "zh" if language == "zh" else "en"
    known = [one for one in units.every(connection, city.id) if one.kind is not None]
    words = units.areas(connection, city.id, [key for one in known for key in one.area_keys])
    rows = [_row(one, words, spoken) for one in known]
    return workbook([Sheet("单位" if spoken == "zh" else "Units", heading(spoken), rows)])


def empty(language: str) -> bytes:
    """A list to fill in, with the kinds that may stand in it."""
    spoken = "zh" if language == "zh" else "en"
    told = [(names[spoken], str(kind)) for kind, names in KINDS.items()]
    names = ("单位", "类别") if spoken == "zh" else ("Units", "Kinds")
    return workbook([Sheet(names[0], heading(spoken), ()), Sheet(names[1], (names[1], "code"), told)])


def heading(language: str) -> tuple[str, ...]:
    """What the columns are called in a language."""
    if language == "zh":
        return tuple(words[0] for words in COLUMNS.values())
    return tuple(next(word for word in words if word.isascii()) for words in COLUMNS.values())


def _row(one: Unit, words: Mapping[int, units.AreaWord], language: str) -> tuple[str, ...]:
    assert one.kind is not None  # others are left out
    yes, no = ("是", "否") if language == "zh" else ("yes", "no")
    return (
        one.code, one.names.get("zh", ""), one.names.get("en", ""), KINDS[one.kind][language], one.parent or "",
        "; ".join(words[key].word for key in one.area_keys if key in words), duty.write(one.duty),
        *(str(one.contacts.get(name, "")) for name in CONTACTS), one.fallback or "", yes if one.active else no,
    )  # fmt: skip
