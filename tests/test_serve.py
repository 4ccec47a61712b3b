"""What `geoapp serve` runs: every process writes its log as JSON, and what ends by itself is started again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from geoapp.settings import CHECKOUT
from geoapp.store.cluster import SUPERUSER, Server

SERVE = "from geoapp.cli import main; main()"


class Running:
    """`geoapp serve` on a port of its own, its log in a file."""

    def __init__(self, server: Server, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.log = folder / "log"
        own = {
            "DATABASE_URL": server.url(SUPERUSER), "DATA_DIR": str(folder / "data"), "PORT": str(self.port),
            "WEB_PROCESSES": "1", "LOG_LEVEL": "DEBUG",
        }  # fmt: skip
        environment = os.environ | {f"GEOAPP_{name}": value for name, value in own.items()}
        with self.log.open("wb") as log:
            command = [sys.executable, "-W", "always", "-c", SERVE, "serve"]
            self.process = subprocess.Popen(command, cwd=CHECKOUT, env=environment, stdout=log, stderr=log)

    def children(self, role: str) -> list[int]:
        found = []
        for entry in Path("/proc").iterdir():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, ValueError, IndexError):
                continue
            if role.encode() in words and parent == self.process.pid:
                found.append(int(entry.name))
        return found

    def lines(self) -> list[dict[str, Any]]:
        return [orjson.loads(line) for line in self.log.read_bytes().splitlines()]

    def wait(self, what: Any, seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while not what():
            assert self.process.poll() is None and time.monotonic() < end, self.log.read_text()
            time.sleep(0.1)

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False


@pytest.fixture
def running(database: Server, tmp_path: Path) -> Iterator[Running]:
    made = Running(database, tmp_path)
    try:
        yield made
    finally:
        if made.process.poll() is None:
            made.process.terminate()
        made.process.wait(60)


def test_every_line_of_every_process_is_json_and_a_dead_worker_comes_again(running: Running) -> None:
    running.wait(running.answers)
    running.wait(lambda: running.children("worker"))
    (first,) = running.children("worker")
    time.sleep(1)
    os.kill(first, signal.SIGKILL)
    running.wait(lambda: running.children("worker") not in ([], [first]))
    running.process.terminate()
    assert running.process.wait(60) == 0
    lines = running.lines()
    loggers = {line["logger"] for line in lines}
    assert {"gunicorn.error", "geoapp.serve"} <= loggers and "gunicorn.access" not in loggers
    assert any(line["event"] == "worker_ended" and line["status"] == -signal.SIGKILL for line in lines)
    assert all({"event", "level", "logger", "timestamp"} <= line.keys() for line in lines)
