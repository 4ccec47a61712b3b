"""Builders for tests of people: an account, a way in, a form's secret."""

from __future__ import annotations

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from geoapp.people import passwords
from geoapp.records import Role
from geoapp.store import accounts
from geoapp.store.acting import KEEPER, acting
from geoapp.store.database import Database

PASSWORD = "a quiet lamp post"
_KEPT = passwords.kept(PASSWORD)


def make_account(
    db: Database, login: str, *roles: Role, city_id: int | None = None, unit_id: int | None = None, **more: Any
) -> int:
    """An account that holds those roles, and enters with PASSWORD."""
    with acting(db.web, KEEPER) as connection:
        account_id = accounts.make(connection, login, login.title(), **{"password": _KEPT, "email": "", **more})
        for role in roles:
            accounts.give(connection, account_id, role, city_id, unit_id)
    return account_id


def secret_of(client: FlaskClient, path: str = "/sign-in") -> str:
    """The secret of the form at an address."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
    assert found is not None
    return found[1]


def enter(client: FlaskClient, login: str, password: str = PASSWORD, **more: str) -> TestResponse:
    """Send the door's form."""
    data = {"csrf_token": secret_of(client), "login": login, "password": password, **more}
    return client.post("/sign-in", data=data)
