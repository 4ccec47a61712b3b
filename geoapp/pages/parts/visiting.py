"""Who visits a demo: the role chosen there, and the step of the tour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from flask import Flask, request, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import Connection

from geoapp.city import City
from geoapp.demo.tour import Step, steps
from geoapp.demo.town import folder_of
from geoapp.pages.parts import here
from geoapp.pages.parts.language import named
from geoapp.store.queries import ticket

ROLE: Final = "demo_role"
"""The session's word for it. It opens pages in a view; it gives no right."""


@dataclass(frozen=True, slots=True)
class Role:
    """A part somebody may play in a demo, and how the map first looks to them."""

    code: str
    name: Any
    sentence: Any
    words: dict[str, str]


ROLES: Final = (
    Role("citizen", lazy_gettext("Citizen"),
         lazy_gettext("Sees what is open, in works and repaired around her, and reports once."), {}),
    Role("office", lazy_gettext("Street office"),
         lazy_gettext("Works through the open tickets of its own area, the most pressing first."),
         {"state": "open", "due": "late"}),
    Role("dispatcher", lazy_gettext("Dispatcher"),
         lazy_gettext("Sees what has been registered and waits to be sent to somebody."),
         {"state": "registered,to_dispatch"}),
    Role("planner", lazy_gettext("Planner"),
         lazy_gettext("Looks for the places where the same defect keeps coming back."), {"view": "heat"}),
)  # fmt: skip


def prepare(app: Flask) -> None:
    """Tell every page of the role and the tour."""
    app.context_processor(_told)


def _told() -> dict[str, Any]:
    acting = next((role for role in ROLES if role.code == session.get(ROLE)), None)
    return {"acting": acting, "tour": _strip}


def home(city: City, role: Role, step: Step | None) -> str:
    """Where a role begins: a street office at its own area, the one the tour tells of."""
    words = {"city": city.code, **role.words}
    if role.code == "office" and step is not None:
        words["area"] = f"{city.responsible}/{step.office}"
    return url_for("map.show", **words)  # type: ignore[arg-type]


def of_city(city: City) -> tuple[Step, ...]:
    """The steps of a city's tour; none where it holds no demo."""
    return steps(folder_of(city, here.settings().data_dir))


def url_of_step(connection: Connection, city: City, nth: int, step: Step) -> str:
    """Where a step is to be seen."""
    at: dict[str, Any] = {"tour": nth, "city": city.code}
    if step.shown == "office":
        return url_for("map.show", area=f"{city.responsible}/{step.office}", due="late", **at)
    if step.shown == "place":
        return url_for("map.show", matter=step.matter, z=17, lat=step.lat, lon=step.lon, **at)
    if step.shown == "site" and (case := ticket.case(connection, step.number)):
        return url_for("site.show", city_code=city.code, kind=case.site_kind, key=case.site_key, tour=nth)
    return url_for("ticket.show", number=step.number, z=17, lat=step.lat, lon=step.lon, **at)


def _strip(city: City | None) -> dict[str, Any] | None:
    """The step the address names, and the ways on and back."""
    word = request.args.get("tour", "")
    if city is None or not word.isascii() or not word.isdigit() or len(word) > 3:
        return None
    found, nth = of_city(city), int(word)
    if not 1 <= nth <= len(found):
        return None
    step = found[nth - 1]
    with here.connect() as connection:
        near = [at for at in (nth - 1, nth + 1) if 1 <= at <= len(found)]
        urls = {at: url_of_step(connection, city, at, found[at - 1]) for at in near}
    return {
        "nth": nth, "of": len(found), "name": named(step.names), "sentence": named(step.sentences),
        "back": urls.get(nth - 1), "on": urls.get(nth + 1), "end": url_for("demo.show", city=city.code),
        "end_label": _("All stories"),
    }  # fmt: skip
