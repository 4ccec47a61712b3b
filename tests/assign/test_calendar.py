"""Working calendars: as exact as who looks at each minute on the wall; 调休, holidays, summer time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoapp.assign.calendar import Calendar, calendar, moment, of_city, seconds
from geoapp.city import USUAL_HOURS, week
from tests.make import PACK

SHENZHEN = calendar("Asia/Shanghai", "CN")
NEW_YORK = calendar("America/New_York", "US-NY", {"mon-fri": ("09:00-17:00",)})


def at(words: str, zone: str = "Asia/Shanghai") -> int:
    return seconds(datetime.fromisoformat(words).replace(tzinfo=ZoneInfo(zone)))


def local(found: int, zone: str = "Asia/Shanghai") -> str:
    return moment(found).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S")


# A slow, plain reference: is this minute worked?


def works(of: Calendar, minute: int) -> bool:
    wall = datetime.fromtimestamp(minute, ZoneInfo(of.zone))
    shown = wall.hour * 60 + wall.minute
    return any(since <= shown < until for since, until in of.hours(wall.date()))


def plainly_between(of: Calendar, since: int, until: int) -> int:
    return sum(works(of, minute) for minute in range(since, until, 60))


def plainly_added(of: Calendar, start: int, minutes: int) -> int:
    now = start
    while minutes:
        minutes -= works(of, now)
        now += 60
    return now


ZONES = (
    "Asia/Shanghai", "America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca",
    "America/St_Johns", "Pacific/Apia",
)  # fmt: skip
COUNTRIES = ("", "CN", "US-NY", "US-CA", "GB", "JP")


@st.composite
def days_hours(draw: st.DrawFn) -> tuple[str, ...]:
    edges = sorted(draw(st.sets(st.integers(0, 1440), min_size=2, max_size=6)))
    pairs = zip(edges[::2], edges[1::2], strict=False)
    return tuple(f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in pairs)


@st.composite
def calendars(draw: st.DrawFn) -> tuple[Calendar, int]:
    """A calendar, and a minute near something that happens in it."""
    worked = draw(st.sets(st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), min_size=1))
    near = draw(
        st.one_of(
            st.datetimes(datetime(2005, 1, 1), datetime(2028, 1, 1)),
            st.sampled_from([
                datetime(2024, 2, 9), datetime(2024, 3, 10), datetime(2024, 11, 3), datetime(2025, 10, 1),
                datetime(2026, 2, 13), datetime(2026, 12, 31), datetime(2011, 12, 29), datetime(2024, 4, 7),
            ]),
        )
    )  # fmt: skip
    hands = draw(st.dictionaries(st.integers(-4, 12), st.booleans(), max_size=4))
    made = calendar(
        draw(st.sampled_from(ZONES)), draw(st.sampled_from(COUNTRIES)), {day: draw(days_hours()) for day in worked},
        {near.date() + timedelta(days=days): works for days, works in hands.items()},
    )  # fmt: skip
    return made, seconds(near.replace(tzinfo=UTC)) // 60 * 60


@given(calendars(), st.integers(0, 4 * 1440), st.integers(0, 900))
@settings(max_examples=120, deadline=None)
def test_as_who_looks_at_each_minute(found: tuple[Calendar, int], later: int, minutes: int) -> None:
    of, start = found
    until = start + later * 60
    counted = plainly_between(of, start, until)
    assert of.between(start, until) == counted * 60
    assert of.between(until, start) == -counted * 60
    # Where a calendar works too little for so many minutes within weeks, fewer are asked.
    minutes = min(minutes, plainly_between(of, start, start + 20 * 86_400))
    assert of.add(start, minutes) == plainly_added(of, start, minutes)


@given(calendars(), st.integers(-3000, 3000), st.integers(0, 59))
@settings(max_examples=80, deadline=None)
def test_what_is_added_is_what_lies_between(found: tuple[Calendar, int], minutes: int, second: int) -> None:
    of, start = found
    later = of.add(start + second, minutes)
    assert of.between(start + second, later) == minutes * 60
    # Many at once are the same as each alone.
    many = of.add(np.array([start + second, start, later]), np.array([minutes, 5, -minutes]))
    assert many.tolist() == [of.add(start + second, minutes), of.add(start, 5), of.add(later, -minutes)]


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        ("2026-03-02 10:00", 60, "2026-03-02 11:00:00"),
        ("2026-03-02 11:30", 60, "2026-03-02 14:30:00"),
        ("2026-03-02 12:30", 60, "2026-03-02 15:00:00"),
        # Time that ends with the day's work ends there.
        ("2026-03-02 17:00", 60, "2026-03-02 18:00:00"),
        ("2026-03-02 17:00:30", 60, "2026-03-03 09:00:30"),
        ("2026-03-06 17:30", 60, "2026-03-09 09:30:00"),
        # 2026: 15–23 February off, the Saturdays 14 and 28 made up.
        ("2026-02-13 17:30", 60, "2026-02-14 09:30:00"),
        ("2026-02-14 17:30", 60, "2026-02-24 09:30:00"),
        ("2026-03-02 10:00", 0, "2026-03-02 10:00:00"),
        ("2026-03-01 10:00", 0, "2026-03-01 10:00:00"),
        ("2026-03-09 10:00", -60, "2026-03-09 09:00:00"),
        ("2026-03-09 10:00", -61, "2026-03-06 17:59:00"),
    ],
)
def test_shenzhens_days(start: str, minutes: int, due: str) -> None:
    assert local(int(SHENZHEN.add(at(start), minutes))) == due


def test_a_day_says_why_it_is_worked_or_not() -> None:
    by_hand = calendar("Asia/Shanghai", "CN", USUAL_HOURS, {date(2026, 3, 4): False, date(2026, 3, 7): True})
    assert (by_hand.day(date(2026, 3, 4)).works, by_hand.day(date(2026, 3, 4)).why) == (False, "by_hand")
    assert by_hand.hours(date(2026, 3, 7)) == ((540, 720), (840, 1080))
    made_up, off = SHENZHEN.day(date(2026, 2, 14)), SHENZHEN.day(date(2026, 2, 16))
    assert (made_up.works, made_up.why, made_up.certain) == (True, "made_up", True)
    assert (off.works, off.why, bool(off.name)) == (False, "holiday", True)


def test_years_whose_moved_days_are_not_announced_are_not_certain() -> None:
    assert SHENZHEN.certain(2026) and not SHENZHEN.certain(2090) and not SHENZHEN.day(date(2090, 5, 6)).certain
    assert NEW_YORK.certain(2090) and calendar("Asia/Shanghai").certain(2090)


def test_summer_time_is_as_long_as_it_is() -> None:
    night = calendar("America/New_York", "", {"sun": ("00:00-24:00",)})
    zone = "America/New_York"
    spring = night.between(at("2026-03-08 00:00", zone), at("2026-03-09 00:00", zone))
    autumn = night.between(at("2026-11-01 00:00", zone), at("2026-11-02 00:00", zone))
    assert (spring, autumn) == (23 * 3600, 25 * 3600)
    # Friday before to Monday after: eight hours a day, whatever the clocks did meanwhile.
    due = NEW_YORK.add(at("2026-03-06 16:00", zone), 120)
    assert local(int(due), zone) == "2026-03-09 10:00:00"
    # Thanksgiving.
    assert local(int(NEW_YORK.add(at("2026-11-25 16:30", zone), 60)), zone) == "2026-11-27 09:30:00"


def test_far_moments_are_found_and_none_are_told() -> None:
    one = calendar("UTC", "", {"mon": ("00:00-00:01",)})
    assert one.between(at("2020-01-01", "UTC"), int(one.add(at("2020-01-01", "UTC"), 1000))) == 60_000
    with pytest.raises(OverflowError):
        one.add(at("2020-01-01", "UTC"), 1_000_000)
    assert SHENZHEN.add([], []).tolist() == []


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        ({"monday": ("09:00-10:00",)}, "monday is no weekday"),
        ({"mon": ("9-10",)}, "'9-10' is not written as"),
        ({"mon": ("12:00-09:00",)}, "ends before it begins"),
        ({"mon": ("09:00-12:00", "11:00-13:00")}, "the hours of mon overlap"),
        ({"mon": ()}, "no day has any hours"),
        ({"mon": ("09:00-24:30",)}, "ends before it begins"),
    ],
)
def test_hours_that_cannot_be_read_say_why(hours: dict[str, tuple[str, ...]], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        week(hours)


def test_a_citys_calendar_is_its_packs_and_what_was_put_right_since() -> None:
    days = {"2026-03-04": "rest", "2026-03-05": "rest"}
    city = replace(PACK, calendar="CN", calendar_days=days, working_hours={"mon-fri": ("08:00-10:00",)})
    made = of_city(city, {date(2026, 3, 5): True})
    assert made.hours(date(2026, 3, 3)) == ((480, 600),)
    assert [made.day(date(2026, 3, day)).works for day in (4, 5)] == [False, True]
