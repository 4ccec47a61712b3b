"""`geoapp user leave`, `log`, `export` and `geoapp unit …`: what /admin does, from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from geoapp.city import City
from geoapp.cli import main
from geoapp.people import keeping
from geoapp.store import units
from geoapp.store.cluster import SUPERUSER, Server
from geoapp.store.database import Database
from tests.pages.conftest import city as city
from tests.pages.conftest import template as template
from tests.pages.conftest import translations as translations

Run = Callable[..., Result]


@pytest.fixture
def run(db: Database, city: City, database: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`geoapp …` on the test's database, where the probe city has its units."""
    monkeypatch.setenv("GEOAPP_DATABASE_URL", database.url(SUPERUSER))
    monkeypatch.setenv("GEOAPP_DATA_DIR", str(tmp_path / "data"))
    with db.bulk.begin() as connection:
        units.grow(connection, city)

    def run(*words: str, fails: bool = False) -> Result:
        found = CliRunner().invoke(main, [*words])
        assert (found.exit_code != 0) == fails, found.output
        return found

    return run


def roles(run: Run, login: str) -> list[tuple[str, str | None]]:
    told = json.loads(run("user", "show", login, "--json").stdout)
    return [(one["role"], one["unit"]) for one in told["roles"] if one["until"] is None]


def test_somebody_leaves(run: Run) -> None:
    run("user", "add", "wang", "--name", "王强", "--role", "unit_head", "--unit", "O00")
    run("user", "role", "wang", "crew", "--unit", "O01")
    run("user", "add", "li", "--name", "李梅")
    shown = run("user", "leave", "wang", "--to", "li", "--leave-out", "crew", "--dry-run")
    assert "Head of unit in O00: passes to li" in shown.output and "Crew in O01: ends" in shown.output
    assert "O00 has nobody any more" in shown.output and len(roles(run, "wang")) == 2
    assert "cannot be used" in run("user", "leave", "wang", "--to", "wang", fails=True).output
    done = run("user", "leave", "wang", "--to", "li", "--leave-out", "crew", "--reason", "retired")
    assert "passed to li" in done.output and "Crew in O01: ended" in done.output and "O01 has nobody" in done.output
    assert roles(run, "li") == [("unit_head", "O00")] and roles(run, "wang") == []
    log = [json.loads(line) for line in run("user", "log", "wang", "--json").stdout.splitlines()]
    assert log[0] | {"at": ""} == {
        "at": "", "by": "command line", "what": "left", "of": "wang", "city": None, "unit": None, "to": "li",
        "reason": "retired",
    }  # fmt: skip
    assert "role_taken" in run("user", "log").stdout


def test_the_last_administrator_stays(run: Run, db: Database) -> None:
    run("user", "add", "root", "--name", "R", "--role", "administrator", "--everywhere")
    # One whose invitation nobody has opened is no administrator yet.
    keeping.set_password(db.web, "root", "a quiet lamp post")
    for words in (("lock", "root"), ("leave", "root"), ("role", "root", "administrator", "--take")):
        assert "Nobody would be left" in run("user", *words, fails=True).output
    assert "0 ended" in run("user", "sign-out", "root").output


def test_people_go_out_and_come_in_again(run: Run, tmp_path: Path) -> None:
    run("user", "add", "wang", "--name", "=1+1", "--role", "unit_staff", "--unit", "O00")
    file = str(tmp_path / "people.xlsx")
    run("user", "export", file)
    taken = json.loads(run("user", "import", file, "--json").stdout)
    assert (taken["made"], taken["known"], taken["roles"]) == ([], 1, 0)
    assert "=1+1" in run("user", "list").stdout


def test_units_are_made_told_and_changed(run: Run) -> None:
    assert "has a --kind" in run("unit", "save", "W1", "--new", "--name-en", "Water", fails=True).output
    run("unit", "save", "W1", "--new", "--name-en", "Water", "--kind", "bureau", "--below", "probe",
        "--area", "offices/O00", "--duty", "1-5 09:00-18:00", "--phone", "0755-1")  # fmt: skip
    assert "changed: contacts, active" in run("unit", "save", "W1", "--phone", "0755-2", "--closed").output
    told = json.loads(run("unit", "show", "W1", "--json").stdout)
    assert (told["parent"], told["areas"], told["contacts"]) == ("probe", ["offices/O00"], {"phone": "0755-2"})
    assert not told["active"] and "1-5 09:00-18:00" in run("unit", "show", "W1").stdout
    assert "already" in run("unit", "save", "W1", "--new", "--name-en", "x", "--kind", "crew", fails=True).output
    assert "cannot stand" in run("unit", "save", "probe", "--below", "W1", fails=True).output
    assert "no such unit" in run("unit", "save", "W2", "--name-en", "x", fails=True).output
    assert "Write them like this" in run("unit", "save", "W1", "--duty", "always", fails=True).output
    tree = run("unit", "list").stdout.splitlines()
    assert tree[0].startswith("probe") and "  W1  Water  bureau  not in use" in tree
    run("unit", "save", "W1", "--below", "-")
    assert json.loads(run("unit", "show", "W1", "--json").stdout)["parent"] is None


def test_units_go_out_and_come_in_again(run: Run, tmp_path: Path) -> None:
    file = str(tmp_path / "units.xlsx")
    run("unit", "export", file)
    assert json.loads(run("unit", "import", file, "--json").stdout) == {"made": 0, "changed": 0}
    (tmp_path / "x.csv").write_text("code,kind,name (chinese)\nW1,crew,一队\nW1,empire,\n", "utf-8")
    said = run("unit", "import", str(tmp_path / "x.csv"), fails=True).output
    assert "line 3: “empire” is no kind of unit" in said and "line 3: W1 stands in row 2 already" in said
