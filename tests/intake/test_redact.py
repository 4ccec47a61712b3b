"""Private numbers go, whatever they are dressed in; the numbers of houses, days and tickets stay."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geoapp.intake.redact import MARK, redact

# How long an example takes says how busy the machine is.
UNHURRIED = settings(max_examples=60, deadline=None)

GO = [
    "13800000000", "138 0000 0000", "138-0000-0000", "138.0000.0000", "+86 138 0000 0000", "86-13800000000",
    "１３８００００００００", "138－0000－0000", "１３８　００００　００００",
    "0755-26000000", "(0755)26000000", "（０７５５）２６００００００", "010-62000000转123", "02162000000",
    "110101199003070000", "11010119900307000X", "11010119900307000x", "110101 19900307 0000",
    "１１０１０１１９９００３０７００００",
    "粤B12345", "粤B·D12345", "京A 12345", "粤BD12345", "沪A1234学", "粤Z1234港", "粤b12345",
    "someone@example.com", "some.one+tag@mail.example.com.cn", "someone＠example.com",
    "(212) 555-0100", "212-555-0100", "+1 212 555 0100", "+12125550100", "212.555.0100",
    "+44 20 7946 0000", "123-45-6789",
    "6222 0000 0000 0000 000", "6222000000000000",
]  # fmt: skip

DISGUISED = [
    "013800000000", "008613800000000", "0086-13800000000", "138  0000  0000", "138—0000—0000", "138–0000–0000",
    "138\u00a00000\u00a00000", "138\u200b0000\u200b0000", "(138)00000000", "138,0000,0000", "138/0000/0000",
    "138_0000_0000", "粤Ｂ１２３４５", "粤Ｂ12345", "ｓｏｍｅｏｎｅ＠ｅｘａｍｐｌｅ.ｃｏｍ",
]  # fmt: skip

STAY = [
    "深南大道10086号", "深南大道 10086 号 3 栋 1204", "2024-01-06 10:00:00", "2024年1月6日", "20240106", "06/01/2024",
    "1,250 元", "MT-000042-6", "NYC-1234567-8", "12345 热线", "110、119、120", "518000", "B座1203室", "1.38 米",
    "113.9512345, 22.5412345", "坡度 12.5 %", "G4 京港澳高速 K123+456", "梅林路 1 至 99 号", "第 1380 号文",
    "10:30-11:30", "2019-2023", "新A座3楼", "40.7128, -74.0060", "11 METROTECH CENTER", "plate glass is broken",
    "1000 1001 1002",
]  # fmt: skip


@pytest.mark.parametrize("private", GO)
def test_a_private_number_goes(private: str) -> None:
    assert redact(f"请打，{private}。") == f"请打，{MARK}。"


@pytest.mark.parametrize("private", DISGUISED)
def test_a_private_number_goes_in_disguise_too(private: str) -> None:
    assert not re.search(r"\d{4}|someone", unicodedata.normalize("NFKC", redact(f"请打，{private}。")))


@pytest.mark.parametrize("words", STAY)
def test_what_is_nobodys_secret_stays(words: str) -> None:
    assert redact(words) == words
    assert redact(f"昨天，{words}。") == f"昨天，{words}。"


@pytest.mark.parametrize(
    "words", ["license plate ABC1234 parked", "License Plate: ABC-1234", "plate number ABC1234", "PLATE # ABC1234"]
)
def test_a_plate_in_english_goes_by_the_word_beside_it(words: str) -> None:
    assert "1234" not in redact(words) and MARK in redact(words)


def test_several_private_numbers_all_go_and_the_words_between_stay() -> None:
    said = redact("张三13800000000/13900000000，车牌粤B12345，邮箱a@example.com，住深南大道10086号")
    assert said == f"张三{MARK}/{MARK}，车牌{MARK}，邮箱{MARK}，住深南大道10086号"


MOBILE = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
FULL = str.maketrans("0123456789", "０１２３４５６７８９")
AROUND = st.text(st.characters(exclude_categories=["Nd"])) | st.text("+- ().:：转a▇京@", max_size=6)


def plain(words: str) -> str:
    return unicodedata.normalize("NFKC", words)


@UNHURRIED
@given(AROUND, MOBILE, AROUND)
@example("电话", "13800000000", "")
@example("plate ", "13800000000", "")
@example("京A", "13800000000", "")
@example("+", "13800000000", "")
@example("a", "13800000000", "@")
def test_no_mobile_number_is_ever_left_in(before: str, mobile: str, after: str) -> None:
    assert mobile not in redact(before + mobile + after)
    assert mobile not in plain(redact(before + mobile.translate(FULL) + after))


@UNHURRIED
@given(AROUND, MOBILE, st.sampled_from([" ", "-", ".", "　", "－"]), AROUND)
def test_no_mobile_number_in_groups_is_ever_left_in(before: str, mobile: str, gap: str, after: str) -> None:
    grouped = gap.join((mobile[:3], mobile[3:7], mobile[7:]))
    assert grouped not in redact(before + grouped + after)


@UNHURRIED
@given(st.text(st.characters()) | st.text("0123456789-+ ().@京A粤plate：", max_size=80))
def test_nothing_makes_it_fail_and_doing_it_twice_is_doing_it_once(words: str) -> None:
    once = redact(words)
    assert redact(once) == once


@UNHURRIED
@given(st.text(st.characters(exclude_categories=["Nd", "Cs"], exclude_characters="@＠")))
def test_words_without_digits_or_at_signs_stay_as_they_are(words: str) -> None:
    assert redact(words) == words
