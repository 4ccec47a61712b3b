"""Who is counted as one caller, and what one caller may do: so many reports an hour, and keys of its own."""

from __future__ import annotations

import hashlib
import time
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from geoapp.app import create_app
from geoapp.city import City
from geoapp.settings import Settings
from geoapp.store import rates
from geoapp.store.cluster import Server
from geoapp.store.database import Database

HOLE = {"text": "A hole in the road", "matter": "pothole", "lon": 114.2, "lat": 20.2}


def file(client: Any, address: str = "192.0.2.1", key: str = "", forwarded: str = "", **body: Any) -> Any:
    headers = {"Idempotency-Key": key, "X-Forwarded-For": forwarded}
    return client.post(
        "/api/reports?lang=en", json=HOLE | body, environ_base={"REMOTE_ADDR": address},
        headers={name: value for name, value in headers.items() if value},
    )  # fmt: skip


@pytest.fixture
def strict(settings: Settings, city: City) -> Settings:
    """Two reports an hour."""
    return replace(settings, reports_per_hour=2)


@pytest.fixture(autouse=True)
def whole_hours() -> None:
    """The hour must not turn while a test counts."""
    left = 3600 - time.time() % 3600
    if left < 20:
        time.sleep(left + 1)


def statuses(settings: Settings, db: Database, *callers: dict[str, str]) -> list[int]:
    client = create_app(settings, db).test_client()
    return [file(client, **caller).status_code for caller in callers]


@pytest.mark.parametrize(
    ("addresses", "counted"),
    [
        (["192.0.2.1", "192.0.2.1", "192.0.2.1"], [201, 201, 429]),
        (["192.0.2.1", "192.0.2.2", "192.0.2.3"], [201, 201, 201]),
        # A server that listens on :: sees every IPv4 caller so.
        (["::ffff:192.0.2.1", "::ffff:192.0.2.2", "::ffff:192.0.2.3"], [201, 201, 201]),
        (["::ffff:192.0.2.1", "192.0.2.1", "::ffff:c000:201"], [201, 201, 429]),
        (["2001:db8:1:1::1", "2001:db8:1:1::2", "2001:db8:1:1:ffff::3"], [201, 201, 429]),
        (["2001:db8:1:1::1", "2001:db8:1:2::1", "2001:db8:1:3::1"], [201, 201, 201]),
        (["fe80::1%eth0", "fe80::2%eth1", "fe80::3"], [201, 201, 429]),
    ],
)
def test_one_address_is_one_caller_and_of_ipv6_one_network(
    strict: Settings, db: Database, addresses: list[str], counted: list[int]
) -> None:
    assert statuses(strict, db, *({"address": address} for address in addresses)) == counted


def test_behind_a_proxy_each_caller_is_counted_alone(strict: Settings, db: Database) -> None:
    proxied = replace(strict, trusted_proxies=1)
    three = [{"address": "10.0.0.1", "forwarded": f"192.0.2.{n}"} for n in range(3)]
    assert statuses(proxied, db, *three) == [201, 201, 201]
    ports = [{"address": "10.0.0.1", "forwarded": f"192.0.2.9:{n}"} for n in (1, 22, 333)]
    assert statuses(proxied, db, *ports) == [201, 201, 429]
    sixes = [{"address": "10.0.0.1", "forwarded": f"[2001:db8::{n}]:{n}"} for n in (1, 22, 333)]
    assert statuses(proxied, db, *sixes) == [201, 201, 429]


def test_what_a_caller_says_of_itself_is_not_believed(strict: Settings, db: Database) -> None:
    forged = [{"forwarded": f"192.0.2.{n}"} for n in range(3)]
    assert statuses(strict, db, *forged) == [201, 201, 429]
    # The proxy adds the address it sees behind whatever the caller sent.
    behind = [{"address": "10.0.0.1", "forwarded": f"198.51.100.{n}, 203.0.113.7"} for n in range(3)]
    assert statuses(replace(strict, trusted_proxies=1), db, *behind) == [201, 201, 429]


def test_all_processes_count_together(strict: Settings, db: Database, database: Server) -> None:
    other = Database(database)
    clients = [create_app(strict, db).test_client(), create_app(strict, other).test_client()]
    answers = [file(clients[n % 2]) for n in range(3)]
    other.close()
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    left = [int(answer.headers["X-RateLimit-Remaining"]) for answer in answers]
    assert left == [1, 0, 0] and 0 < int(answers[2].headers["Retry-After"]) <= 3600


def test_an_address_is_kept_only_as_a_digest_nobody_can_try_out(strict: Settings, db: Database) -> None:
    statuses(strict, db, {"address": "192.0.2.77"})
    with db.bulk.connect() as connection:
        (key,) = connection.execute(text("SELECT key FROM geoapp.rate")).scalars()
        refs = connection.execute(text("SELECT ref FROM geoapp.report")).scalars().all()
    guesses = [hashlib.sha256(f"{before}192.0.2.77".encode()).hexdigest() for before in ("", "filing|", "filing")]
    assert key.hex not in "".join(guesses) and "192.0.2.77" not in f"{key} {refs}"


def test_windows_that_are_over_are_forgotten(strict: Settings, db: Database) -> None:
    statuses(strict, db, {})
    with db.bulk.begin() as connection:
        assert rates.forget(connection) == 0
    with db.web.begin() as connection:
        connection.execute(text("UPDATE geoapp.rate SET began_at = began_at - interval '1 hour'"))
    with db.bulk.begin() as connection:
        assert rates.forget(connection) == 1
    assert statuses(strict, db, {}, {}, {}) == [201, 201, 429]


def test_a_form_that_expired_or_was_forged_counts_for_nothing(strict: Settings, db: Database) -> None:
    client = create_app(strict, db).test_client()
    assert {client.post("/report", data={"body": "x"}).status_code for _ in range(5)} == {400}
    assert file(client, address="127.0.0.1").status_code == 201


def test_another_callers_key_is_another_key(app: Any, city: City, db: Database) -> None:
    client = app.test_client()
    mine, again = file(client, "192.0.2.1", "1"), file(client, "192.0.2.1", "1")
    theirs, same_words = file(client, "192.0.2.2", "1", text="Another matter"), file(client, "192.0.2.3", "1")
    assert [one.status_code for one in (mine, again, theirs, same_words)] == [201, 200, 201, 201]
    assert mine.data == again.data
    assert len({one.json["receipt"] for one in (mine, theirs, same_words)}) == 3
    assert file(client, "192.0.2.2", "1").json["error"]["code"] == "key_reused"


def test_a_form_sent_again_from_another_network_is_the_same_form(app: Any, city: City) -> None:
    from tests.pages.test_filing import form

    client = app.test_client()
    values = form(client) | {"body": "A lamp is out"}
    answers = [client.post("/report", data=values, environ_base={"REMOTE_ADDR": f"192.0.2.{n}"}) for n in (1, 2)]
    assert answers[0].location == answers[1].location and answers[0].status_code == 303
