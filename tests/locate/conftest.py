"""A small town whose names and crossings are known by heart."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geoapp.locate.gazetteer import Addresses, Fix, Gazetteer, Layer, build
from geoapp.locate.locator import Locator
from geoapp.locate.names import Kind

CRS = "EPSG:4547"
WEST, SOUTH, STEP = 114.0, 22.5, 0.01


def at(east: float, north: float) -> tuple[float, float]:
    """A point of the town in degrees; streets lie a step of a kilometre apart."""
    return WEST + east * STEP, SOUTH + north * STEP


def _line(*points: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([at(*point) for point in points])


def _box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    return shapely.box(*at(west, south), *at(east, north))


def _layer(name: str, kind: Kind, of: dict[str, object], **further: object) -> Layer:
    shapes = np.empty(len(of), dtype=object)
    shapes[:] = list(of.values())
    names = [key.partition("#")[0] for key in of]
    return Layer(name, kind, names, shapes, **further)  # type: ignore[arg-type]


ROADS = {
    "深盐路": _line((0.2, 1), (3.8, 1)),
    "东海道": _line((1, 0.2), (1, 3.8)),
    "八卦一路": _line((2, 0.2), (2, 3.8)),
    "八卦二路": _line((3, 0.2), (3, 3.8)),
    "红岭北路": _line((5, 2), (5, 3.8)),
    "红岭南路": _line((5, 0.2), (5, 2)),
    "笋岗路": _line((4.2, 3), (7.8, 3)),
    "福民路#盐田": _line((0.2, 2), (3.8, 2)),
    "福民路#福田": _line((4.2, 1), (7.8, 1)),
    "West 72 Street": _line((0.5, 3.5), (3.5, 3.5)),
    "Broadway": _line((1.5, 0.2), (1.5, 3.8)),
    "Amsterdam Avenue": _line((2.5, 0.2), (2.5, 3.8)),
}


@pytest.fixture(scope="session")
def gazetteer() -> Gazetteer:
    """The town's."""
    layers = [
        _layer("districts", Kind.AREA, {"盐田区": _box(0, 0, 4, 4), "福田区": _box(4, 0, 8, 4)}, level=0),
        _layer(
            "offices", Kind.AREA,
            {"海山街道": _box(0, 0, 4, 2.5), "梅沙街道": _box(0, 2.5, 4, 4), "园岭街道": _box(4, 0, 8, 4)}, level=1,
        ),
        _layer("roads", Kind.ROAD, ROADS),
        _layer(
            "landmarks", Kind.LANDMARK,
            {"海谷科技大厦": shapely.Point(at(1.3, 1.1)), "深圳市民中心": shapely.Point(at(6, 2)), "停车场": shapely.Point(at(7, 2))},
        ),
        _layer("stations", Kind.STATION, {"世界之窗地铁站": shapely.Point(at(6.5, 3.1))}, radius_m=150),
        _layer("communities", Kind.COMMUNITY, {"万丰社区": shapely.Point(at(5.5, 1.5))}, radius_m=700),
        _layer("hills", Kind.HILL, {"大石": shapely.Point(at(3.5, 3.5))}, radius_m=200),
    ]  # fmt: skip
    houses = Addresses(
        ["Broadway"] * 3, ["100", "120", "131"],
        np.array([shapely.Point(at(1.5, 1.0)), shapely.Point(at(1.5, 1.2)), shapely.Point(at(1.5, 1.3))]),
    )  # fmt: skip
    fixes = [Fix("东海路", "东海道", "people say so"), Fix("市民中心", "深圳市民中心", "short")]
    return build(layers, CRS, city=("深圳市", "深圳"), fixes=fixes, addresses=[houses])


@pytest.fixture(scope="session")
def locator(gazetteer: Gazetteer) -> Locator:
    """The town's."""
    return Locator(gazetteer)
