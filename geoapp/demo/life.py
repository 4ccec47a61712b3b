"""Two years of the demo city: what people said where and when, how far it has come, and the truth behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from geoapp.demo import events, land, plan, speech, spots, standings, weather, words
from geoapp.demo.events import Events
from geoapp.demo.ground import Ground
from geoapp.demo.standings import Standings
from geoapp.demo.truth import Truth
from geoapp.demo.weather import Weather
from geoapp.locate.datum import Floats, wgs84_to_gcj02
from importers.base import Report, Reporter, Standing

UNPLACED: Final = 0.015
"""Reports without a place, on top of the tickets asked for."""

_ZONE: Final = ZoneInfo("Asia/Shanghai")
_SHIFTED: Final = 0.2
_UNASSIGNED: Final = ("registered", "to_dispatch")
_CHANNELS: Final = ("12345", "mini_program", "web", "video_lead")
_KINDS: Final = ("complaint", "help", "suggestion", "inquiry", "denunciation")


@dataclass(frozen=True, slots=True)
class Past:
    """The reports in the order they were said, the truth of each, and the weather they were said in."""

    reports: Sequence[Report]
    truths: Sequence[Truth]
    weather: Weather


def past(ground: Ground, tickets: int, seed: int, now: datetime) -> Past:
    """So many reports with a place, and a few without; the same arguments give the same past."""
    chance = np.random.default_rng((seed, tickets))
    local = now.astimezone(_ZONE)
    days = weather.make(chance, local.date())
    pools = spots.pools(chance, ground)
    heart = ground.country.bend(np.array([plan.HEART]))
    placed = events.make(chance, pools, heart, days, tickets, local)
    stand = standings.make(chance, placed, now)
    office = ground.areas.locate(plan.dots(placed.xy)).office
    said = speech.say(chance, ground, pools, placed)
    reports = _reports(chance, seed, placed, stand, said, office, ground)
    truths = _truths(seed, placed, stand, said, office, ground)
    reports += _unplaced(chance, seed, tickets, days, local)
    truths += [Truth(str(one.ref), matter=one.matter) for one in reports[tickets:]]
    order = sorted(range(len(reports)), key=lambda at: (_when(reports[at]), at))
    return Past([reports[at] for at in order], [truths[at] for at in order], days)


def _when(report: Report) -> datetime:
    assert report.said_at is not None
    return report.said_at


def _reports(
    chance: np.random.Generator, seed: int, placed: Events, stand: Standings, said: speech.Said,
    office: NDArray[np.int64], ground: Ground,
) -> list[Report]:  # fmt: skip
    count = len(placed)
    lon, lat, crs = _pins(chance, placed)
    kind = chance.choice(_KINDS, count, p=(0.68, 0.18, 0.08, 0.05, 0.01)).tolist()
    channel = chance.choice(_CHANNELS, count, p=(0.55, 0.25, 0.15, 0.05)).tolist()
    people = _people(chance, count)
    at, since, due = ([_moment(one) for one in column.tolist()] for column in (placed.at, stand.since, stand.due))
    notes = chance.integers(0, 2, count).tolist()
    levels = ground.areas.offices
    found = []
    for nth, (number, state, of) in enumerate(
        zip(placed.matter.tolist(), stand.state.tolist(), office.tolist(), strict=True)
    ):
        matter, (code, _, outcome) = words.MATTERS[number], state.partition("/")
        assigned = code not in _UNASSIGNED
        found.append(Report(
            ref=f"{seed}-{nth}", said_at=at[nth], body=said.bodies[nth], kind=kind[nth], category=matter.category,
            matter=matter.code, address=said.addresses[nth], x=lon[nth], y=lat[nth], crs=crs[nth],
            unit=levels.codes[of] if assigned else "",
            unit_name=levels.names[of][0] + "办" if assigned else "",
            channel=channel[nth], due_at=due[nth], standing=_standing(code, outcome, since[nth], notes[nth]),
            reporter=people[nth],
        ))  # fmt: skip
    return found


def _standing(state: str, outcome: str, since: datetime, note: int) -> Standing | None:
    if state == "registered":
        return None
    closing = words.CLOSING.get(outcome, ("",))
    return Standing(state, since, outcome or None, closing[note % len(closing)])


def _truths(
    seed: int, placed: Events, stand: Standings, said: speech.Said, office: NDArray[np.int64], ground: Ground
) -> list[Truth]:
    degrees = land.to_degrees(placed.xy).round(6).tolist()
    codes = ground.areas.offices.codes
    return [
        Truth(
            f"{seed}-{nth}", lon, lat, words.MATTERS[matter].code, codes[of], site, repeat,
            f"{seed}-{first}" if first >= 0 else "", story,
        )
        for nth, ((lon, lat), matter, of, site, repeat, first, story) in enumerate(
            zip(degrees, placed.matter.tolist(), office.tolist(), said.sites, placed.repeat.tolist(),
                placed.first.tolist(), stand.story.tolist(), strict=True)
        )
    ]  # fmt: skip


def _pins(chance: np.random.Generator, placed: Events) -> tuple[list[float], list[float], list[str]]:
    """As the source writes them: one channel in five speaks GCJ-02, as Chinese maps do."""
    lon, lat = land.to_degrees(placed.pin).T
    shifted = chance.uniform(size=len(lon)) < _SHIFTED
    there: tuple[Floats, Floats] = wgs84_to_gcj02(lon, lat)
    x, y = np.where(shifted, there[0], lon).round(6), np.where(shifted, there[1], lat).round(6)
    return x.tolist(), y.tolist(), np.where(shifted, "GCJ-02", "WGS-84").tolist()


def _people(chance: np.random.Generator, count: int) -> list[Reporter | None]:
    # Numbers of no operator's range in use for people.
    numbers = chance.integers(8000, 9000, count).tolist()
    told = (chance.uniform(size=count) < 0.15).tolist()
    return [
        Reporter("示例居民", f"1380013{number:04d}") if one else None for one, number in zip(told, numbers, strict=True)
    ]


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _unplaced(chance: np.random.Generator, seed: int, tickets: int, days: Weather, now: datetime) -> list[Report]:
    """Reports that say what, but not where."""
    count = int(np.ceil(tickets * UNPLACED))
    matters = chance.integers(0, len(words.MATTERS), count).tolist()
    ages = chance.choice(len(days.bustle), count, p=days.bustle / days.bustle.sum())
    found = []
    for nth, (matter, age) in enumerate(zip(matters, (len(days.bustle) - ages).tolist(), strict=True)):
        spec, said = words.MATTERS[matter], now - timedelta(days=float(age), minutes=float(chance.uniform(0, 700)))
        found.append(Report(
            ref=f"{seed}-{tickets + nth}", said_at=said.replace(microsecond=0).astimezone(UTC),
            body=speech.vague(chance, spec.code), category=spec.category, matter=spec.code,
            channel=str(chance.choice(_CHANNELS)),
        ))  # fmt: skip
    return found
