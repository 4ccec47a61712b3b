"""How fast a file becomes a map, against bare copying, and whether the last million is as fast as the first."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import importers
from geoapp.bench import bare, town
from geoapp.bench.figure import Figure
from geoapp.bench.scratch import scratch
from geoapp.city import City
from geoapp.intake.run import run
from geoapp.records import Tally
from geoapp.settings import Settings
from geoapp.store.cluster import Server
from geoapp.store.database import Database

MILLION: Final = 1_000_000
COMPARED: Final = 1_000_000
"""Rows the peer copies at most: its rate does not change any more by then."""

_PAGE_MB: Final = os.sysconf("SC_PAGE_SIZE") / (1 << 20)


@dataclass(slots=True)
class Course:
    """An import while it runs: seconds and memory at each step of rows."""

    step: int
    started: float = field(default_factory=time.monotonic)
    at: list[tuple[int, float, float]] = field(default_factory=list)

    def note(self, rows: int, _file: str) -> None:
        """Told by the run; keeps the first word after each step."""
        if rows >= self.step * (len(self.at) + 1):
            self.at.append((rows, time.monotonic() - self.started, memory_mb()))

    def rates(self) -> list[float]:
        """Rows per second of each step."""
        before = [(0, 0.0, 0.0), *self.at]
        return [(b[0] - a[0]) / (b[1] - a[1]) for a, b in zip(before, self.at, strict=False)]


def measure(settings: Settings, server: Server, city: City, folder: Path, rows: int) -> Iterator[Figure]:
    """Import so many rows and compare; figures as they come."""
    path = folder / "bench.csv"
    town.write(path, town.make(), rows, seed=1)
    course = Course(MILLION if rows >= 2 * MILLION else max(rows // 3, 1))
    tally = _import(server, city, folder, path, course)
    value = tally.read / tally.seconds
    with scratch(settings) as empty:
        copied = bare.measure(server, empty, COMPARED)
    yield Figure("import_rows_per_second", rows, value, "rows/s", "bare_copy", copied.reports / copied.seconds)
    if len(course.at) < 2:
        return
    rates, memory = course.rates(), [mb for _, _, mb in course.at]
    what = "million" if course.step == MILLION else "third"
    yield Figure(f"import_last_vs_first_{what}", rows, rates[-1], "rows/s", f"first_{what}", rates[0])
    yield Figure("import_rss_mb", rows, memory[-1], "MB", f"first_{what}", memory[0])


def memory_mb() -> float:
    """Resident memory of this process and those it started, in megabytes; shared pages count in each."""
    mine = os.getpid()
    return sum(_resident(pid) for pid in (mine, *_children(mine)))


def _import(server: Server, city: City, folder: Path, path: Path, course: Course) -> Tally:
    database = Database(server)
    try:
        importer = importers.create("table", {"mapping": str(town.mapping(folder))})
        tally = run(database.bulk, city, importer, [path], progress=course.note)
    finally:
        database.close()
    assert tally.opened == tally.read, tally
    return tally


def _children(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(word) for word in (task / "children").read_text().split()]
    return found


def _resident(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE_MB
    except OSError:
        return 0.0
