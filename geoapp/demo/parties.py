"""Who looks after what in the demo city: made-up bureaus, companies and the one contractor whose repairs fail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoapp.demo.drawing import ARTERIAL, EXPRESSWAY
from geoapp.demo.names import Name

FAILING: Final = "宏基路桥养护公司"
FAILING_EN: Final = "Hongji Road Maintenance"
"""Its repairs do not hold: what it mended breaks again within weeks."""

TRENCHER: Final = "联信通信工程公司"
TRENCHER_EN: Final = "Lianxin Telecom Works"
"""It digs for cables, and the ground gives way along its trenches."""

TRANSPORT: Final = "海湾市交通运输局"
WATER: Final = "海湾市水务局"
HOUSING: Final = "海湾市住房和建设局"
POLICE: Final = "海湾市交通警察支队"

_LAMP_KEEPERS: Final = ("明灯照明工程公司", "星河市政照明公司", "明灯照明工程公司", "南湾机电公司", "星河市政照明公司")
_ROAD_KEEPERS: Final = ("远航市政养护公司", "通衢道路养护公司", FAILING, "远航市政养护公司", "通衢道路养护公司")
_PARK_KEEPERS: Final = ("绿野园林公司", "绿野园林公司", "海棠园林绿化公司", "海棠园林绿化公司", "海棠园林绿化公司")


@dataclass(frozen=True, slots=True)
class Pipe:
    """What a manhole leads to: the letters on its cover, its class and names, and its three parties."""

    letters: str
    classed: str
    name: Name
    authority: str
    owner: str
    maintainer: str


PIPES: Final = (
    Pipe("YS", "manhole-rain", ("雨水井", "Rainwater manhole"), WATER, "海湾排水集团", "清源管网养护公司"),
    Pipe("WS", "manhole-sewage", ("污水井", "Sewage manhole"), WATER, "海湾排水集团", "清源管网养护公司"),
    Pipe("JS", "manhole-water", ("给水井", "Water manhole"), WATER, "海湾供水集团", "海湾供水集团"),
    Pipe("DL", "manhole-power", ("电力井", "Power manhole"), HOUSING, "南湾供电公司", "南湾机电公司"),
    Pipe("TX", "manhole-telecom", ("通信井", "Telecom manhole"), HOUSING, "海湾通信管线公司", TRENCHER),
    Pipe("RQ", "manhole-gas", ("燃气井", "Gas manhole"), HOUSING, "海湾燃气公司", "海湾燃气公司"),
)
PIPES_OFTEN: Final = (0.34, 0.3, 0.11, 0.1, 0.1, 0.05)


@dataclass(frozen=True, slots=True)
class Parties:
    """The three parties of each of some things: authority 主管部门, owner 权属单位, maintainer 养护单位."""

    authority: Sequence[str]
    owner: Sequence[str]
    maintainer: Sequence[str]


def bureau(district: str) -> str:
    """The urban management bureau of a district."""
    return f"{district}城市管理局"


def of_lamps(districts: Sequence[str], at: NDArray[np.int64]) -> Parties:
    """Lamps belong to one centre for the whole city and are kept by district."""
    return Parties(
        [bureau(districts[one]) for one in at], ["海湾市路灯管理中心"] * len(at), [_LAMP_KEEPERS[one] for one in at]
    )


def of_roads(
    districts: Sequence[str], at: NDArray[np.int64], classes: Sequence[str], offices: Sequence[str]
) -> Parties:
    """Great roads are the city's, the others their district's and street office's."""
    great = [one in (EXPRESSWAY, ARTERIAL) for one in classes]
    return Parties(
        [TRANSPORT if big else bureau(districts[one]) for big, one in zip(great, at, strict=True)],
        ["海湾市道路桥梁中心" if big else f"{office}办事处" for big, office in zip(great, offices, strict=True)],
        ["通达快速路养护公司" if of == EXPRESSWAY else _ROAD_KEEPERS[one] for of, one in zip(classes, at, strict=True)],
    )


def of_footbridges(districts: Sequence[str], at: NDArray[np.int64]) -> Parties:
    """Footbridges are kept by whoever keeps the road below."""
    return Parties([TRANSPORT] * len(at), ["海湾市道路桥梁中心"] * len(at), [_ROAD_KEEPERS[one] for one in at])


def of_parks(districts: Sequence[str], at: NDArray[np.int64]) -> Parties:
    """Parks are their district's."""
    return Parties(
        [bureau(districts[one]) for one in at],
        [f"{districts[one]}公园管理中心" for one in at], [_PARK_KEEPERS[one] for one in at],
    )  # fmt: skip


def of_manholes(kind: NDArray[np.int64]) -> Parties:
    """A manhole is whose its pipe is."""
    pipes = [PIPES[at] for at in kind.tolist()]
    return Parties([of.authority for of in pipes], [of.owner for of in pipes], [of.maintainer for of in pipes])


def of_stops(count: int) -> Parties:
    """Bus stops are the bus company's."""
    return Parties([TRANSPORT] * count, ["海湾巴士集团"] * count, ["候车亭设施维护公司"] * count)


def of_signals(count: int) -> Parties:
    """Signals are the traffic police's."""
    return Parties([POLICE] * count, [POLICE] * count, ["智行交通设施公司"] * count)
