"""Jobs: what a killed worker began is neither lost nor done twice; reminders go by mail to whoever holds the role."""

from __future__ import annotations

import asyncio
import os
import smtplib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import psycopg
import pytest
from aiosmtpd.controller import Controller
from procrastinate import App
from sqlalchemy import text

from geoapp import jobs
from geoapp.intake.path import take
from geoapp.notices import reminders
from geoapp.records import Role, UnitKind
from geoapp.settings import CHECKOUT, Settings
from geoapp.store import units
from geoapp.store.cluster import SUPERUSER, Server
from geoapp.store.database import Database
from geoapp.tickets import ticking
from tests.make import SOURCE, make_city, make_report
from tests.people.make import make_account

# A worker of its own that stops for ever in the middle of its first step, after its events are written.
HANGS = """
import asyncio, sys, time
from geoapp import jobs, settings
from geoapp.store import cluster
from geoapp.store.database import Database
from geoapp.tickets import ticking
write = ticking.append_events
def hang(*arguments):
    write(*arguments)
    print("hangs", flush=True)
    time.sleep(600)
ticking.append_events = hang
found = settings.read()
server = cluster.ensure(found)
app = jobs.make(server, Database(server), found)
async def work():
    async with app.open_async():
        await app.tasks["tick"].defer_async(timestamp=0)
        await app.run_worker_async(wait=False, listen_notify=False)
asyncio.run(work())
"""


def work(app: App, *tasks: str) -> None:
    """Defer these and work until nothing is left."""

    async def run() -> None:
        async with app.open_async():
            for task in tasks:
                await app.tasks[task].defer_async(timestamp=0)
            await app.run_worker_async(wait=False, listen_notify=False, install_signal_handlers=False)

    # In a thread of its own: a browser that another test has driven leaves this one with a loop.
    with ThreadPoolExecutor(1) as own:
        own.submit(asyncio.run, run()).result()


def happened(db: Database) -> list[str]:
    with db.bulk.connect() as connection:
        return list(connection.execute(text("SELECT name FROM geoapp.event ORDER BY id")).scalars())


def test_a_worker_killed_in_the_middle_loses_nothing_and_doubles_nothing(
    db: Database, database: Server, settings: Settings, tmp_path: Path
) -> None:
    city = make_city(db.bulk)
    take(db.bulk, city, SOURCE, [make_report(ref="1", said_at=datetime.now(UTC) - timedelta(hours=50))])
    environment = os.environ | {"GEOAPP_DATABASE_URL": database.url(SUPERUSER), "GEOAPP_DATA_DIR": str(tmp_path / "d")}
    killed = subprocess.Popen([sys.executable, "-c", HANGS], cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE)
    assert killed.stdout is not None and killed.stdout.readline().strip() == b"hangs"
    killed.kill()
    killed.wait()
    killed.stdout.close()
    assert happened(db) == ["register"]
    app = jobs.make(database, db, settings)
    after = ["register", "due_soon", "reminded", "overdue", "reminded", "escalated"]
    deadline = time.monotonic() + 20
    while happened(db) != after and time.monotonic() < deadline:
        # Until the server has noticed that the killed one is gone, the ticket is held.
        work(app, "tick")
    assert happened(db) == after
    # The job itself is taken up again once its worker has been silent for long, and finds nothing left to do.
    with psycopg.connect(database.conninfo(SUPERUSER)) as connection:
        connection.execute("SET search_path TO procrastinate")
        assert connection.execute("SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'").fetchone() == (1,)
        connection.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
        connection.commit()
        work(app, "recover")
        work(app)
        left = connection.execute("SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')")
        assert left.fetchone() == (0,)
    assert happened(db) == after


def test_the_worker_ticks_by_itself_and_stops_when_told(db: Database, database: Server, settings: Settings) -> None:
    app, stop = jobs.make(database, db, settings), threading.Event()
    assert {task.cron for task in app.periodic_registry.periodic_tasks.values()} == {"* * * * *", "*/5 * * * *"}
    working = threading.Thread(target=jobs.run, args=(app, stop))
    working.start()
    time.sleep(2)
    assert working.is_alive()
    stop.set()
    working.join(timeout=20)
    assert not working.is_alive()


class Letters:
    """A mail server that keeps what it is given, or takes nothing."""

    def __init__(self) -> None:
        self.got: list[tuple[str, str, str]] = []
        self.refuses = False

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.refuses:
            return "451 later"
        letter = message_from_bytes(envelope.content, policy=default)
        self.got.append((envelope.rcpt_tos[0], letter["Subject"], letter.get_content()))
        return "250 OK"


@pytest.fixture
def post(settings: Settings) -> Iterator[tuple[Letters, Settings]]:
    kept = Letters()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(kept, hostname="127.0.0.1", port=port)
    server.start()
    yield kept, replace(settings, smtp_host="127.0.0.1", smtp_port=port, smtp_tls="off")
    server.stop()


def test_reminders_go_by_mail_to_whoever_holds_the_role(db: Database, post: tuple[Letters, Settings]) -> None:
    letters, settings = post
    city, other = make_city(db.bulk), make_city(db.bulk)
    make_account(db, "dora", Role.DISPATCHER, city_id=city.id, email="dora@example.org", language="en")
    make_account(db, "sun", Role.SUPERVISOR, email="sun@example.org")
    make_account(db, "else", Role.DISPATCHER, city_id=other.id, email="else@example.org")
    make_account(db, "left", Role.DISPATCHER, city_id=city.id, email="left@example.org", active=False)
    take(db.bulk, city, SOURCE, [make_report(ref=ref, said_at=datetime.now(UTC) - timedelta(hours=50)) for ref in "12"])
    ticking.tick(db.bulk)
    letters.refuses = True
    assert reminders.mail(db, settings) == 0
    letters.refuses = False
    assert reminders.mail(db, settings) == 2
    assert reminders.mail(db, settings) == 0
    (dora, subject, english), (sun, title, chinese) = letters.got
    assert (dora, subject) == ("dora@example.org", "4 tickets need attention")
    assert english.count("/tickets/") == 4 and "dispatch due soon" in english
    assert (sun, title) == ("sun@example.org", "4 件工单需要处理") and "分拨已超时" in chinese


def test_one_letter_that_comes_back_sends_no_other_again(
    db: Database, post: tuple[Letters, Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    letters, settings = post
    city = make_city(db.bulk)
    make_account(db, "good", Role.DISPATCHER, city_id=city.id, email="good@example.org")
    make_account(db, "gone", Role.DISPATCHER, city_id=city.id, email="gone@example.org")
    take(db.bulk, city, SOURCE, [make_report(said_at=datetime.now(UTC) - timedelta(hours=50))])
    ticking.tick(db.bulk)
    send = reminders.send

    def refusing(settings: Settings, letter: Any) -> None:
        if letter.to.startswith("gone"):
            raise smtplib.SMTPRecipientsRefused({letter.to: (550, b"nobody")})
        send(settings, letter)

    monkeypatch.setattr(reminders, "send", refusing)
    assert [reminders.mail(db, settings) for _ in range(3)] == [1, 0, 0]
    assert [to for to, _, _ in letters.got] == ["good@example.org"]


def test_a_mail_server_that_is_away_for_long_loses_no_reminder(db: Database, post: tuple[Letters, Settings]) -> None:
    _letters, settings = post
    city = make_city(db.bulk)
    make_account(db, "dora", Role.DISPATCHER, city_id=city.id, email="dora@example.org")
    take(db.bulk, city, SOURCE, [make_report(said_at=datetime.now(UTC) - timedelta(hours=50))])
    ticking.tick(db.bulk)
    away = replace(settings, smtp_port=1)
    assert [reminders.mail(db, away) for _ in range(7)] == [0] * 7
    assert reminders.mail(db, settings) == 1


def test_nobody_is_written_to_of_what_is_not_theirs(db: Database, post: tuple[Letters, Settings]) -> None:
    """A unit's role of a ticket that no unit has; a field checker of a ticket in another's area."""
    letters, settings = post
    city = make_city(db.bulk)
    take(db.bulk, city, SOURCE, [make_report(said_at=datetime.now(UTC) - timedelta(hours=50))])
    with db.bulk.begin() as connection:
        areas: list[int] = connection.execute(text("SELECT area_keys FROM geoapp.ticket")).scalar_one()
        here = units.save(connection, city.id, "here", {"zh": "here"}, UnitKind.GRID)
        connection.execute(text("UPDATE geoapp.unit SET area_keys = :keys WHERE id = :id"), {"keys": areas, "id": here})
        other = units.save(connection, city.id, "other", {"zh": "other"}, UnitKind.GRID)
        for nth, role in enumerate(("unit_staff", "field_checker")):
            connection.execute(
                text("INSERT INTO geoapp.reminder (city_id, ticket_id, clock, nth, step, event, due_at, role) "
                     "SELECT city_id, id, 'check', 1, :nth, 'due_soon', now(), :role FROM geoapp.ticket"),
                {"nth": nth, "role": role},
            )  # fmt: skip
    for login, role, unit in (
        ("staff", Role.UNIT_STAFF, here), ("near", Role.FIELD_CHECKER, here), ("far", Role.FIELD_CHECKER, other),
    ):  # fmt: skip
        make_account(db, login, role, city_id=city.id, unit_id=unit, email=f"{login}@example.org")
    assert reminders.mail(db, settings) == 1
    assert [to for to, _, _ in letters.got] == ["near@example.org"]
