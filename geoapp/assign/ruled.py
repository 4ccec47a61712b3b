"""A ruling as a line of the responsibilities: made as exact as it must be for the list to answer as was ruled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from geoapp.assign.dispatch import Dispatch, Held
from geoapp.assign.duties import Duty
from geoapp.assign.exactness import Asks, exactness

Answer = Callable[[Sequence[Duty]], Dispatch]
"""What a list answers of the case that was ruled on."""


class Fate(StrEnum):
    """What becomes of a ruling."""

    DRAWN = "drawn"  # its line is in the list
    SAYS_SO = "says_so"  # the list says already what was ruled
    RETIRED = "retired"  # its matter is no longer in the catalogue
    NO_UNIT = "no_unit"  # its unit acts no more
    NO_AREA = "no_area"  # its line would not fit where it was ruled: the area has gone


@dataclass(frozen=True, slots=True)
class Ruled:
    """A list with a ruling taken up: its lines by code, the ruling's, and the codes of those it replaces."""

    duties: Mapping[str, Duty]
    fate: Fate
    line: Duty | None = None
    replaced: tuple[str, ...] = ()


def take_up(
    duties: Mapping[str, Duty], wanted: Duty, order: Sequence[Asks], levels: Sequence[str], ask: Answer
) -> Ruled:
    """The list with a line by which it answers what was ruled; order is that of exactness for its case.

    Whatever goes before the line at the place that was ruled on makes way: a line that asks the same, or for less
    ground, is replaced; of whichever asset another line is, the ruling is too; a higher priority is gone beyond.
    """
    if _says_so(duties, wanted, ask):
        return Ruled(duties, Fate.SAYS_SO)
    left, line = dict(duties), wanted
    replaced: list[str] = []
    left.pop(wanted.code, None)
    while True:
        found = ask([*left.values(), line])
        first = _before(found, line, left)
        if first is None:
            fits = found.line == line.code
            return (
                Ruled({**left, line.code: line}, Fate.DRAWN, line, tuple(replaced))
                if fits
                else Ruled(duties, Fate.NO_AREA)
            )
        asked = _more_exact(first, line, order, levels)
        if asked is Asks.OWNER:
            line = replace(line, asset_class=first.asset_class, party=first.party)
        elif asked is None and not _same_case(first, line):
            line = replace(line, priority=first.priority + 1)
        else:
            replaced.append(first.code)
            del left[first.code]


def _says_so(duties: Mapping[str, Duty], wanted: Duty, ask: Answer) -> bool:
    """Whether the list answers so already, for all of the ground that was ruled on."""
    found = ask([*duties.values()])
    line = duties.get(found.line)
    wide = line is not None and not (line.asset_class or line.party or line.valid_to) and (line.level, line.area) in {
        ("", ""), (wanted.level, wanted.area),
    }  # fmt: skip
    return wide and found.unit == wanted.unit and Held.TIE not in found.held


def _before(found: Dispatch, line: Duty, others: Mapping[str, Duty]) -> Duty | None:
    """The line that goes before this one, or is its equal and means another unit."""
    if found.line != line.code:
        return others.get(found.line)
    return others.get(found.runner_up_line) if Held.TIE in found.held else None


def _more_exact(first: Duty, line: Duty, order: Sequence[Asks], levels: Sequence[str]) -> Asks | None:
    """By what the one goes first; None: by its priority, or by nothing."""
    exact = exactness([first, line], levels)
    return next((asked for asked in order if asked is not Asks.PRIORITY and exact[asked][0] != exact[asked][1]), None)


def _same_case(first: Duty, line: Duty) -> bool:
    """Whether the two ask for the same, whatever their priority."""
    return replace(first, code="", unit="", assisting=(), priority=0, person="", valid_from=None, valid_to=None) == (
        replace(line, code="", unit="", assisting=(), priority=0, person="", valid_from=None, valid_to=None)
    )
