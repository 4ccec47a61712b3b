"""The demo city as a pack would describe it; nothing of it lies in a file."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from geoapp.city import City, LayerSpec
from geoapp.demo import land, words
from geoapp.tickets.numbers import SYNTHETIC

# The reach of each layer of assets and roads, metres: how far beside it people stand who speak of it.
_REACH_M: Final = {
    "roads": 45.0, "parks": 8.0, "footbridges": 40.0, "lamps": 25.0, "manholes": 16.0, "signals": 45.0,
    "bus_stops": 30.0,
}  # fmt: skip


def pack() -> City:
    """The city, its layers and its catalogue."""
    return City(
        code="demo",
        prefix=SYNTHETIC,
        names={"zh": "海湾市（示例）", "en": "Bay City (demo)"},
        time_zone="Asia/Shanghai",
        metric_crs=land.METRIC_CRS,
        languages=("zh", "en"),
        datum="WGS-84",
        outside_m=300.0,
        attribution="示例数据，纯属虚构 · Generated for demonstration",
        licence="CC0-1.0",
        responsible="street_offices",
        layers=(
            _layer("districts", "districts", "区", "District"),
            _layer("street_offices", "street_offices", "街道", "Street office"),
            _layer("communities", "communities", "社区", "Community"),
            _layer("grids", "grids", "网格", "Grid"),
            _layer("roads", "roads", "道路", "Road"),
            _layer("parks", "assets", "公园", "Park"),
            _layer("footbridges", "assets", "人行天桥", "Footbridge"),
            _layer("lamps", "assets", "路灯", "Street lamp"),
            _layer("manholes", "assets", "检查井", "Manhole"),
            _layer("signals", "assets", "交通信号灯", "Traffic signals"),
            _layer("bus_stops", "assets", "公交站", "Bus stop"),
            _layer("landmarks", "landmarks", "地名", "Landmark"),
        ),
        categories={code: dict(names) for code, names in words.CATEGORIES.items()},
        matters=words.MATTERS,
        calendar="CN",
        synthetic=True,
    )


def _layer(name: str, kind: str, zh: str, en: str) -> LayerSpec:
    spec = LayerSpec(
        name, kind, "(generated)", "code", {"zh": "zh", "en": "en"}, {"zh": zh, "en": en}, quality="synthetic",
        reach_m=_REACH_M.get(name, 0.0),
    )  # fmt: skip
    if kind == "assets":
        matters = tuple(one.spec.code for one in words.TOLD if one.layer == name)
        told = replace(spec, classed="class", matters=matters)
        return replace(told, authority="authority", owner="owner", maintainer="maintainer")
    return replace(spec, classed="class") if kind in ("roads", "landmarks") else spec
