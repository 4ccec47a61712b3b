"""What an online geocoder says of texts that no name places: asked seldom, kept for a while, and judged before belief.

No import comes here: a person in the queue does, and `geoapp locate --online`. Whatever goes wrong is a reason in the
answer, never an error, and nothing waits longer than it was told to.
"""

from __future__ import annotations

import math
import re
import time
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

import numpy as np
import shapely
from sqlalchemy import Engine

from geoapp import settings as settings_module
from geoapp.assign.areas import Ground
from geoapp.city import City, called
from geoapp.intake import question as questions
from geoapp.intake.geocoders import Box, Said, Service, Silent, Why, service
from geoapp.intake.texts import LONGEST_M, locate_texts
from geoapp.locate.answer import Answer, Precision, Unplaced
from geoapp.locate.conflict import BORDER_M, outside
from geoapp.locate.datum import to_wgs84
from geoapp.settings import Settings
from geoapp.store import geocoded
from geoapp.store.ground import ground

ONLINE: Final = "online"
"""The rule of an answer that an online geocoder gave."""

CAP: Final = 0.7
"""The most such an answer is believed: how often it is right in this city nobody here has measured."""

PATIENCE_S: Final = 5.0
"""How long a page's questions together wait for their turns."""

_SURE: Final = {Precision.ADDRESS: CAP, Precision.CROSSING: CAP, Precision.LANDMARK: 0.6, Precision.ROAD: 0.35}
_RADIUS_M: Final = {
    Precision.ADDRESS: 60.0, Precision.CROSSING: 60.0, Precision.LANDMARK: 150.0, Precision.ROAD: 800.0,
}  # fmt: skip
"""Where the geocoder gives no extent. Of a road it gives one point somewhere on it."""

_DOUBT: Final = 0.6
"""What is left of an answer that the geocoder itself calls a guess, and of one beside which it names others."""

_LEAST_NAME: Final = 3
"""An area's name that is shorter may be part of any word."""

_REST_S: Final = {Why.DENIED: (900.0, 86_400.0), Why.LIMITED: (60.0, 86_400.0)}
_BRIEF_S: Final = (5.0, 3_600.0)
"""How long a geocoder is left alone after it failed, at first and at most: twice as long each time."""

_QUESTIONS: Final = UUID("0d1e2b5a-83c3-4a58-8d8c-5f0e5a8a2a77")


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Why there is no answer; evidence: what was asked and answered, where an answer was not taken."""

    why: Why
    evidence: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """As evidence is printed."""
        return {"reason": str(self.why), **self.evidence}


@dataclass(frozen=True, slots=True)
class _Question:
    """The words to ask about, their digest, and the outlines of areas that the text names, a group a layer."""

    words: str
    digest: UUID
    named: tuple[tuple[Any, ...], ...]
    elsewhere: bool


@dataclass(frozen=True, slots=True)
class _Spoken:
    """What a geocoder said of a question, now or before."""

    said: Said | None
    asked_at: datetime
    kept: bool


def ask(
    engine: Engine, city: City, texts: Sequence[str], *, using: Settings | None = None, patience_s: float = PATIENCE_S
) -> list[Answer | Unanswered]:
    """Where an online geocoder says that each text is, in order, or why it does not.

    patience_s: how long all of them together may wait for their turns; the last may then take the time that the
    setting gives an answer.
    """
    settings = using or settings_module.read()
    asked = service(settings)
    if asked is None or not texts:
        return [Unanswered(Why.OFF) for _ in texts]
    here, put = _questions(engine, city, asked, texts)
    with engine.connect() as connection:
        kept = geocoded.kept(connection, city.id, asked.name, [one.digest for one in put if one.words])
    known = {
        digest: _Spoken(None if one.answer is None else Said.of(one.answer), one.asked_at, True)
        for digest, one in kept.items()
    }
    asking = _Asking(engine, city, asked, settings, _box(here), time.monotonic() + patience_s, known)
    return [_answer(asking, here, one) for one in put]


class _Asking:
    """One round of questions to a geocoder, with what is known of them."""

    def __init__(
        self, engine: Engine, city: City, asked: Service, settings: Settings, box: Box, until: float,
        known: dict[UUID, _Spoken],
    ) -> None:  # fmt: skip
        self.engine, self.city, self.asked, self.settings = engine, city, asked, settings
        self.box, self.until, self.known = box, until, known

    def put(self, one: _Question) -> _Spoken:
        """What the geocoder says, asked only if it is not known.

        Raises:
            Silent: it is not to be asked now, or fails.
        """
        if one.digest not in self.known:
            self._wait()
            said = self._ask(one.words)
            with self.engine.begin() as connection:
                geocoded.answered(connection, self.asked.use)
                answer, days = said.as_dict() if said else None, self.settings.geocoder_keep_days
                at = geocoded.keep(connection, self.city.id, self.asked.name, one.digest, answer, days)
            self.known[one.digest] = _Spoken(said, at, False)
        return self.known[one.digest]

    def _wait(self) -> None:
        """Until it is our turn, which all processes take in order."""
        within = self.until - time.monotonic()
        often, daily = self.settings.geocoder_per_second, self.settings.geocoder_per_day
        with self.engine.begin() as connection:
            turn = geocoded.take(connection, self.asked.use, often, daily, within)
        if turn.held is not None:
            raise Silent(Why(turn.held))
        time.sleep(turn.wait_s)

    def _ask(self, words: str) -> Said | None:
        try:
            return self.asked.ask(words, _city_name(self.city), self.box)
        except Silent as silent:
            # A question that it refuses says nothing of the next.
            if silent.why is not Why.REFUSED:
                least, most = _REST_S.get(silent.why, _BRIEF_S)
                with self.engine.begin() as connection:
                    geocoded.failed(connection, self.asked.use, max(least, silent.rest_s), most)
            raise


def _answer(asking: _Asking, here: Ground, one: _Question) -> Answer | Unanswered:
    if one.elsewhere:
        return Unanswered(Why.ANOTHER_CITY)
    if not one.words:
        return Unanswered(Why.NO_WORDS)
    try:
        spoken = asking.put(one)
    except Silent as silent:
        return Unanswered(silent.why, {"geocoder": asking.asked.name, "asked": one.words})
    told = {
        "geocoder": asking.asked.name, "asked": one.words, "asked_at": spoken.asked_at.isoformat(), "kept": spoken.kept,
    }  # fmt: skip
    return Unanswered(Why.NOTHING, told) if spoken.said is None else _judged(spoken.said, one, here, told)


def _judged(said: Said, one: _Question, here: Ground, told: dict[str, Any]) -> Answer | Unanswered:
    """An answer with what speaks for it; or what speaks against it."""
    x, y = to_wgs84(np.array([said.x]), np.array([said.y]), said.datum)
    lon, lat = float(x[0]), float(y[0])
    told = told | {
        "datum": said.datum, "said": {"x": said.x, "y": said.y}, "level": said.level, "name": said.name,
        "others": said.others, "lon": round(lon, 7), "lat": round(lat, 7),
    }  # fmt: skip
    if not (math.isfinite(lon) and math.isfinite(lat) and here.in_city(x, y)[0]):
        return Unanswered(Why.OUTSIDE, told)
    radius = _radius(said)
    if said.precision is None or radius > LONGEST_M:
        return Unanswered(Why.TOO_COARSE, told)
    if any(min(outside(area, lon, lat) for area in layer) > BORDER_M for layer in one.named):
        return Unanswered(Why.AGAINST_AREA, told)
    told["most_confidence"] = CAP
    return Answer(lon, lat, said.precision, radius, _confidence(said), None, ONLINE, written=told)


def _radius(said: Said) -> float:
    """No answer is finer than a geocoder's own word for it, nor than what is usual of its kind."""
    usual = _RADIUS_M.get(said.precision, LONGEST_M) if said.precision else LONGEST_M
    if said.radius_m is None:
        return usual
    return max(said.radius_m, min(usual, _RADIUS_M[Precision.ADDRESS]))


def _confidence(said: Said) -> float:
    sure = _SURE.get(said.precision, 0.0) if said.precision else 0.0
    return round(sure * (1.0 if said.precise else _DOUBT) * (_DOUBT if said.others else 1.0), 3)


def _questions(engine: Engine, city: City, asked: Service, texts: Sequence[str]) -> tuple[Ground, list[_Question]]:
    with engine.connect() as connection:
        here = ground(connection, city)
        found = locate_texts(connection, city, here, texts)
    return here, [_question(city, asked, here, text, one.answer) for text, one in zip(texts, found, strict=True)]


def _question(city: City, asked: Service, here: Ground, text: str, offline: Answer) -> _Question:
    plain = questions.simplified(unicodedata.normalize("NFKC", text))
    areas = _areas(here, plain, offline)
    words = questions.question(plain, [name for names in areas.values() for name in names if _stands(name, plain)])
    name = _city_name(city)
    if words and asked.prefixed and not words.startswith(name):
        words = name + questions.fitting(words, questions.LONGEST_BYTES - len(name.encode()))
    named = tuple(_outlines(here, layer, names) for layer, names in areas.items())
    digest = uuid5(_QUESTIONS, "\n".join((asked.base, words.casefold())))
    return _Question(words, digest, named, offline.problem == Unplaced.ANOTHER_CITY)


def _areas(here: Ground, text: str, offline: Answer) -> dict[str, list[str]]:
    """The names of areas in a text, by layer: those that stand in it in full, and the one it was understood by."""
    found: dict[str, list[str]] = {}
    for layer in here.layers:
        every = dict.fromkeys(name for names in layer.names for name in names.values())
        said = [name for name in every if name == offline.area or _stands(name, text)]
        if said:
            found[layer.name] = said
    return found


def _stands(name: str, text: str) -> bool:
    """Whether a name stands in a text; one in Latin letters not as a part of another word."""
    if len(name) < _LEAST_NAME or name not in text:
        return False
    return not name.isascii() or re.search(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])", text) is not None


def _outlines(here: Ground, layer: str, names: Sequence[str]) -> tuple[Any, ...]:
    areas = here.layer(layer)
    known = zip(areas.outlines, areas.names, strict=True)
    return tuple(outline for outline, its in known if set(names) & set(its.values()))


def _box(here: Ground) -> Box:
    west, south, east, north = shapely.total_bounds(here.layer(here.responsible).outlines)
    return float(west), float(south), float(east), float(north)


def _city_name(city: City) -> str:
    return called(city.names, "zh", city.code)
