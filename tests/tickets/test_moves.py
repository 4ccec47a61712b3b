"""Moves made by hand: by the table alone, all of a batch or none, with the cells kept true."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from geoapp.errors import BadMove
from geoapp.intake.path import take
from geoapp.intake.run import fold_cells, settle
from geoapp.store import catalogue
from geoapp.store.cluster import Server
from geoapp.store.queries import ticket as queries
from geoapp.tickets.moves import Moved, make_moves, untouched
from tests.make import SAID, SOURCE, make_city, make_report

LATER = SAID + timedelta(days=2)


@pytest.fixture
def engine(database: Server) -> Iterator[Engine]:
    engine = create_engine(database.url("geoapp_bulk"), poolclass=NullPool)
    yield engine
    engine.dispose()


def test_moves_are_events_and_keep_ticket_and_cells_true(engine: Engine) -> None:
    city = make_city(engine)
    taken = take(engine, city, SOURCE, [make_report(ref="1", due_at=SAID + timedelta(days=1))])[0]
    assert taken.ticket_id is not None and taken.number is not None
    unit = catalogue.unit_ids(engine, city, {"U1": "Unit"})["U1"]
    settle(engine, LATER)
    with engine.begin() as connection:
        assert untouched(connection, [taken.ticket_id]) == {taken.ticket_id}
        make_moves(connection, city.id, [
            Moved(taken.ticket_id, "queue", "dispatcher", "dispatcher:x", SAID),
            Moved(taken.ticket_id, "dispatch", "dispatcher", "dispatcher:x", SAID, {"unit": "U1"}, unit_id=unit),
            Moved(taken.ticket_id, "sign", "unit", "unit:x", LATER, note="ours"),
            Moved(taken.ticket_id, "extend", "supervisor", "supervisor:x", LATER, {"due": "", "reason": "rain"},
                  "soon", due_at=LATER + timedelta(days=3)),
            Moved(taken.ticket_id, "submit", "unit", "unit:x", LATER, {"result": "repaired"}),
            Moved(taken.ticket_id, "pass", "field_checker", "field_checker:x", LATER, outcome="repaired"),
        ])  # fmt: skip
    fold_cells(engine)
    with engine.connect() as connection:
        assert untouched(connection, [taken.ticket_id]) == set()
        case = queries.case(connection, taken.number)
        happened = queries.timeline(connection, taken.ticket_id)
        cells = connection.execute(
            text("SELECT sum(n), sum(open), sum(late), sum(settled) FROM geoapp.cell_total WHERE z = 0")
        ).one()
    assert case is not None
    assert (case.state, case.outcome, case.unit_code, case.late) == ("settled", "repaired", "U1", False)
    assert case.ended_at == LATER and case.due_at == LATER + timedelta(days=3)
    moves = [(one.name, one.from_state, one.to_state, one.note) for one in happened]
    assert moves[:2] == [("register", None, "registered", ""), ("overdue", None, None, "")]
    assert [name for name, *_ in moves[5:7]] == ["extend", "not_overdue"]
    assert moves[4] == ("sign", "to_sign", "in_hand", "ours") and moves[-1][:3] == ("pass", "to_check", "settled")
    assert happened[-1].codes == {"outcome": "repaired"} and tuple(cells) == (1, 0, 0, 1)


def test_a_move_the_table_does_not_know_writes_nothing(engine: Engine) -> None:
    city = make_city(engine)
    taken = take(engine, city, SOURCE, [make_report(ref="1")])[0]
    assert taken.ticket_id is not None and taken.number is not None
    now = datetime.now(UTC)
    for wrong in (
        Moved(taken.ticket_id, "sign", "unit", "unit:x", now),
        Moved(taken.ticket_id, "queue", "citizen", "citizen:x", now),
        Moved(taken.ticket_id, "decline", "dispatcher", "dispatcher:x", now),
    ):
        queue = Moved(taken.ticket_id, "queue", "dispatcher", "dispatcher:x", now)
        with pytest.raises(BadMove), engine.begin() as connection:
            make_moves(connection, city.id, [queue, wrong] if wrong.name == "queue" else [wrong])
    with engine.connect() as connection:
        case = queries.case(connection, taken.number)
        assert case is not None and case.state == "registered"
        assert [one.name for one in queries.timeline(connection, taken.ticket_id)] == ["register"]
