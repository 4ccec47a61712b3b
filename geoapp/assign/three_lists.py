"""The three lists (三张清单): their names, the records of their lines, and lines as plain values and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any, Final

from geoapp.assign.catalogue import CatalogueMatter
from geoapp.assign.duties import Duty
from geoapp.assign.implementation import Step

Line = CatalogueMatter | Duty | Step


class ListKind(StrEnum):
    """Which of the three lists."""

    CATALOGUE = "catalogue"  # 事项目录
    RESPONSIBILITIES = "responsibilities"  # 责任清单
    IMPLEMENTATION = "implementation"  # 实施清单


class BatchState(StrEnum):
    """Where a batch (批次) of a list stands."""

    DRAFT = "draft"  # 待生效
    IN_FORCE = "in_force"  # 已生效
    WITHDRAWN = "withdrawn"  # 已撤回


RECORDS: Final[Mapping[ListKind, type[Line]]] = {
    ListKind.CATALOGUE: CatalogueMatter,
    ListKind.RESPONSIBILITIES: Duty,
    ListKind.IMPLEMENTATION: Step,
}

Plain = dict[str, Any]
"""A line as JSON holds it: what has its usual value is left out, so that a new column changes no old line."""


def plain(line: Line) -> Plain:
    """A line as plain values."""
    found: Plain = {}
    for one in fields(line):
        value = getattr(line, one.name)
        usual = one.default_factory() if one.default_factory is not MISSING else one.default
        if value != usual:
            found[one.name] = _bare(value)
    return found


def line_of(kind: ListKind, values: Mapping[str, Any]) -> Line:
    """The line that plain values mean; what this release does not know is passed over."""
    record = RECORDS[kind]
    known = {one.name for one in fields(record)}
    return record(**{name: _typed(name, value) for name, value in values.items() if name in known})


def _bare(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return list(value)
    return dict(sorted(value.items())) if isinstance(value, Mapping) else value


def _typed(name: str, value: Any) -> Any:
    if name in ("valid_from", "valid_to"):
        return date.fromisoformat(value) if isinstance(value, str) else value
    return tuple(value) if isinstance(value, list) else value


@dataclass(frozen=True, slots=True)
class Change:
    """A line that both have and do not say the same of: each field that differs, before and after."""

    code: str
    fields: Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class Difference:
    """What leads from one list to another: codes of lines that came, that went, and that changed."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[Change, ...]
    same: int

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)

    def as_dict(self) -> dict[str, Any]:
        """The difference as plain values."""
        return {
            "added": list(self.added), "removed": list(self.removed), "same": self.same,
            "changed": {one.code: {name: list(pair) for name, pair in one.fields.items()} for one in self.changed},
        }  # fmt: skip


def difference(before: Mapping[str, Plain], after: Mapping[str, Plain]) -> Difference:
    """What changed between two lists of plain lines by code, each in the order of the codes."""
    both = before.keys() & after.keys()
    changed = sorted(code for code in both if before[code] != after[code])
    return Difference(
        tuple(sorted(after.keys() - before.keys())), tuple(sorted(before.keys() - after.keys())),
        tuple(Change(code, _differing(before[code], after[code])) for code in changed), len(both) - len(changed),
    )  # fmt: skip


def _differing(before: Plain, after: Plain) -> dict[str, tuple[Any, Any]]:
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return {name: (before.get(name), after.get(name)) for name in names}


def by_code(lines: Iterable[Line]) -> dict[str, Plain]:
    """Lines as plain values by code."""
    return {line.code: plain(line) for line in lines}
