"""A layer's file read to features: keyed, named, in WGS-84 and valid; whatever is left out or mended is counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geoapp.errors import SourceUnreadable
from layers.base import AREAS, Description, Feature, LayerFile, ToWgs84
from layers.columns import absent, columns_of, filled, numbers, outlines, texts, values
from layers.files import Source, Table, opened

LISTED: Final = 20
"""How many of the features concerned a finding names."""

LONGEST_CODE: Final = 200
"""Codes are indexed, and stand in addresses."""

DOUBTFUL: Final = "approximate"
"""The quality of a feature whose word for it is not listed: no more is claimed than was said."""

_POLYGONS: Final = (int(shapely.GeometryType.POLYGON), int(shapely.GeometryType.MULTIPOLYGON))
_Shapes = NDArray[np.object_]
_Mask = NDArray[np.bool_]


def read(path: Path, spec: Description, role: str, to_wgs84: ToWgs84) -> LayerFile:
    """The features of a file, as the spec describes it.

    Of areas, outlines alone are kept, and repaired where they are invalid. Records of one key become one feature of
    several parts; what it is called is said by the first of them.

    Raises:
        SourceUnreadable: no such file, not a layer, a column is missing, or nothing in it can be used.
    """
    with opened(path, spec) as source:
        wanted = columns_of(spec)
        if missing := [column for column in wanted if column not in source.columns]:
            raise SourceUnreadable(f"{path.name}: {absent(missing, source.columns)}")
        return _Reading(source, spec, role, source.read(wanted)).file(to_wgs84)


@dataclass(frozen=True, slots=True)
class _Rows:
    """Records that are still in: where each stands in the table, its code and its shape."""

    at: NDArray[np.int64]
    codes: NDArray[np.object_]
    shapes: _Shapes

    def where(self, kept: NDArray[Any]) -> _Rows:
        return _Rows(self.at[kept], self.codes[kept], self.shapes[kept])


class _Reading:
    """One file on its way to features."""

    def __init__(self, source: Source, spec: Description, role: str, table: Table) -> None:
        self._name = source.name
        self._crs = source.crs
        self._spec = spec
        self._role = role
        self._table = table
        self._cells = {name: texts(column) for name, column in table.columns.items()}
        self._findings: dict[str, dict[str, Any]] = {}

    def file(self, to_wgs84: ToWgs84) -> LayerFile:
        """All of it."""
        table = self._table
        in_file = len(table.lines) + len(table.skipped)
        self._note_rows("columns", table.skipped)
        placed = self._placed(self._keyed(self._chosen()))
        rows = self._mended(self._on_earth(placed, to_wgs84))
        if not len(rows.at):
            raise SourceUnreadable(f"{self._name}: {self._nothing(in_file)}")
        return LayerFile(self._features(rows), self._findings, in_file, self._crs)

    def _nothing(self, in_file: int) -> str:
        if not in_file:
            return "no features in it"
        left = ", ".join(f"{what} {found['count']}" for what, found in self._findings.items())
        said = f"; the file itself says {self._crs}" if self._crs and "off_earth" in self._findings else ""
        return f"none of its {in_file} features can be used: {left}{said}"

    # Which records

    def _chosen(self) -> NDArray[np.int64]:
        """Where the records stand that the spec wants at all."""
        kept = np.ones(len(self._table.lines), dtype=bool)
        for column, words in self._spec.only.items():
            kept &= np.array([cell in words for cell in self._cells[column]], dtype=bool)
        if out := int((~kept).sum()):
            self._findings["not_wanted"] = {"count": out}
        return np.flatnonzero(kept)

    def _keyed(self, at: NDArray[np.int64]) -> _Rows:
        codes = _objects(filled(self._spec.key, self._cells, len(self._table.lines)))[at]
        sizes = np.array([len(code) for code in codes], dtype=np.int64)
        self._note_rows("no_key", self._table.lines[at[sizes == 0]].tolist())
        self._note_rows("long_key", self._table.lines[at[sizes > LONGEST_CODE]].tolist())
        kept = (sizes > 0) & (sizes <= LONGEST_CODE)
        return _Rows(at[kept], codes[kept], self._shapes(at[kept]))

    # Where they lie

    def _shapes(self, at: NDArray[np.int64]) -> _Shapes:
        """The shape of each record, None where there is none or it is broken."""
        spec = self._spec
        if spec.wkt:
            return outlines(self._cells[spec.wkt])[at]
        if spec.lon and spec.lat:
            lon, lat = (numbers(self._cells[column])[at] for column in (spec.lon, spec.lat))
            # An empty cell and a word both are no place; infinity is a number, but none of a place.
            shapes = np.full(len(at), None, dtype=object)
            said = ~(np.isnan(lon) | np.isnan(lat))
            shapes[said] = shapely.points(lon[said], lat[said])
            return shapes
        if self._table.shapes is None:
            raise SourceUnreadable(f"{self._name}: a table without shapes; say its lon and lat, or its wkt")
        return self._table.shapes[at]

    def _placed(self, rows: _Rows) -> _Rows:
        """Without the records that have no shape, or one with nothing in it."""
        rows = self._without(rows, shapely.is_missing(rows.shapes), "no_shape")
        return self._without(rows, shapely.is_empty(rows.shapes), "empty")

    def _on_earth(self, rows: _Rows, to_wgs84: ToWgs84) -> _Rows:
        """Turned to WGS-84, without shapes that have a vertex nowhere on Earth, and points at nought and nought."""
        xy, whose = shapely.get_coordinates(rows.shapes, return_index=True)
        count = len(rows.at)
        finite = np.asarray(np.isfinite(xy).all(axis=1))
        lon_lat = np.zeros_like(xy)
        lon_lat[finite] = np.column_stack(to_wgs84(xy[finite, 0], xy[finite, 1]))
        with np.errstate(invalid="ignore"):
            on_earth = np.asarray((np.abs(lon_lat) <= (180.0, 90.0)).all(axis=1))
        nowhere, astray = (_any(~good, whose, count) for good in (finite, on_earth))
        nought = _any(np.asarray((xy == 0).all(axis=1)), whose, count) & (shapely.get_dimensions(rows.shapes) == 0)
        for what, out in (("not_finite", nowhere), ("zero", nought & ~nowhere), ("off_earth", astray & ~nowhere)):
            self._note(what, rows.codes[out])
        kept = ~(nowhere | nought | astray)
        good = rows.where(kept)
        turned = shapely.set_coordinates(good.shapes, lon_lat[kept[whose]])
        return _Rows(good.at, good.codes, np.asarray(turned, dtype=object))

    def _mended(self, rows: _Rows) -> _Rows:
        """Invalid shapes repaired; of areas, the polygons alone."""
        shapes = rows.shapes.copy()
        invalid = ~np.asarray(shapely.is_valid(shapes), dtype=bool)
        shapes[invalid] = shapely.make_valid(shapes[invalid])
        self._note("repaired", rows.codes[invalid])
        if self._role == AREAS:
            odd = ~np.isin(shapely.get_type_id(shapes), _POLYGONS)
            shapes[odd] = _objects([_polygons(shape) for shape in shapes[odd]])
        mended = _Rows(rows.at, rows.codes, shapes)
        return self._without(mended, shapely.is_empty(shapes), "no_area" if self._role == AREAS else "empty")

    def _without(self, rows: _Rows, out: Any, what: str) -> _Rows:
        out = np.asarray(out, dtype=bool)
        self._note(what, rows.codes[out])
        return rows.where(~out)

    # What they are

    def _features(self, rows: _Rows) -> tuple[Feature, ...]:
        """One feature a code, in the order of codes."""
        rows = rows.where(np.argsort(rows.codes, kind="stable"))
        first = np.flatnonzero(np.r_[True, rows.codes[1:] != rows.codes[:-1]])
        groups = list(zip(first.tolist(), [*first[1:].tolist(), len(rows.codes)], strict=True))
        shapes = rows.shapes[first]
        for place, (start, end) in enumerate(groups):
            if end - start > 1:
                shapes[place] = _joined(rows.shapes[start:end], self._role)
        if self._role == AREAS:
            shapes = _objects([_multi(shape) for shape in shapes])
        several = [group for group in groups if group[1] - group[0] > 1]
        self._note_merged(rows, several)
        told = self._told(rows.at[first], rows.codes[first].tolist())
        return tuple(
            Feature(code, names, quality, shape, *rest)
            for code, shape, (names, quality, *rest) in zip(rows.codes[first].tolist(), shapes, told, strict=True)
        )

    def _note_merged(self, rows: _Rows, groups: Sequence[tuple[int, int]]) -> None:
        """Keys that several records bear, and those whose records do not say the same."""
        self._note("merged", [rows.codes[start] for start, _ in groups], records=sum(b - a for a, b in groups))
        differing = []
        for start, end in groups:
            told = self._told(rows.at[start:end], rows.codes[start:end].tolist(), counted=False)
            if any(one[:-1] != told[0][:-1] for one in told[1:]):
                differing.append(rows.codes[start])
        self._note("differing", differing)

    def _told(self, at: NDArray[np.int64], codes: Sequence[str], counted: bool = True) -> list[tuple[Any, ...]]:
        """What records say of themselves: names, quality, class, the three parties, attributes."""
        spec = self._spec
        of = {name: [cells[i] for i in at] for name, cells in self._cells.items()}
        called = {language: filled(pattern, of, len(at)) for language, pattern in spec.names.items()}
        names = [{language: found[i] or code for language, found in called.items()} for i, code in enumerate(codes)]
        parties = [
            [party or None for party in filled(pattern, of, len(at))]
            for pattern in (spec.authority, spec.owner, spec.maintainer)
        ]
        kept = {name: values(self._table.columns[name][at]) for name in spec.keep}
        attributes = [{name: found[i] for name, found in kept.items() if found[i] is not None} for i in range(len(at))]
        quality = self._qualities(of, codes, counted)
        return list(zip(names, quality, filled(spec.classed, of, len(at)), *parties, attributes, strict=True))

    def _qualities(self, of: dict[str, list[str]], codes: Sequence[str], counted: bool) -> list[str]:
        spec = self._spec
        if not spec.quality_column:
            return [spec.quality] * len(codes)
        said = of[spec.quality_column]
        strange = [code for code, word in zip(codes, said, strict=True) if word not in spec.quality_words]
        if counted:
            words = sorted({word for word in said if word not in spec.quality_words})
            self._note("unknown_quality", strange, words=words[:LISTED])
        return [spec.quality_words.get(word, DOUBTFUL) for word in said]

    # What is found on the way

    def _note(self, what: str, codes: Sequence[str] | NDArray[np.object_], **more: Any) -> None:
        if count := len(codes):
            before = self._findings.get(what, {"count": 0, "codes": []})
            listed = [*before["codes"], *map(str, codes)][:LISTED]
            self._findings[what] = {"count": before["count"] + count, "codes": listed, **more}

    def _note_rows(self, what: str, lines: Sequence[int]) -> None:
        if count := len(lines):
            self._findings[what] = {"count": count, "rows": [int(line) for line in lines[:LISTED]]}


def _objects(values: Sequence[Any]) -> NDArray[np.object_]:
    """An array of objects, whatever these are: numpy would take a shape of parts for a row of them."""
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return made


def _any(found: NDArray[np.bool_], whose: NDArray[np.int64], count: int) -> _Mask:
    """Whether each of so many has at least one found among what is its."""
    return np.bincount(whose[found], minlength=count).astype(bool)


def _joined(shapes: _Shapes, role: str) -> BaseGeometry:
    """Shapes as one: areas grow together, others stay the parts they are."""
    if role == AREAS:
        return shapely.union_all(shapes)
    parts = shapely.get_parts(shapes)
    kinds = {part.geom_type for part in parts}
    if kinds == {"Point"}:
        return shapely.MultiPoint(np.unique(shapely.get_coordinates(parts), axis=0))
    if kinds <= {"LineString", "LinearRing"}:
        return shapely.MultiLineString(list(parts))
    return shapely.make_valid(shapely.union_all(shapes))


def _polygons(shape: BaseGeometry) -> BaseGeometry:
    """The polygons in a shape: repairing leaves lines where an outline ran back on itself."""
    parts = shapely.get_parts(shapely.get_parts([shape]))
    return shapely.union_all([part for part in parts if part.geom_type == "Polygon"])


def _multi(shape: BaseGeometry) -> BaseGeometry:
    return shapely.MultiPolygon([shape]) if isinstance(shape, shapely.Polygon) else shape
