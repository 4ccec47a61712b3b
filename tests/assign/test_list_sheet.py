"""Sheets of the three lists: what is written is read again, in either language; what cannot be read is said where."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoapp.assign import list_sheet
from geoapp.assign.catalogue import CLOCKS, CatalogueMatter
from geoapp.assign.duties import Duty
from geoapp.assign.implementation import Step
from geoapp.assign.list_sheet import COLUMNS, WORDS, Fault, heading_of, headings, names_of, read, written
from geoapp.assign.three_lists import Line, ListKind, by_code, difference, line_of, plain

text = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="￾￿"), min_size=1, max_size=20)
words = text.map(str.strip).filter(bool)
word = st.text(st.sampled_from("甲乙丙井盖路灯abcXYZ019-_=+@'\"% "), min_size=1, max_size=8).map(str.strip).filter(bool)
codes = st.text(st.sampled_from("甲井abcXYZ019-_./:=+@"), min_size=1, max_size=8)
spoken = st.dictionaries(st.sampled_from(("zh", "en")), words, max_size=2)
named = st.dictionaries(st.sampled_from(("zh", "en")), words, min_size=1, max_size=2)
maybe = st.one_of(st.just(""), codes)
several = st.lists(word, max_size=3, unique=True).map(tuple)
days = st.one_of(st.none(), st.dates(date(1990, 1, 1), date(2090, 1, 1)))

matters = st.builds(
    CatalogueMatter, codes, codes, named, spoken, maybe, spoken, st.sampled_from(("", "component", "event")), several,
    st.booleans(), st.booleans(), st.booleans(), maybe, spoken, spoken,
    st.dictionaries(st.sampled_from(CLOCKS), st.integers(1, 99_999_999)),
)  # fmt: skip
duties = st.builds(
    Duty, codes, maybe, maybe, maybe, maybe, maybe, st.sampled_from(("", "authority", "owner", "maintainer")), maybe,
    st.lists(codes, max_size=3, unique=True).map(tuple), st.integers(-9, 9999), st.one_of(st.just(""), words),
    days, days, st.booleans(),
)  # fmt: skip
steps = st.builds(
    Step, codes, codes, st.integers(0, 99), named, maybe, maybe, st.sampled_from(("", "unit_staff", "crew")),
    st.one_of(st.none(), st.integers(1, 99_999)), spoken,
)  # fmt: skip
LINES = {ListKind.CATALOGUE: matters, ListKind.RESPONSIBILITIES: duties, ListKind.IMPLEMENTATION: steps}


def again(kind: ListKind, lines: list[Line], language: str) -> tuple[Line, ...]:
    header = [heading_of(kind)(name) for name in headings(kind, language)]
    rows = [
        (number, dict(zip(header, map(str, row), strict=True)))
        for number, row in enumerate(written(kind, lines, language), 2)
    ]
    found = read(kind, header, rows, language)
    assert found.faults == () and found.unread == ()
    return found.lines


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", list(ListKind))
def test_what_is_written_is_read_again_and_plain_values_are_the_line(kind: ListKind, language: str) -> None:
    @given(st.lists(LINES[kind], max_size=4, unique_by=lambda line: line.code))
    @settings(max_examples=120, deadline=None)
    def same(lines: list[Line]) -> None:
        assert again(kind, lines, language) == tuple(lines)
        assert [line_of(kind, plain(line)) for line in lines] == lines
        assert not difference(by_code(lines), by_code(again(kind, lines, language)))

    same()


def cells(kind: ListKind, **given: str) -> tuple[list[str], Mapping[str, str]]:
    header = [column.en for column in COLUMNS[kind]]
    return header, {name: given.get(name, "") for name in header}


def faults(kind: ListKind, language: str = "en", **given: str) -> list[str]:
    header, row = cells(kind, **{name.replace("_", " "): value for name, value in given.items()})
    return [one.words(language) for one in read(kind, header, [(2, row)], language).faults]


def test_what_cannot_be_read_is_said_by_row_and_column_in_ones_language() -> None:
    kind = ListKind.RESPONSIBILITIES
    assert faults(kind, Code="R1", Priority="high") == ["row 2, column Priority: “high” is not a whole number"]
    assert faults(kind, "zh", Code="R1", Priority="高") == ["第 2 行“优先级”列：“高”不是整数"]
    assert faults(kind, Unit="A") == ["row 2, column Code: must not be empty"]
    assert faults(kind, Code="R1", Valid_from="2026-02-30", Fallback="maybe") == [
        "row 2, column Valid from: “2026-02-30” is no day; one is written as in 2026-01-31",
        "row 2, column Fallback: “maybe” is neither yes nor no",
    ]
    assert len(faults(kind, Code="R\x07")) == len(faults(kind, Code="a|b")) == len(faults(kind, Code="x" * 999)) == 1
    assert len(faults(ListKind.IMPLEMENTATION, Code="S", Unit="U", Step="1")) == 1
    zh, en = Fault(3, "", "", "broken", "gone").words("zh"), Fault(3, "", "", "broken", "gone").words("en")
    assert (zh, en) == ("第 3 行：此行无法读取：gone", "row 3: cannot be read: gone")
    assert all(len(pair) == 2 for pair in WORDS.values())


def test_days_and_yes_are_read_as_people_and_excel_write_them() -> None:
    header, row = cells(ListKind.RESPONSIBILITIES, Code="R1", Fallback="是")
    for said in ("2026-01-05", "2026/1/5", "2026年1月5日", "2026.1.5", "2026-01-05 00:00:00"):
        found = read(ListKind.RESPONSIBILITIES, header, [(2, {**row, "Valid from": said})], "zh").lines[0]
        assert isinstance(found, Duty) and found.valid_from == date(2026, 1, 5) and found.fallback


def test_a_code_that_stands_twice_a_missing_column_and_a_strange_one_are_told() -> None:
    kind = ListKind.RESPONSIBILITIES
    header, row = cells(kind, Code="R1")
    found = read(kind, [*header, "Remarks"], [(2, row), (3, row), (4, "too long")], "en")
    assert [one.words("en") for one in found.faults] == [
        "row 3, column Code: “R1” has the code of row 2", "row 4: cannot be read: too long",
    ]  # fmt: skip
    assert found.unread == ("Remarks",) and found.rows == 3
    missing = read(kind, ["Unit"], [(2, {"Unit": "A"})], "zh").faults
    assert [one.words("zh") for one in missing] == ["第 1 行“责任编码”列：缺少此列"]


def test_each_field_of_a_list_has_its_column() -> None:
    for kind in ListKind:
        assert all(zh and en for zh, en in names_of(kind).values())
        assert len({column.en for column in COLUMNS[kind]}) == len(COLUMNS[kind]) == len(set(headings(kind, "zh")))


def test_a_file_that_is_no_list_at_all_is_read_no_further_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    kind = ListKind.RESPONSIBILITIES
    header, _ = cells(kind)
    bad = [(number, cells(kind, Priority="high")[1]) for number in range(2, 5000)]
    found = read(kind, header, bad, "en")
    assert found.faults[-1].words("en").endswith("comes after 1,000 faults; nothing after it was read")
    monkeypatch.setattr(list_sheet, "MOST_LINES", 3)
    rows = [(number, cells(kind, Code=f"R{number}")[1]) for number in range(2, 10)]
    assert [one.words("zh") for one in read(kind, header, rows, "zh").faults] == ["第 5 行：超过 3 条，其后未再读取"]
