"""The columns of each list in a sheet, in Chinese and English: rows read strictly into lines, and lines written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Final

from geoapp.assign.catalogue import CLOCKS, NATURES
from geoapp.assign.three_lists import RECORDS, Line, ListKind, line_of
from geoapp.records import Role

SHEETS: Final[Mapping[ListKind, tuple[str, str]]] = {
    ListKind.CATALOGUE: ("事项目录", "Catalogue"),
    ListKind.RESPONSIBILITIES: ("责任清单", "Responsibilities"),
    ListKind.IMPLEMENTATION: ("实施清单", "Implementation"),
}
"""What the sheet of each list is called."""

LONGEST: Final = 4000
"""The longest text in a cell, in characters."""

MOST_LINES: Final = 200_000
"""The most lines a list may have; no city's has a tenth of that."""

MOST_FAULTS: Final = 1000
"""A file with more than this wrong is none of these lists; it is read no further, and that is said."""

_CODE_LONGEST: Final = 120
_MOST: Final = 2**31 - 1
_BETWEEN: Final = re.compile(r"\s*[|；;、\n]\s*")
_SIGNS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_UNSEEN: Final = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_CODE: Final = re.compile(r"[^|；;、\s]+(?: [^|；;、\s]+)*")
_DAY: Final = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]00:00(?::00)?)?")
_YES: Final = frozenset({"是", "yes", "y", "true", "1", "√", "✓"})
_NO: Final = frozenset({"否", "no", "n", "false", "0", "×"})


WIDE: Final = "wide"
"""A row with more cells than the heading: something in it has slipped."""


class Refused(ValueError):
    """A cell cannot be read; why is a key of WORDS."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "missing": ("不能为空", "must not be empty"),
    "no_column": ("缺少此列", "this column is missing"),
    "twice_column": ("两列都是这一项", "two columns are this one"),
    "too_long": ("超过允许的长度", "is too long"),
    "signs": ("含有不可见的控制字符", "holds characters that cannot be printed"),
    "code": (
        "不是编码：编码只占一行，不含 | ； 、",
        "is no code: one stands on one line, without | ; and 、",
    ),
    "yes": ("应填“是”或“否”", "is neither yes nor no"),
    "whole": ("不是整数", "is not a whole number"),
    "minutes": ("不是分钟数（正整数）", "is not a number of minutes"),
    "day": ("不是日期，应如 2026-01-31", "is no day; one is written as in 2026-01-31"),
    "choice": ("不在可选值之中", "is none of those there are"),
    "twice": ("编码与第 {other} 行重复", "has the code of row {other}"),
    "too_many": ("超过 {other} 条，其后未再读取", "is beyond {other} lines; nothing after it was read"),
    "stopped": ("错误超过 {other} 处，其后未再读取", "comes after {other} faults; nothing after it was read"),
    WIDE: ("单元格比表头多", "has more cells than the heading"),
    "broken": ("此行无法读取：{other}", "cannot be read: {other}"),
}
"""Why a cell or a row cannot be read, in Chinese and English."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a cell: its row (1 is the first of the file), its column by heading, the cell, and why."""

    row: int
    column: str
    value: str
    why: str
    other: str = ""

    def words(self, language: str) -> str:
        """The fault in Chinese or English."""
        zh, en = (said.format(other=self.other) for said in WORDS[self.why])
        shown = f"“{self.value[:40]}”" if self.value else ""
        if language == "zh":
            place = f"第 {self.row} 行" + (f"“{self.column}”列" if self.column else "")
            return f"{place}：{shown}{zh}"
        place = f"row {self.row}" + (f", column {self.column}" if self.column else "")
        return f"{place}: {shown + ' ' if shown else ''}{en}"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the field it fills, which part of it (a language, a clock), and how its cells are read."""

    field: str
    part: str
    zh: str
    en: str
    read: Callable[[str], Any]
    needed: bool = False

    def heading(self, language: str) -> str:
        """What the column is called."""
        return self.zh if language == "zh" else self.en


def text(cell: str) -> str:
    """Any text, its ends of lines as here."""
    if len(cell) > LONGEST:
        raise Refused("too_long")
    if _SIGNS.search(cell):
        raise Refused("signs")
    return cell


def code(cell: str) -> str:
    """A code, as it stands."""
    if len(cell) > _CODE_LONGEST:
        raise Refused("too_long")
    # Two codes that look alike would be two lines.
    if _SIGNS.search(cell) or _UNSEEN.search(cell):
        raise Refused("signs")
    if cell and not _CODE.fullmatch(cell):
        raise Refused("code")
    return cell


def several(cell: str) -> tuple[str, ...]:
    """Words with a bar, a semicolon or 、 between them, each once."""
    return tuple(dict.fromkeys(word for word in _BETWEEN.split(text(cell)) if word))


def codes(cell: str) -> tuple[str, ...]:
    """Codes, likewise."""
    return tuple(map(code, several(cell)))


def yes(cell: str) -> bool:
    """Whether the cell says yes."""
    word = cell.casefold()
    if word not in _YES | _NO:
        raise Refused("yes")
    return word in _YES


def whole(cell: str) -> int:
    """A whole number."""
    if not re.fullmatch(r"[+-]?\d{1,10}", cell, re.ASCII) or abs(int(cell)) > _MOST:
        raise Refused("whole")
    return int(cell)


def minutes(cell: str) -> int:
    """A number of minutes, one at least."""
    if not re.fullmatch(r"\d{1,8}", cell, re.ASCII) or not int(cell):
        raise Refused("minutes")
    return int(cell)


def day(cell: str) -> date:
    """A day, as people and Excel write it."""
    found = _DAY.fullmatch(cell)
    try:
        return date(*map(int, found.groups())) if found else date.fromisoformat(cell)
    except ValueError as error:
        raise Refused("day") from error


def among(*choices: str, **spoken: str) -> Callable[[str], str]:
    """A reader of one of these codes, or of a word for one."""
    known = {one: one for one in choices} | spoken

    def read(cell: str) -> str:
        found = known.get(cell.casefold())
        if found is None:
            raise Refused("choice")
        return found

    return read


_PARTY: Final = among("authority", "owner", "maintainer", 主管部门="authority", 权属单位="owner", 养护单位="maintainer")
_NATURE: Final = among(*NATURES, 部件="component", 事件="event")
_ROLE: Final = among(
    *map(str, Role), 坐席="call_taker", 核实员="verifier", 网格员="field_checker", 分拨员="dispatcher",
    区分拨员="district_dispatcher", 经办人="unit_staff", 单位负责人="unit_head", 养护班组="crew", 督办员="supervisor",
    回访员="visitor", 裁决员="adjudicator", 规划员="planner",
)  # fmt: skip

_CLOCK_WORDS: Final = {
    "dispatch": ("分拨时限(分钟)", "Dispatch (min)"),
    "sign": ("签收时限(分钟)", "Sign (min)"),
    "first_contact": ("首次联系时限(分钟)", "First contact (min)"),
    "ruling": ("裁决时限(分钟)", "Ruling (min)"),
    "disposal": ("处置时限(分钟)", "Disposal (min)"),
    "check": ("核查时限(分钟)", "Check (min)"),
    "review": ("复核时限(分钟)", "Review (min)"),
    "visit": ("回访时限(分钟)", "Return visit (min)"),
}


def _spoken(field: str, zh: str, en: str, *, needed: bool = False) -> tuple[Column, Column]:
    """A text in both languages, a column each; needed is the Chinese or the English one, whichever there is."""
    return (
        Column(field, "zh", f"{zh}(中文)", f"{en} (zh)", text, needed),
        Column(field, "en", f"{zh}(英文)", f"{en} (en)", text, needed),
    )


COLUMNS: Final[Mapping[ListKind, tuple[Column, ...]]] = {
    ListKind.CATALOGUE: (
        Column("parent", "", "大类编码", "Parent category", code),
        *_spoken("parent_names", "大类名称", "Parent category name"),
        Column("category", "", "类别编码", "Category", code, True),
        *_spoken("category_names", "类别名称", "Category name"),
        Column("code", "", "事项编码", "Code", code, True),
        *_spoken("names", "事项名称", "Name", needed=True),
        Column("nature", "", "部件/事件", "Component or event", _NATURE),
        Column("keywords", "", "关键词", "Keywords", several),
        Column("urgent", "", "加急", "Urgent", yes),
        Column("public", "", "公开", "Public", yes),
        Column("offered", "", "表单可选", "On the form", yes),
        Column("std_code", "", "标准代码", "Standard code", code),
        *_spoken("filing_standard", "立案条件", "Filing standard"),
        *_spoken("closing_standard", "结案条件", "Closing standard"),
        *(Column("minutes", clock, *_CLOCK_WORDS[clock], minutes) for clock in CLOCKS),
    ),
    ListKind.RESPONSIBILITIES: (
        Column("code", "", "责任编码", "Code", code, True),
        Column("category", "", "类别编码", "Category", code),
        Column("matter", "", "事项编码", "Matter", code),
        Column("level", "", "区域层级", "Area level", code),
        Column("area", "", "区域编码", "Area", code),
        Column("asset_class", "", "部件类别", "Asset class", code),
        Column("party", "", "部件责任方", "Asset's party", _PARTY),
        Column("unit", "", "承办单位", "Unit", code),
        Column("assisting", "", "协办单位", "Assisting units", codes),
        Column("priority", "", "优先级", "Priority", whole),
        Column("person", "", "责任人", "Person", text),
        Column("valid_from", "", "生效日期", "Valid from", day),
        Column("valid_to", "", "失效日期", "Valid to", day),
        Column("fallback", "", "兜底", "Fallback", yes),
    ),
    ListKind.IMPLEMENTATION: (
        Column("code", "", "步骤编码", "Code", code, True),
        Column("unit", "", "承办单位", "Unit", code, True),
        Column("category", "", "类别编码", "Category", code),
        Column("matter", "", "事项编码", "Matter", code),
        Column("nth", "", "步骤序号", "Step", whole, True),
        *_spoken("names", "步骤", "What is done", needed=True),
        Column("role", "", "岗位", "Role", _ROLE),
        Column("minutes", "", "时限(分钟)", "Time (min)", minutes),
        *_spoken("reply", "答复模板", "Reply template"),
    ),
}
"""The columns of each list, in their order."""

PARTED: Final = frozenset({"names", "category_names", "parent_names", "filing_standard", "closing_standard", "reply"})
"""Fields that have a part in each language."""


def headings(kind: ListKind, language: str) -> list[str]:
    """The first row of a list's sheet."""
    return [column.heading(language) for column in COLUMNS[kind]]


def heading_of(kind: ListKind) -> Callable[[str], str]:
    """What turns a column's name, in whichever language and spelling, into its English heading."""
    known = {_bare(name): column.en for column in COLUMNS[kind] for name in (column.zh, column.en)}
    return lambda name: known.get(_bare(name), name)


def _bare(name: str) -> str:
    """Names compare without spaces, in small letters, with narrow brackets."""
    return re.sub(r"\s+", "", name).casefold().replace("（", "(").replace("）", ")")


@dataclass(frozen=True, slots=True)
class Read:
    """A sheet read: its lines, all that is wrong, how many rows there were, and columns that nobody reads."""

    lines: tuple[Line, ...]
    faults: tuple[Fault, ...]
    rows: int
    unread: tuple[str, ...]


def read(
    kind: ListKind, header: Sequence[str], rows: Iterable[tuple[int, Mapping[str, str] | str]], language: str
) -> Read:
    """A sheet's rows, each with its number and cells by English heading; a text instead says why it cannot be read.

    Where there is any fault, nothing should be taken in.
    """
    columns = [column for column in COLUMNS[kind] if column.en in header]
    faults = [
        Fault(1, column.heading(language), "", "no_column")
        for column in COLUMNS[kind]
        if column.needed and not _there(column, columns)
    ]
    unread = tuple(name for name in header if name not in {column.en for column in columns})
    lines: dict[str, tuple[int, Line]] = {}
    count = 0
    for number, cells in rows if not faults else ():
        count += 1
        if len(lines) >= MOST_LINES or len(faults) >= MOST_FAULTS:
            why, most = ("too_many", MOST_LINES) if len(lines) >= MOST_LINES else ("stopped", MOST_FAULTS)
            faults.append(Fault(number, "", "", why, f"{most:,}"))
            break
        if isinstance(cells, str):
            faults.append(Fault(number, "", "", cells if cells == WIDE else "broken", cells))
            continue
        values, wrong = _values(columns, number, cells, language)
        faults += wrong
        if wrong:
            continue
        line = line_of(kind, values)
        if line.code in lines:
            faults.append(Fault(number, _heading("code", kind, language), line.code, "twice", str(lines[line.code][0])))
        else:
            lines[line.code] = number, line
    return Read(tuple(line for _, line in lines.values()), tuple(faults), count, unread)


def _there(wanted: Column, columns: Sequence[Column]) -> bool:
    """Whether the column is there; of a text's languages one is enough."""
    if wanted in columns:
        return True
    return wanted.field in PARTED and any(column.field == wanted.field for column in columns)


def _heading(field: str, kind: ListKind, language: str) -> str:
    return next(column.heading(language) for column in COLUMNS[kind] if column.field == field)


def _values(
    columns: Sequence[Column], number: int, cells: Mapping[str, str], language: str
) -> tuple[dict[str, Any], list[Fault]]:
    values: dict[str, Any] = {}
    faults = []
    for column in columns:
        cell = cells[column.en].replace("\r\n", "\n").replace("\r", "\n").strip()
        if not cell:
            if column.needed and column.field not in PARTED:
                faults.append(Fault(number, column.heading(language), "", "missing"))
            continue
        try:
            value = column.read(cell)
        except Refused as error:
            faults.append(Fault(number, column.heading(language), cell, error.why))
            continue
        if column.part:
            values.setdefault(column.field, {})[column.part] = value
        else:
            values[column.field] = value
    named = [column for column in columns if column.needed and column.field in PARTED]
    if named and named[0].field not in values and not faults:
        faults.append(Fault(number, named[0].heading(language), "", "missing"))
    return values, faults


Cell = str | int
"""What is written into a cell: text, or a number to count with."""


def written(kind: ListKind, lines: Sequence[Line], language: str) -> list[list[Cell]]:
    """Lines as rows of a sheet, without the headings; what is read of them are the same lines."""
    return [[_cell(column, line, language) for column in COLUMNS[kind]] for line in lines]


def _cell(column: Column, line: Line, language: str) -> Cell:
    value = getattr(line, column.field)
    if column.part:
        value = value.get(column.part, "")
    if isinstance(value, bool):
        return ("是" if value else "否") if language == "zh" else ("yes" if value else "no")
    if isinstance(value, tuple):
        return "|".join(value)
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else value


def names_of(kind: ListKind) -> dict[str, tuple[str, str]]:
    """What each field is called in Chinese and English, for a difference said to people."""
    found: dict[str, tuple[str, str]] = {}
    for one in fields(RECORDS[kind]):
        column = next(column for column in COLUMNS[kind] if column.field == one.name)
        found[one.name] = (column.zh.split("(")[0], column.en.split(" (")[0])
    return found | ({"minutes": ("时限", "Times")} if kind is ListKind.CATALOGUE else {})
