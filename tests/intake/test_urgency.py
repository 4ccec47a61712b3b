"""Urgent by words: what is dangerous now, in both languages; what is denied, over or only sounds like it is not."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from geoapp.intake.path import take
from geoapp.intake.urgency import KINDS, kind_of, urgent_by_words
from geoapp.store.database import Database
from tests.make import SOURCE, make_city, make_report

URGENT = {
    "life": [
        "广告牌掉下来砸到人了",
        "随时有生命危险",
        "电梯停了，有人受伤",
        "A man was badly hurt by the falling sign",
        "工人被困在井下",
    ],
    "gas": [
        "楼下燃气泄漏，味道很大",
        "一进小区就闻到煤气味",
        "Gas is leaking near the school",
        "there is a strong smell of gas",
        "天然气管道漏气",
    ],
    "collapse": [
        "路面塌陷，车都过不去",
        "围墙倒塌压了车",
        "The retaining wall has collapsed",
        "huge sinkhole opened up",
        "边坡塌方",
    ],
    "wire": [
        "路灯杆漏电，狗被电死了",
        "高压线断了垂在路边",
        "裸露的电线就在人行道上",
        "downed power line across the road",
        "live wires hanging",
    ],
    "manhole": [
        "井盖不见了，晚上很危险",
        "人行道上没有井盖",
        "井盖被盗",
        "manhole cover is missing",
        "Open manhole on 5th Ave",
        "少了一个井盖",
    ],
    "fire": ["配电箱冒烟", "垃圾桶着火了", "A car is on fire", "工地起火"],
    "child": ["孩子掉进坑里", "A child has fallen into the drain", "小孩在水沟边差点摔进去"],
}

CALM = [
    "没有发生燃气泄漏",
    "未发现漏电",
    "并未造成有人受伤",
    "为防止塌陷请加固",
    "以免孩子掉进去，建议加护栏",
    "请避免漏电",
    "there is no gas leak",
    "I did not smell gas",
    "no manhole cover is missing here",
    "without any live wires",
    "去年这里塌陷过",
    "上次井盖丢失已经补上",
    "井盖不见了已处理",
    "三年前这里着火了",
    "The wall collapsed last year",
    "the manhole cover was missing but has been replaced",
    "曾经漏电",
    "It used to smell of gas",
    "一起火锅店噪音扰民",
    "燃气公司施工占道",
    "井盖噪音大",
    "煤气站在哪里",
    "fire hydrant is painted wrong",
    "wire fence",
    "gas station prices",
    "孩子上学不方便",
    "children playing loudly",
    "台阶缺了一块",
    "",
    "for my whole life I have lived here",
]

GOES_ON = [
    "之前报过井盖缺失，现在还没人管",
    "上次塌陷的地方又塌陷了",
    "The road collapsed last year and is collapsing again: road collapsed",
    "manhole cover is missing since last month, still not fixed",
]


@pytest.mark.parametrize(("kind", "words"), [(kind, words) for kind, all_ in URGENT.items() for words in all_])
def test_what_is_dangerous_is_urgent(kind: str, words: str) -> None:
    assert kind_of(words) == kind


@pytest.mark.parametrize("words", CALM)
def test_what_is_denied_over_or_only_sounds_like_it_is_not(words: str) -> None:
    assert kind_of(words) is None


@pytest.mark.parametrize("words", GOES_ON)
def test_what_began_before_and_goes_on_is(words: str) -> None:
    assert kind_of(words) is not None


def test_every_kind_is_tried() -> None:
    assert URGENT.keys() == KINDS.keys()


ALL = [words for all_ in URGENT.values() for words in all_] + CALM + GOES_ON + ["İstanbul ẞ", "x\ny"]


@given(st.lists(st.sampled_from(ALL) | st.text(max_size=20), max_size=12))
def test_many_are_as_each_alone(texts: list[str]) -> None:
    assert urgent_by_words(texts) == {at: kind for at, text in enumerate(texts) if (kind := kind_of(text))}


def test_it_costs_an_import_next_to_nothing() -> None:
    texts = [f"第{nth}号路灯不亮，晚上看不清路，请尽快派人来处理一下，谢谢" for nth in range(20_000)]
    began = time.perf_counter()
    assert urgent_by_words(texts) == {}
    assert time.perf_counter() - began < 0.4


def test_the_opening_says_why_it_is_urgent_in_a_code(db: Database) -> None:
    city = make_city(db.bulk)
    said = [
        make_report(ref="1", body="井盖不见了"), make_report(ref="2", body="台阶坏了"),
        make_report(ref="3", body="x", matter="Gone"),
    ]  # fmt: skip
    take(db.bulk, city, SOURCE, said)
    with db.bulk.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT k.urgent, e.codes->'urgent' FROM geoapp.ticket k JOIN geoapp.event e ON e.ticket_id = k.id "
                "WHERE e.name = 'register' ORDER BY k.id"
            )
        ).all()
    assert [tuple(row) for row in rows] == [
        (True, {"rule": "words", "kind": "manhole"}), (False, None), (True, {"rule": "matter"}),
    ]  # fmt: skip
