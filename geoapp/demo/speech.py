"""How people of a demo city put it: where it is, what is wrong, sometimes the code on the post, and a request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoapp.demo import words
from geoapp.demo.events import Events
from geoapp.demo.spots import ROADS
from geoapp.demo.stage import Stage
from geoapp.locate.datum import Floats

_CODES: Final = {"lamps": ("灯杆编号{}。", 0.5), "manholes": ("井盖上写着{}。", 0.35)}
"""What is said of the code printed on a thing, and how often."""

_BY_ROAD: Final = ("lamps", "manholes")
"""Things that nobody calls by their own name."""

PLATFORMS: Final = ("short_video", "microblog", "local_forum")
_POSTS: Final = ("刷到的短视频：", "路过拍的，", "有没有人管管？", "街拍：")


@dataclass(frozen=True, slots=True)
class Said:
    """Arrays, a row an event: the words, the address in them; the site, keeper and office it truly is of, and where."""

    bodies: list[str]
    addresses: list[str]
    sites: list[str]
    keepers: list[str]
    office: NDArray[np.int64]
    xy: NDArray[np.float64]


def say(chance: np.random.Generator, stage: Stage, events: Events) -> Said:
    """The words for every event."""
    count = len(events)
    columns = [np.full(count, "", dtype=object) for _ in range(4)]
    address, site, keeper, code = columns
    office, xy = np.zeros(count, dtype=np.int64), np.zeros((count, 2))
    by_mark, luck = chance.uniform(size=count) < 0.45, chance.uniform(size=count)
    for one in np.unique(events.matter).tolist():
        mine = np.flatnonzero(events.matter == one)
        told, pool, item = stage.told[one], stage.pool(one), events.item[mine]
        marked = np.ones(len(mine), bool) if told.layer in _BY_ROAD else by_mark[mine] & (told.layer == ROADS)
        address[mine] = np.where(marked, pool.marks[item], pool.names[item])
        pattern, often = _CODES.get(told.layer, ("", 0.0))
        coded = luck[mine] < often
        code[mine[coded]] = [pattern.format(printed) for printed in pool.codes[item[coded]].tolist()]
        for column, of in ((site, pool.sites), (keeper, pool.maintainers), (office, pool.office), (xy, pool.xy)):
            column[mine] = of[item]
    bodies = _bodies(chance, stage, events, address, code)
    return Said(bodies, address.tolist(), site.tolist(), keeper.tolist(), office, xy)


def _bodies(
    chance: np.random.Generator, stage: Stage, events: Events, address: NDArray[np.object_], code: NDArray[np.object_]
) -> list[str]:
    count = len(events)
    which, asking = chance.integers(0, 2, count).tolist(), chance.integers(0, len(words.ASKING), count).tolist()
    phones = _phones(chance, count)
    says = [one.says for one in stage.told]
    if stage.language != "zh":
        told = zip(events.matter.tolist(), address.tolist(), which, strict=True)
        return [f"{says[matter][one]}: {where}." for matter, where, one in told]
    opened = np.where(events.lead == "", "", np.array(_POSTS, dtype=object)[chance.integers(0, len(_POSTS), count)])
    told_of = zip(
        opened.tolist(), address.tolist(), events.matter.tolist(), which, code.tolist(), asking, phones, strict=True
    )
    return [
        f"{post}{where}，{says[matter][one]}{printed}{'' if post else words.ASKING[ask]}{'' if post else phone}"
        for post, where, matter, one, printed, ask, phone in told_of
    ]


def _phones(chance: np.random.Generator, count: int) -> list[str]:
    """Now and then a number to call, of no operator's range in use for people."""
    luck: Floats = chance.uniform(size=count)
    numbers = chance.integers(8000, 9000, count)
    found = [""] * count
    for at in np.flatnonzero(luck < 0.04).tolist():
        found[at] = f"联系电话1380013{numbers[at]:04d}。"
    return found


def vague(chance: np.random.Generator, stage: Stage, matter: int) -> str:
    """What somebody says who does not say where."""
    said = stage.told[matter].says[int(chance.integers(2))]
    if stage.language != "zh":
        return f"{said}. I cannot say where exactly."
    return f"具体位置说不清，在{words.PLACES[int(chance.integers(len(words.PLACES)))]}，{said}"


def chatter(chance: np.random.Generator) -> str:
    """What platforms are full of: nothing that anybody could act on."""
    return words.CHATTER[int(chance.integers(len(words.CHATTER)))]
