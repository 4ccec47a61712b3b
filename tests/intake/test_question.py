"""What leaves the house of a text: the words that say where, and nobody's name, number or flat."""

from __future__ import annotations

import time

import pytest

from geoapp.intake.question import LONGEST_BYTES, question

AREAS = ("盐田区", "宝安区", "福田区", "新安街道")

ASKED = {
    "盐田区深盐路与东海路交叉口道路坑洼不平": "盐田区深盐路与东海路交叉口",
    "宝安区海谷科技大厦旁边一处阶梯严重破损": "宝安区海谷科技大厦",
    "我是张三，电话13800138000，住在盐田区海谷科技大厦1203室，楼道灯坏了": "盐田区海谷科技大厦",
    "張三女士反映：福田區彩田路12號3棟502室門口路燈不亮": "福田区彩田路12号",
    "联系人：李四 彩田路积水": "彩田路",
    "我叫王小明住福田区彩田路": "福田区彩田路",
    "从福田开车去龙岗，彩田路有坑": "彩田路",
    "我是罗湖区东门路的居民": "罗湖区东门路",
    "陈先生投诉八卦一路噪音": "八卦一路",
    "@小明 华强北路10号楼漏水": "华强北路10号",
    "宝安区的事：海谷科技大厦阶梯破损": "宝安区海谷科技大厦",
    "My name is John Smith, there is a pothole at 123 W 72nd Street, call 212-555-1234": "123 W 72nd Street",
    "corner of Broadway and W 72 St": "Broadway and W 72 St",
    "Ms. Ann Lee says Central Park entrance blocked": "Central Park",
    "This is Main Street": "Main Street",
    "我父亲李福干生前曾为城北中学教师，房子漏水": "城北中学",
    "福田区张三家楼下的彩田路": "福田区彩田路",
    "书记胡小雄来过A市A3区银盆南路128号": "A市A3区银盆南路128号",
    "12月5号晚上彩田路和八卦一路路口没有灯": "彩田路和八卦一路路口",
    "我们小区附近的马路没有路灯，线路老化": "",
    # Nothing here says where.
    "路灯不亮，请处理": "",
    "道路坑洼": "",
    "张三，13800138000": "",
    "": "",
}


@pytest.mark.parametrize("text", ASKED)
def test_the_words_that_say_where(text: str) -> None:
    assert question(text, [area for area in AREAS if area in text]) == ASKED[text]


def test_an_area_named_elsewhere_in_the_text_goes_before() -> None:
    assert question("海谷科技大厦阶梯破损，请宝安区处理", ["宝安区"]) == "宝安区海谷科技大厦"
    assert question("海谷科技大厦，宝安区还是福田区", ["宝安区", "福田区"]) == "海谷科技大厦"


PRIVATE = ["13800138000", "440301199001011234", "粤B12345", "a.b@example.com", "王小明", "502", "John", "Smith"]
WRAPPINGS = [
    "我叫王小明，{} ，福田区彩田路12号门口",
    "福田区彩田路12号502室，联系人王小明，{}",
    "业主：王小明 {} 彩田路12号",
    "王小明先生 {} 彩田路12号502房",
    "Contact: John Smith {}, 12 Main Street",
    "12 Main Street. Regards, John Smith {}",
]


@pytest.mark.parametrize("wrapping", WRAPPINGS)
@pytest.mark.parametrize("private", PRIVATE[:4])
def test_nothing_private_leaves_the_house(wrapping: str, private: str) -> None:
    asked = question(wrapping.format(private))
    assert asked and not [word for word in PRIVATE if word in asked]


def test_it_is_short() -> None:
    assert len(question("很" * 5_000 + "长的大厦").encode()) <= LONGEST_BYTES
    assert len(question("Very " * 50 + "Long Street").encode()) <= LONGEST_BYTES


@pytest.mark.parametrize("before", [1_990, 1_995, 2_000, 3_995])
def test_a_number_at_the_end_of_what_is_looked_at_is_none_in_half(before: int) -> None:
    words = question("很" * (before - 12) + "，示例路13800138000号")
    assert not [run for run in ("1380013", "38000") if run in words]


@pytest.mark.parametrize("part", ["路", "A", "A ", "12 Main ", "Mr A ", "王", "1", "大厦路", "@"])
def test_no_text_takes_long(part: str) -> None:
    began = time.monotonic()
    question(part * (200_000 // len(part)))
    assert time.monotonic() - began < 2
