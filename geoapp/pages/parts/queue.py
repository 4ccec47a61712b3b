"""The queue of reports without a place, as a dispatcher sees it: words, what they may mean, why that is not sure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from geoapp.city import City
from geoapp.intake.places import words_of
from geoapp.intake.stages import locate_words
from geoapp.pages.parts.answers import local
from geoapp.pages.parts.language import named
from geoapp.pages.parts.locating import PRECISIONS
from geoapp.pages.parts.naming import PROBLEMS
from geoapp.store.queries.waiting import Waiting


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
        # It is known as an area only: its middle is where to begin looking.
        name = ", ".join(dict.fromkeys(match["name"] for match in evidence.get("matched", ())))
        places.insert(0, {"name": name, "lon": found.lon, "lat": found.lat, "precision": found.precision})
    return {
        **tell(city, one),
        "parts": {"body": marked(one.body, matched), "address": marked(one.address, matched)},
        "places": [
            {
                **place,
                "letter": chr(ord("A") + nth),
                "what": str(PRECISIONS.get(place["precision"], place["precision"])),
            }
            for nth, place in enumerate(places[:8])
        ],
    }


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
