"""/admin/units: the tree of units, searched by code or name; and all of it as an Excel file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Response, request

from geoapp.pages.parts import admin, here
from geoapp.pages.parts.admin import by
from geoapp.pages.parts.asked import storable
from geoapp.pages.parts.blueprint import site_page
from geoapp.pages.parts.language import language, named
from geoapp.people import unit_lists
from geoapp.store import roster, units
from geoapp.store.acting import acting
from geoapp.store.roster import Staffing
from geoapp.store.units import Unit

WHO: Final = "who looks after units"
RIGHT: Final = "manage_units"
page = site_page(__name__, RIGHT)

MOST: Final = 200


@page.get("/admin/units")
def show() -> Response:
    """Show the tree, or those that are called so."""
    word = request.args.get("q", "").strip()[:100]
    word = word if storable(word) else ""
    only = request.args.get("only", "")
    asking = by()
    with acting(here.web(), asking.identity) as connection:
        city = admin.city(connection, RIGHT)
        known = units.every(connection, city.id)
        staff = roster.staffing(connection, city.id, demo=asking.demo)
        found = _found(known, staff, word, only) if word or only else None
        return admin.page(
            connection, "admin_units.html", "units", at=city, word=word, only=only, count=len(known),
            tree=_tree(known, staff) if found is None else [],
            loose=[_told(one, staff) for one in known if one.kind is None][:MOST] if found is None else [],
            loose_n=sum(one.kind is None for one in known),
            found=None if found is None else [_told(one, staff) for one in found[:MOST]],
            found_n=len(found or ()),
        )  # fmt: skip


def _found(known: Sequence[Unit], staff: Mapping[int, Staffing], word: str, only: str) -> list[Unit]:
    plain = word.casefold()
    found = [
        one
        for one in known
        if plain in one.code.casefold() or any(plain in name.casefold() for name in one.names.values())
    ]
    if only == "headless":
        return [one for one in found if one.active and one.id in staff and not staff[one.id].heads]
    if only == "closed":
        return [one for one in found if not one.active]
    return [one for one in found if one.kind is None] if only == "loose" else found


def _tree(known: Sequence[Unit], staff: Mapping[int, Staffing]) -> list[dict[str, Any]]:
    """The units below whom they stand, each with those below it; a circle, which nobody can make, stands at its own."""
    below: dict[str | None, list[Unit]] = defaultdict(list)
    codes = {one.code for one in known}
    for one in known:
        if one.kind is not None:
            below[one.parent if one.parent in codes else None].append(one)
    return [_branch(one, below, staff, 0) for one in below[None]]


def _branch(
    one: Unit, below: Mapping[str | None, list[Unit]], staff: Mapping[int, Staffing], deep: int
) -> dict[str, Any]:
    under = [_branch(child, below, staff, deep + 1) for child in below.get(one.code, ())] if deep < 12 else []
    return _told(one, staff) | {"below": under}


def _told(one: Unit, staff: Mapping[int, Staffing]) -> dict[str, Any]:
    here_ = staff.get(one.id, Staffing(0, 0))
    return {
        "code": one.code, "name": named(one.names, one.code), "active": one.active, "people": here_.people,
        "headless": bool(here_.people and not here_.heads and one.active),
        "kind": unit_lists.KINDS[one.kind][language()] if one.kind else "",
    }  # fmt: skip


@page.get("/admin/units/export")
def export() -> Response:
    """The units of a city as an Excel file."""
    with acting(here.web(), by().identity) as connection:
        city = admin.city(connection, RIGHT)
        return admin.book(unit_lists.book(connection, city, language()), f"units-{city.code}")
