"""As whom a transaction acts is forgotten with it, whatever else goes on in the pool."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from geoapp.store.acting import NAMES, NOBODY, Identity, act, acting
from geoapp.store.cluster import Server
from geoapp.store.database import Database

THREADS, ROUNDS = 12, 60


def told(connection: Connection) -> tuple[str, ...]:
    query = ", ".join(f"coalesce(current_setting('{name}', true), '')" for name in NAMES)
    return tuple(connection.execute(text(f"SELECT {query}")).one())


def test_an_identity_holds_for_its_transaction_and_no_longer(db: Database) -> None:
    with acting(db.web, Identity(3, 1, 2, True)) as connection:
        assert told(connection) == ("3", "1", "2", "on")
        act(connection, Identity(4))
        assert told(connection) == ("4", "", "", "")
    with db.web.connect() as connection:
        assert told(connection) == ("", "", "", "")


def test_the_pool_hands_nobody_on(database: Server) -> None:
    """Few connections, many threads, each another person's; some fail, some roll back, some are dropped midway."""
    db = Database(database, threads=2)
    wrong: list[tuple[str, ...]] = []
    begin = threading.Barrier(THREADS)

    def work(mine: int) -> None:
        dice = random.Random(mine)
        begin.wait()
        for nth in range(ROUNDS):
            identity = Identity(mine * 1000 + nth, mine % 5, None, mine % 3 == 0)
            try:
                with acting(db.web, identity) as connection:
                    expected = (str(identity.account_id), str(mine % 5), "", "on" if mine % 3 == 0 else "")
                    if told(connection) != expected:
                        wrong.append(told(connection))
                    if (fate := dice.random()) < 0.2:
                        connection.execute(text("SELECT 1 / 0"))
                    elif fate < 0.4:
                        raise RuntimeError
                    elif fate < 0.5:
                        with connection.begin_nested():
                            act(connection, NOBODY)
                    elif fate < 0.55:
                        connection.invalidate()
                        raise RuntimeError
            except (DBAPIError, RuntimeError):
                pass
            with db.web.connect() as connection:
                if any(told(connection)):
                    wrong.append(told(connection))

    with ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(work, nth) for nth in range(1, THREADS + 1)]:
            done.result()
    db.close()
    assert wrong == []


@pytest.mark.parametrize("table", ["account", "role_held", "session", "link", "token", "look"])
def test_nobody_sees_a_row_of_anybodys(db: Database, table: str) -> None:
    columns = "id, login" if table == "account" else "*"
    with db.web.connect() as connection:
        assert connection.execute(text(f"SELECT {columns} FROM private.{table}")).all() == []
    with pytest.raises(DBAPIError), db.bulk.connect() as connection:
        connection.execute(text(f"SELECT {columns} FROM private.{table}"))


def test_no_page_reads_a_passwords_digest_but_through_the_door(db: Database) -> None:
    with pytest.raises(DBAPIError), acting(db.web, Identity(manages_people=True)) as connection:
        connection.execute(text("SELECT password FROM private.account"))
    for program in ("person_row(1)", "forget_over()"):
        with pytest.raises(DBAPIError), db.web.connect() as connection:
            connection.execute(text(f"SELECT private.{program}"))
