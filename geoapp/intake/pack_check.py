"""A city pack looked over with its files, for whoever is writing one: all that is wrong, and what the files hold."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from geoapp.city import City, LayerSpec, problems, raw_pack, sketch
from geoapp.errors import GeoappError
from geoapp.intake.findings import in_words
from geoapp.intake.ground import KINDS, path_of, read_layer
from geoapp.intake.lie import Land, examine, land
from layers.base import Findings
from layers.columns import columns_in, nearest, texts
from layers.files import Source, opened

_LOOKED_AT: Final = 200
"""So many records are looked at for values to show."""

_SAMPLES: Final = 2
_LONGEST: Final = 40


@dataclass(frozen=True, slots=True)
class LayerCheck:
    """One layer's file as it was found: what it is, its columns with sample values, and what is wrong with it."""

    name: str
    file: str
    form: str = ""
    crs: str = ""
    in_file: int = 0
    features: int = 0
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    findings: Findings = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PackCheck:
    """A pack looked over; problems are those of the pack itself."""

    origin: str
    problems: tuple[str, ...]
    layers: tuple[LayerCheck, ...] = ()

    @property
    def loadable(self) -> bool:
        """Whether nothing stands in the way of loading it."""
        return not self.problems and not any(layer.problems for layer in self.layers)

    def as_dict(self) -> dict[str, Any]:
        """What was found, as plain values."""
        return {
            "pack": self.origin, "loadable": self.loadable, "problems": self.problems,
            "layers": [
                {
                    "layer": one.name, "file": one.file, "form": one.form, "crs": one.crs, "in_file": one.in_file,
                    "features": one.features, "columns": one.columns, "problems": one.problems,
                    "findings": one.findings,
                }
                for one in self.layers
            ],
        }  # fmt: skip

    def lines(self) -> Iterator[str]:
        """What was found, in plain words."""
        yield f"{self.origin}: " + ("nothing wrong in the pack itself" if not self.problems else "wrong in the pack:")
        yield from (f"  {problem}" for problem in self.problems)
        for layer in self.layers:
            yield from _lines(layer)
        yield "It can be loaded." if self.loadable else "It cannot be loaded yet."


def check_pack(name: str | Path, data: Path) -> PackCheck:
    """Look a pack over, with the files that lie in the data folder; no database is needed."""
    try:
        raw, origin = raw_pack(name)
    except GeoappError as error:
        return PackCheck(str(name), (error.detail,))
    pack = sketch(raw)
    # The responsible layer first: where it lies is where the others should.
    order = sorted(range(len(pack.layers)), key=lambda at: pack.layers[at].name != pack.responsible)
    looks: dict[int, LayerCheck] = {}
    on: Land | None = None
    for at in order:
        looks[at], found = _looked(pack.layers[at], data, on, pack)
        on = on or (found if pack.layers[at].name == pack.responsible else None)
    return PackCheck(origin, problems(raw, KINDS), tuple(looks[at] for at in range(len(pack.layers))))


def _looked(spec: LayerSpec, data: Path, on: Land | None, pack: City) -> tuple[LayerCheck, Land | None]:
    if not spec.file:
        return LayerCheck(spec.name, "", problems=("it names no file",)), None
    try:
        path = path_of(spec, data)
        if not path.exists():
            return LayerCheck(spec.name, spec.file, problems=(_not_there(path, spec),)), None
        with opened(path, spec) as source:
            seen = _seen(spec, source)
    except GeoappError as error:
        return LayerCheck(spec.name, spec.file, problems=(error.detail,)), None
    if seen.problems or spec.kind not in KINDS or not spec.key or not pack.metric_crs:
        return seen, None
    return _examined(seen, spec, data, on, pack)


def _examined(
    seen: LayerCheck, spec: LayerSpec, data: Path, on: Land | None, pack: City
) -> tuple[LayerCheck, Land | None]:
    """The layer read and checked as loading would."""
    role, features = KINDS[spec.kind], 0
    try:
        file = read_layer(spec, data)
        features = len(file.features)
        found = examine(spec, role, file, on, pack)
        lies = land(spec, file, pack) if spec.name == pack.responsible and role == "areas" else None
    except (GeoappError, ValueError) as error:
        said = error.detail if isinstance(error, GeoappError) else str(error)
        return _with(seen, features, (said,), {}), None
    return _with(seen, features, (), found), lies


def _with(seen: LayerCheck, features: int, wrong: tuple[str, ...], found: Findings) -> LayerCheck:
    return LayerCheck(
        seen.name, seen.file, seen.form, seen.crs, seen.in_file, features, seen.columns, wrong, found
    )  # fmt: skip


def _not_there(path: Path, spec: LayerSpec) -> str:
    beside = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
    near = difflib.get_close_matches(path.name, beside, 1)
    return f"there is no file {spec.file}" + (f" (perhaps {near[0]})" if near else "")


def _seen(spec: LayerSpec, source: Source) -> LayerCheck:
    once = tuple(column for column in source.columns if source.columns.count(column) == 1)
    table = source.read(once, _LOOKED_AT)
    columns = {name: _samples(texts(column)) for name, column in table.columns.items()}
    wrong = [
        f"{key}: it has no column {column}" + (f"; perhaps {near}" if (near := nearest(column, source.columns)) else "")
        for key, column in _named(spec)
        if column not in source.columns
    ]
    if table.shapes is None and not (spec.wkt or (spec.lon and spec.lat)):
        wrong.append("a table without shapes: say in lon and lat, or in wkt, where a feature is")
    return LayerCheck(
        spec.name, spec.file, source.form, source.crs, source.count(), columns=columns, problems=tuple(wrong)
    )


def _samples(cells: list[str]) -> tuple[str, ...]:
    """The first different values, cut short."""
    shown = (cell if len(cell) <= _LONGEST else f"{cell[:_LONGEST]}…" for cell in cells if cell)
    return tuple(dict.fromkeys(shown))[:_SAMPLES]


def _named(spec: LayerSpec) -> Iterator[tuple[str, str]]:
    """Each column the pack names for this layer, and under which key."""
    patterns = {"key": spec.key, **{f"names.{language}": pattern for language, pattern in spec.names.items()}}
    patterns |= {key: getattr(spec, key) for key in ("classed", "authority", "owner", "maintainer")}
    for key, pattern in patterns.items():
        yield from ((key, column) for column in columns_in(pattern))
    for key in ("quality_column", "lon", "lat", "wkt"):
        if column := getattr(spec, key):
            yield key, column
    yield from (("keep", column) for column in spec.keep)
    yield from (("only", column) for column in spec.only)


def _lines(layer: LayerCheck) -> Iterator[str]:
    yield ""
    yield f"{layer.name or '(no name)'}  {layer.file}"
    if layer.form:
        says = f"says {layer.crs}" if layer.crs else "says no CRS"
        kept = f", {layer.features} features of them" if layer.features else ""
        yield f"  {layer.form}, {says}, {layer.in_file} records{kept}"
        for name, samples in layer.columns.items():
            yield f"    {name}: {' | '.join(samples) or '(empty)'}"
    yield from (f"  WRONG  {problem}" for problem in layer.problems)
    yield from (f"  found  {sentence}" for sentence in in_words(layer.findings))
