"""Files of lists as people hand them in: merged cells, two sheets of one list, rows that have slipped, formulas."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from geoapp.assign.duties import Duty
from geoapp.assign.three_lists import ListKind
from geoapp.errors import ListInvalid, SheetNotComputed, SheetUnreadable
from geoapp.intake.list_files import text
from geoapp.intake.list_reading import read

DUTIES = ListKind.RESPONSIBILITIES


def book(*sheets: tuple[str, list[list[object]]], merged: tuple[int, int, int, int, str] | None = None) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as made:
        for name, rows in sheets:
            sheet = made.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
            if merged:
                sheet.merge_range(*merged)
    return file.getvalue()


def test_what_merged_cells_show_holds_for_each_of_them() -> None:
    rows: list[list[object]] = [["Code", "Unit", "Area level"], *([f"R{nth}", "", "offices"] for nth in range(4))]
    data = book(("Responsibilities", rows), merged=(1, 1, 3, 1, "roads"))
    (found,) = read(data, "x.xlsx", None, "en")
    assert found.lines == tuple(Duty(f"R{nth}", level="offices", unit="roads" if nth < 3 else "") for nth in range(4))


def test_two_sheets_of_one_list_are_refused() -> None:
    rows: list[list[object]] = [["Code", "Unit"], ["R1", "roads"]]
    data = book(("Responsibilities", rows), ("责任清单", rows))
    with pytest.raises(ListInvalid, match="the same list"):
        read(data, "x.xlsx", None, "en")
    assert [one.kind for one in read(book(("说明", [["x"]]), ("责任清单", rows)), "x.xlsx", None, "en")] == [DUTIES]


def test_a_row_that_has_slipped_is_no_line() -> None:
    data = b"Code,Category,Unit\nR1,road,roads\nR2,road, bridges,roads\nR3,road\n"
    (found,) = read(data, "x.csv", DUTIES, "en")
    assert [one.words("en") for one in found.faults] == ["row 3: has more cells than the heading"]
    assert found.lines == (Duty("R1", category="road", unit="roads"), Duty("R3", category="road"))


def test_a_line_that_cannot_be_read_is_named() -> None:
    data = "责任编码,承办单位\nR1,市政\n".encode() + b"R2,\xff\xff\n" + "R3,市政\n".encode()
    (found,) = read(data, "x.csv", DUTIES, "zh")
    assert [(one.row, one.why) for one in found.faults] == [(3, "broken")] and len(found.lines) == 2


@pytest.mark.parametrize("cell", ["=1+1", "+86", "-x", "@a", "'=1", "''@"])
def test_a_csv_holds_nothing_that_a_spreadsheet_computes(cell: str) -> None:
    made = text(DUTIES, [Duty("R1", unit="u", person=cell, priority=-3)], "zh")
    assert f",'{cell}," in made.decode("utf-8-sig") and ",-3," in made.decode("utf-8-sig")
    (found,) = read(made, "x.csv", DUTIES, "zh")
    assert found.lines == (Duty("R1", unit="u", person=cell, priority=-3),)


def test_a_code_with_a_sign_that_nobody_sees_is_none() -> None:
    (found,) = read("Code,Unit\nR\u200b1,u\n".encode(), "x.csv", DUTIES, "en")
    assert [one.why for one in found.faults] == ["signs"]


@pytest.mark.parametrize(("value", "refused"), [("#N/A", True), ("", False), ("roads", False), (None, True)])
def test_a_formula_that_came_to_nothing_is_not_an_empty_cell(value: str | None, refused: bool) -> None:
    data = book(("Responsibilities", [["Code", "Unit", "Area level"], ["R1", "", "offices"]]))
    cell = {"#N/A": '<c r="B2" t="e"><f>X</f><v>#N/A</v></c>', None: '<c r="B2"><f>X</f><v></v></c>'}.get(
        value, f'<c r="B2" t="str"><f>X</f><v>{value}</v></c>'
    )
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                part = part.replace(b'<c r="C2"', cell.encode() + b'<c r="C2"')
            new.writestr(name, part)
    if refused:
        with pytest.raises(SheetNotComputed, match="B2"):
            read(made.getvalue(), "x.xlsx", None, "en")
    else:
        (found,) = read(made.getvalue(), "x.xlsx", None, "en")
        assert found.lines == (Duty("R1", level="offices", unit=value or ""),)


def test_other_files_are_refused(tmp_path: Path) -> None:
    for data in (b"", b"PK\x03\x04", b"\0" * 99):
        with pytest.raises(SheetUnreadable):
            read(data, "x.xlsx", DUTIES, "en")
    with pytest.raises(ListInvalid, match="does not say"):
        read(b"a,b\n1,2\n", "x.csv", None, "en")
