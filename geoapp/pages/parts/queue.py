"""The queue of reports without a place, as a dispatcher sees it: words, what they may mean, why that is not sure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from flask_babel import gettext as _
from sqlalchemy import Connection

from geoapp.city import City
from geoapp.intake.places import words_of
from geoapp.intake.stages import locate_words
from geoapp.locate.coordinates import PRECISION, locate
from geoapp.pages.parts.answers import local
from geoapp.pages.parts.language import named
from geoapp.pages.parts.locating import PRECISIONS, conflict_in_words
from geoapp.pages.parts.naming import PROBLEMS
from geoapp.store.ground import ground
from geoapp.store.queries.waiting import Waiting

COARSE: Final = frozenset({"area", "road", "community"})
"""Where these are is where to begin looking: nobody can be sent to one."""


def tell(city: City, one: Waiting) -> dict[str, Any]:
    """A report of the queue, for its row."""
    return {
        "id": one.id, "said_at": local(city, one.said_at), "problem": one.problem, "why": _why(one.problem),
        "matter": named(one.matter_names) if one.matter_names else "", "body": one.body, "address": one.address,
        "source": one.source,
    }  # fmt: skip


def tell_whole(connection: Connection, city: City, one: Waiting) -> dict[str, Any]:
    """A report of the queue with what its words may mean: parts of them that name something, and the places."""
    found = locate_words(connection, city, words_of(one.address, one.body)).located
    evidence = found.evidence
    matched = [match["words"] for match in evidence.get("matched", ())]
    places = [
        {"name": place["name"], "lon": place["lon"], "lat": place["lat"], "precision": place["precision"]}
        for place in evidence.get("runners_up", ())
    ]
    if found.lon is not None:
        # It is known as an area or a long road only: its middle is where to begin looking.
        places.insert(0, {"name": found.called, "lon": found.lon, "lat": found.lat, "precision": found.precision})
    conflict = one.codes.get("conflict")
    if conflict and (given := _given(connection, city, one)):
        places.insert(0, {"name": _("Where it was sent from"), **given, "precision": PRECISION})
    return {
        **tell(city, one),
        "conflict": conflict_in_words(conflict) if conflict else "",
        "parts": {"body": marked(one.body, matched), "address": marked(one.address, matched)},
        "places": [
            {**place, "letter": letter, "what": str(PRECISIONS.get(place["precision"], place["precision"])),
             "coarse": place["precision"] in COARSE}
            for letter, place in zip("ABCDEFGH", places, strict=False)
        ],
    }  # fmt: skip


def _given(connection: Connection, city: City, one: Waiting) -> dict[str, float] | None:
    """The point that came with a report, in WGS-84 degrees; None where it is none of the city's."""
    located = locate([one.x], [one.y], [one.crs or "WGS-84"], ground(connection, city).in_city)
    if located.problems[0] is not None:
        return None
    return {"lon": round(float(located.lon[0]), 7), "lat": round(float(located.lat[0]), 7)}


def marked(words: str, names: Sequence[str]) -> list[tuple[str, bool]]:
    """Words in pieces, in order, each with whether it is one of the names."""
    wanted = sorted({name for name in names if name}, key=len, reverse=True)
    if not wanted:
        return [(words, False)] if words else []
    parts = re.split("(" + "|".join(map(re.escape, wanted)) + ")", words)
    return [(part, part in wanted) for part in parts if part]


def problems(counts: dict[str, int]) -> list[dict[str, Any]]:
    """What is wrong with the places of those that wait, the most frequent first."""
    return [{"code": code, "n": n, "why": _why(code)} for code, n in counts.items()]


def _why(problem: str | None) -> str:
    return str(PROBLEMS.get(problem or "missing", problem))
