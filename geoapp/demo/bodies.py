"""The demo city's bureaus and companies as units: what they are called, what is theirs, how they go about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from geoapp.demo import parties
from geoapp.demo.names import Name
from geoapp.records import UnitKind
from geoapp.store.units import Unit

BUREAU: Final = UnitKind.BUREAU
COMPANY: Final = UnitKind.COMPANY


@dataclass(frozen=True, slots=True)
class Body:
    """A unit that has no area of its own; its code is its name, by which assets call their parties. above: a unit."""

    name: str
    english: str
    kind: UnitKind
    above: str = ""


BODIES: Final = (
    Body(parties.TRANSPORT, "Transport Bureau", BUREAU),
    Body(parties.WATER, "Water Bureau", BUREAU),
    Body(parties.HOUSING, "Housing and Construction Bureau", BUREAU),
    Body(parties.POLICE, "Traffic Police", BUREAU),
    Body("海湾市应急管理局", "Emergency Bureau", BUREAU),
    Body("海湾市生态环境局", "Environment Bureau", BUREAU),
    Body("海湾市市场监督管理局", "Market Bureau", BUREAU),
    Body("海湾市教育局", "Education Bureau", BUREAU),
    Body("海湾市卫生健康委员会", "Health Commission", BUREAU),
    Body("海湾市人力资源和社会保障局", "Labour Bureau", BUREAU),
    Body("海湾市路灯管理中心", "Street Lighting Centre", BUREAU, parties.TRANSPORT),
    Body("海湾市道路桥梁中心", "Roads and Bridges Centre", BUREAU, parties.TRANSPORT),
    Body("海湾排水集团", "Bay Drainage Group", COMPANY),
    Body("海湾供水集团", "Bay Water Supply Group", COMPANY),
    Body("海湾燃气公司", "Bay Gas Company", COMPANY),
    Body("海湾通信管线公司", "Bay Telecom Ducts", COMPANY),
    Body("南湾供电公司", "Nanwan Power Company", COMPANY),
    Body("海湾巴士集团", "Bay Bus Group", COMPANY),
    Body("清源管网养护公司", "Qingyuan Pipe Maintenance", COMPANY),
    Body("南湾机电公司", "Nanwan Electrical", COMPANY),
    Body("明灯照明工程公司", "Mingdeng Lighting", COMPANY),
    Body("星河市政照明公司", "Xinghe Lighting", COMPANY),
    Body("远航市政养护公司", "Yuanhang Maintenance", COMPANY),
    Body("通衢道路养护公司", "Tongqu Road Maintenance", COMPANY),
    Body("通达快速路养护公司", "Tongda Expressway Maintenance", COMPANY),
    Body(parties.FAILING, parties.FAILING_EN, COMPANY),
    Body(parties.TRENCHER, parties.TRENCHER_EN, COMPANY),
    Body("候车亭设施维护公司", "Bus Shelter Services", COMPANY),
    Body("智行交通设施公司", "Zhixing Traffic Equipment", COMPANY),
    Body("绿野园林公司", "Lüye Gardens", COMPANY),
    Body("海棠园林绿化公司", "Haitang Gardens", COMPANY),
)
"""Whoever is named as a party of the city's assets, and the bureaus that answer for what is nobody's thing."""

BY_ASSET: Final = (
    *(("utility", of.classed, "owner") for of in parties.PIPES if of.letters not in ("YS", "WS")),
    *(("utility", classed, "owner") for classed in ("road-lamp", "lane-lamp")),
    *(("drainage", of.classed, "maintainer") for of in parties.PIPES if of.letters in ("YS", "WS")),
    *(("road", classed, "maintainer") for classed in ("footbridge", "footbridge-lift", "footbridge-ramp")),
    ("road", "expressway", "maintainer"),
    ("traffic", "traffic-signal", "maintainer"),
    ("traffic", "bus-stop", "maintainer"),
    *(("green", classed, "maintainer") for classed in ("park", "country-park")),
)
"""Category, class of asset, and which of its parties acts."""

BY_BUREAU: Final[tuple[tuple[str, str, tuple[str, ...]], ...]] = (
    ("utility", parties.HOUSING, ()),
    ("drainage", parties.WATER, ("海湾排水集团",)),
    ("traffic", parties.POLICE, (parties.TRANSPORT,)),
    ("emergency", "海湾市应急管理局", (parties.HOUSING, parties.WATER)),
    ("construction", parties.HOUSING, ()),
    ("ecology", "海湾市生态环境局", ()),
    ("transport", parties.TRANSPORT, ()),
    ("housing", parties.HOUSING, ()),
    ("market", "海湾市市场监督管理局", ()),
    ("education", "海湾市教育局", ()),
    ("health", "海湾市卫生健康委员会", ()),
    ("labour", "海湾市人力资源和社会保障局", ()),
)
"""Category, the bureau it is of in the whole city, and those that assist."""

BY_DISTRICT: Final = ("road", "green")
BY_OFFICE: Final = ("environment", "order", "advertising", "community")

STEPS: Final[tuple[tuple[Name, str, int, Name], ...]] = (
    (
        ("签收并联系诉求人", "Sign, and call whoever reported it"), "unit_staff", 240,
        ("您好，您反映的问题已由我单位受理，我们将尽快到现场核查。",
         "We have your report and shall look at it on site soon."),
    ),
    (("到现场核查，拍照取证", "Look at it on site and take pictures"), "unit_staff", 480, ("", "")),
    (
        ("安排处置，告知完成时间", "Have it put right, and say until when"), "crew", 1440,
        ("经现场核查情况属实，已安排处置，预计按期完成。", "We have seen it on site; it will be put right in time."),
    ),
    (
        ("自查合格，申请办结", "Look it over, and hand it in as done"), "unit_head", 240,
        ("您反映的问题已处置完毕，感谢您对城市管理的关心。", "It has been put right. Thank you for telling us."),
    ),
)  # fmt: skip
"""What each unit does with anything: the step, who takes it, minutes, and the template of what is replied."""

URGENT_STEPS: Final[tuple[tuple[Name, str, int, Name], ...]] = (
    (("立即到场，设置警示和围挡", "Go there at once; warn and fence off"), "crew", 60, ("", "")),
    (
        ("排除险情，通报应急部门", "Remove the danger, and tell the emergency bureau"), "unit_head", 240,
        ("现场险情已控制，后续处置正在进行，请注意避让。",
         "The danger is under control. Please keep away until it is done."),
    ),
)  # fmt: skip

_SURNAMES: Final = "陈林黄李王张刘吴郑周"
_GIVEN: Final = ("志远", "晓敏", "建国", "海燕", "文博", "丽华", "国栋", "雨晴")


def person(nth: int) -> str:
    """Somebody made up, who is named for a line."""
    return f"{_SURNAMES[nth % len(_SURNAMES)]}{_GIVEN[nth * 3 % len(_GIVEN)]}"


def of_district(district: Unit) -> str:
    """The urban management bureau of a district."""
    return parties.bureau(district.names["zh"])


def every(districts: Sequence[Unit]) -> Iterator[Body]:
    """All bodies, with the bureau and the park centre of each district."""
    yield from BODIES
    for one in districts:
        zh, en = one.names["zh"], one.names["en"]
        yield Body(parties.bureau(zh), f"{en} Urban Management Bureau", BUREAU, one.code)
        yield Body(f"{zh}公园管理中心", f"{en} Parks Centre", BUREAU, one.code)
