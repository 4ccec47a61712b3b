"""`geoapp dispatch`: a list learned from a file, scored, replayed against another, drafts too; what was held, sent."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from geoapp.assign.duties import Duty
from geoapp.assign.three_lists import ListKind
from geoapp.city import City
from geoapp.cli import main
from geoapp.intake import list_files
from geoapp.intake.lists import put_into_force, take_in
from geoapp.intake.path import take
from geoapp.records import UnitKind
from geoapp.store import units
from geoapp.store.cluster import SUPERUSER, Server
from geoapp.store.database import Database
from tests.make import SOURCE, make_city, make_report

A1, A2 = (113.95, 22.55), (114.05, 22.55)
START = datetime(2024, 1, 1, 8, tzinfo=UTC)


@pytest.fixture
def city(db: Database, database: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> City:
    monkeypatch.setenv("GEOAPP_DATABASE_URL", database.url(SUPERUSER))
    monkeypatch.setenv("GEOAPP_DATA_DIR", str(tmp_path / "data"))
    made = make_city(db.bulk)
    with db.bulk.begin() as connection:
        units.grow(connection, made)
        for code in ("roads", "water"):
            units.save(connection, made.id, code, {"en": code}, UnitKind.BUREAU)
    return made


@pytest.fixture
def past(tmp_path: Path) -> Path:
    """A file of a source that names who had each case: in A2 holes are the water works', in A1 the roads'."""
    cases = [
        ("Street Condition", "Pothole", place, "WATER" if place == A2 else "ROADS") for place in (A1, A2) * 20
    ] + [("Noise", "Loud Music", A1, "POLICE")] * 20  # fmt: skip
    path = tmp_path / "past.csv"
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(
            ["unique_key", "created_date", "complaint_type", "descriptor", "agency", "longitude", "latitude"]
        )
        for nth, (category, matter, (lon, lat), unit) in enumerate(cases):
            day = START + timedelta(hours=(7 * nth) % 900)
            writer.writerow([nth, day.isoformat()[:19], category, matter, unit, lon, lat])
    return path


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def told(*words: str | Path) -> list[dict[str, Any]]:
    done = run(*words, "--json")
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def rule_by(db: Database, city: City, *duties: Duty, apply: bool = True, since: date = date(2020, 1, 1)) -> int:
    with db.bulk.begin() as connection:
        batch = take_in(connection, city, ListKind.RESPONSIBILITIES, duties, since, "test", "to try it").batch
    assert batch is not None
    if apply:
        put_into_force(db.bulk, city, batch, checked=False)
    return batch.number


def test_a_list_is_learned_in_few_lines_with_what_speaks_for_each(city: City, past: Path) -> None:
    done = run("dispatch", "learn", "nyc311", past, "--city", city.code)
    assert done.exit_code == 0, done.output
    lines = list(csv.DictReader(io.StringIO(done.stdout)))
    # A2 is all of its district that was heard of, and the wider area says it as well.
    assert [(one["category"], one["level"], one["area"], one["unit"], one["cases"]) for one in lines] == [
        ("noise", "", "", "POLICE", "20"), ("street-condition", "", "", "ROADS", "20"),
        ("street-condition", "districts", "D2", "WATER", "20"),
    ]  # fmt: skip
    assert all(int(one["right"]) <= int(one["cases"]) and float(one["precision"]) <= 1 for one in lines)
    assert len({one["code"] for one in lines}) == len(lines)
    fewer = run("dispatch", "learn", "nyc311", past, "--city", city.code, "--skip", "agency=POLICE").stdout
    assert "POLICE" in done.stdout and "POLICE" not in fewer
    by_column = run("dispatch", "learn", "nyc311", past, "--city", city.code, "--unit-column", "descriptor").stdout
    assert "Loud Music" in by_column


def test_a_list_is_scored_on_what_it_was_not_learned_from_beside_a_dictionary(city: City, past: Path) -> None:
    randomly, by_time = told("dispatch", "score", "nyc311", past, "--city", city.code)
    assert (randomly["how"], by_time["how"]) == ("random", "time")
    assert (randomly["all"]["cases"], by_time["all"]["cases"]) == (60, 12)
    # The dictionary knows one unit a type; the list knows where another has it.
    assert randomly["all"]["list"] == 100 and randomly["all"]["dictionary"] < 70
    assert randomly["several_owners"]["cases"] == 40
    words = run("dispatch", "score", "nyc311", past, "--city", city.code).stdout
    assert "random:" in words and "dictionary" in words and "lift" in words
    wrong = run("dispatch", "score", "nyc311", past, "--city", city.code, "--skip", "agency")
    assert wrong.exit_code == 2 and "COLUMN=WORD" in wrong.output


def test_a_learned_list_is_replayed_against_the_one_in_force(
    db: Database, city: City, past: Path, tmp_path: Path
) -> None:
    rule_by(db, city, Duty("road", category="road", unit="roads"))
    now = datetime.now(UTC)
    places = [A1, A1, A2]
    taken = take(
        db.bulk, city, SOURCE,
        [make_report(f"R-{n}", x=x, y=y, said_at=now - timedelta(days=n)) for n, (x, y) in enumerate(places)],
    )  # fmt: skip
    take(db.bulk, city, SOURCE, [make_report("R-9", said_at=now - timedelta(days=500))])
    tried = tmp_path / "tried.csv"
    tried.write_text("code,matter,level,area,unit\na,pothole,offices,A2,water\nb,pothole,,,roads\n")
    (found,) = told("dispatch", "replay", "--duties", tried)
    number = taken[2].number
    assert (found["tickets"], found["same"], found["elsewhere"]) == (3, 2, 1)
    assert found["moves"] == [{"from": "roads", "to": "water", "tickets": 1, "examples": [number]}]
    words = run("dispatch", "replay", "--duties", tried).stdout
    assert "3  tickets looked at, 2 of them as before" in words and f"roads → water  ({number})" in words
    (same,) = told("dispatch", "replay", "--duties", tried, "--from", tried, "--since", "2020-01-01")
    assert (same["tickets"], same["same"]) == (4, 4)
    for text, why in (("code,unit,priority\na,roads,high\n", "line a"), ("code,unit\na,roads\na,water\n", "one code")):
        tried.write_text(text)
        wrong = run("dispatch", "replay", "--duties", tried)
        assert wrong.exit_code == 2 and why in wrong.output


def test_a_draft_is_replayed_before_it_is_put_into_force(db: Database, city: City, tmp_path: Path) -> None:
    assert run("dispatch", "replay").exit_code == 2
    rule_by(db, city, Duty("road", category="road", unit="roads"))
    take(db.bulk, city, SOURCE, [make_report(said_at=datetime.now(UTC) - timedelta(days=1))])
    file = tmp_path / "next.csv"
    changed = [Duty("road", category="road", unit="water")]
    file.write_bytes(list_files.text(ListKind.RESPONSIBILITIES, changed, "en"))
    loaded = run("lists", "load", file, "--as", "responsibilities", "--reason", "try", "--from", "2099-01-01")
    assert "`geoapp dispatch replay --batch 2` says which tickets would go elsewhere by it." in loaded.stdout
    assert "geoapp dispatch replay" in run("lists", "apply", "--help").stdout
    (draft,) = told("dispatch", "replay", "--batch", "2")
    assert [(one["from"], one["to"], one["tickets"]) for one in draft["moves"]] == [("roads", "water", 1)]
    (before,) = told("dispatch", "replay", "--batch", "1")
    assert (before["tickets"], before["same"]) == (1, 1)
    unknown = run("dispatch", "replay", "--batch", "7")
    assert unknown.exit_code == 1 and "Traceback" not in unknown.output
    both = run("dispatch", "replay", "--batch", "2", "--duties", file)
    assert both.exit_code == 2 and "--duties" in both.output


def test_what_was_held_is_sent_once_the_list_is_sure(db: Database, city: City) -> None:
    rule_by(db, city, *(Duty(unit, matter="pothole", unit=unit) for unit in ("roads", "water")))
    number = take(db.bulk, city, SOURCE, [make_report()])[0].number or ""
    assert told("dispatch", "again") == [{"looked": 1, "sent": 0, "elsewhere": 0}]
    rule_by(db, city, Duty("roads", matter="pothole", unit="roads"), apply=False)
    done = run("lists", "apply", "--despite", "a test's list")
    assert "sent by the worker, or by `geoapp dispatch again` now" in done.stdout
    words = run("dispatch", "again").stdout.splitlines()
    assert [line.split()[0] for line in words] == ["1", "1", "0"]
    assert told("dispatch", "again") == [{"looked": 0, "sent": 0, "elsewhere": 0}]
    moved = run("ticket", "move", number, "reclassify", "--as", "dispatcher", "--given", "matter=collapse")
    assert moved.exit_code == 0 and moved.stdout.split() == [number, "to_sign"]
    refused = run("ticket", "move", number, "reclassify", "--as", "dispatcher", "--given", "matter=none")
    assert refused.exit_code == 1 and "no_matter" in refused.output


def test_assign_answers_by_the_list_line_by_line(db: Database, city: City) -> None:
    points = ["113.95,22.55,pothole", "113.95,22.55", "113.95,22.55,nothing", "-73.98,40.75,pothole"]

    def answers(*more: str) -> list[dict[str, Any]]:
        done = CliRunner().invoke(main, ["assign", *more], input="\n".join(points))
        assert done.exit_code == 0, done.output
        return [json.loads(line) for line in done.stdout.splitlines()]

    before = answers()
    rule_by(db, city, Duty("hole", matter="pothole", unit="roads"))
    hole, plain, wrong, away = answers()
    # What asks no list is answered as it was before there was one.
    assert [plain, wrong, away] == before[1:]
    assert (hole["rule"], hole["unit"]["code"], hole["dispatch"]["line"]) == ("list", "roads", "hole")
    assert {**before[0], "unit": None, "rule": None} == {
        name: None if name in ("unit", "rule") else fact for name, fact in hole.items() if name != "dispatch"
    }
    assert (hole["dispatch"]["list"], hole["dispatch"]["held"]) == ("1", [])
