"""Confidences held against what came true, and fitted to it: `python -m tests.locate.evaluation.calibrating`.

People use names that no register has, so the cases are asked of a register without a fifth of its names: a text about
one of these is right only if it is refused, or placed where it is all the same. An answer is right if the truth lies
within twice its radius, 200 m at least. The fit is isotonic (pools of adjacent violators) over the tuning half, each
pool pulled towards one half by the weight of two cases; what it is checked on is the other half.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geoapp.locate import fixes
from geoapp.locate.calibration import AS_WEIGHED, CLASSES, FILE, of_notes
from geoapp.locate.gazetteer import Layer, build
from geoapp.locate.locator import Locator
from geoapp.locate.names import Kind
from tests.locate.evaluation import scoring, shenzhen
from tests.locate.evaluation.cases import TUNE, Case

DATA: Final = Path(__file__).parents[4] / "shared" / "data" / "shenzhen"
EACH: Final = 400
_MISSING: Final = 51
"""Of 256 names so many are in no register."""

_LEAST_POOL: Final = 25
_LEAST_M: Final = 200.0


@dataclass(frozen=True, slots=True)
class Said:
    """How sure answers were, and whether they came true; those of one half and one class."""

    confidence: NDArray[np.float64]
    right: NDArray[np.bool_]

    def bins(self, edges: Sequence[float]) -> Iterator[tuple[float, float, int, float]]:
        """(from, to, answers, share that was right) of each bin that is not empty."""
        for low, high in pairwise(edges):
            chosen = (self.confidence >= low) & (self.confidence < high)
            if chosen.any():
                yield low, high, int(chosen.sum()), float(self.right[chosen].mean())


def without_some(layers: Sequence[Layer]) -> list[Layer]:
    """The same layers without a fifth of the names of places; areas stay."""
    found: list[Layer] = []
    for layer in layers:
        kept = [at for at, name in enumerate(layer.names) if layer.kind is Kind.AREA or not _missing(name)]
        found.append(replace(layer, names=[layer.names[at] for at in kept], shapes=layer.shapes[kept]))
    return found


def _missing(name: str) -> bool:
    return hashlib.sha256(f"missing {name}".encode()).digest()[0] < _MISSING


def locator(material: shenzhen.Material, *, weighed: bool = False) -> Locator:
    """Of the register that lacks a fifth of its names; weighed: with confidences as they are before any fit."""
    made = build(
        without_some(shenzhen.layers(material)), shenzhen.CRS, city=shenzhen.CITY, fixes=fixes.of_city("shenzhen")
    )
    return Locator(made, AS_WEIGHED) if weighed else Locator(made)


def right(cases: Sequence[Case], answers: Sequence[Any]) -> NDArray[np.bool_]:
    """Which answers hold their truth; what is placed and has none is wrong."""
    away = scoring.away_m(cases, answers)
    radius = np.array([one.radius_m or 0.0 for one in answers])
    held: NDArray[np.bool_] = np.nan_to_num(away, nan=np.inf) <= np.maximum(2 * radius, _LEAST_M)
    return held


def _likeliest(answer: Any) -> Any:
    """The answer, or what came next to one."""
    if answer.lon is not None or not answer.runners_up:
        return answer
    first = answer.runners_up[0]
    return replace(answer, lon=first.lon, lat=first.lat, radius_m=_LEAST_M / 2, precision=first.precision)


def fit(confidence: NDArray[np.float64], came_true: NDArray[np.bool_]) -> list[tuple[float, float]]:
    """Isotonic: (weighed, fitted) at the middle of each pool, in rising order."""
    order = np.argsort(confidence, kind="stable")
    pools: list[tuple[float, float, int]] = []
    step = max(1, min(_LEAST_POOL, len(order) // 8))
    for start in range(0, len(order), step):
        part = order[start : start + step]
        pools.append((float(confidence[part].sum()), float(came_true[part].sum()), len(part)))
        while len(pools) > 1 and pools[-2][1] / pools[-2][2] >= pools[-1][1] / pools[-1][2]:
            one, other = pools.pop(), pools.pop()
            pools.append((one[0] + other[0], one[1] + other[1], one[2] + other[2]))
    return [(round(total / size, 3), round((true + 1) / (size + 2), 3)) for total, true, size in pools]


def main() -> None:
    """Print the numbers for geoapp/locate/calibration.toml."""
    material = shenzhen.read(DATA)
    cases = [case for case in shenzhen.cases(material, EACH) if case.split == TUNE]
    answers = [_likeliest(one) for one in locator(material, weighed=True).locate([case.text for case in cases])]
    came_true = right(cases, answers)
    sys.stdout.write(f"# {FILE.name}: fitted by python -m tests.locate.evaluation.calibrating, which says on what.\n")
    for kind in CLASSES:
        chosen = [at for at, one in enumerate(answers) if one.lon is not None and of_notes(one.notes) == kind]
        knots = fit(np.array([answers[at].confidence for at in chosen]), came_true[chosen])
        sys.stdout.write(f"\n# {len(chosen)} texts\n{kind} = [\n")
        sys.stdout.writelines(f"    [{weighed}, {fitted}],\n" for weighed, fitted in knots)
        sys.stdout.write("]\n")


if __name__ == "__main__":
    main()
