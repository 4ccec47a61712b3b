"""Every address walked as everybody: nobody, each role for what is its own and what is not, and tokens.

What is expected is read from the table of rights alone (people/rights.py), never from the pages: an address shows a
ticket that is not public to whoever may see it inside, and a guarded one opens to whoever has its right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Final
from uuid import uuid4

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from geoapp import lifecycle
from geoapp.city import City, city_from
from geoapp.intake.path import take
from geoapp.intake.photo import place
from geoapp.pages.parts import who
from geoapp.people import entering, rights, secrets
from geoapp.people.looking import of_report
from geoapp.people.rights import SEE_INSIDE, Of
from geoapp.records import Person, Role, Taken
from geoapp.settings import Settings
from geoapp.store import accounts, photos, sessions, units
from geoapp.store.acting import Identity, acting
from geoapp.store.database import Database
from importers.base import Report, Reporter
from tests.pages.conftest import PACK, load
from tests.pages.test_rights import right_of
from tests.people.make import make_account, secret_of

SAID: Final = datetime(2026, 3, 1, tzinfo=UTC)
OWN, OTHER = "own", "other"


@dataclass(frozen=True)
class Case:
    """A ticket that is not public: of one's own office, or of another."""

    number: str
    report_id: int
    of: Of
    photo: str
    site: str
    office: str


@dataclass(frozen=True)
class Caller:
    """Somebody who asks, and who that is."""

    name: str
    client: FlaskClient
    person: Person | None
    headers: dict[str, str]

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, headers=self.headers)


@pytest.fixture
def cases(app: APIFlask, db: Database, city: City, settings: Settings) -> dict[str, Case]:
    """One ticket that is not public in each of two offices of two districts, each handled there; and public ones."""
    with db.bulk.begin() as connection:
        units.grow(connection, city)
    places = {OWN: ("O00", 114.2, 20.2), OTHER: ("O11", 114.8, 20.8)}
    hidden = [
        Report(ref=where, said_at=SAID + timedelta(days=9), body="said", category="roads", matter="pothole",
               x=lon, y=lat, unit=office, public=False, reporter=Reporter(name="Reporter"))
        for where, (office, lon, lat) in places.items()
    ]  # fmt: skip
    public = [
        Report(ref=f"p{nth}", said_at=SAID + timedelta(hours=nth), category="roads", matter="pothole",
               x=114.05 + nth / 50, y=20.05 + nth / 50)
        for nth in range(40)
    ]  # fmt: skip
    taken = take(db.bulk, city, "probe", [*hidden, *public])
    offices = {where: office for where, (office, _lon, _lat) in places.items()}
    return {where: _case(db, settings, taken[nth], offices[where]) for nth, where in enumerate(places)}


def _case(db: Database, settings: Settings, taken: Taken, office: str) -> Case:
    assert taken.number is not None
    photo_id = uuid4()
    path = place(settings.data_dir, photo_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    stream = BytesIO()
    Image.new("RGB", (8, 8)).save(stream, "JPEG")
    path.write_bytes(stream.getvalue())
    with db.web.begin() as connection:
        photos.add(connection, photo_id, taken.report_id, 8, 8, "0" * 64)
        row = connection.exec_driver_sql(
            "SELECT s.kind, s.key FROM geoapp.ticket k JOIN geoapp.site s ON s.id = k.site_id WHERE k.id = %s",
            (taken.ticket_id,),
        ).one()
    of = of_report(db.web, taken.report_id)
    return Case(taken.number, taken.report_id, of, str(photo_id), f"{row.kind}/{row.key}", office)


@pytest.fixture
def callers(app: APIFlask, db: Database, city: City, cases: dict[str, Case]) -> list[Caller]:
    """Nobody; each role, held for an office (or its district) of the city, for another city, and by token."""
    elsewhere = load(db, city_from({**PACK, "code": "other", "prefix": "OT"}))
    with db.bulk.begin() as connection:
        units.grow(connection, elsewhere)
        here = {code: units.find(connection, city.id, code).id for code in ("O00", "D0")}
        there = {code: units.find(connection, elsewhere.id, code).id for code in ("O00", "D0")}
    found = [Caller("nobody", app.test_client(), None, {})]
    for role in Role:
        of = "D0" if role == Role.DISTRICT_DISPATCHER else "O00"
        for town, ids in ((city, here), (elsewhere, there)):
            login = f"{role.value}-{town.code}".replace("_", "-")
            unit = ids[of] if rights.needs_unit(role) else None
            account = make_account(db, login, role, city_id=town.id, unit_id=unit)
            found.append(_by_cookie(app, db, login, account))
            found += _by_tokens(app, db, login, account)
    return found


def _person(db: Database, account: int) -> Person:
    with acting(db.web, Identity(account)) as connection:
        found = accounts.person(connection, account)
    assert found is not None
    return found


def _by_cookie(app: APIFlask, db: Database, login: str, account: int) -> Caller:
    client = app.test_client()
    begun = entering.begin(db.web, account, timedelta(hours=1), "")
    client.set_cookie("geoapp", begun.shown)
    return Caller(login, client, _person(db, account), {})


def _by_tokens(app: APIFlask, db: Database, login: str, account: int) -> Iterator[Caller]:
    """By a token that may see inside, and by one that may not; of whoever may use tokens."""
    person = _person(db, account)
    if not rights.may(person, "use_api"):
        return
    for scopes in ([SEE_INSIDE], ["place"]):
        secret = secrets.new("geoapp_")
        with acting(db.web, Identity(account)) as connection:
            sessions.make_token(connection, account, "t", secret.digest, scopes, timedelta(hours=1))
            known = sessions.of_token(connection, secret.digest)
        assert known is not None
        yield Caller(f"{login} by token for {scopes}", app.test_client(), known[0],
                     {"Authorization": f"Bearer {secret.shown}"})  # fmt: skip


def sees(caller: Caller, case: Case) -> bool:
    return rights.may(caller.person, SEE_INSIDE, case.of)


CITY: Final = "city=probe"

# What leads to one ticket: an address that is there for whoever sees it, and for nobody else.
OF_A_TICKET: Final[dict[str, Callable[[Case], str]]] = {
    "ticket.show": lambda case: f"/tickets/{case.number}",
    "api_ticket.show": lambda case: f"/api/tickets/{case.number}",
    "photo.show": lambda case: f"/photos/{case.photo}.jpg",
    "site.show": lambda case: f"/sites/probe/{case.site}",
    "api_site.show": lambda case: f"/api/sites/probe/{case.site}",
}

# What holds tickets among others: the ticket's number stands in the answer for whoever sees it.
HOLDING: Final[dict[str, Callable[[Case], str]]] = {
    "map.show": lambda case: f"/?{CITY}&q={case.number}",
    "api_tickets.show": lambda case: f"/api/tickets?{CITY}&limit=200",
    "api_clusters.show": lambda case: f"/api/clusters?{CITY}&zoom=22&bbox=114.1,20.1,114.9,20.9",
    "area.show": lambda case: f"/areas/probe/offices/{case.office}",
}

# What is done by it is walked by itself.
MOVES_API: Final = "api_moves.take_in"

# What shows works to everybody alike: those of hidden tickets to nobody.
WORKS: Final = f"/api/works?{CITY}"

# What counts tickets: by how many the answer grows for whoever sees more.
COUNTING: Final[dict[str, Callable[[], str]]] = {
    "api_tickets.show": lambda: f"/api/tickets?{CITY}&limit=1",
    "api_clusters.show": lambda: f"/api/clusters?{CITY}&zoom=3",
    "api_times.show": lambda: f"/api/times?{CITY}",
}

# What is the same for all: it tells nothing of tickets, or needs a secret of its own.
SAME: Final = frozenset({
    "api_assign.show", "api_locate.show", "api_outlines.show", "api_places.show", "api_reports.take_in",
    "api_roads.show", "api_works.show", "demo.enter", "demo.show", "healthz.show", "map_file.show", "metrics.show",
    "openapi.spec", "readyz.show", "receipt.show", "receipt.take_in", "receipt_moves.take_in", "report.show",
    "report.take_in", "reset.show", "reset.show_link", "reset.take_in", "reset.take_password", "sign_in.show",
    "sign_in.show_code", "sign_in.take_code", "sign_in.take_in", "sign_in_provider.come_back",
    "sign_in_provider.go", "sign_out.sign_out", "static",
})  # fmt: skip


def test_each_address_is_walked(app: APIFlask) -> None:
    """A new address says here what it shows, or has a right of its own."""
    walked = {*OF_A_TICKET, *HOLDING, *COUNTING, *SAME, MOVES_API}
    there = {rule.endpoint for rule in app.url_map.iter_rules() if right_of(app, rule.endpoint) is None}
    assert there == walked, sorted(there ^ walked)


def test_tickets_that_are_not_public_are_there_for_whoever_may_see_them_alone(
    callers: list[Caller], cases: dict[str, Case]
) -> None:
    wrong = []
    for caller in callers:
        for where, case in cases.items():
            for endpoint, path in OF_A_TICKET.items():
                status = caller.get(path(case)).status_code
                if status != (200 if sees(caller, case) else 404):
                    wrong.append((caller.name, where, endpoint, status))
    assert not wrong
    # The walk has met both answers for what is one's own, and for what is not.
    for case in cases.values():
        assert {sees(caller, case) for caller in callers} == {True, False}


def test_the_page_of_moves_is_there_for_whoever_sees_the_ticket(callers: list[Caller], cases: dict[str, Case]) -> None:
    wrong = []
    for caller in callers:
        if caller.headers:
            continue  # Forms are for people.
        for where, case in cases.items():
            status = caller.get(f"/tickets/{case.number}/moves").status_code
            expected = 302 if caller.person is None else 200 if sees(caller, case) else 404
            if status != expected:
                wrong.append((caller.name, where, status, expected))
    assert not wrong


def test_moves_are_made_by_whoever_may_alone(callers: list[Caller], cases: dict[str, Case]) -> None:
    """By the API: no cookie counts there, and a token makes the moves that its holder may and its scopes name."""
    wrong = []
    body = {"move": "note", "given": {"note": "x"}}
    for caller in callers:
        for where, case in cases.items():
            answer = caller.client.post(f"/api/tickets/{case.number}/moves", json=body, headers=caller.headers)
            may = rights.acts_as(caller.person, "note", case.of) & lifecycle.line("note").who
            expected = 401 if not caller.headers else 404 if not sees(caller, case) else 200 if may else 403
            if answer.status_code != expected:
                wrong.append((caller.name, where, answer.status_code, expected))
    assert not wrong


def test_works_of_hidden_tickets_are_shown_to_nobody(
    db: Database, callers: list[Caller], cases: dict[str, Case]
) -> None:
    with db.bulk.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO geoapp.repair (city_id, site_id, ticket_id, started_at, placed_by) "
            "SELECT city_id, site_id, id, now() - interval '1 day', 'ticket' FROM geoapp.ticket WHERE number = ANY(%s)",
            ([case.number for case in cases.values()],),
        )
    heard = {caller.name for caller in callers if caller.get(WORKS).get_json()["features"]}
    assert not heard


def test_lists_and_maps_hold_what_each_may_see(callers: list[Caller], cases: dict[str, Case]) -> None:
    wrong = []
    for caller in callers:
        for where, case in cases.items():
            for endpoint, path in HOLDING.items():
                answer = caller.get(path(case))
                # A number in the search box leads to the ticket.
                held = case.number in (answer.headers.get("Location") or "" if endpoint == "map.show" else answer.text)
                if held != sees(caller, case) or answer.status_code not in (200, 302):
                    wrong.append((caller.name, where, endpoint, held))
    assert not wrong


def test_counts_grow_by_what_each_may_see(callers: list[Caller], cases: dict[str, Case]) -> None:
    wrong = []
    for caller in callers:
        more = sum(sees(caller, case) for case in cases.values())
        for endpoint, path in COUNTING.items():
            count = caller.get(path()).get_json()["count"]
            if count != 40 + more:
                wrong.append((caller.name, endpoint, count, 40 + more))
    assert not wrong


def about(endpoint: str, city: City, person: Person | None) -> Of | None:
    """What a guarded page is about: a whole city, for whoever has the right there and for all of it; or oneself; or
    nothing, as an empty table to be filled in; or what of a city may be anybody's, the asker's own area included."""
    if endpoint.startswith("account") or endpoint == "admin_units_import.template":
        return None
    if endpoint.startswith("unplaced"):
        here = [one for one in (person.holdings if person else ()) if one.city_id == city.id]
        return Of(city.id, area_keys=frozenset(key for one in here for key in one.area_keys))
    return Of(city.id)


def test_guarded_addresses_open_by_the_right_they_take(app: APIFlask, callers: list[Caller], city: City) -> None:
    wrong = []
    guarded = [
        (rule.endpoint, rule.rule, right)
        for rule in app.url_map.iter_rules()
        if (right := right_of(app, rule.endpoint)) and "GET" in (rule.methods or set()) and "<" not in rule.rule
    ]
    assert guarded
    for caller in callers:
        for endpoint, path, right in guarded:
            status = caller.get(f"{path}?{CITY}").status_code
            if caller.person is None:
                expected = {302, 401}
            elif right == who.ANY_ACCOUNT:
                expected = {403} if caller.headers else {200}
            else:
                may = rights.may(caller.person, right, about(endpoint, city, caller.person))
                expected = {200, 303, 302} if may else {403}
            if status not in expected:
                wrong.append((caller.name, endpoint, status, sorted(expected)))
    assert not wrong


def test_guarded_addresses_take_in_by_the_right_they_take(app: APIFlask, callers: list[Caller], city: City) -> None:
    wrong = []
    guarded = [
        (rule.endpoint, rule.rule, right)
        for rule in app.url_map.iter_rules()
        if (right := right_of(app, rule.endpoint)) not in (None, who.ANY_ACCOUNT)
        and "POST" in (rule.methods or set()) and "<" not in rule.rule
    ]  # fmt: skip
    assert guarded
    for caller in callers:
        if caller.headers:
            continue  # Forms are for people.
        for endpoint, path, right in guarded:
            secret = secret_of(caller.client, f"/report?{CITY}")
            status = caller.client.post(f"{path}?{CITY}", data={"csrf_token": secret}).status_code
            may = rights.may(caller.person, str(right), about(endpoint, city, caller.person))
            refused = status in ((302, 303, 401) if caller.person is None else (403,))
            if refused == may:
                wrong.append((caller.name, endpoint, status, may))
    assert not wrong


def test_a_photo_not_for_all_is_kept_by_nobody_on_the_way(callers: list[Caller], cases: dict[str, Case]) -> None:
    for caller in callers:
        answer = caller.get(OF_A_TICKET["photo.show"](cases[OWN]))
        if answer.status_code == 200:
            assert answer.headers["Cache-Control"] == "private, no-store"
