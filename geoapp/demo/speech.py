"""How people of the demo city put it: where it is, what is wrong, sometimes the code on the post, and a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from geoapp.demo import plan, words
from geoapp.demo.events import Events
from geoapp.demo.ground import Ground
from geoapp.demo.spots import ROADS, Pool

_CODES: Final = {"lamps": ("灯杆编号{}。", 0.5), "manholes": ("井盖上写着{}。", 0.35)}
"""What is said of the code printed on a thing, and how often."""

_BY_ROAD: Final = ("lamps", "manholes")
"""Things that nobody calls by their own name."""


@dataclass(frozen=True, slots=True)
class Said:
    """A row an event: the words, the address in them, and the key of the site it truly is of."""

    bodies: list[str]
    addresses: list[str]
    sites: list[str]


def say(chance: np.random.Generator, ground: Ground, pools: Mapping[str, Pool], events: Events) -> Said:
    """The words for every event."""
    count = len(events)
    near = _landmarks(ground, events)
    which, asking = chance.integers(0, 2, count).tolist(), chance.integers(0, len(words.ASKING), count).tolist()
    luck, by_mark = chance.uniform(size=count).tolist(), (chance.uniform(size=count) < 0.45).tolist()
    phones = [
        f"联系电话1380013{number:04d}。" if one else ""
        for one, number in zip(
            (chance.uniform(size=count) < 0.04).tolist(), chance.integers(8000, 9000, count).tolist(), strict=True
        )
    ]
    roads = [zh for zh, _ in ground.roads.names]
    said = Said([], [], [])
    for nth, (matter, item) in enumerate(zip(events.matter.tolist(), events.item.tolist(), strict=True)):
        told = words.TOLD[matter]
        pool = pools[told.on]
        if told.layer in _BY_ROAD or (told.layer == ROADS and by_mark[nth]):
            address = f"{roads[pool.road[item]]}{near[nth]}附近"
        else:
            address = str(pool.names[item])
        pattern, often = _CODES.get(told.layer, ("", 0.0))
        code = pattern.format(pool.codes[item]) if luck[nth] < often else ""
        said.bodies.append(f"{address}，{told.says[which[nth]]}{code}{words.ASKING[asking[nth]]}{phones[nth]}")
        said.addresses.append(address)
        said.sites.append(str(pool.sites[item]))
    return said


def vague(chance: np.random.Generator, matter: str) -> str:
    """What somebody says who does not say where."""
    return f"具体位置说不清，在{chance.choice(words.PLACES)}，{chance.choice(words.SAYINGS[matter])}"


def _landmarks(ground: Ground, events: Events) -> list[str]:
    """The landmark nearest to each."""
    main = ground.landmarks.main()
    tree = shapely.STRtree(plan.dots(ground.landmarks.xy[main]))
    nearest = main[tree.nearest(plan.dots(events.xy))] if len(events) else main[:0]
    return [ground.landmarks.names[at][0] for at in nearest.tolist()]
