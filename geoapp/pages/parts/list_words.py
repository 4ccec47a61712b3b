"""Lines and batches of the three lists in words, as the pages of /admin/lists show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Connection

from geoapp.assign.dispatch import Held
from geoapp.assign.list_check import Checked, Crossed
from geoapp.assign.list_sheet import COLUMNS, PARTED, SHEETS, names_of
from geoapp.assign.three_lists import BatchState, Difference, ListKind, Plain
from geoapp.city import City
from geoapp.intake.replay import Replayed
from geoapp.pages.parts import admin
from geoapp.pages.parts.language import language, named
from geoapp.people.rights import ROLES
from geoapp.people.tables import LISTS
from geoapp.records import Role
from geoapp.store import accounts, list_known
from geoapp.store.lists import Batch

MOST: Final = 100
FIRST_FINDINGS: Final = 3
MOST_FINDINGS: Final = 200
MOST_MOVES: Final = 20

STATES: Final[Mapping[str, Any]] = {
    "draft": _l("Draft"), "released": _l("Waits for its day"), "in_force": _l("In force"),
    "withdrawn": _l("Withdrawn"),
}  # fmt: skip

HELD: Final[Mapping[str, Any]] = {
    Held.UNKNOWN_MATTER: _l("unknown matter"), Held.NO_LINE: _l("no line fits"), Held.TIE: _l("lines that overlap"),
    Held.FALLBACK: _l("only the fallback"), Held.BORDER: _l("near a border"),
    Held.APPROXIMATE: _l("a border that is approximate"), Held.POOR_PLACE: _l("a poor place"),
}  # fmt: skip

CODES: Final[Mapping[str, Any]] = {
    "component": _l("component"), "event": _l("event"), "authority": _l("authority"), "owner": _l("owner"),
    "maintainer": _l("maintainer"),
}  # fmt: skip
"""The words for what a matter is of, and for the parties of an asset."""

_OF_TITLE: Final = {
    ListKind.CATALOGUE: ("code", "names", "category", "category_names", "parent", "parent_names"),
    ListKind.RESPONSIBILITIES: ("code", "matter", "category", "level", "area"),
    ListKind.IMPLEMENTATION: ("code", "unit", "nth", "names"),
}


def list_name(kind: ListKind) -> str:
    """What a list is called."""
    return SHEETS[kind][language() != "zh"]


@dataclass(frozen=True, slots=True)
class Words:
    """What the codes in lines are called: matters, categories and units, and areas by level and code."""

    city: City
    names: Mapping[str, Mapping[str, Mapping[str, str]]]
    areas: Mapping[tuple[str, str], Mapping[str, str]]

    @staticmethod
    def of(connection: Connection, city: City) -> Words:
        """The city's."""
        return Words(city, list_known.names(connection, city.id), list_known.area_names(connection, city.id))

    def called(self, what: str, code: str) -> str:
        """The name of a matter, category or unit."""
        return named(self.names[what].get(code) or {}, code)

    def level(self, code: str) -> str:
        """What a level of areas is called."""
        found = next((one for one in self.city.layers if one.name == code), None)
        return named(found.label, code) if found else code

    def area(self, level: str, code: str) -> str:
        """The name of an area."""
        return named(self.areas.get((level, code)) or {}, code)


def tell_line(kind: ListKind, line: Plain, words: Words) -> dict[str, Any]:
    """A line: its code, what it is of, and what it says."""
    labels = names_of(kind)
    left = [name for name in labels if name in line and name not in _OF_TITLE[kind]]
    facts = [(labels[name][language() != "zh"], _value(kind, name, line[name], words)) for name in left]
    if kind is ListKind.RESPONSIBILITIES and not line.get("unit"):
        whose = _("the asset's party") if line.get("party") else _("the area's own unit")
        facts.insert(0, (labels["unit"][language() != "zh"], str(whose)))
    return {
        "code": line["code"], "title": _title(kind, line, words), "below": _below(kind, line, words), "facts": facts,
    }  # fmt: skip


def _title(kind: ListKind, line: Plain, words: Words) -> str:
    if kind is ListKind.CATALOGUE:
        return named(line.get("names") or {}, line["code"])
    if kind is ListKind.IMPLEMENTATION:
        return f"{line.get('nth', '')}. {named(line.get('names') or {}, '')}"
    if line.get("matter"):
        return words.called("matter", line["matter"])
    return words.called("category", line["category"]) if line.get("category") else str(_("All matters"))


def _below(kind: ListKind, line: Plain, words: Words) -> str:
    if kind is ListKind.CATALOGUE:
        return named(line.get("category_names") or {}, line["category"])
    if kind is ListKind.IMPLEMENTATION:
        return words.called("unit", line["unit"])
    level, area = line.get("level", ""), line.get("area", "")
    if not level:
        return str(_("The whole city"))
    return words.area(level, area) if area else str(_("By %(level)s", level=words.level(level)))


def _value(kind: ListKind, name: str, value: Any, words: Words) -> str:
    comma = "、" if language() == "zh" else ", "
    if value is None or value in ("", [], {}):
        return "–"
    if name in PARTED:
        return named(value, "")
    if isinstance(value, Mapping):
        of = {column.part: column.heading(language()).split("(")[0].strip() for column in COLUMNS[kind] if column.part}
        return comma.join(str(_("%(what)s %(n)s min", what=of.get(part, part), n=said)) for part, said in value.items())
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if name in ("unit", "assisting"):
        return comma.join(words.called("unit", code) for code in ([value] if isinstance(value, str) else value))
    if name in ("matter", "category"):
        return words.called(name, value)
    if name == "role" and value in set(Role):
        return named(ROLES[Role(value)])
    if name in ("nature", "party") and value in CODES:
        return str(CODES[value])
    if name == "level":
        return words.level(value)
    return comma.join(map(str, value)) if isinstance(value, list) else str(value)


def tell_difference(
    kind: ListKind, found: Difference, before: Mapping[str, Plain], after: Mapping[str, Plain], words: Words
) -> dict[str, Any]:
    """What a batch changes, line by line."""
    labels = names_of(kind)
    changed = [
        tell_line(kind, after[one.code], words)
        | {
            "changes": [
                (labels[name][language() != "zh"], *(_value(kind, name, value, words) for value in pair))
                for name, pair in one.fields.items()
            ]
        }
        for one in found.changed[:MOST]
    ]
    return {
        "added": [tell_line(kind, after[code], words) for code in found.added[:MOST]], "added_n": len(found.added),
        "removed": [tell_line(kind, before[code], words) for code in found.removed[:MOST]],
        "removed_n": len(found.removed), "changed": changed, "changed_n": len(found.changed), "same": found.same,
    }  # fmt: skip


def authors(connection: Connection) -> dict[str, str]:
    """The names of those who may have drawn up a batch, as batches keep them: whoever the transaction may see."""
    return {f"account:{one.id}": one.name for one in accounts.every(connection)}


def tell_batch(one: Batch, city: City, known: Mapping[str, str]) -> dict[str, Any]:
    """A batch, and who drew it up; known are the authors' names."""
    state = "released" if one.state is BatchState.DRAFT and one.released_at else str(one.state)
    return {
        "list": str(one.list), "list_name": list_name(one.list), "number": one.number, "base": one.base,
        "state": state, "state_name": str(STATES[state]), "day": f"{one.in_force_from.astimezone(city.zone):%Y-%m-%d}",
        "author": _author(one.author, known), "reason": one.reason, "despite": one.despite or "",
        "made": admin.moment(one.made_at, city.zone), "applied": admin.moment(one.applied_at, city.zone),
        "brought": one.brought, "taken": one.taken, "draft": one.state is BatchState.DRAFT,
    }  # fmt: skip


def _author(author: str, known: Mapping[str, str]) -> str:
    if author.partition(":")[0] == "shell":
        return str(_("the command line"))
    if author.startswith("account:"):
        return known.get(author) or str(_("somebody who looks after the lists"))
    return author


def tell_check(found: Checked, words: Words) -> dict[str, Any]:
    """What is wrong, in words: what stands in the way first; and the tables by category and area."""
    kinds: dict[str, list[str]] = {}
    for one in found.findings:
        kinds.setdefault("" if one.refused else one.kind, []).append(one.words(language()))
    return {
        "groups": [
            {"refused": not kind, "first": said[:FIRST_FINDINGS], "then": said[FIRST_FINDINGS:MOST_FINDINGS],
             "more": max(0, len(said) - MOST_FINDINGS)}
            for kind, said in kinds.items()
        ],
        "refused": bool(found.refused), "count": len(found.findings),
        "matrix": [
            {"name": words.called("category", one.category), "answered": one.answered, "by_asset": one.by_asset,
             "by_fallback": one.by_fallback, "nobody": one.nobody}
            for one in found.matrix
        ],
        "crossed": _crossed(found.crossed, words) if found.crossed else None,
    }  # fmt: skip


def _crossed(found: Crossed, words: Words) -> dict[str, Any] | None:
    """Only areas and categories where something is open: of the others there is nothing to say."""
    wrong = (found.gaps > 0) | (found.overlaps > 0)
    rows, columns = (np.flatnonzero(wrong.any(axis=axis)).tolist() for axis in (1, 0))
    if not rows:
        return None
    level = words.city.responsible
    return {
        "level": words.level(level),
        "categories": [words.called("category", found.categories[column]) for column in columns],
        "rows": [
            {
                "name": words.area(level, found.areas[row]) if found.areas[row] else "–",
                "cells": [(int(found.gaps[row, column]), int(found.overlaps[row, column])) for column in columns],
            }
            for row in rows[:MOST]
        ],
        "more": max(0, len(rows) - MOST),
    }  # fmt: skip


def tell_replay(found: Replayed, words: Words) -> dict[str, Any]:
    """What would become of tickets."""
    told = found.as_dict()
    return {
        **{name: told[name] for name in ("tickets", "same", "elsewhere", "would_be_held", "would_be_sent")},
        "reasons": [(str(HELD[reason]), count) for reason, count in told["held_by"].items()],
        "moves": [
            {
                "from": words.called("unit", one["from"]) if one["from"] else str(_("a person")),
                "to": words.called("unit", one["to"]) if one["to"] else str(_("a person")),
                "tickets": one["tickets"], "examples": one["examples"],
            }
            for one in told["moves"][:MOST_MOVES]
        ],
        "more": max(0, len(told["moves"]) - MOST_MOVES),
    }  # fmt: skip


def lines_most() -> str:
    """How many rows a file may have, in words."""
    return f"{LISTS.rows:,}"


def sought_pages(count: int, first: int, most: int) -> Sequence[int | None]:
    """Where the page before and the next begin."""
    return (max(0, first - most) if first else None, first + most if first + most < count else None)
