"""Whoever names a thousand places is answered as quickly as anybody, and a long letter as rightly."""

from __future__ import annotations

import time

import pytest

from geoapp.locate.locator import Locator

OFTEN = (
    "盐田区、福田区，", "海山街道梅沙街道", "深盐路与八卦一路。", "福民路", "万丰社区、海山街道", "市民中心", "深烟路与东海道", "shenyanlu yu donghaidao ",
)  # fmt: skip


@pytest.mark.parametrize("words", OFTEN)
def test_many_names_cost_no_more_than_their_length(locator: Locator, words: str) -> None:
    locator.locate([words])
    text = (words * (20_000 // len(words) + 1))[:20_000]
    started = time.process_time()
    found = locator.locate([text])[0]
    assert time.process_time() - started < 2.0
    assert len(found.matched) < 400


def test_a_long_letter_is_about_the_place_it_is_about(locator: Locator) -> None:
    before = "".join(f"我们从福田区去海山街道第{nth}次反映。" for nth in range(90))
    found = locator.locate([f"{before}盐田区深盐路与八卦二路路口积水，请处理。{before}"])[0]
    assert found.precision == "crossing" and found.called == "深盐路 × 八卦二路", found


def test_the_area_nearest_to_a_name_stays(locator: Locator) -> None:
    before = "".join(f"盐田区第{nth}次反映。" for nth in range(90))
    found = locator.locate([f"{before}福田区福民路路灯不亮。"])[0]
    assert found.areas[:1] == ("福田区",), found
