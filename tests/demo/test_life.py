"""The demo city's past: rhythm and rain, what people say, the stories planted in it, and the truth told of each."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from geoapp.demo import ground as made
from geoapp.demo import life, standings, stories
from geoapp.demo.ground import Ground
from geoapp.demo.life import Past
from geoapp.demo.parties import FAILING
from geoapp.demo.weather import DAYS
from importers.base import Report

NOW = datetime(2026, 5, 20, 3, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture(scope="module")
def ground() -> Ground:
    return made.make(1)


@pytest.fixture(scope="module")
def past(ground: Ground) -> Past:
    return life.past(ground, 6000, 1, NOW)


def said(report: Report) -> datetime:
    assert report.said_at is not None
    return report.said_at


def test_the_same_seed_gives_the_same_past(ground: Ground) -> None:
    one, other = life.past(ground, 300, 3, NOW), life.past(ground, 300, 3, NOW)
    assert (one.reports, one.truths) == (other.reports, other.truths)
    assert one.reports != life.past(ground, 300, 4, NOW).reports


@pytest.mark.parametrize("tickets", [0, 1, 20, 149, 150])
def test_a_past_may_be_small(ground: Ground, tickets: int) -> None:
    found = life.past(ground, tickets, 1, NOW)
    assert sum(one.x is not None for one in found.reports) == tickets


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
    assert len(soon) == standings.SOON_DUE
    assert {report.crs for report in told} == {"WGS-84", "GCJ-02"}


def test_days_have_their_rhythm(past: Past) -> None:
    local = [said(report).astimezone(ZONE) for report in past.reports]
    hours = np.bincount([one.hour for one in local], minlength=24)
    assert hours[8:12].sum() > 4 * hours[1:5].sum()
    days = np.bincount([one.weekday() for one in local], minlength=7)
    assert days[:5].mean() > 1.1 * days[5:].mean()


def test_water_follows_the_rain(past: Past) -> None:
    rain = {past.weather.day(DAYS - 1 - at): fell for at, fell in enumerate(past.weather.rain_mm.tolist())}
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
