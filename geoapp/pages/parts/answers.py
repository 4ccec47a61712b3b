"""Answers in JSON."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response


def answer(data: Any, status: int = 200, *, cache: str = "no-cache", kind: str = "application/json") -> Response:
    """The data as JSON; what changes by the minute must be asked for again."""
    return raw(orjson.dumps(data, option=orjson.OPT_NON_STR_KEYS), status, cache=cache, kind=kind)


def raw(body: bytes, status: int = 200, *, cache: str = "no-cache", kind: str = "application/json") -> Response:
    """JSON made before."""
    response = Response(body, status, mimetype=kind)
    response.headers["Cache-Control"] = cache
    return response
