"""The demo city's roads: expressways, arterials, collectors and lanes, bent, cut at the water, named, bridges told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geoapp.demo import drawing, names
from geoapp.demo.coast import Country
from geoapp.demo.drawing import ARTERIAL, COLLECTOR, EXPRESSWAY, LANE, Drawn
from geoapp.demo.names import Name
from geoapp.locate.datum import Floats

WIDTHS: Final = {EXPRESSWAY: 38.0, ARTERIAL: 30.0, COLLECTOR: 18.0, LANE: 9.0}
_SHORTEST: Final = {EXPRESSWAY: 300.0, ARTERIAL: 250.0, COLLECTOR: 160.0, LANE: 70.0}
_LONGEST_BRIDGE_M: Final = 520.0
_LETTERS: Final = {EXPRESSWAY: "E", ARTERIAL: "A", COLLECTOR: "C", LANE: "L"}

_EXPRESSWAYS: Final[tuple[Name, ...]] = (
    ("环城快速路", "Ring Expressway"), ("北环大道", "Beihuan Expressway"), ("云岭高架", "Yunling Viaduct"),
)  # fmt: skip
_BOULEVARD: Final[Name] = ("滨海大道", "Binhai Boulevard")
_SIDES: Final = {"west": ("西", "West"), "east": ("东", "East"), "south": ("南", "South"), "north": ("北", "North")}


@dataclass(frozen=True, slots=True)
class Roads:
    """Arrays, a road a place: lines in metres around the centre, MultiLineString where water or hills part one."""

    codes: tuple[str, ...]
    names: tuple[Name, ...]
    classes: NDArray[np.str_]
    lines: NDArray[np.object_]
    bridges: Any

    @property
    def widths(self) -> Floats:
        """How wide each is, in metres."""
        return np.array([WIDTHS[str(one)] for one in self.classes])

    def of(self, *classes: str) -> NDArray[np.int64]:
        """Where the roads of these classes stand."""
        return np.flatnonzero(np.isin(self.classes, classes))


def make(chance: np.random.Generator, country: Country, called: Iterator[Name]) -> Roads:
    """The roads of a country; their names are taken from those that are left."""
    drawn = drawing.draw(chance)
    bent = country.bend.lines(np.array([one.line for one in drawn], dtype=object))
    classes = np.array([one.classed for one in drawn])
    great = np.isin(classes, (EXPRESSWAY, ARTERIAL))
    hills = shapely.union_all(list(country.hills))
    over = country.crossing.difference(hills)
    cut = np.empty(len(drawn), dtype=object)
    # Expressways go through the hills by tunnel.
    for where, ground in (
        (classes == EXPRESSWAY, country.crossing), (classes == ARTERIAL, over), (~great, country.buildable),
    ):  # fmt: skip
        shapely.prepare(ground)
        cut[where] = shapely.intersection(bent[where], ground)
    cut = _landed(country, cut)
    lines = np.array([_long(one, _SHORTEST[str(of)]) for one, of in zip(cut, classes, strict=True)], dtype=object)
    kept = np.flatnonzero(~np.array([one is None for one in lines]))
    told = [drawn[at] for at in kept.tolist()]
    numbers = {letter: 0 for letter in _LETTERS.values()}
    codes = []
    for one in told:
        letter = _LETTERS[one.classed]
        numbers[letter] += 1
        codes.append(f"{letter}{numbers[letter]:03d}")
    return Roads(
        tuple(codes), _names(told, called), classes[kept], lines[kept], _bridges(country, lines[kept], classes[kept])
    )


def _long(shape: Any, shortest: float) -> Any:
    """Its parts that are long enough, joined where they meet; None if none is."""
    parts = shapely.get_parts(shapely.line_merge(shapely.union_all(shapely.get_parts([shape]))))
    kept = [part for part in parts if part.geom_type == "LineString" and part.length >= shortest]
    if not kept:
        return None
    return kept[0] if len(kept) == 1 else shapely.MultiLineString(kept)


def _landed(country: Country, lines: NDArray[np.object_]) -> NDArray[np.object_]:
    """Without what runs along the river, or out on the water and ends there."""
    parts, whose = shapely.get_parts(shapely.difference(lines, country.dry), return_index=True)
    near = shapely.buffer(country.dry, 4)
    shapely.prepare(near)
    ends = shapely.contains(near, shapely.get_point(parts, 0)) & shapely.contains(near, shapely.get_point(parts, -1))
    along = (shapely.length(parts) > _LONGEST_BRIDGE_M) & shapely.intersects(parts, country.river)
    out = lines.copy()
    for at in np.flatnonzero(~ends | along).tolist():
        out[whose[at]] = out[whose[at]].difference(shapely.buffer(parts[at], 1))
    return out


def _bridges(country: Country, lines: NDArray[np.object_], classes: NDArray[np.str_]) -> Any:
    """The decks: as wide as their roads, from bank to bank."""
    over = shapely.difference(lines, country.dry)
    wide = np.array([WIDTHS[str(one)] for one in classes])
    decks = shapely.buffer(over, wide / 2 + 2, cap_style="square")
    # Where a road only touches the bank there is no bridge.
    return shapely.union_all(decks[shapely.length(over) > 12]).difference(country.dry)


def _names(drawn: list[Drawn], called: Iterator[Name]) -> tuple[Name, ...]:
    great = iter(names.GREAT)
    bases: dict[int, Name] = {}
    found = []
    for one in drawn:
        if one.group not in bases:
            bases[one.group] = next(great, None) or next(called) if one.classed == ARTERIAL else next(called)
        found.append(_name(one, bases[one.group]))
    return tuple(found)


def _name(one: Drawn, base: Name) -> Name:
    if one.classed == EXPRESSWAY:
        return _EXPRESSWAYS[one.group]
    if one.classed == LANE:
        return names.numbered(base, int(one.part))
    zh, en = _SIDES.get(one.part, ("", ""))
    side = f" {en}" if en else ""
    if one.line.bounds[1] == one.line.bounds[3] and one.group == 100:
        return _BOULEVARD[0][:2] + zh + "路", f"Binhai{side} Boulevard"
    if one.classed == ARTERIAL:
        return (f"{base[0]}{zh}路", f"{base[1]}{side} Road") if zh else (f"{base[0]}大道", f"{base[1]} Avenue")
    street = one.group % 2
    return f"{base[0]}{'街' if street else '路'}", f"{base[1]} {'Street' if street else 'Road'}"
