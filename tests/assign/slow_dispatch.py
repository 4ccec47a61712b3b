"""Dispatch as plainly as it can be said: every line held against every case, one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from geoapp.assign.duties import Duty
from geoapp.assign.fitting import Level

PARTIES = ("authority", "owner", "maintainer")


@dataclass(frozen=True)
class Case:
    """One case; areas by level, each a code or ""; elsewhere lists (areas, metres, loose)."""

    matter: str
    category: str
    component: bool
    day: date
    areas: Mapping[str, str]
    asset_class: str
    parties: Mapping[str, str]
    radius_m: float
    confidence: float
    elsewhere: tuple[tuple[Mapping[str, str], float, bool], ...] = ()


def acting(duty: Duty, case: Case, areas: Mapping[str, str], levels: Mapping[str, Level], units: set[str]) -> str:
    """The unit the line means for the case, "" where it does not fit."""
    if duty.category not in ("", case.category) or duty.matter not in ("", case.matter):
        return ""
    if duty.level and (not areas[duty.level] or duty.area not in ("", areas[duty.level])):
        return ""
    if duty.asset_class not in ("", case.asset_class):
        return ""
    if not (duty.valid_from or date.min) <= case.day <= (duty.valid_to or date.max):
        return ""
    party = case.parties.get(duty.party, "") if duty.party else ""
    if duty.party and party not in units:
        return ""
    level = levels.get(duty.level)
    own = level.units[list(level.codes).index(areas[duty.level])] if level else ""
    unit = duty.unit or party or own
    return unit if unit in units else ""


def exact(duty: Duty, component: bool, levels: Sequence[str]) -> tuple[int, ...]:
    """The lower goes first."""
    matter = 0 if duty.matter else 1 if duty.category else 2
    owner = 0 if duty.asset_class else 1 if duty.party else 2
    area = (2 if not duty.level else 0 if duty.area else 1, -levels.index(duty.level) if duty.level else 0)
    of_place = (owner, *area) if component else (*area, owner)
    return (1 if duty.fallback else 0, matter, *of_place, -duty.priority)


def fitting(
    duties: Sequence[Duty], case: Case, areas: Mapping[str, str], levels: Sequence[Level], units: set[str]
) -> list[tuple[tuple[int, ...], str, str]]:
    """(exactness, line, unit) of all lines that fit, the first first."""
    by_name = {level.name: level for level in levels}
    names = [level.name for level in levels]
    found = [(exact(one, case.component, names), one.code, acting(one, case, areas, by_name, units)) for one in duties]
    return sorted(one for one in found if one[2])


def dispatch(duties: Sequence[Duty], case: Case, levels: Sequence[Level], units: set[str]) -> dict[str, object]:
    """Lead, line, runner-up and whether and why it is held."""
    by_code = {duty.code: duty for duty in duties}
    found = fitting(duties, case, case.areas, levels, units)
    first = found[0] if found else None
    runner = next((one for one in found if first and one[2] != first[2]), None)
    reasons = set()
    across = []
    for areas, metres, loose in case.elsewhere:
        there = fitting(duties, case, areas, levels, units)
        if first and there and there[0][2] != first[2]:
            across.append((metres, there[0][2], there[0][1]))
            reasons |= {"border"} if metres <= case.radius_m else set()
            reasons |= {"approximate"} if loose else set()
    if not case.matter and not case.category:
        reasons.add("unknown_matter")
    if first is None:
        reasons.add("no_line")
    if first and runner and runner[0] == first[0]:
        reasons.add("tie")
    if first and by_code[first[1]].fallback:
        reasons.add("fallback_only")
    if first and poor(duties, case, first, [level.name for level in levels], by_code):
        reasons.add("poor_place")
    beside = (runner[2], runner[1]) if runner else min(across)[1:] if across else ("", "")
    return {
        "unit": first[2] if first else "", "line": first[1] if first else "", "runner_up": beside[0],
        "runner_up_line": beside[1], "held": reasons,
    }  # fmt: skip


def poor(
    duties: Sequence[Duty], case: Case, first: tuple[tuple[int, ...], str, str], names: Sequence[str],
    by_code: Mapping[str, Duty],
) -> bool:  # fmt: skip
    """Whether the place decides and is not known well."""
    line = by_code[first[1]]
    before = [
        one for one in duties
        if exact(one, case.component, names) < first[0] and (one.level or one.asset_class or one.party)
        and (one.matter == case.matter if one.matter else one.category in ("", case.category))
    ]  # fmt: skip
    decides = bool(line.level or line.asset_class or line.party or before)
    of_asset = bool(line.asset_class or line.party) and case.radius_m > 50
    return decides and (case.confidence < 0.7 or of_asset)
