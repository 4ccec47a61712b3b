"""/admin: how many people and units there are, what of them needs care, and what was done last."""

from __future__ import annotations

from typing import Any, Final

from flask import Response
from sqlalchemy import Connection

from geoapp.city import City
from geoapp.pages.parts import admin, here
from geoapp.pages.parts.blueprint import site_page
from geoapp.pages.parts.language import named
from geoapp.store import deeds, roster, units
from geoapp.store.acting import acting

WHO: Final = "who looks after people"
RIGHT: Final = "manage_people"
page = site_page(__name__, RIGHT)

LAST: Final = 8
MOST_UNITS: Final = 12


@page.get("/admin")
def show() -> Response:
    """Show the overview."""
    by = admin.by()
    with acting(here.web(), by.identity) as connection:
        city = next(iter(admin.reachable(connection, RIGHT)), None) and admin.city(connection, RIGHT)
        return admin.page(
            connection, "admin.html", "overview", at=city,
            care=roster.care(connection, demo=by.demo), soon_days=roster.SOON_DAYS,
            units=_units(connection, city, by.demo) if city else None,
            deeds=[] if by.demo else admin.tell_deeds(connection, deeds.latest(connection, most=LAST)),
        )  # fmt: skip


def _units(connection: Connection, city: City, demo: bool) -> dict[str, Any]:
    """How many units act or are known by reports alone; those with people and no head, or that act no more."""
    every = units.every(connection, city.id)
    known = [one for one in every if one.kind is not None]
    staff = roster.staffing(connection, city.id, demo=demo)
    headless = [one for one in known if one.active and one.id in staff and not staff[one.id].heads]
    closed = [one for one in known if not one.active and one.id in staff]
    told = [
        [{"code": one.code, "name": named(one.names, one.code), "people": staff[one.id].people} for one in some]
        for some in (headless, closed)
    ]
    return {
        "loose": len(every) - len(known), "count": sum(one.active for one in known),
        "headless": told[0][:MOST_UNITS], "headless_n": len(told[0]),
        "closed": told[1][:MOST_UNITS], "closed_n": len(told[1]),
    }  # fmt: skip
