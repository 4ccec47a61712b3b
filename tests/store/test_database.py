"""Connections: enough for every thread that serves, none that asks too long a question, and a lost one is known."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg
import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import DBAPIError

from geoapp.app import create_app
from geoapp.city import City, city_from
from geoapp.settings import Settings
from geoapp.store.cluster import SUPERUSER, Server
from geoapp.store.database import A_THREAD, Database, lost, took_too_long
from tests.pages.conftest import PACK, load

THREADS = 10


@pytest.fixture
def db(database: Server) -> Iterator[Database]:
    made = Database(database, threads=THREADS, query_seconds=1)
    yield made
    made.close()


@pytest.fixture
def city(db: Database) -> City:
    return load(db, city_from(PACK))


@contextmanager
def counted(engine: Engine) -> Iterator[dict[int, int]]:
    """The most connections each thread has held at once."""
    held: dict[int, int] = {}
    most: dict[int, int] = {}

    @event.listens_for(engine, "checkout")
    def out(*_: object) -> None:
        mine = threading.get_ident()
        held[mine] = held.get(mine, 0) + 1
        most[mine] = max(most.get(mine, 0), held[mine])

    @event.listens_for(engine, "checkin")
    def back(*_: object) -> None:
        held[threading.get_ident()] -= 1

    yield most


def file_at_once(settings: Settings, db: Database, rounds: int) -> list[int]:
    """The statuses of reports that as many threads file at once as serve, over and over."""
    app = create_app(replace(settings, web_threads=THREADS, reports_per_hour=10_000), db)
    statuses: list[int] = []
    ready = threading.Barrier(THREADS)

    def file(thread: int) -> None:
        client = app.test_client()
        ready.wait()
        for number in range(rounds):
            # In words of the web's own at first, which the catalogue then makes known on another connection.
            body = {"text": f"{thread} {number}", "lon": 114.2, "lat": 20.2, "matter": "pothole"}
            key = {"Idempotency-Key": f"{thread}-{number}"}
            statuses.append(client.post("/api/reports", json=body, headers=key).status_code)

    threads = [threading.Thread(target=file, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses


def test_all_threads_of_a_process_can_file_at_once(settings: Settings, db: Database, city: City) -> None:
    with counted(db.web) as most:
        statuses = file_at_once(settings, db, 4)
    assert statuses == [201] * 4 * THREADS
    assert max(most.values()) <= A_THREAD


def test_a_page_holds_no_more_connections_than_its_share(settings: Settings, db: Database, city: City) -> None:
    client = create_app(settings, db).test_client()
    number = client.post("/api/reports", json={"text": "x", "lon": 114.2, "lat": 20.2}).json["number"]
    pages = ["/", "/report", "/none", f"/tickets/{number}", f"/api/tickets/{number}", "/api/tickets", "/api/clusters"]
    with counted(db.web) as most:
        for page in pages:
            client.get(page)
    assert max(most.values()) <= A_THREAD


def test_a_question_that_takes_too_long_is_given_up(db: Database) -> None:
    started = time.monotonic()
    with db.web.connect() as connection, pytest.raises(DBAPIError) as caught:
        connection.execute(text("SELECT pg_sleep(20)"))
    assert time.monotonic() - started < 5
    assert took_too_long(caught.value) and not lost(caught.value)
    with db.bulk.connect() as connection:
        connection.execute(text("SELECT pg_sleep(1.2)"))


def test_a_connection_that_is_lost_is_told_from_a_statement_that_fails(db: Database, database: Server) -> None:
    with db.bulk.connect() as connection, pytest.raises(DBAPIError) as failed:
        connection.execute(text("SELECT 1/0"))
    assert not lost(failed.value) and not took_too_long(failed.value)

    with db.web.connect() as connection, pytest.raises(DBAPIError) as ended:
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with psycopg.connect(database.conninfo(SUPERUSER)) as superuser:
            superuser.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
        connection.execute(text("SELECT 1"))
    assert lost(ended.value)

    class Nowhere:
        def url(self, role: str) -> str:
            return "postgresql+psycopg://x@127.0.0.1:1/x"

    with pytest.raises(DBAPIError) as away:
        Database(Nowhere()).web.connect()
    assert lost(away.value)
