"""`geoapp lists`: files loaded, said to be wrong where they are, put into force, exported, loaded again."""

from __future__ import annotations

import json
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geoapp.assign.catalogue import CatalogueMatter
from geoapp.assign.duties import Duty
from geoapp.assign.list_sheet import headings, written
from geoapp.assign.three_lists import Line, ListKind
from geoapp.city import City, read_pack
from geoapp.cli import main
from geoapp.commands import list_reading
from geoapp.errors import ListInvalid
from geoapp.intake.list_files import text as as_csv
from geoapp.intake.list_files import workbook
from geoapp.store import cities, units
from geoapp.store.cluster import SUPERUSER, Server
from geoapp.store.database import Database
from tests.make import PACK, make_city

HOLE = CatalogueMatter(
    "pothole", "road", {"zh": "路面坑洼", "en": "Pothole"}, {"zh": "道路", "en": "Road"}, keywords=("坑", "hole"),
    minutes={"disposal": 1440},
)  # fmt: skip
NOISE = CatalogueMatter("noise", "noise", {"zh": "=1+1", "en": "@noise"}, {"zh": "噪声", "en": "Noise"})
DUTIES = (
    Duty("R1", category="road", level="offices"),
    Duty("R2", unit="D1", fallback=True, valid_from=date(2025, 1, 1)),
)


@pytest.fixture
def city(db: Database, database: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> City:
    monkeypatch.setenv("GEOAPP_DATABASE_URL", database.url(SUPERUSER))
    monkeypatch.setenv("GEOAPP_DATA_DIR", str(tmp_path / "data"))
    made = make_city(db.bulk)
    with db.bulk.begin() as connection:
        units.grow(connection, made)
    return made


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["lists", *map(str, words)])


def lines(*words: str | Path) -> list[dict[str, object]]:
    done = run(*words, "--json")
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_lists_are_loaded_compared_put_into_force_and_exported(city: City, tmp_path: Path) -> None:
    book = tmp_path / "lists.xlsx"
    book.write_bytes(workbook({ListKind.CATALOGUE: [HOLE, NOISE], ListKind.RESPONSIBILITIES: DUTIES}, "zh"))
    done = run("load", book, "--from", "2025-03-01", "--reason", "first", "--apply")
    assert done.exit_code == 0, done.output
    assert "Batch 1, a draft from 2025-03-01." in done.stdout
    assert "catalogue 1 is in force from 2025-03-01." in done.stdout
    assert "responsibilities 1 is in force from 2025-03-01." in done.stdout
    assert [(one["list"], one["batch"], one["lines_brought"]) for one in lines("show")] == [
        ("catalogue", 1, 2), ("responsibilities", 1, 2),
    ]  # fmt: skip
    assert {one["code"] for one in lines("show", "--at", "2025-03-01")} == {"pothole", "noise", "R1", "R2"}
    assert lines("show", "--at", "2025-02-28") == []
    again = tmp_path / "again.xlsx"
    assert run("export", again, "--language", "en").exit_code == 0
    told = lines("load", again, "--reason", "the same")
    assert [(one["batch"], one["unchanged"], one["changed"], one["added"]) for one in told] == [
        (None, 2, 0, 0), (None, 2, 0, 0),
    ]  # fmt: skip
    (tmp_path / "new.csv").write_bytes(
        as_csv(ListKind.RESPONSIBILITIES, [Duty("R1", unit="D2", level="offices")], "zh")
    )
    (told_diff,) = lines("diff", "--file", tmp_path / "new.csv", "--as", "responsibilities")
    assert told_diff["removed"] == ["R2"]
    assert told_diff["changed"] == {"R1": {"category": ["road", None], "unit": [None, "D2"]}}
    words = run("diff", "--file", tmp_path / "new.csv", "--as", "responsibilities", "--language", "zh").stdout
    assert "~ R1  类别编码: road → –; 承办单位: – → D2" in words and "- R2" in words


def test_a_batch_that_names_what_there_is_not_is_refused_until_somebody_says_why(city: City, tmp_path: Path) -> None:
    file = tmp_path / "duties.csv"
    file.write_bytes(as_csv(ListKind.RESPONSIBILITIES, [Duty("R1", unit="nobody")], "en"))
    done = run("load", file, "--as", "responsibilities", "--reason", "try", "--language", "zh")
    assert done.exit_code == 0 and "! 没有承办单位“nobody”：R1" in done.stdout
    assert run("check").exit_code == 1
    refused = run("apply")
    assert refused.exit_code == 1 and "there is no unit nobody: R1" in refused.stderr
    assert run("apply", "--despite", "founded next week").exit_code == 0
    assert "despite: founded next week" in run("show").stdout
    assert "No draft's day has come." in run("apply").stdout


def test_what_is_wrong_with_a_file_is_said_by_row_and_column_and_nothing_is_taken_in(
    city: City, tmp_path: Path
) -> None:
    file = tmp_path / "duties.csv"
    rows = [headings(ListKind.RESPONSIBILITIES, "zh"), *written(ListKind.RESPONSIBILITIES, DUTIES, "zh")]
    rows[1][9], rows[2][11] = "高", "2025-02-30"
    file.write_bytes("\n".join(",".join(map(str, row)) for row in rows).encode("gb18030"))
    done = run("load", file, "--as", "responsibilities", "--reason", "try", "--language", "zh")
    assert done.exit_code == 1
    assert done.stderr.splitlines()[:2] == [
        "第 2 行“优先级”列：“高”不是整数", "第 3 行“生效日期”列：“2025-02-30”不是日期，应如 2026-01-31",
    ]  # fmt: skip
    assert "2 faults in 2 rows; nothing was taken in." in done.stderr
    assert lines("show") == []


def test_a_file_that_is_no_list_or_hostile_is_refused(city: City, tmp_path: Path) -> None:
    (tmp_path / "bad.xlsx").write_bytes(b"PK\x03\x04 and no more")
    (tmp_path / "bomb.xlsx").write_bytes(b"")
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        sheet = (
            '<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c><c r="XFD1048576"><v>1</v></c></row></sheetData>'
        )
        archive.writestr("xl/worksheets/sheet1.xml", f"{sheet}</worksheet>")
    for name in ("bad.xlsx", "bomb.xlsx"):
        done = run("load", tmp_path / name, "--as", "catalogue", "--reason", "try")
        assert done.exit_code == 1 and "Traceback" not in done.output and name in done.stderr
    (tmp_path / "none.csv").write_text("a,b\n1,2\n")
    done = run("load", tmp_path / "none.csv", "--reason", "try")
    assert done.exit_code == 1 and "name it with --as" in done.stderr
    done = run("load", tmp_path / "none.csv", "--as", "catalogue", "--reason", "try")
    assert done.exit_code == 1 and "column Code: this column is missing" in done.stderr


def test_rulings_and_gaps_are_told_where_there_are_none(city: City, tmp_path: Path) -> None:
    assert lines("gather") == [{"batch": None}]
    asked = CliRunner().invoke(main, ["disputes", "consult", "--json"])
    assert (asked.exit_code, asked.stdout) == (0, "")
    for name in ("gaps.csv", "gaps.xlsx"):
        assert CliRunner().invoke(main, ["disputes", "consult", "--export", str(tmp_path / name)]).exit_code == 0
    closed = CliRunner().invoke(main, ["disputes", "consult", "--close", "1", "--decided", "settled"])
    assert closed.exit_code == 1 and "No gap 1 is open" in closed.output


text = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="￾￿"), min_size=1, max_size=12)
words = st.one_of(
    text, st.sampled_from(("=1+1", "_x0041_", "_x000D_", "a\nb", "007", "1e5", "http://x.example", "true"))
)
spoken = st.dictionaries(st.sampled_from(("zh", "en")), words.map(str.strip).filter(bool), min_size=1)
matters = st.builds(
    CatalogueMatter, st.sampled_from(("007", "1.0", "=A1", "甲", "TRUE", "2025-01-01")), st.just("c"), spoken,
    filing_standard=spoken, urgent=st.booleans(), minutes=st.dictionaries(st.just("sign"), st.integers(1, 10**8 - 1)),
)  # fmt: skip


@given(st.lists(matters, max_size=4, unique_by=lambda one: one.code), st.sampled_from(("zh", "en")))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_workbook_holds_no_formula_and_is_read_as_it_was_written(
    tmp_path: Path, made: list[Line], language: str
) -> None:
    for suffix in (".xlsx", ".csv"):
        path = tmp_path / f"lists{suffix}"
        if suffix == ".xlsx":
            path.write_bytes(workbook({ListKind.CATALOGUE: made}, language))
            with zipfile.ZipFile(path) as archive:
                assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
        else:
            path.write_bytes(as_csv(ListKind.CATALOGUE, made, language))
        (found,) = list_reading.read(path, ListKind.CATALOGUE, language, PACK)
        assert (found.lines, found.faults) == (tuple(made), ())


# Real lists


def test_the_catalogue_of_taidi_arrives_whole(db: Database, city: City, shared_data: Path) -> None:
    file = shared_data / "zh_complaints" / "taidi2020_catalogue.csv.gz"
    (told,) = lines("load", file, "--as", "catalogue", "--mapping", "taidi2020", "--reason", "a real list", "--apply")[
        :1
    ]
    assert (told["rows"], told["added"], told["findings"]) == (517, 517, [])
    found = lines("show", "--as", "catalogue", "--at", str(datetime.now(city.zone).date()))
    assert len({one["parent"] for one in found}) == 15
    first = next(one for one in found if one["names"] == {"zh": "园林绿化环卫"})
    assert first["category_names"] == {"zh": "城市建设和市政管理"} and first["parent_names"] == {"zh": "城乡建设"}


def test_new_yorks_types_and_agencies_arrive_as_catalogue_and_responsibilities(
    db: Database, city: City, shared_data: Path
) -> None:
    nyc = read_pack("nyc")
    with db.bulk.begin() as connection:
        cities.save_city(connection, nyc)
    file = shared_data / "nyc311" / "nyc311_requests.csv.gz"
    words = ("--city", "nyc", "--mapping", "nyc311", "--reason", "a real list", "--apply", "--units")
    (told, _) = lines("load", file, "--as", "catalogue", *words)
    assert told["rows"] == 45_109 and told["findings"] == [] and int(str(told["added"])) > 500
    (duties, _) = lines("load", file, "--as", "responsibilities", *words)
    assert duties["added"] == told["added"]
    assert {one["kind"] for one in duties["findings"]} <= {"gap"}  # type: ignore[index, attr-defined]
    found = {
        one["code"]: one for one in lines("show", "--city", "nyc", "--as", "responsibilities", "--at", "2030-01-01")
    }
    assert found["heat-hot-water/entire-building"]["unit"] == "HPD"


def test_a_mapping_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text('list = ["catalogue"]\n[columns]\n"names.fr" = "nom"\n')
    (tmp_path / "two.toml").write_text('list = ["nothing"]\n[columns]\n"names.en" = "name"\n')
    (tmp_path / "list.csv").write_text("name\nPothole\n")
    for name in ("one.toml", "two.toml", "none.toml"):
        with pytest.raises(ListInvalid):
            list_reading.read(tmp_path / "list.csv", ListKind.CATALOGUE, "en", PACK, str(tmp_path / name))
