"""The demo city's past: rhythm and rain, what people say, the stories planted in it, and the truth told of each."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from geoapp.demo import events, life, mending, stage, stories
from geoapp.demo import ground as made
from geoapp.demo.ground import Ground
from geoapp.demo.life import Plot
from geoapp.demo.mending import Mended
from geoapp.demo.parties import FAILING, TRENCHER
from geoapp.demo.stage import Stage
from geoapp.demo.truth import Truth
from geoapp.demo.weather import DAYS
from geoapp.lifecycle import State, move
from importers.base import Report

NOW = datetime(2026, 5, 20, 3, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Past:
    """All the slices of a past together."""

    plot: Plot
    reports: list[Report]
    truths: list[Truth]
    mended: list[Mended]


def whole(on: Stage, tickets: int, seed: int) -> Past:
    plot = life.plot(on, tickets, seed, NOW)
    parts = list(life.slices(plot))
    return Past(
        plot, [one for part in parts for one in part.reports], [one for part in parts for one in part.truths],
        [*mending.planted(plot.planted, NOW), *(one for part in parts for one in part.mended)],
    )  # fmt: skip


@pytest.fixture(scope="module")
def ground() -> Ground:
    return made.make(1)


@pytest.fixture(scope="module")
def on(ground: Ground) -> Stage:
    return stage.of_ground(ground, 1)


@pytest.fixture(scope="module")
def past(on: Stage) -> Past:
    return whole(on, 6000, 1)


def said(report: Report) -> datetime:
    assert report.said_at is not None
    return report.said_at


def test_the_same_seed_gives_the_same_past(on: Stage) -> None:
    one, other = whole(on, 400, 3), whole(on, 400, 3)
    assert (one.reports, one.truths, one.mended) == (other.reports, other.truths, other.mended)
    assert one.reports != whole(on, 400, 4).reports


@pytest.mark.parametrize("tickets", [0, 1, 20, stories.LEAST - 1, stories.LEAST])
def test_a_past_may_be_small(on: Stage, tickets: int) -> None:
    found = whole(on, tickets, 1)
    assert sum(one.x is not None for one in found.reports) == tickets
    assert bool(found.plot.planted) == (tickets >= stories.LEAST)


def test_a_past_is_told_in_slices_that_follow_each_other(on: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "SLICE", 500)
    plot = life.plot(on, 3000, 1, NOW)
    parts = list(life.slices(plot))
    assert len(parts) > 4 and max(len(part.reports) for part in parts) < 1000
    refs = [one.ref for part in parts for one in part.reports]
    assert len(set(refs)) == len(refs)
    assert sum(one.x is not None for part in parts for one in part.reports) == 3000
    for before, after in pairwise(parts):
        assert said(before.reports[-1]) - said(after.reports[0]) < timedelta(days=2)
    assert [part.reports for part in life.slices(plot)] == [part.reports for part in parts]


def test_reports_look_lived_in(past: Past) -> None:
    told = past.reports
    times = [said(report) for report in told]
    assert times == sorted(times) and len({report.ref for report in told}) == len(told)
    assert times[-1] < NOW and NOW - times[0] > timedelta(days=DAYS - 30)
    states = {report.standing.state if report.standing else "registered" for report in told}
    assert states >= {"registered", "to_dispatch", "to_sign", "in_hand", "to_check", "settled", "closed", "merged"}
    outcomes = {report.standing.outcome for report in told if report.standing}
    assert outcomes >= {"repaired", "explained"}
    assert all(one.standing is None or one.standing.at is None or said(one) <= one.standing.at < NOW for one in told)
    assert any("1380013" in report.body for report in told)
    soon = [report for report in told if report.due_at == NOW + timedelta(minutes=20)]
    assert len(soon) == stories.SOON_DUE
    assert {report.crs for report in told} == {"WGS-84", "GCJ-02"}


def test_days_have_their_rhythm(past: Past) -> None:
    local = [said(report).astimezone(ZONE) for report in past.reports]
    hours = np.bincount([one.hour for one in local], minlength=24)
    assert hours[8:12].sum() > 4 * hours[1:5].sum()
    days = np.bincount([one.weekday() for one in local], minlength=7)
    assert days[:5].mean() > 1.1 * days[5:].mean()


def test_water_follows_the_rain(past: Past) -> None:
    weather = past.plot.weather
    rain = {weather.day(DAYS - 1 - at): fell for at, fell in enumerate(weather.rain_mm.tolist())}
    mean = np.mean(list(rain.values()))

    def fallen(matter: str) -> float:
        days = [said(one).astimezone(ZONE).date() for one in past.reports if one.matter == matter]
        return float(np.mean([rain[day] for day in days if day in rain]))

    assert fallen("flooding") > 2 * mean
    assert fallen("flooding") > fallen("blocked-gully") > fallen("night-noise")


def test_what_is_said_fits_the_thing_it_is_said_of(past: Past) -> None:
    layers = defaultdict(set)
    for one in past.truths:
        if one.site:
            layers[one.matter].add(one.site.split(":")[0])
    assert layers["street-light"] == {"lamps"} and layers["broken-steps"] == {"footbridges"}
    assert layers["pothole"] == {"roads"} and layers["manhole-cover"] == {"manholes"}
    coded = [
        (report.body, truth.site.split(":")[1])
        for report, truth in zip(past.reports, past.truths, strict=True) if "灯杆编号" in report.body
    ]  # fmt: skip
    assert len(coded) > 100 and all(code in body for body, code in coded)


def test_the_truth_names_what_was_planted(ground: Ground, past: Past) -> None:
    assert [one.ref for one in past.truths] == [one.ref for one in past.reports]
    report = {one.ref: one for one in past.reports}
    sites = defaultdict(list)
    for one in past.truths:
        if one.repeat and not one.duplicate_of:
            sites[one.repeat].append(one)
    assert len(sites) >= stories.REPEAT_SITES
    assert all(len({one.site for one in of}) == 1 and len(of) >= 3 for of in sites.values())
    for of in sites.values():
        repaired = [report[one.ref].standing for one in of[:-1]]
        assert all(one is not None and one.outcome == "repaired" for one in repaired)
        again = [said(report[one.ref]) for one in of[1:]]
        assert all(one and one.at and one.at < after for one, after in zip(repaired, again, strict=True))
    keepers = dict(zip(ground.roads.codes, ground.road_parties().maintainer, strict=True))
    failing = [one for one in past.truths if one.story == "contractor"]
    assert len(failing) >= 16 and {keepers[one.site.split(":")[1]] for one in failing} == {FAILING}


def test_fourteen_voices_tell_of_one_hole(past: Past) -> None:
    told = [(report, truth) for report, truth in zip(past.reports, past.truths, strict=True) if truth.story == "voices"]
    assert len(told) == stories.VOICES
    first = told[0][1].ref
    assert [truth.duplicate_of for _, truth in told] == ["", *[first] * (stories.VOICES - 1)]
    assert len({truth.site for _, truth in told}) == 1
    assert said(told[-1][0]) - said(told[0][0]) < timedelta(hours=30)
    times = {one.ref: said(one) for one in past.reports}
    assert all(times[one.duplicate_of] <= times[one.ref] for one in past.truths if one.duplicate_of)


def test_every_kind_of_story_is_told(past: Past) -> None:
    told = Counter(one.story for one in past.plot.planted)
    assert set(told) == {
        stories.REPEAT, stories.CONTRACTOR, stories.VOICED, stories.WORKS, stories.TRENCH, stories.LATE,
        stories.DISPUTE, stories.SHELVED, stories.LEAD, stories.FALSE_LEAD, stories.DUE_SOON,
    }  # fmt: skip
    assert told[stories.LATE] == stories.LATE_OFFICES
    truths = Counter(one.tale for one in past.truths if one.tale)
    assert truths == {one.tale: len(one) for one in past.plot.planted}


def test_every_step_of_a_story_is_allowed_where_its_ticket_stands(past: Past) -> None:
    stepped = [(one.story, said.steps, said.age) for one in past.plot.planted for said in one.spoken if said.steps]
    ends = {}
    for story, steps, age in stepped:
        state = State.REGISTERED
        for step in steps:
            state = move(step.name, state, step.who, frozenset(step.given) | ({"unit"} if step.unit else set()))
        hours = [step.after_h for step in steps]
        assert hours == sorted(hours) and hours[-1] < age * 24
        ends[story] = state
    assert ends == {
        stories.WORKS: State.IN_HAND, stories.DISPUTE: State.IN_HAND, stories.SHELVED: State.SHELVED,
    }  # fmt: skip
    dispute = next(steps for story, steps, _ in stepped if story == stories.DISPUTE)
    assert [step.name for step in dispute] == ["queue", "dispatch", "return", "dispatch", "dispute", "rule", "sign"]


def test_repairs_of_the_failing_contractor_fail_within_their_liability(past: Past) -> None:
    when = {str(one.ref): said(one) for one in past.reports}
    story = {one.ref: one.story for one in past.truths}
    failed = [one for one in past.mended if one.came_back >= 0 and story[past.plot.ref(one.of)] == stories.CONTRACTOR]
    assert len(failed) >= 12 and {one.unit for one in failed} == {FAILING}
    for one in failed:
        back = when[past.plot.ref(one.came_back)]
        assert one.ended is not None and one.liability_until is not None
        assert one.ended < back < one.ended + timedelta(days=40) and back.date() <= one.liability_until


def test_each_repair_lies_between_its_report_and_now(past: Past) -> None:
    when = {str(one.ref): said(one) for one in past.reports}
    assert len({one.ref for one in past.mended}) == len(past.mended) > 300
    for one in past.mended:
        # A trench is dug before anybody speaks of it.
        assert one.unit == TRENCHER or when[past.plot.ref(one.of)] <= one.started
        assert one.started <= (one.ended or NOW) <= NOW


def test_a_month_of_works_goes_on(past: Past) -> None:
    story = next(one for one in past.plot.planted if one.story == stories.WORKS)
    works = next(one for one in past.mended if one.ref == f"W{refs(past, story.tale)[0]}")
    assert works.ended is None and works.hoarding and works.traffic_plan and works.assisting
    assert works.promised is not None and works.promised - works.started > timedelta(days=28) and works.promised > NOW


def test_the_ground_gives_way_along_a_trench(past: Past) -> None:
    dug = {one.of: one for one in past.mended if one.unit == TRENCHER}
    assert len(dug) >= 6
    site = {one.ref: one.site for one in past.truths}
    for story in (one for one in past.plot.planted if one.story == stories.TRENCH):
        numbers = refs(past, story.tale)
        trench = [number for number in numbers if number in dug]
        sites = {site[past.plot.ref(number)] for number in trench}
        assert len({one.rpartition(":")[0] for one in sites}) == 1 and len(sites) >= 3
        for number in set(numbers) - set(trench):
            assert site[past.plot.ref(number)] in sites


def refs(past: Past, tale: str) -> list[int]:
    """The numbers of a story's reports."""
    return sorted(int(one.ref.partition("-")[2]) for one in past.truths if one.tale == tale)


def test_some_offices_are_late_far_more_often(past: Past) -> None:
    slow = {past.plot.stage.offices[at].code for at in stories.late_offices(past.plot.stage)}
    truth = {one.ref: one for one in past.truths}
    late: Counter[bool] = Counter()
    every: Counter[bool] = Counter()
    for one in past.reports:
        where = truth[str(one.ref)]
        if one.x is None or where.tale or one.due_at is None or one.standing is None or one.standing.at is None:
            continue
        done = one.standing.state in ("closed", "settled")
        every[where.office in slow] += 1
        late[where.office in slow] += (one.standing.at if done else NOW) > one.due_at
    assert late[True] / every[True] > 2 * late[False] / every[False]


def test_leads_are_posts_and_the_truth_says_which_are_true(past: Past) -> None:
    leads = [(one, truth) for one, truth in zip(past.reports, past.truths, strict=True) if truth.lead]
    assert all(one.kind == "lead" and one.link.startswith("https://video.example.com/") for one, _ in leads)
    assert Counter(truth.lead for _, truth in leads)[stories.FILED] > 10
    dropped = [one for one, truth in leads if truth.lead == stories.DROPPED and one.x is not None]
    assert dropped and {one.standing.state for one in dropped if one.standing} == {"declined"}
    assert any(one.x is None for one, truth in leads if truth.lead == stories.DROPPED)
    assert sum(one.kind == "lead" for one in past.reports) == len(leads)
