"""How many answers a second the web server gives, over HTTP on loopback, caller and server on the same cores."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from geoapp.bench.figure import Figure
from geoapp.bench.processes import environment, serving
from geoapp.bench.views import View
from geoapp.city import City
from geoapp.store.cluster import Server

ANSWERS: Final = 6000
CALLERS: Final = 8
GOAL_PER_SECOND: Final = 1500.0


def measure(server: Server, city: City, folder: Path, rows: int, views: Sequence[View]) -> Iterator[Figure]:
    """Callers who look at places that many look at, as fast as they are answered; the first views come most often."""
    chance = np.random.default_rng(6)
    often = 1 / np.arange(1, len(views) + 1)
    order = chance.choice(len(views), ANSWERS, p=often / often.sum()).tolist()
    paths = [
        f"/api/clusters?city={city.code}&lang=en&zoom={view.zoom}&bbox="
        + ",".join(f"{edge:.6f}" for edge in view.box.as_list())
        for view in views
    ]
    with serving(environment(server, city, folder) | {"GEOAPP_WEB_PROCESSES": "2"}) as port:
        _asked(port, [paths[at] for at in order[: ANSWERS // 4]])
        took = _asked(port, [paths[at] for at in order])
    yield Figure("map_answers_per_second", rows, ANSWERS / took, "answers/s", "goal", GOAL_PER_SECOND)


def _asked(port: int, paths: Sequence[str]) -> float:
    """How many seconds all answers took, some callers waiting at a time."""
    waiting = selectors.DefaultSelector()
    left = iter(paths)
    started = time.perf_counter()
    open_ = 0
    for _ in range(CALLERS):
        caller = socket.create_connection(("127.0.0.1", port), timeout=60)
        waiting.register(caller, selectors.EVENT_READ, bytearray())
        open_ += _ask(caller, next(left, None))
    while open_:
        for key, _ in waiting.select():
            heard: bytearray = key.data
            caller = key.fileobj  # type: ignore[assignment]
            heard += caller.recv(1 << 16)
            if _whole(heard):
                heard.clear()
                open_ -= not _ask(caller, next(left, None))
    waiting.close()
    return time.perf_counter() - started


def _ask(caller: socket.socket, path: str | None) -> bool:
    if path is None:
        caller.close()
        return False
    caller.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n".encode())
    return True


def _whole(heard: bytearray) -> bool:
    """Whether a whole answer was heard.

    Raises:
        RuntimeError: it is none that was hoped for.
    """
    head = heard.find(b"\r\n\r\n")
    if head < 0:
        return False
    if not heard.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(heard[:200].decode(errors="replace"))
    lines = heard[:head].lower().split(b"\r\n")
    length = next(int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length:"))
    return len(heard) >= head + 4 + length
