"""Two years of a demo city: what people said where and when, how far it has come, and the truth behind it.

A past is made slice by slice, so that ten million reports take no more memory than forty thousand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from geoapp.demo import events, mending, opinions, speech, standings, stories, weather, words
from geoapp.demo.events import Calendar, Events
from geoapp.demo.mending import Mended
from geoapp.demo.opinions import Opinions
from geoapp.demo.planting import Planted
from geoapp.demo.speech import Said
from geoapp.demo.stage import Stage
from geoapp.demo.standings import Standings
from geoapp.demo.truth import Truth
from geoapp.demo.weather import Weather
from geoapp.locate.datum import Floats, wgs84_to_gcj02
from importers.base import Report, Reporter, Standing

UNPLACED: Final = 0.015
CHATTER: Final = 0.01
"""Reports without a place and posts about nothing, on top of the tickets asked for."""

OWN_DAYS: Final = 30
"""So long the city has dispatched and followed its tickets itself; what is older it has from the system before."""

_SHIFTED: Final = 0.2
_OPINIONS: Final = 17
"""Names a stream of chance, so that what is said of the work changes nothing of the past."""

_UNASSIGNED: Final = ("registered", "to_dispatch")
_CHANNELS: Final = ("12345", "mini_program", "web", "video_lead")
_KINDS: Final = ("complaint", "help", "suggestion", "inquiry", "denunciation")


@dataclass(frozen=True, slots=True)
class Plot:
    """A past before it is told: all that is drawn once; the slices are drawn one by one from it."""

    stage: Stage
    tickets: int
    seed: int
    now: datetime
    weather: Weather
    planted: Sequence[Planted]
    stored: Events
    calendar: Calendar

    @property
    def local(self) -> datetime:
        """The clock in the city's own time."""
        return self.now.astimezone(ZoneInfo(self.stage.zone))

    def ref(self, number: int) -> str:
        """The reference of a report by its number."""
        return f"{self.seed}-{number}"


@dataclass(frozen=True, slots=True)
class Slice:
    """The reports of some days in the order they were said, the truth of each, and the repairs that followed."""

    reports: Sequence[Report]
    truths: Sequence[Truth]
    mended: Sequence[Mended]


def plot(stage: Stage, tickets: int, seed: int, now: datetime) -> Plot:
    """So many tickets with a place, and some reports without; the same arguments give the same past."""
    chance = np.random.default_rng((seed, tickets))
    local = now.astimezone(ZoneInfo(stage.zone))
    days = weather.make(chance, local.date())
    planted = stories.plant(chance, stage, tickets)
    stored = events.planted_events(chance, stage, planted, now)
    return Plot(
        stage, tickets, seed, now, days, planted, stored, events.calendar(chance, stage, days, planted, tickets)
    )


def told(tickets: int) -> int:
    """How many reports a past of so many tickets has."""
    return tickets + sum(int(np.ceil(tickets * share)) for share in (UNPLACED, CHATTER))


def slices(of: Plot) -> Iterator[Slice]:
    """The past from its beginning; neighbouring slices overlap by the two days in which neighbours tell it again."""
    counts = [int(np.ceil(of.tickets * share)) for share in (UNPLACED, CHATTER)]
    share = np.diff(of.calendar.starts) / max(int(np.diff(of.calendar.starts).sum()), 1)
    ends = [np.round(np.cumsum(share) * count).astype(int).tolist() if of.tickets else [] for count in counts]
    start = of.tickets
    for nth in range(len(of.calendar)):
        vague, chatter = (end[nth] - (end[nth - 1] if nth else 0) if end else 0 for end in ends)
        yield _slice(of, nth, start, vague, chatter)
        start += vague + chatter


def own(of: Plot, said: Report, true: Truth) -> bool:
    """Whether it is one that the city follows itself: of the last weeks, placed, and of no story or platform.

    A real city's are none: nobody there is told to have been late, or is rated.
    """
    recent = _when(said) >= of.now - timedelta(days=OWN_DAYS)
    return of.stage.made_up and recent and true.lon is not None and not (true.story or true.tale or true.lead)


def lately(of: Plot) -> Iterator[Slice]:
    """The reports of the last weeks that the city follows itself, each with its truth."""
    for nth in range(len(of.calendar)):
        if weather.DAYS - of.calendar.edges[nth + 1] <= OWN_DAYS:
            one = _slice(of, nth, 0, 0, 0)
            mine = [at for at, said in enumerate(one.reports) if own(of, said, one.truths[at])]
            yield Slice([one.reports[at] for at in mine], [one.truths[at] for at in mine], [])


def _slice(of: Plot, nth: int, start: int, vague: int, chatter: int) -> Slice:
    chance = np.random.default_rng((of.seed, of.tickets, nth))
    placed = events.drawn(chance, of.stage, of.weather, of.calendar, nth, of.stored, of.local)
    said = speech.say(chance, of.stage, placed)
    stand = standings.make(chance, of.stage, placed, said.office, of.now)
    reports = _reports(chance, of, placed, stand, said)
    words_on_it = opinions.make(
        np.random.default_rng((of.seed, of.tickets, nth, _OPINIONS)), of.stage, placed, stand, of.now.timestamp()
    )
    truths = _truths(of, placed, said, _degrees(of, said.xy), words_on_it)
    loose = _loose(chance, of, nth, start, vague, chatter)
    reports += [report for report, _ in loose]
    truths += [truth for _, truth in loose]
    order = sorted(range(len(reports)), key=lambda at: (_when(reports[at]), at))
    mended = mending.made(chance, of.stage, placed, stand, said, of.tickets, of.now)
    return Slice([reports[at] for at in order], [truths[at] for at in order], mended)


def _degrees(of: Plot, xy: np.typing.NDArray[np.float64]) -> list[list[float]]:
    found: list[list[float]] = of.stage.degrees(xy).round(6).tolist()
    return found


def _when(report: Report) -> datetime:
    assert report.said_at is not None
    return report.said_at


def _reports(chance: np.random.Generator, of: Plot, placed: Events, stand: Standings, said: Said) -> list[Report]:
    count = len(placed)
    lon, lat, crs = _pins(chance, of.stage, placed)
    kind = chance.choice(_KINDS, count, p=(0.68, 0.18, 0.08, 0.05, 0.01)).tolist()
    # What is planted is to be seen by everybody, which a denunciation never is.
    kinds = ["complaint" if tale else one for tale, one in zip(placed.tale.tolist(), kind, strict=True)]
    channel = chance.choice(_CHANNELS, count, p=(0.55, 0.25, 0.15, 0.05)).tolist()
    platform = chance.integers(0, len(speech.PLATFORMS), count).tolist()
    people = _people(chance, count)
    at, since, due = ([_moment(one) for one in column.tolist()] for column in (placed.at, stand.since, stand.due))
    notes = chance.integers(0, 2, count).tolist()
    found = []
    for nth, (number, matter, state, lead, office) in enumerate(
        zip(placed.number.tolist(), placed.matter.tolist(), stand.state.tolist(), placed.lead.tolist(),
            said.office.tolist(), strict=True)
    ):  # fmt: skip
        spec, (code, _, outcome) = of.stage.told[matter].spec, state.partition("/")
        unit = of.stage.offices[office] if code not in _UNASSIGNED else None
        standing = _standing(code, outcome, since[nth], notes[nth], bool(lead), of.stage.language)
        if placed.told[nth]:
            # Its story says who does what: nothing is to happen by itself.
            standing = Standing("registered", at[nth])
        found.append(Report(
            ref=of.ref(number), said_at=at[nth], body=said.bodies[nth], kind="lead" if lead else kinds[nth],
            category=spec.category, matter=spec.code, address=said.addresses[nth], x=lon[nth], y=lat[nth], crs=crs[nth],
            unit=unit.code if unit else "", unit_name=unit.name if unit else "",
            channel=speech.PLATFORMS[platform[nth]] if lead else channel[nth], due_at=due[nth], standing=standing,
            reporter=None if lead else people[nth], link=_link(of, number) if lead else "",
        ))  # fmt: skip
    return found


def _link(of: Plot, number: int) -> str:
    return f"https://video.example.com/post/{of.ref(number)}"


def _standing(state: str, outcome: str, since: datetime, note: int, lead: bool, language: str) -> Standing | None:
    if state == "registered":
        return None
    closing = words.NOT_THERE if lead and outcome == "declined" else words.CLOSING.get(outcome, ("",))
    return Standing(state, since, outcome or None, closing[note % len(closing)] if language == "zh" else "")


def _truths(
    of: Plot, placed: Events, said: Said, degrees: list[list[float]], opinion: Opinions
) -> list[Truth]:  # fmt: skip
    offices = [office.code for office in of.stage.offices]
    before, again, good = (_words(column) for column in (opinion.settled, opinion.again, opinion.good))
    return [
        Truth(
            of.ref(number), lon, lat, of.stage.told[matter].spec.code, offices[office], site, repeat,
            of.ref(first) if first >= 0 else "", story, tale, lead, before[nth], again[nth],
            _stars(opinion.again_stars[nth]) if again[nth] else "", good[nth],
            _stars(opinion.stars[nth]) if good[nth] else "",
        )
        for nth, (number, (lon, lat), matter, office, site, repeat, first, story, tale, lead) in enumerate(zip(
            placed.number.tolist(), degrees, placed.matter.tolist(), said.office.tolist(), said.sites,
            placed.repeat.tolist(), placed.first.tolist(), placed.story.tolist(), placed.tale.tolist(),
            placed.lead.tolist(), strict=True,
        ))
    ]  # fmt: skip


def _words(times: Floats) -> list[str]:
    return ["" if one != one else _moment(one).isoformat() for one in times.tolist()]


def _stars(given: NDArray[np.int64]) -> str:
    return "".join(map(str, given.tolist()))


def _pins(chance: np.random.Generator, stage: Stage, placed: Events) -> tuple[list[float], list[float], list[str]]:
    """As the source writes them: where that is the custom, one channel in five speaks GCJ-02, as Chinese maps do."""
    lon, lat = stage.degrees(placed.pin).T
    shifted = (chance.uniform(size=len(lon)) < _SHIFTED) & stage.shifted
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


def _loose(
    chance: np.random.Generator, of: Plot, nth: int, start: int, vague: int, chatter: int
) -> list[tuple[Report, Truth]]:
    """Reports that say what, but not where; and posts that are about nothing."""
    begin, end = of.calendar.edges[nth : nth + 2].tolist()
    ages = (weather.DAYS - 1 - chance.integers(begin, end, vague + chatter)).tolist()
    matters = chance.integers(0, len(of.stage.told), vague + chatter).tolist()
    minutes = chance.uniform(1, 700, vague + chatter).tolist()
    found = []
    for at, (age, matter, more) in enumerate(zip(ages, matters, minutes, strict=True)):
        when = (of.now - timedelta(days=age, minutes=more)).replace(microsecond=0)
        ref = of.ref(start + at)
        spec = of.stage.told[matter].spec
        if at < vague:
            report = Report(
                ref=ref, said_at=when, body=speech.vague(chance, of.stage, matter), category=spec.category,
                matter=spec.code, channel=str(chance.choice(_CHANNELS)),
            )  # fmt: skip
            found.append((report, Truth(ref, matter=spec.code)))
        else:
            report = Report(
                ref=ref, said_at=when, body=speech.chatter(chance), kind="lead", link=_link(of, start + at),
                channel=str(chance.choice(speech.PLATFORMS)),
            )  # fmt: skip
            found.append((report, Truth(ref, lead=stories.DROPPED)))
    return found
