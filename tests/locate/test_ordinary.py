"""Usual words are no misspelt names, and one number is no other misspelt."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geoapp.locate.gazetteer import Layer, build
from geoapp.locate.locator import Locator
from geoapp.locate.names import Kind
from tests.locate.conftest import CRS, at

NAMES = ("哲力路", "孟山路", "沃门路", "夏板路", "梅乡一路", "梅乡四路", "梅乡六路", "青竹大道")


@pytest.fixture(scope="module")
def town() -> Locator:
    """One whose streets sound like usual words."""
    lines = np.empty(len(NAMES), dtype=object)
    lines[:] = [shapely.LineString([at(x, 1), at(x, 1.4)]) for x in range(len(NAMES) - 1)] + [
        shapely.LineString([at(0, 1.2), at(9, 1.2)])
    ]
    office = np.array([shapely.box(*at(0, 0), *at(8, 4))], dtype=object)
    return Locator(
        build([Layer("offices", Kind.AREA, ["海山街道"], office), Layer("roads", Kind.ROAD, NAMES, lines)], CRS)
    )


@pytest.mark.parametrize(
    "text",
    [
        "这里路灯坏了", "这里路面坑洼", "你好，请问这里路灯什么时候修", "那里路口太乱", "我们路上全是积水", "下班路上太黑",
        "这里 路灯坏了，22.54,114.05", "zheli ludeng huaile", "猛山路灯坏了", "猛山路段很黑",
    ],
)  # fmt: skip
def test_usual_words_are_no_names(town: Locator, text: str) -> None:
    found = town.locate([text])[0]
    assert (found.lon, found.problem, found.matched) == (None, "no_place", ()), found


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("猛山路路灯坏了", "孟山路"),
        ("位于猛山路段", "孟山路"),
        ("海山街道猛山路上很黑", "孟山路"),
        ("梅香四路积水", "梅乡四路"),
    ],
)
def test_misspelt_names_beside_usual_words_are_found(town: Locator, text: str, name: str) -> None:
    found = town.locate([text])[0]
    assert found.lon is not None and found.matched[0].name == name, found


@pytest.mark.parametrize(
    "text", ["梅乡111路", "梅乡一百路", "梅乡十路积水", "梅乡五路", "梅乡2路路灯坏了", "梅乡路坑洼", "mei xiang wu lu"]
)
def test_another_number_is_another_road(town: Locator, text: str) -> None:
    found = town.locate([text])[0]
    assert (found.lon, found.problem) == (None, "no_place"), found


def test_a_crossing_with_another_number_is_none(town: Locator) -> None:
    assert town.locate(["青竹大道与梅乡一路路口"])[0].precision == "crossing"
    assert town.locate(["梅乡111路与青竹大道交汇处"])[0].problem == "no_crossing"
