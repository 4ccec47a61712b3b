"""A report as somebody files it, by form or API: read, checked field by field, ready for the one path."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from flask_babel import gettext as _
from sqlalchemy import Connection

from geoapp.city import City
from geoapp.intake.path import check_place
from geoapp.pages.parts import here
from geoapp.pages.parts.asked import Fields, storable
from geoapp.pages.parts.naming import KINDS, PROBLEMS
from geoapp.store.queries import matters
from importers.base import Report, Reporter

LONGEST_TEXT: Final = 4000
LONGEST_LINE: Final = 200
FIELDS: Final = frozenset(
    {"city", "text", "kind", "category", "matter", "lon", "lat", "datum", "address", "occurred_at"}
    | {"name", "phone", "email", "photo"}
)
CONTACT: Final = frozenset({"name", "phone", "email"})

_PHONE: Final = re.compile(r"\+?[0-9][0-9 ()/.-]{4,30}(?:(?:ext\.?|转|x) ?[0-9]{1,6})?")
_EMAIL: Final = re.compile(r"[^\s@<>,;]{1,64}@[^\s@<>,;]{1,190}\.[^\s@<>,;.]{2,63}")


def from_json(body: Any) -> dict[str, str]:
    """The words of a JSON body, as a form would hold them; numbers are written out.

    Raises:
        BadField: not an object, or a value of the wrong kind; its fields say which.
    """
    fields = Fields({})
    if not isinstance(body, dict):
        fields.refuse("body", _("A report is a JSON object."))
        fields.check()
    contact = body.pop("contact", None)
    if contact is not None and not isinstance(contact, dict):
        fields.refuse("contact", _("This is not an object."))
        contact = None
    strange = [f"contact.{name}" for name in contact or () if name not in CONTACT]
    strange += [name for name in body if name not in FIELDS - CONTACT - {"photo"}]
    for name in strange:
        fields.refuse(name if storable(name) else "body", _("There is no such field."))
    known = {name: value for name, value in {**body, **(contact or {})}.items() if name in FIELDS}
    words = {name: _word(fields, name, value) for name, value in known.items()}
    fields.check()
    return words


def read(connection: Connection, city: City, words: Mapping[str, str], ref: str, channel: str) -> Report:
    """The report that the words of a form mean.

    Raises:
        BadField: something cannot be used; its fields say what.
    """
    fields = Fields(words)
    category, matter = _matter(fields, connection, city)
    kind = fields.text("kind") or KINDS[0]
    if kind not in KINDS:
        fields.refuse("kind", _("There is no %(word)s here.", word=kind[:LONGEST_LINE]))
    lon, lat = place(fields, city)
    body = fields.text("text", LONGEST_TEXT)
    if not body:
        fields.refuse("text", _("Please say what is the matter."))
    report = Report(
        ref=ref,
        said_at=_said_at(fields, city),
        body=body,
        kind=kind,
        category=category,
        matter=matter,
        address=address(fields),
        x=lon,
        y=lat,
        crs=fields.text("datum") or "WGS-84",
        channel=channel,
        reporter=_reporter(fields),
        pin="pinned",
    )
    fields.check()
    return report


def _word(fields: Fields, name: str, value: Any) -> str:
    if value is None:
        return ""
    if name in ("lon", "lat") and isinstance(value, int | float) and not isinstance(value, bool):
        return repr(value)
    if isinstance(value, str) and name not in ("lon", "lat"):
        return value
    return fields.refuse(name, _("This is not a number.") if name in ("lon", "lat") else _("This is not text."))


def _matter(fields: Fields, connection: Connection, city: City) -> tuple[str, str]:
    """The codes of category and matter; a matter brings its category along."""
    category, matter = fields.text("category"), fields.text("matter")
    if category and not matters.category_ids(connection, city.id, [category]):
        fields.refuse("category", _("There is no %(word)s here.", word=category))
    if matter:
        belongs = matters.category_of(connection, city.id, matter)
        if belongs is None:
            fields.refuse("matter", _("There is no %(word)s here.", word=matter))
        elif category and category != belongs:
            fields.refuse("matter", _("This matter belongs to another category."))
        return belongs or "", matter
    return category, ""


def address(fields: Fields) -> str:
    """Where it is in words, on one line."""
    return " ".join(fields.text("address", LONGEST_LINE * 2).split())


def place(fields: Fields, city: City) -> tuple[float | None, float | None]:
    """Both coordinates, checked against the city, or neither."""
    number = _("This is not a number.")
    lon, lat = fields.read("lon", float, number), fields.read("lat", float, number)
    datum = fields.text("datum", 32) or "WGS-84"
    if fields.errors.keys() & {"lon", "lat", "datum"} or (lon is None and lat is None):
        return None, None
    if lon is None or lat is None:
        fields.refuse("lat" if lat is None else "lon", _("Longitude and latitude go together."))
        return None, None
    for name, value in (("lon", lon), ("lat", lat)):
        if not math.isfinite(value):
            fields.refuse(name, str(PROBLEMS["not_finite"]))
    if not fields.errors.keys() & {"lon", "lat"}:
        problem = check_place(here.web(), city, lon, lat, datum)
        if problem is not None:
            fields.refuse("datum" if problem == "bad_crs" else "lon", str(PROBLEMS[problem]))
    return lon, lat


def _said_at(fields: Fields, city: City) -> datetime | None:
    """When it happened, in the city's time where no offset is given."""
    moment = fields.read("occurred_at", datetime.fromisoformat, _("A time is written 2026-01-31T08:30."))
    if moment is None:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=city.zone)
    now = datetime.now(UTC)
    if not 1970 <= moment.year <= now.year + 1 or moment > now + timedelta(days=1):
        fields.refuse("occurred_at", _("This time is not one at which it can have happened."))
        return None
    return moment.astimezone(UTC)


def _reporter(fields: Fields) -> Reporter | None:
    name, phone, email = (" ".join(fields.text(word).split()) for word in ("name", "phone", "email"))
    if phone and not _PHONE.fullmatch(phone):
        fields.refuse("phone", _("This is not a telephone number."))
    if email and not _EMAIL.fullmatch(email):
        fields.refuse("email", _("This is not an e-mail address."))
    return Reporter(name, phone, email) if name or phone or email else None
