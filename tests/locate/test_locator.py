"""From words to a place: every way of saying where, and what must not be taken for the place."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geoapp.locate.answer import Answer
from geoapp.locate.gazetteer import Layer, build
from geoapp.locate.locator import Locator
from geoapp.locate.names import Kind
from tests.locate.conftest import CRS, at


def away(found: Answer, east: float, north: float) -> float:
    """Metres from the answer to a point of the town."""
    lon, lat = at(east, north)
    assert found.lon is not None and found.lat is not None, found
    return float(111_320 * (((found.lon - lon) * 0.924) ** 2 + (found.lat - lat) ** 2) ** 0.5)


@pytest.mark.parametrize(
    ("text", "east", "north", "precision"),
    [
        ("盐田区深盐路与东海道交叉口道路坑洼不平", 1, 1, "crossing"),
        ("鹽田區深鹽路與東海路交叉口道路坑窪不平", 1, 1, "crossing"),
        ("深盐路八卦1路路口积水", 2, 1, "crossing"),
        ("深盐路和八卦２路丁字路口", 3, 1, "crossing"),
        ("深盐路/八卦二路路口", 3, 1, "crossing"),
        ("在红岭路与笋岗路转角处", 5, 3, "crossing"),
        ("盐田区海谷科技大厦旁边一处阶梯严重破损", 1.3, 1.1, "landmark"),
        ("市民中心门口地砖松动", 6, 2, "landmark"),
        ("世界之窗地铁站A出口垃圾成堆", 6.5, 3.1, "landmark"),
        ("万丰社区内路灯坏了", 5.5, 1.5, "community"),
        ("深盐路八卦一路至八卦二路段路灯不亮", 2.5, 1, "stretch"),
        ("深盐路从八卦一路到八卦二路段", 2.5, 1, "stretch"),
        ("深盐路（八卦一路至八卦二路）路段", 2.5, 1, "stretch"),
        ("深盐路与八卦一路路口往东300米", 2.292, 1, "offset"),
        ("corner of Broadway and W 72nd St", 1.5, 3.5, "crossing"),
        ("Pothole at Broadway & West 72 Street", 1.5, 3.5, "crossing"),
        ("W 72 St between Broadway and Amsterdam Ave", 2, 3.5, "stretch"),
        ("110 Broadway", 1.5, 1.1, "address"),
        ("131 Broadway, no heat", 1.5, 1.3, "address"),
        ("300 feet north of Broadway and W 72 St", 1.5, 3.582, "offset"),
    ],
)
def test_where_it_is(locator: Locator, text: str, east: float, north: float, precision: str) -> None:
    found = locator.locate([text])[0]
    assert (found.precision, found.problem) == (precision, None), found
    assert away(found, east, north) < 60, found
    assert found.confidence >= 0.6
    assert found.matched


@pytest.mark.parametrize(
    ("text", "east", "north"),
    [
        ("我从福田开车去盐田，在深盐路与东海道路口看到路面塌陷", 1, 1),
        ("从红岭北路开车到笋岗路上班，经过深盐路与东海道路口，路面塌陷", 1, 1),
        ("上次反映的红岭北路与笋岗路路口井盖已修好，这次是深盐路与东海道路口", 1, 1),
        ("家住红岭北路，深盐路与东海道路口积水", 1, 1),
        ("深盐路与东海道路口积水，比红岭北路差远了", 1, 1),
        ("深盐路与东海道路口积水，上次反映的福田区红岭北路已修好", 1, 1),
        ("#随手拍# 深盐路与东海道路口积水 @深圳发布", 1, 1),
        ("尊敬的领导：您好！我们每天接送孩子，很不方便。深盐路与东海道路口积水严重，打电话没有结果。此致敬礼", 1, 1),
    ],
)
def test_what_is_only_mentioned_does_not_win(locator: Locator, text: str, east: float, north: float) -> None:
    assert away(locator.locate([text])[0], east, north) < 60


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("路灯不亮，请尽快处理", "no_place"),
        ("", "no_place"),
        ("广州市天河区福民路有个坑", "another_city"),
        ("东莞的深盐路与东海道交叉口坑洼不平", "another_city"),
        ("盐田区路灯不亮", "too_coarse"),
        ("福民路路灯不亮", "ambiguous"),
        ("家住海山街道东海道，建议加强管理", "unsure"),
        ("东海道的井盖，上次反映已修好", "too_coarse"),
        ("大石头挡路了", "no_place"),
        ("停车场收费太贵", "no_place"),
    ],
)
def test_it_does_not_guess(locator: Locator, text: str, problem: str) -> None:
    found = locator.locate([text])[0]
    assert found.lon is None and found.precision is None
    if problem != "no_place" or not found.matched:
        assert found.problem == problem, found


def test_what_is_below_the_speakers_home_is_there(locator: Locator) -> None:
    found = locator.locate(["住在海山街道东海道，楼下垃圾没人收"])[0]
    assert (found.precision, found.problem) == ("road", None), found


def test_a_station_named_after_the_city_is_no_community_of_the_rest() -> None:
    layers = [
        Layer("offices", Kind.AREA, ["海山街道"], np.array([shapely.box(*at(0, 0), *at(8, 4))], dtype=object)),
        Layer("stations", Kind.STATION, ["深圳北站地铁站"], np.array([shapely.Point(at(1, 1))], dtype=object)),
        Layer("communities", Kind.COMMUNITY, ["北站社区"], np.array([shapely.Point(at(6, 2))], dtype=object)),
    ]
    locator = Locator(build(layers, CRS, city=("深圳市", "深圳")))
    assert locator.locate(["深圳北站东广场的地下通道漏水"])[0].called == "深圳北站地铁站"
    assert locator.locate(["北站社区门口积水"])[0].called == "北站社区"


def test_two_of_one_name_are_told_apart_by_the_area_or_given_back(locator: Locator) -> None:
    here = locator.locate(["福田区福民路路灯不亮"])[0]
    assert here.problem is None and here.lon and here.lon > at(4, 0)[0]
    both = locator.locate(["福民路路灯不亮"])[0]
    assert [runner.name for runner in both.runners_up] == ["福民路", "福民路"]
    district = next(place for place in range(2) if locator.gazetteer.name(place) == "福田区")
    assert locator.locate(["福民路路灯不亮"], [district])[0].problem is None


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("深烟路与东海道交叉口", "spelling"), ("海古科技大厦门口", "spelling"), ("海谷科大厦门口", "spelling"),
        ("海科谷技大厦门口", "spelling"), ("haigu keji dasha pangbian", "spelling"), ("shenyanlu yu donghaidao lukou", "spelling"),
    ],
)  # fmt: skip
def test_misspelt_names_are_found_at_a_cost(locator: Locator, text: str, note: str) -> None:
    found = locator.locate([text])[0]
    assert found.lon is not None and note in found.notes, found
    assert found.confidence < 0.99


def test_pinyin_names_end_where_words_do(locator: Locator) -> None:
    assert [one.name for one in locator.locate(["ba gua yi lu fujin ludeng huaile"])[0].matched] == ["八卦一路"]
    assert locator.locate(["baguayi ludeng huaile"])[0].matched == ()


def test_a_likely_error_is_believed_before_one_that_few_make() -> None:
    lines = [shapely.LineString([at(x, 1), at(x, 2)]) for x in (1, 3)]
    layers = [
        Layer("offices", Kind.AREA, ["海山街道"], np.array([shapely.box(*at(0, 0), *at(8, 4))], dtype=object)),
        Layer("roads", Kind.ROAD, ["塘兴一路", "塘芳一路"], np.array(lines, dtype=object)),
    ]
    found = Locator(build(layers, CRS)).locate(["海山街道塘星一路路灯不亮"])[0]
    assert [match.name for match in found.matched][:1] == ["塘兴一路"] and found.problem is None


def test_no_misspelt_name_begins_with_nearby() -> None:
    line = np.array([shapely.LineString([at(1, 1), at(1, 2)])], dtype=object)
    locator = Locator(build([Layer("roads", Kind.ROAD, ["福进路"], line)], CRS))
    assert locator.locate(["福金路积水"])[0].precision == "road"
    assert locator.locate(["糖坑社区附近路灯不亮"])[0].lon is None


def test_evidence_quotes_what_was_written(locator: Locator) -> None:
    found = locator.locate(["鹽田區深鹽路與東海路交叉口"])[0]
    assert ("深鹽路", "深盐路", "roads") in [(match.words, match.name, match.layer) for match in found.matched]
    assert found.areas == ("盐田区", "海山街道")


def test_a_batch_answers_as_each_text_alone(locator: Locator) -> None:
    texts = [
        "深盐路与东海路交叉口", "", "haigu keji dasha", "福民路", "110 Broadway", "广州福民路", "海科谷技大厦门口", "KTV 太吵",
    ]  # fmt: skip
    assert locator.locate(texts) == [locator.locate([text])[0] for text in texts]


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="深盐路与东海道路口福田区从到段1一&和 aB.，。", max_size=40))
def test_any_text_gets_an_answer(locator: Locator, text: str) -> None:
    found = locator.locate([text])[0]
    assert (found.lon is None) == (found.problem is not None)
    assert 0 <= found.confidence <= 1


def test_what_many_things_are_called_is_no_name() -> None:
    spots = shapely.points([at(0.1 * nth, 1) for nth in range(60)])
    layers = [
        Layer("offices", Kind.AREA, ["海山街道"], np.array([shapely.box(*at(0, 0), *at(8, 4))], dtype=object)),
        Layer("hydrants", Kind.ASSET, ["消防栓"] * 59 + ["消防栓 SZ-1024"], spots),
        Layer("stray", Kind.ASSET, ["井盖"], np.array([shapely.Point(at(1, 1))], dtype=object)),
    ]
    locator = Locator(build(layers, CRS))
    assert locator.locate(["海山街道消防栓漏水"])[0].precision != "landmark"
    assert locator.locate(["海山街道井盖松动"])[0].precision != "landmark"
    assert locator.locate(["消防栓SZ-1024漏水"])[0].precision == "landmark"
