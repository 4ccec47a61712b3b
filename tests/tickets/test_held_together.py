"""What acting on tickets must never do: act for others, tell of what is hidden, lose what presses or was said."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from geoapp.assign.clocks import Clock
from geoapp.errors import BadField, BadMove, ChildrenOpen, NotAllowed
from geoapp.intake import deeds
from geoapp.intake.path import take
from geoapp.lifecycle import MOVES, FieldKind, State
from geoapp.people.looking import of_report
from geoapp.records import Holding, Person, Role
from geoapp.store import clocks, disputes, subjects, units
from geoapp.store.acting import Identity
from geoapp.store.database import Database
from geoapp.store.queries import beside, repairs
from geoapp.store.queries import ticket as queries
from geoapp.tickets import ticking
from geoapp.tickets.acts import Deed, Done
from geoapp.tickets.moves import Moved, make_moves, move_on
from geoapp.tickets.work import Doer, by_account
from importers.base import Standing
from tests.make import SOURCE, make_report
from tests.tickets.acting_town import LATER, REPORTER, SOON, Town, deed, make_ticket, picture, put, stand

DISPATCHER, STAFF, SUPERVISOR = Role.DISPATCHER, Role.UNIT_STAFF, Role.SUPERVISOR


def act(db: Database, town: Town, who: str, number: str, name: str, *args: str, **more: str) -> Done:
    return deeds.act(db.web, town.doer(who), deed(number, name, *args, **more))


def subject(db: Database, number: str) -> subjects.Subject:
    with db.web.connect() as connection:
        return subjects.read(connection, [number])[number]


def told(db: Database, number: str) -> list[queries.Happened]:
    with db.web.connect() as connection:
        return queries.timeline(connection, subject(db, number).id)


def of(db: Database, number: str) -> beside.Beside:
    with db.web.connect() as connection:
        return beside.of(connection, subject(db, number).id)


def set_state(db: Database, number: str, state: State, **columns: object) -> None:
    with db.bulk.begin() as connection:
        stand(connection, number, state)
        if columns:
            put(connection, number, **columns)


# Who acts


@pytest.mark.parametrize("name", ["sign", "ask_return", "delegate"])
def test_whoever_assists_does_not_answer_for_the_ticket(db: Database, town: Town, name: str) -> None:
    number = make_ticket(db.bulk, town, "1", unit=None)
    act(db, town, Role.CALL_TAKER, number, "queue")
    act(db, town, DISPATCHER, number, "dispatch", unit="B", assisting="S1")
    with pytest.raises(NotAllowed):
        act(db, town, STAFF, number, name)
    act(db, town, STAFF, number, "note")


def test_whoever_had_it_before_acts_no_more(db: Database, town: Town) -> None:
    number = make_ticket(db.bulk, town, "1")
    set_state(db, number, State.IN_HAND)
    act(db, town, STAFF, number, "plan_works")
    with db.bulk.begin() as connection:
        put(connection, number, unit=town.units["S2"])
    for name in ("submit", "plan_works", "note"):
        with pytest.raises(NotAllowed):
            act(db, town, STAFF, number, name)
    other = by_account_of(town, "S2")
    deeds.act(db.web, other, deed(number, "begin_works", end=LATER))
    with db.web.connect() as connection:
        (one,) = repairs.at_site(connection, subject(db, number).site_id)
    # Who works on it is liable for it.
    assert one.unit is not None and one.unit.code == "S2"


def by_account_of(town: Town, unit: str) -> Doer:
    held = Holding(STAFF, town.city.id, (town.units[unit],))
    return by_account(Person(99, "x", "x", "zh", (held,)))


def test_a_photo_goes_where_the_move_takes_one(db: Database, town: Town) -> None:
    number = make_ticket(db.bulk, town, "1")
    act(db, town, DISPATCHER, number, "queue")
    taking = {one.name for one in MOVES if any(field.kind is FieldKind.PHOTO for field in one.fields)}
    assert "remind" not in taking
    with pytest.raises(BadField) as refused:
        deeds.act(db.web, town.doer(REPORTER), Deed(number, "remind", {}, None, picture()))
    assert refused.value.facts["fields"] == {"photo": "unknown"}


def test_nobody_takes_back_what_others_have_said(db: Database, town: Town) -> None:
    mine, other = make_ticket(db.bulk, town, "1", reports=2), make_ticket(db.bulk, town, "2")
    act(db, town, DISPATCHER, other, "merge", mine)
    with pytest.raises(BadField, match="others"):
        act(db, town, REPORTER, mine, "withdraw")
    alone = make_ticket(db.bulk, town, "3", reports=2)
    assert act(db, town, REPORTER, alone, "withdraw").state == State.WITHDRAWN


def test_events_do_not_say_whose_report_it_was(db: Database, town: Town) -> None:
    number = make_ticket(db.bulk, town, "1")
    act(db, town, DISPATCHER, number, "queue")
    # As the pages have whoever has filed it and signed in.
    mine = replace(town.doer(REPORTER), actor="account:77", identity=Identity(77))
    deeds.act(db.web, mine, deed(number, "remind"))
    set_state(db, number, State.SETTLED)
    deeds.act(db.web, mine, deed(number, "archive", speed="5"))
    assert [one.actor for one in told(db, number)][-2:] == ["reporter", "reporter"]
    with db.web.connect() as connection:
        assert connection.execute(text("SELECT actor FROM geoapp.rating")).scalar_one() == "reporter"


def reports_of(db: Database, number: str) -> list[int]:
    with db.web.connect() as connection:
        return [row.id for row in subjects.reports(connection, subject(db, number).id)]


# Nobody was quicker


def test_reminders_of_the_clock_are_nobodys_doing(db: Database, town: Town) -> None:
    number = make_ticket(db.bulk, town, "1", said_at=datetime.now(UTC) - timedelta(hours=50))
    seen = subject(db, number).version
    assert ticking.tick(db.bulk) == 1
    assert {"due_soon", "reminded", "overdue", "escalated"} <= {one.name for one in told(db, number)}
    assert subject(db, number).version == seen
    deeds.act(db.web, town.doer(DISPATCHER), deed(number, "queue", seen=seen))


# Joined, split, families


def test_what_presses_goes_over(db: Database, town: Town) -> None:
    number, into = make_ticket(db.bulk, town, "1"), make_ticket(db.bulk, town, "2")
    set_state(db, number, State.IN_HAND)
    act(db, town, STAFF, number, "begin_works", end=LATER)
    act(db, town, SUPERVISOR, number, "supervise")
    act(db, town, SUPERVISOR, number, "urgent")
    act(db, town, DISPATCHER, number, "merge", into)
    assert subject(db, into).urgent and {"supervised", "works"} <= set(of(db, into).marks)
    assert {"urgent", "supervise", "attach"} <= {one.name for one in told(db, into)}
    with db.web.connect() as connection:
        (one,) = repairs.at_site(connection, subject(db, into).site_id)
    assert one.ticket == into and one.ended_at is None


def test_works_of_what_has_ended_come_to_nothing(db: Database, town: Town) -> None:
    number = make_ticket(db.bulk, town, "1")
    set_state(db, number, State.IN_HAND)
    act(db, town, STAFF, number, "begin_works", end=LATER)
    act(db, town, REPORTER, number, "withdraw")
    with db.web.connect() as connection:
        assert repairs.at_site(connection, subject(db, number).site_id) == []


def test_a_ticket_goes_into_one_that_is_ones_own_to_act_on(db: Database, town: Town) -> None:
    number, into = make_ticket(db.bulk, town, "1"), make_ticket(db.bulk, town, "2", x=114.05, unit="B")
    assert subject(db, number).area_keys != subject(db, into).area_keys
    held = Holding(Role.DISTRICT_DISPATCHER, town.city.id, (town.units["D"],), subject(db, number).area_keys)
    doer = by_account(Person(99, "x", "x", "zh", (held,)))
    with pytest.raises(BadField, match="not_yours"):
        deeds.act(db.web, doer, deed(number, "merge", into))


def test_families_stay_one_level_deep(db: Database, town: Town) -> None:
    parent, child, other, above = (make_ticket(db.bulk, town, ref) for ref in "1234")
    act(db, town, DISPATCHER, parent, "attach_child", child)
    act(db, town, DISPATCHER, above, "attach_child", other)
    with pytest.raises(BadField, match="no_family"):
        act(db, town, DISPATCHER, parent, "merge", other)
    # A child that takes its parent in is nobody's child.
    act(db, town, DISPATCHER, parent, "merge", child)
    assert [one.kind for one in of(db, child).links] == ["merged_from"]
    # One that goes over leaves its place below the parent to whoever takes it in.
    alone = make_ticket(db.bulk, town, "5")
    act(db, town, DISPATCHER, other, "merge", alone)
    assert {(one.kind, one.number) for one in of(db, alone).links} == {("merged_from", other), ("parent", above)}
    assert told(db, alone)[-1].name == "attached"


def test_children_that_go_over_are_told(db: Database, town: Town) -> None:
    parent, child, into = (make_ticket(db.bulk, town, ref) for ref in "123")
    act(db, town, DISPATCHER, parent, "attach_child", child)
    act(db, town, DISPATCHER, parent, "merge", into)
    last = told(db, child)[-1]
    assert (last.name, last.codes["other"]) == ("attached", into)


def test_a_child_leaves_a_parent_that_has_ended(db: Database, town: Town) -> None:
    parent, child = make_ticket(db.bulk, town, "1"), make_ticket(db.bulk, town, "2")
    act(db, town, DISPATCHER, parent, "attach_child", child)
    act(db, town, DISPATCHER, parent, "decline")
    act(db, town, DISPATCHER, parent, "detach_child", child)
    assert of(db, child).links == []


def test_a_parent_is_not_closed_over_a_child_that_was_sent_back(db: Database, town: Town) -> None:
    parent, child = make_ticket(db.bulk, town, "1"), make_ticket(db.bulk, town, "2", kind="denunciation")
    act(db, town, DISPATCHER, parent, "attach_child", child)
    set_state(db, child, State.SETTLED)
    set_state(db, parent, State.TO_CHECK)
    act(db, town, SUPERVISOR, parent, "pass")
    act(db, town, REPORTER, child, "redo")
    with pytest.raises(ChildrenOpen) as refused:
        act(db, town, REPORTER, parent, "archive")
    assert refused.value.facts["children"] == [child]  # Whoever holds a receipt sees all: nobody is named to others.
    later = datetime.now(UTC) + timedelta(days=9)
    assert move_on(db.bulk, later, timedelta(days=7)) == 0
    set_state(db, child, State.SETTLED)
    assert move_on(db.bulk, later, timedelta(days=7)) == 1
    assert subject(db, parent).state == State.CLOSED


def test_children_that_are_hidden_are_named_to_nobody_who_may_not_see_them(db: Database, town: Town) -> None:
    parent, child = (
        make_ticket(db.bulk, town, "1"),
        make_ticket(db.bulk, town, "2", kind="denunciation", x=114.05, unit="B"),
    )
    act(db, town, DISPATCHER, parent, "attach_child", child)
    set_state(db, parent, State.TO_CHECK)
    held = Holding(Role.FIELD_CHECKER, town.city.id, (town.units["S1"],), subject(db, parent).area_keys)
    doer = by_account(Person(99, "x", "x", "zh", (held,)))
    with pytest.raises(ChildrenOpen) as refused:
        deeds.act(db.web, doer, deed(parent, "pass"))
    assert refused.value.facts["children"] == [] and child not in str(refused.value)
    # Nor by what hangs on the parent.
    assert of(db, parent).links == []


def test_what_its_source_says_of_a_ticket_that_was_joined_moves_no_other(db: Database, town: Town) -> None:
    number, into = make_ticket(db.bulk, town, "1"), make_ticket(db.bulk, town, "2")
    act(db, town, DISPATCHER, number, "merge", into)
    before = subject(db, into)
    closed = Standing("closed", datetime.now(UTC))
    take(db.bulk, town.city, SOURCE, [make_report(ref="1", body="已处理", standing=closed, x=113.96)])
    after = subject(db, into)
    assert (after.state, after.site_id) == (before.state, before.site_id)
    assert told(db, into)[-1].codes.get("joined") is True
    take(db.bulk, town.city, SOURCE, [make_report(ref="2", body="已处理", standing=closed)])
    assert subject(db, into).state == State.CLOSED


def test_whoever_handled_a_denunciation_stays_out_however_it_is_joined_or_split(db: Database, town: Town) -> None:
    first, into = (make_ticket(db.bulk, town, ref, kind="denunciation", reports=2) for ref in "12")
    (report, _again) = reports_of(db, first)
    act(db, town, DISPATCHER, first, "queue")
    act(db, town, DISPATCHER, first, "dispatch", unit="B", assisting="S2")
    assert town.units["S2"] in {line[0] for line in of_report(db.web, report).units}
    act(db, town, DISPATCHER, first, "merge", into)
    earlier = {line[0] for line in of_report(db.web, report).earlier}
    assert {town.units["B"], town.units["S2"]} <= earlier
    opened = act(db, town, DISPATCHER, into, "split", reports=str(report)).opened
    assert opened and {town.units["B"], town.units["S2"]} <= {line[0] for line in of_report(db.web, report).earlier}


# Again, and too late


def test_what_is_reported_again_too_late_can_be_repaired_and_rated(db: Database, town: Town) -> None:
    number = make_ticket(db.bulk, town, "1")
    with db.bulk.begin() as connection:
        stand(connection, number, State.CLOSED, datetime.now(UTC) - timedelta(days=31))
    done = act(db, town, REPORTER, number, "reopen", note="又坏了 13800138000")
    assert done.opened is not None and done.receipt
    # Pressed again, it is the same.
    again = act(db, town, REPORTER, number, "reopen", note="又坏了")
    assert (again.opened, again.receipt) == (done.opened, None)
    with db.web.connect() as connection:
        (said,) = queries.said(connection, subject(db, done.opened).id)
    assert said.body.startswith("又坏了") and "13800138000" not in said.body
    set_state(db, done.opened, State.IN_HAND, unit=town.units["S1"])
    assert act(db, town, STAFF, done.opened, "submit").state == State.TO_CHECK


def test_whoever_has_it_done_again_twice_has_it_supervised_whichever_way(db: Database, town: Town) -> None:
    number = make_ticket(db.bulk, town, "1")
    set_state(db, number, State.SETTLED)
    act(db, town, REPORTER, number, "redo")
    assert "supervised" not in of(db, number).marks
    set_state(db, number, State.CLOSED)
    act(db, town, REPORTER, number, "reopen")
    assert "supervised" in of(db, number).marks


# Works


def test_works_that_were_told_to_be_done_are_one_repair(db: Database, town: Town) -> None:
    number = make_ticket(db.bulk, town, "1")
    set_state(db, number, State.TO_SIGN)
    act(db, town, STAFF, number, "sign")
    act(db, town, STAFF, number, "begin_works", end=LATER)
    act(db, town, STAFF, number, "end_works")
    act(db, town, STAFF, number, "submit", liability=LATER)
    with db.web.connect() as connection:
        (one,) = repairs.at_site(connection, subject(db, number).site_id)
    assert one.liability_until is not None and one.started_at is not None and one.ended_at is not None
    act(db, town, SUPERVISOR, number, "fail")
    act(db, town, STAFF, number, "submit")
    with db.web.connect() as connection:
        assert len(repairs.at_site(connection, subject(db, number).site_id)) == 2


def test_what_comes_back_does_not_betray_a_hidden_ticket(db: Database, town: Town) -> None:
    number = make_ticket(db.bulk, town, "1", kind="denunciation")
    set_state(db, number, State.IN_HAND)
    act(db, town, STAFF, number, "submit", liability=LATER)
    again = make_ticket(db.bulk, town, "2", said_at=datetime.now(UTC) + timedelta(hours=1))
    assert "liable" not in of(db, again).marks
    hidden = make_ticket(db.bulk, town, "3", kind="denunciation", said_at=datetime.now(UTC) + timedelta(hours=1))
    assert "liable" in of(db, hidden).marks


# Time and odd words


@pytest.mark.parametrize(
    ("name", "field", "state"),
    [
        ("extend", "due", State.IN_HAND), ("ask_extend", "due", State.IN_HAND), ("shelve", "review", State.IN_HAND),
        ("ask_shelve", "review", State.IN_HAND), ("plan_works", "end", State.IN_HAND),
        ("begin_works", "end", State.IN_HAND),
    ],
)  # fmt: skip
def test_nothing_is_planned_for_the_end_of_days(db: Database, town: Town, name: str, field: str, state: State) -> None:
    number = make_ticket(db.bulk, town, "1")
    set_state(db, number, State.TO_SIGN)
    act(db, town, STAFF, number, "sign")
    who = SUPERVISOR if name in ("extend", "shelve") else STAFF
    with pytest.raises(BadField, match="far_ahead"):
        act(db, town, who, number, name, **{field: "2199-12-31"})


def test_sums_that_no_column_holds_are_refused(db: Database, town: Town) -> None:
    number = make_ticket(db.bulk, town, "1")
    set_state(db, number, State.IN_HAND)
    with pytest.raises(BadField, match="not_a_number"):
        act(db, town, STAFF, number, "begin_works", end=LATER, cost="999999999999.999")


def test_more_time_is_later_than_what_stands_while_it_stands(db: Database, town: Town) -> None:
    number = make_ticket(db.bulk, town, "1")
    set_state(db, number, State.TO_SIGN)
    act(db, town, STAFF, number, "sign")
    act(db, town, SUPERVISOR, number, "extend", due=LATER)
    act(db, town, SUPERVISOR, number, "pause")
    assert subject(db, number).due_at is None
    with pytest.raises(BadField, match="not_later"):
        act(db, town, SUPERVISOR, number, "extend", due=SOON)


def test_who_has_reported_it_done_in_time_is_not_late_while_others_check(db: Database, town: Town) -> None:
    number = make_ticket(db.bulk, town, "1")
    set_state(db, number, State.TO_SIGN)
    act(db, town, STAFF, number, "sign")
    due = subject(db, number).due_at
    assert due is not None
    act(db, town, STAFF, number, "submit")
    ticking.tick(db.bulk, due + timedelta(days=1))
    assert not subject(db, number).late
    assert not [one for one in told(db, number) if one.name == "overdue" and one.codes.get("clock") == "disposal"]
    act(db, town, SUPERVISOR, number, "fail")
    from geoapp.intake.run import settle

    settle(db.bulk, due + timedelta(days=1))
    # Sent back, it has never been done.
    assert subject(db, number).late


def test_a_dispute_is_due_when_its_clock_is(db: Database, town: Town) -> None:
    number = make_ticket(db.bulk, town, "1")
    act(db, town, SUPERVISOR, number, "urgent")
    set_state(db, number, State.TO_SIGN)
    act(db, town, DISPATCHER, number, "dispute")
    with db.web.connect() as connection:
        (one,) = disputes.waiting(connection, town.city.id)
        ruling = [each for each in clocks.rounds(connection, [subject(db, number).id])[subject(db, number).id]
                  if each.clock is Clock.RULING][-1]  # fmt: skip
    assert one.due_at.timestamp() == ruling.due and one.due_at - one.opened_at < timedelta(hours=3)


def test_a_dispute_that_its_source_ended_waits_no_more_and_may_begin_anew(db: Database, town: Town) -> None:
    number = make_ticket(db.bulk, town, "1")
    set_state(db, number, State.TO_SIGN)
    act(db, town, DISPATCHER, number, "dispute")
    key = subject(db, number).id
    with db.bulk.begin() as connection:
        make_moves(connection, town.city.id, [Moved(key, "mirror_to_sign", "source", "source", datetime.now(UTC))])
    with db.web.connect() as connection:
        assert disputes.waiting(connection, town.city.id) == []
    act(db, town, DISPATCHER, number, "dispute", proposal="B")
    with db.web.connect() as connection:
        assert [one.proposal for one in disputes.waiting(connection, town.city.id)] == ["B"]


def test_a_unit_that_was_closed_is_sent_nothing(db: Database, town: Town) -> None:
    number = make_ticket(db.bulk, town, "1")
    act(db, town, DISPATCHER, number, "queue")
    with db.bulk.begin() as connection:
        connection.execute(text("UPDATE geoapp.unit SET active = false WHERE code = 'S2'"))
        assert not units.find(connection, town.city.id, "S2").active
    with pytest.raises(BadField, match="no_unit"):
        act(db, town, DISPATCHER, number, "dispatch", unit="S2")
    with pytest.raises(BadMove):
        act(db, town, DISPATCHER, number, "return")
