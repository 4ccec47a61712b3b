"""The repairs of a demo city, as a maintenance system would give them: what each mended, who did it, until when liable.

They are written beside the truth while the past is made, and taken in by the way of repairs once their tickets stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoapp.demo.events import DAY_S, Events
from geoapp.demo.planting import Planted, Works
from geoapp.demo.speech import Said
from geoapp.demo.stage import Stage
from geoapp.demo.standings import Standings
from geoapp.demo.stories import CONTRACTOR, LEAD, TRENCH

MOST_PLAIN: Final = 6000
"""About so many repairs of problems that belong to no story, however large the past."""

_LAYERS: Final = ("roads", "lamps", "manholes", "footbridges", "signals", "bus_stops", "parks")
_NO_REPAIR: Final = frozenset({
    "night-noise", "dust", "street-vendor", "parking", "shared-bikes", "small-ads", "rubbish", "fly-tipping",
    "dirty-toilet", "gas-smell", "dead-water", "hoarding", "bare-lawn",
})  # fmt: skip
_LIABLE_DAYS: Final = (90, 180, 365)
_NOTES: Final = ("现场修复，恢复使用。", "更换损坏部件，试用正常。", "已按养护规程处理，并清理现场。")
_FAILING_NOTE: Final = "冷补料填平压实，当日开放交通。"


@dataclass(frozen=True, slots=True)
class Mended:
    """One repair: of is the number of the report whose ticket it is of; ended None while works go on.

    unit is the code of an office, else the name of a company; on a real city it is "", and nobody is liable. came_back
    is the number of the report that told of the same defect next, or -1.
    """

    ref: str
    of: int
    unit: str
    started: datetime
    ended: datetime | None
    promised: datetime | None = None
    assisting: tuple[str, ...] = ()
    hoarding: bool = False
    traffic_plan: bool = False
    liability_until: date | None = None
    note: str = ""
    came_back: int = -1


def made(
    chance: np.random.Generator, stage: Stage, events: Events, stand: Standings, said: Said, tickets: int, now: datetime
) -> list[Mended]:
    """The repairs of a slice: of every story's, of some of the others, and works that go on."""
    repairable = np.array(
        [one.layer in _LAYERS and one.spec.code not in _NO_REPAIR for one in stage.told], dtype=bool
    )[events.matter]  # fmt: skip
    share = min(0.2, MOST_PLAIN / max(tickets, 1))
    luck = chance.uniform(size=len(events))
    done = np.isin(stand.state, ["closed/repaired", "settled/repaired"])
    # Those of a story that have works of their own are told by it.
    own = np.isin(events.story, [LEAD]) | ((events.story == TRENCH) & ~done)
    wanted = done & repairable & ~own & ((events.tale != "") | (luck < share))
    young = now.timestamp() - events.at < 40 * DAY_S
    under_way = (stand.state == "in_hand") & repairable & young & (events.story == "") & (luck < share)
    kept = chance.integers(0, len(_LIABLE_DAYS), len(events))
    hours = chance.uniform(1.5, 30, len(events))
    finished = [_finished(stage, events, stand, said, at, hours, kept) for at in np.flatnonzero(wanted).tolist()]
    going_on = [_going_on(stage, events, stand, said, at, now) for at in np.flatnonzero(under_way).tolist()]
    return [*finished, *going_on]


def _finished(
    stage: Stage, events: Events, stand: Standings, said: Said, at: int, hours: NDArray[np.float64],
    kept: NDArray[np.int64],
) -> Mended:  # fmt: skip
    ended = datetime.fromtimestamp(stand.since[at], UTC)
    started = max(ended - timedelta(hours=float(hours[at])), datetime.fromtimestamp(events.at[at], UTC))
    failing = events.story[at] == CONTRACTOR
    number = int(events.number[at])
    note = _FAILING_NOTE if failing else _NOTES[number % len(_NOTES)]
    liable = timedelta(days=180 if failing else _LIABLE_DAYS[int(kept[at])])
    return Mended(
        f"M{number}", number, _keeper(stage, said, at), started, ended,
        liability_until=(ended + liable).date() if stage.made_up else None, note=note if stage.language == "zh" else "",
        came_back=number + 1 if events.repeat[at] else -1,
    )  # fmt: skip


def _going_on(stage: Stage, events: Events, stand: Standings, said: Said, at: int, now: datetime) -> Mended:
    number = int(events.number[at])
    started = datetime.fromtimestamp(stand.since[at], UTC)
    promised = max(datetime.fromtimestamp(stand.due[at], UTC), started + timedelta(days=1))
    return Mended(
        f"M{number}", number, _keeper(stage, said, at), started, None, promised, hoarding=number % 3 == 0
    )  # fmt: skip


def _keeper(stage: Stage, said: Said, at: int) -> str:
    if not stage.made_up:
        return ""
    return said.keepers[at] or stage.offices[int(said.office[at])].code


def planted(stories: Sequence[Planted], now: datetime) -> list[Mended]:
    """The works that stories tell of themselves, numbered as their rows are."""
    said = [one for story in stories for one in story.spoken]
    return [_planted(number, one.works, now) for number, one in enumerate(said) if one.works is not None]


def _planted(number: int, works: Works, now: datetime) -> Mended:
    def day(ago: float | None) -> datetime | None:
        return None if ago is None else (now - timedelta(days=ago)).replace(second=0, microsecond=0)

    started, ended = day(works.started), day(works.ended)
    assert started is not None
    liable = (ended + timedelta(days=works.liability_days)).date() if ended and works.liability_days else None
    promised = day(-works.promised) if works.promised is not None else None
    return Mended(
        f"W{number}", number, works.unit, started, ended, promised, works.assisting, works.hoarding,
        works.traffic_plan, liable, works.note,
    )  # fmt: skip
