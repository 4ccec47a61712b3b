"""How answers travel: packed, with a tag of what they say, and not at all where the browser has just that already."""

from __future__ import annotations

import gzip
from functools import lru_cache
from hashlib import sha256
from typing import Final

from flask import Flask, Response, request

SMALLEST: Final = 600
"""Bytes: below, packing makes an answer no shorter than a packet of the network."""

KINDS: Final = ("text/", "application/json", "application/geo+json", "image/svg+xml", "application/javascript")
QUICK: Final = 5
THOROUGH: Final = 9
"""gzip's levels: for an answer made now, and for one that is kept packed."""


def prepare(app: Flask) -> None:
    """Tag and pack what may be; to be prepared before all others, so that it comes last to an answer."""
    app.after_request(_send)


def _send(response: Response) -> Response:
    # What holds a form's secret is never kept (no-store), and is not packed: its length would tell of the secret.
    told = response.headers.get("Cache-Control", "")
    if request.method not in ("GET", "HEAD") or response.status_code != 200 or "no-store" in told:
        return response
    if not (response.mimetype or "").startswith(KINDS) or (response.is_streamed and request.endpoint != "static"):
        return response
    body = _body(response)
    known = response.get_etag()[0] or tag(body)
    # Weak: packed or not, it says the same.
    response.set_etag(known, weak=True)
    response.vary.add("Accept-Encoding")
    if request.if_none_match.contains_weak(known):
        return _unchanged(response)
    if worth_packing(body) and not response.content_encoding:
        kept = "immutable" in told or request.endpoint == "static"
        response.set_data(_packed(body) if kept else gzip.compress(body, QUICK, mtime=0))
        response.content_encoding = "gzip"
    return response


def tag(body: bytes) -> str:
    """The tag of what an answer says."""
    return sha256(body).hexdigest()[:32]


def packed(body: bytes) -> bytes:
    """An answer that is to be kept, packed as well as may be."""
    return gzip.compress(body, THOROUGH, mtime=0)


def worth_packing(body: bytes) -> bool:
    """Whether the caller takes packed answers, and this one is long enough."""
    return len(body) >= SMALLEST and request.accept_encodings["gzip"] > 0


def _body(response: Response) -> bytes:
    """What the answer says; a file it was to come from is read and let go."""
    file = response.response
    response.direct_passthrough = False
    body = response.get_data()
    close = getattr(file, "close", None)
    if close is not None:
        close()
    return body


def _unchanged(response: Response) -> Response:
    response.status_code = 304
    response.set_data(b"")
    for name in ("Content-Length", "Content-Type"):
        response.headers.pop(name, None)
    return response


@lru_cache(maxsize=128)
def _packed(body: bytes) -> bytes:
    """Files, maps and ground are asked for again and again: packed once a process."""
    return packed(body)
