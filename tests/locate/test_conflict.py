"""A point and words: who agrees, who wins, and that nothing is guessed where both may be wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geoapp.locate.answer import NAMES, Answer
from geoapp.locate.conflict import SURE, Conflict, Given, Point, Rule, Winner, compare, metres, outside
from tests.locate.conftest import WEST, at

PLACE = Answer(114.0, 22.5, "crossing", 40.0, 0.95, None, NAMES)
AREA = Answer(114.0, 22.5, "area", 2_000.0, 0.85, None, NAMES, area="海山街道")
COARSE = Answer(None, None, None, None, 0.1, "too_coarse", NAMES, area="盐田区")
ABROAD = Answer(None, None, None, None, 0.0, "another_city", NAMES)
UNHURRIED = settings(max_examples=80, deadline=None)


def point(how: Given, north_m: float = 0.0, radius_m: float = 15.0) -> Point:
    """A point so many metres north of the place."""
    return Point(114.0, 22.5 + north_m / 111_320, how, radius_m)


def said(found: Conflict | None) -> tuple[bool, Rule, Winner]:
    assert found is not None
    return found.agree, found.rule, found.winner


@pytest.mark.parametrize(
    ("how", "north_m", "words", "outside_m", "expected"),
    [
        (Given.CHECK_IN, 300, PLACE, None, (True, Rule.NEAR_PLACE, Winner.POINT)),
        (Given.PINNED, 3_000, PLACE, None, (False, Rule.PINNED_FIRST, Winner.POINT)),
        (Given.CHECK_IN, 3_000, PLACE, None, (False, Rule.WORDS_SURE, Winner.WORDS)),
        (Given.CHECK_IN, 3_000, replace(PLACE, confidence=0.65), None, (False, Rule.WORDS_UNSURE, Winner.NEITHER)),
        (Given.WRITTEN, 3_000, PLACE, None, (False, Rule.WORDS_SURE, Winner.NEITHER)),
        (Given.WRITTEN, 3_000, replace(PLACE, confidence=0.65), None, (False, Rule.WORDS_UNSURE, Winner.POINT)),
        (Given.CHECK_IN, 0, AREA, 0.0, (True, Rule.WITHIN_AREA, Winner.POINT)),
        (Given.CHECK_IN, 0, AREA, 250.0, (True, Rule.WITHIN_AREA, Winner.POINT)),
        (Given.CHECK_IN, 0, AREA, 2_000.0, (False, Rule.OUTSIDE_AREA, Winner.NEITHER)),
        (Given.CHECK_IN, 0, COARSE, 2_000.0, (False, Rule.OUTSIDE_AREA, Winner.NEITHER)),
        (Given.PINNED, 0, COARSE, 2_000.0, (False, Rule.PINNED_FIRST, Winner.POINT)),
        (Given.CHECK_IN, 1_900, AREA, None, (True, Rule.WITHIN_AREA, Winner.POINT)),
        (Given.CHECK_IN, 5_000, AREA, None, (False, Rule.OUTSIDE_AREA, Winner.NEITHER)),
        (Given.CHECK_IN, 0, ABROAD, None, (False, Rule.ANOTHER_CITY, Winner.NEITHER)),
        (Given.PINNED, 0, ABROAD, None, (False, Rule.PINNED_FIRST, Winner.POINT)),
    ],
)
def test_who_wins(
    how: Given, north_m: float, words: Answer, outside_m: float | None, expected: tuple[bool, Rule, Winner]
) -> None:
    assert said(compare(point(how, north_m), words, outside_m)) == expected


def test_of_two_that_agree_the_finer_is_believed_but_what_was_pinned_stays() -> None:
    assert said(compare(point(Given.CHECK_IN, 200, 400), PLACE)) == (True, Rule.NEAR_PLACE, Winner.WORDS)
    assert said(compare(point(Given.PINNED, 200, 400), PLACE)) == (True, Rule.NEAR_PLACE, Winner.POINT)


@pytest.mark.parametrize("words", [replace(COARSE, area=None), Answer(None, None, None, None, 0.0, "no_place", NAMES)])
def test_words_that_name_nothing_are_no_conflict(words: Answer) -> None:
    assert compare(point(Given.CHECK_IN), words, None) is None


def test_metres_outside_an_outline() -> None:
    box = shapely.box(*at(0, 0), *at(4, 4))
    assert outside(box, *at(2, 2)) == 0.0
    assert outside(box, *at(0, 2)) == 0.0
    assert outside(box, *at(-1, 2)) == pytest.approx(metres(*at(-1, 2), WEST, at(0, 2)[1]), rel=0.01)


WORDS = st.builds(
    lambda radius, sure, kind: replace(PLACE, radius_m=radius, confidence=sure, precision=kind),
    st.floats(10, 3_000), st.floats(0.6, 1), st.sampled_from(["crossing", "road", "landmark", "community", "area"]),
)  # fmt: skip
HOW = st.sampled_from(list(Given))
FAR = st.floats(0, 30_000)


@UNHURRIED
@given(HOW, FAR, WORDS)
def test_what_was_pinned_never_moves_and_a_check_in_never_beats_words(how: Given, far: float, words: Answer) -> None:
    found = compare(point(how, far), words)
    assert found is not None and found.distance_m is not None
    assert found.agree == (found.distance_m <= found.allowed_m)
    if how is Given.PINNED:
        assert found.winner is Winner.POINT
    if how is Given.CHECK_IN and not found.agree:
        assert found.winner is not Winner.POINT
        sure = words.precision != "area" and words.confidence >= SURE
        assert (found.winner is Winner.WORDS) == sure


@UNHURRIED
@given(HOW, FAR, FAR, WORDS)
def test_whoever_agrees_from_afar_agrees_from_nearer(how: Given, one: float, other: float, words: Answer) -> None:
    near, far = (compare(point(how, metres_off), words) for metres_off in sorted((one, other)))
    assert near is not None and far is not None
    assert near.agree or not far.agree


@UNHURRIED
@given(HOW, FAR, WORDS, st.floats(0, 5_000))
def test_a_wider_radius_never_makes_a_conflict(how: Given, far: float, words: Answer, wider: float) -> None:
    one = compare(point(how, far), words)
    other = compare(point(how, far), replace(words, radius_m=(words.radius_m or 0) + wider))
    assert one is not None and other is not None
    assert other.agree or not one.agree
