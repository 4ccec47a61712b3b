"""/unplaced: reports that wait for a place; a person gives one by two clicks, and may keep the name for the next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from geoapp.city import City
from geoapp.errors import BadField, NotAllowed, NotFound, PlacedMeanwhile
from geoapp.intake import aliases, relocate
from geoapp.intake.stages import assign_point
from geoapp.pages.parts import draft, here, queue, who
from geoapp.pages.parts.asked import Fields, whole
from geoapp.pages.parts.blueprint import site_page
from geoapp.pages.parts.failures import fields_of
from geoapp.pages.parts.map_view import on_map
from geoapp.people import rights
from geoapp.people.rights import Of
from geoapp.records import Problem
from geoapp.store import aliases as kept
from geoapp.store import units
from geoapp.store.aliases import Alias
from geoapp.store.queries import waiting
from geoapp.store.queries.waiting import Claims, Waiting
from geoapp.tickets.relocations import Spot

WHO: Final = "who may place the reports of the city; of a district those that name no area but its own"
RIGHT: Final = "place"
PAGE: Final = 40
FIELDS: Final = ("lon", "lat", "name")
page = site_page(__name__, RIGHT)


@page.get("/unplaced")
def show() -> Response:
    """Show the queue, and one of its reports."""
    return _queue({}, {})


@page.post("/unplaced")
def take_in() -> AnyResponse:
    """Place a report, keep its name if that is wanted, and lead to the next."""
    values = {name: request.form.get(name, "").strip() for name in (*FIELDS, "report", "problem")}
    guess = request.form.get("guess", "")
    if not (values["lon"] or values["lat"]) and "," in guess:
        # Without scripts a place that the words may mean is chosen by its button alone.
        values["lon"], _between, values["lat"] = guess.partition(",")
    with here.connect() as connection:
        city, among = _city(connection)
        # What is none of theirs is answered as what there is not.
        report_id = _key(values["report"])
        if report_id is not None and not _theirs(connection, city, report_id, among):
            report_id = None
    try:
        fields = Fields({name: values[name] for name in ("lon", "lat")})
        lon, lat = draft.place(fields, city)
        if lon is None and not fields.errors:
            fields.refuse("lon", _("Please point out the place on the map."))
        fields.check()
        if lon is not None and lat is not None and not _in_reach(city, lon, lat):
            fields.refuse("lon", _("This place lies outside the areas that you look after."))
        if values["name"] and among is not None:
            fields.refuse("name", _("Names are kept by who places the reports of the whole city."))
        fields.check()
        if report_id is None or lon is None or lat is None:
            raise NotFound()
        done = _place(city, report_id, lon, lat, values["name"])
    except BadField as error:
        return _queue(values, fields_of(error), error.status)
    except PlacedMeanwhile as error:
        return _queue({"problem": values["problem"]}, {"": _(error.message)}, error.status)
    problem = values["problem"] or None
    return redirect(url_for("unplaced.show", city=city.code, problem=problem, before=report_id, done=done), 303)


def _place(city: City, report_id: int, lon: float, lat: float, name: str) -> str:
    """Open the ticket of a report and keep the name, where one is given; the ticket's number.

    Raises:
        BadField: the name cannot be kept; nothing is opened.
        PlacedMeanwhile: somebody else has placed it; no name is kept.
    """
    actor, reason = f"account:{who.account().account_id}", _("Said so in report %(n)s.", n=report_id)
    alias = Alias(name, None, (lon, lat), aliases.RADIUS_M, reason) if name else None
    if alias:
        with here.connect() as connection:
            try:
                aliases.check(connection, city, alias)
            except BadField as error:
                why = next(iter(fields_of(error).values()))
                raise BadField(error.detail, fields={"name": _WHY_NOT[why]()}) from error
    opened = relocate.place(here.web(), city, {report_id: Spot.by_hand(lon, lat)}, actor)
    if not opened:
        raise PlacedMeanwhile()
    if alias:
        with here.web().begin() as connection:
            kept.keep(connection, city.id, alias, actor)
    return opened[0].number


_WHY_NOT: Final[Mapping[str, Any]] = {
    "length": lambda: _("A name has 2 to 60 characters, one in Latin letters at least 4."),
    "not_a_name": lambda: _("This cannot be kept as a name."),
    "too_general": lambda: _("Many places are called so: every report would come here."),
    "known_already": lambda: _("A place here is called so already."),
    "outside": lambda: _("This place lies outside the city."),
    "unknown": lambda: _("No place here is called so."),
}


def _key(word: str) -> int | None:
    """A report's key as an address has it."""
    try:
        return whole(word, 1, 999_999_999)
    except ValueError:
        return None


def _city(connection: Connection) -> tuple[City, Claims | None]:
    """The city asked for, and by what the reports are known that the caller may place; None: all of them.

    Raises:
        NotAllowed: there are none.
    """
    city = here.city(connection)
    reach = rights.of_city(who.check(RIGHT), RIGHT, city.id)
    if reach.whole(city.id):
        return city, None
    if not reach.partial:
        raise NotAllowed()
    return city, waiting.claims(connection, city.id, city.responsible, reach)


def _theirs(connection: Connection, city: City, report_id: int, among: Claims | None) -> bool:
    """Whether a report, or the one that now speaks for it, is one that the caller may place."""
    speaking = waiting.newest(connection, city.id, [report_id]).get(report_id)
    return waiting.seen(connection, speaking.id if speaking else report_id, among)


def _in_reach(city: City, lon: float, lat: float) -> bool:
    """Whether what lies there is the caller's to place."""
    with here.connect() as connection:
        lie = assign_point(connection, city, lon, lat).areas
        words = [f"{one.layer}/{one.code}" for one in lie]
        keys = {one.key for one in units.areas_called(connection, city.id, words).values()}
    return rights.may(who.person(), RIGHT, Of(city.id, area_keys=frozenset(keys)))


def _queue(values: Mapping[str, str], errors: Mapping[str, str], status: int = 200) -> Response:
    with here.connect() as connection:
        city, among = _city(connection)
        problem = values.get("problem") or request.args.get("problem") or None
        problem = problem if problem in set(Problem) else None
        before = _key(request.args.get("before", ""))
        rows = waiting.page(connection, city.id, problem, before, PAGE, among)
        if not rows and before:
            # Those passed over stand at the beginning again.
            rows = waiting.page(connection, city.id, problem, None, PAGE, among)
        shown = _shown(connection, city, rows, values, among)
        if shown is None or str(shown.id) != values.get("report", str(shown.id)):
            # What was pointed out for another report is not for this one.
            values = {"problem": values.get("problem", "")}
        html = render_template(
            "unplaced.html",
            problems=queue.problems(waiting.counts(connection, city.id, among)), part=among is not None,
            problem=problem,
            rows=[queue.tell(city, one) for one in rows],
            shown=queue.tell_whole(connection, city, shown) if shown else None,
            after=rows[-1].id if len(rows) == PAGE else None,
            done=request.args.get("done", "")[:40], values=values, errors=errors, **on_map(connection, city),
        )  # fmt: skip
    response = make_response(html, status)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _shown(
    connection: Connection, city: City, rows: list[Waiting], values: Mapping[str, str], among: Claims | None
) -> Waiting | None:
    """The report asked for, else the first."""
    asked = _key(values.get("report") or request.args.get("report", ""))
    if asked is None or not _theirs(connection, city, asked, among):
        return rows[0] if rows else None
    found = waiting.newest(connection, city.id, [asked])
    return found.get(asked) or (rows[0] if rows else None)
