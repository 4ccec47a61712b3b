"""An import that is killed and started again ends as if it had never been killed."""

from __future__ import annotations

import csv
import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, create_engine

from geoapp.city import City
from geoapp.settings import CHECKOUT
from geoapp.store.cluster import SUPERUSER, Server
from tests.make import make_city, snapshot

ROWS = 1500
KILLS = 6

# Small batches, so that there are many moments to be killed at; everything else is the command as people run it.
COMMAND = """
import geoapp.intake.run as run
run.run.__kwdefaults__["batch"] = 100
from geoapp.cli import main
main()
"""

HEADER = ["Unique Key", "Created Date", "Complaint Type", "Descriptor", "Status", "Longitude", "Latitude"]
MAPPING = """
source = "lines"
time_zone = "Asia/Shanghai"
[columns]
said_at = "Created Date"
category = "Complaint Type"
matter = "Descriptor"
body = "Words"
x = "Longitude"
y = "Latitude"
"""


def row(dice: random.Random, key: str) -> list[str]:
    when = "no date" if dice.random() < 0.05 else f"2024-01-{dice.randint(1, 28):02} 08:{dice.randint(0, 59):02}:00"
    place = [f"{dice.uniform(113.9, 114.1):.6f}", f"{dice.uniform(22.5, 22.7):.6f}"]
    if dice.random() < 0.1:
        place = dice.choice([["", ""], ["0", "0"], ["nan", "22.5"], ["22.55", "113.95"]])
    status = dice.choice(["Open", "Closed", "In Progress"])
    return [key, when, dice.choice(["Road", "Tree", "Noise"]), dice.choice(["Hole", "Fallen", "Loud"]), status, *place]


def with_references(path: Path) -> list[str]:
    """A file for nyc311; about every fifth row is a later word on an earlier one."""
    dice = random.Random(1)
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(HEADER)
        out.writerows(row(dice, str(dice.randint(1, ROWS * 4 // 5))) for _ in range(ROWS))
    return ["nyc311", str(path)]


def without_references(path: Path) -> list[str]:
    """A file for table whose rows bear no reference; many are said word for word several times."""
    dice = random.Random(2)
    lines = [[f"{n}", *row(dice, "")[1:4], *row(dice, "")[5:]] for n in range(ROWS // 3)]
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["Words", *HEADER[1:4], *HEADER[5:]])
        out.writerows(dice.choice(lines) for _ in range(ROWS))
    mapping = path.with_suffix(".toml")
    mapping.write_text(MAPPING)
    return ["table", str(path), "--mapping", str(mapping)]


def started(database: Server, city: City, arguments: list[str]) -> subprocess.Popen[bytes]:
    environ = os.environ | {"GEOAPP_DATABASE_URL": database.url(SUPERUSER), "PYTHONPATH": str(CHECKOUT)}
    command = [sys.executable, "-c", COMMAND, "import", *arguments, "--city", city.code, "--json"]
    return subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def finished(database: Server, city: City, arguments: list[str]) -> dict[str, Any]:
    out, err = started(database, city, arguments).communicate(timeout=120)
    assert out, err.decode()
    return json.loads(out)  # type: ignore[no-any-return]


def ended(engine: Engine, city: City) -> dict[str, list[tuple[Any, ...]]]:
    with engine.connect() as connection:
        return snapshot(connection, city)


COMMITTED = (
    "SELECT (SELECT count(*) FROM geoapp.report) + (SELECT count(*) FROM private.rejected)"
    " + (SELECT count(*) FROM geoapp.run) + (SELECT count(*) FROM geoapp.run_count)"
)


def killed_after(database: Server, city: City, arguments: list[str], more: int, dice: random.Random) -> bool:
    """Start the import and kill it once so many more rows are in, or soon after; False: it ended by itself."""
    process = started(database, city, arguments)
    try:
        with psycopg.connect(database.conninfo(SUPERUSER), autocommit=True) as looker:
            first = looker.execute(COMMITTED).fetchone()[0]  # type: ignore[index]
            while process.poll() is None:
                now = looker.execute(COMMITTED).fetchone()[0]  # type: ignore[index]
                if now - first >= more:
                    # Some further look-ups spread the moments over a batch, its rejected rows and the next.
                    for _ in range(dice.randrange(60)):
                        looker.execute(COMMITTED)
                    break
        process.kill()
        return process.wait() < 0
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("write", [with_references, without_references])
def test_killed_at_any_moment_and_started_again_it_ends_the_same(write: Any, database: Server, tmp_path: Path) -> None:
    arguments = write(tmp_path / "a.csv")
    engine = create_engine(database.url(SUPERUSER))
    calm, city = make_city(engine), make_city(engine)
    tally = finished(database, calm, arguments)
    assert tally["opened"] and tally["unplaced"] and sum(tally["rejected"].values())

    dice = random.Random(3)
    kills = sum(killed_after(database, city, arguments, dice.randrange(1, 300), dice) for _ in range(KILLS))
    assert kills >= KILLS // 2, "it was too quick to be killed"
    last = finished(database, city, arguments)
    assert last["read"] == ROWS

    whole, found = ended(engine, calm), ended(engine, city)
    for part, rows in whole.items():
        assert found[part] == rows, part
    assert finished(database, city, arguments)["seen_before"] == ROWS - sum(tally["rejected"].values())
    assert ended(engine, city) == found
    engine.dispose()
