"""Answers kept while nothing they tell of has changed: the same view is asked for by many."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from threading import Lock
from typing import Final, ParamSpec

from flask import Flask, Response, current_app, request

from geoapp.pages.parts import here, who
from geoapp.pages.parts.answers import raw
from geoapp.pages.parts.language import language
from geoapp.pages.parts.travel import packed, tag, worth_packing
from geoapp.store.identity import identity
from geoapp.store.register import register

P = ParamSpec("P")

MOST_BYTES: Final = 16 << 20
_EACH: Final = 400
_EXTENSION: Final = "geoapp_kept"


@dataclass(frozen=True, slots=True)
class _Answer:
    """What was answered, and of which state of the city; a day ends some answers too."""

    version: int
    day: date
    body: bytes
    packed: bytes
    tag: str
    kind: str


class Answers:
    """The answers of one process, those asked for lately, up to so many bytes."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most = most
        self._size = 0
        self._lock = Lock()
        self._kept: OrderedDict[tuple[object, ...], _Answer] = OrderedDict()

    def find(self, key: tuple[object, ...], version: int, day: date) -> _Answer | None:
        """The answer kept, if it still holds."""
        with self._lock:
            answer = self._kept.get(key)
            if answer is None or (answer.version, answer.day) != (version, day):
                return None
            self._kept.move_to_end(key)
            return answer

    def keep(self, key: tuple[object, ...], answer: _Answer) -> None:
        """Keep an answer, and forget those not asked for for longest."""
        with self._lock:
            if (old := self._kept.pop(key, None)) is not None:
                self._size -= _weight(key, old)
            self._kept[key] = answer
            self._size += _weight(key, answer)
            while self._size > self._most:
                self._size -= _weight(*self._kept.popitem(last=False))


def _weight(key: tuple[object, ...], answer: _Answer) -> int:
    """Bytes, about: a question may be longer than its answer, and to hold either costs something."""
    return len(answer.body) + len(answer.packed) + sum(len(str(part)) for part in key) + _EACH


def prepare(app: Flask) -> None:
    """Give the application a place for them."""
    app.extensions[_EXTENSION] = Answers()


def kept(view: Callable[P, Response]) -> Callable[P, Response]:
    """An answer that depends on the address, the language, what the asker sees and the state of one city alone."""

    @wraps(view)
    def show(*args: P.args, **kwargs: P.kwargs) -> Response:
        answers: Answers = current_app.extensions[_EXTENSION]
        with here.connect() as connection:
            city = here.city(connection)
            of = (identity(connection), city.id, here.edition(connection), who.sight())
            key = (*of, request.path, request.query_string.decode("latin-1"), language())
            # The state is taken first: what changes while the answer is made ends it.
            version, day = register(connection, city.id).version, datetime.now(city.zone).date()
        if (found := answers.find(key, version, day)) is not None:
            return _told(found)
        response = view(*args, **kwargs)
        if response.status_code != 200:
            return response
        body = response.get_data()
        made = _Answer(version, day, body, packed(body), tag(body), response.mimetype or "")
        answers.keep(key, made)
        return _told(made)

    return show


def _told(found: _Answer) -> Response:
    if not worth_packing(found.body):
        return raw(found.body, kind=found.kind)
    response = raw(found.packed, kind=found.kind)
    response.content_encoding = "gzip"
    response.set_etag(found.tag, weak=True)
    return response
