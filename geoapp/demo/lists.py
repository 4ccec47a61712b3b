"""The demo city's three lists put into force, batch by batch, as if it had had them all along."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Engine

from geoapp.city import City
from geoapp.demo import bodies, listed
from geoapp.intake.lists import put_into_force, take_in
from geoapp.records import UnitKind
from geoapp.store import lists, units
from geoapp.store.lists import Batch

AUTHOR: Final = "demo"

_SINCE: Final = (timedelta(days=800), timedelta(days=180))
"""How long ago each batch came into force: the first before all of the city's past."""


def settle(engine: Engine, city: City, now: datetime | None = None) -> None:
    """Make the city's bodies and both batches of its lists, once."""
    with engine.begin() as connection:
        lists.lock(connection, city.id)
        if lists.batches(connection, city.id):
            return
        _found(connection, city)
        drafts = _drafts(connection, city, now or datetime.now(UTC))
    for batch in drafts:
        # Its tests hold them to the checks; a load need not do it again.
        put_into_force(engine, city, batch, checked=False)


def _found(connection: Connection, city: City) -> None:
    districts = [unit for unit in units.every(connection, city.id) if unit.kind is UnitKind.DISTRICT]
    for body in bodies.every(districts):
        names = {"zh": body.name, "en": body.english}
        units.save(connection, city.id, body.name, names, body.kind, parent=body.above or city.code)


def _drafts(connection: Connection, city: City, now: datetime) -> list[Batch]:
    made = []
    for edition, ago in zip(listed.editions(units.every(connection, city.id)), _SINCE, strict=True):
        day = (now - ago).astimezone(city.zone).date()
        for kind, lines in edition.lines.items():
            made.append(take_in(connection, city, kind, lines, day, AUTHOR, edition.reason).batch)
    return [batch for batch in made if batch]
