"""How long a report takes that somebody files on the web, at rest and while an import runs."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
import orjson

from geoapp.bench import town
from geoapp.bench.figure import Figure
from geoapp.city import City
from geoapp.demo import land, words
from geoapp.demo.land import Land
from geoapp.store.cluster import SUPERUSER, Server

REQUESTS: Final = 200
GOAL_MS: Final = 150.0
_WARM: Final = 10
_WAIT_S: Final = 60.0
# Long enough to last through the requests, however slow they are.
_ROWS_BESIDE: Final = 250_000
_SETTLE_S: Final = 4.0


def measure(server: Server, city: City, folder: Path) -> Iterator[Figure]:
    """Reports filed one after another against a real web server on loopback; figures as they come."""
    ground = town.make()
    beside = folder / "beside.csv"
    town.write(beside, ground, _ROWS_BESIDE, seed=2)
    environment = _environment(server, city, folder)
    with _serving(environment) as port:
        _file(port, city, ground, _WARM, seed=0)
        idle = _file(port, city, ground, REQUESTS, seed=1)
        with _importing(environment, folder, beside) as process:
            time.sleep(_SETTLE_S)
            busy = _file(port, city, ground, REQUESTS, seed=2)
            lasted = process.poll() is None
    yield Figure("report_p95_idle_ms", REQUESTS, _at(idle, 95), "ms", "goal", GOAL_MS)
    yield Figure("report_p50_ms", REQUESTS, _at(busy, 50), "ms", "idle", _at(idle, 50))
    name = "report_p95_ms" if lasted else "report_p95_ms (the import ended before the requests)"
    yield Figure(name, REQUESTS, _at(busy, 95), "ms", "idle", _at(idle, 95))


def _at(values: list[float], percent: float) -> float:
    return float(np.percentile(values, percent))


def _environment(server: Server, city: City, folder: Path) -> dict[str, str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {
        "DATABASE_URL": server.url(SUPERUSER), "DATA_DIR": str(folder / "data"), "CITY": city.code,
        "HOST": "127.0.0.1", "PORT": str(port), "REPORTS_PER_HOUR": "1000000", "LOG_LEVEL": "WARNING",
    }  # fmt: skip
    return os.environ | {f"GEOAPP_{name}": value for name, value in own.items()}


@contextmanager
def _serving(environment: dict[str, str]) -> Iterator[int]:
    port = int(environment["GEOAPP_PORT"])
    with _running([sys.executable, "-m", "geoapp.serve", "web"], environment) as process:
        deadline = time.monotonic() + _WAIT_S
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the web server did not come up")
            time.sleep(0.1)
        yield port


@contextmanager
def _importing(environment: dict[str, str], folder: Path, path: Path) -> Iterator[subprocess.Popen[bytes]]:
    program = "from geoapp.cli import main; main()"
    command = [sys.executable, "-c", program, "import", "table", "--mapping", str(town.mapping(folder)), str(path)]
    with _running(command, environment) as process:
        yield process


@contextmanager
def _running(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    # Standard output is the bench's own.
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def _file(port: int, city: City, ground: Land, count: int, seed: int) -> list[float]:
    """Milliseconds of each of so many reports, filed by one person after another."""
    chance = np.random.default_rng(seed + 100)
    degrees = land.to_degrees(town.places(chance, ground, count))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    took = []
    for at, (lon, lat) in enumerate(degrees.tolist()):
        matter = words.MATTERS[at % len(words.MATTERS)]
        body = orjson.dumps({
            "city": city.code, "text": words.SAYINGS[matter.code][at & 1], "matter": matter.code,
            "lon": round(lon, 6), "lat": round(lat, 6),
        })  # fmt: skip
        headers = {"Content-Type": "application/json", "Idempotency-Key": f"bench-{seed}-{at}"}
        started = time.perf_counter()
        connection.request("POST", "/api/reports", body, headers)
        answer = connection.getresponse()
        said = answer.read()
        took.append((time.perf_counter() - started) * 1000)
        if answer.status != 201:
            raise RuntimeError(f"POST /api/reports: {answer.status} {said[:500].decode(errors='replace')}")
    connection.close()
    return took
