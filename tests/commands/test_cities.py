"""`geoapp city load` says in words, or as JSON, what it loaded and what it found."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from geoapp.settings import CHECKOUT
from geoapp.store.cluster import SUPERUSER, Server
from tests.make import OFFICES_LAYER, SQUARES_PACK, write_offices

PACK = SQUARES_PACK + OFFICES_LAYER


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "squares.toml").write_text(PACK, encoding="utf-8")
    write_offices(tmp_path, 113.9, 113.95)
    return tmp_path


def run(database: Server, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    environ = os.environ | {"GEOAPP_DATABASE_URL": database.url(SUPERUSER), "PYTHONPATH": str(CHECKOUT)}
    arguments = ["city", "load", str(folder / "squares.toml"), "--data", str(folder), *options]
    command = [sys.executable, "-c", "from geoapp.cli import main; main()", *arguments]
    return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=120)


def test_a_load_says_what_it_did_and_found(database: Server, folder: Path) -> None:
    first = run(database, folder)
    assert (first.returncode, first.stderr) == (0, "")
    head, found = first.stdout.splitlines()
    assert head == "squares  offices  version 1  2 features"
    assert found.startswith("    overlapping pairs of areas: 1, together 113.") and "0 and 1: 113." in found
    assert "  (as it was)" in run(database, folder).stdout
    write_offices(folder, 113.9, 114.0, 114.1)
    third = json.loads(run(database, folder, "--json").stdout)
    assert third == {
        "city": "squares",
        "layers": [
            {
                "layer": "offices", "version": 2, "changed": True, "features": 3,
                "findings": {"appeared": {"count": 1, "codes": ["2"]}},
            }
        ],
    }  # fmt: skip


def test_a_pack_that_is_wrong_is_refused_with_all_that_is_wrong(database: Server, folder: Path) -> None:
    (folder / "squares.toml").write_text(PACK.replace("street_offices", "bureaus").replace("Asia", "Azja"))
    result = run(database, folder)
    assert result.returncode == 1 and "Traceback" not in result.stderr
    assert "squares.toml:\n  time_zone: there is no time zone" in result.stderr
    assert "\n  layers[0].kind (offices): there is no kind bureaus" in result.stderr


def test_a_file_that_cannot_be_read_is_refused(database: Server, folder: Path) -> None:
    (folder / "offices.csv").unlink()
    result = run(database, folder)
    assert result.returncode == 1 and "Traceback" not in result.stderr
    assert "offices.csv: No such file or directory" in result.stderr
