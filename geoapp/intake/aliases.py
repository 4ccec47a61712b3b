"""Names kept by hand: checked before they mean anything, since every report to come is read by them."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
from sqlalchemy import Connection

from geoapp.city import City
from geoapp.errors import BadField
from geoapp.intake.redact import redact
from geoapp.locate.gazetteer import Gazetteer
from geoapp.locate.normalise import read
from geoapp.store import aliases, gazetteer
from geoapp.store.aliases import Alias
from geoapp.store.ground import ground

RADIUS_M: Final = 60.0
MOST_RADIUS_M: Final = 500.0
LONGEST: Final = 60
_LEAST: Final = 2
_LEAST_LATIN: Final = 4
_REASON: Final = 500
_SIGNS: Final = re.compile(r"[\x00-\x1f<>{}\\^~`|\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
_HAN: Final = re.compile(r"[\u3400-\u9fff]")

# What a place is called in general is nobody's name: kept as one, it would draw every report to one spot.
_GENERIC: Final = re.compile(
    "小区|社区|花园|广场|大厦|公园|学校|小学|中学|医院|市场|商场|超市|路口|门口|村口|桥下|天桥|地铁站|公交站|路边|楼下|停车场|大道|"
    "街道|公路|马路|人行道|绿化带|工地|厂房|工业区|工业园|旁边|附近|对面|这里|那里|我家|"
    "park|road|street|avenue|school|hospital|market|station|bridge|corner|crossing|building|plaza",
    re.IGNORECASE,
)


def keep(connection: Connection, city: City, alias: Alias, actor: str) -> None:
    """Keep a name for what a layer calls otherwise, or for a point; it counts in the locator that is made next.

    Raises:
        BadField: the name is none, is private, general, or a place's already; what it is of is unknown; the point lies
            outside the city.
    """
    names = gazetteer.locator(connection, city).gazetteer
    problems = _problems(connection, city, names, alias)
    if problems:
        raise BadField(", ".join(f"{field}: {why}" for field, why in problems.items()), fields=problems)
    aliases.keep(connection, city.id, alias, actor)


def _problems(connection: Connection, city: City, names: Gazetteer, alias: Alias) -> dict[str, str]:
    """What is wrong with an alias, by field, as codes."""
    found: dict[str, str] = {}
    name = alias.name.strip()
    least = _LEAST if _HAN.search(name) else _LEAST_LATIN
    if not least <= len(name) <= LONGEST:
        found["name"] = "length"
    elif _SIGNS.search(name) or redact(name) != name or name.isnumeric():
        found["name"] = "not_a_name"
    elif _GENERIC.fullmatch(name):
        found["name"] = "too_general"
    elif name not in {one.name for one in aliases.of_city(connection, city.id)} and _means(names, name):
        found["name"] = "known_already"
    if alias.of is not None and not _means(names, alias.of):
        found["of"] = "unknown"
    if alias.point is not None:
        lon, lat = np.array([alias.point[0]]), np.array([alias.point[1]])
        if not ground(connection, city).in_city(lon, lat)[0]:
            found["point"] = "outside"
    if alias.radius_m is not None and not 1 <= alias.radius_m <= MOST_RADIUS_M:
        found["radius_m"] = "length"
    if not alias.reason.strip() or len(alias.reason) > _REASON:
        found["reason"] = "length"
    return found


def _means(names: Gazetteer, name: str) -> bool:
    """Whether a name, in full, is one of a place's."""
    words = read([name])
    first, length, _ = names.phrases.matches(words)
    return bool(((first == 0) & (length == len(words))).any())
