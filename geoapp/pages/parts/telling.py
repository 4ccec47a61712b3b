"""Everything the public may know of one ticket, in the caller's language: what page and API show alike."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import Connection

from geoapp.assign.assets import STRETCH_M
from geoapp.assign.sites import SPOT, STRETCH
from geoapp.city import City
from geoapp.errors import NotFound
from geoapp.pages.parts import here
from geoapp.pages.parts.answers import local
from geoapp.pages.parts.asked import storable
from geoapp.pages.parts.language import named
from geoapp.pages.parts.naming import Names, title
from geoapp.records import AssetAnswer
from geoapp.store.queries import areas, features, repairs, ticket, tickets
from geoapp.store.queries.areas import Place
from geoapp.store.queries.repairs import Repair
from geoapp.store.queries.ticket import Case, Happened, Said


def tell(connection: Connection, number: str) -> tuple[City, dict[str, Any]]:
    """The city and the story of the public ticket of that number.

    Raises:
        NotFound: there is none.
    """
    case = ticket.case(connection, number) if storable(number) else None
    if case is None:
        raise NotFound()
    city = here.city_of(connection, case.city_id)
    said = ticket.said(connection, case.id)
    happened = ticket.timeline(connection, case.id)
    places = areas.places(connection, city.id, case.area_keys)
    home = next((place for place in places if place.layer == city.responsible), None)
    story = {
        **_head(city, case, named(home.names) if home else ""),
        "place": _place(city, case, said, places),
        "why": _why(city, happened, home),
        "reports": [_said(city, one) for one in said],
        "timeline": [_happened(city, one) for one in happened],
        **_site(connection, city, case),
        "works": _works(connection, city, case),
        "url": url_for("ticket.show", number=case.number),
    }
    return city, story


def _head(city: City, case: Case, place: str) -> dict[str, Any]:
    return {
        "number": case.number,
        "city": city.code,
        "title": title(named(case.matter_names), place),
        "kind": case.kind,
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
        "unit": _coded(case.unit_code, case.unit_names),
    }


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


def _why(city: City, happened: list[Happened], home: Place | None) -> dict[str, Any] | None:
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
    return {"rule": codes["rule"], "layer": layer, "version": version, "quality": codes.get("quality"), "text": text}


def _said(city: City, one: Said) -> dict[str, Any]:
    photos = [
        {"url": url_for("photo.show", photo_id=photo.id), "width": photo.width, "height": photo.height}
        for photo in one.photos
    ]
    words = {"said_at": local(city, one.said_at), "source": one.source, "channel": one.channel, "body": one.body}
    return words | {"photos": photos}


def _happened(city: City, one: Happened) -> dict[str, Any]:
    return {
        "at": local(city, one.occurred_at),
        "name": one.name,
        "from": one.from_state,
        "to": one.to_state,
        "actor": one.actor,
        "note": one.note,
        "codes": one.codes,
    }


def _site(connection: Connection, city: City, case: Case) -> dict[str, Any]:
    earlier = tickets.at_site(connection, case.site_id, but=case.id)
    names = Names(connection, city, earlier)
    count = tickets.count_at_site(connection, case.site_id)
    return {
        "site": {"id": case.site_id, "kind": case.site_kind, "count": count, **_of_site(connection, city, case)},
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
    }


def _of_site(connection: Connection, city: City, case: Case) -> dict[str, Any]:
    """What the site is: an asset with its parties, or so many metres along a road; nothing more of a spot."""
    if case.site_kind == SPOT:
        return {}
    layer, _colon, code = case.site_key.partition(":")
    stretch = ""
    if case.site_kind == STRETCH:
        code, _colon, stretch = code.rpartition(":")
    found = features.in_force(connection, city.id, layer, code)
    name = named(found.names, code) if found else code
    labels = {spec.name: spec.label for spec in city.layers}
    told: dict[str, Any] = {"layer": layer, "label": named(labels.get(layer), layer), "code": code, "name": name}
    told["text"] = name
    if stretch:
        begin = int(int(stretch) * STRETCH_M)
        told |= {"from_m": begin, "to_m": begin + int(STRETCH_M)}
        told["text"] = _("%(road)s, %(begin)s–%(end)s m from its beginning", road=name, begin=begin, end=told["to_m"])
    if found:
        told |= {"class": found.classed, "quality": found.quality, "parties": _parties(found)}
        told |= {"authority": found.authority, "owner": found.owner, "maintainer": found.maintainer}
    return told


def _parties(asset: AssetAnswer) -> list[dict[str, str]]:
    """Who stands behind an asset, in the order people ask: who mends it, whose it is, who sees to that."""
    parties = (
        (_("Maintained by"), asset.maintainer), (_("Owned by"), asset.owner), (_("Authority"), asset.authority)
    )  # fmt: skip
    return [{"label": label, "name": name} for label, name in parties if name]


def _works(connection: Connection, city: City, case: Case) -> list[dict[str, Any]]:
    """What was, is and will be done at the ticket's site."""
    now = datetime.now(UTC)
    words = {repairs.PLANNED: _("Works planned"), repairs.WORKS: _("Works under way"), repairs.DONE: _("Repaired")}
    found = repairs.at_site(connection, case.site_id)
    return [
        {
            "stage": one.stage(now), "label": words[one.stage(now)], "late": one.late(now),
            "planned_at": local(city, one.planned_at), "started_at": local(city, one.started_at),
            "promised_at": local(city, one.promised_at), "ended_at": local(city, one.ended_at),
            "unit": named(one.unit.names, one.unit.code) if one.unit else None,
            "assisting": [named(unit.names, unit.code) for unit in one.assisting],
            "hoarding": one.hoarding, "traffic_plan": one.traffic_plan, "note": one.note, "ticket": one.ticket,
            "liability_until": one.liability_until.isoformat() if one.liability_until else None,
            "details": _details(one),
        }
        for one in found
    ]  # fmt: skip


def _details(one: Repair) -> list[str]:
    """What a passer-by meets, in words."""
    told = [_("hoarding"), _("traffic plan")]
    said = [words for words, yes in zip(told, (one.hoarding, one.traffic_plan), strict=True) if yes]
    return [*said, *([_("liability until %(day)s", day=one.liability_until)] if one.liability_until else [])]
