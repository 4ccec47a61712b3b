"""Tables that people hand in: any bytes are read or refused, none harms; what is written is read again as it was."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geoapp.errors import SheetTooLarge, SheetUnreadable
from geoapp.people import duty, lists, sheets, tables, unit_lists
from geoapp.people.sheets import Sheet
from geoapp.people.tables import Table

WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30)
CELLS = st.one_of(
    WORDS, st.sampled_from(["wang", "王强", "经办人", "O00", "x@example.org", "zh", "-", "1-5 09:00-18:00"])
)


def book(*rows: tuple[Any, ...]) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as made:
        page = made.add_worksheet()
        for at, row in enumerate(rows):
            page.write_row(at, 0, row)
    return file.getvalue()


def test_a_table_is_read_with_the_numbers_a_spreadsheet_shows() -> None:
    data = book(("登录名", " 姓  名 "), ("wang", 13900139000), ("", ""), ("li", 1.5))
    table = tables.read(data)
    assert table == Table(("登录名", "姓 名"), ((2, ("wang", "13900139000")), (4, ("li", "1.5"))))
    assert tables.read('login;name\r\n\r\nli;"L;\r\ni"\r\n'.encode("utf-8-sig")).rows == ((3, ("li", "L;\r\ni")),)


def test_no_formula_is_evaluated() -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as made:
        page = made.add_worksheet()
        page.write_row(0, 0, ["login", "name"])
        page.write_string(1, 0, "li")
        page.write_formula(1, 1, '=WEBSERVICE("http://127.0.0.1:9/")', None, "as it was saved")
    assert tables.read(file.getvalue()).rows == ((2, ("li", "as it was saved")),)


def bomb() -> bytes:
    """Two cells that lay out seventeen thousand million."""
    data = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(book(("a", "b")))) as source,
        zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for name in source.namelist():
            part = source.read(name)
            if name.endswith("sheet1.xml"):
                part = part.replace(
                    b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
                )
            made.writestr(name, part)
    return data.getvalue()


def packed_zeros() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("xl/worksheets/sheet1.xml", b"<worksheet>" + b" " * (300 << 20))
    return data.getvalue()


def declared() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book(("a", "b")))) as source, zipfile.ZipFile(data, "w") as made:
        for name in source.namelist():
            part = source.read(name)
            if name.endswith("sheet1.xml"):
                part = part.replace(b"?>", b'?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>', 1)
            made.writestr(name, part)
    return data.getvalue()


@pytest.mark.parametrize("made", [bomb, packed_zeros, declared])
def test_a_hostile_archive_is_refused(made: Any) -> None:
    with pytest.raises(SheetUnreadable):
        tables.read(made(), "x.xlsx")


def test_what_is_too_large_is_refused() -> None:
    with pytest.raises(SheetTooLarge):
        tables.read(b"a" * (tables.PEOPLE.size + 1))
    with pytest.raises(SheetTooLarge):
        tables.read(b"login,name\n" + b"x,y\n" * (tables.PEOPLE.rows + 1))
    assert len(tables.read(b"login,name\n" + b"x,y\n" * tables.PEOPLE.rows).rows) == tables.PEOPLE.rows
    with pytest.raises(SheetTooLarge):
        tables.read(b"login,name\nx," + b"y" * 5000 + b"\n")
    with pytest.raises(SheetTooLarge):
        tables.read(b"a," * 200 + b"\n")


@given(st.binary(max_size=200))
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for name in ("x.csv", "x.xlsx"):
        try:
            table = tables.read(data, name)
        except SheetUnreadable:
            continue
        assert all(len(row) == len(table.heading) for _line, row in table.rows)


@given(
    st.lists(
        st.lists(st.one_of(st.sampled_from(sorted(sum(lists.COLUMNS.values(), ()))), WORDS), max_size=8), max_size=1
    ),
    st.lists(st.lists(CELLS, min_size=8, max_size=8), max_size=6),
)
@settings(max_examples=200, deadline=None)
def test_any_rows_of_people_are_entries_or_faults(heading: list[list[str]], rows: list[list[str]]) -> None:
    names = tuple(heading[0]) if heading else tuple(words[0] for words in lists.COLUMNS.values())
    table = Table(names, tuple((line, tuple(row[: len(names)])) for line, row in enumerate(rows, 2)))
    entries, faults = lists.read(table)
    assert all(str(one) and one.line >= 1 for one in faults)
    if not faults:
        assert all(one.login and one.name for one in entries)


@given(st.lists(st.lists(CELLS, min_size=12, max_size=12), max_size=6))
@settings(max_examples=200, deadline=None)
def test_any_rows_of_units_are_entries_or_faults(rows: list[list[str]]) -> None:
    table = Table(unit_lists.heading("zh"), tuple((line, tuple(row)) for line, row in enumerate(rows, 2)))
    entries, faults = unit_lists.read(table)
    assert all(str(one) for one in faults)
    if not faults:
        assert all(one.code for one in entries) and len({one.code for one in entries}) == len(entries)


@given(st.lists(st.tuples(WORDS, WORDS.map(lambda word: "=" + word)), min_size=1, max_size=5))
@settings(max_examples=5, deadline=None)
def test_what_is_written_is_read_again_as_text(rows: list[tuple[str, str]]) -> None:
    data = sheets.workbook([Sheet("People", ("login", "name"), rows)])
    table = tables.read(data, "x.xlsx")
    assert [row for _line, row in table.rows] == rows


# Duty hours

DAYS = st.lists(st.integers(1, 7), min_size=1, max_size=7, unique=True).map(sorted)
TIMES = st.tuples(st.integers(0, 23), st.integers(0, 59)).map(lambda at: f"{at[0]:02}:{at[1]:02}")
SPANS = st.builds(lambda days, begins: {"days": days, "from": begins, "to": "24:00"}, DAYS, TIMES)


@given(st.lists(SPANS, max_size=7))
def test_duty_hours_written_are_read_again(spans: list[dict[str, Any]]) -> None:
    assert duty.read(duty.write(spans)) == spans


@pytest.mark.parametrize(
    ("words", "days", "begins", "ends"),
    [("9:00-18:00", [1, 2, 3, 4, 5, 6, 7], "09:00", "18:00"),
     ("Mon-Fri 09:00–18:00", [1, 2, 3, 4, 5], "09:00", "18:00"),
     ("周一至周五 9：00至18：00", [1, 2, 3, 4, 5], "09:00", "18:00"), ("6,7 10:00-16:00", [6, 7], "10:00", "16:00"),
     ("星期六、星期日 10:00-16:00", [6, 7], "10:00", "16:00"), ("24h", [1, 2, 3, 4, 5, 6, 7], "00:00", "24:00")],
)  # fmt: skip
def test_duty_hours_as_people_write_them(words: str, days: list[int], begins: str, ends: str) -> None:
    assert duty.read(words) == [{"days": days, "from": begins, "to": ends}]


@pytest.mark.parametrize("words", ["8 09:00-18:00", "1-5", "18:00-09:00", "5-1 09:00-18:00", "1-5 25:00-26:00", "x"])
def test_what_are_no_duty_hours(words: str) -> None:
    with pytest.raises(ValueError):
        duty.read(words)


def test_duty_hours_in_words() -> None:
    spans = duty.read("1-3,5 09:00-18:00; 7 10:00-12:00")
    assert duty.in_words(spans, "zh") == "周一至周三、周五 09:00–18:00；周日 10:00–12:00"
    assert duty.in_words(spans, "en") == "Mon–Wed, Fri 09:00–18:00; Sun 10:00–12:00"


def test_one_long_text_in_every_cell_is_too_large() -> None:
    rows = [("a" * 3999,) * 50] * 100
    with pytest.raises(SheetTooLarge):
        tables.read("\n".join(",".join(row) for row in [("login",) * 50, *rows]).encode()[: tables.PEOPLE.size - 1])
    with pytest.raises(SheetTooLarge):
        tables.read(book(("login",) * 50, *rows))
