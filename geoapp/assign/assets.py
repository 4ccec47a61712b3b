"""Which asset (部件) or road a point is of: the one that contains it, else the nearest within the class's reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geoapp.assign.arrays import Packed
from geoapp.assign.nearest import NONE as NONE
from geoapp.assign.nearest import Found, Segments
from geoapp.assign.raster import Raster
from geoapp.locate.datum import Floats, degrees, project, transformer

STRETCH_M: Final = 100.0
"""How long a stretch of a road is: what one crew mends in one go, and short enough to be found on foot."""


@dataclass(frozen=True, slots=True)
class AssetLayer:
    """One version of a layer of assets or roads, in arrays that a file can hold, in the order of codes.

    matters are those a report of them can have; reach_m is how far a report may lie and still be of one.
    """

    name: str
    kind: str
    version: int
    version_id: int
    reach_m: float
    matters: frozenset[str]
    metric_crs: str
    codes: Packed
    shapes: Packed
    segments: Segments
    inner: NDArray[np.int64]
    raster: Raster | None
    outlines: NDArray[np.object_] = field(repr=False)

    def code(self, at: int) -> str:
        """The code of the feature at a position."""
        return self.codes[at].decode()

    def find(self, lon: Floats, lat: Floats) -> Found:
        """For each point in degrees the feature that contains it (0 m), else the nearest in reach, else NONE.

        Tie rule: of several that contain it or are equally near, the lowest code in text order.
        """
        x, y = transformer("EPSG:4326", self.metric_crs).transform(lon, lat)
        found = self.segments.nearest(np.asarray(x), np.asarray(y))
        if self.raster is not None:
            within = self.raster.find(self.outlines, lon, lat)
            inside = within != NONE
            found.at[inside], found.metres[inside] = self.inner[within[inside]], 0.0
        return found

    def shape(self, at: int) -> BaseGeometry:
        """The shape of the feature at a position, in WGS-84 degrees."""
        return shapely.from_wkb(self.shapes[at])

    def places(self, at: Sequence[int], along: Sequence[float]) -> tuple[Floats, Floats]:
        """A point in degrees for each feature: so many metres along it; a point's and a polygon's is one within it."""
        if not len(at):
            return np.empty(0), np.empty(0)
        shapes = project(np.array([self.shape(one) for one in at], dtype=object), self.metric_crs)
        points = shapely.point_on_surface(shapes)
        lines = np.isin(
            shapely.get_type_id(shapes), [shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING]
        )
        points[lines] = shapely.line_interpolate_point(shapes[lines], np.array(along)[lines])
        x, y = shapely.get_x(points), shapely.get_y(points)
        return degrees(x, y, self.metric_crs)


def arrays(
    codes: Sequence[str], shapes: NDArray[np.object_], reach_m: float, metric_crs: str
) -> dict[str, NDArray[Any]]:
    """What an asset layer's index consists of; codes rising, shapes in WGS-84 degrees."""
    inner = np.flatnonzero(shapely.get_dimensions(shapes) == 2)
    segments = Segments.of(project(shapes, metric_crs), reach_m)
    made = {
        **Packed.of([code.encode() for code in codes]).arrays("codes"),
        **Packed.of(list(shapely.to_wkb(shapes))).arrays("shapes"),
        **{f"segments.{name}": array for name, array in segments.arrays().items()},
        "inner": inner.astype(np.int64),
    }
    if len(inner):
        made |= {f"raster.{name}": array for name, array in Raster.of(shapes[inner]).arrays().items()}
    return made


def layer_from(
    name: str, kind: str, version: int, version_id: int, reach_m: float, matters: Sequence[str], metric_crs: str,
    made: Mapping[str, NDArray[Any]],
) -> AssetLayer:  # fmt: skip
    """The layer that `arrays` took apart."""
    shapes, inner = Packed.from_arrays(made, "shapes"), made["inner"]
    outlines = np.array([shapely.from_wkb(shapes[one]) for one in inner.tolist()], dtype=object)
    shapely.prepare(outlines)
    return AssetLayer(
        name, kind, version, version_id, reach_m, frozenset(matters), metric_crs,
        Packed.from_arrays(made, "codes"), shapes, Segments.from_arrays(_under(made, "segments.")), inner,
        Raster.from_arrays(_under(made, "raster.")) if len(inner) else None, outlines,
    )  # fmt: skip


def choose(
    layers: Sequence[AssetLayer], lon: Floats, lat: Floats, matters: Sequence[str]
) -> list[tuple[int, int, float] | None]:
    """The asset of each point: position of its layer and in it, and metres; None where none is in reach.

    A matter that layers name asks only those; one that none names, and none at all, ask every layer.
    Tie rule: of equally near ones the first layer of the pack.
    """
    named = {matter for layer in layers for matter in layer.matters}
    best: list[tuple[int, int, float] | None] = [None] * len(lon)
    for nth, layer in enumerate(layers):
        asked = np.array([matter not in named or matter in layer.matters for matter in matters], dtype=bool)
        where = np.flatnonzero(asked)
        found = layer.find(lon[where], lat[where])
        for position, at, metres in zip(where.tolist(), found.at.tolist(), found.metres.tolist(), strict=True):
            before = best[position]
            if at != NONE and (before is None or metres < before[2]):
                best[position] = (nth, at, metres)
    return best


def _under(made: Mapping[str, NDArray[Any]], start: str) -> dict[str, NDArray[Any]]:
    return {name.removeprefix(start): array for name, array in made.items() if name.startswith(start)}
