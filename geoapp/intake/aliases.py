"""Names kept by hand: checked before they mean anything, since every report to come is read by them."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
from sqlalchemy import Connection

from geoapp.city import City
from geoapp.errors import BadField
from geoapp.intake.redact import redact
from geoapp.locate.answer import Unplaced
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
_GENERAL: Final = (
    "小区|社区|花园|广场|大厦|大楼|公园|学校|小学|中学|幼儿园|医院|市场|商场|超市|路口|门口|村口|桥下|天桥|地铁站|地铁口|公交站|路边|"
    "楼下|停车场|大道|街道|公路|马路|人行道|绿化带|工地|厂房|工业区|工业园|旁边|附近|对面|里面|外面|前面|后面|这里|那里|这边|那边|"
    "我家|家|我们|的|在|有|了|请|处理|修|坏|不亮|很|大|小|人|车|井盖|路灯|地砖|污水|积水|垃圾|台阶|盲道|护栏|坑|树|市政|"
    "the|a|an|my|our|near|at|in|on|of|by|front|behind|next|to|park|road|street|avenue|school|hospital|market|station|"
    "bridge|corner|crossing|building|plaza|house|home|bus|stop|lamp|light|sidewalk|trash|garbage|manhole|cover|"
    "please|fix|broken"
)
_GENERIC: Final = re.compile(rf"(?:(?:{_GENERAL})[\s,，、]*)+", re.IGNORECASE)

# A name of two or three signs that begins like a person's and does not end like a place's, or says whose it is.
_SURNAMES: Final = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
    "苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜"
)
_PERSON: Final = re.compile(
    rf"[{_SURNAMES}][\u4e00-\u9fff]{{2}}"
    r"(?<![楼路村园店城厦桥站港湾山湖街巷里苑阁轩居府场馆所校院厂田围岗坑岭塘涌屋沙井头口])"
    r"|.{1,4}(?:家|先生|女士|小姐|师傅|老板|阿姨|叔叔)"
)
_MANY: Final = 3
_FAR_M: Final = 1_000.0


def check(connection: Connection, city: City, alias: Alias, *, replace: bool = False) -> None:
    """Whether a name may be kept, for what a layer calls otherwise or for a point; replace: it may have meant another.

    Raises:
        BadField: the name is none, is a person's, general, or a place's already; what it is of is unknown; the point
            lies outside the city. Its fields hold a code each.
    """
    problems = _problems(connection, city, alias, replace)
    if problems:
        raise BadField(", ".join(f"{field}: {why}" for field, why in problems.items()), fields=problems)


def keep(connection: Connection, city: City, alias: Alias, actor: str, *, replace: bool = False) -> None:
    """Keep a name that may be kept; it counts in the locator that is made next.

    Raises:
        BadField: as check().
    """
    check(connection, city, alias, replace=replace)
    aliases.keep(connection, city.id, alias, actor)


def _problems(connection: Connection, city: City, alias: Alias, replace: bool) -> dict[str, str]:
    """What is wrong with an alias, by field, as codes."""
    names = gazetteer.locator(connection, city).gazetteer
    kept = {one.name for one in aliases.of_city(connection, city.id)}
    found: dict[str, str] = {}
    if why := _bad_name(connection, city, alias):
        found["name"] = why
    elif (alias.name in kept and not replace) or (alias.name not in kept and _means(names, alias.name)):
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


def _bad_name(connection: Connection, city: City, alias: Alias) -> str | None:
    """What is wrong with a name by itself."""
    name = alias.name
    least = _LEAST if _HAN.search(name) else _LEAST_LATIN
    if name != name.strip() or not least <= len(name) <= LONGEST:
        return "length"
    if _SIGNS.search(name) or redact(name) != name or name.isnumeric() or _PERSON.fullmatch(name):
        return "not_a_name"
    if _GENERIC.fullmatch(name) or _elsewhere(connection, city, name):
        return "too_general"
    if alias.point is not None and aliases.said_elsewhere(connection, city.id, name, alias.point, _FAR_M) >= _MANY:
        return "too_general"
    return None


def _elsewhere(connection: Connection, city: City, name: str) -> bool:
    """Whether a name is another city's."""
    (answer,) = gazetteer.locator(connection, city).locate([f"{name}有个坑"])
    return answer.problem == Unplaced.ANOTHER_CITY


def _means(names: Gazetteer, name: str) -> bool:
    """Whether a name, in full, is one of a place's."""
    words = read([name])
    first, length, _ = names.phrases.matches(words)
    # A boundary stands behind the last word.
    return bool(((first == 0) & (length == len(words) - 1)).any())
