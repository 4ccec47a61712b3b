"""The database's answer to who reads what is private is that of the table of rights, for whoever and whatever."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geoapp import health
from geoapp.lifecycle import Kind
from geoapp.people import rights
from geoapp.people.rights import SEE_PRIVATE, Of
from geoapp.records import Holding, Person, Role
from geoapp.settings import Settings
from geoapp.store import bootstrap, migrate
from geoapp.store.cluster import SUPERUSER, Server

CITIES = (1, 2)
PARENTS = {1: None, 2: 1, 3: 2, 4: 3, 5: 2, 6: 1, 7: None, 8: 7}
"""Units 1 to 6 of the first city: a root, a district, an office and its crew, another office, a bureau."""

AREAS: dict[int, frozenset[int]] = {2: frozenset({20}), 3: frozenset({30}), 5: frozenset({50}), 8: frozenset({80})}


def line(unit: int) -> tuple[int, ...]:
    above = PARENTS[unit]
    return (unit, *(line(above) if above else ()))


@dataclass(frozen=True)
class Held:
    """A role as an account holds it: over is what it was until yesterday, or will be from tomorrow."""

    role: Role
    city: int | None
    unit: int | None
    when: str


@dataclass(frozen=True)
class Case:
    """A report: with a ticket of its own or waiting; unit is the ticket's, named the report's."""

    city: int
    kind: Kind
    ticket_kind: Kind | None
    unit: int | None
    named: int | None
    areas: frozenset[int]
    repairers: tuple[int, ...]
    events: tuple[tuple[str, int, bool], ...]
    mine: bool


UNITS = st.sampled_from(sorted(PARENTS))
ROLES = st.builds(
    Held,
    st.sampled_from(Role),
    st.sampled_from([None, *CITIES]),
    st.none() | UNITS,
    st.sampled_from(["now", "now", "now", "over", "to come"]),
)
CASES = st.builds(
    Case,
    st.sampled_from(CITIES),
    st.sampled_from([Kind.COMPLAINT, Kind.DENUNCIATION, Kind.DENUNCIATION]),
    st.none() | st.sampled_from([Kind.COMPLAINT, Kind.DENUNCIATION]),
    st.none() | UNITS,
    st.none() | UNITS,
    st.frozensets(st.sampled_from([10, 20, 30, 50, 80]), max_size=3),
    st.lists(UNITS, max_size=2).map(tuple),
    st.lists(st.tuples(st.sampled_from(["unit", "proposal"]), UNITS, st.booleans()), max_size=2).map(tuple),
    st.booleans(),
)
SCOPES = st.none() | st.frozensets(st.sampled_from(["see_private", "see_denouncer", "see_inside"]), max_size=3)


@pytest.fixture(scope="module")
def wall(shared_database: Server) -> Iterator[psycopg.Connection]:
    """A transaction as nobody ever commits it, with two cities and their units."""
    with psycopg.connect(shared_database.conninfo(SUPERUSER)) as connection:
        for city in CITIES:
            connection.execute("INSERT INTO geoapp.city (id, code, names, pack) OVERRIDING SYSTEM VALUE "
                               "VALUES (%s, %s, '{}', '{}')", (city, f"c{city}"))  # fmt: skip
            connection.execute(
                "INSERT INTO geoapp.site (id, city_id, kind, key, point) OVERRIDING SYSTEM VALUE "
                "VALUES (%s, %s, 'spot', '1/1', ST_SetSRID(ST_MakePoint(114, 20), 4326))", (city, city)
            )  # fmt: skip
        for unit, above in PARENTS.items():
            connection.execute(
                "INSERT INTO geoapp.unit (id, city_id, code, names, parent_id, area_keys) OVERRIDING SYSTEM VALUE "
                "VALUES (%s, %s, %s, '{}', %s, %s)",
                (unit, 1 if unit < 7 else 2, f"U{unit}", above, sorted(AREAS.get(unit, ()))),
            )
        yield connection
        connection.rollback()


def store(connection: psycopg.Connection, roles: list[Held], case: Case, active: bool) -> None:
    connection.execute("INSERT INTO private.account (id, login, name, active) OVERRIDING SYSTEM VALUE "
                       "VALUES (7, 'x', 'X', %s), (8, 'y', 'Y', true)", (active,))  # fmt: skip
    for one in roles:
        began, ends = {"now": (-1, None), "over": (-2, -1), "to come": (1, None)}[one.when]
        connection.execute(
            "INSERT INTO private.role_held (account_id, role, city_id, unit_id, began_at, ends_at) VALUES "
            "(7, %s, %s, %s, now() + %s * interval '1 day', now() + %s * interval '1 day')",
            (one.role, one.city, one.unit, began, ends),
        )
    if case.ticket_kind:
        connection.execute(
            "INSERT INTO geoapp.ticket (id, number, city_id, source, kind, state, unit_id, site_id, point, quad, "
            "area_keys, public, urgent, late, opened_at, changed_at) OVERRIDING SYSTEM VALUE VALUES (1, 'N', %s, 's', "
            "%s, 'registered', %s, %s, ST_SetSRID(ST_MakePoint(114, 20), 4326), 1, %s, false, false, false, now(), "
            "now())", (case.city, case.ticket_kind, case.unit, case.city, sorted(case.areas)),
        )  # fmt: skip
        for unit in case.repairers:
            connection.execute("INSERT INTO geoapp.repair (city_id, site_id, ticket_id, assisting) VALUES "
                               "(%s, %s, 1, %s)", (case.city, case.city, [unit]))  # fmt: skip
        for name, unit, by_code in case.events:
            connection.execute(
                "INSERT INTO geoapp.event (ticket_id, name, occurred_at, actor, codes) VALUES "
                "(1, 'dispatch', now(), 'x', jsonb_build_object(%s::text, %s::text))",
                (name, f"U{unit}" if by_code else str(unit)),
            )
    connection.execute(
        "INSERT INTO geoapp.report (id, city_id, source, hash, kind, said_at, ticket_id, unit_id) OVERRIDING SYSTEM "
        "VALUE VALUES (1, %s, 's', gen_random_uuid(), %s, now(), %s, %s)",
        (case.city, case.kind, 1 if case.ticket_kind else None, case.named),
    )
    connection.execute("INSERT INTO private.reporter VALUES (1, %s, 'n', 'p', 'e')", (case.city,))
    connection.execute("INSERT INTO private.original VALUES (1, %s, 'b', 'a')", (case.city,))
    connection.execute("INSERT INTO private.post VALUES (1, %s, 'l', 'a', '[]')", (case.city,))
    connection.execute("INSERT INTO private.filed VALUES (1, %s, %s)", (case.city, 7 if case.mine else 8))


def person(roles: list[Held], scopes: frozenset[str] | None) -> Person:
    held = tuple(
        Holding(one.role, one.city, line(one.unit) if one.unit else (), AREAS.get(one.unit or 0, frozenset()))
        for one in roles
        if one.when == "now"
    )
    return Person(7, "x", "X", "zh", held, scopes)


def of(case: Case) -> Of:
    """What the report is about, worked out here without the database."""
    kinds = {case.kind, case.ticket_kind}
    here = {unit for unit in PARENTS if (unit < 7) == (case.city == 1)}
    now, earlier = {case.named} - {None}, set[int]()
    if case.ticket_kind:
        now |= {case.unit, *case.repairers} - {None}
        earlier = {unit for _name, unit, _by_code in case.events if unit in here}
    lines = [tuple(line(unit) for unit in units if unit) for units in (now, earlier - now)]
    kind = Kind.DENUNCIATION if Kind.DENUNCIATION in kinds else case.kind
    areas = case.areas if case.ticket_kind else frozenset()
    return Of(case.city, lines[0], areas, kind, 7 if case.mine else 8, lines[1])


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(roles=st.lists(ROLES, max_size=3), case=CASES, scopes=SCOPES, active=st.sampled_from([True, True, True, False]))
def test_the_database_decides_as_the_table_of_rights_does(
    wall: psycopg.Connection, roles: list[Held], case: Case, scopes: frozenset[str] | None, active: bool
) -> None:
    expected = active and rights.may(person(roles, scopes), SEE_PRIVATE, of(case))
    with wall.transaction(force_rollback=True):
        store(wall, roles, case, active)
        said = "" if scopes is None else "{" + ",".join(sorted(scopes)) + "}"
        wall.execute("SELECT set_config('geoapp.account', '7', true), set_config('geoapp.scopes', %s, true)", (said,))
        wall.execute("SET LOCAL ROLE geoapp_web")
        seen = {
            table: wall.execute(f"SELECT count(*) FROM private.{table}".encode()).fetchone()
            for table in ("reporter", "original", "post", "filed")
        }
        wall.execute("RESET ROLE")
    own = {"filed": (int(expected or case.mine),)}
    assert seen == dict.fromkeys(("reporter", "original", "post"), (int(expected),)) | own


ROLE_CASES = [(role, unit) for role in Role for unit in (None, 1, 2, 3, 4, 5, 6)]
PLAIN = Case(1, Kind.COMPLAINT, Kind.COMPLAINT, 3, None, frozenset({20, 30}), (), (), mine=False)


@pytest.mark.parametrize("kind", [Kind.COMPLAINT, Kind.DENUNCIATION])
def test_each_role_of_each_unit_is_decided_alike(wall: psycopg.Connection, kind: Kind) -> None:
    """All of the roles, which drawing may miss; and that some are let and some are not."""
    case, answers = replace(PLAIN, kind=kind, ticket_kind=kind), set()
    for role, unit in ROLE_CASES:
        roles = [Held(role, 1, unit, "now")]
        expected = rights.may(person(roles, None), SEE_PRIVATE, of(case))
        with wall.transaction(force_rollback=True):
            store(wall, roles, case, active=True)
            wall.execute("SELECT set_config('geoapp.account', '7', true), set_config('geoapp.scopes', '', true)")
            assert wall.execute("SELECT private.may_read(1)").fetchone() == (expected,), (role, unit)
        answers.add(expected)
    assert answers == {True, False}


@pytest.mark.parametrize("action", ["manage_lists", "see_log"])
def test_what_is_a_citys_is_read_by_whoever_may_in_that_city(wall: psycopg.Connection, action: str) -> None:
    """Rejected rows by whoever keeps the lists, the log of looks by whoever sees it; nobody else."""
    for role in Role:
        for city in (None, *CITIES):
            for scopes in (None, frozenset({action}), frozenset({"see_inside"})):
                roles = [Held(role, city, None, "now")]
                expected = [one for one in CITIES if rights.may(person(roles, scopes), action, Of(one))]
                with wall.transaction(force_rollback=True):
                    store(wall, roles, PLAIN, active=True)
                    for one in CITIES:
                        wall.execute("INSERT INTO geoapp.run (id, city_id, source) OVERRIDING SYSTEM VALUE "
                                       "VALUES (%s, %s, 's')", (one, one))  # fmt: skip
                        wall.execute("INSERT INTO private.rejected (city_id, source, run_id, file, line, reason, "
                                       "detail, fields, hash, occurrence) VALUES (%s, 's', %s, 'f', 1, 'r', 'd', "
                                       "'{}', gen_random_uuid(), 1)", (one, one))  # fmt: skip
                        wall.execute("INSERT INTO private.look (city_id, account_id, report_id, what, why) "
                                       "VALUES (%s, 8, 1, 'reporter', 'w')", (one,))  # fmt: skip
                    said = "" if scopes is None else "{" + ",".join(scopes) + "}"
                    wall.execute("SELECT set_config('geoapp.account', '7', true), "
                                   "set_config('geoapp.scopes', %s, true)", (said,))  # fmt: skip
                    wall.execute("SET LOCAL ROLE geoapp_web")
                    table = "rejected" if action == "manage_lists" else "look"
                    rows = wall.execute(f"SELECT city_id FROM private.{table} ORDER BY 1".encode()).fetchall()
                    wall.execute("RESET ROLE")
                assert [one for (one,) in rows] == expected, (role, city, scopes)


def test_the_copy_of_the_table_of_rights_is_the_tables(settings: Settings, database: Server) -> None:
    def finding() -> health.Finding:
        return next(one for one in health.check(settings) if one.name == "rights in the database")

    assert finding().healthy
    with psycopg.connect(database.conninfo(SUPERUSER)) as connection:
        connection.execute("UPDATE private.role_right SET scope = 'city' WHERE action = 'see_private'")
    assert not finding().healthy
    migrate.upgrade(database.url(bootstrap.OWNER))
    assert finding().healthy


def test_without_the_copy_nobody_reads(wall: psycopg.Connection) -> None:
    roles = [Held(role, None, None, "now") for role in Role]
    with wall.transaction(force_rollback=True):
        store(wall, roles, PLAIN, active=True)
        wall.execute("DELETE FROM private.role_right")
        wall.execute("SELECT set_config('geoapp.account', '7', true), set_config('geoapp.scopes', '', true)")
        assert wall.execute("SELECT private.may_read(1)").fetchone() == (False,)
