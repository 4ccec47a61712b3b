"""Words of a query that are not known, come twice or cannot be read never pass silently."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from geoapp.city import City
from geoapp.pages.parts.asked import FILTERS
from geoapp.pages.parts.openapi import OPERATIONS

GETS = ["/api/clusters", "/api/tickets", "/api/outlines", "/api/locate", "/api/assign", "/api/tickets/PB-1"]


@pytest.mark.parametrize("address", GETS)
def test_a_word_the_api_does_not_know_is_refused_by_name(client: FlaskClient, filled: City, address: str) -> None:
    for lang in ("en", "zh"):
        answer = client.get(f"{address}?stat=open&utm_source=x&lang={lang}")
        assert answer.status_code == 400
        error = answer.json["error"]
        assert error["fields"].keys() == {"stat", "utm_source"} and error["fields"]["stat"].isascii() == (lang == "en")


@pytest.mark.parametrize("address", GETS)
def test_a_word_that_comes_twice_is_refused_by_name(client: FlaskClient, filled: City, address: str) -> None:
    assert client.get(f"{address}?lang=en&lang=en").json["error"]["fields"].keys() == {"lang"}


def test_the_second_of_two_states_is_not_dropped(client: FlaskClient, filled: City) -> None:
    twice = client.get("/api/tickets?state=open&state=done")
    assert twice.status_code == 400 and twice.json["error"]["fields"].keys() == {"state"}
    assert client.get("/api/tickets?state=open,done").json["count"] == 300


def test_a_posted_report_may_be_asked_for_no_other_words_either(client: FlaskClient, city: City) -> None:
    assert client.post("/api/reports?lang=en&dry_run=1", json={"text": "x"}).status_code == 400
    assert client.post("/api/reports?lang=en&city=probe", json={"text": "x"}).status_code == 201


def test_the_description_lists_every_filter() -> None:
    for path in ("/api/clusters", "/api/tickets"):
        assert {one["name"] for one in OPERATIONS[path, "get"]["parameters"]} >= {*FILTERS}


@pytest.mark.parametrize("address", ["/", "/report", "/tickets/{number}", "/receipts/{receipt}"])
def test_a_page_ignores_the_words_of_others(client: FlaskClient, filled: City, address: str) -> None:
    number = client.get("/api/tickets").json["items"][0]["number"]
    receipt = client.post("/api/reports", json={"text": "x"}).json["receipt"]
    page = address.format(number=number, receipt=receipt)
    assert client.get(f"{page}?utm_source=a&utm_source=b&fbclid=c&stat=open").status_code == 200


@pytest.mark.parametrize("address", ["/", "/report", "/tickets/{number}"])
def test_a_pages_own_word_must_come_once(client: FlaskClient, filled: City, address: str) -> None:
    number = client.get("/api/tickets").json["items"][0]["number"]
    answer = client.get(address.format(number=number) + "?lang=en&city=probe&city=other&utm_source=x")
    assert answer.status_code == 400 and "city" in answer.text
    # The way on is the same page without that word.
    assert 'href="?lang=en&amp;utm_source=x"' in answer.text


@pytest.mark.parametrize(
    ("words", "named"),
    [("since=foo", "since"), ("state=broken", "state"), ("area=moon/1", "area"), ("bbox=1", "bbox"), ("due=x", "due")],
)
def test_a_filter_a_page_cannot_read_is_said_with_a_way_on(
    client: FlaskClient, filled: City, words: str, named: str
) -> None:
    for lang, sentence in (("en", "cannot be used"), ("zh", "无法使用")):
        answer = client.get(f"/?{words}&category=lamps&lang={lang}")
        assert answer.status_code == 422 and named in answer.text and sentence in answer.text
        assert f'href="?category=lamps&amp;lang={lang}"' in answer.text


@pytest.mark.parametrize("words", ["z=abc", "z=12&lat=abc&lon=1", "lat=1e999&lon=nan&z=-1", "z=%00"])
def test_where_to_look_is_ignored_where_it_cannot_be_read(client: FlaskClient, filled: City, words: str) -> None:
    assert client.get(f"/?{words}").status_code == 200


def numbers(page: Any) -> set[str]:
    import re

    return set(re.findall(r'class="row"[^>]* data-number="([^"]+)"', page.text))


def test_the_list_in_the_page_itself_is_filtered_too(client: FlaskClient, filled: City) -> None:
    for words in ("category=lamps", "state=done", "area=offices/O00", "since=2026-03-12"):
        listed = {item["number"] for item in client.get(f"/api/tickets?{words}&limit=20").json["items"]}
        assert numbers(client.get(f"/?{words}")) == listed


def test_what_narrows_the_map_is_named_and_can_be_undone(client: FlaskClient, filled: City) -> None:
    page = client.get("/?area=offices/O00&since=2026-03-02&z=11&lang=en").text
    assert "O00 office" in page and "2 Mar 2026" in page and 'href="?z=11&amp;lang=en"' in page
    assert 'class="chip"' not in client.get("/?z=11").text
