"""Leads verified: checked at the desk or on site, then filed, which opens their ticket in one step, or dropped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from sqlalchemy import Connection, Engine

from geoapp.assign.raster import NONE
from geoapp.city import City
from geoapp.errors import BadField, BadMove, MovedMeanwhile, NotAllowed, NotFound
from geoapp.intake import relocate
from geoapp.intake.places import by_words, words_of
from geoapp.intake.redact import redact
from geoapp.lifecycle import Given, LeadState, Move, lead_line, read
from geoapp.locate.coordinates import PRECISION
from geoapp.people.rights import Of
from geoapp.store import leads
from geoapp.store.ground import ground
from geoapp.store.leads import Lead
from geoapp.store.queries import waiting
from geoapp.store.queries.waiting import Waiting
from geoapp.tickets.leads import move
from geoapp.tickets.relocations import NAMES, Spot
from geoapp.tickets.work import Doer


@dataclass(frozen=True, slots=True)
class Verified:
    """Where a lead stands after a move; number is the ticket's, where it was filed."""

    report_id: int
    state: LeadState
    number: str | None = None


def verify(
    engine: Engine, city: City, doer: Doer, report_id: int, name: str, said: Mapping[str, str],
    spot: Spot | None = None,
) -> Verified:  # fmt: skip
    """Make a move of a lead; spot is where it is, as whoever files it says.

    Raises:
        NotFound, NotAllowed, BadMove, BadField: as for tickets; BadField of lon where nobody knows where it is.
    """
    with engine.connect() as connection:
        lead = leads.one(connection, report_id)
        if lead is None or lead.city_id != city.id:
            raise NotFound()
        where = {(lead.lon, lead.lat), (spot.lon, spot.lat) if spot else (lead.lon, lead.lat)}
        ofs = [_about(connection, city, *one) for one in sorted(where, key=str)]
    line = lead_line(name)
    whos = line.who.intersection(*(doer.as_whom(name, of) for of in ofs))
    if not whos:
        raise NotAllowed()
    if lead.state not in line.sources:
        raise BadMove(f"{name} from {lead.state}")
    given = read(line.fields, said)
    given = replace(given, note=redact(given.note) if given.note else "")
    who = sorted(whos)[0]
    if line.target is LeadState.FILED:
        return _file(engine, city, doer, lead, line, who, given, spot)
    with engine.begin() as connection:
        return Verified(report_id, move(connection, report_id, line, who, doer.actor, given))


def _about(connection: Connection, city: City, lon: float | None, lat: float | None) -> Of:
    """What rights ask of a lead at a place: in whose areas it lies. Whoever files it may say where else it is, but
    takes it from nobody's area by that."""
    if lon is None or lat is None:
        return Of(city.id)
    found = [
        int(layer.key_ids[at])
        for layer in ground(connection, city).layers
        if (at := layer.find(np.array([lon]), np.array([lat]))[0]) != NONE
    ]
    return Of(city.id, area_keys=frozenset(found))


def _file(
    engine: Engine, city: City, doer: Doer, lead: Lead, line: Move[LeadState], who: str, given: Given,
    spot: Spot | None,
) -> Verified:  # fmt: skip
    with engine.connect() as connection:
        here = ground(connection, city)
        speaks = waiting.newest(connection, city.id, [lead.report_id], leads=True).get(lead.report_id)
        if speaks is None:
            raise BadMove("file of what has a ticket")
        place = spot or _known(lead) or _in_words(connection, city, speaks)
    if place is None:
        raise BadField("lon: missing", fields={"lon": "missing"})
    before = partial(
        _moved, city_id=city.id, speaks=speaks, lead=lead, line=line, who=who, actor=doer.actor, given=given
    )
    opened = relocate.open_at(engine, city, here, speaks.source, [(speaks, place)], doer.actor, before)
    return Verified(lead.report_id, LeadState.FILED, opened[0].number if opened else None)


def _moved(
    connection: Connection, city_id: int, speaks: Waiting, lead: Lead, line: Move[LeadState], who: str, actor: str,
    given: Given,
) -> None:  # fmt: skip
    """Move the lead, if its source has not said more since it was looked at: then nothing would be opened."""
    now = waiting.newest(connection, city_id, [lead.report_id], leads=True).get(lead.report_id)
    if now is None or now.id != speaks.id:
        raise MovedMeanwhile("", happened=[], version=0, state=lead.state)
    move(connection, lead.report_id, line, who, actor, given)


def _known(lead: Lead) -> Spot | None:
    """Where its source has said it is, by coordinates."""
    if lead.lon is None or lead.lat is None or lead.precision != PRECISION:
        return None
    return Spot(lead.lon, lead.lat, PRECISION, lead.radius_m or 0.0, lead.confidence or 0.0, "", PRECISION)


def _in_words(connection: Connection, city: City, speaks: Waiting) -> Spot | None:
    """Where its words say it is, by the names as they are now."""
    texts = [words_of(speaks.address, speaks.body)]
    (found,) = by_words(connection, city, ground(connection, city), texts, [speaks.recorded_area or ""])
    if found.lon is None or found.lat is None or found.problem is not None:
        return None
    return Spot(found.lon, found.lat, found.precision, found.radius_m, found.confidence, found.names, NAMES)
