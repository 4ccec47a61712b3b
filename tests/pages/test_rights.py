"""Every guarded address asks before it answers: nobody is led to the door, and whoever has no right is told so."""

from __future__ import annotations

import re
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from geoapp.app import addresses
from geoapp.city import City
from geoapp.pages.parts import who
from geoapp.pages.parts.security import CSRF
from geoapp.people.rights import ACTIONS
from geoapp.records import Role
from geoapp.store.database import Database
from tests.people.make import enter, make_account, secret_of

GUARDED = {module.page.name: module.RIGHT for module in addresses() if hasattr(module, "RIGHT")}


def right_of(app: APIFlask, endpoint: str) -> str | None:
    """What an address takes: its page's right, else its view's own."""
    return GUARDED.get(endpoint.partition(".")[0]) or getattr(app.view_functions[endpoint], "takes", None)


def asked(app: APIFlask) -> list[tuple[str, str, str]]:
    """Each guarded address with its method and the right it takes; parts of an address stand for nothing there is."""
    return [
        (method, re.sub(r"<[^>]+>", "0", rule.rule), right)
        for rule in app.url_map.iter_rules()
        if (right := right_of(app, rule.endpoint)) is not None
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def ask(client: FlaskClient, method: str, path: str, **data: Any) -> Any:
    return client.open(path, method=method, data=data or None)


def test_there_are_such_rights() -> None:
    assert set(GUARDED.values()) <= {*ACTIONS, who.ANY_ACCOUNT}


def test_nobody_is_led_to_the_door(app: APIFlask, client: FlaskClient, city: City) -> None:
    token = secret_of(client)
    for method, path, _right in asked(app):
        answer = ask(client, method, path, **({"csrf_token": token} if method != "GET" else {}))
        assert answer.status_code in (302, 303, 401), (method, path)
        assert answer.status_code == 401 or answer.location.startswith("/sign-in")


def test_whoever_has_no_right_is_told_so(app: APIFlask, client: FlaskClient, db: Database, city: City) -> None:
    make_account(db, "wang")
    enter(client, "wang")
    token = secret_of(client, "/account")
    for method, path, right in asked(app):
        answer = ask(client, method, path, **({"csrf_token": token} if method != "GET" else {}))
        # Where the API changes something a cookie says nothing, so this is nobody.
        refused = answer.status_code == (401 if path.startswith("/api/") and method != "GET" else 403)
        assert refused == (right != who.ANY_ACCOUNT), (method, path)


@pytest.fixture
def tried(app: APIFlask) -> APIFlask:
    """The application with an address that takes a right."""

    @app.get("/tried")
    @who.needs("place")
    def show() -> str:
        return "placed"

    @app.post("/api/tried")
    @CSRF.exempt
    @who.needs("place")
    def take() -> dict[str, str]:
        return {"placed": "yes"}

    return app


def test_a_view_may_take_a_right_of_its_own(tried: APIFlask, db: Database, city: City) -> None:
    client = tried.test_client()
    assert ("GET", "/tried", "place") in asked(tried)
    assert client.get("/tried").location == "/sign-in?back=/tried"
    make_account(db, "wang", Role("planner"), city_id=city.id)
    make_account(db, "li", Role("dispatcher"), city_id=city.id)
    enter(client, "wang")
    refused = client.get("/tried?lang=en")
    assert refused.status_code == 403 and "Your role does not allow this." in refused.text
    client.delete_cookie("geoapp")
    enter(client, "li")
    assert client.get("/tried").text == "placed"


def test_the_api_changes_nothing_on_a_cookies_word(tried: APIFlask, db: Database, city: City) -> None:
    client = tried.test_client()
    make_account(db, "li", Role("dispatcher"), city_id=city.id)
    enter(client, "li")
    answer = client.post("/api/tried")
    assert answer.status_code == 401 and answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_password_that_others_chose_is_changed_first(tried: APIFlask, db: Database, city: City) -> None:
    client = tried.test_client()
    make_account(db, "li", Role("dispatcher"), city_id=city.id, must_change=True)
    enter(client, "li")
    assert client.get("/tried").location == "/account#password"
    assert client.get("/account").status_code == 200
