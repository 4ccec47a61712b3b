"""Workbooks that would fill the machine are refused in words, whatever they are dressed as; the others are read."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from geoapp.errors import SourceUnreadable
from importers import excel, excel_size
from importers.excel import records

ROOT = Path(__file__).resolve().parents[2]
UNHURRIED = settings(max_examples=60, deadline=None)


def workbook(path: Path, cells: dict[tuple[int, int], str]) -> Path:
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("a")
    for (row, column), text in cells.items():
        sheet.write_string(row, column, text)
    book.close()
    return path


def changed(path: Path, name: str, old: str, new: str) -> Path:
    """The same archive with something of one part replaced."""
    whole = io.BytesIO(path.read_bytes())
    with zipfile.ZipFile(whole) as before, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as after:
        for entry in before.infolist():
            text = before.read(entry)
            if entry.filename == name:
                assert old.encode() in text
                text = text.replace(old.encode(), new.encode())
            after.writestr(entry.filename, text)
    return path


def refused(path: Path) -> str:
    with pytest.raises(SourceUnreadable) as caught:
        list(records(path))
    return caught.value.detail


SHEET = "xl/worksheets/sheet1.xml"


def test_two_cells_in_opposite_corners_are_refused_in_words(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {(0, 0): "a", (1_048_575, 16_383): "b"})
    assert path.stat().st_size < 6000
    assert refused(path) == (
        "a.xlsx: too large for an Excel file (a sheet has 1,048,576 rows and 16,384 columns); save it as CSV."
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('<c r="B2"', "<c r = 'XFD1048576'"),
        ('<c r="B2"', '<c x="&gt;" r="XFD1048576"'),
        ('<row r="2"', '<row r="4000000000"'),
        ('<row r="2" spans="1:2"><c r="B2"', '<row r="2000000000"><c'),
    ],
)
def test_however_the_cells_are_written(tmp_path: Path, old: str, new: str) -> None:
    path = workbook(tmp_path / "a.xlsx", {(0, 0): "a", (1, 1): "b"})
    path = changed(path, SHEET, old, new)
    if "4000000000" in new:
        # A row's number counts for cells without one of their own.
        path = changed(path, SHEET, 'r="B2" ', "")
    assert "too large" in refused(path)


def test_prefixes_of_names_do_not_hide_a_sheet(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {(0, 0): "a", (1_048_575, 16_383): "b"})
    for name in ("worksheet", "sheetData", "row", "c", "v"):
        path = changed(changed(path, SHEET, f"<{name}", f"<x:{name}"), SHEET, f"</{name}>", f"</x:{name}>")
    path = changed(path, SHEET, "xmlns=", "xmlns:x=")
    assert "too large" in refused(path)


def test_formats_without_values_take_no_room(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    sheet, bold = book.add_worksheet(), book.add_format({"bold": True})
    sheet.write_row(0, 0, ["a", "b"])
    sheet.write_blank(1_048_575, 16_383, None, bold)
    book.close()
    assert list(records(tmp_path / "a.xlsx")) == [(1, ["a", "b"])]


def test_a_sheet_may_be_as_large_as_the_limit_and_no_larger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workbook(tmp_path / "a.xlsx", {(0, 0): "a", (9, 9): "b"})
    monkeypatch.setattr(excel_size, "CELLS_LIMIT", 100)
    assert len(list(records(path))) == 2
    monkeypatch.setattr(excel_size, "CELLS_LIMIT", 99)
    assert "10 rows and 10 columns" in refused(path)


@UNHURRIED
@given(st.dictionaries(st.tuples(st.integers(0, 30), st.integers(0, 30)), st.text("ab", min_size=1), min_size=1))
def test_the_size_is_that_of_what_the_reader_lays_out(
    tmp_path_factory: pytest.TempPathFactory, cells: dict[tuple[int, int], str]
) -> None:
    path = workbook(tmp_path_factory.mktemp("x") / "a.xlsx", cells)
    rows, columns = (max(at[side] for at in cells) + 1 for side in (0, 1))
    sizes: list[tuple[int, int]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(excel_size, "_fits", lambda *size: sizes.append(size))
        read = {(number - 1, at): text for number, row in records(path) for at, text in enumerate(row) if text}  # type: ignore[arg-type]
    assert sizes[-1] == (rows, columns) and read == cells


def test_blank_columns_on_the_left_are_kept(tmp_path: Path) -> None:
    assert list(records(workbook(tmp_path / "a.xlsx", {(3, 2): "a", (5, 1): "b"}))) == [
        (4, ["", "", "a"]),
        (6, ["", "b", ""]),
    ]


def test_an_archive_that_lies_about_its_size_is_damaged(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {(0, 0): "a" * 40})
    data = bytearray(path.read_bytes())
    entry = data.index(b"PK\x01\x02")
    while data[entry + 46 : entry + 46 + len(SHEET)] != SHEET.encode():
        entry = data.index(b"PK\x01\x02", entry + 4)
    data[entry + 24 : entry + 28] = (10).to_bytes(4, "little")
    path.write_bytes(data)
    assert "not an Excel file that can be read" in refused(path)


def test_a_workbook_that_unpacks_to_gigabytes_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excel_size, "UNPACKED_LIMIT", 1000)
    assert "unpacks" in refused(workbook(tmp_path / "a.xlsx", {(0, 0): "a"}))


def test_a_document_type_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {(0, 0): "a"})
    path = changed(path, SHEET, "<worksheet ", '<!DOCTYPE a [<!ENTITY b "c">]><worksheet ')
    assert "document type" in refused(path)


# Sheets of other programs


def open_document(path: Path, body: str) -> Path:
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0"?><office:document-content {spaces}><office:body><office:spreadsheet>'
        f"{body}</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", content)
    return path


def cell(text: str, times: int = 1) -> str:
    return (
        f'<table:table-cell office:value-type="string" table:number-columns-repeated="{times}">'
        f"<text:p>{text}</text:p></table:table-cell>"
    )


EMPTY_ROWS = '<table:table-row table:number-rows-repeated="{}"><table:table-cell/></table:table-row>'


def test_an_open_document_sheet_is_read(tmp_path: Path) -> None:
    rows = f"<table:table-row>{cell('a')}{cell('b')}</table:table-row>{EMPTY_ROWS.format(1_048_000)}"
    path = open_document(tmp_path / "a.xlsx", f'<table:table table:name="t">{rows}</table:table>' * 3)
    assert next(records(path.rename(tmp_path / "a.ods"))) == (1, ["a", "b"])


@pytest.mark.parametrize(
    "rows",
    [
        f"<table:table-row>{cell('a', 1_000_000_000)}</table:table-row>",
        f'<table:table-row table:number-rows-repeated="1000000000">{cell("a")}</table:table-row>',
        f'<table:table-row table:number-rows-repeated="1000000">{cell("a", 16_000)}</table:table-row>',
        f"<table:table-row>{cell('a', 16_000)}</table:table-row>{EMPTY_ROWS.format(9000)}"
        f"<table:table-row>{cell('b')}</table:table-row>",
    ],
)
def test_repeated_rows_and_cells_of_an_open_document_count_as_often(tmp_path: Path, rows: str) -> None:
    path = open_document(tmp_path / "a.ods", f'<table:table table:name="t">{rows}</table:table>')
    assert "too large" in refused(path)


def record(kind: int, payload: bytes) -> bytes:
    head = bytes([kind]) if kind < 128 else bytes([0x80 | kind & 0x7F, kind >> 7])
    return head + bytes([len(payload)]) + payload


def binary(path: Path, *rows: tuple[int, list[int]]) -> Path:
    """As much of an .xlsb as says how large its sheet is."""
    body = [record(129, b""), record(145, b"")]
    for row, columns in rows:
        body.append(record(0, row.to_bytes(4, "little") + bytes(13)))
        body += [record(5, column.to_bytes(4, "little") + bytes(12)) for column in columns]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.bin", b"".join(body))
    return path


def test_a_binary_workbook_is_measured_too(tmp_path: Path) -> None:
    assert "1,048,576 rows" in refused(binary(tmp_path / "a.xlsb", (0, [0]), (1_048_575, [16_383])))
    excel_size.check(binary(tmp_path / "a.xlsb", (0, [0, 1]), *((row, [0, 1]) for row in range(1, 50_000))))


def test_one_text_in_a_million_cells_ends_the_reader_and_not_the_machine(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    for row in range(20_000):
        sheet.write_string(row, 0, "x" * 32_000)
    book.close()
    code = (
        "import sys, resource; from pathlib import Path; from importers import excel\n"
        "excel.MEMORY_LIMIT = 200 << 20\n"
        "list(excel.records(Path(sys.argv[1])))"
    )
    done = subprocess.run([sys.executable, "-B", "-c", code, path], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode != 0 and path.stat().st_size < 1 << 20
    assert list(excel.records(workbook(tmp_path / "b.xlsx", {(0, 0): "a"}))) == [(1, ["a"])]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 5000))
def test_a_damaged_workbook_is_unreadable_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int
) -> None:
    path = workbook(tmp_path_factory.mktemp("x") / "a.xlsx", {(0, 0): "a", (2, 2): "b"})
    data = path.read_bytes()
    at = min(at, len(data))
    path.write_bytes(data[:at] + noise + data[at + len(noise) :])
    try:
        list(records(path))
    except SourceUnreadable:
        return
