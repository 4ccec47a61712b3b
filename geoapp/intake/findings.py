"""What a layer's load found, in plain words: one line a finding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from layers.base import Findings

WORDS: Final[Mapping[str, str]] = {
    # Records that are left out
    "columns": "left out, more or fewer columns than the header: {count}",
    "not_wanted": "left out, not among those the pack wants (only): {count}",
    "no_key": "left out, no key: {count}",
    "long_key": "left out, the key is too long: {count}",
    "no_shape": "left out, no place, or a broken one: {count}",
    "empty": "left out, the shape is empty: {count}",
    "not_finite": "left out, a coordinate is no number: {count}",
    "zero": "left out, at longitude 0, latitude 0, so nobody said where: {count}",
    "off_earth": "left out, nowhere on Earth (is crs right?): {count}",
    "no_area": "left out, no area: {count}",
    # What was mended
    "repaired": "invalid shapes, repaired: {count}",
    "merged": "keys of several features ({records} in all), each made one feature of several parts: {count}",
    "differing": "keys whose features do not say the same of themselves, so that the first counts: {count}",
    "unknown_quality": "features whose word for their quality quality_words does not list ({words}), "
    "taken as approximate: {count}",
    # What is worth a look
    "appeared": "codes that are new: {count}",
    "vanished": "codes that are gone: {count}",
    "overlaps": "overlapping pairs of areas: {count}, together {size}",
    "gaps": "gaps between areas: {count}, together {size}",
    "slivers": "overlaps and gaps smaller than 1 m²: {count}, together {m2} m²",
    "outside": "features outside {layer}, by more than {metres} m: {count}",
    "crs": "the file says {file} of itself, the pack {pack}: the pack's is taken",
    "abroad": "areas where {crs} (metric_crs) is not made for, so that its metres are wrong: {count}",
    "datum": "read as {other} instead of {crs} it would lie better on {layer} ({better:.1%} instead of {now:.1%}): "
    "is the crs of one of them mistaken?",
}

LEFT_OUT: Final = (
    "columns", "not_wanted", "no_key", "long_key", "no_shape", "empty", "not_finite", "zero", "off_earth", "no_area",
)  # fmt: skip
"""Findings that count records of the file which became no feature."""

_NAMED: Final = 5
"""So many of those concerned are named; the database keeps more."""


def in_words(findings: Findings) -> list[str]:
    """Each finding as a line, in the order of WORDS, with some of those it concerns."""
    return [_line(what, findings[what]) for what in WORDS if what in findings]


def _line(what: str, found: Mapping[str, Any]) -> str:
    facts = {name: ", ".join(map(str, value)) if isinstance(value, list) else value for name, value in found.items()}
    said = WORDS[what].format_map({**facts, "size": area(found.get("km2", 0.0))})
    named = _named(what, found)
    if not named:
        return said
    more = ", …" if found["count"] > _NAMED else ""
    return f"{said} ({', '.join(named[:_NAMED])}{more})"


def _named(what: str, found: Mapping[str, Any]) -> list[str]:
    if what == "overlaps":
        return [f"{one} and {other}: {area(km2)}" for one, other, km2 in found["pairs"]]
    if what == "gaps":
        return [f"{area(km2)} at {lon}, {lat}" for lon, lat, km2 in found["where"]]
    if "rows" in found:
        return [f"record {row}" for row in found["rows"]]
    return [str(code) for code in found.get("codes", ())]


def area(km2: float) -> str:
    """A size people can read: in square metres what is small."""
    return f"{km2:,.2f} km²" if km2 >= 0.01 else f"{km2 * 1e6:,.0f} m²"
