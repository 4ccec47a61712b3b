"""Private numbers go, whatever they are dressed in; the numbers of houses, days and tickets stay."""

from __future__ import annotations

import re
import time
import unicodedata
from itertools import accumulate, pairwise

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from geoapp.intake.redact import DIGITS, MARK, redact

# How long an example takes says how busy the machine is.
UNHURRIED = settings(max_examples=60, deadline=None)

GO = [
    "13800000000", "138 0000 0000", "138-0000-0000", "138.0000.0000", "+86 138 0000 0000", "86-13800000000",
    "１３８００００００００", "138－0000－0000", "１３８　００００　００００",
    "1 3 8 0 0 0 0 0 0 0 0", "138 - 0000 - 0000", "138、0000、0000", "138*0000*0000", "138：0000：0000",
    "138\n0000\n0000",
    "1380000\n0000", "13 80 00 00 00 0", "138 00 00 00 00", "（86）13800000000", "138📞0000📞0000",
    "一三八零零零零零零零零", "幺三八〇〇〇〇〇〇〇〇", "1三8零00〇零0零0",
    "一 三 八 零 零 零 零 零 零 零 零", "壹叁捌零零零零零零零零",
    "①③⑧⓪⓪⓪⓪⓪⓪⓪⓪", "❶❸❽⓿⓿⓿⓿⓿⓿⓿⓿", "𝟏𝟑𝟖𝟎𝟎𝟎𝟎𝟎𝟎𝟎𝟎", "١٣٨٠٠٠٠٠٠٠٠", "138一0000一0000",
    "0755-26000000", "(0755)26000000", "（０７５５）２６００００００", "010-62000000转123", "02162000000",
    "0755-2600 0000", "0755 2600 0000", "020 8888 8888", "86-755-26000000", "+86 755 2600 0000", "0736- 7000000",
    "0755一26000000", "0755-26000000-123", "零七五五二六零零零零零零",
    "110101199003070000", "11010119900307000X", "11010119900307000x", "110101 19900307 0000", "110101900307000",
    "１１０１０１１９９００３０７００００", "110101-19900307-000X",
    "粤B12345", "粤B·D12345", "京A 12345", "粤BD12345", "沪A1234学", "粤Z1234港", "粤b12345",
    "粤 B12345", "粤B 123 45", "粤 B 1 2 3 4 5", "粤B\n12345", "军A12345",
    "someone@example.com", "some.one+tag@mail.example.com.cn", "someone＠example.com", "some_one@example.com",
    "张三@example.公司", "zhang三@例子.中国",
    "(212) 555-0100", "212-555-0100", "+1 212 555 0100", "+12125550100", "212.555.0100",
    "2125550100", "(212)5550100", "212-5550100", "212 5550100", "718 555 - 0100", "1-212-5550100",
    "2 1 2 5 5 5 0 1 0 0",
    "+44 20 7946 0000", "523-45-6789", "123-45-6789",
    "6222 0000 0000 0000 004", "6222000000000009", "6222-0000-0000-0009", "622200 0000000009",
]  # fmt: skip

DISGUISED = [
    "013800000000", "008613800000000", "0086-13800000000", "138  0000  0000", "138—0000—0000", "138–0000–0000",
    "138\u00a00000\u00a00000", "138\u200b0000\u200b0000", "(138)00000000", "138,0000,0000", "138/0000/0000",
    "138_0000_0000", "粤Ｂ１２３４５", "粤Ｂ12345", "ｓｏｍｅｏｎｅ＠ｅｘａｍｐｌｅ.ｃｏｍ", "1️⃣3️⃣8️⃣0️⃣0️⃣0️⃣0️⃣0️⃣0️⃣0️⃣0️⃣",
    "1. 13800000000", "①13800000000", "一13800000000", "13800000000一", "转13800000000", "13800000000 13900000000",
    "138 0000 0000 139 0000 0000", "电话135.00000000", "Tel:2125550100", "call2125550100", "SSN: 123-45-6789",
]  # fmt: skip

STAY = [
    "深南大道10086号", "深南大道 10086 号 3 栋 1204", "2024-01-06 10:00:00", "2024年1月6日", "20240106", "06/01/2024",
    "1,250 元", "MT-000042-6", "NYC-1234567-8", "12345 热线", "110、119、120", "518000", "B座1203室", "1.38 米",
    "113.9512345, 22.5412345", "坡度 12.5 %", "G4 京港澳高速 K123+456", "梅林路 1 至 99 号", "第 1380 号文",
    "10:30-11:30", "2019-2023", "新A座3楼", "40.7128, -74.0060", "11 METROTECH CENTER", "plate glass is broken",
    "1000 1001 1002",
    "1201 1202 1203 1204 室", "2019-2020-2021-2022", "185,000,000.00元", "185,000,000元", "￥138,001,380.00",
    "135.12345678", "114.0579,22.5431", "135.1234 22.1234", "34.2535279207", "-73.8686749234278",
    "130 1204 1205 1206", "1、3、5、7、9、11、13、15号楼", "13、101、201、301", "201、202、2030号",
    "5、63、68、802、147、226、262、26、38、138路", "13.00——14.00,22.40——7.00", "1971.12-1972.1",
    "15:30 2024-1-16", "13/12/2024 8:30", "2024-01-16 15:30:20", "1350*800*1200mm", "135°12'34.5678\"",
    "120-10 Queens Blvd", "steel plate 12-inch thick", "steel plate 12 inch", "plate 1234 Broadway",
    "云A12345号楼", "云A 12345 栋", "苏B 1201 室", "黑”A00036931", "灯杆 LD-0012-034", "杆号 SZ2125550100",
    "SR-2125550100",
    "工单2024010412", "20240104001234567", "编号：2125550100", "5004100000j6t9wAAA", "440307001001",
    "二零二四年一月十五日", "一二三四五六七八九", "有912，212，215三路公交车", "邮编：422800.　　2004年",
    "3.18、5.20、9.23三项",
]  # fmt: skip


@pytest.mark.parametrize("private", GO)
def test_a_private_number_goes(private: str) -> None:
    assert redact(f"请打，{private}。") == f"请打，{MARK}。"


@pytest.mark.parametrize("private", DISGUISED)
def test_a_private_number_goes_in_disguise_too(private: str) -> None:
    said = unicodedata.normalize("NFKC", redact(f"请打，{private}。"))
    assert MARK in said and not re.search(r"\d{4}|someone", said)


@pytest.mark.parametrize("words", STAY)
def test_what_is_nobodys_secret_stays(words: str) -> None:
    assert redact(words) == words
    assert redact(f"昨天，{words}。") == f"昨天，{words}。"


@pytest.mark.parametrize(
    "words",
    [
        "license plate ABC1234 parked", "License Plate: ABC-1234", "plate number ABC1234", "PLATE # ABC1234",
        "plate:ABC1234", "plate# ABC1234", "plates ABC1234", "plate ABC 1234", "license plate 1234567",
        "plate is abc1234",
        "plates XYZ9876 and ABC1234", "ｐｌａｔｅ：ＡＢＣ１２３４",
    ],
)  # fmt: skip
def test_a_plate_in_english_goes_by_the_word_beside_it(words: str) -> None:
    said = plain(redact(words))
    assert "1234" not in said and "9876" not in said and MARK in said


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


CUTS = [(3, 4, 4), (4, 3, 4), (4, 4, 3), (3, 8), (7, 4), (1,) * 11, (2, 2, 2, 2, 2, 1), (3, 2, 2, 2, 2), (5, 6)]
STYLES = [
    "0123456789", "０１２３４５６７８９", "零一二三四五六七八九", "〇幺两叁肆伍陆柒捌玖", "⓪①②③④⑤⑥⑦⑧⑨", "⓿❶❷❸❹❺❻❼❽❾",
    "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗", "⁰¹²³⁴⁵⁶⁷⁸⁹", "٠١٢٣٤٥٦٧٨٩",
]  # fmt: skip
GAPS = st.text(" -–—._*·、：:~|\n\t\u3000\u00a0\u200b（）()#+/", min_size=1, max_size=3)


def cut(number: str, lengths: tuple[int, ...], gap: str) -> str:
    ends = list(accumulate(lengths, initial=0))
    return gap.join(number[start:end] for start, end in pairwise(ends))


@settings(max_examples=400, deadline=None)
@given(AROUND, MOBILE, st.sampled_from(CUTS), GAPS, st.sampled_from(STYLES), AROUND)
@example("", "13512345678", (3, 8), "/", STYLES[0], "")
@example("电话", "13512345678", (3, 8), ".", STYLES[0], "")
@example("", "13000000000", (2, 2, 2, 2, 2, 1), "、", STYLES[0], "、")
def test_no_mobile_number_in_any_written_form_is_left_in(
    before: str, mobile: str, lengths: tuple[int, ...], gap: str, style: str, after: str
) -> None:
    # A longitude is written with a full stop, and what stands right beside a number may be more of it.
    assume(lengths != (3, 8) or gap != "." or before.endswith("电话"))
    assume(not any(re.fullmatch(f"[{DIGITS}零〇一二两三四五六七八九]", beside) for beside in (before[-1:], after[:1])))
    written = cut(mobile, lengths, gap).translate(str.maketrans("0123456789", style))
    said = redact(before + written + after)
    assert written not in said and MARK in said


@UNHURRIED
@given(MOBILE, st.lists(st.sampled_from(STYLES), min_size=11, max_size=11))
def test_no_mobile_number_of_mixed_digits_is_left_in(mobile: str, styles: list[str]) -> None:
    written = "".join(style[int(digit)] for digit, style in zip(mobile, styles, strict=True))
    assert redact(f"请打{written}。") == f"请打{MARK}。"


LAND = st.from_regex(r"0(10|2[0-9])[2-8][0-9]{7}|0[3-9][0-9]{2}[2-8][0-9]{6,7}", fullmatch=True)


@UNHURRIED
@given(LAND, st.sampled_from(["", " ", "-", " - ", "—", ")"]), st.sampled_from(["", " ", "-"]))
def test_no_land_line_is_left_in(line: str, first: str, second: str) -> None:
    area = 3 if line[1] in "12" else 4
    written = f"{line[:area]}{first}{line[area:-4]}{second}{line[-4:]}"
    if first or not second:
        assert redact(f"请打，{written}。") == f"请打，{MARK}。"


@UNHURRIED
@given(st.text(st.characters()) | st.text("0123456789-+ ().@京A粤plate：", max_size=80))
def test_nothing_makes_it_fail_and_doing_it_twice_is_doing_it_once(words: str) -> None:
    once = redact(words)
    assert redact(once) == once


@UNHURRIED
@given(st.text(st.characters()) | st.text("0123456789-+ ().@京A粤plate：零一①\n", max_size=80))
def test_only_what_is_marked_changes(words: str) -> None:
    rest = words
    first, *others = redact(words).split(MARK)
    assert rest.startswith(first)
    rest = rest[len(first) :]
    for part in others:
        assert part in rest
        rest = rest[rest.index(part) + len(part) :]
    assert not others or others[-1] == "" or words.endswith(others[-1])


def test_every_digit_of_the_first_plane_is_one_for_the_quick_look() -> None:
    digits = [chr(code) for code in range(0x10000) if unicodedata.digit(chr(code), None) is not None]
    assert [digit for digit in digits if not re.fullmatch(f"[{DIGITS}]", digit)] == []


ORDINARY = [
    "深南大道与新洲路交叉口的人行天桥台阶破损严重，老人小孩容易摔倒，10086号门口，希望尽快维修，3栋1204室。",
    "The street light in front of 1204 West 116 Street, New York 10027 has been out for two weeks.",
    "云海湾公寓，新洲路，2024年1月6日晚上8点，一二三楼没水。",
]


@pytest.mark.parametrize("words", ORDINARY)
def test_ordinary_words_are_spared_the_rules(words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geoapp.intake.redact._found", lambda words: pytest.fail(words))
    assert redact(words) == words


@pytest.mark.parametrize(
    "words", ["1 " * 10_000, "1" * 20_000, "a@" * 10_000, "粤B" * 10_000, "plate 1" * 3000, "一" * 20_000]
)
def test_no_text_takes_long(words: str) -> None:
    started = time.process_time()
    redact(words)
    assert time.process_time() - started < 2


@UNHURRIED
@given(st.text(st.characters(exclude_categories=["Nd", "Cs"], exclude_characters="@＠")))
def test_words_without_digits_or_at_signs_stay_as_they_are(words: str) -> None:
    assert redact(words) == words
