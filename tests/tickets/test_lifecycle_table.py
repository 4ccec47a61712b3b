"""The table is walked: every allowed move of every role succeeds and leaves an event, every other fails and nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.pool import NullPool

from geoapp.errors import BadField, BadMove, GeoappError, NotAllowed
from geoapp.lifecycle import (
    LEAD_MOVES,
    MOVES,
    REOPEN_WINDOW,
    WRONG,
    FieldKind,
    LeadState,
    State,
    lead_move,
    line,
    move,
    read,
)
from geoapp.people.rights import ACTS_AS
from geoapp.records import Role
from geoapp.store import links, subjects
from geoapp.store.cluster import Server
from geoapp.tickets import acts
from geoapp.tickets.acts import Deed, do
from tests.tickets.acting_town import REPORTER, WHOS, Town, deed, make_ticket, make_town, put, stand


@pytest.fixture(scope="module")
def engine(shared_database: Server) -> Iterator[Engine]:
    engine = create_engine(shared_database.url("geoapp_web"), poolclass=NullPool)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def bulk(shared_database: Server) -> Iterator[Engine]:
    engine = create_engine(shared_database.url("geoapp_bulk"), poolclass=NullPool)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def town(bulk: Engine) -> Town:
    return make_town(bulk)


@pytest.fixture(scope="module")
def tickets(bulk: Engine, town: Town) -> tuple[str, str]:
    return make_ticket(bulk, town, "walked", reports=2), make_ticket(bulk, town, "other")


def who_of(role: str) -> str | None:
    """As whom a role acts on this ticket; a citizen who did not report it is nobody."""
    if role == Role.CITIZEN:
        return None
    return "citizen" if role == REPORTER else ACTS_AS.get(role)  # type: ignore[call-overload, no-any-return]


_STANDS = (
    "SELECT k.state, k.unit_id, k.due_at, k.outcome, k.urgent, k.late, k.public, k.ended_at, "
    "(SELECT count(*) FROM geoapp.event e WHERE e.ticket_id = k.id) AS events, "
    "(SELECT count(*) FROM geoapp.report r WHERE r.ticket_id = k.id) AS reports, "
    "(SELECT count(*) FROM geoapp.ticket_link l WHERE k.id IN (l.ticket_id, l.other_id)) AS links, "
    "(SELECT count(*) FROM geoapp.repair p WHERE p.ticket_id = k.id) AS repairs, "
    "(SELECT array_agg(m.mark ORDER BY m.mark) FROM geoapp.ticket_mark m WHERE m.ticket_id = k.id) AS marks, "
    "(SELECT sum(n) FROM geoapp.cell_delta) AS cells FROM geoapp.ticket k WHERE k.number = :number"
)


def standing(connection: Connection, number: str) -> dict[str, Any]:
    return dict(connection.execute(text(_STANDS), {"number": number}).mappings().one())


def prepared(connection: Connection, town: Town, tickets: tuple[str, str], name: str, state: State) -> Deed:
    """What a move needs to have happened before, and the move; the ticket stands in that state."""
    mine, other = tickets
    found = subjects.read(connection, tickets)
    if name == "detach_child":
        links.add(connection, found[mine].id, "child", found[other].id)
    if name == "end_works":
        stand(connection, mine, State.IN_HAND)
        do(connection, town.doer("unit_staff"), deed(mine, "begin_works"), str, REOPEN_WINDOW)
    if name in ("list_change", "rule"):
        stand(connection, mine, State.TO_SIGN)
        do(connection, town.doer("dispatcher"), deed(mine, "dispute"), str, REOPEN_WINDOW)
    if name == "list_change":
        do(connection, town.doer("adjudicator"), deed(mine, "rule", unit="S1"), str, REOPEN_WINDOW)
    if name == "reclassify":
        # It would be told to be urgent, as what it is about from then on is.
        put(connection, mine, urgent=True)
    stand(connection, mine, state)
    reports = subjects.reports(connection, found[mine].id)
    return deed(mine, name, other, str(reports[-1].id))


@pytest.mark.parametrize("state", State)
def test_every_allowed_move_succeeds_and_every_other_changes_nothing(
    engine: Engine, town: Town, tickets: tuple[str, str], state: State
) -> None:
    walked = 0
    with engine.begin() as connection:
        for one in MOVES:
            whole = connection.begin_nested()
            wanted = (
                prepared(connection, town, tickets, one.name, state)
                if one.who != {"source"}
                else Deed(tickets[0], one.name, {})
            )
            before = standing(connection, tickets[0])
            for role in WHOS:
                allowed = who_of(role) in one.who
                point = connection.begin_nested()
                try:
                    done = do(connection, town.doer(role), wanted, str, REOPEN_WINDOW)
                except (NotAllowed, BadMove) as error:
                    assert not (allowed and state in one.sources), (role, one.name, error)
                    assert isinstance(error, BadMove if allowed else NotAllowed), (role, one.name)
                    assert standing(connection, tickets[0]) == before
                else:
                    assert allowed and state in one.sources, (role, one.name)
                    after = standing(connection, tickets[0])
                    assert after["state"] == done.state == (one.target or state)
                    assert after["events"] == before["events"] + 1, (role, one.name)
                    walked += 1
                point.rollback()
            whole.rollback()
    assert walked or state in (State.DECLINED, State.MERGED, State.WITHDRAWN)


@pytest.mark.parametrize("one", [move for move in MOVES if move.who != {"source"}], ids=lambda one: one.name)
def test_what_a_move_needs_is_asked_for_field_by_field(
    engine: Engine, town: Town, tickets: tuple[str, str], one: Any
) -> None:
    role = next(role for role in WHOS if who_of(role) in one.who)
    with engine.begin() as connection:
        wanted = prepared(connection, town, tickets, one.name, sorted(one.sources)[0])
        before = standing(connection, tickets[0])
        for name in [*sorted(one.needs), "unheard_of"]:
            said = {key: word for key, word in wanted.said.items() if key != name}
            said |= {"unheard_of": "x"} if name not in one.needs else {}
            with pytest.raises(BadField) as refused:
                do(
                    connection,
                    town.doer(role),
                    Deed(tickets[0], one.name, said, None, wanted.picture),
                    str,
                    REOPEN_WINDOW,
                )
            why = refused.value.facts["fields"]
            assert why == {name: "missing" if name in one.needs else "unknown"}
        assert standing(connection, tickets[0]) == before
        connection.rollback()


def test_the_lifecycle_is_whole() -> None:
    """Every state but the ends is left by somebody, every one but the first is come to, and a unit closes nothing."""
    people = [one for one in MOVES if one.who - {"source", "system"}]
    left = {state for one in people if one.target for state in one.sources}
    come_to = {one.target for one in people if one.target}
    ends = {State.DECLINED, State.MERGED, State.WITHDRAWN}
    assert left == set(State) - ends
    assert come_to == set(State) - {State.REGISTERED}
    over = {State.SETTLED, State.CLOSED}
    assert not [one.name for one in people if one.target in over and one.who & {"unit", "crew"}]


def test_every_move_and_field_has_its_words() -> None:
    for one in (*MOVES, *LEAD_MOVES):
        for names in (one.names, *(f.names for f in one.fields), *(w for f in one.fields for w in f.choices.values())):
            assert set(names) == {"zh", "en"} and all(names.values()), one.name
    assert len({one.name for one in MOVES}) == len(MOVES)


@pytest.mark.parametrize("state", LeadState)
@pytest.mark.parametrize("one", LEAD_MOVES, ids=lambda one: one.name)
def test_a_lead_goes_where_the_table_says(one: Any, state: LeadState) -> None:
    given = frozenset(one.needs)
    if state in one.sources:
        assert lead_move(one.name, state, "verifier", given) == (one.target or state)
        for wrong in ("unit", "citizen", "dispatcher"):
            with pytest.raises(BadMove):
                lead_move(one.name, state, wrong, given)
    else:
        with pytest.raises(BadMove):
            lead_move(one.name, state, "verifier", given)


@pytest.mark.parametrize(
    ("name", "field", "word", "why"),
    [
        ("extend", "due", "2026-02-30", "not_a_day"), ("extend", "due", "2026-W05-1", "not_a_day"),
        ("extend", "reason", "lazy", "not_a_choice"), ("extend", "note", "x" * 1001, "too_long"),
        ("extend", "note", "a\0b", "not_plain"), ("archive", "speed", "6", "not_a_rating"),
        ("archive", "speed", "٣", "not_a_rating"), ("end_works", "cost", "NaN", "not_a_number"),
        ("end_works", "cost", "-1", "not_a_number"), ("plan_works", "outline", "1,2 3,4", "not_a_number"),
        ("plan_works", "outline", "1,2 3,4 nan,5", "not_a_number"), ("plan_works", "hoarding_m", "501", "not_a_number"),
        ("plan_works", "traffic", "maybe", "not_a_choice"), ("split", "reports", "1;2", "not_a_number"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_with_its_reason(name: str, field: str, word: str, why: str) -> None:
    found = line(name)
    with pytest.raises(BadField) as refused:
        read([one for one in found.fields if one.name == field], {field: word})
    assert refused.value.facts["fields"] == {field: why} and why in WRONG


def test_a_photo_is_no_word_and_a_repair_needs_one() -> None:
    fields = line("submit").fields
    with pytest.raises(BadField) as refused:
        read(fields, {"result": "repaired"})
    assert refused.value.facts["fields"] == {"photo": "missing"}
    assert read(fields, {"result": "explained"}).codes == {"result": "explained"}
    assert read(fields, {"result": "repaired", "note": " 已修 "}, photo=True).note == "已修"
    assert [one.kind for one in fields if one.name == "photo"] == [FieldKind.PHOTO]


def test_there_is_no_such_move() -> None:
    with pytest.raises(BadMove):
        move("fly", State.IN_HAND, "unit")
    assert issubclass(acts.MovedMeanwhile, GeoappError)
