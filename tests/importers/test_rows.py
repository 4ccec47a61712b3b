"""Reading of tables: what is written is read back, and whatever is not is accounted for."""

from __future__ import annotations

import csv
import gzip
import io
import subprocess
import sys
import tempfile
from datetime import date, datetime, time
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from geoapp.errors import SourceUnreadable
from importers.base import Rejected, Row
from importers.rows import read

ROOT = Path(__file__).resolve().parents[2]
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


def file_of(data: bytes, folder: Path, name: str = "a.csv") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def items(data: bytes, folder: Path, name: str = "a.csv") -> list[Row | Rejected]:
    return list(read(file_of(data, folder, name)).rows)


def reasons(found: list[Row | Rejected]) -> list[tuple[int, str]]:
    return [(item.line, item.reason if isinstance(item, Rejected) else "") for item in found]


@given(st.lists(st.tuples(TEXT, TEXT, TEXT), max_size=20), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_what_csv_writes_is_read_back(records: list[tuple[str, str, str]], encoding: str) -> None:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([("a", "b", "c"), *records])
    with tempfile.TemporaryDirectory() as folder:
        found = items(out.getvalue().encode(encoding), Path(folder))
    assert [tuple(item.fields.values()) for item in found] == records


@given(st.lists(st.text("中文工单张三，。é", min_size=3, max_size=9), min_size=1, max_size=9))
def test_gb18030_is_read_back(texts: list[str]) -> None:
    data = "编号,诉求内容\n" + "".join(f"1,{text}\n" for text in texts)
    with tempfile.TemporaryDirectory() as folder:
        found = items(data.encode("gb18030"), Path(folder))
    assert [item.fields.get("诉求内容") for item in found] == texts


BYTES = st.binary(max_size=300) | st.lists(
    st.sampled_from([b'"', b",", b"\n", b"\r\n", b"a", b"\xff", b"\0", b"\xd6\xd0", "中".encode(), b"\r", b'""']),
    max_size=60,
).map(b"".join)


@settings(max_examples=400)
@given(BYTES, st.sampled_from([b"a,b\n", b"", b"\xff\xfea\0\n\0", b"\x1f\x8b", b"PK\x03\x04"]))
def test_no_bytes_do_harm_and_every_line_is_accounted_for(body: bytes, head: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        try:
            found = items(head + body, Path(folder))
        except SourceUnreadable:
            return
    if head != b"a,b\n":
        return
    physical = (head + body).split(b"\n")
    starts = [item.line for item in found]
    assert starts == sorted(set(starts))
    ends = [*starts[1:], len(physical) + 1][: len(starts)]
    covered = {1}
    for item, end in zip(found, ends, strict=True):
        breaks = sum(value.count("\n") for value in item.fields.values()) if isinstance(item, Row) else 0
        covered.update(range(item.line, item.line + breaks + 1))
        assert item.line + breaks < end
    assert not [n for n, line in enumerate(physical, 1) if n not in covered and line.strip(b"\r")]


@given(st.binary(max_size=200), st.integers(0, 400))
def test_damaged_gzip_is_unreadable_and_nothing_else(noise: bytes, cut: int) -> None:
    data = gzip.compress(b"a,b\n" + b"1,2\n" * 500)
    with tempfile.TemporaryDirectory() as folder:
        try:
            found = items(data[: min(cut, len(data) - 1)] + noise, Path(folder), "a.csv.gz")
        except SourceUnreadable:
            return
    assert all(isinstance(item, Row | Rejected) for item in found)


def test_truncated_gzip_gives_its_rows_first(tmp_path: Path) -> None:
    text = "a,b\n" + "".join(f"{n},{n * 7919 % 10007}\n" for n in range(50_000))
    whole = gzip.compress(text.encode())
    rows = read(file_of(whole[: len(whole) // 2], tmp_path, "a.csv.gz")).rows
    seen = 0
    with pytest.raises(SourceUnreadable, match=r"a\.csv\.gz: damaged after line \d+"):
        for row in rows:
            assert isinstance(row, Row)
            seen += 1
    assert seen > 20_000


def test_lines_waiting_behind_an_open_quote_come_before_the_damage(tmp_path: Path) -> None:
    text = "a,b\n" + "".join(f"{n},{n * 7919 % 10007}\n" for n in range(50_000)) + '"open,1\n' + "1,2\n" * 500
    found = []
    with pytest.raises(SourceUnreadable):
        for item in read(file_of(gzip.compress(text.encode())[:-6], tmp_path, "a.csv.gz")).rows:
            found.append(item)
    assert [item.reason for item in found if isinstance(item, Rejected)] == ["quote"]
    assert len(found) == 50_501


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_the_delimiter_is_told_from_the_header(tmp_path: Path, delimiter: str) -> None:
    data = (
        f'"a,x;y|"{delimiter}b{delimiter}c{delimiter}d{delimiter}e\n1{delimiter}2{delimiter}3{delimiter}4{delimiter}5'
    )
    (row,) = items(data.encode(), tmp_path)
    assert row.fields == {"a,x;y|": "1", "b": "2", "c": "3", "d": "4", "e": "5"}


def test_gb18030_shows_itself_after_megabytes_of_ascii(tmp_path: Path) -> None:
    data = b"a,b\n" + b"1,plain\n" * 300_000 + "2,破损的台阶\n3,茅\n".encode("gb18030")
    assert [item.fields["b"] for item in items(data, tmp_path)[-2:]] == ["破损的台阶", "茅"]


def test_a_line_of_no_encoding_is_kept(tmp_path: Path) -> None:
    found = items("a,b\n1,中文\n".encode() + b"2,\xff\xfe\n3,x\n", tmp_path)
    assert reasons(found) == [(2, ""), (3, "encoding"), (4, "")]
    assert found[1].fields == {"": "2,\\xff\\xfe"}


def test_gb18030_damage_in_a_utf8_file_does_not_pass_as_chinese(tmp_path: Path) -> None:
    found = items("a,b\n1,中文\n".encode() + "2,中文\n".encode("gb18030"), tmp_path)
    assert reasons(found) == [(2, ""), (3, "encoding")]


def test_an_open_quote_costs_one_line(tmp_path: Path) -> None:
    found = items(b'a,b\n1,"open\n' + b"2,x\n" * 2500, tmp_path)
    assert reasons(found)[:3] == [(2, "quote"), (3, ""), (4, "")]
    assert len(found) == 2501
    assert found[0].fields == {"": '1,"open'}


def test_an_open_quote_at_the_end_costs_one_line(tmp_path: Path) -> None:
    assert reasons(items(b'a,b\n1,"open\n2,x\n3,y', tmp_path)) == [(2, "quote"), (3, ""), (4, "")]


def test_a_quote_closed_by_the_next_open_one_does_not_swallow_rows(tmp_path: Path) -> None:
    assert reasons(items(b'a,b\n1,"open\n2,x\n3,"y"\n4,z\n', tmp_path)) == [(2, "quote"), (3, ""), (4, ""), (5, "")]


def test_many_open_quotes_stay_cheap(tmp_path: Path) -> None:
    found = items(b"a,b,c\n" + b'a",","\n' * 30_000, tmp_path)
    assert len(found) == 30_000


def test_bad_lines_are_told_apart(tmp_path: Path) -> None:
    found = items(b'a,b\n1\n1,2,3\n\n1,\x002\n"1"x,2\n1,2\r\n"x\ny",5" pipe\n', tmp_path)
    assert reasons(found) == [(2, "columns"), (3, "columns"), (5, "nul"), (6, "quote"), (7, ""), (8, "")]
    assert found[-1].fields == {"a": "x\ny", "b": '5" pipe'}
    assert found[2].fields == {"": "1,\\x002"}


def test_old_mac_line_ends(tmp_path: Path) -> None:
    assert [item.fields for item in items(b"a,b\r1,2\r3,4\r", tmp_path)] == [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"a,a\n1,2\n", 'more than one column is called "a"'),
        (b'"a,b\n1,2\n', "the header"),
        (b"a,\xff\n", "the header"),
        (b"\x1f\x8bgarbage", "unreadable"),
        (b"PK\x03\x04garbage", "not an Excel"),
    ],
)
def test_unreadable_files_say_why(tmp_path: Path, data: bytes, says: str) -> None:
    with pytest.raises(SourceUnreadable, match=says):
        items(data, tmp_path)


def test_a_header_alone_is_no_rows(tmp_path: Path) -> None:
    assert items(b"a,b", tmp_path) == []


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreadable, match=r"none\.csv"):
        read(tmp_path / "none.csv")


def test_a_line_without_end_never_enters_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    with path.open("wb") as file:
        file.write(b"a,b\n1,2\n")
        for _ in range(300):
            file.write(b"x" * (1 << 20))
        file.write(b"\n3,4\n")
    code = (
        "import resource,sys; from pathlib import Path; from importers.rows import read\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "for item in read(Path(sys.argv[1])).rows:\n"
        "    print(item.line, getattr(item, 'reason', ''), len(item.fields.get('', '')))\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000)"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", code, path], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["2  0", "3 too_long 65536", "4  0", "True"]


def excel(folder: Path) -> Path:
    path = folder / "a.xlsx"
    book = xlsxwriter.Workbook(path)
    book.add_worksheet("空")
    sheet = book.add_worksheet("工单")
    sheet.write_row(1, 0, ["编号", "时间", "日", "钟点", "数", "字"])
    stamp, day, clock = (book.add_format({"num_format": f}) for f in ("yyyy-mm-dd hh:mm:ss", "yyyy-mm-dd", "hh:mm"))
    sheet.write_number(3, 0, 20240104001)
    sheet.write_datetime(3, 1, datetime(2024, 1, 4, 8, 36, 17), stamp)
    sheet.write_datetime(3, 2, date(2024, 1, 4), day)
    sheet.write_datetime(3, 3, time(8, 30), clock)
    sheet.write_number(3, 4, 12.5)
    sheet.write_string(3, 5, "坏了\n修")
    sheet.write_string(4, 7, "stray")
    book.close()
    return path


def test_excel_cells_become_the_text_a_csv_would_hold(tmp_path: Path) -> None:
    sheet = read(excel(tmp_path))
    assert sheet.header == ("编号", "时间", "日", "钟点", "数", "字")
    row, stray = sheet.rows
    assert list(row.fields.values()) == [
        "20240104001",
        "2024-01-04 08:36:17",
        "2024-01-04",
        "08:30:00",
        "12.5",
        "坏了\n修",
    ]
    assert row.line == 4
    assert reasons([stray]) == [(5, "columns")]


def test_a_sheet_by_name(tmp_path: Path) -> None:
    assert read(excel(tmp_path), sheet="工单").header[0] == "编号"
    with pytest.raises(SourceUnreadable, match="工单"):
        read(tmp_path / "a.xlsx", sheet="没有")
    with pytest.raises(SourceUnreadable, match="empty"):
        read(tmp_path / "a.xlsx", sheet="空")


def test_text_called_excel_is_not_excel(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreadable, match="not an Excel"):
        items(b"a,b\n1,2\n", tmp_path, "a.xls")
