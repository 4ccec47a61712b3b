"""The fitted confidences: rising, within bounds, and a fit that says what came true."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoapp.locate.calibration import AS_WEIGHED, CLASSES, FITTED, of_notes
from tests.locate.evaluation.calibrating import fit

SHARE = st.floats(0, 1)


@pytest.mark.parametrize("kind", CLASSES)
def test_the_knots_rise(kind: str) -> None:
    weighed = FITTED.weighed[kind]
    assert list(weighed) == sorted(set(weighed)) and weighed[0] > 0 and weighed[-1] <= 1


@given(st.sampled_from(CLASSES), SHARE, SHARE)
def test_what_weighs_more_is_worth_as_much_or_more(kind: str, one: float, other: float) -> None:
    less, more = (FITTED.confidence(weighed, kind) for weighed in sorted((one, other)))
    # Two cases that pull each pool to the middle may turn neighbours round by a hair.
    assert 0 <= less <= more + 0.02 <= 1.02
    assert AS_WEIGHED.confidence(one, kind) == pytest.approx(one)


def test_a_fit_says_how_often_it_came_true() -> None:
    chance = np.random.default_rng(3)
    weighed = chance.uniform(0.2, 1.0, 20_000)
    came_true = chance.random(20_000) < weighed**2
    knots = np.array(fit(weighed, came_true))
    assert (np.diff(knots[:, 0]) > 0).all()
    assert np.abs(np.interp([0.4, 0.6, 0.8], knots[:, 0], knots[:, 1]) - [0.16, 0.36, 0.64]).max() < 0.05


def test_the_class_of_an_answer_is_in_its_notes() -> None:
    assert (of_notes(("moved 100 m",)), of_notes(("spelling",))) == CLASSES
