"""The three lists of the demo city: a catalogue by combination, whose each matter is, and how units go about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from geoapp.assign.catalogue import CatalogueMatter
from geoapp.assign.duties import Duty
from geoapp.assign.implementation import Step
from geoapp.assign.three_lists import Line, ListKind
from geoapp.city import MatterSpec
from geoapp.demo import bodies, words
from geoapp.demo.names import Name
from geoapp.demo.subject import Subjects
from geoapp.demo.subjects_built import BUILT
from geoapp.demo.subjects_life import LIFE
from geoapp.demo.subjects_street import STREET
from geoapp.records import UnitKind
from geoapp.store.units import Unit

CATEGORIES: Final[Mapping[str, dict[str, str]]] = words.CATEGORIES | {
    "ecology": {"zh": "生态环保", "en": "Pollution"},
    "transport": {"zh": "公共交通", "en": "Public transport"},
    "housing": {"zh": "住房物业", "en": "Housing"},
    "market": {"zh": "市场消费", "en": "Markets and consumers"},
    "education": {"zh": "教育文体", "en": "Schools and culture"},
    "health": {"zh": "医疗卫生", "en": "Health"},
    "labour": {"zh": "劳动保障", "en": "Work and wages"},
    "community": {"zh": "社区服务", "en": "Community services"},
}
"""The eighteen categories: those of the city pack, and those of which its reports do not tell."""

PARENTS: Final[Mapping[str, tuple[str, dict[str, str]]]] = {
    code: ("streets", {"zh": "城市管理", "en": "Streets and utilities"}) for code in words.CATEGORIES
} | {
    code: ("life", {"zh": "民生服务", "en": "Daily life"}) for code in CATEGORIES if code not in words.CATEGORIES
}  # fmt: skip

_COMPONENTS: Final = frozenset({"utility", "road", "drainage", "traffic", "green"})
_WORKING_DAY: Final = 480
_URGENT: Final = {"dispatch": 30, "sign": 30, "first_contact": 60}
_ORDINARY: Final = {"dispatch": 120, "sign": 240, "first_contact": 1440}


@dataclass(frozen=True, slots=True)
class Edition:
    """One batch of all three lists: nth is 1 or 2, and why it was made."""

    nth: int
    reason: str
    lines: Mapping[ListKind, Sequence[Line]]


REASONS: Final = (
    "首批清单：18 个类别的事项、各单位职责与实施步骤。",
    "第二批：新增电动自行车充电设施，取消公用电话亭和报刊亭；加急事项处置时限由 2 天改为 1 天；"
    "户外广告由街道改由区城管局牵头。",
)


def editions(units: Sequence[Unit]) -> tuple[Edition, Edition]:
    """Both batches of the lists, for the units of the city's areas and its bodies."""
    offices = [unit for unit in units if unit.kind is UnitKind.STREET_OFFICE]
    districts = [unit for unit in units if unit.kind is UnitKind.DISTRICT]
    first, second = (
        Edition(nth, reason, {
            ListKind.CATALOGUE: tuple(catalogue(nth)),
            ListKind.RESPONSIBILITIES: tuple(duties(nth, offices, districts)),
            ListKind.IMPLEMENTATION: tuple(steps(nth, offices, districts)),
        })
        for nth, reason in enumerate(REASONS, 1)
    )  # fmt: skip
    return first, second


# The catalogue


def catalogue(nth: int) -> Iterator[CatalogueMatter]:
    """The matters of a batch: those people report, which the form offers, then all that may ever be asked."""
    told = [_offered(one.spec, nth) for one in words.TOLD]
    yield from told
    spoken = {one.names["zh"] for one in told}
    numbers: dict[str, int] = {}
    for group in (*BUILT, *STREET, *LIFE):
        # Codes count through all groups, so that a matter's stays when another comes or goes.
        before = numbers.get(group.category, 0)
        numbers[group.category] = before + len(group.things)
        if (group.came and nth == 1) or (group.went and nth == 2):
            continue
        fresh = [one for one in _matters(group, before, nth) if one.names["zh"] not in spoken]
        spoken |= {one.names["zh"] for one in fresh}
        yield from fresh


def _offered(spec: MatterSpec, nth: int) -> CatalogueMatter:
    zh, en = spec.names["zh"], spec.names["en"]
    parent, above = PARENTS[spec.category]
    return CatalogueMatter(
        spec.code, spec.category, spec.names, CATEGORIES[spec.category], parent, above, _nature(spec.category),
        spec.keywords, spec.urgent, offered=True, std_code=f"20{list(CATEGORIES).index(spec.category) + 1:02d}0000",
        filing_standard=_filing(spec.category, zh, en),
        closing_standard=_closing(spec.category, zh, en), minutes=_minutes(spec.urgent, 5, nth),
    )  # fmt: skip


def _matters(group: Subjects, before: int, nth: int) -> Iterator[CatalogueMatter]:
    parent, above = PARENTS[group.category]
    section = list(CATEGORIES).index(group.category) + 1
    for thing, problem, (zh, en), (wrong_zh, wrong_en), urgent in group.pairs():
        number = f"{before + thing:02d}{problem:02d}"
        said_zh, said_en = f"{zh}{wrong_zh}", f"{en}: {wrong_en}"
        yield CatalogueMatter(
            f"{group.category}-{number}", group.category, {"zh": said_zh, "en": said_en}, CATEGORIES[group.category],
            parent, above, group.nature, (zh, en.lower()), urgent, group.public,
            std_code=f"{'21' if group.nature == 'component' else '22'}{section:02d}{number}",
            filing_standard=_filing(group.category, said_zh, said_en),
            closing_standard=_closing(group.category, said_zh, said_en),
            minutes=_minutes(urgent, group.days, nth),
        )  # fmt: skip


def _nature(category: str) -> str:
    return "component" if category in _COMPONENTS else "event"


def _filing(category: str, zh: str, en: str) -> dict[str, str]:
    if category in words.CATEGORIES:
        return {
            "zh": f"现场或图片可确认“{zh}”，位置明确，在本市管辖范围内。",
            "en": f"Seen on site or in a picture: {en}.",
        }
    return {"zh": f"反映“{zh}”，对象明确、内容具体，属本市受理范围。", "en": f"Says of whom, and what: {en}."}


def _closing(category: str, zh: str, en: str) -> dict[str, str]:
    if category in words.CATEGORIES:
        return {
            "zh": f"“{zh}”已消除，现场清理完毕，上传处置后照片，并告知诉求人。",
            "en": f"{en}: put right, the site cleared, a picture added, the reporter told.",
        }
    return {
        "zh": f"“{zh}”已查清并依规处理，答复诉求人并留存记录。",
        "en": f"{en}: looked into, dealt with by the rules, the reporter answered.",
    }


def _minutes(urgent: bool, days: int, nth: int) -> dict[str, int]:
    """Urgent ones within two days, and with the second batch within one, by the clock; others in working days."""
    if urgent:
        return _URGENT | {"disposal": (2 if nth == 1 else 1) * 1440}
    return _ORDINARY | {"disposal": days * _WORKING_DAY}


# Responsibilities


def duties(nth: int, offices: Sequence[Unit], districts: Sequence[Unit]) -> Iterator[Duty]:
    """Whose each category is: things by the party of their class, the rest by district, street office or bureau."""
    yield from _of_assets()
    yield from _of_bureaus()
    yield from _of_districts(nth, districts)
    yield from _of_offices(nth, offices)
    yield Duty("fallback", level="street_offices", fallback=True)


def _of_assets() -> Iterator[Duty]:
    for category, asset_class, party in bodies.BY_ASSET:
        yield Duty(f"{category}/{asset_class}", category=category, asset_class=asset_class, party=party)


def _of_bureaus() -> Iterator[Duty]:
    for nth, (category, bureau, assisting) in enumerate(bodies.BY_BUREAU):
        yield Duty(
            f"{category}/city", category=category, unit=bureau, assisting=assisting, person=bodies.person(nth)
        )  # fmt: skip


def _of_districts(nth: int, districts: Sequence[Unit]) -> Iterator[Duty]:
    """The urban management bureau of each district; outdoor advertising is theirs from the second batch on."""
    for category in bodies.BY_DISTRICT if nth == 1 else (*bodies.BY_DISTRICT, "advertising"):
        for at, unit in enumerate(districts):
            yield Duty(
                f"{category}/{unit.code}", category=category, level="districts", area=unit.code,
                unit=bodies.of_district(unit), person=bodies.person(20 + at),
            )  # fmt: skip


def _of_offices(nth: int, offices: Sequence[Unit]) -> Iterator[Duty]:
    """Street offices answer for what goes on in their streets, each with somebody named."""
    for category in bodies.BY_OFFICE:
        if category == "advertising" and nth == 2:
            continue
        for at, unit in enumerate(offices):
            yield Duty(
                f"{category}/{unit.code}", category=category, level="street_offices", area=unit.code,
                person=bodies.person(40 + at),
            )  # fmt: skip


# Implementation


def steps(nth: int, offices: Sequence[Unit], districts: Sequence[Unit]) -> Iterator[Step]:
    """How each unit goes about it; where it is urgent, by steps of their own."""
    for unit in (*(one.code for one in offices), *(body.name for body in bodies.every(districts))):
        for at, (names, role, minutes, reply) in enumerate(bodies.STEPS, 1):
            # The second batch asks for the first call within half the time.
            minutes = minutes // 2 if at == 1 and nth == 2 else minutes
            yield Step(f"{unit}/{at}", unit, at, _spoken(names), role=role, minutes=minutes, reply=_spoken(reply))
        for at, (names, role, minutes, reply) in enumerate(bodies.URGENT_STEPS, 1):
            yield Step(
                f"{unit}/urgent/{at}", unit, at, _spoken(names), "emergency", "", role, minutes, _spoken(reply)
            )  # fmt: skip


def _spoken(name: Name) -> dict[str, str]:
    return {"zh": name[0], "en": name[1]} if name[0] else {}
