"""What cells cost those who write: a ticket's move with them and without, and several writers beside an import."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Final
from unittest.mock import patch

from geoapp.bench import town
from geoapp.bench.figure import Figure, at_percent, timed
from geoapp.bench.processes import environment, importing
from geoapp.city import City
from geoapp.intake.path import take
from geoapp.store import cells
from geoapp.store.cluster import Server
from geoapp.store.database import Database
from importers.base import Report, Standing

MOVES: Final = 300
WRITERS: Final = 4
EACH: Final = 40
_BESIDE: Final = 150_000
_SETTLE_S: Final = 4.0


def measure(database: Database, server: Server, city: City, folder: Path) -> Iterator[Figure]:
    """On a city that holds tickets already; figures as they come."""
    yield from _moves(database, city)
    yield from _writers(database, server, city, folder)


def _report(nth: int, state: str, lon: float, lat: float) -> Report:
    now = town.FIRST_SAID
    return Report(ref=f"move-{nth}", said_at=now, body=f"{state}", x=lon, y=lat, standing=Standing(state, now))


def _moves(database: Database, city: City) -> Iterator[Figure]:
    """A ticket moved by its source, a transaction each, with cells and without; turn by turn."""
    lon, lat = town.degrees(MOVES)
    for nth in range(MOVES):
        take(database.bulk, city, "moves", [_report(nth, "in_hand", lon[nth], lat[nth])])
    took: dict[bool, list[float]] = {True: [], False: []}
    for nth in range(MOVES):
        report = _report(nth, "closed", lon[nth], lat[nth])
        counted = bool(nth % 2)
        if counted:
            took[True].append(timed(take, database.bulk, city, "moves", [report]))
        else:
            with patch.object(cells, "append", lambda *_: None):
                took[False].append(timed(take, database.bulk, city, "moves", [report]))
    middle = {counted: at_percent(values, 50) for counted, values in took.items()}
    yield Figure("ticket_move_ms", MOVES, middle[True], "ms", "without_cells", middle[False])


def _writers(database: Database, server: Server, city: City, folder: Path) -> Iterator[Figure]:
    """Four who file at once beside an import, against one alone beside it."""
    beside = folder / "beside.csv"
    town.write(beside, town.make(), _BESIDE, seed=2)
    with importing(environment(server, city, folder), folder, beside) as process:
        time.sleep(_SETTLE_S)
        alone = _file(database, city, 1)
        four = _file(database, city, WRITERS)
        lasted = process.poll() is None
    name = "four_writers_p95_ms" if lasted else "four_writers_p95_ms (the import ended before them)"
    yield Figure(name, WRITERS * EACH, at_percent(four, 95), "ms", "one_writer", at_percent(alone, 95))


def _file(database: Database, city: City, writers: int) -> list[float]:
    lon, lat = town.degrees(EACH)
    took: list[float] = []

    def write(who: int) -> None:
        for nth in range(EACH):
            report = Report(ref=f"{writers}-{who}-{nth}", said_at=town.FIRST_SAID, body="x", x=lon[nth], y=lat[nth])
            took.append(timed(take, database.web, city, "api", [report]))

    threads = [Thread(target=write, args=(who,)) for who in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took
