"""What a text says of places: a short pass over the names and cues found in it.

It says who crosses whom, what is only passed by, what was another time's or is another city's.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from geoapp.locate.binding import bind
from geoapp.locate.cues import Cue
from geoapp.locate.cutting import cut
from geoapp.locate.elsewhere import Written, abroad
from geoapp.locate.found import NOT_CUE, Found
from geoapp.locate.gazetteer import Gazetteer
from geoapp.locate.mentions import NOWHERE, Item, Mention, Reading
from geoapp.locate.roles import roles

_ENDS: Final = frozenset((Cue.STOP, Cue.COMMA))
_TURNS: Final = _ENDS | {Cue.ELSEWHERE, Cue.NOW}
"""Cues that change what follows them."""


def readings(gazetteer: Gazetteer, found: Found, count: int, kinds_of: Any) -> list[Reading]:
    """Each text read. kinds_of gives the kinds a form may be of."""
    bounds = np.searchsorted(found.of, np.arange(count + 1)).tolist()
    written = Written(found, gazetteer.city)
    first, end, row = found.first.tolist(), found.end.tolist(), found.row.tolist()
    cue, clean = found.cue.tolist(), found.clean.tolist()
    made: list[Reading] = []
    for text in range(count):
        low, high = bounds[text], bounds[text + 1]
        part = first[low:high], end[low:high], row[low:high], cue[low:high], clean[low:high]
        made.append(_read_one(*part, kinds_of, written))
    return made


def _read_one(
    first: list[int], end: list[int], row: list[int], cue: list[int], clean: list[bool], kinds_of: Any,
    written: Written,
) -> Reading:  # fmt: skip
    made = Reading()
    items: list[Item] = []
    clauses: list[set[int]] = [set()]
    sentences: list[set[int]] = [set()]
    named = False
    for at in range(len(first)):
        kind = cue[at]
        if kind == NOT_CUE:
            begun = clean[at] or (at > 0 and end[at - 1] == first[at])
            if items and isinstance(items[-1], Mention) and items[-1].end > first[at]:
                # Two names share a character: the longer one is meant, the first if both are as long.
                if end[at] - first[at] <= items[-1].end - items[-1].first:
                    continue
                items.pop()
            items.append(Mention(first[at], end[at], row[at], 0.0, len(clauses) - 1, len(sentences) - 1, clean=begun))
            named = True
            continue
        if kind == Cue.ELSEWHERE:
            begun = clean[at] or (at > 0 and end[at - 1] == first[at])
            noun = at + 1 < len(first) and cue[at + 1] == Cue.NOUN and first[at + 1] == end[at]
            if not begun or noun or not written.is_another_city(first[at], end[at]):
                # 厦门 is no city in 大厦门口, 上海 none in 上海宾馆.
                continue
        items.append((kind, first[at], end[at]))
        if kind in _TURNS:
            if kind in _ENDS:
                clauses.append(set())
            # What is now is of another time than what is done.
            if kind == Cue.STOP or (kind == Cue.NOW and Cue.DONE in sentences[-1]):
                sentences.append(set())
            if kind == Cue.ELSEWHERE:
                made.elsewhere = first[at]
        clauses[-1].add(kind)
        sentences[-1].add(kind)
    if not named:
        return made
    roles(items, clauses, sentences)
    if made.elsewhere != NOWHERE:
        abroad(items, kinds_of, written)
    bind(made, items, clauses, kinds_of)
    cut(made, kinds_of)
    return made
