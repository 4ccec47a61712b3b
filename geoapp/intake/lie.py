"""How a layer lies: its areas beside one another, all of it on the city's ground, and in the datum it is said to be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely.errors import GEOSException

from geoapp.assign import seams
from geoapp.assign.coverage import metric
from geoapp.city import DATUMS, City, LayerSpec
from geoapp.errors import SourceUnreadable
from geoapp.locate.datum import gcj02_to_bd09, to_wgs84, wgs84_to_gcj02
from layers.base import AREAS, Findings, LayerFile
from layers.features import LISTED

_FAR_DEGREES: Final = 1.0
"""Farther from the city than this, a metric CRS made for the city may know no metres."""

_SAMPLE: Final = 5000
_BETTER: Final = 0.004
"""By how much more a layer must agree with the ground in another datum before its own is doubted."""

_ENOUGH: Final = 10
"""A few features say nothing about a datum."""

_Shapes = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Land:
    """The areas of the responsible layer, which all other layers should lie on; shapes in metres."""

    name: str
    shapes: _Shapes
    bounds: tuple[float, float, float, float]


def land(spec: LayerSpec, file: LayerFile, pack: City) -> Land:
    """The land that the responsible layer's file gives."""
    shapes = _shapes(file)
    west, south, east, north = (float(one) for one in shapely.total_bounds(shapes))
    return Land(spec.name, _metric(shapes, spec, pack), (west, south, east, north))


def examine(spec: LayerSpec, role: str, file: LayerFile, on: Land | None, pack: City) -> Findings:
    """What was found in the file, and what is worth a look in how it lies; on is None for the land itself.

    Raises:
        SourceUnreadable: it has more or fewer features than the pack expects, or lies somewhere else altogether.
    """
    least, most = spec.count or (0, len(file.features))
    if not least <= len(file.features) <= most:
        said = f"{len(file.features)} features, where the pack expects {least} to {most} (count)"
        raise SourceUnreadable(f"{spec.file}: {said}")
    found: dict[str, Any] = {**file.findings, **_other_crs(spec, file)}
    shapes = _shapes(file)
    codes = [one.code for one in file.features]
    if on is not None:
        found |= _outside(spec, codes, shapes, on, pack)
    if role == AREAS:
        found |= _seams(spec, codes, shapes, pack) | (_abroad(shapes, pack) if on is None else {})
    if on is not None and len(shapes) >= _ENOUGH:
        found |= _datum(spec, shapes, on, pack, role == AREAS)
    return found


def _other_crs(spec: LayerSpec, file: LayerFile) -> dict[str, Any]:
    """Whether the file says another CRS of itself than the pack does; the pack's is taken."""
    said = "EPSG:4326" if _degrees(spec.crs) == "WGS-84" else spec.crs
    if not file.crs or not said.upper().startswith("EPSG:"):
        return {}
    try:
        same = CRS.from_user_input(file.crs).equals(CRS.from_user_input(said), ignore_axis_order=True)
    except CRSError:
        same = False
    in_file = file.crs if len(file.crs) <= 40 else f"{file.crs[:40]}…"
    return {} if same else {"crs": {"count": len(file.features), "file": in_file, "pack": spec.crs}}


def _shapes(file: LayerFile) -> _Shapes:
    shapes = np.empty(len(file.features), dtype=object)
    shapes[:] = [one.shape for one in file.features]
    return shapes


def _metric(shapes: _Shapes, spec: LayerSpec, pack: City) -> _Shapes:
    try:
        turned = metric(list(shapes), pack.metric_crs)
    except GEOSException as error:
        said = f"it lies where {pack.metric_crs} knows no metres ({error}); is crs or metric_crs mistaken?"
        raise SourceUnreadable(f"{spec.file}: {said}") from error
    if not np.isfinite(shapely.get_coordinates(turned)).all():
        said = f"it lies where {pack.metric_crs} knows no metres; is crs or metric_crs mistaken?"
        raise SourceUnreadable(f"{spec.file}: {said}")
    return turned


def _seams(spec: LayerSpec, codes: list[str], shapes: _Shapes, pack: City) -> dict[str, Any]:
    found: dict[str, Any] = {}

    def measure(some: _Shapes) -> NDArray[np.float64]:
        return np.asarray(shapely.area(_metric(some, spec, pack)), dtype=np.float64)

    over, between = seams.overlaps(shapes, measure), seams.gaps(shapes, measure)
    if over.pairs:
        pairs = [[codes[pair.one], codes[pair.other], _km2(pair.m2)] for pair in over.pairs[:LISTED]]
        km2 = _km2(sum(pair.m2 for pair in over.pairs))
        found["overlaps"] = {"count": len(over.pairs), "km2": km2, "pairs": pairs}
    if between.m2:
        largest = list(zip(between.where, between.m2, strict=True))[:LISTED]
        where = [[round(point.x, 6), round(point.y, 6), _km2(m2)] for point, m2 in largest]
        found["gaps"] = {"count": len(between.m2), "km2": _km2(sum(between.m2)), "where": where}
    if slivers := over.slivers + between.slivers:
        found["slivers"] = {"count": slivers, "m2": round(over.slivers_m2 + between.slivers_m2, 3)}
    return found


def _km2(m2: float) -> float:
    return round(m2 / 1e6, 6)


def _abroad(shapes: _Shapes, pack: City) -> dict[str, Any]:
    """Whether the land lies where its metric CRS is not made for: then its metres are none."""
    area = CRS.from_user_input(pack.metric_crs).area_of_use
    if area is None:
        return {}
    bounds = shapely.bounds(shapes)
    low, high = np.array(area.bounds[:2]) - _FAR_DEGREES, np.array(area.bounds[2:]) + _FAR_DEGREES
    out = int(((bounds[:, :2] < low) | (bounds[:, 2:] > high)).any(axis=1).sum())
    return {"abroad": {"count": out, "crs": pack.metric_crs}} if out else {}


def _outside(spec: LayerSpec, codes: list[str], shapes: _Shapes, on: Land, pack: City) -> dict[str, Any]:
    west, south, east, north = on.bounds
    box = shapely.box(west - _FAR_DEGREES, south - _FAR_DEGREES, east + _FAR_DEGREES, north + _FAR_DEGREES)
    out = ~np.asarray(shapely.intersects(shapes, box), dtype=bool)
    close = np.flatnonzero(~out)
    out[close] = ~seams.near(_metric(shapes[close], spec, pack), on.shapes, pack.outside_m)
    if out.all():
        said = f"none of it lies on {on.name}, or within {pack.outside_m:g} m; is crs mistaken, or lon and lat swapped?"
        raise SourceUnreadable(f"{spec.file}: {said}")
    astray = [code for code, away in zip(codes, out.tolist(), strict=True) if away]
    if not astray:
        return {}
    return {
        "outside": {"count": len(astray), "codes": astray[:LISTED], "layer": on.name, "metres": int(pack.outside_m)}
    }


def _datum(spec: LayerSpec, shapes: _Shapes, on: Land, pack: City, areas: bool) -> dict[str, Any]:
    """Whether the layer would lie better on the land if its coordinates were of another datum than is said."""
    said = _degrees(spec.crs)
    if said is None or not _shifted(on):
        return {}
    some = np.array([shapely.union_all(shapes)], dtype=object) if areas else shapes[:: -(-len(shapes) // _SAMPLE)]
    raw = shapely.transform(some, lambda xy: np.column_stack(_written(xy[:, 0], xy[:, 1], said)))
    now = _agreement(some, spec, on, pack, areas)
    other, better = max(
        (
            (datum, _agreement(_read_as(raw, datum), spec, on, pack, areas))
            for datum in DATUMS
            if datum != said
        ),
        key=lambda one: one[1],
    )  # fmt: skip
    if better - now <= _BETTER:
        return {}
    return {
        "datum": {
            "count": len(shapes), "crs": said, "other": other, "now": round(now, 4), "better": round(better, 4),
            "layer": on.name,
        }
    }  # fmt: skip


def _shifted(on: Land) -> bool:
    """Whether the land lies where maps are shifted at all."""
    lon, lat = np.array(on.bounds[::2]), np.array(on.bounds[1::2])
    return bool((wgs84_to_gcj02(lon, lat)[0] != lon).all())


def _degrees(crs: str) -> str | None:
    name = crs.strip().upper().replace("_", "-")
    if name in ("EPSG:4326", "WGS84"):
        return "WGS-84"
    return {"GCJ02": "GCJ-02", "BD09": "BD-09"}.get(name, name if name in DATUMS else None)


def _written(lon: NDArray[np.float64], lat: NDArray[np.float64], crs: str) -> tuple[Any, Any]:
    """WGS-84 degrees as a file in that datum has them."""
    if crs == "WGS-84":
        return lon, lat
    gcj = wgs84_to_gcj02(lon, lat)
    return gcj if crs == "GCJ-02" else gcj02_to_bd09(*gcj)


def _read_as(raw: _Shapes, crs: str) -> _Shapes:
    return np.asarray(
        shapely.transform(raw, lambda xy: np.column_stack(to_wgs84(xy[:, 0], xy[:, 1], crs))), dtype=object
    )


def _agreement(shapes: _Shapes, spec: LayerSpec, on: Land, pack: City, areas: bool) -> float:
    return seams.agreement(_metric(shapes, spec, pack), on.shapes, areas)
