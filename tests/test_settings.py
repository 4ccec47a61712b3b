"""A setting that cannot be used is named with what it may be, wherever it is read."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from geoapp.cli import main
from geoapp.errors import SettingInvalid
from geoapp.settings import CHECKOUT, read

WRONG = [
    ("PORT", "abc"), ("PORT", "0"), ("PORT", "65536"), ("PORT", "80.5"), ("PORT", "٨٠"), ("WEB_PROCESSES", "0"),
    ("WEB_THREADS", "-1"), ("WEB_THREADS", "100000"), ("REPORTS_PER_HOUR", "-5"), ("REPORTS_PER_HOUR", "0"),
    ("UPLOAD_MB", "0"), ("UPLOAD_MB", "1e3"), ("TRUSTED_PROXIES", "-1"), ("TRUSTED_PROXIES", "yes"),
    ("QUERY_SECONDS", "0"), ("HTTPS", "yes"), ("LOG_LEVEL", "loud"),
    ("TILES_URL", "tiles.example/{z}/{x}/{y}.png"), ("TILES_URL", "//tiles.example/{z}/{x}/{y}.png"),
    ("TILES_URL", "https://tiles.example/tile.png"), ("TILES_URL", "ftp://tiles.example/{z}/{x}/{y}.png"),
    ("TILES_URL", "https://tiles.example/{z}/{x}/{y}.png; script-src *"), ("SECRET_KEY_FILE", "/no/such/file"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_value_that_cannot_be_used_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(SettingInvalid, match=f"GEOAPP_{name}"):
        read({f"GEOAPP_{name}": value})


GOOD = ["https://{s}.t.example/{z}/{x}/{y}.png", "/tiles/{z}/{x}/{y}.png", "http://t:8080/{z}/{y}/{x}"]


@pytest.mark.parametrize("url", GOOD)
def test_tiles_come_by_http_or_from_here(url: str) -> None:
    assert read({"GEOAPP_TILES_URL": url}).tiles_url == url


def test_what_is_not_set_has_its_default() -> None:
    found = read({"GEOAPP_PORT": "", "GEOAPP_LOG_LEVEL": "debug"})
    assert (found.port, found.log_level, found.trusted_proxies, found.https) == (8000, "DEBUG", 0, False)


COMMANDS = [["locate", "1,2"], ["demo"], ["check"], ["serve"], ["worker"], ["import", "nyc311", "x"]]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_every_command_says_so_in_a_sentence(
    command: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x").touch()
    monkeypatch.setenv("GEOAPP_PORT", "abc")
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 1 and "GEOAPP_PORT" in result.output and "Traceback" not in result.output
    assert isinstance(result.exception, SystemExit)


@pytest.mark.parametrize("role", ["web", "worker"])
def test_the_processes_of_serve_say_so_in_a_line_too(role: str) -> None:
    command = [CHECKOUT / ".venv/bin/python", "-m", "geoapp.serve", role]
    environment = os.environ | {"GEOAPP_PORT": "abc"}
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "GEOAPP_PORT" in done.stderr and "Traceback" not in done.stderr
