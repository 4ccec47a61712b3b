"""Everything that whoever asks may know of one ticket, in the caller's language: what page and API show alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import Connection

from geoapp.assign.sites import SPOT
from geoapp.city import City
from geoapp.errors import NotFound
from geoapp.intake.stages import answering, as_unit
from geoapp.lifecycle import Mark, State
from geoapp.pages.parts import here, history, moving, who
from geoapp.pages.parts.answers import local
from geoapp.pages.parts.asked import storable
from geoapp.pages.parts.language import language, named
from geoapp.pages.parts.locating import event_note, tell_found
from geoapp.pages.parts.moving import Standing
from geoapp.pages.parts.naming import Names, title
from geoapp.pages.parts.sites import tell_sites, url_of
from geoapp.pages.parts.timing import clock_note, for_all, tell_clocks
from geoapp.pages.parts.works import tell_works
from geoapp.records import Sight
from geoapp.store.queries import areas, ticket, tickets
from geoapp.store.queries.areas import Place
from geoapp.store.queries.reports import PLACING
from geoapp.store.queries.sites import Known
from geoapp.store.queries.ticket import Case, Happened, Said
from geoapp.tickets.numbers import synthetic

STAFF: Final = "staff"
_PEOPLE: Final = frozenset({"account", "shell"})


def tell(connection: Connection, number: str) -> tuple[City, dict[str, Any]]:
    """The city and the story of the ticket of that number, if whoever asks sees it; raises as tell_all."""
    city, story, _standing = tell_all(connection, number)
    return city, story


def tell_all(connection: Connection, number: str) -> tuple[City, dict[str, Any], Standing]:
    """The same, and what whoever asks may do with the ticket.

    Raises:
        NotFound: there is none.
    """
    sight = who.sight()
    case = ticket.case(connection, number, sight) if storable(number) else None
    if case is None:
        raise NotFound()
    city = here.city_of(connection, case.city_id)
    said = ticket.said(connection, case.id)
    happened = _as_seen(connection, ticket.timeline(connection, case.id), sight)
    beside = moving.standing(connection, city, case.number, moving.doer(), sight)
    told = moving.details(connection, city.id, happened)
    places = areas.places(connection, city.id, case.area_keys)
    home = answering(places, city.responsible)
    now, inside = datetime.now(UTC), beside.inside
    story = {
        **_head(city, case, named(home.names) if home else ""),
        "unit": _unit(case, home),
        "place": {**_place(city, case, said, places), "found": tell_found(said, happened)},
        "why": _why(city, case, happened, home),
        "reports": [_said(city, one) for one in said if one.channel != PLACING],
        "timeline": [
            _happened(city, one) | {"details": more}
            for one, more in zip(happened, told, strict=True)
            if inside or for_all(one)
        ],
        **beside.told,
        "stands": _stands(case, beside.told),
        **_site(connection, city, case, now, sight),
        **({"clocks": tell_clocks(connection, city, case.id, now)} if inside else {}),
        "url": url_for("ticket.show", number=case.number),
    }
    return city, story, beside


_NUMBERS: Final = ("from", "other", "into", "ticket")
"""Codes of an event that name another ticket."""

_FROM_NO_TICKET: Final = frozenset({"placed", "relocated", "reclassify"})
"""Events that come from a place or from a matter instead."""


def _as_seen(connection: Connection, happened: list[Happened], sight: Sight) -> list[Happened]:
    """What happened, with no other ticket named that is hidden by now from whoever asks."""
    telling = [one for one in happened if one.name not in _FROM_NO_TICKET]
    named = {str(one.codes[name]) for one in telling for name in _NUMBERS if one.codes.get(name)}
    hidden = named - ticket.seen_of(connection, named, sight)
    if not hidden:
        return happened
    return [
        one if one.name in _FROM_NO_TICKET else
        replace(one, codes={name: word for name, word in one.codes.items()
                            if name not in _NUMBERS or str(word) not in hidden})
        for one in happened
    ]  # fmt: skip


def _head(city: City, case: Case, place: str) -> dict[str, Any]:
    return {
        "number": case.number,
        "city": city.code,
        "title": title(named(case.matter_names), place),
        "kind": case.kind,
        "public": case.public,
        "state": case.state,
        "outcome": case.outcome,
        "urgent": case.urgent,
        "late": case.late,
        "category": _coded(case.category_code, case.category_names),
        "matter": _coded(case.matter_code, case.matter_names),
        "opened_at": local(city, case.opened_at),
        "changed_at": local(city, case.changed_at),
        "due_at": local(city, case.due_at),
        "ended_at": local(city, case.ended_at),
        "source": case.source,
        "synthetic": city.synthetic or synthetic(case.number),
    }


def _stands(case: Case, told: Mapping[str, Any]) -> str:
    """The state as it is shown: one in hand whose works have begun is in works."""
    begun = any(one["mark"] == Mark.WORKS for one in told["marks"])
    return str(Mark.WORKS) if begun and case.state == State.IN_HAND else case.state


def _coded(code: str | None, names: dict[str, str] | None) -> dict[str, str] | None:
    return None if code is None else {"code": code, "name": named(names, code)}


def _place(city: City, case: Case, said: list[Said], places: list[Place]) -> dict[str, Any]:
    labels = {layer.name: layer.label for layer in city.layers}
    placed = next((one for one in said if one.precision), None)
    return {
        "lon": case.lon,
        "lat": case.lat,
        "precision": placed.precision if placed else None,
        "radius_m": placed.radius_m if placed else None,
        "address": next((one.address for one in reversed(said) if one.address), ""),
        "areas": [
            {
                "layer": place.layer,
                "label": named(labels.get(place.layer), place.layer),
                "code": place.code,
                "name": named(place.names, place.code),
                "version": place.version,
                "url": url_for("area.show", city_code=city.code, layer=place.layer, code=place.code),
            }
            for place in places
        ],
    }


def _unit(case: Case, home: Place | None) -> dict[str, Any] | None:
    """The unit somebody named, else the area that answers, as `assign` says."""
    if case.unit_code is not None:
        return _coded(case.unit_code, case.unit_names)
    return None if home is None else as_unit(home, language())


def _why(city: City, case: Case, happened: list[Happened], home: Place | None) -> dict[str, Any] | None:
    """Why this area answers: the evidence the opening event carries, and a sentence of it."""
    codes = next((one.codes for one in happened if "rule" in one.codes), None)
    if codes is None:
        return None
    layer, version = codes.get("layer"), codes.get("version")
    label = next((named(spec.label) for spec in city.layers if spec.name == layer), str(layer or ""))
    if home is None:
        text = _("No area of the layer %(label)s covers this place.", label=label)
    else:
        text = _(
            "The place lies in %(name)s (%(label)s, version %(version)s of the layer).",
            name=named(home.names, home.code), label=label, version=version,
        )  # fmt: skip
    if codes.get("quality") == "approximate":
        # Chinese sentences stand without a space between them.
        text = _("%(sentence)s Its border is only approximate.", sentence=text)
    if case.unit_code is not None:
        text = _("%(sentence)s The unit is the one that was named for it.", sentence=text)
    return {"rule": codes["rule"], "layer": layer, "version": version, "quality": codes.get("quality"), "text": text}


def _said(city: City, one: Said) -> dict[str, Any]:
    mended = any(photo.shows == "repair" for photo in one.photos)
    labels = {"defect": _("Before"), "repair": _("After the repair")} if mended else {}
    photos = [
        {
            "url": url_for("photo.show", photo_id=photo.id), "width": photo.width, "height": photo.height,
            "shows": photo.shows, "label": labels.get(photo.shows),
        }
        for photo in one.photos
    ]  # fmt: skip
    words = {"said_at": local(city, one.said_at), "source": one.source, "channel": one.channel, "body": one.body}
    return words | {"photos": photos}


def _happened(city: City, one: Happened) -> dict[str, Any]:
    return {
        "at": local(city, one.occurred_at),
        "name": one.name,
        "from": one.from_state,
        "to": one.to_state,
        "actor": _actor(one.actor),
        "note": one.note or event_note(one) or clock_note(one),
        "codes": one.codes,
    }


def _actor(actor: str) -> str:
    """Who acted, as the public may know it: people of the house bear no names."""
    return STAFF if actor.partition(":")[0] in _PEOPLE else actor


def _site(connection: Connection, city: City, case: Case, now: datetime, sight: Sight) -> dict[str, Any]:
    earlier = tickets.at_site(connection, case.site_id, but=case.id, sight=sight)
    known = history.past(connection, case.site_id, now, sight)
    if not city.synthetic:
        # In a real city what is made up says nothing of what is real, nor the reverse.
        made_up = synthetic(case.number)
        earlier = [line for line in earlier if synthetic(line.number) == made_up]
        known = known.like(made_up)
    names = Names(connection, city, earlier)
    site = Known(case.site_id, case.site_kind, case.site_key, case.lon, case.lat)
    # What a spot lies near, the ticket's address and areas say better.
    told = {} if case.site_kind == SPOT else tell_sites(connection, city, [site])[0]
    return {
        "site": {
            "id": case.site_id, "kind": case.site_kind, "key": case.site_key, "count": known.count, **told,
            "url": url_of(city, site), "history": history.of_ticket(city, known, case.id, now),
        },
        "earlier": [
            {
                "number": line.number,
                "title": names.title(line),
                "state": line.state,
                "outcome": line.outcome,
                "opened_at": local(city, line.opened_at),
                "url": url_for("ticket.show", number=line.number),
            }
            for line in earlier
        ],
        "works": tell_works(city, known.repairs, now),
    }  # fmt: skip
