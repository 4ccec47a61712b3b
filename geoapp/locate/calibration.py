"""How sure an answer is, from how it was weighed: fitted to what came true, so that of ten at 0.9 nine are right.

What is weighed only orders answers; the fit says how often such a one was right. The numbers lie in calibration.toml,
with the command that they came from.
"""

from __future__ import annotations

import tomllib
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).with_name("calibration.toml")

MISSPELT: Final = "spelling"
"""The note of an answer that rests on a misspelt name."""

CLASSES: Final = ("exact", "misspelt")


def of_notes(notes: Sequence[str]) -> str:
    """The class of an answer with these notes: exact names and misspelt ones come true differently often."""
    return CLASSES[1] if MISSPELT in notes else CLASSES[0]


@dataclass(frozen=True, slots=True)
class Calibration:
    """Of each class how it was weighed, in rising order, and what that is worth; straight lines between."""

    weighed: Mapping[str, tuple[float, ...]]
    fitted: Mapping[str, tuple[float, ...]]

    def confidence(self, weighed: float, kind: str) -> float:
        """What an answer of a class, weighed so, is worth; below the first knot less in proportion."""
        knots, worth = self.weighed[kind], self.fitted[kind]
        at = bisect_right(knots, weighed)
        if at == len(knots):
            return worth[-1]
        low, before = (knots[at - 1], worth[at - 1]) if at else (0.0, 0.0)
        return before + (worth[at] - before) * (weighed - low) / (knots[at] - low)


def read(path: Path = FILE) -> Calibration:
    """The numbers of a file."""
    said = tomllib.loads(path.read_text("utf-8"))
    return Calibration(
        {kind: tuple(knot[0] for knot in said[kind]) for kind in CLASSES},
        {kind: tuple(knot[1] for knot in said[kind]) for kind in CLASSES},
    )


FITTED: Final = read()
AS_WEIGHED: Final = Calibration(dict.fromkeys(CLASSES, (1.0,)), dict.fromkeys(CLASSES, (1.0,)))
"""Nothing fitted: what the fit itself begins with."""
