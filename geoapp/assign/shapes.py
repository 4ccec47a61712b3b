"""What a site looks like on the ground: an asset as it is, so many metres of a road, the square of a spot."""

from __future__ import annotations

from typing import Final

import shapely
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from geoapp.assign.assets import STRETCH_M
from geoapp.assign.sites import SPOT_M
from geoapp.locate.datum import project, unproject

_LINES: Final = ("LineString", "MultiLineString")


def stretch(road: BaseGeometry, nth: int, metric_crs: str) -> BaseGeometry:
    """The nth stretch of a road in WGS-84 degrees; a road of several parts is walked part by part, in their order."""
    if road.geom_type not in _LINES:
        return road
    walked, pieces = 0.0, []
    begin, end = nth * STRETCH_M, (nth + 1) * STRETCH_M
    for part in shapely.get_parts(project(road, metric_crs)):
        if begin < walked + part.length and end > walked:
            pieces.append(substring(part, max(begin - walked, 0.0), min(end - walked, part.length)))
        walked += part.length
    return unproject(shapely.union_all(pieces), metric_crs) if pieces else road


def spot(key: str, metric_crs: str) -> BaseGeometry | None:
    """The square of a spot in WGS-84 degrees; None: this is no spot's key."""
    column, _colon, row = key.partition(":")
    try:
        west, south = int(column) * SPOT_M, int(row) * SPOT_M
    except ValueError:
        return None
    square: BaseGeometry = unproject(shapely.box(west, south, west + SPOT_M, south + SPOT_M), metric_crs)
    return square
