"""The part that each name of a text plays: passed by, another time's, the speaker's home, or compared with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from geoapp.locate.cues import Cue
from geoapp.locate.mentions import Item, Mention, less

# What a name's part leaves of its claim.
PASSED: Final = 0.12
ANOTHER_TIME: Final = 0.1
PERHAPS_ANOTHER_TIME: Final = 0.75
HOME: Final = 0.5
COMPARED: Final = 0.12
AT_HOME: Final = 0.9

_LEADS: Final[Mapping[int, str]] = {Cue.GO: "passed", Cue.HOME: "home", Cue.LIKE: "compared", Cue.FROM: "from"}
"""What a name that follows one of these is expected to be."""

_TELLING: Final = frozenset((*_LEADS, Cue.STOP, Cue.COMMA, Cue.HERE, Cue.TO, Cue.RIDE))


_OTHER_TIMES: Final = frozenset((Cue.PAST, Cue.DONE))
_AHEAD: Final = 16
"""Names and words of the grammar within which another name must follow."""


def roles(items: list[Item], clauses: list[set[int]], sentences: list[set[int]]) -> None:
    """Leave each name as much of its claim as the words around it do; clauses and sentences hold the cues of each."""
    waiting = ""
    last = 0
    for nth, item in enumerate(items):
        if not isinstance(item, Mention):
            if item[0] in _TELLING:
                waiting, last = _expected(item[0], waiting), item[2]
            continue
        clause, sentence = clauses[item.clause], sentences[item.sentence]
        if Cue.PAST in sentence and Cue.DONE in sentence and not _spoken_of_before(items, nth):
            less(item, ANOTHER_TIME, "another_time")
        elif Cue.PAST in clause:
            less(item, PERHAPS_ANOTHER_TIME, "another_time")
        close = item.first - last <= 4
        if waiting == "from":
            stretch = clause & {Cue.STRETCH, Cue.BETWEEN}
            if not stretch and (clause & {Cue.RIDE, Cue.GO} or Cue.TO in clause):
                less(item, PASSED if clause & {Cue.RIDE, Cue.GO} else 0.5, "passed")
                waiting = "leaving"
            else:
                waiting = ""
        elif waiting == "leaving":
            pass
        elif waiting == "arriving" or (waiting == "passed" and close):
            less(item, PASSED, "passed")
        elif waiting == "home":
            less(item, HOME, "home")
        elif waiting == "compared" and close:
            less(item, COMPARED, "compared")
        if nth + 1 < len(items) and not isinstance(items[nth + 1], Mention):
            _after(item, items[nth + 1])
    _below_home(items)


def _spoken_of_before(items: list[Item], nth: int) -> bool:
    """Whether the clause of a name has ended before another name is said to be another time's: A积水，上次的B已修好."""
    own: Any = items[nth]
    ended = past = False
    for item in items[nth + 1 : nth + 1 + _AHEAD]:
        if isinstance(item, Mention):
            if item.sentence != own.sentence:
                return False
            if past:
                return True
        elif item[0] == Cue.STOP or (item[0] in _OTHER_TIMES and not ended) or (item[0] == Cue.DONE and not past):
            return False
        ended |= not isinstance(item, Mention) and item[0] == Cue.COMMA
        past |= not isinstance(item, Mention) and item[0] == Cue.PAST
    return False


def _below_home(items: list[Item]) -> None:
    """What is only said to be near is near the speaker's home, where that is all that is named: 住在A，楼下没人收."""
    named = [item for item in items if isinstance(item, Mention)]
    if any(one.why != "home" for one in named):
        return
    behind = [item for item in items[items.index(named[-1]) + 1 :] if not isinstance(item, Mention)]
    kinds = [item[0] for item in behind]
    if Cue.COMMA in kinds and Cue.NEAR in kinds[kinds.index(Cue.COMMA) :]:
        for one in named:
            one.role, one.why = AT_HOME, ""


def _expected(kind: int, waiting: str) -> str:
    """What the next name is expected to be after a word of the grammar."""
    if kind == Cue.HERE:
        return waiting if waiting in ("home", "from") else ""
    if kind == Cue.TO:
        return "arriving" if waiting in ("leaving", "riding") else waiting
    if kind == Cue.RIDE:
        return waiting if waiting == "leaving" else "riding"
    return _LEADS.get(kind, "")


def _after(mention: Mention, item: Any) -> None:
    """What the word behind a name says of it."""
    kind, first, _ = item
    apart = first - mention.end
    if apart == 0 and kind == Cue.NOUN:
        mention.joined = True
    elif apart == 0 and kind == Cue.LIKE:
        less(mention, PERHAPS_ANOTHER_TIME, "compared")
    elif apart <= 1 and kind == Cue.CROSSING:
        mention.crossing_after = True
    elif apart <= 1 and kind == Cue.NEAR:
        mention.near = True
    elif apart == 0 and kind == Cue.INSIDE:
        mention.inside = True
