"""The words of a query read into filters; what cannot be read is refused by name.

The rule. A word that an address knows comes once (several codes are parted by commas) and can be read, or the request
is refused and the word named: with 400 where it comes twice, with 422 where its value means nothing. A word that an
address of the API does not know is refused with 400: a filter misspelt must not answer with everything. On a page such
a word is somebody else's (utm_source, fbclid) and is ignored, for links travel. How a page's map looks (z, lat, lon,
view) is no filter: what cannot be read of it is ignored, and the whole city shown.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Final, TypeVar

from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug.datastructures import MultiDict

from geoapp.city import City
from geoapp.errors import BadField, BadRequest
from geoapp.lifecycle import OPEN, SETTLED, Kind, Outcome, State
from geoapp.pages.parts import who
from geoapp.store import mercator
from geoapp.store.mercator import Box
from geoapp.store.queries import areas, matters
from geoapp.store.queries.filters import Filters

T = TypeVar("T")

ZOOMS: Final = range(23)
MOST_WORDS: Final = 50
LONGEST: Final = 200

WORLD: Final = Box(-180.0, -90.0, 180.0, 90.0)
HOME_SOURCES: Final = frozenset({"web", "api", "demo"})
FILTERS: Final = (
    "city", "bbox", "q", "area", "category", "matter", "kind", "state", "outcome", "unit", "source", "since", "until",
    "due",
)  # fmt: skip
"""The same words everywhere: map, list, API."""

OF_A_PAGE: Final = frozenset({*FILTERS, "lang", "z", "lat", "lon", "view"})
"""What a page with a map knows."""

GROUPS: Final = {"open": tuple(sorted(OPEN)), "done": tuple(sorted(SETTLED))}
"""Words that mean several states: still to be done, and no longer."""

_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
_WHOLE: Final = re.compile(r"[0-9]{1,9}")


class Fields:
    """Reads fields one by one and gathers what is wrong, so that a caller hears all of it at once."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self.words = words
        self.errors: dict[str, str] = {}

    def text(self, name: str, longest: int = LONGEST) -> str:
        """The field's words, trimmed; empty where there are none."""
        value = self.words.get(name, "").strip()
        if len(value) > longest:
            return self.refuse(name, _("This is too long: at most %(most)s characters.", most=longest))
        if storable(value):
            return value
        return self.refuse(name, _("This holds characters that are none."))

    def several(self, name: str) -> tuple[str, ...]:
        """The field's words where commas part them."""
        found = tuple(dict.fromkeys(word.strip() for word in self.text(name, 4000).split(",") if word.strip()))
        if len(found) > MOST_WORDS:
            self.refuse(name, _("These are too many."))
            return ()
        return found

    def read(self, name: str, reader: Callable[[str], T], message: str) -> T | None:
        """The field read; None where it is empty or cannot be."""
        if not (word := self.text(name)):
            return None
        try:
            return reader(word)
        except (ValueError, OverflowError):
            self.refuse(name, message)
            return None

    def refuse(self, name: str, message: str) -> str:
        """Note what is wrong with a field (the first thing found stands)."""
        self.errors.setdefault(name, message)
        return ""

    def check(self) -> None:
        """Go on only if nothing was wrong.

        Raises:
            BadField: something was; its fields say what.
        """
        if self.errors:
            raise BadField(", ".join(self.errors), fields=self.errors)


def check_words(words: MultiDict[str, str], known: Collection[str], *, others: bool = False) -> None:
    """Go on only if each word is known, or others are let pass, and each known one comes once.

    Raises:
        BadRequest: that is not so; its fields name the words.
    """
    wrong = {} if others else {name: _("There is no such word here.") for name in words if name not in known}
    wrong |= {
        name: _("This comes more than once; several codes are parted by commas.")
        for name in words
        if name in known and len(words.getlist(name)) > 1
    }
    if wrong:
        named = {name if storable(name) else "?": message for name, message in wrong.items()}
        raise BadRequest(", ".join(named), fields=named)


def storable(value: str) -> bool:
    """Whether the database can hold it: no NUL, no half of a surrogate pair."""
    return not _UNSTORABLE.search(value)


def filters(connection: Connection, city: City, words: Mapping[str, str]) -> Filters:
    """The filters that the words of a query mean for a city, and for whoever asks.

    Raises:
        BadField: some cannot be read or name nothing there is; its fields say which.
    """
    fields = Fields(words)
    since, until = _day(fields, "since", city), _day(fields, "until", city)
    due, late = _due(fields, city)
    number, number_matters = _question(fields, connection, city)
    keys, around = _areas(fields, connection, city)
    asked = Filters(
        city_id=city.id,
        sight=who.sight(),
        boxes=fields.read("bbox", boxes, _("A box is four numbers: west,south,east,north.")) or (),
        area_keys=keys,
        area_box=around,
        categories=_known(fields, "category", lambda codes: matters.category_ids(connection, city.id, codes)),
        matters=_known(fields, "matter", lambda codes: matters.matter_ids(connection, city.id, codes)),
        units=_known(fields, "unit", lambda codes: matters.unit_ids(connection, city.id, codes)),
        kinds=_among(fields, "kind", Kind),
        states=_states(fields),
        outcomes=_among(fields, "outcome", Outcome),
        sources=_sources(fields, connection, city),
        since=since,
        until=None if until is None else _next_day(until, city),
        due_before=due,
        late=late,
        number=number,
        number_matters=number_matters,
    )
    fields.check()
    return asked


def boxes(word: str) -> tuple[Box, ...]:
    """One box, or two where it crosses the date line (west greater than east); beyond the world is cut off.

    Raises:
        ValueError: not four finite numbers, or south is greater than north.
    """
    west, south, east, north = (float(part) for part in word.split(","))
    if not all(math.isfinite(value) for value in (west, south, east, north)) or south > north:
        raise ValueError(word)
    south, north = max(south, -90.0), min(north, 90.0)
    if south > 90 or north < -90:
        raise ValueError(word)
    if west > east and east >= -180 and west <= 180:
        return Box(west, south, 180.0, north), Box(-180.0, south, east, north)
    west, east = min(max(west, -180.0), 180.0), min(max(east, -180.0), 180.0)
    if west > east:
        raise ValueError(word)
    return (Box(west, south, east, north),)


def zoom(word: str) -> int:
    """A map's zoom, 0 to 22.

    Raises:
        ValueError: it is none.
    """
    return whole(word, ZOOMS.start, ZOOMS.stop - 1)


def whole(word: str, least: int, most: int) -> int:
    """A whole number between two others.

    Raises:
        ValueError: it is none.
    """
    if not _WHOLE.fullmatch(word) or not least <= int(word) <= most:
        raise ValueError(word)
    return int(word)


def _day(fields: Fields, name: str, city: City) -> datetime | None:
    return fields.read(name, lambda word: _midnight(_date(word), city), _("A day is written 2026-01-31."))


def _date(word: str) -> date:
    # fromisoformat also takes weeks (2026-W05-1) and 20260131; one way to write a day is enough.
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", word, re.ASCII):
        raise ValueError(word)
    day = date.fromisoformat(word)
    if not 1900 <= day.year <= 2200:
        raise ValueError(word)
    return day


def _midnight(day: date, city: City) -> datetime:
    return datetime.combine(day, time(), city.zone)


def _next_day(moment: datetime, city: City) -> datetime:
    return _midnight(moment.date() + timedelta(days=1), city)


def _due(fields: Fields, city: City) -> tuple[datetime | None, bool | None]:
    """due=late: overdue; due=today or a day: still to be done, and due by the end of that day."""
    word = fields.text("due")
    if word == "late":
        return None, True
    if word == "today":
        return _next_day(datetime.now(city.zone), city), None
    day = _day(fields, "due", city)
    return (None if day is None else _next_day(day, city)), None


def _question(fields: Fields, connection: Connection, city: City) -> tuple[str, tuple[int, ...]]:
    word = fields.text("q")
    return (word.upper(), matters.matters_like(connection, city.id, word)) if word else ("", ())


def _areas(fields: Fields, connection: Connection, city: City) -> tuple[tuple[int, ...], Box | None]:
    """The keys of the areas, and the box that holds them as they are and ever were."""
    keys: list[int] = []
    boxes: list[Box] = []
    for word in fields.several("area"):
        layer, _slash, code = word.partition("/")
        found = areas.extent(connection, city.id, layer, code)
        if found is None:
            fields.refuse("area", _("There is no %(word)s here.", word=word))
        else:
            keys.append(found.key_id)
            boxes.append(found.box)
    return tuple(keys), mercator.around(boxes)


def _known(fields: Fields, name: str, look: Callable[[tuple[str, ...]], Mapping[str, int]]) -> tuple[int, ...]:
    codes = fields.several(name)
    found = look(codes) if codes else {}
    _refuse_others(fields, name, codes, found)
    return tuple(found.values())


def _among(fields: Fields, name: str, there_are: Iterable[str]) -> tuple[str, ...]:
    codes = fields.several(name)
    _refuse_others(fields, name, codes, set(map(str, there_are)))
    return codes


def _states(fields: Fields) -> tuple[str, ...]:
    words = _among(fields, "state", [*State, *GROUPS])
    return tuple(dict.fromkeys(str(state) for word in words for state in GROUPS.get(word, (word,))))


def _sources(fields: Fields, connection: Connection, city: City) -> tuple[str, ...]:
    codes = fields.several("source")
    _refuse_others(fields, "source", codes, HOME_SOURCES | matters.sources(connection, city.id) if codes else ())
    return codes


def _refuse_others(fields: Fields, name: str, codes: Iterable[str], there_are: Iterable[str]) -> None:
    known = set(there_are)
    if unknown := [code for code in codes if code not in known]:
        fields.refuse(name, _("There is no %(word)s here.", word=", ".join(unknown)[:LONGEST]))
