"""The list's count is exact: from the cells where they know, else from the register."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, text

from geoapp.city import City
from geoapp.store.cells import fold
from geoapp.store.database import Database
from geoapp.store.queries import clusters
from tests.make import recount

BOX = "114.1,20.1,114.77,20.83"


@pytest.fixture
def crowded(db: Database, filled: City) -> City:
    """The probe city with 2,000 more public tickets in its south-west, each copied from one of the 300."""
    columns = (
        "city_id, source, kind, state, outcome, matter_id, site_id, area_keys, public, urgent, late, opened_at, "
        "changed_at, due_at, ended_at, quad"
    )
    one = "SELECT * FROM geoapp.ticket WHERE public AND state = 'registered' LIMIT 1"
    with db.bulk.begin() as connection:
        connection.execute(
            text(
                f"INSERT INTO geoapp.ticket (number, point, {columns}) SELECT 'X-' || i, "
                f"ST_SetSRID(ST_MakePoint(114.2 + i / 10000.0, 20.2), 4326), {columns} "
                f"FROM ({one}) t, generate_series(1, 2000) i"
            )
        )
    return filled


@contextmanager
def statements(db: Database) -> Iterator[list[str]]:
    """What the web asks the database meanwhile."""
    said: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        said.append(" ".join(statement.split()))

    event.listen(db.web, "before_cursor_execute", hear)
    yield said
    event.remove(db.web, "before_cursor_execute", hear)


def test_what_was_written_by_hand_is_counted_as_well(client: FlaskClient, db: Database, crowded: City) -> None:
    for words, where in ((f"bbox={BOX}", "true"), (f"bbox={BOX}&state=registered", "state = 'registered'")):
        answer = client.get(f"/api/tickets?{words}&limit=5").json
        assert answer["count"] == counted(db, BOX, where) > 2000


@pytest.mark.parametrize("folded", [False, True])
@pytest.mark.parametrize(
    ("words", "where"),
    [
        ("", "true"),
        ("state=open", "state NOT IN ('settled', 'closed', 'declined', 'merged', 'withdrawn')"),
        ("state=done", "state IN ('settled', 'closed', 'declined', 'merged', 'withdrawn')"),
        ("state=open,done", "true"),
        ("due=late", "late"),
    ],
)
def test_over_whole_cells_the_cells_are_asked_and_no_ticket(
    client: FlaskClient, db: Database, filled: City, words: str, where: str, folded: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    with db.bulk.begin() as connection:
        connection.execute(text("UPDATE geoapp.ticket SET late = true WHERE number LIKE '%7' AND ended_at IS NULL"))
        recount(connection)
        if folded:
            fold(connection)

    def never(*_: Any) -> None:
        raise AssertionError("the tickets were asked")

    monkeypatch.setattr(clusters, "choose", never)
    boxes = [",".join(map(repr, client.get(f"/api/clusters?bbox={BOX}&zoom={z}").json["bbox"])) for z in (3, 9, 14)]
    for box in ["", *boxes]:
        answer = client.get(f"/api/tickets?{words}&limit=2" + (f"&bbox={box}" if box else "")).json
        assert answer["count"] == counted(db, box, where)


def counted(db: Database, box: str, where: str) -> int:
    west, south, east, north = map(float, box.split(",")) if box else (-180.0, -90.0, 180.0, 90.0)
    query = (
        f"SELECT count(*) FROM geoapp.ticket WHERE public AND ({where}) AND ST_X(point) >= :w AND ST_X(point) < :e "
        "AND ST_Y(point) > :s AND ST_Y(point) <= :n"
    )
    with db.bulk.connect() as connection:
        values = {"w": west, "e": east, "s": south, "n": north}
        return int(connection.execute(text(query), values).scalar_one())


def test_a_list_that_fits_on_its_page_is_counted_by_itself(client: FlaskClient, db: Database, filled: City) -> None:
    with statements(db) as said:
        answer = client.get("/api/tickets?matter=dark&since=2026-03-12&limit=200").json
    assert answer["count"] == len(answer["items"]) > 0
    assert not [one for one in said if "count(" in one]


@pytest.mark.parametrize("table", ["ticket_change", "ticket", "city"])
def test_a_question_given_up_for_its_time_is_answered_clearly(
    settings: Any, database: Any, filled: City, table: str
) -> None:
    from geoapp.app import create_app

    hasty = Database(database, query_seconds=1)
    client = create_app(settings, hasty).test_client()
    with psycopg.connect(database.conninfo("geoapp_owner")) as slow:
        slow.execute(f"LOCK TABLE geoapp.{table} IN ACCESS EXCLUSIVE MODE")
        _asks_too_long(client)
    assert client.get("/api/tickets").status_code == 200
    hasty.close()


def _asks_too_long(client: FlaskClient) -> None:
    for lang, said in (("en", "takes too long"), ("zh", "耗时过长")):
        answer = client.get(f"/api/tickets?lang={lang}")
        assert (answer.status_code, answer.json["error"]["code"]) == (503, "took_too_long")
        assert said in answer.json["error"]["message"]
        assert said in client.get(f"/?lang={lang}").text
