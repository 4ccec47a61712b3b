"""The guided tour: of each kind of story one that can be seen, in the order in which they explain each other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from geoapp.demo import stories
from geoapp.demo.truth import STORIES

ORDER: Final = (
    stories.LEAD, stories.VOICED, stories.WORKS, stories.REPEAT, stories.CONTRACTOR, stories.TRENCH, stories.LATE,
    stories.DUE_SOON, stories.DISPUTE, stories.SHELVED,
)  # fmt: skip

_ALONG: Final = frozenset({stories.TRENCH, stories.VOICED})
_OF_OFFICE: Final = frozenset({stories.LATE})
_OF_SITE: Final = frozenset({stories.REPEAT, stories.CONTRACTOR})


@dataclass(frozen=True, slots=True)
class Step:
    """One story: what it is called and what to see, by language, and where.

    shown: on a ticket's page, a site's, the map about a place, or the map of a street office's late tickets.
    """

    names: Mapping[str, str]
    sentences: Mapping[str, str]
    shown: str
    number: str
    lon: float
    lat: float
    matter: str
    office: str


def steps(folder: Path) -> tuple[Step, ...]:
    """The tour of the demo whose truth lies in a folder; none where there is none."""
    path = folder / STORIES
    try:
        return _read(path, path.stat().st_mtime_ns)
    except OSError:
        return ()


@lru_cache(maxsize=4)
def _read(path: Path, _changed: int) -> tuple[Step, ...]:
    told: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))
    first: dict[str, dict[str, Any]] = {}
    for one in told:
        if one["tickets"]:
            first.setdefault(one["story"], one)
    return tuple(_step(first[story]) for story in ORDER if story in first)


def _step(one: dict[str, Any]) -> Step:
    story, place = one["story"], one["place"]
    shown = (
        "place" if story in _ALONG else "office" if story in _OF_OFFICE else "site" if story in _OF_SITE else "ticket"
    )
    return Step(
        one["names"], one["sentences"], shown, one["tickets"][-1], place["lon"], place["lat"], one["matter"],
        place["office"],
    )  # fmt: skip
