"""Tables read through a mapping."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from pathlib import Path

import pytest

import importers
from geoapp.errors import BadRequest, SourceUnreadable
from geoapp.lifecycle import Kind, Outcome, State
from importers.base import KINDS, Report, Reporter, Row, RowError, Standing
from importers.table import Table
from importers.table_mapping import OUTCOMES, STATES

SAMPLES = Path(__file__).parents[1] / "samples"
MAPPING = (SAMPLES / "hotline.toml").read_text("utf-8")
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "table_mapping.md"
SMALL = 'source = "s"\ntime_zone = "Asia/Shanghai"\n[columns]\nsaid_at = "t"\nbody = "b"\n'


def table(folder: Path, mapping: str) -> Table:
    path = folder / "m.toml"
    path.write_text(mapping, "utf-8")
    return Table(path)


def reports(importer: Table, path: Path) -> list[Report]:
    return [importer.report(row.fields) for row in importer.rows(path) if isinstance(row, Row)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_a_hotlines_export(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes((SAMPLES / "hotline.csv").read_text("utf-8").encode(encoding))
    importer = Table(SAMPLES / "hotline.toml")
    first, second = reports(importer, path)
    assert (importer.source, importer.city, importer.unread) == ("sz12345", "shenzhen", ())
    assert first.ref == "SZ-0001"
    assert first.said_at == datetime(2024, 1, 4, 0, 36, tzinfo=UTC)
    assert first.body == "台阶破损\n天桥台阶缺了一块,\n老人容易摔倒"
    assert (first.kind, first.category, first.address) == ("complaint", "道路设施", "示例路1号")
    assert (first.x, first.y, first.crs, first.urgent) == (113.95, 22.54, "GCJ-02", True)
    assert first.reporter == Reporter("张某", "13800000000")
    assert first.standing == Standing("closed", datetime(2024, 1, 6, 2, tzinfo=UTC), "repaired", "已修复")
    assert first.channel == "12345"
    assert (second.x, second.reporter, second.kind) == (None, None, "suggestion")
    assert second.measured == (("坡度", 12.5, "%"),)
    assert second.said_at == datetime(2024, 1, 5, 1, 5, tzinfo=UTC)


def test_no_ref_column_means_no_ref(tmp_path: Path) -> None:
    report = table(tmp_path, SMALL).report({"t": "2024-01-04 08:36:17", "b": "x"})
    assert report.ref is None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"来电时间": "昨天"}, "bad_date"),
        ({"来电时间": ""}, "bad_date"),
        ({"经度": "东经"}, "bad_number"),
        ({"诉求类型": "怪"}, "unknown_kind"),
        ({"工单状态": "怪"}, "unknown_status"),
        ({"是否加急": "也许"}, "bad_word"),
        ({"工单编号": ""}, "no_ref"),
        ({"诉求内容": "", "诉求分类": "", "地址": ""}, "empty"),
    ],
)
def test_what_cannot_be_used(change: dict[str, str], code: str) -> None:
    good = {"工单编号": "1", "来电时间": "2024-01-04", "诉求内容": "x"}
    with pytest.raises(RowError) as caught:
        Table(SAMPLES / "hotline.toml").report(good | change)
    assert caught.value.reason == code


def test_half_a_pair_is_broken_not_missing() -> None:
    report = Table(SAMPLES / "hotline.toml").report(
        {"工单编号": "1", "来电时间": "2024-01-04", "诉求内容": "x", "经度": "113"}
    )
    assert report.y is not None and math.isnan(report.y)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("t,c\n2024-01-01,x\n")
    with pytest.raises(SourceUnreadable, match='no column "b"'):
        table(tmp_path, SMALL).rows(path)


def test_a_column_nobody_reads_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("t,b,c,d\n2024-01-01,x,y,z\n")
    importer = table(tmp_path, 'ignored = ["d"]\n' + SMALL)
    assert [report.body for report in reports(importer, path)] == ["x"]
    assert importer.unread == ("c",)


@pytest.mark.parametrize(
    ("mapping", "says"),
    [
        ("source = 5x\n" + SMALL, "line 1"),
        (SMALL.replace('"s"', '"S S"'), "source:"),
        (SMALL.replace("Asia/Shanghai", "Asia/Nowhere"), "time_zone:"),
        (SMALL.replace('said_at = "t"', ""), "columns.said_at:"),
        (SMALL + 'colour = "c"', "columns.colour:"),
        (SMALL + 'x = "c"', "columns.x:"),
        (SMALL + "ref = 3", "columns.ref:"),
        ("colour = 1\n" + SMALL, "colour:"),
        ('crs = "WGS84"\n' + SMALL, "crs:"),
        ("header_line = 0\n" + SMALL, "header_line:"),
        ('delimiter = "x"\n' + SMALL, "delimiter:"),
        ('ignored = ["b"]\n' + SMALL, "ignored:"),
        ('yes = ["a"]\nno = ["a"]\n' + SMALL, "yes:"),
        (SMALL + '[kinds]\n"a" = "b"', "kinds.a:"),
        (SMALL + '[states]\n"a" = {state = "gone"}', "states.a.state:"),
        (SMALL + "[constants]\nurgent = 'yes'", "constants.urgent:"),
        (SMALL + "[constants]\nkind = 'rant'", "constants.kind:"),
        (SMALL + "[measured]\n'a' = 1", "measured:"),
    ],
)
def test_a_mapping_with_errors_names_the_key(tmp_path: Path, mapping: str, says: str) -> None:
    with pytest.raises(SourceUnreadable, match=says):
        table(tmp_path, mapping)


def test_header_line_and_excel_options_reach_the_reader(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("monthly export\n\nt;b\n2024-01-01;x,y\n")
    (report,) = reports(table(tmp_path, "header_line = 2\n" + SMALL), path)
    assert report.body == "x,y"


def test_codes_are_those_of_the_lifecycle() -> None:
    assert set(STATES) == set(State)
    assert set(OUTCOMES) == set(Outcome)
    assert set(KINDS) == set(Kind)


def test_made_by_name() -> None:
    importer = importers.create("table", {"mapping": str(SAMPLES / "hotline.toml")})
    assert importer.source == "sz12345"
    with pytest.raises(BadRequest, match="options: mapping"):
        importers.create("table")


def test_the_documented_example_works(tmp_path: Path) -> None:
    example = DOCUMENT.read_text("utf-8").split("```toml\n")[1].split("```")[0]
    assert table(tmp_path, example).source == "sz12345"
