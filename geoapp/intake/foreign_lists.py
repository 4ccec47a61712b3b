"""Lists of others read by a mapping: catalogues without codes, and requests that say whose they were."""

from __future__ import annotations

import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from geoapp.assign.catalogue import CatalogueMatter
from geoapp.assign.duties import Duty
from geoapp.assign.list_sheet import Fault
from geoapp.assign.three_lists import Line, ListKind
from geoapp.city import PACKS, City
from geoapp.errors import ListInvalid
from geoapp.store.catalogue import code_of, listed_matters, made_code

FOLDER: Final = PACKS / "lists"

_LEVELS: Final = ("parent_names", "category_names", "names")
_TARGETS: Final = frozenset(
    {f"{level}.{language}" for level in _LEVELS for language in ("zh", "en")} | {"unit", "unit_name", "code"}
)

Rows = Iterable[tuple[int, Mapping[str, str] | str]]
"""Rows with their numbers: cells by heading, or why they cannot be read."""


@dataclass(frozen=True, slots=True)
class ColumnsOf:
    """What the columns of another's file mean: ours to theirs. repeated: rows are cases, many of one matter.

    source names the source whose words the matters are, as its importer hears them.
    """

    lists: tuple[ListKind, ...]
    columns: Mapping[str, str]
    source: str = ""
    repeated: bool = False


def mapping(name: str) -> ColumnsOf:
    """The mapping in a TOML file, or one of those that come with geoapp, by name.

    Raises:
        ListInvalid: there is none, or it cannot be used; the detail says why.
    """
    path = Path(name) if name.endswith(".toml") else FOLDER / f"{name}.toml"
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        found = ColumnsOf(
            tuple(map(ListKind, raw["list"])), {str(ours): str(theirs) for ours, theirs in raw["columns"].items()},
            str(raw.get("source", "")), bool(raw.get("repeated", False)),
        )  # fmt: skip
    except FileNotFoundError as error:
        there = ", ".join(sorted(one.stem for one in FOLDER.glob("*.toml")))
        raise ListInvalid(f"There is no mapping {name}; there are: {there}.") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, ValueError, AttributeError) as error:
        raise ListInvalid(f"{path.name}: {error}") from error
    if strange := sorted(found.columns.keys() - _TARGETS):
        raise ListInvalid(f"{path.name}: columns.{strange[0]}: there is no such column; {', '.join(sorted(_TARGETS))}")
    if not any(ours.startswith("names.") for ours in found.columns):
        raise ListInvalid(f"{path.name}: columns: names.zh or names.en is needed.")
    return found


@dataclass(frozen=True, slots=True)
class Foreign:
    """What came of another's file: lines, faults, rows read, and the units it names, by code."""

    lines: tuple[Line, ...]
    faults: tuple[Fault, ...]
    rows: int
    units: Mapping[str, str]


def read(kind: ListKind, of: ColumnsOf, city: City, rows: Rows) -> Foreign:
    """The list of that kind which another's rows hold.

    Raises:
        ListInvalid: the mapping is for another list.
    """
    if kind not in of.lists:
        raise ListInvalid(f"The mapping is for {', '.join(map(str, of.lists))}.")
    met: dict[str, tuple[int, CatalogueMatter]] = {}
    units: dict[str, str] = {}
    had: defaultdict[str, Counter[str]] = defaultdict(Counter)
    faults: list[Fault] = []
    name = _Namer(of, city)
    count = 0
    for number, cells in rows:
        count += 1
        if isinstance(cells, str):
            faults.append(Fault(number, "", "", "broken", cells))
            continue
        matter = name(cells)
        if matter is None:
            faults.append(Fault(number, of.columns[name.needed], "", "missing"))
        elif matter.code in met and not of.repeated:
            faults.append(Fault(number, of.columns[name.needed], matter.code, "twice", str(met[matter.code][0])))
        else:
            met.setdefault(matter.code, (number, matter))
            unit = _words(cells, of, "unit")
            had[matter.code][unit] += 1
            units.setdefault(unit, _words(cells, of, "unit_name"))
    units.pop("", None)
    matters = [matter for _, matter in met.values()]
    lines: Iterable[Line] = matters if kind is ListKind.CATALOGUE else _duties(matters, had)
    return Foreign(tuple(lines), tuple(faults), count, units)


def _duties(matters: Iterable[CatalogueMatter], had: Mapping[str, Counter[str]]) -> Iterator[Duty]:
    """Each matter is whose most of its cases were; of as many, the first by code."""
    for matter in matters:
        counts = {unit: n for unit, n in had[matter.code].items() if unit}
        if counts:
            yield Duty(matter.code, matter=matter.code, unit=min(counts, key=lambda unit: (-counts[unit], unit)))


class _Namer:
    """Names the matter of a row: as its source is heard here, or by a code made of the levels' names."""

    def __init__(self, of: ColumnsOf, city: City) -> None:
        self._of = of
        self._listed = listed_matters(city)
        # Spellings that differ in case are one category: it is called as the pack says, else as it is met first.
        self._categories = dict(city.categories)
        self.needed = next(ours for ours in of.columns if ours.startswith("names."))

    def __call__(self, cells: Mapping[str, str]) -> CatalogueMatter | None:
        """The matter; None where the row names none."""
        parent, category, names = (self._spoken(cells, level) for level in _LEVELS)
        said = dict(zip(_LEVELS, (parent, category, names), strict=True))
        first = {level: next(iter(words.values()), "") for level, words in said.items()}
        if not (names or (self._of.source and category)):
            return None
        if self._of.source:
            return self._heard(first["category_names"], first["names"])
        above = [code_of(first[level]) for level in _LEVELS[:2] if first[level]]
        own = _words(cells, self._of, "code") or "/".join([*above, code_of(first["names"])])
        return CatalogueMatter(
            own, "/".join(above) or own, names, category or parent or names, above[0] if len(above) > 1 else "",
            parent if len(above) > 1 else {},
        )  # fmt: skip

    def _heard(self, category: str, matter: str) -> CatalogueMatter:
        spec = self._listed.get((self._of.source, category, matter))
        if spec:
            return CatalogueMatter(
                spec.code, spec.category, spec.names, self._categories[spec.category], keywords=spec.keywords,
                urgent=spec.urgent, public=spec.public, offered=True,
            )  # fmt: skip
        language = self.needed.partition(".")[2]
        name = ": ".join(one for one in (category, matter) if one)
        above = code_of(category or matter)
        called = self._categories.setdefault(above, {language: category or matter})
        return CatalogueMatter(
            made_code(category, matter), above, {language: name[:1].upper() + name[1:]}, called
        )  # fmt: skip

    def _spoken(self, cells: Mapping[str, str], level: str) -> dict[str, str]:
        said = {language: _words(cells, self._of, f"{level}.{language}") for language in ("zh", "en")}
        return {language: words for language, words in said.items() if words}


def _words(cells: Mapping[str, str], of: ColumnsOf, ours: str) -> str:
    return " ".join(cells.get(of.columns.get(ours, ""), "").split())
