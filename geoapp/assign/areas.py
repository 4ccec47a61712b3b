"""Which area of a layer each point lies in: exact, in batches, ties decided by a stated rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geoapp.assign.assets import AssetLayer
from geoapp.assign.raster import NONE as NONE
from geoapp.assign.raster import Raster
from geoapp.locate.datum import Floats, project, transformer

_PIECE: Final = 32
"""Vertices in a piece of a border: few enough that to measure one is quick."""


@dataclass(frozen=True, slots=True)
class Outlined:
    """A layer's outlines in metres: to be looked up whole, and their borders in pieces to be measured to."""

    outlines: NDArray[np.object_]
    tree: shapely.STRtree
    pieces: shapely.STRtree

    @staticmethod
    def of(outlines: NDArray[np.object_]) -> Outlined:
        """Outlines in metres, made ready."""
        rings = shapely.get_rings(shapely.get_parts(outlines))
        xy, ring = shapely.get_coordinates(rings, return_index=True)
        start = np.searchsorted(ring, np.arange(len(rings)))
        nth = np.arange(len(xy)) - start[ring]
        size = np.bincount(ring, minlength=len(rings))[ring]
        # A piece ends where the next begins, so the vertex between stands in both.
        shared = np.flatnonzero((nth % _PIECE == 0) & (nth > 0) & (nth < size - 1))
        at = np.sort(np.concatenate([np.arange(len(xy)), shared]), kind="stable")
        second = np.append(False, at[1:] == at[:-1])
        _, piece = np.unique(np.cumsum(second | (nth[at] == 0)), return_inverse=True)
        return Outlined(
            outlines, shapely.STRtree(outlines), shapely.STRtree(shapely.linestrings(xy[at], indices=piece))
        )


@dataclass(frozen=True, slots=True)
class AreaLayer:
    """One version of one area layer, in memory: arrays in the order of codes, outlines in WGS-84 degrees."""

    name: str
    kind: str
    version: int
    key_ids: NDArray[np.int64]
    codes: tuple[str, ...]
    names: tuple[Mapping[str, str], ...]
    qualities: tuple[str, ...]
    outlines: NDArray[np.object_]
    tree: shapely.STRtree = field(repr=False)
    raster: Raster = field(repr=False)
    borders: dict[tuple[int, str], BaseGeometry] = field(repr=False, default_factory=dict)
    outlined: dict[str, Outlined] = field(repr=False, default_factory=dict)

    @staticmethod
    def of(
        name: str, kind: str, version: int, key_ids: list[int], codes: list[str],
        names: list[Mapping[str, str]], qualities: list[str], outlines: NDArray[np.object_],
        raster: Raster | None = None,
    ) -> AreaLayer:  # fmt: skip
        """The layer, sorted by code: the tie rule counts on the order. A raster given is one of outlines so sorted."""
        order = sorted(range(len(codes)), key=codes.__getitem__)
        sorted_outlines = outlines[order]
        shapely.prepare(sorted_outlines)
        return AreaLayer(
            name, kind, version,
            np.array([key_ids[i] for i in order], dtype=np.int64),
            tuple(codes[i] for i in order), tuple(names[i] for i in order), tuple(qualities[i] for i in order),
            sorted_outlines, shapely.STRtree(sorted_outlines), raster or Raster.of(sorted_outlines),
        )  # fmt: skip

    def find(self, lon: Floats, lat: Floats) -> NDArray[np.int64]:
        """The position of the area that covers each point (border included), or -1.

        Tie rule: a point that several areas cover, as on a shared border, goes to the lowest code in text order.
        """
        return self.raster.find(self.outlines, lon, lat)

    def borders_m(self, at: NDArray[np.int64], lon: Floats, lat: Floats, metric_crs: str) -> list[float]:
        """Metres from each point to the border of the area at its position, in the city's metric CRS."""
        if not len(at):
            return []
        x, y = transformer("EPSG:4326", metric_crs).transform(lon, lat)
        lines = np.array([self._border(one, metric_crs) for one in at.tolist()], dtype=object)
        return [round(float(away), 1) for away in shapely.distance(lines, shapely.points(x, y))]

    def in_metres(self, metric_crs: str) -> Outlined:
        """The outlines in a metric CRS, made once."""
        kept = self.outlined.get(metric_crs)
        if kept is None:
            projected = np.asarray(project(self.outlines, metric_crs), dtype=object)
            kept = self.outlined[metric_crs] = Outlined.of(projected)
        return kept

    def _border(self, at: int, metric_crs: str) -> BaseGeometry:
        # To project an outline costs more than the question.
        kept = self.borders.get((at, metric_crs))
        if kept is None:
            kept = self.borders[at, metric_crs] = project(self.outlines[at].boundary, metric_crs)
        return kept


@dataclass(frozen=True, slots=True)
class Ground:
    """A city's layers in force; responsible names the area layer whose areas own what lies in them."""

    layers: tuple[AreaLayer, ...]
    responsible: str
    outside_m: float
    metric_crs: str = "EPSG:3857"
    assets: tuple[AssetLayer, ...] = ()
    roads: tuple[AssetLayer, ...] = ()

    def layer(self, name: str) -> AreaLayer:
        """The layer of that name; KeyError if the city has none."""
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise KeyError(name)

    @property
    def versions(self) -> dict[str, int]:
        """Layer name → version: what a run pins and an answer cites."""
        areas = {layer.name: layer.version for layer in self.layers}
        return areas | {layer.name: layer.version for layer in (*self.assets, *self.roads)}

    def in_city(self, lon: Floats, lat: Floats) -> NDArray[np.bool_]:
        """Whether each point lies in an area of the responsible layer, or within outside_m of one.

        Piers, bridges and shoreline defects lie off every outline and still are the city's.
        """
        layer = self.layer(self.responsible)
        inside: NDArray[np.bool_] = layer.find(lon, lat) != NONE
        away = np.flatnonzero(~inside)
        if len(away):
            inside[away] = _near(layer, lon[away], lat[away], self.outside_m)
        return inside


def _near(layer: AreaLayer, lon: Floats, lat: Floats, metres: float) -> NDArray[np.bool_]:
    """Whether each point lies within so many metres of an outline, measured on a sphere.

    Degrees of longitude are shortened as they are at each point's latitude: the part of an outline
    that is nearest in plain degrees need not be the nearest in metres.
    """
    shrink = np.maximum(np.cos(np.radians(lat)), 0.01)
    points = shapely.points(lon, lat)
    close = np.zeros(len(lon), dtype=bool)
    which, where = layer.tree.query(points, predicate="dwithin", distance=metres / 111_320 / shrink)
    for at, outline in zip(which.tolist(), where.tolist(), strict=True):
        if not close[at]:
            scale = np.array([shrink[at], 1.0])
            flat = shapely.transform(layer.outlines[outline], scale.__mul__)
            here = shapely.Point(lon[at] * shrink[at], lat[at])
            close[at] = shapely.distance(flat, here) * 111_320 <= metres
    return close
