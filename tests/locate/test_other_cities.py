"""Places of other cities are refused though roads of their names are here; what is only from there is not."""

from __future__ import annotations

import pytest

from geoapp.locate.locator import Locator


@pytest.mark.parametrize(
    "text",
    [
        "广州市天河区深盐路与东海道交叉口坑洼",
        "上海深盐路与东海道路口积水",
        "上海市黄浦区笋岗路与红岭北路路口积水",
        "长沙市芙蓉区红岭北路与笋岗路交叉口井盖松动",
        "我在广州，红岭北路与笋岗路交叉口积水很深",
        "宝鸡市，红岭北路与笋岗路交叉口积水很深",
        "邵阳市大祥区红岭北路与笋岗路交叉口",
        "红岭北路与笋岗路交叉口路灯不亮，地点在北京市海淀区",
        "海口市福田区红岭北路与笋岗路交叉口",
        "湖南省株洲市天元区红岭北路路灯不亮",
        "东莞市凤岗镇红岭北路路面塌陷",
        "深圳到广州的高铁上，广州市越秀区红岭北路与笋岗路路口积水",
        "Broadway and W 72 St, Newark, NJ",
        "corner of Broadway and Amsterdam Ave in Jersey City",
        "Boston: pothole at Broadway & West 72 Street",
    ],
)
def test_another_citys_places_are_refused(locator: Locator, text: str) -> None:
    found = locator.locate([text])[0]
    assert (found.lon, found.problem) == (None, "another_city"), found


@pytest.mark.parametrize(
    "text",
    [
        "从广州来深圳出差，在红岭北路与笋岗路路口看到积水",
        "东莞开往深圳的大巴，停在红岭北路与笋岗路路口",
        "红岭北路与笋岗路路口，司机是东莞人",
        "广东省深圳市福田区红岭北路与笋岗路路口积水",
        "红岭北路与笋岗路路口积水，一辆来自湖南的大货车翻车",
        "湖南牌照大货车堵在红岭北路与笋岗路路口",
        "南京朋友说福田区红岭北路与笋岗路路口积水",
        "我老家湖南，现在住深圳，红岭北路与笋岗路路口积水",
        "成都路走到头，红岭北路与笋岗路路口积水",
        "corner of Boston Road and E 9 Street, next to W 72 St and Broadway",
        "上海宾馆往东，红岭北路与笋岗路路口积水",
    ],
)
def test_what_is_only_from_there_is_not(locator: Locator, text: str) -> None:
    found = locator.locate([text])[0]
    assert (found.precision, found.problem) == ("crossing", None), found
