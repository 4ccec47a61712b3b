"""Whoever looks after one city's people and units reaches no others, neither by the program nor past it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from geoapp.city import City, city_from
from geoapp.errors import (
    BadField,
    BeyondReach,
    LastAdministrator,
    LoginTaken,
    NotAllowed,
    OwnAccount,
    PasswordRefused,
    UnknownAccount,
)
from geoapp.people import entering, keeping, leaving, lists, secrets, taking_in, unit_keeping
from geoapp.people.keeper import CONSOLE, Keeper
from geoapp.people.keeping import Given
from geoapp.people.tables import Table
from geoapp.people.unit_keeping import Data
from geoapp.records import Role, UnitKind
from geoapp.store import accounts, deeds, roster, sessions, units
from geoapp.store.acting import KEEPER, Identity, acting
from geoapp.store.database import Database
from tests.pages.conftest import PACK, load
from tests.people.make import PASSWORD, make_account


@pytest.fixture
def other(db: Database) -> City:
    """A second city."""
    return load(db, city_from(PACK | {"code": "other", "prefix": "OT"}))  # type: ignore[arg-type]


@pytest.fixture
def chief(db: Database, city: City) -> Keeper:
    """An administrator of the first city."""
    account_id = make_account(db, "chief", Role.ADMINISTRATOR, city_id=city.id)
    return Keeper(account_id, frozenset({city.id}), frozenset({city.id}))


def logins(db: Database, by: Keeper) -> set[str]:
    with acting(db.web, by.identity) as connection:
        return {one.login for one in accounts.every(connection)}


def test_a_citys_administrator_sees_the_people_of_the_city(
    db: Database, city: City, other: City, chief: Keeper
) -> None:
    make_account(db, "here", Role.PLANNER, city_id=city.id)
    make_account(db, "both", Role.PLANNER, city_id=city.id)
    keeping.give(db.web, "both", Role.PLANNER, other, None)
    make_account(db, "there", Role.PLANNER, city_id=other.id)
    make_account(db, "root", Role.ADMINISTRATOR)
    make_account(db, "nobody")
    assert logins(db, chief) == {"chief", "here", "both"}
    assert logins(db, CONSOLE) == {"chief", "here", "both", "there", "root", "nobody"}
    assert logins(db, Keeper(None, frozenset())) == set()


def test_no_administrator_of_a_city_makes_one_of_all(db: Database, city: City, other: City, chief: Keeper) -> None:
    make_account(db, "wang", Role.PLANNER, city_id=city.id)
    assert keeping.give(db.web, "wang", Role.ADMINISTRATOR, city, None, by=chief).new
    for where in (None, other):
        with pytest.raises(BeyondReach):
            keeping.give(db.web, "wang", Role.ADMINISTRATOR, where, None, by=chief)
        with pytest.raises(BeyondReach):
            keeping.add(db.web, "zhao", "Zhao", role=Role.PLANNER, city=where, by=chief)
    with pytest.raises(BeyondReach):
        keeping.add(db.web, "zhao", "Zhao", by=chief)
    assert keeping.add(db.web, "zhao", "Zhao", role=Role.PLANNER, city=city, by=chief).link
    with pytest.raises(LoginTaken):
        keeping.add(db.web, "zhao", "Zhao", role=Role.PLANNER, city=city, by=chief)


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.PLANNER])
@pytest.mark.parametrize("elsewhere", [True, False])
def test_a_way_into_a_wider_role_is_not_theirs_to_make(
    db: Database, city: City, other: City, chief: Keeper, role: Role, elsewhere: bool
) -> None:
    make_account(db, "wang", Role.PLANNER, city_id=city.id)
    keeping.give(db.web, "wang", role, other if elsewhere else None, None)
    for deed in (
        lambda: keeping.set_password(db.web, "wang", None, by=chief),
        lambda: keeping.lock(db.web, "wang", locked=True, by=chief),
        lambda: keeping.change(db.web, "wang", chief, email="mine@example.org"),
        lambda: keeping.sign_out(db.web, "wang", chief),
        lambda: leaving.leave(db.web, "wang", by=chief),
        lambda: keeping.take(db.web, "wang", role, other if elsewhere else None, None, by=chief),
    ):
        with pytest.raises(BeyondReach):
            deed()
    # What is held in their city is theirs all the same.
    assert keeping.give(db.web, "wang", Role.SUPERVISOR, city, None, by=chief).new
    assert keeping.take(db.web, "wang", Role.PLANNER, city, None, by=chief) == 1


def test_an_account_is_theirs_again_when_the_wider_role_is_over(
    db: Database, city: City, other: City, chief: Keeper
) -> None:
    make_account(db, "wang", Role.PLANNER, city_id=city.id)
    keeping.give(db.web, "wang", Role.PLANNER, other, None)
    keeping.take(db.web, "wang", Role.PLANNER, other, None)
    assert keeping.set_password(db.web, "wang", None, by=chief).link


def test_the_database_keeps_to_the_same_reach(db: Database, city: City, other: City, chief: Keeper) -> None:
    """Whatever a page forgot to ask."""
    there = make_account(db, "there", Role.PLANNER, city_id=other.id)
    root = make_account(db, "root", Role.ADMINISTRATOR)
    keeping.give(db.web, "root", Role.PLANNER, city, None)
    mine = {"city": city.id, "other": other.id, "there": there, "root": root}
    for statement in (
        "UPDATE private.account SET email = 'x' WHERE id IN (:there, :root)",
        "UPDATE private.role_held SET ends_at = now() WHERE city_id IS DISTINCT FROM :city",
        "DELETE FROM private.session WHERE account_id IN (:there, :root)",
        "UPDATE geoapp.unit SET active = false WHERE city_id = :other",
    ):
        with acting(db.web, chief.identity) as connection:
            assert connection.execute(text(statement), mine).rowcount == 0, statement
    for statement in (
        "INSERT INTO private.role_held (account_id, role, city_id) VALUES (:there, 'administrator', :other)",
        "INSERT INTO private.role_held (account_id, role) VALUES (:root, 'administrator')",
        "INSERT INTO private.link (account_id, digest, ends_at) VALUES (:root, 'd', now())",
        "INSERT INTO geoapp.unit (city_id, code, names, kind) VALUES (:other, 'x', '{}', 'crew')",
        "INSERT INTO private.deed (by_id, what, account_id) VALUES (:root, 'locked', :root)",
        "UPDATE private.deed SET what = 'x'",
    ):
        with pytest.raises(DBAPIError), acting(db.web, chief.identity) as connection:
            connection.execute(text(statement), mine)


def test_nobody_who_keeps_nothing_changes_units(db: Database, city: City) -> None:
    with db.bulk.begin() as connection:
        units.grow(connection, city)
    with acting(db.web, Identity(1)) as connection:
        assert connection.execute(text("UPDATE geoapp.unit SET active = false")).rowcount == 0
        # A report may name a unit that nobody has heard of.
        connection.execute(
            text("INSERT INTO geoapp.unit (city_id, code, names) VALUES (:city, 'heard of', '{}')"), {"city": city.id}
        )
    with pytest.raises(DBAPIError), db.web.begin() as connection:
        connection.execute(
            text("INSERT INTO geoapp.unit (city_id, code, names, kind) VALUES (:city, 'y', '{}', 'crew')"),
            {"city": city.id},
        )


def test_units_of_another_city_are_not_theirs(db: Database, city: City, other: City, chief: Keeper) -> None:
    data = Data("W1", {"en": "Water"}, UnitKind.COMPANY)
    assert unit_keeping.save(db.web, city, data, new=True, by=chief)
    with pytest.raises(BeyondReach):
        unit_keeping.save(db.web, other, data, new=True, by=chief)


# What nobody may


def test_nobody_locks_themselves_out(db: Database, city: City, chief: Keeper) -> None:
    make_account(db, "second", Role.ADMINISTRATOR, city_id=city.id)
    for deed in (
        lambda: keeping.lock(db.web, "chief", locked=True, by=chief),
        lambda: leaving.leave(db.web, "chief", "second", by=chief),
        lambda: keeping.take(db.web, "chief", Role.ADMINISTRATOR, city, None, by=chief),
        lambda: keeping.give(db.web, "chief", Role.CALL_TAKER, city, None, by=chief),
        lambda: leaving.leave(db.web, "second", "chief", by=chief),
    ):
        with pytest.raises(OwnAccount):
            deed()


def test_the_last_administrator_stays(db: Database, city: City, other: City, chief: Keeper) -> None:
    for deed in (
        lambda: keeping.lock(db.web, "chief", locked=True),
        lambda: keeping.take(db.web, "chief", Role.ADMINISTRATOR, None, None),
        lambda: leaving.leave(db.web, "chief"),
    ):
        with pytest.raises(LastAdministrator):
            deed()
    make_account(db, "elsewhere", Role.ADMINISTRATOR, city_id=other.id)
    with pytest.raises(LastAdministrator):
        keeping.lock(db.web, "chief", locked=True)
    make_account(db, "root", Role.ADMINISTRATOR)
    keeping.lock(db.web, "chief", locked=True)
    with pytest.raises(LastAdministrator):
        keeping.lock(db.web, "root", locked=True)
    make_account(db, "locked", Role.ADMINISTRATOR, active=False)
    make_account(db, "played", Role.ADMINISTRATOR, demo=True)
    with pytest.raises(LastAdministrator):
        keeping.take(db.web, "root", Role.ADMINISTRATOR, None, None)
    assert leaving.leave(db.web, "root", "elsewhere").passed


def test_a_visitor_of_a_demo_meets_its_own_accounts_and_changes_nothing(db: Database, city: City) -> None:
    made_up = make_account(db, "demo-probe-administrator", Role.ADMINISTRATOR, city_id=city.id, demo=True)
    make_account(db, "wang", Role.PLANNER, city_id=city.id)
    visitor = Keeper(made_up, frozenset({city.id}), frozenset({city.id}), demo=True)
    with acting(db.web, visitor.identity) as connection:
        assert keeping.account_of(connection, "demo-probe-administrator", visitor).demo
        with pytest.raises(UnknownAccount):
            keeping.account_of(connection, "wang", visitor)
    for deed in (
        lambda: keeping.add(db.web, "zhao", "Zhao", role=Role.PLANNER, city=city, by=visitor),
        lambda: unit_keeping.save(db.web, city, Data("W1", {"en": "W"}, UnitKind.CREW), new=True, by=visitor),
    ):
        with pytest.raises(NotAllowed):
            deed()
    with pytest.raises(UnknownAccount):
        keeping.lock(db.web, "wang", locked=True, by=visitor)


# Hand-over


def test_somebody_leaves_and_another_takes_it_on(db: Database, city: City, chief: Keeper) -> None:
    with db.bulk.begin() as connection:
        units.grow(connection, city)
        office = units.find(connection, city.id, "O00").id
    make_account(db, "wang", Role.UNIT_HEAD, Role.UNIT_STAFF, city_id=city.id, unit_id=office)
    keeping.give(db.web, "wang", Role.PLANNER, city, None)
    make_account(db, "li", Role.PLANNER, city_id=city.id)
    with acting(db.web, KEEPER) as connection:
        going = leaving.parting(connection, "wang")
    assert [(one.code, one.headed, one.nobody) for one in going.bare] == [("O00", True, True)]
    staff = next(one for one in going.held if one.role == Role.UNIT_STAFF)
    done = leaving.leave(db.web, "wang", "li", leave_out=[staff.id], reason="retired", by=chief)
    assert [one.role for one in done.passed] == [Role.UNIT_HEAD, Role.PLANNER] and done.bare == ()
    assert [one.role for one in done.ended] == [Role.UNIT_STAFF]
    with acting(db.web, KEEPER) as connection:
        wang, li = (keeping.account_of(connection, login) for login in ("wang", "li"))
        assert not wang.active and not [one for one in accounts.held(connection, wang.id) if one.in_force]
        held = [(one.role, one.unit) for one in accounts.held(connection, li.id)]
        log = deeds.latest(connection, account_id=wang.id)
    assert held == [(Role.PLANNER, None), (Role.UNIT_HEAD, "O00")]
    assert log[0].what == "left" and dict(log[0].said) == {"to": "li", "reason": "retired"}
    assert {one.said.get("reason") for one in log if one.what == "role_taken"} == {"retired"}
    assert {one.by_login for one in log if one.what in ("left", "role_taken")} == {"chief"}


def test_nobody_who_cannot_enter_takes_anything_on(db: Database, city: City) -> None:
    make_account(db, "wang", Role.PLANNER, city_id=city.id)
    make_account(db, "locked", active=False)
    for heir in ("locked", "wang"):
        with pytest.raises(BadField):
            leaving.leave(db.web, "wang", heir)
    with pytest.raises(UnknownAccount):
        leaving.leave(db.web, "wang", "nobody")
    with acting(db.web, KEEPER) as connection:
        assert keeping.account_of(connection, "wang").active


def test_the_units_that_stay_without_a_head_are_told(db: Database, city: City) -> None:
    with db.bulk.begin() as connection:
        units.grow(connection, city)
        office = units.find(connection, city.id, "O00").id
    make_account(db, "wang", Role.UNIT_HEAD, city_id=city.id, unit_id=office)
    make_account(db, "li", Role.UNIT_STAFF, city_id=city.id, unit_id=office)
    done = leaving.leave(db.web, "wang")
    assert [(one.code, one.nobody) for one in done.bare] == [("O00", False)]


def test_who_plays_a_part_in_a_demo_is_missed_by_nobody_and_stands_in_for_nobody(db: Database, city: City) -> None:
    with db.bulk.begin() as connection:
        units.grow(connection, city)
        office = units.find(connection, city.id, "O00").id
    make_account(db, "wang", Role.UNIT_HEAD, city_id=city.id, unit_id=office)
    make_account(db, "demo-probe-unit_head", Role.UNIT_HEAD, city_id=city.id, unit_id=office, demo=True)
    with acting(db.web, KEEPER) as connection:
        assert roster.staffing(connection, city.id)[office] == roster.Staffing(1, 1)
        assert roster.staffing(connection, city.id, demo=True)[office] == roster.Staffing(1, 1)
        assert [one.code for one in leaving.parting(connection, "wang").bare] == ["O00"]
    assert [(one.code, one.nobody) for one in leaving.leave(db.web, "wang").bare] == [("O00", True)]


# The log


def test_each_deed_is_noted_and_nothing_private_with_it(db: Database, city: City, chief: Keeper) -> None:
    keeping.add(db.web, "wang", "王强", role=Role.PLANNER, city=city, by=chief, email="secret@example.org")
    keeping.change(db.web, "wang", chief, email="other@example.org", phone="13800138000")
    keeping.change(db.web, "wang", chief, email="other@example.org")
    keeping.set_password(db.web, "wang", None, drop_factor=True, by=chief)
    keeping.lock(db.web, "wang", locked=True, reason="away", by=chief)
    keeping.lock(db.web, "wang", locked=True, by=chief)
    keeping.lock(db.web, "wang", locked=False, by=chief)
    with acting(db.web, chief.identity) as connection:
        found = deeds.latest(connection)
    assert [one.what for one in reversed(found)] == [
        "made", "role_given", "data", "link", "locked", "unlocked",
    ]  # fmt: skip
    assert found[3].said == {"fields": ["email", "phone"]} and found[2].said == {"drop_factor": True}
    assert not [one for one in found if "example.org" in str(one) or "138" in str(one.said)]
    assert {(one.by_login, one.by_console) for one in found} == {("chief", False)}


def test_a_citys_log_tells_of_its_people_alone(db: Database, city: City, other: City, chief: Keeper) -> None:
    keeping.add(db.web, "there", "T", role=Role.PLANNER, city=other)
    keeping.add(db.web, "both", "B", role=Role.PLANNER, city=city)
    keeping.give(db.web, "both", Role.SUPERVISOR, other, None)
    unit_keeping.save(db.web, other, Data("W1", {"en": "W"}, UnitKind.CREW), new=True)
    with acting(db.web, chief.identity) as connection:
        seen = {(one.what, one.login) for one in deeds.latest(connection)}
    assert seen == {("made", "both"), ("role_given", "both")}
    with acting(db.web, Identity(7)) as connection:
        assert deeds.latest(connection) == []


def test_accounts_of_an_installation_without_cities_are_kept(db: Database) -> None:
    keeping.add(db.web, "root", "R", role=Role.ADMINISTRATOR)
    with pytest.raises(BadField):
        keeping.add(db.web, "new", "N")
    assert replace(CONSOLE, account_id=3).identity == Identity(
        3, manages_people=True, manages_units=True, manages_lists=True
    )


# What a hostile reading found


def test_ones_own_way_in_is_changed_where_the_password_is_asked_for(db: Database, chief: Keeper) -> None:
    for deed in (
        lambda: keeping.set_password(db.web, "chief", None, drop_factor=True, by=chief),
        lambda: keeping.change(db.web, "chief", chief, email="another@example.org"),
    ):
        with pytest.raises(OwnAccount):
            deed()


def test_a_link_made_before_a_role_grew_wider_leads_nowhere(
    db: Database, city: City, other: City, chief: Keeper
) -> None:
    make_account(db, "wang", Role.PLANNER, city_id=city.id)
    link = keeping.set_password(db.web, "wang", None, by=chief).link
    keeping.give(db.web, "wang", Role.PLANNER, other, None)
    assert entering.by_link(db.web, link, "a quiet street lamp") is None


def test_a_wider_role_that_lapsed_keeps_the_account_from_them(
    db: Database, city: City, other: City, chief: Keeper
) -> None:
    make_account(db, "wang", Role.PLANNER, city_id=city.id)
    keeping.give(db.web, "wang", Role.PLANNER, other, None)
    for where in (city, other):
        keeping.take(db.web, "wang", Role.PLANNER, where, None)
    with pytest.raises(BeyondReach):
        keeping.set_password(db.web, "wang", None, by=chief)
    make_account(db, "li", Role.PLANNER, city_id=city.id)
    keeping.take(db.web, "li", Role.PLANNER, city, None)
    assert keeping.set_password(db.web, "li", None, by=chief).link


@pytest.mark.parametrize("wider", ["other", "all"])
def test_a_password_that_a_keeper_may_know_opens_no_role_beyond_them(
    db: Database, city: City, other: City, chief: Keeper, wider: str
) -> None:
    account_id = make_account(db, "wang", Role.PLANNER, city_id=city.id, subject="s-1")
    secret = secrets.new()
    with acting(db.web, Identity(account_id)) as connection:
        sessions.make_token(connection, account_id, "t", secret.digest, ["see_inside"], timedelta(days=1))
    given = keeping.give(db.web, "wang", Role.PLANNER, other if wider == "other" else None, None)
    assert given.new and given.link
    assert entering.by_password(db.web, "wang", PASSWORD) is None
    with db.web.connect() as connection:
        assert sessions.of_token(connection, secret.digest) is None
        assert accounts.by_subject(connection, "s-1") is None
    # Nor is it chosen again.
    with pytest.raises(PasswordRefused):
        entering.by_link(db.web, given.link, PASSWORD)
    assert entering.by_link(db.web, given.link, "a quiet street lamp") == account_id
    assert entering.by_password(db.web, "wang", "a quiet street lamp") is not None
    with acting(db.web, KEEPER) as connection:
        assert deeds.latest(connection, account_id=account_id)[0].said["set_back"] is True


def test_a_password_holds_while_a_role_stays_within_whoever_keeps_the_account(
    db: Database, city: City, other: City, chief: Keeper
) -> None:
    make_account(db, "wang", Role.PLANNER, city_id=city.id)
    make_account(db, "new")
    make_account(db, "root", Role.ADMINISTRATOR)
    for login, where in (("wang", city), ("new", other), ("root", city)):
        assert keeping.give(db.web, login, Role.SUPERVISOR, where, None).link == ""
        assert entering.by_password(db.web, login, PASSWORD) is not None
    assert keeping.give(db.web, "wang", Role.SUPERVISOR, city, None) == Given(False)


def test_who_kept_an_account_when_it_held_no_more_may_know_its_password_too(
    db: Database, city: City, other: City, chief: Keeper
) -> None:
    make_account(db, "wang", Role.PLANNER, city_id=city.id)
    keeping.take(db.web, "wang", Role.PLANNER, city, None, by=chief)
    assert keeping.give(db.web, "wang", Role.PLANNER, other, None).link
    assert entering.by_password(db.web, "wang", PASSWORD) is None


def test_the_first_role_of_somebody_of_another_city_is_not_a_citys_to_give(
    db: Database, city: City, other: City, chief: Keeper
) -> None:
    make_account(db, "wang", Role.PLANNER, city_id=city.id)
    keeping.give(db.web, "wang", Role.PLANNER, other, None)
    keeping.take(db.web, "wang", Role.PLANNER, city, None, by=chief)
    with pytest.raises(BeyondReach):
        keeping.give(db.web, "wang", Role.PLANNER, city, None, by=chief)
    with pytest.raises(BadField) as refused:
        taking_in.take_in(db.web, city, listed(("wang", "Wang", "planner", "")), chief)
    assert [(one.column, one.said) for one in refused.value.facts["faults"]] == [("role", taking_in.GROWS)]
    done = taking_in.take_in(db.web, city, listed(("wang", "Wang", "planner", "")))
    assert [one.login for one in done.set_back] == ["wang"] and done.made == ()


def test_whoever_takes_on_more_than_before_sets_a_password_anew(db: Database, city: City, other: City) -> None:
    make_account(db, "wang", Role.PLANNER, city_id=city.id)
    make_account(db, "li", Role.PLANNER, city_id=other.id)
    make_account(db, "zhou", Role.PLANNER, city_id=city.id)
    assert leaving.leave(db.web, "wang", "zhou").link == ""
    link = leaving.leave(db.web, "zhou", "li").link
    assert link and entering.by_password(db.web, "li", PASSWORD) is None
    assert entering.by_link(db.web, link, "a quiet street lamp") is not None


def test_ones_own_data_comes_in_no_list(db: Database, city: City, chief: Keeper) -> None:
    table = Table(("login", "name", "email"), ((2, ("chief", "Chief", "mine@example.org")),))
    entries, _faults = lists.read(table)
    with pytest.raises(BadField) as refused:
        taking_in.take_in(db.web, city, entries, chief)
    assert [one.said for one in refused.value.facts["faults"]] == [taking_in.OWN_DATA]


@pytest.mark.parametrize("deed", ["password", "lock", "sign_out"])
def test_tokens_end_with_the_sessions(db: Database, city: City, deed: str) -> None:
    account_id, secret = make_account(db, "wang", Role.PLANNER, city_id=city.id), secrets.new()
    with acting(db.web, Identity(account_id)) as connection:
        sessions.make_token(connection, account_id, "t", secret.digest, ["see_inside"], timedelta(days=1))
    if deed == "password":
        keeping.set_password(db.web, "wang", None)
    elif deed == "sign_out":
        keeping.sign_out(db.web, "wang")
    else:
        keeping.lock(db.web, "wang", locked=True)
        keeping.lock(db.web, "wang", locked=False)
    with db.web.connect() as connection:
        assert sessions.of_token(connection, secret.digest) is None


def test_a_role_in_a_demo_is_not_theirs_to_end(db: Database, city: City, chief: Keeper) -> None:
    make_account(db, "demo-probe-planner", Role.PLANNER, city_id=city.id, demo=True)
    with pytest.raises(BeyondReach):
        keeping.take(db.web, "demo-probe-planner", Role.PLANNER, city, None, by=chief)


def test_an_invitation_nobody_has_opened_is_no_administrator(db: Database, city: City, chief: Keeper) -> None:
    keeping.add(db.web, "invited", "I", role=Role.ADMINISTRATOR, city=city)
    with pytest.raises(LastAdministrator):
        keeping.lock(db.web, "chief", locked=True)


def listed(*rows: tuple[str, ...]) -> list[lists.Entry]:
    entries, faults = lists.read(Table(("login", "name", "role", "unit"), tuple(enumerate(rows, 2))))
    assert faults == []
    return entries


@pytest.mark.parametrize("login", ["new", "..", "export", "@@"])
def test_a_list_brings_no_login_that_no_page_leads_to(login: str) -> None:
    _entries, faults = lists.read(Table(("login", "name"), ((2, (login, "X")),)))
    assert [one.column for one in faults] == ["login"]


def test_somebody_new_without_a_role_is_not_a_citys_to_make(db: Database, city: City, chief: Keeper) -> None:
    with acting(db.web, chief.identity) as connection:
        _outcomes, faults = taking_in.preview(connection, city, listed(("zhao", "Zhao", "", "")), chief)
    assert [(one.line, one.column) for one in faults] == [(2, "role")]
    assert taking_in.take_in(db.web, city, listed(("zhao", "Zhao", "", ""))).made


def test_a_unit_is_meant_by_its_name_where_only_one_is_called_so(db: Database, city: City, chief: Keeper) -> None:
    with db.bulk.begin() as connection:
        units.grow(connection, city)
    rows = listed(("wang", "Wang", "unit_staff", "O00 office"), ("li", "Li", "unit_staff", "no such"))
    with acting(db.web, chief.identity) as connection:
        outcomes, faults = taking_in.preview(connection, city, rows, chief)
    assert outcomes[0].unit is not None and outcomes[0].unit.code == "O00"
    assert [(one.line, one.column) for one in faults] == [(3, "unit")]
