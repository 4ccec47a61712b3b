"""Bad input through the command line: a clear error, or every row kept and counted; never a traceback."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, text

from geoapp.city import City
from geoapp.cli import main
from geoapp.store.cluster import SUPERUSER, Server
from tests.make import snapshot

MAPPING = """
source = "lines"
time_zone = "Asia/Shanghai"
[columns]
ref = "编号"
said_at = "时间"
body = "内容"
kind = "类型"
category = "分类"
matter = "事项"
address = "地址"
unit = "单位"
unit_name = "单位名称"
recorded_area = "区域"
channel = "渠道"
x = "经度"
y = "纬度"
name = "姓名"
phone = "电话"
email = "邮箱"
note = "答复"
status = "状态"
[kinds]
"投诉" = "complaint"
[states]
"已办结" = "closed"
"""
COLUMNS = ["编号", "时间", "内容", "类型", "分类", "事项", "地址", "单位", "单位名称", "区域", "渠道", "经度", "纬度", "姓名", "电话",  # noqa: E501
           "邮箱", "答复", "状态"]  # fmt: skip
GOOD = dict.fromkeys(COLUMNS, "") | {
    "编号": "1",
    "时间": "2024-01-04 08:00",
    "内容": "台阶破损",
    "经度": "113.95",
    "纬度": "22.55",
}


class Importing:
    """The command, run in this process on the test's database."""

    def __init__(self, folder: Path, city: City, database: Server, engine: Engine) -> None:
        self.folder, self.city, self.engine = folder, city, engine
        self._environ = {"GEOAPP_DATABASE_URL": database.url(SUPERUSER), "GEOAPP_DATA_DIR": str(folder / "data")}
        self.mapping = folder / "mapping.toml"
        self.mapping.write_text(MAPPING)

    def __call__(self, *files: Path, more: Sequence[str] = ()) -> Result:
        arguments = ["import", "table", *map(str, files), "--mapping", str(self.mapping), "--json", *more]
        result = CliRunner().invoke(main, [*arguments, "--city", self.city.code], env=self._environ)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def tally(self, *files: Path, more: Sequence[str] = ()) -> dict[str, Any]:
        result = self(*files, more=more)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)  # type: ignore[no-any-return]

    def file(self, *rows: dict[str, str], name: str = "a.csv", encoding: str = "utf-8") -> Path:
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, COLUMNS)
        writer.writeheader()
        writer.writerows(GOOD | row for row in rows)
        return self.bytes(out.getvalue().encode(encoding), name)

    def bytes(self, content: bytes, name: str = "a.csv") -> Path:
        path = self.folder / name
        path.write_bytes(content)
        return path

    def kept(self) -> dict[str, list[tuple[Any, ...]]]:
        with self.engine.connect() as connection:
            return snapshot(connection, self.city)


@pytest.fixture
def importing(tmp_path: Path, city: City, database: Server, engine: Engine) -> Importing:
    return Importing(tmp_path, city, database, engine)


def test_a_good_row_is_a_ticket(importing: Importing) -> None:
    tally = importing.tally(importing.file({}))
    assert (tally["read"], tally["opened"], tally["rejected"]) == (1, 1, {})


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"\n\n \n", "empty"),
        (b"\xff\xfe", ""),
        (b"\0\0\0\0\n", ""),
        (b"\x1f\x8b\x08\0broken", ""),
        (b"%PDF-1.4\n1 0 obj\n", "column"),
        (b"<html><body>login</body></html>\n", "column"),
        ("编号,内容\n1,台阶\n".encode(), "时间"),
        (",".join([*COLUMNS, "编号"]).encode() + b"\n", "编号"),
    ],
)
def test_a_file_that_is_none_of_the_sources_is_a_clear_error(importing: Importing, content: bytes, says: str) -> None:
    result = importing(importing.bytes(content))
    assert result.exit_code == 1 and result.output.startswith("Error: ") and says in result.output
    assert "Traceback" not in result.output and importing.kept()["reports"] == []


def test_a_file_with_a_header_alone_is_nothing_read(importing: Importing) -> None:
    assert importing.tally(importing.file())["read"] == 0


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_the_encodings_of_excel_and_windows_are_read(importing: Importing, encoding: str) -> None:
    importing.tally(importing.file({}, encoding=encoding))
    assert [row[19] for row in importing.kept()["reports"]] == ["台阶破损"]


def test_lines_of_no_encoding_are_kept_with_their_reason_and_the_rest_is_taken(importing: Importing) -> None:
    good = importing.file({"编号": "1"}, {"编号": "2"}).read_bytes().split(b"\r\n")
    tally = importing.tally(importing.bytes(b"\r\n".join([*good[:2], b"3,\xff\xff\x81" + b"," * 16, good[2], b""])))
    assert (tally["read"], tally["opened"], sum(tally["rejected"].values())) == (3, 2, 1)
    assert len(importing.kept()["rejected"]) == 1


def test_a_damaged_archive_gives_what_stood_before_the_damage(importing: Importing) -> None:
    rows = [{"编号": str(n), "内容": os.urandom(40).hex()} for n in range(3000)]
    whole = gzip.compress(importing.file(*rows).read_bytes())
    result = importing(importing.bytes(whole[: len(whole) // 2], "a.csv.gz"))
    assert result.exit_code == 1 and result.output.startswith("Error: ")
    assert 0 < len(importing.kept()["tickets"]) < 3000


@pytest.mark.parametrize(
    "mapping", ["", "source = 3", "= [", 'source = "x"\ntime_zone = "Mars/Base"\n[columns]\nsaid_at = "时间"']
)
def test_a_mapping_that_cannot_be_used_is_a_clear_error(importing: Importing, mapping: str) -> None:
    file = importing.file({})
    importing.mapping.write_text(mapping)
    result = importing(file)
    assert result.exit_code == 1 and "mapping.toml" in result.output


@pytest.mark.parametrize(
    ("x", "y", "problem"),
    [
        ("nan", "22.55", "not_finite"), ("113.95", "inf", "not_finite"), ("-inf", "NaN", "not_finite"),
        ("1e999", "22.55", "not_finite"), ("0", "0", "zero"), ("22.55", "113.95", "swapped"), ("2.35", "48.85", "outside"),  # noqa: E501
        ("", "", "no_place"), ("113.95", "", "not_finite"),
    ],
)  # fmt: skip
def test_a_row_without_a_usable_place_is_kept_and_counted_by_its_reason(
    importing: Importing, x: str, y: str, problem: str
) -> None:
    tally = importing.tally(importing.file({"经度": x, "纬度": y}))
    assert (tally["read"], tally["unplaced"], tally["unplaced_by"]) == (1, 1, {problem: 1})


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("经度", "113°57′", "bad_number"), ("时间", "昨天", "bad_date"), ("时间", "", "bad_date"), ("编号", " ", "no_ref"),  # noqa: E501
        ("类型", "表白", "unknown_kind"), ("状态", "飞了", "unknown_status"), ("时间", "9999-12-31", "bad_date"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_used_is_kept_whole_with_its_reason(
    importing: Importing, field: str, value: str, reason: str
) -> None:
    tally = importing.tally(importing.file({field: value}))
    assert tally["rejected"] == {reason: 1} and tally["opened"] == 0
    ((_, file, line, kept_for, _, fields, *_),) = importing.kept()["rejected"]
    assert (file, line, kept_for) == ("a.csv", 2, reason) and json.loads(fields) == GOOD | {field: value}


def test_every_row_stands_in_exactly_one_count(importing: Importing) -> None:
    rows = [{}, {"编号": "2", "经度": "0", "纬度": "0"}, {"时间": "x"}, {}, {"内容": "y"}, {"编号": "3"}]
    tally = importing.tally(importing.file(*rows))
    parts = [tally[name] for name in ("opened", "attached", "updated", "seen_before", "unplaced")]
    assert (parts, tally["rejected"], tally["read"]) == ([2, 0, 1, 1, 1], {"bad_date": 1}, 6)


NASTY = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "'; DROP TABLE geoapp.ticket; --", "\\N", "\\.",
    "{{7*7}}", "%(x)s %s :x", "=HYPERLINK(\"http://x\")", "a\tb", "a\nb", "\u202etxt.exe", "𠮷🕳️", "‮", "x" * 30_000,
]  # fmt: skip


@pytest.mark.parametrize("nasty", NASTY, ids=range(len(NASTY)))
def test_html_sql_and_worse_in_every_text_field_is_only_text(importing: Importing, nasty: str) -> None:
    texts = {name: nasty for name in COLUMNS if name not in ("时间", "经度", "纬度", "类型", "状态")}
    file = importing.file(texts | {"状态": "已办结"}, {"编号": "good"})
    tally = importing.tally(file)
    assert (tally["read"], tally["opened"] + sum(tally["rejected"].values())) == (2, 2)
    again = importing.tally(file)
    assert (again["opened"], again["seen_before"]) == (0, tally["opened"])


def test_an_import_done_twice_keeps_a_rejected_row_once(importing: Importing) -> None:
    file = importing.file({"时间": "x"}, {"时间": "x"}, {"时间": "y"})
    importing.tally(file)
    before = importing.kept()
    assert importing.tally(file)["rejected"] == {"bad_date": 3}
    assert importing.kept() == before and len(before["rejected"]) == 3


def test_rejected_rows_become_tickets_once_the_mapping_knows_their_words(importing: Importing) -> None:
    file = importing.file({"状态": "飞了"}, {"编号": "2", "状态": "飞了"}, {"编号": "3", "时间": "x"}, {"编号": "4"})
    assert importing.tally(file)["rejected"] == {"bad_date": 1, "unknown_status": 2}
    importing.mapping.write_text(MAPPING + '"飞了" = "declined"\n')
    tally = importing.tally(more=["--again"])
    assert (tally["read"], tally["opened"], tally["rejected"]) == (3, 2, {"bad_date": 1})
    assert sorted(row[-1] for row in importing.kept()["rejected"]) == [False, True, True]


def test_trying_again_twice_opens_nothing_twice(importing: Importing) -> None:
    importing.tally(importing.file({"状态": "飞了"}, {"编号": "3", "时间": "x"}))
    importing.mapping.write_text(MAPPING + '"飞了" = "declined"\n')
    importing.tally(more=["--again"])
    before = importing.kept()
    tally = importing.tally(more=["--again"])
    assert (tally["opened"], tally["rejected"]) == (0, {"bad_date": 1}) and importing.kept() == before


def test_a_row_tried_again_and_its_file_read_again_are_one_ticket(importing: Importing) -> None:
    file = importing.file({"状态": "飞了"})
    importing.tally(file)
    importing.mapping.write_text(MAPPING + '"飞了" = "declined"\n')
    importing.tally(more=["--again"])
    assert importing.tally(file)["seen_before"] == 1 and len(importing.kept()["tickets"]) == 1


def test_a_file_name_in_another_encoding_is_no_obstacle(importing: Importing) -> None:
    # A Chinese archive unpacked on Linux leaves names in GBK, which Python shows with lone surrogates.
    path = importing.file({}, {"时间": "x"}).rename(importing.folder / os.fsdecode("工单.csv".encode("gbk")))
    tally = importing.tally(path)
    assert (tally["opened"], tally["rejected"]) == (1, {"bad_date": 1})


@pytest.mark.parametrize(
    "arguments", [["nowhere", "{}/x.csv"], ["nyc311"], ["table", "{}/nofile.csv"], ["table", "{}/x.csv"]]
)
def test_a_source_or_file_that_is_not_there_is_a_clear_error(tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "x.csv").write_bytes(b"x")
    result = CliRunner().invoke(main, ["import", *(argument.format(tmp_path) for argument in arguments)])
    assert result.exit_code in (1, 2) and "Error" in result.output


def test_a_run_that_failed_says_so_and_has_ended(importing: Importing) -> None:
    importing(importing.bytes(b"nothing\n"))
    with importing.engine.connect() as connection:
        query = "SELECT count(*) FILTER (WHERE ended_at IS NULL) FROM geoapp.run"
        assert connection.execute(text(query)).scalar_one() == 0
