"""As whom a transaction acts is forgotten with it, and what the web's role can do is what its wall lets it."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime

import psycopg
import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from geoapp.city import City
from geoapp.intake.path import take
from geoapp.records import Role
from geoapp.store.acting import NAMES, NOBODY, Identity, act, acting
from geoapp.store.cluster import Server
from geoapp.store.database import Database
from geoapp.store.tables import METADATA
from importers.base import Report, Reporter
from tests.pages.conftest import SOUTH, WEST
from tests.pages.conftest import city as city
from tests.pages.conftest import template as template
from tests.people.make import make_account

THREADS, ROUNDS = 12, 40


def told(connection: Connection) -> tuple[str, ...]:
    query = ", ".join(f"coalesce(current_setting('{name}', true), '')" for name in NAMES)
    return tuple(connection.execute(text(f"SELECT {query}")).one())


def test_an_identity_holds_for_its_transaction_and_no_longer(db: Database) -> None:
    with acting(db.web, Identity(3, frozenset({"see_inside", "rule"}), True, frozenset({7, 5}), True)) as connection:
        assert told(connection) == ("3", '{"rule","see_inside"}', "on", "{5,7}", "on")
        act(connection, Identity(4, manages_people=frozenset()))
        assert told(connection) == ("4", "", "", "", "")
    with db.web.connect() as connection:
        assert told(connection) == ("", "", "", "", "")


def test_a_token_that_allows_nothing_is_not_the_person(db: Database) -> None:
    with acting(db.web, Identity(3, frozenset())) as connection:
        assert told(connection) == ("3", "{}", "", "", "")


def seen(connection: Connection) -> list[int]:
    """What the transaction sees of reporters, of whose reports are, and of accounts: the report's or account's key."""
    query = (
        "SELECT report_id FROM private.reporter UNION ALL SELECT report_id FROM private.filed "
        "UNION ALL SELECT id FROM private.account ORDER BY 1"
    )
    return list(connection.execute(text(query)).scalars())


@pytest.fixture
def readers(db: Database, city: City) -> dict[int, list[int]]:
    """What each of several accounts may see: visitors who see all reporters, citizens who see what they filed."""
    may: dict[int, list[int]] = {}
    visitors = [make_account(db, f"visitor{nth}", Role.VISITOR, city_id=city.id) for nth in range(3)]
    citizens = [make_account(db, f"citizen{nth}", Role.CITIZEN, city_id=city.id) for nth in range(5)]
    reports = []
    for account_id in citizens:
        said = Report(ref=f"own-{account_id}", said_at=datetime(2026, 3, 1, tzinfo=UTC), body="a hole",
                      x=WEST + 0.2, y=SOUTH + 0.2, reporter=Reporter("张三", "13900139000"))  # fmt: skip
        reports.append(take(db.web, city, "web", [said], account_id=account_id)[0].report_id)
        may[account_id] = sorted([reports[-1], account_id])
    return may | {account_id: sorted([*reports, *reports, account_id]) for account_id in visitors}


def test_the_pool_hands_nobody_on(database: Server, readers: dict[int, list[int]]) -> None:
    """Few connections, many threads, each another person's or nobody's; some fail, roll back, are dropped midway.

    In none of them is anything ever seen but what that one may see.
    """
    db = Database(database, threads=2)
    wrong: list[object] = []
    begin = threading.Barrier(THREADS)

    def nobody() -> None:
        with db.web.connect() as connection:
            if any(told(connection)) or (found := seen(connection)):
                wrong.append((told(connection), found))

    def as_one(dice: random.Random) -> None:
        account_id = dice.choice(list(readers))
        by_token = dice.random() < 0.3
        allowed = [account_id] if by_token else readers[account_id]
        with acting(db.web, Identity(account_id, frozenset({"see_inside"}) if by_token else None)) as connection:
            found = seen(connection)
            if found != (sorted({*allowed, *own(readers, account_id)}) if by_token else allowed):
                wrong.append((account_id, by_token, found))
            befall(dice.random(), connection, wrong)

    def work(mine: int) -> None:
        dice = random.Random(mine)
        begin.wait()
        for _round in range(ROUNDS):
            with suppress(DBAPIError, RuntimeError):
                as_one(dice)
            nobody()

    with ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(work, nth) for nth in range(1, THREADS + 1)]:
            done.result()
    db.close()
    assert wrong == []


def own(readers: dict[int, list[int]], account_id: int) -> list[int]:
    """What an account filed itself, which its token sees too: a citizen's one report."""
    return readers[account_id] if len(readers[account_id]) == 2 else []


def befall(fate: float, connection: Connection, wrong: list[object]) -> None:
    """An error, a savepoint given up, an exception, a connection that breaks; or nothing."""
    if fate < 0.2:
        connection.execute(text("SELECT 1 / 0"))
    elif fate < 0.35:
        raise RuntimeError
    elif fate < 0.5:
        with connection.begin_nested():
            act(connection, NOBODY)
            if found := seen(connection):
                wrong.append(("nested", found))
    elif fate < 0.65:
        before = told(connection)
        nested = connection.begin_nested()
        act(connection, Identity(10**6))
        nested.rollback()
        if told(connection) != before:
            wrong.append(("given up", told(connection), before))
    elif fate < 0.7:
        connection.invalidate()
        raise RuntimeError


@pytest.mark.parametrize("table", ["account", "role_held", "session", "link", "token", "look", "deed", "filed"])
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


# What the web's own role cannot do, whatever statement a page sends

PRIVATE_TABLES = sorted(table.name for table in METADATA.tables.values() if table.schema == "private")


@pytest.mark.parametrize("role", ["geoapp_owner", "geoapp_bulk", "geoapp_backup", "postgres", "pg_read_all_data"])
def test_the_web_role_becomes_nobody_else(database: Server, role: str) -> None:
    for way in (f"SET ROLE {role}", f"SET SESSION AUTHORIZATION {role}", f"GRANT {role} TO geoapp_web"):
        with psycopg.connect(database.conninfo("geoapp_web")) as connection, pytest.raises(psycopg.Error):
            connection.execute(way.encode())


@pytest.mark.parametrize("table", PRIVATE_TABLES)
def test_the_web_role_takes_no_wall_down(database: Server, readers: dict[int, list[int]], table: str) -> None:
    for way in (
        f"ALTER TABLE private.{table} DISABLE ROW LEVEL SECURITY", f"DROP POLICY read ON private.{table}",
        f"CREATE POLICY mine ON private.{table} USING (true)", f"COPY private.{table} TO '/tmp/x'",
        f"COPY private.{table} TO PROGRAM 'cat'", f"TRUNCATE private.{table}",
        "INSERT INTO private.role_right VALUES ('citizen', 'see_private', 'city')",
        "CREATE FUNCTION private.f() RETURNS int LANGUAGE sql AS 'SELECT 1'", "CREATE SCHEMA mine",
    ):  # fmt: skip
        with psycopg.connect(database.conninfo("geoapp_web")) as connection, pytest.raises(psycopg.Error):
            connection.execute(way.encode())
    # Where it may be switched off, the question is refused instead of answered.
    with psycopg.connect(database.conninfo("geoapp_web")) as connection, pytest.raises(psycopg.Error):
        connection.execute("SET row_security = off")
        connection.execute(f"SELECT count(*) FROM private.{table}".encode())


@pytest.mark.parametrize("table", PRIVATE_TABLES)
def test_samples_and_statistics_of_private_rows_are_not_for_the_web(
    database: Server, readers: dict[int, list[int]], table: str
) -> None:
    """What the planner knows of a column are its most frequent values."""
    with psycopg.connect(database.conninfo("superuser")) as connection:
        connection.execute(f"ANALYZE private.{table}".encode())
    with psycopg.connect(database.conninfo("geoapp_web")) as connection:
        query = "SELECT count(*) FROM pg_stats WHERE schemaname = 'private'"
        assert connection.execute(query).fetchone() == (0,)


def test_no_view_shows_the_web_what_is_private_and_few_functions_pass_the_wall(database: Server) -> None:
    with psycopg.connect(database.conninfo("superuser")) as connection:
        views = connection.execute(
            "SELECT DISTINCT v.relname FROM pg_class v JOIN pg_rewrite w ON w.ev_class = v.oid "
            "JOIN pg_depend d ON d.objid = w.oid JOIN pg_class t ON t.oid = d.refobjid "
            "WHERE v.relkind IN ('v', 'm') AND t.relnamespace = 'private'::regnamespace"
        ).fetchall()
        doors = connection.execute(
            "SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
            "WHERE p.prosecdef AND n.nspname IN ('private', 'geoapp') "
            "AND has_function_privilege('geoapp_web', p.oid, 'EXECUTE') ORDER BY 1"
        ).fetchall()
    assert views == []
    assert {name for (name,) in doors} == {
        "account_of_email", "account_of_link", "account_of_subject", "accounts_kept", "accounts_seen", "administered",
        "cities_where", "demo_account", "door", "login_taken", "looks_in", "may_read", "person", "person_of_session",
        "person_of_token",
    }  # fmt: skip


def test_a_function_that_leaks_sees_no_row_before_the_wall(database: Server, readers: dict[int, list[int]]) -> None:
    """A cheap function of one's own that tells what it was called with: the planner must not run it first."""
    told_of: list[str] = []
    with psycopg.connect(database.conninfo("geoapp_web")) as connection:
        connection.add_notice_handler(lambda notice: told_of.append(str(notice.message_primary)))
        connection.execute(
            "CREATE FUNCTION pg_temp.tell(text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS "
            "$$ BEGIN RAISE NOTICE '%', $1; RETURN true; END $$"
        )
        assert connection.execute("SELECT name FROM private.reporter WHERE pg_temp.tell(name)").fetchall() == []
    assert told_of == []
