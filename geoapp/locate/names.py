"""The forms a name is said in: as registered, shortened, with another ending; each with what it costs to believe it.

A cost is in nats: a form of cost 1 is believed e times less than the name as registered. A weak form is a place only
where the words around it say so: 万丰 may be 万丰社区, or half of another name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from geoapp.locate.normalise import plain


class Kind(IntEnum):
    """What a name is the name of."""

    AREA = 0
    ROAD = 1
    LANDMARK = 2
    ASSET = 3
    COMMUNITY = 4
    STATION = 5
    HILL = 6


_ROLES: Final = {"areas": Kind.AREA, "roads": Kind.ROAD, "assets": Kind.ASSET, "landmarks": Kind.LANDMARK}
_CLASSES: Final = {
    "地铁站": Kind.STATION, "station": Kind.STATION, "metro": Kind.STATION, "community": Kind.COMMUNITY,
    "社区": Kind.COMMUNITY, "山名": Kind.HILL, "山": Kind.HILL, "peak": Kind.HILL, "hill": Kind.HILL,
}  # fmt: skip


def kind_of(role: str, classed: str = "") -> Kind:
    """The kind of a layer's role; landmarks are told apart by what their layer classes them as."""
    found = _ROLES[role]
    return _CLASSES.get(classed, found) if found is Kind.LANDMARK else found


@dataclass(frozen=True, slots=True)
class Form:
    """One way of saying a name."""

    words: str
    cost: float
    weak: bool = False


_PARENTHESES: Final = re.compile(r"[(【\[].*?[)】\]]")
_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_CAR_PARK: Final = re.compile(r"(?:地下|地面|专用|公共|路边|立体)*停车[场库楼](?:出入口|入口|出口)?$")
_NOT_HOSTS: Final = ("社区", "有限公司", "区", "街道")
"""A car park says where in these it is, not where they are."""

_PART: Final = re.compile(r"^(.{2,6})[东南西北中](路|街)$")
_ENDINGS: Final = ("大道", "公路", "路", "街", "道")
_AREA_ENDINGS: Final = ("街道", "新区", "区", "镇", "乡", "县", "borough")
_COMMON: Final = """
    停车场 公园 图书馆 博物馆 广场 学校 小学 中学 幼儿园 医院 市场 超市 公交站 小区 花园 大厦 中心 钓鱼池
    体育馆 体育中心 工业区 工业园 科技园 酒店 商场 菜市场 派出所 加油站 地铁站 车站 天桥 步行街 新村 老村
    社区 村 公寓 宿舍 办公楼 写字楼 门诊部 美食街 商业街 人民医院 中心公园 文化广场 aed 民宿 餐厅 银行 码头
    海滩 沙滩 水库 河 湖 山 大山 森林公园 体育公园 社区公园 park school hospital library station
"""
_GENERIC: Final = frozenset(_COMMON.split())
"""Names that many places have and none owns."""

SHORT: Final = 0.1
CITY_LEFT_OUT: Final = 0.05
OMITTED: Final = 0.2
OTHER_ENDING: Final = 1.2
_LEAST_LEFT: Final = 4
COMMON_PART: Final = 0.15
AS_VILLAGE: Final = 0.5


def forms(kind: Kind, name: str, city: Sequence[str] = ()) -> list[Form]:
    """Every form of a name, the name itself first; none where the name could be anything's."""
    said = plain(name).strip().replace("\n", "").replace("\r", "")
    found: dict[str, Form] = {}
    for form in _forms(kind, said, [plain(word) for word in city]):
        words = form.words.strip()
        if _usable(words) and words not in found:
            found[words] = Form(words, form.cost, form.weak or _weak(kind, words))
    return list(found.values())


def _usable(words: str) -> bool:
    return len(words) >= 2 and words not in _GENERIC and not words.isdigit()


def _weak(kind: Kind, words: str) -> bool:
    if kind is Kind.AREA:
        return False
    if kind is Kind.HILL:
        return len(words) <= 3
    if kind is Kind.ASSET:
        # 消防栓 is a thing; SZ-1024 is this one.
        return not any(sign.isdigit() for sign in words)
    if _HAN.search(words):
        return len(words) <= 2
    return len(words) <= 4 or (kind is Kind.ROAD and " " not in words and words != "broadway")


def _forms(kind: Kind, name: str, city: Sequence[str]) -> Iterator[Form]:
    yield Form(name, 0.0)
    bare = whole = _PARENTHESES.sub("", name).strip()
    if kind is not Kind.ROAD:
        # 深圳市民中心 is 市民中心 rather than 民中心: where both can be cut off, both are said.
        for word in city:
            rest = bare.removeprefix(word)
            if rest != bare and len(rest) >= _LEAST_LEFT:
                yield Form(name.removeprefix(word), CITY_LEFT_OUT)
                yield Form(rest, CITY_LEFT_OUT)
                bare = rest if word == city[-1] else bare
    if bare != name:
        yield Form(bare, SHORT)
    if _HAN.search(name):
        yield from _OF_KIND[kind](bare)
        if whole != bare:
            # 深圳北站 is a name of its own: north of what would be asked of 北站 alone.
            yield from _OF_KIND[kind](whole)
        if kind is Kind.LANDMARK:
            yield from _host(name)
    elif kind is Kind.ROAD:
        yield from _english_road(bare)


def _area(name: str) -> Iterator[Form]:
    for ending in _AREA_ENDINGS:
        short = name.removesuffix(ending)
        if short != name and len(short) >= 2:
            yield Form(short, OMITTED)
            if ending == "街道":
                yield Form(f"{short}街道办事处", 0.0)
                yield Form(f"{short}街道办", 0.0)
                yield Form(f"{short}街办", SHORT)
                yield Form(f"{short}镇", 0.4)
            return


def _road(name: str) -> Iterator[Form]:
    part = _PART.match(name)
    if part:
        yield Form(part[1] + part[2], COMMON_PART)
        yield Form(f"{part[1]}大道", OTHER_ENDING)
    for ending in _ENDINGS:
        stem = name.removesuffix(ending)
        if stem != name:
            if len(stem) >= 2:
                for other in _ENDINGS:
                    yield Form(stem + other, OTHER_ENDING)
            return


def _community(name: str) -> Iterator[Form]:
    short = name.removesuffix("居民委员会").removesuffix("社区")
    yield Form(f"{short}社区", SHORT)
    yield Form(f"{short}社区居委会", SHORT)
    yield Form(f"{short}村", AS_VILLAGE)
    yield Form(short, AS_VILLAGE, weak=True)


def _station(name: str) -> Iterator[Form]:
    short = name.removesuffix("地铁站").removesuffix("站")
    for said in (f"{short}地铁站", f"{short}站"):
        yield Form(said, SHORT)
    for said in (f"地铁{short}站", f"地铁站{short}", f"{short}地铁", f"{short}地铁口"):
        yield Form(said, OMITTED)


def _landmark(name: str) -> Iterator[Form]:
    host = _CAR_PARK.sub("", name)
    if host != name and len(host) >= 3 and not host.endswith(_NOT_HOSTS):
        yield Form(host, SHORT)
    if name.startswith("aed("):
        yield Form(name[4:].rstrip(")"), SHORT)


def _host(name: str) -> Iterator[Form]:
    """What a device or a car park stands in: the words in its parentheses, or before them."""
    inner = re.search(r"^aed\((.+)\)$", name)
    if inner:
        yield Form(inner[1], SHORT)
    short = _CAR_PARK.sub("", name)
    outer = _PARENTHESES.sub("", short).strip()
    if short != name and len(outer) >= 3 and not outer.endswith(_NOT_HOSTS):
        yield Form(outer, OMITTED)


def _nothing(_name: str) -> Iterator[Form]:
    return iter(())


_OF_KIND: Final = {
    Kind.AREA: _area, Kind.ROAD: _road, Kind.COMMUNITY: _community, Kind.STATION: _station,
    Kind.LANDMARK: _landmark, Kind.ASSET: _nothing, Kind.HILL: _nothing,
}  # fmt: skip

_SIDE: Final = re.compile(r"^(?:west|east|north|south|w|e|n|s) (\d.*)$")
_TYPE: Final = re.compile(
    r"^(.+) (?:street|st|avenue|ave|av|road|rd|boulevard|blvd|drive|dr|place|pl|lane|ln|parkway|pkwy)$"
)


def _english_road(name: str) -> Iterator[Form]:
    side = _SIDE.match(name)
    if side:
        yield Form(side[1], 1.0)
    kind = _TYPE.match(name)
    if kind and not kind[1].replace(" ", "").isdigit() and len(kind[1]) >= 5:
        yield Form(kind[1], 0.7, weak=True)
