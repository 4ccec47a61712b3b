"""Reports that keep coming: through the one path, moved on by the table, cells true all the while."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from geoapp.city import City
from geoapp.demo import life, live, town
from geoapp.demo.live import Feed
from geoapp.demo.stage import Stage
from geoapp.errors import BadMove
from geoapp.intake.run import fold_cells
from geoapp.lifecycle import MOVES, State
from geoapp.store.cluster import Server
from geoapp.store.queries.areas import Place
from geoapp.store.queries.tickets import Line
from geoapp.tickets.moves import Moved
from tests.databases import Databases

NOW = datetime(2026, 5, 20, 3, 0, tzinfo=UTC)


@pytest.fixture
def template(databases: Databases) -> str:
    """The town with sixty tickets, on which nobody has done anything since yesterday.

    None that the city has sent by itself: some wait for a dispatcher.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(life, "OWN_DAYS", 0)
        return databases.grown("bay_sixty", lambda db: town.load(db.bulk, 60, 1, NOW - timedelta(days=1)))


@pytest.fixture
def engine(database: Server) -> Iterator[Engine]:
    engine = create_engine(database.url("geoapp_bulk"), poolclass=NullPool)
    yield engine
    engine.dispose()


def test_new_reports_come_and_tickets_go_on(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_MOVED", 1.0)
    feed = Feed(engine, *town.live_stage(engine, None, 1), np.random.default_rng(5))
    for _ in range(15):
        feed.one_more()
    fold_cells(engine)
    assert feed.reports == 15 and feed.moves >= 1
    with engine.connect() as connection:
        tickets = connection.execute(text("SELECT count(*) FROM geoapp.ticket")).scalar_one()
        made = connection.execute(
            text(
                "SELECT name, from_state, to_state FROM geoapp.event WHERE from_state <> '' "
                "AND actor LIKE '%demo' AND actor NOT LIKE 'source%'"
            )
        ).all()
        open_ = connection.execute(text("SELECT sum(n), sum(open) FROM geoapp.cell_total WHERE z = 0")).one()
        standing = connection.execute(
            text("SELECT count(*) FILTER (WHERE state NOT IN ('settled', 'closed', 'declined', 'merged')) "
                 "FROM geoapp.ticket")
        ).scalar_one()  # fmt: skip
    assert tickets == 75 and tuple(open_) == (75, standing)
    table = {move.name: move for move in MOVES}
    moves = [row for row in made if not row.name.startswith("mirror_")]
    assert len(moves) == feed.moves
    assert all(row.from_state in table[row.name].sources and row.to_state == table[row.name].target for row in moves)
    feed.run(rate=6000, seconds=0.5)
    assert feed.reports > 15


def _bay(engine: Engine) -> tuple[City, Stage]:
    return town.live_stage(engine, None, 1)


def test_a_ticket_is_sent_to_the_area_that_answers_and_its_event_says_so(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    city, stage = _bay(engine)
    monkeypatch.setattr(live, "_NEXT", {State.TO_DISPATCH: live._NEXT[State.TO_DISPATCH]})
    feed = Feed(engine, city, stage, np.random.default_rng(5))
    for _ in range(3):
        feed._move_on(datetime.now(UTC))
    assert feed.moves >= 1
    with engine.connect() as connection:
        sent = connection.execute(
            text(
                "SELECT e.codes->>'unit' AS named, u.code AS given, a.code AS home FROM geoapp.event e "
                "JOIN geoapp.ticket k ON k.id = e.ticket_id JOIN geoapp.unit u ON u.id = k.unit_id "
                "JOIN geoapp.area a ON a.area_key_id = ANY(k.area_keys) AND a.layer = :layer "
                "WHERE e.name = 'dispatch' AND e.actor = 'dispatcher:demo'"
            ),
            {"layer": city.responsible},
        ).all()
    assert len(sent) == feed.moves and all(row.named == row.given == row.home for row in sent)


@pytest.mark.parametrize("meanwhile", [True, False])
def test_a_ticket_that_another_feed_moved_meanwhile_does_not_end_the_feed(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, meanwhile: bool
) -> None:
    city, stage = _bay(engine)
    monkeypatch.setattr(live, "_NEXT", {State.TO_DISPATCH: live._NEXT[State.TO_DISPATCH]})
    feed, other = (Feed(engine, city, stage, np.random.default_rng(5)) for _ in range(2))
    chosen_next = feed._next

    def late(chosen: Line, home: Place | None, now: datetime) -> Moved | None:
        wanted = chosen_next(chosen, home, now)
        assert wanted is not None
        if meanwhile:
            assert other._made(chosen, wanted)
            return wanted
        return replace(wanted, name="pass", who="field_checker")

    monkeypatch.setattr(feed, "_next", late)
    if meanwhile:
        feed._move_on(datetime.now(UTC))
    else:
        # What is wrong with the feed itself is not hushed up.
        with pytest.raises(BadMove):
            feed._move_on(datetime.now(UTC))
    assert feed.moves == 0
