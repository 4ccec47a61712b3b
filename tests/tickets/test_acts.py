"""What acting on tickets brings with it: two at once, tickets joined and split, disputes, works, ratings, the clock."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from geoapp.errors import BadField, BadMove, ChildrenOpen, MovedMeanwhile, NotAllowed, NotFound, TooLate
from geoapp.intake import deeds
from geoapp.intake.run import fold_cells
from geoapp.lifecycle import SILENCE, State
from geoapp.records import Role
from geoapp.store import disputes, links, marks, subjects
from geoapp.store.database import Database
from geoapp.store.queries import beside, repairs
from geoapp.store.queries import ticket as queries
from geoapp.tickets.acts import Deed, Done
from geoapp.tickets.moves import move_on
from tests.make import recount, snapshot
from tests.tickets.acting_town import LATER, REPORTER, SOON, Town, deed, make_ticket, put, stand

DISPATCHER, STAFF, HEAD, CHECKER, SUPERVISOR = (
    Role.DISPATCHER, Role.UNIT_STAFF, Role.SUPERVISOR, Role.FIELD_CHECKER, Role.SUPERVISOR,
)  # fmt: skip


def act(db: Database, town: Town, who: str, number: str, name: str, *args: str, **more: str) -> Done:
    return deeds.act(db.web, town.doer(who), deed(number, name, *args, **more))


def names(db: Database, number: str) -> list[str]:
    with db.web.connect() as connection:
        return [one.name for one in queries.timeline(connection, key(db, number))]


def key(db: Database, number: str) -> int:
    with db.web.connect() as connection:
        return subjects.read(connection, [number])[number].id


def subject(db: Database, number: str) -> subjects.Subject:
    with db.web.connect() as connection:
        return subjects.read(connection, [number])[number]


def test_a_case_from_the_door_to_the_end(db: Database, town: Town) -> None:
    number = make_ticket(db.bulk, town, "1", unit=None)
    act(db, town, Role.CALL_TAKER, number, "queue")
    act(db, town, DISPATCHER, number, "dispatch", unit="S1", assisting="B,S2")
    for who, name in (
        (STAFF, "sign"), (STAFF, "contact"), (STAFF, "submit"), (CHECKER, "fail"), (Role.CREW, "submit"),
        (SUPERVISOR, "pass"),
    ):  # fmt: skip
        act(db, town, who, number, name)
    done = act(db, town, Role.VISITOR, number, "archive", speed="5", effect="4", service="5")
    assert done.state == State.CLOSED
    with db.web.connect() as connection:
        case = queries.case(connection, number)
        assert case is not None and (case.outcome, case.unit_code) == ("repaired", "S1") and case.ended_at
        happened = queries.timeline(connection, case.id)
        assert [code for code, _ in beside.of(connection, case.id).assisting] == ["B", "S2"]
        rated = connection.execute(text("SELECT satisfied, speed, effect, service FROM geoapp.rating")).one()
        mended = repairs.at_site(connection, case.site_id)
    assert tuple(rated) == (True, 5, 4, 5) and len(mended) == 2 and all(one.ended_at for one in mended)
    assert [(one.name, one.codes.get("as")) for one in happened[1:4]] == [
        ("queue", "call_taker"), ("dispatch", "dispatcher"), ("sign", "unit"),
    ]  # fmt: skip
    assert happened[2].actor.startswith("account:")


def test_whoever_is_late_is_told_what_happened_meanwhile(db: Database, town: Town) -> None:
    number = make_ticket(db.bulk, town, "1")
    seen = subject(db, number).version
    act(db, town, Role.CALL_TAKER, number, "queue")
    with pytest.raises(MovedMeanwhile) as told:
        deeds.act(db.web, town.doer(DISPATCHER), deed(number, "dispatch", seen=seen))
    happened = told.value.facts["happened"]
    assert [(one.name, one.acting_as) for one in happened] == [("queue", "call_taker")]  # type: ignore[attr-defined]
    assert told.value.facts["version"] == subject(db, number).version
    done = deeds.act(db.web, town.doer(DISPATCHER), deed(number, "dispatch", seen=subject(db, number).version))
    assert done.version == subject(db, number).version


def test_time_that_runs_out_is_nobodys_doing(db: Database, town: Town) -> None:
    number = make_ticket(db.bulk, town, "1", due_at=datetime(2024, 2, 1, tzinfo=UTC))
    seen = subject(db, number).version
    from geoapp.intake.run import settle

    settle(db.bulk)
    assert subject(db, number).late
    deeds.act(db.web, town.doer(DISPATCHER), deed(number, "queue", seen=seen))


@pytest.mark.parametrize("looked", [True, False])
def test_of_two_at_once_one_wins_and_the_other_is_told(db: Database, town: Town, looked: bool) -> None:
    number = make_ticket(db.bulk, town, "1")
    act(db, town, DISPATCHER, number, "queue")
    seen = subject(db, number).version if looked else None

    def dispatch(unit: str) -> Done | Exception:
        try:
            return deeds.act(db.web, town.doer(DISPATCHER), deed(number, "dispatch", seen=seen, unit=unit))
        except (MovedMeanwhile, BadMove) as error:
            return error

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(dispatch, ["S1", "S2"]))
    (lost,) = [one for one in done if isinstance(one, Exception)]
    assert isinstance(lost, MovedMeanwhile if looked else BadMove)
    assert names(db, number).count("dispatch") == 1


def test_a_batch_is_made_whole_or_not_at_all(db: Database, town: Town) -> None:
    one, two = (make_ticket(db.bulk, town, ref) for ref in "12")
    doer = town.doer(DISPATCHER)
    with pytest.raises(BadMove):
        deeds.act_all(db.web, doer, [deed(one, "queue"), deed(two, "queue"), deed(two, "queue")])
    assert names(db, one) == names(db, two) == ["register"]
    done = deeds.act_all(db.web, doer, [deed(one, "queue"), deed(two, "queue"), deed(one, "dispatch")])
    assert [each.state for each in done] == ["to_dispatch", "to_dispatch", "to_sign"]


def test_nobody_acts_on_what_they_may_not_see(db: Database, town: Town) -> None:
    number = make_ticket(db.bulk, town, "1", kind="denunciation")
    with pytest.raises(NotFound):
        act(db, town, Role.CITIZEN, number, "withdraw")
    with pytest.raises(NotFound):
        act(db, town, DISPATCHER, "MT-000000-0", "queue")
    with pytest.raises(NotFound):
        act(db, town, DISPATCHER, "MT\0", "queue")
    elsewhere = make_ticket(db.bulk, town, "2", unit="B")
    with db.bulk.begin() as connection:
        stand(connection, elsewhere, State.TO_SIGN)
    with pytest.raises(NotAllowed):
        act(db, town, STAFF, elsewhere, "sign")


def test_words_are_redacted_on_the_way(db: Database, town: Town) -> None:
    number = make_ticket(db.bulk, town, "1")
    act(db, town, DISPATCHER, number, "note", note="请联系 13800138000 张先生")
    with db.web.connect() as connection:
        assert "13800138000" not in queries.timeline(connection, key(db, number))[-1].note


# Joined and split


def test_a_ticket_that_is_joined_leaves_its_reports_and_a_pointer(db: Database, town: Town) -> None:
    number, into = make_ticket(db.bulk, town, "1", reports=2), make_ticket(db.bulk, town, "2")
    act(db, town, DISPATCHER, number, "merge", into)
    with db.web.connect() as connection:
        case = queries.case(connection, number)
        assert case is not None and (case.state, case.outcome) == ("merged", "merged")
        assert len(queries.said(connection, key(db, into))) == 3 and not queries.said(connection, case.id)
        assert [(one.kind, one.number) for one in beside.of(connection, case.id).links] == [("merged", into)]
        (other,) = beside.of(connection, key(db, into)).links
        assert (other.kind, other.number) == ("merged_from", number)
    assert names(db, into)[-1] == "attach"
    with pytest.raises(BadField, match="ended"):
        act(db, town, DISPATCHER, into, "merge", number)
    with pytest.raises(BadField, match="itself"):
        act(db, town, DISPATCHER, into, "merge", into)
    with pytest.raises(BadField, match="no_ticket"):
        act(db, town, DISPATCHER, into, "merge", "MT-1")


def test_what_was_said_in_confidence_is_not_joined_with_what_everybody_reads(db: Database, town: Town) -> None:
    hidden, public = make_ticket(db.bulk, town, "1", kind="denunciation"), make_ticket(db.bulk, town, "2")
    with pytest.raises(BadField, match="not_public"):
        act(db, town, DISPATCHER, hidden, "merge", public)
    act(db, town, DISPATCHER, public, "merge", hidden)
    with db.web.connect() as connection:
        told = queries.timeline(connection, key(db, public))[-1]
    # What everybody sees does not say that there is a hidden one.
    assert told.name == "merge" and hidden not in str(told.codes)


def test_reports_are_split_off_into_a_ticket_of_their_own(db: Database, town: Town) -> None:
    number = make_ticket(db.bulk, town, "1", reports=3)
    with db.web.connect() as connection:
        ids = [row.id for row in subjects.reports(connection, key(db, number))]
    for wrong in (",".join(map(str, ids)), "999999"):
        with pytest.raises(BadField):
            act(db, town, DISPATCHER, number, "split", reports=wrong)
    done = act(db, town, DISPATCHER, number, "split", reports=f"{ids[1]},{ids[2]}")
    assert done.opened is not None and done.opened.rsplit("-", 2)[0] == number.rsplit("-", 2)[0]
    with db.web.connect() as connection:
        case, old = queries.case(connection, done.opened), queries.case(connection, number)
        assert case is not None and old is not None and case.state == "registered" and case.unit_code is None
        assert (case.lon, case.lat, case.site_id, case.matter_code) == (old.lon, old.lat, old.site_id, old.matter_code)
        assert len(queries.said(connection, case.id)) == 2 and len(queries.said(connection, old.id)) == 1
        assert case.opened_at == old.opened_at
        opening = queries.timeline(connection, case.id)[0]
    assert opening.codes["rule"] == "covers" and opening.codes["from"] == number


def test_a_parent_is_settled_only_after_its_children(db: Database, town: Town) -> None:
    parent, child, third = (make_ticket(db.bulk, town, ref) for ref in "123")
    act(db, town, DISPATCHER, parent, "attach_child", child)
    for up, down in ((child, third), (third, parent), (third, child), (parent, child)):
        with pytest.raises(BadField, match="no_family"):
            act(db, town, DISPATCHER, up, "attach_child", down)
    with db.bulk.begin() as connection:
        stand(connection, parent, State.TO_CHECK)
    with pytest.raises(ChildrenOpen) as waiting:
        act(db, town, CHECKER, parent, "pass")
    assert waiting.value.facts["children"] == [child]
    with db.bulk.begin() as connection:
        stand(connection, child, State.TO_CHECK)
    act(db, town, CHECKER, child, "pass")
    act(db, town, CHECKER, parent, "pass")
    assert names(db, child)[:2] == ["register", "attached"]


def test_children_go_over_with_a_ticket_that_is_joined(db: Database, town: Town) -> None:
    parent, child, into = (make_ticket(db.bulk, town, ref) for ref in "123")
    act(db, town, DISPATCHER, parent, "attach_child", child)
    act(db, town, DISPATCHER, parent, "merge", into)
    with db.web.connect() as connection:
        assert links.open_children(connection, key(db, into)) == [child]


def test_an_older_ticket_is_linked_once(db: Database, town: Town) -> None:
    number, older = make_ticket(db.bulk, town, "1"), make_ticket(db.bulk, town, "2")
    act(db, town, Role.CALL_TAKER, number, "link", older)
    with pytest.raises(BadField, match="already"):
        act(db, town, Role.CALL_TAKER, number, "link", older)
    assert names(db, older)[-1] == "linked"


# What units ask for


def test_what_a_unit_asks_for_need_not_be_said_again(db: Database, town: Town) -> None:
    number = make_ticket(db.bulk, town, "1")
    with db.bulk.begin() as connection:
        stand(connection, number, State.TO_SIGN)
    with pytest.raises(BadField):
        deeds.act(db.web, town.doer(DISPATCHER), Deed(number, "return", {}))
    act(db, town, STAFF, number, "ask_return", reason="outside_area", proposal="B")
    deeds.act(db.web, town.doer(DISPATCHER), Deed(number, "return", {"note": "同意"}))
    with db.web.connect() as connection:
        last = queries.timeline(connection, key(db, number))[-1]
    assert last.codes["reason"] == "outside_area" and last.codes["proposal"] == "B" and last.to_state == "to_dispatch"


def test_more_time_is_given_before_it_has_run_out_or_where_it_was_asked_for_then(db: Database, town: Town) -> None:
    number, other = make_ticket(db.bulk, town, "1"), make_ticket(db.bulk, town, "2")
    with db.bulk.begin() as connection:
        for each in (number, other):
            stand(connection, each, State.IN_HAND)
            put(connection, each, due_at=datetime.now(UTC) + timedelta(hours=1))
    act(db, town, STAFF, number, "ask_extend")
    with db.bulk.begin() as connection:
        for each in (number, other):
            put(connection, each, due_at=datetime.now(UTC) - timedelta(hours=1))
    with pytest.raises(TooLate):
        act(db, town, STAFF, other, "ask_extend")
    with pytest.raises(TooLate):
        act(db, town, SUPERVISOR, other, "extend")
    act(db, town, SUPERVISOR, number, "extend")
    due = subject(db, number).due_at
    assert due is not None and due.astimezone(town.city.zone).date().isoformat() == LATER
    with pytest.raises(BadField, match="not_later"):
        act(db, town, SUPERVISOR, number, "extend", due=SOON)


def test_a_unit_passes_on_only_to_those_below(db: Database, town: Town) -> None:
    number = make_ticket(db.bulk, town, "1")
    with db.bulk.begin() as connection:
        stand(connection, number, State.TO_SIGN)
    for unit in ("S2", "D", "S1", "B"):
        with pytest.raises(BadField, match="not_below"):
            act(db, town, STAFF, number, "delegate", unit=unit)
    with pytest.raises(BadField, match="no_unit"):
        act(db, town, STAFF, number, "delegate", unit="nobody")
    act(db, town, STAFF, number, "delegate", unit="C1")
    assert subject(db, number).unit_id == town.units["C1"]


# Disputes


def test_a_dispute_is_ruled_with_precedents_and_the_ruling_becomes_a_line(db: Database, town: Town) -> None:
    first, second, far = (
        make_ticket(db.bulk, town, "1"), make_ticket(db.bulk, town, "2"), make_ticket(db.bulk, town, "3", x=114.05),
    )  # fmt: skip
    for number in (far, first, second):
        with db.bulk.begin() as connection:
            stand(connection, number, State.TO_SIGN)
        act(db, town, DISPATCHER, number, "dispute")
        if number != second:
            act(db, town, Role.ADJUDICATOR, number, "rule", unit="S1", reason="by_area")
    with db.web.connect() as connection:
        (waiting,) = disputes.waiting(connection, town.city.id)
        before = disputes.precedents(connection, waiting.id)
    assert waiting.ticket == second and (waiting.unit, waiting.proposal) == ("S1", "S2")
    assert waiting.rule["rule"] == "covers"
    # Clocks count whole seconds.
    assert timedelta(0) <= waiting.opened_at + timedelta(hours=24) - waiting.due_at < timedelta(seconds=1)
    assert [(one.ticket, one.same_area, one.ground) for one in before] == [
        (first, True, "by_area"), (far, False, "by_area"),
    ]  # fmt: skip
    act(db, town, Role.ADJUDICATOR, second, "consult", units="S1,S2")
    act(db, town, Role.ADJUDICATOR, second, "rule", unit="S2", reason="acts_first")
    assert subject(db, second).unit_id == town.units["S2"] and subject(db, second).state == State.TO_SIGN
    with pytest.raises(BadMove):
        act(db, town, Role.ADJUDICATOR, second, "rule", unit="S1")
    act(db, town, Role.ADJUDICATOR, second, "list_change")
    with pytest.raises(BadMove):
        act(db, town, Role.ADJUDICATOR, second, "list_change")
    act(db, town, Role.ADJUDICATOR, far, "list_change", scope="city")
    with db.web.connect() as connection:
        drafts = connection.execute(
            text(
                "SELECT u.code, a.code AS area, p.ground FROM geoapp.list_proposal p JOIN geoapp.unit u "
                "ON u.id = p.unit_id LEFT JOIN geoapp.area_key a ON a.id = p.area_key_id ORDER BY p.id"
            )
        ).all()
        gaps = connection.execute(text("SELECT unit_ids, matter_id FROM geoapp.consultation")).all()
    assert [tuple(row) for row in drafts] == [("S2", "A1", "acts_first"), ("S1", None, "by_area")]
    assert [sorted(row.unit_ids) for row in gaps] == [sorted([town.units["S1"], town.units["S2"]])]


# After it was done


def test_who_is_not_satisfied_twice_has_it_supervised(db: Database, town: Town) -> None:
    number = make_ticket(db.bulk, town, "1")
    for nth, who in enumerate((Role.VISITOR, REPORTER)):
        with db.bulk.begin() as connection:
            stand(connection, number, State.SETTLED)
        done = act(db, town, who, number, "redo", speed="1")
        assert done.state == State.IN_HAND
        with db.web.connect() as connection:
            assert ("supervised" in marks.of(connection, key(db, number))) == (nth == 1)
    assert names(db, number)[-2:] == ["redo", "supervise"]


def test_silence_closes_and_a_day_takes_up_again(db: Database, town: Town) -> None:
    settled, shelved = make_ticket(db.bulk, town, "1"), make_ticket(db.bulk, town, "2")
    with db.bulk.begin() as connection:
        stand(connection, settled, State.TO_CHECK)
        stand(connection, shelved, State.IN_HAND)
    act(db, town, CHECKER, settled, "pass")
    act(db, town, SUPERVISOR, shelved, "shelve", review=SOON)
    now = datetime.now(UTC)
    assert move_on(db.bulk, now + SILENCE - timedelta(minutes=1), SILENCE) == 0
    assert move_on(db.bulk, now + SILENCE + timedelta(minutes=1), SILENCE) == 1
    assert (subject(db, settled).state, subject(db, shelved).state) == ("closed", "shelved")
    assert move_on(db.bulk, now + timedelta(days=21), SILENCE) == 1
    assert subject(db, shelved).state == "in_hand" and names(db, shelved)[-1] == "resume"
    assert move_on(db.bulk, now + timedelta(days=99), SILENCE) == 0


def test_what_was_done_again_is_not_closed_by_silence(db: Database, town: Town) -> None:
    number = make_ticket(db.bulk, town, "1")
    with db.bulk.begin() as connection:
        stand(connection, number, State.TO_CHECK)
    act(db, town, CHECKER, number, "pass")
    act(db, town, REPORTER, number, "redo")
    assert move_on(db.bulk, datetime.now(UTC) + timedelta(days=99), SILENCE) == 0


def test_who_comes_too_late_to_open_it_again_gets_a_new_one(db: Database, town: Town) -> None:
    number = make_ticket(db.bulk, town, "1")
    with db.bulk.begin() as connection:
        stand(connection, number, State.CLOSED, datetime.now(UTC) - timedelta(days=3))
    assert act(db, town, REPORTER, number, "reopen").opened is None
    with db.bulk.begin() as connection:
        stand(connection, number, State.CLOSED, datetime.now(UTC) - timedelta(days=31))
    done = act(db, town, REPORTER, number, "reopen", note="又坏了")
    assert done.state == State.CLOSED and done.opened is not None
    with db.web.connect() as connection:
        (other,) = beside.of(connection, key(db, done.opened)).links
        assert (other.kind, other.number) == ("after", number)
        opening = queries.timeline(connection, key(db, done.opened))[0]
    assert opening.note == "又坏了" and opening.codes["reason"] and names(db, number)[-1] == "followed"


# Works


def test_works_are_told_from_plan_to_liability(db: Database, town: Town) -> None:
    number = make_ticket(db.bulk, town, "1")
    with db.bulk.begin() as connection:
        stand(connection, number, State.IN_HAND)
    with pytest.raises(BadField, match="no_works"):
        act(db, town, STAFF, number, "end_works")
    with pytest.raises(BadField, match="before_start"):
        act(db, town, STAFF, number, "plan_works", start=LATER, end=SOON)
    with pytest.raises(BadField, match="too_far"):
        act(db, town, STAFF, number, "begin_works", outline="1,1 1,2 2,2")
    act(db, town, STAFF, number, "plan_works", end=LATER, hoarding_m="12", traffic="yes", assisting="B", cost="9000")
    act(db, town, Role.CREW, number, "begin_works", end=LATER)
    with db.web.connect() as connection:
        (one,) = repairs.at_site(connection, subject(db, number).site_id)
        assert one.stage(datetime.now(UTC) + timedelta(minutes=1)) == "works" and one.promised_at
        assert one.hoarding and one.traffic_plan and [unit.code for unit in one.assisting] == ["B"]
        assert one.promised_at.astimezone(town.city.zone).date().isoformat() == LATER
        assert "works" in marks.of(connection, key(db, number))
        area, cost = connection.execute(
            text("SELECT ST_Area(geography(geom)), cost FROM geoapp.repair WHERE ticket_id = :id"),
            {"id": key(db, number)},
        ).one()
    assert 430 < area < 460 and cost == 9000
    act(db, town, STAFF, number, "submit", liability=LATER)
    with db.web.connect() as connection:
        (one,) = repairs.at_site(connection, subject(db, number).site_id)
        assert one.ended_at and one.liability_until and one.liability_until.isoformat() == LATER
        assert marks.of(connection, key(db, number)) == {}
        case = queries.case(connection, number)
        assert case is not None
        assert [photo.shows for said in queries.said(connection, case.id) for photo in said.photos] == ["repair"]


def test_what_was_asked_for_is_waited_for_until_it_comes(db: Database, town: Town) -> None:
    number = make_ticket(db.bulk, town, "1")
    act(db, town, Role.CALL_TAKER, number, "ask")
    act(db, town, REPORTER, number, "remind") if subject(db, number).state == "to_dispatch" else None
    with db.web.connect() as connection:
        assert list(marks.of(connection, key(db, number))) == ["awaiting"]
    act(db, town, REPORTER, number, "supply")
    act(db, town, Role.CALL_TAKER, number, "urgent")
    with db.web.connect() as connection:
        assert marks.of(connection, key(db, number)) == {}
    assert subject(db, number).urgent


def test_cells_stay_true_whatever_is_done(db: Database, town: Town) -> None:
    one, two, three = (make_ticket(db.bulk, town, ref, reports=2) for ref in "123")
    with db.web.connect() as connection:
        first = str(subjects.reports(connection, key(db, three))[0].id)
    act(db, town, DISPATCHER, one, "merge", two)
    act(db, town, DISPATCHER, three, "split", reports=first)
    act(db, town, DISPATCHER, two, "decline")
    fold_cells(db.bulk)
    with db.bulk.begin() as connection:
        told = snapshot(connection, town.city)["cells"]
        recount(connection)
        assert snapshot(connection, town.city)["cells"] == told


def test_what_comes_back_while_somebody_is_liable_is_flagged(db: Database, town: Town) -> None:
    number = make_ticket(db.bulk, town, "1")
    with db.bulk.begin() as connection:
        stand(connection, number, State.IN_HAND)
    act(db, town, STAFF, number, "submit", liability=LATER)
    now = datetime.now(UTC) + timedelta(hours=1)
    again = make_ticket(db.bulk, town, "2", said_at=now)
    other = make_ticket(db.bulk, town, "3", said_at=now, category="Home", matter="Row")
    elsewhere = make_ticket(db.bulk, town, "4", said_at=now, x=113.96)
    after = make_ticket(db.bulk, town, "5", said_at=datetime.now(UTC) + timedelta(days=60))
    assert names(db, again) == ["register", "liable"]
    for each in (other, elsewhere, after, number):
        assert "liable" not in names(db, each)
    with db.web.connect() as connection:
        assert list(marks.of(connection, key(db, again))) == ["liable"]
        flagged = queries.timeline(connection, key(db, again))[-1]
    assert flagged.codes == {"until": LATER, "by": "S1", "ticket": number}
