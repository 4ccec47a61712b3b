"""The table of rights: it fits the lifecycle, and reaches as far as it says and no further."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoapp.lifecycle import LEAD_MOVES, MOVES, Kind
from geoapp.people import rights
from geoapp.people.rights import (
    ACTIONS,
    ACTS_AS,
    NO_PERSON,
    ROLES,
    TABLE,
    Audience,
    Of,
    Scope,
    action_of,
    audience,
    may,
)
from geoapp.records import Holding, Person, Role

CITY, OTHER = 1, 2
# A city's unit, a district's below it, a street office's below that, a crew of it; and a bureau beside.
ROOT, DISTRICT, OFFICE, CREW, BUREAU = 1, 2, 3, 4, 9
LINES = {ROOT: (1,), DISTRICT: (2, 1), OFFICE: (3, 2, 1), CREW: (4, 3, 2, 1), BUREAU: (9, 1)}


def somebody(role: Role, unit: int | None = None, city: int | None = CITY, **more: object) -> Person:
    areas = frozenset({30}) if unit == OFFICE else frozenset()
    return Person(7, "x", "X", "zh", (Holding(role, city, LINES[unit] if unit else (), areas),), **more)  # type: ignore[arg-type]


def case(unit: int | None = OFFICE, city: int = CITY, **more: object) -> Of:
    return Of(city, (LINES[unit],) if unit else (), **more)  # type: ignore[arg-type]


def test_every_role_and_every_right_has_its_words() -> None:
    assert set(ROLES) == set(Role) and {right.role for right in TABLE} == set(Role)
    assert {right.action for right in TABLE} == set(ACTIONS)
    for names in (*ROLES.values(), *(action.names for action in ACTIONS.values()), *rights.SCOPES.values()):
        assert set(names) == {"zh", "en"} and all(names.values())


def test_no_line_stands_twice() -> None:
    assert len({(right.role, right.action) for right in TABLE}) == len(TABLE)


def test_whoever_moves_a_ticket_by_the_lifecycle_may_do_so_by_the_table() -> None:
    lines = [(move.name, move.who) for move in (*MOVES, *LEAD_MOVES)]
    moved_by = {who for _, whos in lines for who in whos}
    assert moved_by - NO_PERSON == set(ACTS_AS.values())
    for name, whos in lines:
        for role, who in ACTS_AS.items():
            if who in whos:
                assert any(r.role == role and r.action == action_of(name, who) for r in TABLE), (role, name)


@pytest.mark.parametrize("role", Role)
def test_nobody_makes_a_move_as_somebody_else(role: Role) -> None:
    for move in (*MOVES, *LEAD_MOVES):
        for who in rights.acts_as(somebody(role, OFFICE), move.name, case(account_id=7)):
            assert ACTS_AS[role] == who


def test_a_right_reaches_its_own_and_nothing_else() -> None:
    unit_staff = somebody(Role.UNIT_STAFF, OFFICE)
    assert may(unit_staff, "sign", case(OFFICE)) and may(unit_staff, "sign", case(CREW))
    assert not may(unit_staff, "sign", case(DISTRICT)) and not may(unit_staff, "sign", case(BUREAU))
    assert not may(unit_staff, "sign", case(OFFICE, OTHER)) and not may(unit_staff, "sign", case(None))
    # What lies in one's area is seen, not signed for.
    here = case(BUREAU, area_keys=frozenset({30, 31}))
    assert may(unit_staff, "see_inside", here) and not may(unit_staff, "sign", here)
    assert audience(unit_staff, here) == Audience.INSIDE and audience(unit_staff, case(OFFICE)) == Audience.PRIVATE
    assert audience(None, here) == Audience.PUBLIC


def test_a_role_of_a_unit_held_without_one_allows_nothing() -> None:
    assert not any(may(somebody(Role.UNIT_STAFF), action) for action in ACTIONS)


def test_a_role_in_all_cities_reaches_all_and_one_in_a_city_only_that() -> None:
    assert may(somebody(Role.DISPATCHER, city=None), "dispatch", case(city=OTHER))
    assert not may(somebody(Role.DISPATCHER), "dispatch", case(city=OTHER))
    assert rights.cities(somebody(Role.DISPATCHER, city=None), "dispatch") is None
    assert rights.cities(somebody(Role.DISPATCHER), "dispatch") == {CITY}
    assert rights.cities(somebody(Role.DISPATCHER), "rule") == frozenset() == rights.cities(None, "rule")


def test_one_s_own_is_what_one_filed() -> None:
    citizen = somebody(Role.CITIZEN)
    assert may(citizen, "withdraw", case(account_id=7)) and not may(citizen, "withdraw", case(account_id=8))
    assert not may(citizen, "withdraw", case())


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("unit", [OFFICE, DISTRICT, CREW])
def test_nobody_of_the_unit_that_handles_a_denunciation_learns_who_denounced(role: Role, unit: int) -> None:
    """Nor of one above or below it; and a second role, held elsewhere, does not help."""
    of = case(OFFICE, kind=Kind.DENUNCIATION)
    visitor = Holding(Role.VISITOR, CITY)
    person = Person(7, "x", "X", "zh", (visitor, Holding(role, CITY, LINES[unit])))
    assert not may(person, "see_private", of) and not may(person, "see_denouncer", of)
    assert audience(person, of) <= Audience.INSIDE
    assert may(Person(7, "x", "X", "zh", (visitor,)), "see_private", of)


def test_a_denunciation_that_waits_for_dispatch_hides_from_the_office_it_lies_in() -> None:
    person = Person(
        7, "x", "X", "zh", (Holding(Role.VISITOR, CITY), Holding(Role.CREW, CITY, LINES[OFFICE], frozenset({30})))
    )
    assert not may(person, "see_private", case(None, kind=Kind.DENUNCIATION, area_keys=frozenset({30})))


def test_contact_rights_do_not_open_a_denunciation() -> None:
    assert not may(somebody(Role.VERIFIER), "see_private", case(kind=Kind.DENUNCIATION))
    assert may(somebody(Role.VERIFIER), "see_private", case(kind=Kind.COMPLAINT))


def test_a_token_allows_no_more_than_its_scopes_nor_than_its_owner() -> None:
    owner = {"scopes": frozenset({"see_inside", "rule"})}
    person = somebody(Role.DISPATCHER, **owner)
    assert may(person, "see_inside", case()) and not may(person, "dispatch", case()) and not may(person, "rule", case())
    assert not may(
        somebody(Role.VISITOR, scopes=frozenset({"see_private"})), "see_private", case(kind=Kind.DENUNCIATION)
    )


@pytest.mark.parametrize("language", ["zh", "en"])
def test_rights_are_said_in_words(language: str) -> None:
    said = rights.rights_in_words(somebody(Role.UNIT_STAFF, OFFICE), language)
    assert [one.role for one in said] == [ROLES[Role.UNIT_STAFF][language]]
    reaches = dict(said[0].allowed)
    assert reaches[rights.SCOPES[Scope.AREA][language]] == (ACTIONS["see_inside"].names[language],)
    assert ACTIONS["sign"].names[language] in reaches[rights.SCOPES[Scope.UNIT][language]]


UNITS = [None, ROOT, DISTRICT, OFFICE, CREW, BUREAU]
AREAS = {ROOT: {10, 20, 30}, DISTRICT: {20}, OFFICE: {30}, CREW: set[int](), BUREAU: set[int](), None: set[int]()}
BELOW: dict[int | None, set[int]] = {unit: {low for low, line in LINES.items() if unit in line} for unit in LINES}


@st.composite
def people(draw: st.DrawFn) -> Person:
    held = draw(
        st.lists(st.tuples(st.sampled_from(Role), st.sampled_from(UNITS), st.sampled_from([CITY, OTHER, None])))
    )
    holdings = tuple(
        Holding(role, city, LINES[unit] if unit else (), frozenset(AREAS[unit]), frozenset(BELOW.get(unit, ())))
        for role, unit, city in held
        # A unit is of a city, and a role for it is held there.
        if unit is None or city == CITY
    )
    scopes = draw(st.sampled_from([None, None, frozenset({rights.SEE_INSIDE}), frozenset({"place"})]))
    return Person(7, "x", "X", "zh", holdings, scopes)


@given(
    person=people(), unit=st.sampled_from(UNITS), city=st.sampled_from([CITY, OTHER]),
    areas=st.frozensets(st.sampled_from([10, 20, 30, 40])), kind=st.sampled_from(Kind),
)  # fmt: skip
def test_what_somebody_sees_is_what_the_right_answers_one_by_one(
    person: Person, unit: int | None, city: int, areas: frozenset[int], kind: Kind
) -> None:
    if city == OTHER:
        unit, areas = None, frozenset()
    sight = rights.sight_of(person)
    reached = sight.whole(city) or bool(areas & sight.area_keys) or unit in sight.units
    assert reached == may(person, rights.SEE_INSIDE, case(unit, city, area_keys=areas, kind=kind))
