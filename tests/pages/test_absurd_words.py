"""Whatever stands in a query, an address answers it or says what is wrong with it: nothing fails."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from urllib.parse import quote, urlencode

import orjson
import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geoapp.city import City
from geoapp.pages.parts.asked import FILTERS
from geoapp.records import Role
from geoapp.store import units
from geoapp.store.database import Database
from tests.people.make import enter, make_account, secret_of

DAYS = (
    "9999-12-31", "9999-12-30", "0001-01-01", "0000-00-00", "2200-12-31", "2201-01-01", "1900-01-01", "1899-12-31",
    "2026-02-30", "99999-01-01", "-001-01-01", "today", "late",
)  # fmt: skip
CLOCKS = ("", "T00:00", "T23:59:59.999999", "T00:00+14:00", "T23:59-12:00", "T23:59:59-23:59", "T24:00", "T00:00Z")
NUMBERS = (
    "0", "-1", "1", "200", "201", "1e308", "-1e308", "1e999", "nan", "inf", "9" * 9, "9" * 10, "9" * 19, "9" * 400,
    "0.1", "٣", "180", "-180", "90.0000001",
)  # fmt: skip
ODD = (
    "",
    " ",
    "%",
    "\\",
    "'",
    '"',
    "\x00",
    "\ud800",
    "\U0010ffff",
    "a" * 300,
    ",",
    ",,,",
    "/",
    "//",
    "offices/",
    "/O00",
)

days = st.builds(str.__add__, st.sampled_from(DAYS), st.sampled_from(CLOCKS))
numbers = st.sampled_from(NUMBERS)
boxes = st.lists(numbers, min_size=3, max_size=5).map(",".join)
cursors = st.builds(
    lambda moment, key: base64.urlsafe_b64encode(orjson.dumps([moment, key])).decode().rstrip("="),
    st.one_of(days, st.sampled_from(NUMBERS)),
    st.sampled_from([0, 1, -1, (1 << 63) - 1, 1 << 63, None, "1"]),
)
anything = st.one_of(days, numbers, boxes, cursors, st.sampled_from(ODD), st.text(max_size=12))

ADDRESSES: Mapping[str, tuple[str, ...]] = {
    "/api/tickets": (*FILTERS, "limit", "cursor"), "/api/clusters": (*FILTERS, "zoom"), "/api/times": FILTERS,
    "/": (*FILTERS, "z", "lat", "lon", "view"), "/api/assign": ("lon", "lat", "matter", "at"),
    "/api/locate": ("q", "datum"), "/api/places": ("q",), "/api/outlines": ("layer", "version"),
    "/api/roads": ("layer", "version", "rank"), "/report": ("lon", "lat", "z"),
}  # fmt: skip
FITTING: Mapping[str, st.SearchStrategy[str]] = {
    "since": days, "until": days, "due": days, "at": days, "bbox": boxes, "zoom": numbers, "z": numbers, "lat": numbers,
    "lon": numbers, "limit": numbers, "cursor": cursors,
}  # fmt: skip


MOMENTS = (
    *(day + clock for day in DAYS for clock in CLOCKS),
    "9999-12-31T23:59:59.999999Z",
    "0001-01-01T00:00:00+14:00",
)

OF_STAFF: Mapping[str, tuple[str, ...]] = {
    "/admin/people": ("q", "role", "unit", "city", "state", "after"), "/admin/people/new": ("city",),
    "/admin/people/export": ("city",), "/admin/units": ("q", "only", "city"), "/admin/units/new": ("below", "city"),
    "/admin/log": ("before",), "/admin/looks": ("login", "before", "city"), "/admin": ("city",),
    "/unplaced": ("city", "problem", "before", "report", "done"), "/account": ("done",),
}  # fmt: skip


@st.composite
def queries(draw: st.DrawFn, words: tuple[str, ...]) -> str:
    asked = draw(st.lists(st.sampled_from(words), min_size=1, max_size=4, unique=True))
    # What looks like the right kind goes deeper than what does not.
    said = {word: draw(st.one_of(FITTING[word], anything) if word in FITTING else anything) for word in asked}
    if "lon" in words and "at" in words:
        said = {"lon": "114.2", "lat": "20.2", **said}
    return urlencode(said, errors="surrogatepass")


SERVED = frozenset({200, 302, 400, 403, 404, 422})


def ask(client: FlaskClient, address: str, words: tuple[str, ...]) -> None:
    @settings(
        max_examples=60, deadline=None, derandomize=True, database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )  # fmt: skip
    @given(queries(words))
    def each(query: str) -> None:
        answer = client.get(f"{address}?{query}")
        assert answer.status_code in SERVED, (answer.status_code, query)

    each()


@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_that_is_asked_fails(client: FlaskClient, filled: City, address: str) -> None:
    ask(client, address, ADDRESSES[address])


@pytest.mark.parametrize("query", [
    "/api/assign?lon=114.2&lat=20.2&at=", "/api/tickets?since=", "/api/tickets?until=", "/api/tickets?due=",
    "/api/times?since=", "/api/times?until=", "/api/clusters?zoom=12&bbox=114,20,115,21&since=", "/?until=", "/?due=",
])  # fmt: skip
def test_no_moment_fails(client: FlaskClient, filled: City, query: str) -> None:
    answered = {moment: client.get(query + quote(moment)).status_code for moment in MOMENTS}
    assert {moment: status for moment, status in answered.items() if status not in SERVED} == {}


@pytest.fixture
def chief(client: FlaskClient, db: Database, city: City) -> FlaskClient:
    """The browser of somebody who looks after the city and places its reports."""
    with db.bulk.begin() as connection:
        units.grow(connection, city)
    make_account(db, "chief", Role.ADMINISTRATOR, Role.DISPATCHER, city_id=city.id)
    enter(client, "chief")
    return client


@pytest.mark.parametrize("address", OF_STAFF)
def test_nothing_that_staff_ask_fails(chief: FlaskClient, filled: City, address: str) -> None:
    ask(chief, address, OF_STAFF[address])


@pytest.mark.parametrize("until", [day + clock for day in DAYS for clock in CLOCKS[:2]])
def test_a_role_ends_on_a_day_or_on_none(chief: FlaskClient, db: Database, until: str) -> None:
    chief.get("/?lang=en")
    make_account(db, "wang")
    given = {"csrf_token": secret_of(chief, "/account"), "role": "planner", "in_city": "probe", "until": until}
    answer = chief.post("/admin/people/new", data={"name": "W", "login": "li", **given})
    assert answer.status_code in (200, 422)
    if answer.status_code == 200:
        assert f"until {until}" in answer.text and chief.get("/admin/people").status_code == 200
        assert chief.get("/admin/people/li").status_code == chief.get("/admin/log").status_code == 200
