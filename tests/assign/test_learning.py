"""A list learned from history says what holds, no more, and in the fewest lines."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from geoapp.assign.duties import Duty
from geoapp.assign.learning import History, Learned, batch_of, dispatcher_of, learn

MANY = 400


def history(matter: list[str], unit: list[str], **facts: list[str]) -> History:
    """Cases of one category; facts are area (of a level "offices"), asset_class, owner, day."""
    count = len(matter)
    none = [""] * count
    day = np.array(facts.get("day", ["2025-06-01"] * count), dtype="datetime64[D]")
    return History(
        matter, ["road"] * count, day, {"offices": facts.get("area", none)}, facts.get("asset_class", none),
        [none, facts.get("owner", none), none], unit,
    )  # fmt: skip


def lines(found: list[Learned]) -> dict[str, str]:
    return {one.duty.code: one.duty.unit for one in found}


def test_one_unit_is_one_line_however_many_matters() -> None:
    found = learn(history([f"m{nth % 9}" for nth in range(MANY)], ["roads"] * MANY))
    assert [(one.duty, one.cases, one.right) for one in found] == [
        (Duty("road", category="road", unit="roads"), MANY, MANY)
    ]


def test_a_matter_of_another_unit_is_an_exception() -> None:
    matter = [f"m{nth % 10}" for nth in range(MANY)]
    unit = ["water" if one == "m3" else "roads" for one in matter]
    assert lines(learn(history(matter, unit))) == {"road": "roads", "m3": "water"}


def test_exceptions_are_made_to_the_unit_that_needs_fewest_of_them() -> None:
    # One matter makes up most of the category, and all the others are another unit's.
    matter = ["big" if nth % 10 < 6 else f"m{nth % 40}" for nth in range(MANY)]
    unit = ["police" if one == "big" else "roads" for one in matter]
    assert lines(learn(history(matter, unit))) == {"road": "roads", "big": "police"}


def test_chance_is_not_learned() -> None:
    chance = np.random.default_rng(8)
    unit = [("roads", "water")[one] for one in (chance.uniform(size=MANY) < 0.2).astype(int).tolist()]
    facts = {
        "area": [f"A{one}" for one in chance.integers(0, 40, MANY)],
        "asset_class": [f"c{one}" for one in chance.integers(0, 20, MANY)],
    }
    found = learn(history([f"m{one}" for one in chance.integers(0, 60, MANY)], unit, **facts))
    assert lines(found) == {"road": "roads"}


def test_an_area_is_split_off_where_it_is_another_units() -> None:
    area = [f"A{nth % 8}" for nth in range(MANY)]
    unit = ["east" if one in ("A1", "A2") else "west" for one in area]
    found = lines(learn(history(["hole"] * MANY, unit, area=area)))
    assert found == {"road": "west", "road@offices:A1": "east", "road@offices:A2": "east"}


def test_areas_that_have_their_matters_themselves_are_one_line() -> None:
    area = [f"A{nth % 8}" for nth in range(MANY)]
    unit = ["bridges" if one == "A5" else f"u-{one}" for one in area]
    own = {"offices": {f"A{nth}": f"u-A{nth}" for nth in range(8)}}
    found = lines(learn(history(["hole"] * MANY, unit, area=area), own))
    assert found == {"road@offices:*": "", "road@offices:A5": "bridges"}


def test_what_is_its_owners_is_one_line() -> None:
    owner = [f"o{nth % 7}" if nth % 3 else "" for nth in range(MANY)]
    found = learn(history(["hole"] * MANY, [one or "roads" for one in owner], owner=owner))
    assert lines(found) == {"road": "roads", "road+owner": ""}
    assert {one.duty.party for one in found} == {"", "owner"}


def test_a_unit_that_took_over_has_its_days() -> None:
    day = [f"2025-{1 + nth % 12:02}-15" for nth in range(MANY)]
    unit = ["old" if one < "2025-09" else "new" for one in day]
    found = learn(history(["hole"] * MANY, unit, day=day))
    assert [(one.duty.unit, one.duty.valid_from, one.duty.valid_to) for one in found] == [
        ("old", None, date(2025, 9, 14)), ("new", date(2025, 9, 15), None),
    ]  # fmt: skip


def test_a_single_odd_day_is_no_change_of_units() -> None:
    day = [f"2025-{1 + nth % 12:02}-15" for nth in range(MANY)]
    unit = ["odd" if one == "2025-12-15" else "roads" for one in day]
    assert lines(learn(history(["hole"] * MANY, unit, day=day))) == {"road": "roads"}


def test_a_doubtful_line_becomes_a_tie_that_a_person_looks_at() -> None:
    told = history(["hole"] * MANY, ["roads" if nth % 5 < 3 else "water" for nth in range(MANY)])
    found = learn(told, hold_below=0.7)
    assert lines(found) == {"road": "roads", "road|water": "water"}
    dispatcher = dispatcher_of(told, {}, [one.duty for one in found])
    assert dispatcher.dispatch(batch_of(told, dispatcher)).held.all()


@pytest.mark.parametrize("seed", range(3))
def test_a_list_answers_as_history_that_follows_a_list_went(seed: int) -> None:
    chance = np.random.default_rng(seed)
    matter = [f"m{one}" for one in chance.integers(0, 6, 1000)]
    area = [f"A{one}" for one in chance.integers(0, 5, 1000)]
    unit = [
        "water" if one == "m1" else "east" if one == "m2" and where == "A1" else "roads"
        for one, where in zip(matter, area, strict=True)
    ]  # fmt: skip
    told = history(matter, unit, area=area)
    found = learn(told)
    dispatcher = dispatcher_of(told, {}, [one.duty for one in found])
    assert dispatcher.dispatch(batch_of(told, dispatcher)).units() == unit
    assert sum(one.right for one in found) == 1000
