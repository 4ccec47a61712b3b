"""Maintenance records read through a mapping: what is written is read, and what cannot be is said."""

from __future__ import annotations

import math
import pickle
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import xlsxwriter

import importers
from geoapp.errors import BadRequest, SourceUnreadable
from importers.base import Maintenance, Row, RowError
from importers.repairs import Repairs
from importers.table import Table

SAMPLES = Path(__file__).parents[1] / "samples"
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "repairs_mapping.md"
SMALL = (
    'source = "s"\ntime_zone = "Asia/Shanghai"\n[columns]\nref = "n"\nticket = "t"\nstarted_at = "s"\nended_at = "e"\n'
)


def repairs(folder: Path, mapping: str) -> Repairs:
    path = folder / "m.toml"
    path.write_text(mapping, "utf-8")
    return Repairs(path)


def read(importer: Repairs, path: Path) -> list[Maintenance]:
    return [importer.maintenance(row.fields) for row in importer.rows(path) if isinstance(row, Row)]


def sample() -> list[Maintenance]:
    importer = Repairs(SAMPLES / "repairs.toml")
    found = read(importer, SAMPLES / "repairs.csv")
    assert importer.unread == ()
    return found


def test_a_repair_with_everything() -> None:
    assert sample()[0] == Maintenance(
        ref="WX-2024-001",
        ticket="SZ-000042-6",
        asset_layer="footbridges",
        crs="GCJ-02",
        address="石岩街道 示例天桥",
        planned_at=datetime(2024, 1, 3, 16, tzinfo=UTC),
        started_at=datetime(2024, 1, 5, 0, 30, tzinfo=UTC),
        promised_at=datetime(2024, 1, 19, 16, tzinfo=UTC),
        ended_at=datetime(2024, 1, 18, 9, tzinfo=UTC),
        unit="C-07",
        unit_name="示例市政工程公司",
        assisting=("交警支队", "水务局"),
        hoarding=True,
        traffic_plan=True,
        liability_until=date(2026, 1, 18),
        note="更换破损台阶\n现场负责人 13800000000\n夜间施工",
        as_of=datetime(2024, 1, 18, 10, tzinfo=UTC),
    )


def test_what_is_not_said_is_not_invented() -> None:
    _, planned, mended = sample()
    assert (planned.asset, planned.asset_layer, planned.ticket, planned.x) == ("FB-0017", "footbridges", "", None)
    assert (planned.started_at, planned.ended_at, planned.liability_until, planned.assisting) == (None, None, None, ())
    assert (mended.x, mended.y, mended.crs, mended.hoarding, mended.as_of) == (113.9555, 22.5413, "GCJ-02", False, None)


def test_an_excel_sheet_says_the_same(tmp_path: Path) -> None:
    lines = (SAMPLES / "repairs.csv").read_text("utf-8").splitlines()
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
    for at, name in enumerate(lines[0].split(",")):
        sheet.write_string(0, at, name)
    for at, cell in enumerate(lines[4].split(",")):
        if cell == "2024/2/3":
            sheet.write_datetime(1, at, datetime(2024, 2, 3), day)
        else:
            sheet.write_string(1, at, cell)
    book.close()
    assert read(Repairs(SAMPLES / "repairs.toml"), tmp_path / "a.xlsx") == sample()[2:]


def good(**change: str) -> dict[str, str]:
    header = (SAMPLES / "repairs.csv").read_text("utf-8").splitlines()[0].split(",")
    return dict.fromkeys(header, "") | {"维修编号": "1", "设施编码": "FB-1"} | change


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"维修编号": " "}, "no_ref"),
        ({"计划开工": "春天"}, "bad_date"),
        ({"实际完工": "2024-02-30"}, "bad_date"),
        ({"缺陷责任期至": "两年"}, "bad_date"),
        ({"更新时间": "now"}, "bad_date"),
        ({"经度": "东经"}, "bad_number"),
        ({"是否围挡": "也许"}, "bad_word"),
        ({"实际开工": "2024-01-05", "实际完工": "2024-01-04"}, "ended_before_started"),
        ({"实际开工": "2024-01-05 08:00", "实际完工": "2024-01-05 07:59"}, "ended_before_started"),
    ],
)
def test_what_cannot_be_used(change: dict[str, str], code: str) -> None:
    with pytest.raises(RowError) as caught:
        Repairs(SAMPLES / "repairs.toml").maintenance(good(**change))
    assert caught.value.reason == code and caught.value.detail


def test_a_repair_begun_in_the_morning_may_end_that_day() -> None:
    repair = Repairs(SAMPLES / "repairs.toml").maintenance(good(实际开工="2024-01-05 08:30", 实际完工="2024/1/5"))
    assert repair.ended_at == repair.started_at == datetime(2024, 1, 5, 0, 30, tzinfo=UTC)


def test_half_a_pair_is_broken_not_missing() -> None:
    repair = Repairs(SAMPLES / "repairs.toml").maintenance(good(经度="113"))
    assert repair.y is not None and math.isnan(repair.y)


@pytest.mark.parametrize("cell", ["a、b", "a, b,", "a；b;a", " a /b", "a|b"])
def test_assisting_units_are_told_apart_and_named_once(cell: str) -> None:
    assert Repairs(SAMPLES / "repairs.toml").maintenance(good(协办单位=cell)).assisting == ("a", "b")


def test_a_missing_column_is_named_and_one_nobody_reads_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("n,t,s,e,z\n1,T-1,2024-01-01,,x\n")
    importer = repairs(tmp_path, SMALL)
    assert [repair.ref for repair in read(importer, path)] == ["1"] and importer.unread == ("z",)
    path.write_text("n,t,s\n")
    with pytest.raises(SourceUnreadable, match='no column "e"'):
        importer.rows(path)


@pytest.mark.parametrize(
    ("mapping", "says"),
    [
        (SMALL.replace('ref = "n"\n', ""), "columns.ref:"),
        (SMALL.replace('ticket = "t"\n', ""), "says where"),
        (SMALL.replace('started_at = "s"\nended_at = "e"\n', ""), "says when"),
        (SMALL + 'said_at = "x"', "columns.said_at:"),
        (SMALL + 'x = "x"', "columns.x:"),
        (SMALL + '[constants]\nhoarding = "是"', "constants.hoarding:"),
        (SMALL + "[constants]\nticket = '1'", "constants.ticket:"),
        (SMALL + "[kinds]", "kinds:"),
        ('source = "S"\n' + SMALL.partition("\n")[2], "source:"),
    ],
)
def test_a_mapping_with_errors_names_the_key(tmp_path: Path, mapping: str, says: str) -> None:
    with pytest.raises(SourceUnreadable, match=says):
        repairs(tmp_path, mapping)


def test_its_records_are_another_source_than_the_reports_of_the_same_name() -> None:
    assert Repairs(SAMPLES / "repairs.toml").source == "repairs.road-upkeep"


def test_it_travels_to_the_process_that_reads() -> None:
    importer = Repairs(SAMPLES / "repairs.toml")
    assert read(pickle.loads(pickle.dumps(importer)), SAMPLES / "repairs.csv") == read(
        importer, SAMPLES / "repairs.csv"
    )


def test_made_by_name() -> None:
    assert isinstance(importers.create("repairs", {"mapping": str(SAMPLES / "repairs.toml")}), Repairs)
    with pytest.raises(BadRequest, match="options: mapping"):
        importers.create("repairs")
    assert {"mapped", "mapping", "repairs_mapping"}.isdisjoint(importers.names())


def test_a_mapping_of_reports_is_none_of_repairs() -> None:
    with pytest.raises(SourceUnreadable):
        Repairs(SAMPLES / "hotline.toml")
    with pytest.raises(SourceUnreadable):
        Table(SAMPLES / "repairs.toml")


def test_the_documented_example_works(tmp_path: Path) -> None:
    example = DOCUMENT.read_text("utf-8").split("```toml\n")[1].split("```")[0]
    assert repairs(tmp_path, example).source == "repairs.road-upkeep"
