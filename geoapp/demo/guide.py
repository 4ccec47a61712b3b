"""What is worth seeing in a demo city: every planted story with its tickets, its place and what a visitor finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from sqlalchemy import Engine

from geoapp.city import City
from geoapp.demo import stories, truth
from geoapp.demo.life import Plot
from geoapp.demo.parties import FAILING, FAILING_EN, TRENCHER, TRENCHER_EN
from geoapp.demo.planting import Planted
from geoapp.store.queries import refs as known_refs

Words = tuple[str, str]

_NAMES: Final[Mapping[str, Words]] = {
    stories.REPEAT: ("老地方又坏了", "Broken again at the same place"),
    stories.CONTRACTOR: ("修了又坏的养护单位", "The contractor whose repairs fail"),
    stories.VOICED: ("十四个人，同一件事", "Fourteen voices, one problem"),
    stories.WORKS: ("一个月的路面翻修", "A month of road works"),
    stories.TRENCH: ("沟槽回填后的塌陷", "The ground gives way along a trench"),
    stories.LATE: ("总是超时的街道办", "A street office that is late"),
    stories.DISPUTE: ("一次退单、争议与裁决", "Sent back, disputed, ruled upon"),
    stories.SHELVED: ("挂账：今年修不了", "On hold: not this year"),
    stories.LEAD: ("未诉先办：视频里的线索", "Mended before anybody complained"),
    stories.FALSE_LEAD: ("核实后不立案的线索", "Leads that proved untrue"),
    stories.DUE_SOON: ("二十分钟后到期", "Due in twenty minutes"),
}

_SENTENCES: Final[Mapping[str, Words]] = {
    stories.REPEAT: (
        "同一地点先后 {n} 次上报“{matter_zh}”，前几次都已修复，最近一次仍在办理。打开最新工单，看“这里以前”的记录。",
        "“{matter_en}” was reported here {n} times; each was repaired but the last. Open the newest ticket and read "
        "what was here earlier.",
    ),
    stories.CONTRACTOR: (
        f"这条路由{FAILING}养护：{{n}} 次坑洼，每次修复后几周内又坏，都在缺陷责任期内。",
        f"This road is kept by {FAILING_EN} ({FAILING}): {{n}} potholes, each back within weeks of its "
        "repair and within liability.",
    ),
    stories.VOICED: (
        "{n} 位市民一天之内说的是同一个坑。它们应当并成一件工单。",
        "{n} people spoke of one and the same hole within a day. They should become one ticket.",
    ),
    stories.WORKS: (
        "路口正在围挡施工，有交通疏解方案，交警协办，承诺工期约一个月。工单显示施工中和承诺完工日。",
        "The crossing is fenced off, with a traffic plan and the police assisting, for about a month. The ticket shows "
        "the works and their promised end.",
    ),
    stories.TRENCH: (
        f"{TRENCHER}沿路开挖通信沟槽，回填后几个月内，沿线接连塌陷、坑洼，共 {{n}} 件。",
        f"{TRENCHER_EN} ({TRENCHER}) dug for cables along this road; within months the ground gave "
        "way along the trench, {n} tickets in all.",
    ),
    stories.LATE: (
        "这个街道办的工单超时远多于别处；这里 {n} 件都已过期多日，仍在办理。",
        "Tickets of this street office are late far more often than elsewhere; these {n} are days overdue and "
        "still open.",
    ),
    stories.DISPUTE: (
        "“{matter_zh}”在两个街道之间，都说归对方管：先退单，再争议，裁决由首办单位先行处置。看工单的办理过程。",
        "Two offices each say it is the other's: sent back, disputed, then a ruling names the one that acts first. "
        "Read what happened on the ticket.",
    ),
    stories.SHELVED: (
        "“{matter_zh}”要重新设计，今年改不了：挂账，写明计划和复核日期。",
        "“{matter_en}”: it must be designed anew and cannot be mended this year, so it is on hold with a plan and "
        "a day for review.",
    ),
    stories.LEAD: (
        "没有人投诉；在短视频里看到“{matter_zh}”，当天现场核实、立案，第二天修好。",
        "Nobody complained: “{matter_en}” was seen in a film, checked on site the same day, filed, and "
        "mended the next.",
    ),
    stories.FALSE_LEAD: (
        "平台上的帖子，现场核实后没有发现所说的问题，不立案。",
        "Posts on platforms; on site nothing of the kind was found, so they were dropped.",
    ),
    stories.DUE_SOON: (
        "城市的时钟走到“现在”时，这 {n} 件还有二十分钟到期。",
        "When the city's clock stops at now, these {n} have twenty minutes left.",
    ),
}


def write(engine: Engine, city: City, source: str, of: Plot, folder: Path) -> None:
    """stories.json: each planted story with its references and, as they stand now, the numbers of its tickets."""
    refs = [of.ref(at) for at in range(len(of.stored))]
    with engine.connect() as connection:
        numbers = known_refs.numbers(connection, city.id, source, refs)
    told, start = [], 0
    for story in of.planted:
        mine = refs[start : start + len(story)]
        told.append(_told(of, city, story, mine, numbers))
        start += len(story)
    truth.write_json(folder / truth.STORIES, told)


def _told(of: Plot, city: City, story: Planted, refs: Sequence[str], numbers: Mapping[str, str]) -> dict[str, Any]:
    last = story.spoken[-1]
    pool, spec = of.stage.pool(last.matter), of.stage.told[last.matter].spec
    lon, lat = of.stage.degrees(pool.xy[np.array([last.item])])[0].round(6).tolist()
    names = {
        "matter_zh": spec.names.get("zh", spec.code),
        "matter_en": spec.names.get("en", spec.code),
        "n": len(story),
    }
    return {
        "code": story.tale, "story": story.story, "city": city.code,
        "names": dict(zip(("zh", "en"), _NAMES[story.story], strict=True)),
        "sentences": {
            language: words.format(**names)
            for language, words in zip(("zh", "en"), _SENTENCES[story.story], strict=True)
        },
        "place": {
            "lon": lon, "lat": lat, "address": str(pool.names[last.item]), "site": str(pool.sites[last.item]),
            "office": of.stage.offices[int(pool.office[last.item])].code,
        },
        "matter": spec.code, "refs": list(refs), "tickets": [numbers[ref] for ref in refs if ref in numbers],
    }  # fmt: skip
