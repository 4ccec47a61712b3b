"""Leads are found, checked, and filed as a ticket in one step, or dropped; nobody sees one before it is filed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from geoapp.city import City
from geoapp.errors import BadField, BadMove, MovedMeanwhile, NotAllowed
from geoapp.intake import relocate
from geoapp.intake.leads import verify
from geoapp.intake.path import take
from geoapp.people.rights import needs_unit
from geoapp.records import Holding, Person, Role
from geoapp.store import leads
from geoapp.store.database import Database
from geoapp.store.queries import ticket as queries
from geoapp.store.queries import waiting
from geoapp.tickets.relocations import Spot
from geoapp.tickets.work import Doer, by_account
from importers.base import Report, Standing
from tests.make import INSIDE, SAID, make_city, make_report

SOURCE = "mediacrawler"


def post(ref: str = "p1", **more: object) -> Report:
    return make_report(ref=ref, kind="lead", link="https://video.example.com/1", channel="douyin", **more)


def doer(city: City, role: Role, *areas: int) -> Doer:
    held = Holding(role, city.id, (1,) if needs_unit(role) else (), frozenset(areas))
    return by_account(Person(1, "v", "V", "zh", (held,)))


@pytest.fixture
def city(db: Database) -> City:
    return make_city(db.bulk)


def stored(db: Database, report_id: int) -> leads.Lead:
    with db.web.connect() as connection:
        found = leads.one(connection, report_id)
    assert found is not None
    return found


def test_a_lead_opens_no_ticket_and_waits_for_no_place(db: Database, city: City) -> None:
    placed, lost = take(db.bulk, city, SOURCE, [post("p1"), post("p2", x=None, y=None, address="")])
    assert (placed.status, placed.number, lost.status, lost.number) == ("lead", None, "unplaced", None)
    with db.web.connect() as connection:
        assert [one.state for one in leads.page(connection, city.id, ["found"])] == ["found", "found"]
        assert waiting.page(connection, city.id) == [] and waiting.counts(connection, city.id) == {}
        assert connection.execute(text("SELECT count(*) FROM geoapp.ticket")).scalar_one() == 0
    assert relocate.place(db.bulk, city, {placed.report_id: Spot.by_hand(*INSIDE)}, "account:1") == []


def test_a_lead_is_filed_in_one_step_and_keeps_its_history_and_times(db: Database, city: City) -> None:
    (found,) = take(db.bulk, city, SOURCE, [post()])
    verifier = doer(city, Role.VERIFIER)
    verify(db.web, city, verifier, found.report_id, "check", {"how": "on_site"})
    verify(db.web, city, verifier, found.report_id, "remark", {"note": "现场 13800138000 已看"})
    done = verify(db.web, city, verifier, found.report_id, "file", {})
    assert done.state == "filed" and done.number is not None
    with db.web.connect() as connection:
        case = queries.case(connection, done.number)
        assert case is not None and (case.opened_at, case.state, case.kind) == (SAID, "registered", "lead")
        happened = queries.timeline(connection, case.id)
    assert [one.name for one in happened] == ["found", "check", "remark", "file", "register", "placed"]
    assert happened[0].occurred_at == SAID and "13800138000" not in happened[2].note
    assert happened[1].codes["how"] == "on_site" and happened[1].codes["as"] == "verifier"
    with pytest.raises(BadMove):
        verify(db.web, city, verifier, found.report_id, "file", {})
    assert stored(db, found.report_id).number == done.number


def test_a_lead_that_is_dropped_keeps_its_reason(db: Database, city: City) -> None:
    (found,) = take(db.bulk, city, SOURCE, [post()])
    verifier = doer(city, Role.VERIFIER)
    with pytest.raises(BadField):
        verify(db.web, city, verifier, found.report_id, "drop", {})
    verify(db.web, city, verifier, found.report_id, "drop", {"reason": "untrue"})
    assert (stored(db, found.report_id).state, stored(db, found.report_id).reason) == ("dropped", "untrue")
    for move in ("check", "file", "drop", "remark"):
        with pytest.raises(BadMove):
            verify(db.web, city, verifier, found.report_id, move, {"reason": "old", "how": "desk", "note": "x"})


def test_nobody_files_what_nobody_can_find(db: Database, city: City) -> None:
    (found,) = take(db.bulk, city, SOURCE, [post(x=None, y=None, address="")])
    verifier = doer(city, Role.VERIFIER)
    with pytest.raises(BadField, match="lon"):
        verify(db.web, city, verifier, found.report_id, "file", {})
    assert stored(db, found.report_id).state == "found"
    done = verify(db.web, city, verifier, found.report_id, "file", {}, Spot.by_hand(*INSIDE))
    with db.web.connect() as connection:
        case = queries.case(connection, done.number or "")
    assert case is not None and (case.lon, case.lat) == INSIDE


def test_a_field_checker_files_what_lies_in_the_area(db: Database, city: City) -> None:
    (found,) = take(db.bulk, city, SOURCE, [post()])
    with db.web.connect() as connection:
        keys = dict(connection.execute(text("SELECT code, id FROM geoapp.area_key")).all())  # type: ignore[arg-type]
    for who in (
        doer(city, Role.DISPATCHER),
        doer(city, Role.UNIT_STAFF, keys["A1"]),
        doer(city, Role.FIELD_CHECKER, keys["A2"]),
    ):
        with pytest.raises(NotAllowed):
            verify(db.web, city, who, found.report_id, "file", {})
    assert verify(db.web, city, doer(city, Role.FIELD_CHECKER, keys["A1"]), found.report_id, "file", {}).number


def test_what_its_source_says_again_is_the_same_lead(db: Database, city: City) -> None:
    (found,) = take(db.bulk, city, SOURCE, [post()])
    (again,) = take(db.bulk, city, SOURCE, [post(body="台阶缺了一大块")])
    assert again.status == "updated"
    with db.web.connect() as connection:
        assert len(leads.page(connection, city.id, ["found"])) == 1
    done = verify(db.web, city, doer(city, Role.VERIFIER), found.report_id, "file", {})
    with db.web.connect() as connection:
        case = queries.case(connection, done.number or "")
        assert case is not None and len(queries.said(connection, case.id)) == 2
    (third,) = take(db.bulk, city, SOURCE, [post(body="修好了")])
    assert third.number == done.number


def test_a_lead_whose_source_has_filed_it_is_a_ticket_at_once(db: Database, city: City) -> None:
    (found,) = take(db.bulk, city, SOURCE, [post()])
    spoken = Standing("in_hand", SAID + timedelta(days=1))
    (filed,) = take(db.bulk, city, SOURCE, [post(standing=spoken)])
    assert filed.number is not None and stored(db, found.report_id).state == "filed"
    (other,) = take(db.bulk, city, SOURCE, [post("p9", standing=spoken)])
    assert other.status == "opened"


def test_a_lead_is_not_taken_out_of_somebody_elses_area(db: Database, city: City) -> None:
    (found,) = take(db.bulk, city, SOURCE, [post()])
    with db.web.connect() as connection:
        keys = dict(connection.execute(text("SELECT code, id FROM geoapp.area_key")).all())  # type: ignore[arg-type]
    elsewhere = Spot.by_hand(114.05, INSIDE[1])
    checker = doer(city, Role.FIELD_CHECKER, keys["A2"])
    with pytest.raises(NotAllowed):
        verify(db.web, city, checker, found.report_id, "file", {}, elsewhere)
    both = doer(city, Role.FIELD_CHECKER, keys["A1"], keys["A2"])
    assert verify(db.web, city, both, found.report_id, "file", {}, elsewhere).number


def test_a_lead_of_which_more_was_said_meanwhile_is_not_filed_without_its_ticket(
    db: Database, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    (found,) = take(db.bulk, city, SOURCE, [post()])
    open_at = relocate.open_at

    def late(*given: object) -> object:
        monkeypatch.undo()
        take(db.bulk, city, SOURCE, [post(body="台阶缺了一大块")])
        return open_at(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(relocate, "open_at", late)
    with pytest.raises(MovedMeanwhile):
        verify(db.web, city, doer(city, Role.VERIFIER), found.report_id, "file", {})
    assert stored(db, found.report_id).state == "found"
    assert verify(db.web, city, doer(city, Role.VERIFIER), found.report_id, "file", {}).number
