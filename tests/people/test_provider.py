"""Signing in with a provider of identities: matched by subject, then by a verified address; lies are not believed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask.testing import FlaskClient
from joserfc.jwk import RSAKey

from geoapp.app import create_app
from geoapp.city import City
from geoapp.errors import SettingInvalid
from geoapp.settings import Settings, read
from geoapp.store import accounts
from geoapp.store.acting import KEEPER, acting
from geoapp.store.database import Database
from tests.people.make import make_account
from tests.people.provider import CLIENT, SECRET, Provider, serve

US = "https://streets.example.org"


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()
    server = serve(made)
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture
def client(settings: Settings, db: Database, city: City, provider: Provider) -> FlaskClient:
    told = replace(
        settings, oidc_issuer=provider.issuer, oidc_client_id=CLIENT, oidc_client_secret=SECRET, oidc_name="City Hall",
        public_url=US,
    )  # fmt: skip
    return create_app(told, db).test_client()


def go(client: FlaskClient, **words: str) -> str:
    """To the provider and its answer, which a browser would follow: the address back to us."""
    there = client.get("/sign-in/provider", query_string=words)
    assert there.status_code == 302
    back = requests.get(there.location, allow_redirects=False, timeout=5).headers["Location"]
    assert back.startswith(f"{US}/sign-in/provider/back?")
    return back.removeprefix(US)


def test_a_verified_address_ties_the_identity_to_the_account_for_good(
    client: FlaskClient, db: Database, provider: Provider
) -> None:
    assert "City Hall" in client.get("/sign-in").text
    make_account(db, "wang", email="Wang@example.org")
    answer = client.get(go(client, back="/report"))
    assert answer.status_code == 303 and answer.location == "/report"
    assert client.get("/account").status_code == 200
    # Known by the subject from now on, whatever the address has become.
    provider.claims = {"sub": "42", "email": "li@example.org", "email_verified": True}
    make_account(db, "li", email="li@example.org")
    client.delete_cookie("geoapp")
    assert client.get(go(client)).status_code == 303
    assert ">wang<" in client.get("/account").text
    # And an address that has changed hands opens nothing.
    provider.claims = {"sub": "43", "email": "wang@example.org", "email_verified": True}
    client.delete_cookie("geoapp")
    assert client.get(go(client)).status_code == 403


@pytest.mark.parametrize(
    "claims",
    [{"email_verified": False}, {"email_verified": "true"}, {"email": "nobody@example.org"}, {"email": None}],
)  # fmt: skip
def test_nobody_is_matched_by_less(
    client: FlaskClient, db: Database, provider: Provider, claims: dict[str, Any]
) -> None:
    make_account(db, "wang", email="wang@example.org")
    provider.lies = claims
    assert client.get(go(client)).status_code == 403 and client.get("/account").status_code == 302
    with acting(db.web, KEEPER) as connection:
        assert [account.subject for account in accounts.every(connection)] == [None]


@pytest.mark.parametrize(
    "lies",
    [{"nonce": "another"}, {"aud": "another"}, {"iss": "https://evil.example"}, {"exp": int(time.time()) - 3600}],
)  # fmt: skip
def test_what_does_not_fit_is_not_believed(
    client: FlaskClient, db: Database, provider: Provider, lies: dict[str, Any]
) -> None:
    make_account(db, "wang", email="wang@example.org")
    provider.lies = lies
    assert client.get(go(client)).status_code == 502 and client.get("/account").status_code == 302


def test_a_foreign_signature_is_not_believed(client: FlaskClient, db: Database, provider: Provider) -> None:
    make_account(db, "wang", email="wang@example.org")
    provider.signs_with = RSAKey.generate_key(2048, {"kid": "one"})
    assert client.get(go(client)).status_code == 502


def test_an_answer_that_was_not_asked_for_is_not_taken(client: FlaskClient, db: Database, provider: Provider) -> None:
    make_account(db, "wang", email="wang@example.org")
    back = go(client)
    other = client.application.test_client()
    assert other.get(back).status_code == 502, "another browser's answer"
    words = {name: value[0] for name, value in parse_qs(urlsplit(back).query).items()}
    assert client.get("/sign-in/provider/back", query_string=words | {"state": "x" * 30}).status_code == 502
    assert client.get(back).status_code == 303
    client.delete_cookie("geoapp")
    assert client.get(back).status_code == 502, "the same answer twice"
    assert client.get("/sign-in/provider/back?error=access_denied").status_code == 502


def test_a_provider_that_is_away_leaves_the_door_open(settings: Settings, db: Database, city: City) -> None:
    told = replace(settings, oidc_issuer="http://127.0.0.1:9", oidc_client_id=CLIENT, public_url=US)
    answer = create_app(told, db).test_client().get("/sign-in/provider")
    assert answer.status_code == 502 and 'name="password"' in answer.text


def test_without_a_provider_there_is_no_such_way(app: Any, city: City) -> None:
    assert app.test_client().get("/sign-in/provider").status_code == 404
    assert app.test_client().get("/sign-in/provider/back").status_code == 404


@pytest.mark.parametrize(
    "issuer", ["http://login.example.org", "ftp://x", "login.example.org", "http://127.0.0.1.evil.org/"]
)
def test_what_a_provider_says_travels_safely_or_not_at_all(issuer: str) -> None:
    with pytest.raises(SettingInvalid):
        read({"GEOAPP_OIDC_ISSUER": issuer})
    assert (
        read({"GEOAPP_OIDC_ISSUER": "https://login.example.org/city/"}).oidc_issuer == "https://login.example.org/city"
    )
