"""Gives a report that waits for a place one: an update under its reference, which takes the one path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask_babel import gettext as _

from geoapp.city import City
from geoapp.intake.path import check_words, take
from geoapp.pages.parts import draft, here
from geoapp.pages.parts.asked import Fields
from geoapp.pages.parts.naming import PROBLEMS
from geoapp.store.queries.reports import PLACING, Waiting
from importers.base import Report

FIELDS: Final = ("lon", "lat", "address")


def _by_words(fields: Fields, city: City, address: str) -> None:
    """Refuse words that do not say where it is, with the reason."""
    if not address:
        fields.refuse("lon", _("Please point out the place on the map."))
    elif problem := check_words(here.web(), city, address):
        fields.refuse("address", str(PROBLEMS[problem]))


def place(city: City, waiting: Waiting, words: Mapping[str, str]) -> None:
    """Open the ticket of a report that waited, at the place pointed out, else at the one that the address names.

    Raises:
        BadField: they name none that can be used; its fields say why.
    """
    fields = Fields({name: words.get(name, "") for name in FIELDS})
    lon, lat = draft.place(fields, city)
    address = draft.address(fields)
    if lon is None and not fields.errors:
        _by_words(fields, city, address)
    fields.check()
    category, matter = waiting.words
    # What was said stays with the report that said it; this one only says where. Words that have come to mean another
    # matter cannot be said again, and who does not say what it is about must not show it to everybody.
    said = Report(
        waiting.ref, waiting.said_at, kind=waiting.kind, category=category, matter=matter, address=address,
        x=lon, y=lat, channel=PLACING, public=waiting.named, pin="pinned",
    )  # fmt: skip
    take(here.web(), city, waiting.source, [said])
