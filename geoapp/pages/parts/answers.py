"""Answers in JSON, times in the city's own."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import orjson
from flask import Response

from geoapp.city import City

FOR_EVER: Final = "public, max-age=31536000, immutable"
"""What is at an address that changes with it."""


def answer(data: Any, status: int = 200, *, cache: str = "no-cache", kind: str = "application/json") -> Response:
    """The data as JSON; what changes by the minute must be asked for again."""
    return raw(orjson.dumps(data, option=orjson.OPT_NON_STR_KEYS), status, cache=cache, kind=kind)


def raw(body: bytes, status: int = 200, *, cache: str = "no-cache", kind: str = "application/json") -> Response:
    """JSON made before."""
    response = Response(body, status, mimetype=kind)
    response.headers["Cache-Control"] = cache
    return response


def local(city: City, moment: datetime | None) -> str | None:
    """A moment as the city's clocks show it, with its offset."""
    return None if moment is None else moment.astimezone(city.zone).isoformat(timespec="seconds")
