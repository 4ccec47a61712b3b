"""Reports that keep coming: through the one path, moved on by the table, cells true all the while."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from geoapp.demo import live, town
from geoapp.demo.live import Feed
from geoapp.intake.run import fold_cells
from geoapp.lifecycle import MOVES
from geoapp.store.cluster import Server

NOW = datetime(2026, 5, 20, 3, 0, tzinfo=UTC)


@pytest.fixture
def engine(database: Server) -> Iterator[Engine]:
    engine = create_engine(database.url("geoapp_bulk"), poolclass=NullPool)
    yield engine
    engine.dispose()


def test_new_reports_come_and_tickets_go_on(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    town.load(engine, 60, 1, NOW - timedelta(days=1))
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
