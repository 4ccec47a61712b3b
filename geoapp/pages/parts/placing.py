"""Gives a report that waits for a place one: an update under its reference, which takes the one path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask_babel import gettext as _

from geoapp.city import City
from geoapp.intake.path import take
from geoapp.pages.parts import draft, here
from geoapp.pages.parts.asked import Fields
from geoapp.store.queries.reports import PLACING, Waiting
from importers.base import Report

FIELDS: Final = ("lon", "lat", "address")


def place(city: City, waiting: Waiting, words: Mapping[str, str]) -> None:
    """Open the ticket of a report that waited, at the place the words name.

    Raises:
        BadField: they name none that can be used; its fields say why.
    """
    fields = Fields({name: words.get(name, "") for name in FIELDS})
    lon, lat = draft.place(fields, city)
    address = draft.address(fields)
    if lon is None and not fields.errors:
        fields.refuse("lon", _("Please point out the place on the map."))
    fields.check()
    category, matter = waiting.words
    # What was said stays with the report that said it; this one only says where. Words that have come to mean another
    # matter cannot be said again, and who does not say what it is about must not show it to everybody.
    said = Report(
        waiting.ref, waiting.said_at, kind=waiting.kind, category=category, matter=matter, address=address,
        x=lon, y=lat, channel=PLACING, public=waiting.named,
    )  # fmt: skip
    take(here.web(), city, waiting.source, [said])
