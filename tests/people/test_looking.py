"""Private data is seen by the entitled alone, and never without a note of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg
import pytest
from sqlalchemy import text

from geoapp.city import City
from geoapp.errors import NotAllowed, NotFound, ReasonNeeded
from geoapp.intake.path import take
from geoapp.people import looking, rights
from geoapp.people.rights import Of
from geoapp.records import Person, Role
from geoapp.settings import CHECKOUT
from geoapp.store import accounts, bootstrap, looks, units
from geoapp.store.acting import KEEPER, Identity, acting
from geoapp.store.cluster import SUPERUSER, Server
from geoapp.store.database import Database
from importers.base import Report, Reporter
from tests.pages.conftest import SOUTH, WEST
from tests.people.make import make_account

WHY = "called back about the place"


@dataclass
class Cases:
    """A complaint and a denunciation, both of the street office O00."""

    city: City
    complaint: int
    denunciation: int


@pytest.fixture
def cases(db: Database, city: City) -> Cases:
    with db.bulk.begin() as connection:
        units.grow(connection, city)
    told = [
        Report(
            ref=kind, said_at=datetime(2026, 3, 1, tzinfo=UTC), kind=kind, body=f"{kind}: 13800138000 or the gate",
            category="roads", matter="pothole", x=WEST + 0.2, y=SOUTH + 0.2, unit="O00", unit_name="O00",
            reporter=Reporter("张三", "13900139000"),
        )
        for kind in ("complaint", "denunciation")
    ]  # fmt: skip
    complaint, denunciation = (one.report_id for one in take(db.bulk, city, "hotline", told))
    return Cases(city, complaint, denunciation)


def somebody(db: Database, login: str, *roles: Role, city: City, unit: str = "") -> Person:
    with db.web.connect() as connection:
        unit_id = units.find(connection, city.id, unit).id if unit else None
    account_id = make_account(db, login, *roles, city_id=city.id, unit_id=unit_id)
    with acting(db.web, KEEPER) as connection:
        found = accounts.person(connection, account_id)
    assert found is not None
    return found


def log(db: Database, city: City, refused: bool = False) -> list[tuple[str, int, str, str]]:
    with acting(db.web, KEEPER) as connection:
        known = accounts.find(connection, "chief")
        administrator = accounts.person(connection, known.id) if known else None
    administrator = administrator or somebody(db, "chief", Role.ADMINISTRATOR, city=city)
    return [
        (one.login, one.report_id, one.what, one.why)
        for one in looking.log_of(db.web, administrator, city.id)
        if one.refused == refused
    ]


def test_the_unit_that_handles_a_complaint_can_call_back_and_that_is_noted(db: Database, cases: Cases) -> None:
    staff = somebody(db, "wang", Role.UNIT_STAFF, city=cases.city, unit="O00")
    reporter = looking.reporter_of(db.web, staff, cases.complaint, WHY)
    assert reporter is not None and (reporter.name, reporter.phone) == ("张三", "13900139000")
    original = looking.original_of(db.web, staff, cases.complaint, WHY)
    assert original is not None and "13800138000" in original.body
    assert looking.post_of(db.web, staff, cases.complaint, WHY) is None, "nothing to see, nothing noted"
    assert log(db, cases.city) == [
        ("wang", cases.complaint, "original", WHY), ("wang", cases.complaint, "reporter", WHY),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("role", "unit"),
    [(Role.UNIT_STAFF, "O01"), (Role.CREW, "O00"), (Role.DISPATCHER, ""), (Role.ADMINISTRATOR, ""),
     (Role.SUPERVISOR, ""), (Role.PLANNER, ""), (Role.FIELD_CHECKER, "O00"), (Role.CITIZEN, "")],
)  # fmt: skip
def test_others_see_nothing_and_that_they_tried_is_noted(db: Database, cases: Cases, role: Role, unit: str) -> None:
    person = somebody(db, "wang", role, city=cases.city, unit=unit)
    for look in (looking.reporter_of, looking.original_of, looking.post_of):
        with pytest.raises(NotAllowed):
            look(db.web, person, cases.complaint, WHY)
    assert log(db, cases.city) == []
    assert [what for _login, _report, what, _why in log(db, cases.city, refused=True)] == [
        "post", "original", "reporter",
    ]  # fmt: skip


@pytest.mark.parametrize("unit", ["O00", "D0", "O01"])
def test_who_denounced_is_hidden_from_the_unit_that_handles_it(db: Database, cases: Cases, unit: str) -> None:
    """And from whoever is of one above it, though a visitor besides; another unit's is not shut out."""
    person = somebody(db, "wang", Role.UNIT_STAFF, Role.VISITOR, city=cases.city, unit=unit)
    if unit == "O01":
        assert looking.reporter_of(db.web, person, cases.denunciation, WHY) is not None
        return
    with pytest.raises(NotAllowed):
        looking.reporter_of(db.web, person, cases.denunciation, WHY)


def test_a_unit_that_has_passed_a_denunciation_on_does_not_learn_who_denounced(
    db: Database, cases: Cases, database: Server
) -> None:
    with psycopg.connect(database.conninfo(bootstrap.OWNER)) as connection:
        connection.execute(
            "INSERT INTO geoapp.event (ticket_id, name, occurred_at, actor, codes) "
            "SELECT ticket_id, 'dispatch', now(), 'x', jsonb_build_object('unit', 'O11') "
            "FROM geoapp.report WHERE id = %s",
            (cases.denunciation,),
        )
    of = looking.of_report(db.web, cases.denunciation)
    assert len(of.earlier) == 1 and len(of.units) == 1 and of.area_keys
    person = somebody(db, "wang", Role.UNIT_STAFF, Role.VISITOR, city=cases.city, unit="O11")
    with pytest.raises(NotAllowed):
        looking.reporter_of(db.web, person, cases.denunciation, WHY)


def test_nobody_looks_without_a_reason_nor_at_nothing(db: Database, cases: Cases) -> None:
    visitor = somebody(db, "wang", Role.VISITOR, city=cases.city)
    for why in ("", "  ", "x" * 201):
        with pytest.raises(ReasonNeeded):
            looking.reporter_of(db.web, visitor, cases.complaint, why)
    with pytest.raises(NotFound):
        looking.reporter_of(db.web, visitor, 10**12, WHY)


def test_the_wall_stands_where_a_page_forgets_to_ask(db: Database, cases: Cases) -> None:
    with db.web.begin() as connection:
        assert looks.reporters(connection, [cases.complaint], WHY) == []
    staff = make_account(db, "li")
    visitor = make_account(db, "zhao", Role.VISITOR, city_id=cases.city.id)
    for identity in (
        Identity(staff),
        Identity(staff, manages_people=True),
        Identity(visitor, frozenset({"see_inside"})),
    ):
        with acting(db.web, identity) as connection:
            assert looks.reporters(connection, [cases.complaint], WHY) == []
    assert log(db, cases.city) == []


def test_where_the_table_of_rights_errs_the_database_still_refuses_and_notes_it(
    db: Database, cases: Cases, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff = somebody(db, "li", Role.PLANNER, city=cases.city)
    monkeypatch.setattr(rights, "may", lambda person, action, of=None: True)
    with pytest.raises(NotAllowed):
        looking.reporter_of(db.web, staff, cases.denunciation, WHY)
    monkeypatch.undo()
    assert log(db, cases.city, refused=True) == [("li", cases.denunciation, "reporter", WHY)]


def test_a_page_that_fails_after_a_look_has_looked(db: Database, cases: Cases) -> None:
    visitor = somebody(db, "wang", Role.VISITOR, city=cases.city)

    def page() -> None:
        looking.reporter_of(db.web, visitor, cases.complaint, WHY)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        page()
    assert log(db, cases.city) == [("wang", cases.complaint, "reporter", WHY)]


def test_only_one_module_asks_for_what_is_private() -> None:
    """It has the note on the disk before it answers, which a caller's own transaction would not."""
    asks = re.compile(
        r"^from geoapp\.store import .*\blooks\b|store\.looks import .*\b(reporters|originals|posts)\b", re.M
    )
    found = {
        str(path.relative_to(CHECKOUT)) for path in (CHECKOUT / "geoapp").rglob("*.py") if asks.search(path.read_text())
    }
    assert found == {"geoapp/people/looking.py"}


def test_a_look_whose_note_is_not_kept_shows_nothing(db: Database, cases: Cases) -> None:
    staff = make_account(db, "li", Role.VISITOR, city_id=cases.city.id)
    with pytest.raises(RuntimeError), acting(db.web, Identity(staff)) as connection:
        looks.reporters(connection, [cases.complaint], WHY)
        raise RuntimeError
    assert log(db, cases.city) == []


def test_the_log_is_for_those_who_may_see_it(db: Database, cases: Cases) -> None:
    visitor = somebody(db, "wang", Role.VISITOR, city=cases.city)
    with pytest.raises(NotAllowed):
        looking.log_of(db.web, visitor, cases.city.id)


@pytest.mark.parametrize(
    "doing", ["UPDATE private.look SET why = ''", "DELETE FROM private.look", "TRUNCATE private.look"]
)
@pytest.mark.parametrize("role", [bootstrap.OWNER, SUPERUSER, "geoapp_web"])
def test_nobody_changes_what_was_noted(db: Database, cases: Cases, database: Server, doing: str, role: str) -> None:
    visitor = somebody(db, "wang", Role.VISITOR, city=cases.city)
    looking.reporter_of(db.web, visitor, cases.complaint, WHY)
    with psycopg.connect(database.conninfo(role)) as connection, pytest.raises(psycopg.Error):
        connection.execute(doing.encode())
    assert len(log(db, cases.city)) == 1


def test_what_is_private_is_read_by_one_module_alone() -> None:
    """Where else the words stand, they are written into, or belong to bulk work, which reads whole tables."""
    reads = re.compile(r"(FROM|JOIN) private\.(reporter|original|post)\b")
    found = {
        str(path.relative_to(CHECKOUT))
        for path in (CHECKOUT / "geoapp").rglob("*.py")
        if reads.search(path.read_text())
    }
    assert found == set()


def test_of_says_what_rights_ask(db: Database, cases: Cases) -> None:
    of = looking.of_report(db.web, cases.complaint)
    assert isinstance(of, Of) and of.kind == "complaint" and of.city_id == cases.city.id
    with db.web.connect() as connection:
        office = units.find(connection, cases.city.id, "O00")
        assert of.units == (units.line(connection, office.id),) and set(office.area_keys) < of.area_keys
        connection.execute(text("SELECT 1"))
