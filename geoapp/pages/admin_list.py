"""/admin/lists/<list>: one list as it is in force, searched by words and category."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from flask import Response, request
from sqlalchemy import Connection

from geoapp.assign.three_lists import ListKind
from geoapp.city import City
from geoapp.errors import NotFound
from geoapp.pages.parts import admin, here, list_words
from geoapp.pages.parts.admin import by
from geoapp.pages.parts.asked import storable
from geoapp.pages.parts.blueprint import site_page
from geoapp.pages.parts.list_words import Words
from geoapp.store import list_known, lists
from geoapp.store.acting import acting
from geoapp.store.lists import Sought

WHO: Final = "who looks after the lists"
RIGHT: Final = "manage_lists"
page = site_page(__name__, RIGHT)

PAGE: Final = 50


@page.get("/admin/lists/<kind>")
def show(kind: str) -> Response:
    """Show its lines, page by page."""
    list_ = kind_of(kind)
    sought = Sought(_word("q"), _word("category"))
    first = _first()
    with acting(here.web(), by().identity) as connection:
        city = admin.city(connection, RIGHT)
        now = datetime.now(UTC)
        words = Words.of(connection, city)
        count, found = lists.search(connection, city.id, list_, now, sought, first, PAGE)
        before, after = list_words.sought_pages(count, first, PAGE)
        return admin.page(
            connection, "admin_list.html", "lists", at=city, kind=kind, name=list_words.list_name(list_),
            lines=[list_words.tell_line(list_, one, words) for one in found], count=count, sought=sought,
            number=lists.number_in_force(connection, city.id, list_, now), first=first,
            categories=_categories(connection, city, words), before=_at(before), after=_at(after),
        )  # fmt: skip


def kind_of(word: str) -> ListKind:
    """The list of an address.

    Raises:
        NotFound: there is none such.
    """
    if word not in set(ListKind):
        raise NotFound()
    return ListKind(word)


def _categories(connection: Connection, city: City, words: Words) -> list[dict[str, Any]]:
    there = sorted(set(list_known.matters(connection, city.id).values()))
    return [{"code": code, "name": words.called("category", code)} for code in there]


def _word(name: str) -> str:
    found = request.args.get(name, "").strip()[:100]
    return found if storable(found) else ""


def _first() -> int:
    word = request.args.get("from", "")
    return int(word) if word.isascii() and word.isdecimal() and len(word) < 8 else 0


def _at(first: int | None) -> str | None:
    return None if first is None else admin.next_page(0, **{"from": first})
