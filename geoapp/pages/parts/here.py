"""The installation a request is served by: its settings, database and cities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import Flask, current_app, g, request
from sqlalchemy import Connection, Engine

from geoapp.city import City
from geoapp.errors import CityNeeded, UnknownCity
from geoapp.settings import Settings
from geoapp.store import cities as stored
from geoapp.store.database import Database
from geoapp.store.queries.cities import Stamp, stamps

_EXTENSION: Final = "geoapp"
_LEFT: Final = "connection_left"


@dataclass(slots=True)
class Here:
    """What create_app was given, and the cities as last read."""

    settings: Settings
    database: Database
    seen: tuple[tuple[Stamp, ...], tuple[City, ...]] = ((), ())


def settle(app: Flask, settings: Settings, database: Database) -> None:
    """Tell the application where it is."""
    app.extensions[_EXTENSION] = Here(settings, database)
    app.teardown_request(_take_back)


def settings() -> Settings:
    """The settings in force."""
    return _here().settings


def web() -> Engine:
    """The engine that reads, and files single reports."""
    return _here().database.web


def connect() -> Connection:
    """A connection for reading, to be closed by `with`; the one that is left over, where there is one."""
    left: Connection | None = g.pop(_LEFT, None)
    return web().connect() if left is None else left


def leave(connection: Connection) -> None:
    """Leave a connection over to whatever asks next in this request: to get one takes longer than a short question."""
    setattr(g, _LEFT, connection)


def _take_back(_error: BaseException | None = None) -> None:
    left: Connection | None = g.pop(_LEFT, None)
    if left is not None:
        left.close()


def cities(connection: Connection) -> tuple[City, ...]:
    """The cities loaded; packs are read again only when one changed."""
    here, now = _here(), stamps(connection)
    if here.seen[0] != now:
        here.seen = (now, tuple(stored.cities(connection)))
    return here.seen[1]


def edition(connection: Connection) -> tuple[Stamp, ...]:
    """Changes whenever a pack does."""
    cities(connection)
    return _here().seen[0]


def city(connection: Connection, code: str = "") -> City:
    """The city asked for by that code or the word `city`, else the installation's own, else the only one.

    Raises:
        UnknownCity: no such city.
        CityNeeded: none was named, and there are several.
    """
    loaded = cities(connection)
    wanted = code or request.args.get("city", "") or settings().city
    if wanted:
        found = next((one for one in loaded if one.code == wanted), None)
        if found is None:
            raise UnknownCity()
        return found
    if not loaded:
        raise UnknownCity()
    if len(loaded) > 1:
        raise CityNeeded()
    return loaded[0]


def city_of(connection: Connection, city_id: int) -> City:
    """The city of that key, which there is."""
    return next(one for one in cities(connection) if one.id == city_id)


def _here() -> Here:
    here = current_app.extensions[_EXTENSION]
    assert isinstance(here, Here)
    return here
