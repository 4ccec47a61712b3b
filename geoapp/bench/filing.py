"""How long a report takes that somebody files on the web, at rest and while an import runs."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import orjson

from geoapp.bench import town
from geoapp.bench.figure import Figure, at_percent
from geoapp.bench.processes import environment, importing, serving
from geoapp.city import City
from geoapp.demo import land, words
from geoapp.demo.land import Land
from geoapp.store.cluster import Server

REQUESTS: Final = 200
GOAL_MS: Final = 150.0
_WARM: Final = 10
# Long enough to last through the requests, however slow they are.
_ROWS_BESIDE: Final = 250_000
_SETTLE_S: Final = 4.0


def measure(server: Server, city: City, folder: Path) -> Iterator[Figure]:
    """Reports filed one after another against a real web server on loopback; figures as they come."""
    ground = town.make()
    beside = folder / "beside.csv"
    town.write(beside, ground, _ROWS_BESIDE, seed=2)
    settings = environment(server, city, folder)
    with serving(settings) as port:
        _file(port, city, ground, _WARM, seed=0)
        idle = _file(port, city, ground, REQUESTS, seed=1)
        with importing(settings, folder, beside) as process:
            time.sleep(_SETTLE_S)
            busy = _file(port, city, ground, REQUESTS, seed=2)
            lasted = process.poll() is None
    yield Figure("report_p95_idle_ms", REQUESTS, at_percent(idle, 95), "ms", "goal", GOAL_MS)
    yield Figure("report_p50_ms", REQUESTS, at_percent(busy, 50), "ms", "idle", at_percent(idle, 50))
    name = "report_p95_ms" if lasted else "report_p95_ms (the import ended before the requests)"
    yield Figure(name, REQUESTS, at_percent(busy, 95), "ms", "idle", at_percent(idle, 95))


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
