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
    ("GEOCODER", "google"), ("GEOCODER_URL", "ftp://maps.example"), ("GEOCODER_URL", "https://me:pass@maps.example"),
    ("GEOCODER_URL", "https://maps.example/?q="), ("GEOCODER_URL", "maps.example"), ("GEOCODER_PER_SECOND", "0"),
    ("GEOCODER_PER_SECOND", "51"), ("GEOCODER_PER_SECOND", "1e1"), ("GEOCODER_PER_DAY", "0"),
    ("GEOCODER_SECONDS", "61"), ("GEOCODER_KEEP_DAYS", "0"),
    ("GEOCODER_CONTACT", "me\r\nX-Other: 1"), ("GEOCODER_CONTACT", "王"),
    ("GEOCODER_KEY_FILE", "/no/such/file"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_value_that_cannot_be_used_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(SettingInvalid, match=f"GEOAPP_{name}"):
        read({f"GEOAPP_{name}": value})


GOOD = ["https://{s}.t.example/{z}/{x}/{y}.png", "/tiles/{z}/{x}/{y}.png", "http://t:8080/{z}/{y}/{x}"]


@pytest.mark.parametrize("url", GOOD)
def test_tiles_come_by_http_or_from_here(url: str) -> None:
    assert read({"GEOAPP_TILES_URL": url}).tiles_url == url


NEEDED = [
    ({"GEOCODER": "amap"}, "GEOCODER_KEY"),
    ({"GEOCODER": "baidu", "GEOCODER_URL": "http://127.0.0.1:1"}, "GEOCODER_KEY"),
    ({"GEOCODER": "nominatim"}, "GEOCODER_CONTACT"),
    ({"GEOCODER": "nominatim", "GEOCODER_CONTACT": "a@b.example", "GEOCODER_PER_SECOND": "2"}, "GEOCODER_PER_SECOND"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "needed"), NEEDED)
def test_a_geocoder_that_would_only_refuse_is_refused(given: dict[str, str], needed: str) -> None:
    with pytest.raises(SettingInvalid, match=f"GEOAPP_{needed}"):
        read({f"GEOAPP_{name}": value for name, value in given.items()})


def test_a_nominatim_of_ones_own_asks_for_nothing(tmp_path: Path) -> None:
    own = {"GEOAPP_GEOCODER": "nominatim", "GEOAPP_GEOCODER_URL": "http://[::1]:8088/nominatim/"}
    found = read(own | {"GEOAPP_GEOCODER_PER_SECOND": "20"})
    assert (found.geocoder_url, found.geocoder_per_second) == ("http://[::1]:8088/nominatim", 20.0)
    (tmp_path / "key").write_text("k3y\n")
    found = read({"GEOAPP_GEOCODER": "amap", "GEOAPP_GEOCODER_KEY_FILE": str(tmp_path / "key")})
    assert found.geocoder_key == "k3y" and "k3y" not in repr(found)


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
