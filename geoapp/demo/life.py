"""A year and a half of the demo town: what was reported where and when, and how far each matter has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from numpy.typing import NDArray

from geoapp.demo import land, words
from geoapp.demo.land import Land
from geoapp.locate.datum import wgs84_to_gcj02
from importers.base import Report, Reporter, Standing

DAYS: Final = 540
REPEAT_SITES: Final = 12
SOON_DUE: Final = 8
UNPLACED: Final = 0.015
"""Reports without a place, on top of the tickets asked for."""

_ZONE: Final = ZoneInfo("Asia/Shanghai")
# When people speak up: little at night, most in the morning, again after work.
_HOURS: Final = np.array([1, 1, 1, 1, 1, 2, 5, 12, 18, 20, 18, 14, 10, 11, 14, 15, 14, 14, 16, 15, 13, 9, 5, 2], float)

# (younger than so many days, state and outcome with their weights)
_STANDINGS: Final = (
    (2.0, (("registered", 20), ("to_dispatch", 20), ("to_sign", 30), ("in_hand", 26), ("closed/explained", 4))),
    (12.0, (("to_dispatch", 2), ("to_sign", 8), ("disputed", 4), ("in_hand", 40), ("to_check", 14),
            ("settled/repaired", 14), ("closed/repaired", 12), ("closed/explained", 4), ("declined/declined", 2))),
    (45.0, (("in_hand", 16), ("shelved", 3), ("to_check", 4), ("settled/repaired", 12), ("settled/explained", 3),
            ("closed/repaired", 44), ("closed/explained", 14), ("declined/declined", 4))),
    (1e9, (("in_hand", 2), ("shelved", 2), ("closed/repaired", 72), ("closed/explained", 18), ("closed/adopted", 2),
           ("declined/declined", 4))),
)  # fmt: skip

_CHANNELS: Final = ("12345", "mini_program", "web", "video_lead")


@dataclass(frozen=True, slots=True)
class Spot:
    """A place on a street, in degrees, with the words for it and its office (or -1); shifted: told in GCJ-02."""

    lon: float
    lat: float
    address: str
    office: int
    shifted: bool


def reports(town: Land, tickets: int, seed: int, now: datetime) -> list[Report]:
    """So many reports with a place, and a few without; the same arguments give the same reports."""
    chance = np.random.default_rng((seed, tickets))
    sizes = _repeats(chance, tickets)
    spots = _spots(chance, town, tickets - sum(sizes) + len(sizes))
    told = [_repeated(chance, spots[at], size) for at, size in enumerate(sizes)]
    told.append([_one(chance, spot, _age(chance)) for spot in spots[len(sizes) :]])
    every = [one for some in told for one in some]
    every += [_one(chance, None, _age(chance)) for _ in range(int(np.ceil(tickets * UNPLACED)) if tickets else 0)]
    found = [_report(chance, f"{seed}-{at}", one, now) for at, one in enumerate(every)]
    return _some_due_soon(sorted(found, key=_said), now)


@dataclass(frozen=True, slots=True)
class _Told:
    """What is going to be a report: where, which matter, how many days ago, ended for certain or not."""

    spot: Spot | None
    matter: int
    age: float
    ended: bool = False


def _said(report: Report) -> datetime:
    assert report.said_at is not None
    return report.said_at


def _repeats(chance: np.random.Generator, tickets: int) -> list[int]:
    """How often each repeat site was reported; none in a town too small for them."""
    return [int(size) for size in chance.integers(3, 7, REPEAT_SITES)] if tickets >= 12 * REPEAT_SITES else []


def _repeated(chance: np.random.Generator, spot: Spot, size: int) -> list[_Told]:
    """The same defect at the very same spot, months apart, each repaired but perhaps the last."""
    matter = _matter(chance)
    first = chance.uniform(DAYS * 0.6, DAYS * 0.95)
    ages = np.linspace(first, chance.uniform(3, 40), size) + chance.uniform(-6, 6, size) * (size > 1)
    return [_Told(spot, matter, float(max(age, 0.5)), at < size - 1) for at, age in enumerate(ages)]


def _one(chance: np.random.Generator, spot: Spot | None, age: float) -> _Told:
    return _Told(spot, _matter(chance), age)


def _matter(chance: np.random.Generator) -> int:
    often = np.array(words.OFTEN, dtype=float)
    return int(chance.choice(len(often), p=often / often.sum()))


def _age(chance: np.random.Generator) -> float:
    # More is reported year by year, so recent days are fuller.
    return float(DAYS * chance.uniform() ** 1.7)


def _spots(chance: np.random.Generator, town: Land, count: int) -> list[Spot]:
    """Places along the streets, most of them around busy corners."""
    streets = town.streets
    busy = _along(chance, streets, 28)[0]
    weight = chance.pareto(1.6, len(busy)) + 0.3
    near = busy[chance.choice(len(busy), count, p=weight / weight.sum())] + chance.normal(0, 260, (count, 2))
    lonely = chance.uniform(size=count) < 0.35
    free, on = _along(chance, streets, count)
    tree = shapely.STRtree(streets)
    nearest = np.where(lonely, on, tree.nearest(shapely.points(near)))
    at = shapely.line_locate_point(streets[nearest], shapely.points(np.where(lonely[:, None], free, near)))
    metres = shapely.get_coordinates(shapely.line_interpolate_point(streets[nearest], at))
    # Reports lie beside the kerb, not on the middle of the road.
    metres = _on_land(town, metres + chance.normal(0, 5, metres.shape), metres)
    degrees = land.to_degrees(metres)
    offices = _offices(town, metres)
    shifted = chance.uniform(size=count) < 0.2
    house = (at / 9).astype(int) + 1
    return [
        Spot(float(lon), float(lat), f"{words.STREETS[s % len(words.STREETS)]}{h}号", o, g)
        for (lon, lat), s, h, o, g in zip(
            degrees, nearest.tolist(), house.tolist(), offices, shifted.tolist(), strict=True
        )
    ]


def _along(
    chance: np.random.Generator, streets: NDArray[np.object_], count: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Random points on random streets, the longer the more; and which street each is on."""
    length = shapely.length(streets)
    chosen = chance.choice(len(streets), count, p=length / length.sum())
    points = shapely.line_interpolate_point(streets[chosen], chance.uniform(size=count), normalized=True)
    return shapely.get_coordinates(points), chosen


def _on_land(town: Land, moved: NDArray[np.float64], firm: NDArray[np.float64]) -> NDArray[np.float64]:
    dry = shapely.contains_xy(town.whole, moved[:, 0], moved[:, 1])
    return np.where(dry[:, None], moved, firm)


def _offices(town: Land, metres: NDArray[np.float64]) -> list[int]:
    found = np.full(len(metres), -1)
    for at, outline in enumerate(town.offices):
        found[shapely.contains_xy(outline, metres[:, 0], metres[:, 1])] = at
    return [int(at) for at in found]


def _report(chance: np.random.Generator, ref: str, told: _Told, now: datetime) -> Report:
    matter = words.MATTERS[told.matter]
    said = _moment(chance, told.age, now)
    state, outcome = _standing(chance, (now - said) / timedelta(days=1), told.ended)
    spot = told.spot
    x, y, crs = _coordinates(spot)
    office = spot.office if spot and spot.office >= 0 and state not in ("registered", "to_dispatch") else -1
    return Report(
        ref=ref, said_at=said, body=_body(chance, matter.code, spot), kind=_kind(chance), category=matter.category,
        matter=matter.code, address=spot.address if spot else "", x=x, y=y, crs=crs,
        unit=f"S{office + 1:02d}" if office >= 0 else "",
        unit_name=words.OFFICES[office][0] + "办" if office >= 0 else "",
        channel=str(chance.choice(_CHANNELS, p=(0.55, 0.25, 0.15, 0.05))),
        due_at=_due(chance, said, matter.urgent, state, now),
        standing=_stand(chance, said, state, outcome, now), reporter=_reporter(chance),
    )  # fmt: skip


def _moment(chance: np.random.Generator, age: float, now: datetime) -> datetime:
    """A time of day at which people speak up, on the day so long ago; never in the future."""
    day = (now - timedelta(days=age)).astimezone(_ZONE)
    hour = int(chance.choice(24, p=_HOURS / _HOURS.sum()))
    said = day.replace(hour=hour, minute=int(chance.integers(60)), second=int(chance.integers(60)), microsecond=0)
    lately = (now - timedelta(minutes=float(chance.uniform(1, 600)))).replace(microsecond=0)
    return said.astimezone(UTC) if said < now else lately


def _standing(chance: np.random.Generator, age: float, ended: bool) -> tuple[str, str | None]:
    if ended:
        return "closed", "repaired"
    choices = next(choices for limit, choices in _STANDINGS if age < limit)
    weights = np.array([weight for _, weight in choices], dtype=float)
    state, _, outcome = choices[int(chance.choice(len(choices), p=weights / weights.sum()))][0].partition("/")
    return state, outcome or None


def _stand(
    chance: np.random.Generator, said: datetime, state: str, outcome: str | None, now: datetime
) -> Standing | None:
    if state == "registered":
        return None
    days = float(chance.lognormal(1.2, 0.8)) if outcome else float(chance.uniform(0.01, 1.2))
    at = (said + min(timedelta(days=days), (now - said) * 0.9)).replace(microsecond=0)
    return Standing(state, at, outcome, str(chance.choice(words.CLOSING[outcome])) if outcome else "")


def _due(chance: np.random.Generator, said: datetime, urgent: bool, state: str, now: datetime) -> datetime:
    """When it has to be done; most of what is long open was prolonged, the rest is late."""
    due = said + timedelta(days=1 if urgent else int(chance.choice((3, 5, 7, 10, 15))))
    prolonged = due < now and chance.uniform() < 0.7
    if prolonged and state in ("registered", "to_dispatch", "to_sign", "disputed", "in_hand", "to_check", "shelved"):
        due = now + timedelta(hours=float(chance.uniform(4, 240)))
    return due.replace(microsecond=0)


def _coordinates(spot: Spot | None) -> tuple[float | None, float | None, str]:
    """As the source writes them: one channel in five speaks GCJ-02, as Chinese maps do."""
    if spot is None:
        return None, None, "WGS-84"
    # The choice hangs on the spot alone, or the same spot would be told apart by the rounding of two datums.
    if spot.shifted:
        lon, lat = wgs84_to_gcj02(np.array([spot.lon]), np.array([spot.lat]))
        return round(float(lon[0]), 6), round(float(lat[0]), 6), "GCJ-02"
    return round(spot.lon, 6), round(spot.lat, 6), "WGS-84"


def _kind(chance: np.random.Generator) -> str:
    kinds = ("complaint", "help", "suggestion", "inquiry", "denunciation")
    return str(chance.choice(kinds, p=(0.68, 0.18, 0.08, 0.05, 0.01)))


def _body(chance: np.random.Generator, matter: str, spot: Spot | None) -> str:
    where = (spot.address if spot else "具体位置说不清，在") + str(chance.choice(words.PLACES))
    said = str(chance.choice(words.SAYINGS[matter]))
    asking = str(chance.choice(words.ASKING))
    # Numbers of no operator's range in use for people; they are there to be taken out.
    phone = f"联系电话1380013{int(chance.integers(8000, 9000)):04d}。" if chance.uniform() < 0.04 else ""
    return f"{where}，{said}{asking}{phone}"


def _reporter(chance: np.random.Generator) -> Reporter | None:
    if chance.uniform() > 0.15:
        return None
    return Reporter("示例居民", f"1380013{int(chance.integers(8000, 9000)):04d}")


def _some_due_soon(found: Sequence[Report], now: datetime) -> list[Report]:
    """The newest few open ones fall due some twenty minutes from now, so that a clock can be seen running out."""
    due = now.replace(microsecond=0) + timedelta(minutes=20)
    is_open = [at for at, one in enumerate(found) if one.standing and one.standing.state in ("to_sign", "in_hand")]
    soon = set(is_open[-SOON_DUE:])
    return [replace(one, due_at=due) if at in soon else one for at, one in enumerate(found)]
