"""Who visits a demo: the roles it can be entered in, and the step of the tour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from flask import Flask, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import Connection

from geoapp.city import City
from geoapp.demo.people import IN_OFFICE
from geoapp.demo.tour import Step, steps
from geoapp.demo.town import folder_of
from geoapp.pages.parts import here
from geoapp.pages.parts.language import named
from geoapp.people.rights import ROLES
from geoapp.records import Role
from geoapp.store.queries import ticket


@dataclass(frozen=True, slots=True)
class Part:
    """A role somebody may play in a demo, what it comes for, and how the map first looks to it."""

    role: Role
    sentence: Any
    words: dict[str, str]

    @property
    def name(self) -> str:
        """What the role is called."""
        return named(ROLES[self.role])


PARTS: Final = (
    Part(Role.CITIZEN, lazy_gettext("Sees what is open, in works and repaired around her, and reports once."), {}),
    Part(Role.UNIT_STAFF, lazy_gettext("Works through the open tickets of one street office, the most pressing first."),
         {"state": "open", "due": "late"}),
    Part(Role.DISPATCHER, lazy_gettext("Sees what has been registered and waits to be sent to somebody."),
         {"state": "registered,to_dispatch"}),
    Part(Role.PLANNER, lazy_gettext("Looks for the places where the same defect keeps coming back."), {"view": "heat"}),
    Part(Role.CALL_TAKER,
         lazy_gettext("Takes calls and files what people tell, and places what nobody could place."), {}),
    Part(Role.VERIFIER, lazy_gettext("Looks into leads from platforms, and files or drops them."), {}),
    Part(Role.FIELD_CHECKER, lazy_gettext("Goes there and looks, before and after, in the grids of one street office."),
         {"state": "to_check"}),
    Part(Role.CREW, lazy_gettext("Mends what the street office hands on, and reports it done."), {"state": "in_hand"}),
    Part(Role.SUPERVISOR, lazy_gettext("Sees what is late or disputed, checks results and grants more time."),
         {"due": "late"}),
    Part(Role.ADJUDICATOR, lazy_gettext("Rules which unit acts first when two say it is the other's."),
         {"state": "disputed"}),
    Part(Role.VISITOR, lazy_gettext("Calls reporters back: is it really mended, are they satisfied?"),
         {"state": "settled"}),
    Part(Role.ADMINISTRATOR, lazy_gettext("Looks after people, units, lists, and who looked at private data."), {}),
)  # fmt: skip


def prepare(app: Flask) -> None:
    """Tell every page of the tour."""
    app.context_processor(lambda: {"tour": _strip})


def may_be_played(city: City) -> bool:
    """Whether a city's roles are entered with one click: they have real rights, so real reports must be safe there."""
    setting = here.settings().demo_roles
    return setting == "planted" or (setting == "synthetic" and city.synthetic)


def home(city: City, part: Part, office: str) -> str:
    """Where a role begins; who works for a street office, at its area."""
    words = {"city": city.code, **part.words}
    if office and part.role in IN_OFFICE:
        words["area"] = f"{city.responsible}/{office}"
    return url_for("map.show", **words)  # type: ignore[arg-type]


def office_of(steps: tuple[Step, ...]) -> str:
    """The street office that the tour tells of, by the code of its area; empty where it tells of none."""
    return next((step.office for step in steps if step.shown == "office"), "")


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
