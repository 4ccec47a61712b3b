"""The worker folds, tidies and waits: for a database that is away it asks ever less often, and says which it is."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest

from geoapp import worker
from geoapp.assign.duties import Duty
from geoapp.assign.three_lists import ListKind
from geoapp.city import City, city_from
from geoapp.intake.lists import release, take_in
from geoapp.intake.path import take
from geoapp.settings import CHECKOUT, Settings
from geoapp.store.cluster import SUPERUSER, Server
from geoapp.store.database import Database
from importers.base import Report
from tests.make import SAID
from tests.pages.conftest import PACK, load

RUN = """
import sys, threading
from geoapp import logs, settings, worker
stop = threading.Event()
threading.Timer(float(sys.argv[1]), stop.set).start()
found = settings.read()
logs.own_process(found.log_level)
worker.run(found, stop)
"""


def told(seconds: float, folder: Path, url: str) -> list[dict[str, Any]]:
    """What the worker has logged after so long."""
    environment = os.environ | {"GEOAPP_DATABASE_URL": url, "GEOAPP_DATA_DIR": str(folder)}
    command = [sys.executable, "-c", RUN, str(seconds)]
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, check=True)
    return [orjson.loads(line) for line in done.stderr.splitlines()]


def test_a_database_that_is_away_is_asked_ever_less_often(tmp_path: Path) -> None:
    lines = told(8, tmp_path, "postgresql://nobody@127.0.0.1:1/none")
    assert {line["event"] for line in lines} == {"database_away"}
    pauses = [line["again_in"] for line in lines]
    assert len(lines) <= 4 and pauses == sorted(pauses) and pauses[-1] > pauses[0]


def test_work_that_fails_is_not_called_a_database_that_is_away(database: Server, tmp_path: Path) -> None:
    with psycopg.connect(database.conninfo("geoapp_owner")) as connection:
        connection.execute("REVOKE DELETE ON geoapp.cell_delta FROM geoapp_bulk")
    lines = told(4, tmp_path, database.url(SUPERUSER))
    assert {line["event"] for line in lines} == {"work_failed"} and len(lines) <= 3
    assert "permission denied" in lines[0]["exception"]


def test_a_connection_that_is_lost_is_made_again(
    database: Server, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    from geoapp import logs

    logs.configure("INFO")
    stop = threading.Event()
    working = threading.Thread(target=worker.run, args=(settings, stop))
    working.start()
    query = "SELECT pid FROM pg_stat_activity WHERE datname = %s AND usename = 'geoapp_bulk'"
    try:
        with psycopg.connect(database.conninfo(SUPERUSER), autocommit=True) as connection:
            seen: set[int] = set()
            end = time.monotonic() + 20
            while len(seen) < 2 and time.monotonic() < end:
                for (pid,) in connection.execute(query, (database.database,)).fetchall():
                    seen.add(pid)
                    connection.execute("SELECT pg_terminate_backend(%s, 1000)", (pid,))
                time.sleep(0.2)
    finally:
        stop.set()
        working.join()
    assert len(seen) >= 2
    assert "work_failed" not in capsys.readouterr().err


@pytest.fixture
def city(database: Server) -> City:
    db = Database(database)
    city = load(db, city_from(PACK))
    take(db.bulk, city, "probe", [Report(ref="1", said_at=SAID, body="x", x=114.2, y=20.2)])
    db.close()
    return city


def test_what_was_held_is_sent_once_its_list_has_come_into_force(
    database: Server, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = Database(database)
    looked: list[str] = []
    monkeypatch.setattr(worker.again, "again", lambda engine, of: looked.append(of.code) or worker.again.Again())  # type: ignore[func-returns-value]

    def keep_up() -> int:
        worker.turn(db.bulk)
        worker.keep_up(db.bulk)
        for one in threading.enumerate():
            if one.name == worker._SENDING:
                one.join()
        return len(looked)

    def list_from(day: date, *duties: Duty) -> None:
        with db.bulk.begin() as connection:
            batch = take_in(connection, city, ListKind.RESPONSIBILITIES, duties, day, "test", "to try it").batch
            assert batch is not None
            release(connection, city, ListKind.RESPONSIBILITIES, batch.number, "to try it")

    assert keep_up() == 0
    list_from(date(2020, 1, 1), Duty("all", level="offices"))
    # What was released comes into force by the worker itself, and is then asked once.
    assert [keep_up(), keep_up()] == [1, 1]
    list_from(date(2020, 1, 2), Duty("all", level="offices", priority=1))
    assert [keep_up(), keep_up()] == [2, 2]
    db.close()


def test_a_turn_folds_cells_and_now_and_then_removes_what_is_empty(database: Server, city: City) -> None:
    db = Database(database)
    empty = (
        "INSERT INTO geoapp.cell_total SELECT city_id, 'hidden', z, x, y, 0, 0, 0, 0, 0, 0, 0 FROM geoapp.cell_total"
    )
    old = (
        "INSERT INTO geoapp.rate SELECT gen_random_uuid(), now() - age, 1 "
        "FROM unnest(ARRAY[interval '2 hours', interval '0']) age"
    )
    worker.turn(db.bulk)
    with psycopg.connect(database.conninfo(SUPERUSER)) as connection:
        count = "SELECT count(*), count(*) FILTER (WHERE n = 0) FROM geoapp.cell_total"
        assert connection.execute(count).fetchone() == (17, 0)
        connection.execute(empty)
        connection.execute(old)
        connection.commit()
        worker.tidy(db.bulk)
        assert connection.execute(count).fetchone() == (17, 0)
        assert connection.execute("SELECT count(*) FROM geoapp.rate").fetchone() == (1,)
    db.close()
