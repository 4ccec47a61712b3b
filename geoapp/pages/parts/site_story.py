"""Everything that whoever asks may know of one site, in the caller's language: what page and API show alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import orjson
import shapely
from flask import url_for
from sqlalchemy import Connection

from geoapp.assign import shapes
from geoapp.assign.recurrence import WINDOW, Recurrence
from geoapp.assign.sites import SPOT, named_by
from geoapp.city import City
from geoapp.errors import NotFound
from geoapp.intake.stages import Asked, assign_many
from geoapp.pages.parts import here, history, who
from geoapp.pages.parts.answers import local
from geoapp.pages.parts.asked import storable
from geoapp.pages.parts.language import named
from geoapp.pages.parts.naming import Names, title
from geoapp.pages.parts.sites import tell_sites, url_of
from geoapp.pages.parts.works import tell_works
from geoapp.records import Sight
from geoapp.store.queries import matters, sites, ticket
from geoapp.store.queries.sites import Known, Near, Opening, Visit
from geoapp.store.queries.ticket import Happened
from geoapp.tickets.numbers import synthetic

NEAR_M: Final = 100.0
WHOLE: Final = 50
"""So many tickets are told with all that happened to them; of the rest a line each."""

EARLIER: Final = 500


def tell_site(connection: Connection, city_code: str, kind: str, key: str) -> tuple[City, dict[str, Any]]:
    """The city and the history of the site of that kind and key, if anything happened there that the asker sees.

    Raises:
        UnknownCity: there is no such city.
        NotFound: there is no such site, or nothing of it may be told.
    """
    if not all(map(storable, (city_code, kind, key))):
        raise NotFound()
    city, now = here.city(connection, city_code), datetime.now(UTC)
    site = sites.by_key(connection, city.id, kind, key)
    sight = who.sight()
    known = history.past(connection, site.id, now, sight) if site else None
    # That a hidden ticket lies there is not to be told either.
    if site is None or known is None or not (known.openings or known.repairs):
        raise NotFound()
    names = matters.matter_names(connection, {one.matter_id for one in known.openings if one.matter_id is not None})
    (told,) = tell_sites(connection, city, [site])
    return city, {
        "city": city.code, "kind": site.kind, "key": site.key, **told, "url": url_of(city, site),
        "place": _place(connection, city, site),
        "lines": history.of_site(city, known, names, now), "window_days": WINDOW.days, "count": known.count,
        "now": local(city, now),
        "tickets": _tickets(connection, city, site, known.nths(), sight),
        "earlier": [_earlier(city, one, names) for one in known.openings[WHOLE : WHOLE + EARLIER]],
        "works": tell_works(city, known.repairs, now),
        "near": _near(connection, city, site, sight),
    }  # fmt: skip


def _place(connection: Connection, city: City, site: Known) -> dict[str, Any]:
    """Where it is: its shape, a GeoJSON geometry, and the areas in force there."""
    (found,) = assign_many(connection, city, [Asked(site.lon, site.lat)])
    labels = {layer.name: layer.label for layer in city.layers}
    return {
        "lon": site.lon, "lat": site.lat, "shape": _shape(connection, city, site),
        "areas": [
            {
                "layer": area.layer, "label": named(labels.get(area.layer), area.layer), "code": area.code,
                "name": named(area.names, area.code),
                "url": url_for("area.show", city_code=city.code, layer=area.layer, code=area.code),
            }
            for area in found.areas
        ],
    }  # fmt: skip


def _shape(connection: Connection, city: City, site: Known) -> Any:
    if site.kind == SPOT:
        drawn = shapes.spot(site.key, city.metric_crs)
    else:
        layer, code, nth = named_by(site.kind, site.key)
        stored = sites.shape(connection, city.id, layer, code)
        whole = None if stored is None else shapely.from_wkb(stored)
        drawn = whole if whole is None or nth is None else shapes.stretch(whole, nth, city.metric_crs)
    return None if drawn is None else orjson.loads(shapely.to_geojson(shapely.force_2d(drawn)))


def _tickets(
    connection: Connection, city: City, site: Known, nths: Mapping[int, Recurrence], sight: Sight
) -> list[dict[str, Any]]:
    """The newest tickets with all that happened to them."""
    visits = sites.visits(connection, site.id, sight=sight, most=WHOLE)
    happened = ticket.happened(connection, [one.id for one in visits])
    return [_ticket(city, one, nths.get(one.id), happened[one.id]) for one in visits]


def _ticket(city: City, one: Visit, nth: Recurrence | None, happened: Sequence[Happened]) -> dict[str, Any]:
    return {
        "number": one.number, "title": title(named(one.matter_names), ""),
        "state": one.state, "outcome": one.outcome, "urgent": one.urgent, "late": one.late,
        "opened_at": local(city, one.opened_at), "due_at": local(city, one.due_at),
        "ended_at": local(city, one.ended_at), "lon": one.lon, "lat": one.lat, "reports": one.reports,
        "unit": named(one.unit_names) or None, "nth": nth.nth if nth else 1, "again": history.again(nth),
        "events": [
            {"at": local(city, each.occurred_at), "name": each.name, "from": each.from_state, "to": each.to_state,
             "note": each.note}
            for each in happened
        ],
        "synthetic": _made_up(city, one), "url": url_for("ticket.show", number=one.number),
    }  # fmt: skip


def _made_up(city: City, one: Visit | Opening | Near) -> bool:
    return city.synthetic or synthetic(one.number)


def _earlier(city: City, one: Opening, names: Mapping[int, Mapping[str, str]]) -> dict[str, Any]:
    return {
        "number": one.number, "title": title(named(names.get(one.matter_id or 0)), ""),
        "state": one.state, "outcome": one.outcome, "opened_at": local(city, one.opened_at),
        "ended_at": local(city, one.ended_at), "synthetic": _made_up(city, one),
        "url": url_for("ticket.show", number=one.number),
    }  # fmt: skip


def _near(connection: Connection, city: City, site: Known, sight: Sight) -> list[dict[str, Any]]:
    found = sites.near(connection, site, NEAR_M, sight=sight)
    names = Names(connection, city, found)
    return [
        {
            "number": one.number, "title": names.title(one), "state": one.state, "outcome": one.outcome,
            "lon": one.lon, "lat": one.lat, "synthetic": _made_up(city, one),
            "url": url_for("ticket.show", number=one.number),
        }
        for one in found
    ]  # fmt: skip


def in_order(story: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """A site's tickets and repairs in one row, the latest first, by when each was opened or begun."""
    tickets = [("ticket", one["opened_at"], one) for one in story["tickets"]]
    began = ("started_at", "planned_at", "promised_at", "ended_at")
    works = [("work", next((one[name] for name in began if one[name]), story["now"]), one) for one in story["works"]]
    ordered = sorted([*tickets, *works], key=lambda entry: datetime.fromisoformat(entry[1]), reverse=True)
    return [(kind, one) for kind, _at, one in ordered]
