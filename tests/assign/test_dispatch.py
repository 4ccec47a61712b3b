"""Dispatch says what a plain reading of the list says, line by line; what is unsure is held and says why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoapp.assign.dispatch import Batch, Dispatch, Dispatcher, Elsewhere, Held
from geoapp.assign.duties import Duty
from geoapp.assign.fitting import NONE, Level
from tests.assign import slow_dispatch
from tests.assign.slow_dispatch import PARTIES, Case

LEVELS = (
    Level("districts", ("D1", "D2"), ("u-D1", "u-D2")),
    Level("street_offices", ("S1", "S2", "S3"), ("u-S1", "u-S2", "")),
)
UNITS = {"u-D1", "u-D2", "u-S1", "u-S2", "roads", "lamps", "water"}
MATTERS = {"hole": "road", "kerb": "road", "lamp": "light", "": ""}
TODAY = date(2026, 3, 1)


def batch(cases: Sequence[Case]) -> Batch:
    def lying(areas: Sequence[dict[str, str]]) -> np.ndarray:
        rows = [[list(one.codes).index(a[one.name]) if a[one.name] else NONE for one in LEVELS] for a in areas]
        return np.array(rows, dtype=np.int64).reshape(len(areas), len(LEVELS))

    elsewhere = [(nth, *place) for nth, case in enumerate(cases) for place in case.elsewhere]
    return Batch(
        [case.matter for case in cases], [case.category for case in cases],
        np.array([case.component for case in cases], dtype=bool),
        np.array([case.day for case in cases], dtype="datetime64[D]"),
        lying([dict(case.areas) for case in cases]), np.full((len(cases), len(LEVELS)), np.nan),
        [case.asset_class for case in cases], [[case.parties.get(party, "") for case in cases] for party in PARTIES],
        np.array([case.radius_m for case in cases], dtype=float),
        np.array([case.confidence for case in cases], dtype=float),
        Elsewhere(
            np.array([one[0] for one in elsewhere], dtype=np.int64), lying([dict(one[1]) for one in elsewhere]),
            np.array([one[2] for one in elsewhere], dtype=float), np.array([one[3] for one in elsewhere], dtype=bool),
        ),
    )  # fmt: skip


def said(duties: Sequence[Duty], cases: Sequence[Case]) -> list[Dispatch]:
    found = Dispatcher.of(duties, LEVELS, UNITS).dispatch(batch(cases))
    return [found.at(nth) for nth in range(len(found))]


AREAS = st.fixed_dictionaries(
    {"districts": st.sampled_from(["", "D1", "D2"]), "street_offices": st.sampled_from(["", "S1", "S2", "S3"])}
)
PLACES = st.lists(st.tuples(AREAS, st.sampled_from([1.0, 10.0, 40.0]), st.booleans()), max_size=3, unique_by=repr)
DAYS = st.sampled_from([date(2025, 12, 31), date(2026, 1, 1), TODAY])


@st.composite
def duty(draw: st.DrawFn) -> Duty:
    level = draw(st.sampled_from(["", "districts", "street_offices"]))
    codes = {"": [""], "districts": ["", "D1", "D2", "D9"], "street_offices": ["", "S1", "S2", "S3"]}[level]
    party = draw(st.sampled_from(["", "", *PARTIES]))
    free = ["", *sorted(UNITS)] if level or party else sorted(UNITS)
    return Duty(
        draw(st.text("abcdef", min_size=2, max_size=6)), draw(st.sampled_from(["", "road", "light"])),
        draw(st.sampled_from(["", "hole", "kerb", "lamp"])), level, draw(st.sampled_from(codes)),
        draw(st.sampled_from(["", "", "pole", "cover"])), party, draw(st.sampled_from(free)),
        priority=draw(st.sampled_from([0, 0, 1])), valid_from=draw(st.none() | DAYS), valid_to=draw(st.none() | DAYS),
        fallback=draw(st.sampled_from([False, False, True])),
    )  # fmt: skip


@st.composite
def case(draw: st.DrawFn) -> Case:
    matter = draw(st.sampled_from(list(MATTERS)))
    return Case(
        matter, MATTERS[matter], draw(st.booleans()), draw(DAYS), draw(AREAS),
        draw(st.sampled_from(["", "pole", "cover", "tree"])),
        draw(st.dictionaries(st.sampled_from(PARTIES), st.sampled_from([*sorted(UNITS), "stranger"]))),
        draw(st.sampled_from([5.0, 15.0, 80.0])), draw(st.sampled_from([0.5, 1.0])), tuple(draw(PLACES)),
    )  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(duty(), max_size=10, unique_by=lambda one: one.code), st.lists(case(), max_size=6))
def test_dispatch_is_what_a_plain_reading_of_the_list_says(duties: list[Duty], cases: list[Case]) -> None:
    for one, found in zip(cases, said(duties, cases), strict=True):
        plain = slow_dispatch.dispatch(duties, one, LEVELS, UNITS)
        assert {
            "unit": found.unit, "line": found.line, "runner_up": found.runner_up,
            "runner_up_line": found.runner_up_line, "held": {str(reason) for reason in found.held},
        } == plain  # fmt: skip


def pothole(**facts: object) -> Case:
    told: dict[str, object] = {
        "matter": "hole", "category": "road", "component": False, "day": TODAY,
        "areas": {"districts": "D1", "street_offices": "S1"}, "asset_class": "", "parties": {}, "radius_m": 15.0,
        "confidence": 1.0,
    }  # fmt: skip
    return Case(**told | facts)  # type: ignore[arg-type]


def one(duties: Sequence[Duty], **facts: object) -> Dispatch:
    (found,) = said(duties, [pothole(**facts)])
    return found


OF_OWNER = Duty("of-owner", category="road", party="owner")
OF_AREA = Duty("of-area", category="road", level="street_offices")


def test_a_thing_is_its_owners_before_its_areas_and_a_happening_its_areas_first() -> None:
    owned = {"parties": {"owner": "roads"}}
    thing = one([OF_OWNER, OF_AREA], component=True, **owned)
    happening = one([OF_OWNER, OF_AREA], component=False, **owned)
    assert (thing.unit, thing.runner_up, thing.lost, thing.held) == ("roads", "u-S1", "owner", ())
    assert (happening.unit, happening.runner_up, happening.lost, happening.held) == ("u-S1", "roads", "area", ())


def test_a_line_of_the_matter_goes_before_one_of_its_category_whatever_else_they_ask() -> None:
    found = one([OF_OWNER, Duty("hole", matter="hole", unit="water")], component=True, parties={"owner": "roads"})
    assert (found.unit, found.line, found.lost) == ("water", "hole", "matter")


def test_lines_equally_exact_with_different_units_are_held_unless_one_has_priority() -> None:
    tied = one([Duty("a", matter="hole", unit="roads"), Duty("b", matter="hole", unit="water")])
    ruled = one([Duty("a", matter="hole", unit="roads"), Duty("b", matter="hole", unit="water", priority=1)])
    agreed = one([Duty("a", matter="hole", unit="roads"), Duty("b", matter="hole", unit="roads")])
    assert (tied.held, tied.lost, tied.runner_up_line) == ((Held.TIE,), "equal", "b")
    assert (ruled.unit, ruled.lost, ruled.held) == ("water", "priority", ())
    assert agreed.held == ()


def test_a_border_holds_only_where_the_neighbour_would_have_another_unit() -> None:
    near = ({"districts": "D1", "street_offices": "S2"}, 4.0, False)
    far = ({"districts": "D1", "street_offices": "S2"}, 40.0, False)
    rough = ({"districts": "D1", "street_offices": "S2"}, 40.0, True)
    of_district = Duty("of-district", category="road", level="districts")
    assert one([OF_AREA], elsewhere=(near,)).held == (Held.BORDER,)
    assert one([of_district], elsewhere=(near,)).held == ()
    beyond = one([OF_AREA], elsewhere=(far,))
    assert (beyond.held, beyond.runner_up, beyond.lost) == ((), "u-S2", "place")
    assert one([OF_AREA], elsewhere=(rough,)).held == (Held.APPROXIMATE,)


def test_a_poor_place_holds_only_what_the_place_decides() -> None:
    assert one([Duty("city", matter="hole", unit="roads")], confidence=0.3).held == ()
    assert one([OF_AREA], confidence=0.3).held == (Held.POOR_PLACE,)
    # In another area a line more exact than the one that fired might have.
    special = [Duty("city", matter="hole", unit="roads"), Duty("there", matter="hole", level="districts", area="D2")]
    assert one(special, confidence=0.3).held == (Held.POOR_PLACE,)


def test_what_nobody_knows_or_answers_for_is_held() -> None:
    assert one([]).held == (Held.NO_LINE,)
    kept = one([Duty("rest", unit="water", fallback=True)])
    assert (kept.unit, kept.held) == ("water", (Held.FALLBACK,))
    assert one([Duty("all", unit="water")], matter="", category="").held == (Held.UNKNOWN_MATTER,)


def test_a_line_holds_through_its_last_day() -> None:
    old = Duty("old", matter="hole", unit="roads", valid_to=date(2026, 2, 28))
    new = Duty("new", matter="hole", unit="water", valid_from=date(2026, 3, 1))
    assert [one([old, new], day=day).unit for day in (date(2026, 2, 28), TODAY)] == ["roads", "water"]


@pytest.mark.parametrize(
    "wrong",
    [
        Duty("x", unit="nobody"), Duty("x", level="wards"), Duty("x", party="friend"), Duty("x"),
        Duty("x", area="S1", unit="roads"),
    ],
)  # fmt: skip
def test_a_list_that_nobody_could_follow_is_refused(wrong: Duty) -> None:
    with pytest.raises(ValueError, match="x: "):
        Dispatcher.of([wrong], LEVELS, UNITS)


def test_the_answer_carries_what_there_is_and_nothing_else() -> None:
    found = one([Duty("hole", matter="hole", unit="roads", assisting=("water",), person="Li")])
    assert found.as_dict() == {"unit": "roads", "assisting": ["water"], "line": "hole", "person": "Li"}
