"""A ground layer read to one clean shape: codes, names and valid outlines in WGS-84."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas
import shapely
from shapely.geometry.base import BaseGeometry

from geoapp.errors import SourceUnreadable

_LARGEST = 1 << 30
"""Most bytes a layer file may unpack to."""


@dataclass(frozen=True, slots=True)
class LayerKind:
    """What a kind of layer is: its level words, how it is drawn and who may see it."""

    name: str
    label: Mapping[str, str]
    audience: str = "public"
    stroke: str = "quiet"


@dataclass(frozen=True, slots=True)
class Outline:
    """One area: outline is a valid MultiPolygon in WGS-84 degrees."""

    code: str
    names: Mapping[str, str]
    outline: shapely.MultiPolygon


@dataclass(frozen=True, slots=True)
class AreaFile:
    """A whole layer file read: its outlines, the digest of its bytes, and what was found or mended on the way."""

    outlines: tuple[Outline, ...]
    digest: str
    findings: Mapping[str, Any]


def read_areas(path: Path, key: str, names: Mapping[str, str], crs: str, encoding: str = "") -> AreaFile:
    """The areas of a file (GeoJSON plain or gzipped, or what GDAL reads), keyed by one column.

    names maps a language to a column, or to a pattern such as "District {BoroCD}". Outlines that are invalid are
    repaired and counted; two features of one key become one area of several parts, and are counted.

    Raises:
        SourceUnreadable: no such file, not a layer, or a column is missing; the detail says which.
    """
    content = _content(path)
    try:
        frame = geopandas.read_file(_opened(path, content), **({"encoding": encoding} if encoding else {}))
    except Exception as error:  # GDAL raises many kinds; all mean the same to a person
        raise SourceUnreadable(f"{path.name}: {error}") from error
    if key not in frame.columns:
        raise SourceUnreadable(f"{path.name}: no column {key}; it has {', '.join(map(str, frame.columns))}")
    frame = frame.set_crs(crs, allow_override=True).to_crs("EPSG:4326")
    findings = {"repaired": 0, "merged": 0, "empty": 0, "unkeyed": 0}
    parts: dict[str, list[BaseGeometry]] = {}
    called: dict[str, dict[str, str]] = {}
    for values in frame.to_dict("records"):
        shape = values.pop("geometry")
        code = _code(values[key])
        if not code:
            findings["unkeyed"] += 1
        elif shape is None or shape.is_empty:
            findings["empty"] += 1
        else:
            findings["repaired"] += not shape.is_valid
            findings["merged"] += code in parts
            parts.setdefault(code, []).append(shape if shape.is_valid else shapely.make_valid(shape))
            called.setdefault(code, _names(names, values, code))
    outlines = tuple(Outline(code, called[code], _polygons(shapes)) for code, shapes in sorted(parts.items()))
    if not outlines:
        raise SourceUnreadable(f"{path.name}: no areas in it")
    digest = hashlib.sha256(content + repr((key, sorted(names.items()), crs)).encode()).hexdigest()
    return AreaFile(outlines, digest, findings)


def _content(path: Path) -> bytes:
    try:
        if path.suffix != ".gz":
            return path.read_bytes()
        with gzip.open(path) as stream:
            content = stream.read(_LARGEST + 1)
    except (OSError, EOFError) as error:
        raise SourceUnreadable(f"{path.name}: {error}") from error
    if len(content) > _LARGEST:
        raise SourceUnreadable(f"{path.name}: unpacks to more than {_LARGEST} bytes")
    return content


def _opened(path: Path, content: bytes) -> Any:
    return content if path.suffix == ".gz" else path


def _code(value: object) -> str:
    """A key as text: whole numbers that GDAL read as floating ones lose their point."""
    if value is None or value != value:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _names(patterns: Mapping[str, str], values: Mapping[Any, Any], code: str) -> dict[str, str]:
    fields = {str(name): _code(value) for name, value in values.items()}
    found = {}
    for language, pattern in patterns.items():
        text = pattern.format_map(fields) if "{" in pattern else fields.get(pattern, "")
        found[language] = text or code
    return found


def _polygons(shapes: list[BaseGeometry]) -> shapely.MultiPolygon:
    whole = shapes[0] if len(shapes) == 1 else shapely.union_all(shapes)
    flat = [part for part in shapely.get_parts([whole]) for part in shapely.get_parts([part])]
    return shapely.MultiPolygon([part for part in flat if part.geom_type == "Polygon"])
