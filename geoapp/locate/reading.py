"""What a text says of places: its names with the part each plays, and how they are bound together.

The names and the words between them are found for a whole batch at once; a short pass over what was found in a text
then says who crosses whom, what is only passed by, what was another time's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geoapp.locate import grammar_en, grammar_zh
from geoapp.locate.cues import Cue
from geoapp.locate.gazetteer import Gazetteer
from geoapp.locate.lookup import Phrases, Rows
from geoapp.locate.names import Kind
from geoapp.locate.normalise import DIGIT, HAN, LETTER, Places, Words, read, values_of
from geoapp.locate.sounds import heard


class Relation(StrEnum):
    """How the names of a statement belong together."""

    CROSSING = "crossing"
    STRETCH = "stretch"
    PLACE = "place"


@dataclass(slots=True)
class Mention:
    """One name in a text, words first to end.

    role: how much of a claim to be the report's place is left to it, with the reason why not all. clean: no other name
    can have begun before it; joined: the name goes on behind it (深南路小学).
    """

    first: int
    end: int
    row: int
    cost: float = 0.0
    clause: int = 0
    sentence: int = 0
    role: float = 1.0
    why: str = ""
    clean: bool = True
    near: bool = False
    joined: bool = False
    crossing_after: bool = False
    inside: bool = False


@dataclass(slots=True)
class Statement:
    """A place that a text speaks of: a crossing of two, a stretch of one between two others, or one name."""

    relation: Relation
    mentions: tuple[Mention, ...]
    strength: float = 1.0
    unknown: bool = False

    @property
    def role(self) -> float:
        """The least claim of its names."""
        return min(mention.role for mention in self.mentions)


NOWHERE: Final = -1


@dataclass(slots=True)
class Reading:
    """All of one text: areas named, statements, another city named, what nothing is known of."""

    areas: list[Mention] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    elsewhere: int = NOWHERE
    gaps: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Found:
    """The names and cues of a batch as arrays, in the order of words; cue is NOT_CUE for a name."""

    words: Words
    first: Places
    end: Places
    row: Rows
    cue: NDArray[np.int8]
    clean: NDArray[np.bool_]
    of: Places
    text: str
    begins: list[int]
    ends: list[int]


NOT_CUE: Final = -1


def find(gazetteer: Gazetteer, texts: Sequence[str]) -> Found:
    """The names and cues of a batch."""
    words = read(texts)
    first, length, row = gazetteer.phrases.matches(words)
    return together(words, first, length, row, *cues(words))


def cues(words: Words, by_sound: bool = False) -> tuple[Places, Places, NDArray[np.int8]]:
    """(first word, how many, cue) of the words that say how names are meant; by_sound for words that are sounds."""
    phrases, kinds = _sounding_cues() if by_sound else _cues()
    first, length, row = phrases.matches(words)
    return first, length, kinds[row]


def together(
    words: Words,
    first: Places,
    length: Places,
    row: Rows,
    cue_first: Places,
    cue_length: Places,
    kind: NDArray[np.int8],
) -> Found:
    """Names and cues in the order of words; of what lies within something longer, only the longer stays."""
    first, end, row = _longest(first, first + length, row)
    # A cue that shares a character with a name is none: 路口 behind 香蜜湖路 is only 口.
    free = _free(len(words), first, end, cue_first, cue_first + cue_length)
    # Half of a city's name with half of a road's may be a short name, too: 上海富塘路 holds 海富.
    long = end - first > 2
    away = _free(len(words), first[long], end[long], cue_first, cue_first + cue_length)
    free |= away & (kind == Cue.ELSEWHERE)
    cue_first, cue_end, kind = _longest(cue_first[free], (cue_first + cue_length)[free], kind[free])
    firsts, ends = np.concatenate([first, cue_first]), np.concatenate([end, cue_end])
    rows = np.concatenate([row, np.full(len(cue_first), NOT_CUE, dtype=np.int32)])
    told = np.concatenate([np.full(len(first), NOT_CUE, dtype=np.int8), kind])
    order = np.argsort(firsts, kind="stable")
    firsts, ends, rows, told = firsts[order], ends[order], rows[order], told[order]
    return Found(words, firsts, ends, rows, told, _clean(words, firsts), words.of[firsts], words.text(),
        words.begins.tolist(), words.ends.tolist(),
    )  # fmt: skip


def _free(
    count: int, first: Places, end: Places, cue_first: Places, cue_end: Places
) -> NDArray[np.bool_]:  # fmt: skip
    """Which cues share no word with a name."""
    named = np.zeros(count + 2, dtype=np.int64)
    np.add.at(named, first, 1)
    np.add.at(named, end, -1)
    covered = np.append(0, np.cumsum(np.cumsum(named) > 0))
    free: NDArray[np.bool_] = covered[cue_end] == covered[cue_first]
    return free


def _longest(first: Places, end: Places, of: NDArray[Any]) -> tuple[Places, Places, NDArray[Any]]:
    """Runs in their order, without those that lie within a longer one."""
    order = np.lexsort((-end, first))
    first, end, of = first[order], end[order], of[order]
    reach = np.maximum.accumulate(np.append(-1, end[:-1])) if len(end) else end
    kept = end > reach
    return first[kept], end[kept], of[kept]


def _clean(words: Words, first: Places) -> NDArray[np.bool_]:
    """Whether a name may begin at each of these words: after a blank, a sign, a number, or a word that leads to one."""
    before = np.maximum(first - 1, 0)
    leads = np.isin(words.values[before], _leaders())
    apart = words.ends[before] < words.begins[first]
    # A number behind a Latin word may be part of a name: Brighton 7 Street is not 7 Street.
    numbered = (words.kinds[first] == DIGIT) & (words.kinds[before] == LETTER)
    begun = (words.kinds[before] != HAN) & ~numbered
    clean: NDArray[np.bool_] = (first == 0) | begun | leads | (apart & ~numbered)
    return clean


@cache
def _leaders() -> NDArray[np.uint64]:
    return np.array(sorted({values_of(sign)[0] for sign in grammar_zh.LEADERS}), dtype=np.uint64)


@cache
def _cues() -> tuple[Phrases, NDArray[np.int8]]:
    said = [
        (word, cue)
        for grammar in (grammar_zh.CUES, grammar_en.CUES)
        for cue, every in grammar.items()
        for word in every.split("|")
    ]
    return _cue_table(read([word for word, _ in said]), [cue for _, cue in said])


@cache
def _sounding_cues() -> tuple[Phrases, NDArray[np.int8]]:
    """The Chinese ones by their sounds; those of one sound are too many things, save a few."""
    said = [
        (word, cue)
        for cue, every in grammar_zh.CUES.items()
        for word in every.split("|")
        if len(word) > 1 or word in grammar_zh.HEARD_ALONE or cue in (Cue.STOP, Cue.COMMA)
    ]
    return _cue_table(heard(read([word for word, _ in said])), [cue for _, cue in said])


def _cue_table(words: Words, kinds_of: Sequence[Cue]) -> tuple[Phrases, NDArray[np.int8]]:
    counts = np.bincount(words.of, minlength=len(kinds_of))
    first = np.append(0, np.cumsum(counts))[:-1].astype(np.int64)
    phrases, rows = Phrases.of(words, first, (counts - 1).astype(np.int64))
    kinds = np.zeros(len(phrases.table.keys), dtype=np.int8)
    # Of two that are alike the one named first holds.
    kinds[rows[::-1]] = np.array([int(cue) for cue in kinds_of], dtype=np.int8)[::-1]
    return phrases, kinds


# What a name's part leaves of its claim.
PASSED: Final = 0.12
ANOTHER_TIME: Final = 0.1
PERHAPS_ANOTHER_TIME: Final = 0.75
HOME: Final = 0.5
COMPARED: Final = 0.12
NOT_HERE: Final = 0.05

_JOINS: Final = frozenset((Cue.JOIN, Cue.AND, Cue.LINK, Cue.HERE))
_ROADS: Final = frozenset((Kind.ROAD,))


def readings(gazetteer: Gazetteer, found: Found, count: int, kinds_of: Any) -> list[Reading]:
    """Each text read. kinds_of gives the kinds a form may be of."""
    bounds = np.searchsorted(found.of, np.arange(count + 1)).tolist()
    written = _Written(found, gazetteer.city)
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
    written: _Written,
) -> Reading:  # fmt: skip
    made = Reading()
    items: list[Mention | tuple[int, int, int]] = []
    clauses: list[set[int]] = [set()]
    sentences: list[set[int]] = [set()]
    named = False
    for at in range(len(first)):
        kind = cue[at]
        if kind == NOT_CUE:
            begun = clean[at] or (at > 0 and end[at - 1] >= first[at])
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
        if kind == Cue.STOP:
            clauses.append(set())
            sentences.append(set())
        elif kind == Cue.COMMA:
            clauses.append(set())
        elif kind == Cue.ELSEWHERE:
            made.elsewhere = first[at]
        if kind == Cue.NOW and Cue.DONE in sentences[-1]:
            # What follows is of another time than what is done.
            sentences.append(set())
        clauses[-1].add(kind)
        sentences[-1].add(kind)
    if not named:
        return made
    _roles(items, clauses, sentences)
    if made.elsewhere != NOWHERE:
        _abroad(items, kinds_of, written)
    _bind(made, items, clauses, kinds_of)
    return made


def _roles(items: list[Mention | tuple[int, int, int]], clauses: list[set[int]], sentences: list[set[int]]) -> None:
    waiting = ""
    last = 0
    for nth, item in enumerate(items):
        if not isinstance(item, Mention):
            kind = item[0]
            if kind in (Cue.STOP, Cue.COMMA):
                waiting = ""
            elif kind == Cue.GO:
                waiting, last = "passed", item[2]
            elif kind == Cue.HOME:
                waiting, last = "home", item[2]
            elif kind == Cue.LIKE:
                waiting, last = "compared", item[2]
            elif kind == Cue.FROM:
                waiting, last = "from", item[2]
            elif kind == Cue.TO and waiting in ("leaving", "riding"):
                waiting, last = "arriving", item[2]
            elif kind in (Cue.RIDE,):
                waiting, last = "riding" if waiting != "leaving" else "leaving", item[2]
            elif kind == Cue.HERE and waiting not in ("home", "from"):
                waiting = ""
            continue
        clause, sentence = clauses[item.clause], sentences[item.sentence]
        if Cue.PAST in sentence and Cue.DONE in sentence:
            _less(item, ANOTHER_TIME, "another_time")
        elif Cue.PAST in clause:
            _less(item, PERHAPS_ANOTHER_TIME, "another_time")
        close = item.first - last <= 4
        if waiting == "from":
            stretch = clause & {Cue.STRETCH, Cue.BETWEEN}
            if not stretch and (clause & {Cue.RIDE, Cue.GO} or Cue.TO in clause):
                _less(item, PASSED if clause & {Cue.RIDE, Cue.GO} else 0.5, "passed")
                waiting = "leaving"
            else:
                waiting = ""
        elif waiting == "leaving":
            pass
        elif waiting == "arriving" or (waiting == "passed" and close):
            _less(item, PASSED, "passed")
        elif waiting == "home":
            _less(item, HOME, "home")
        elif waiting == "compared" and close:
            _less(item, COMPARED, "compared")
        if nth + 1 < len(items) and not isinstance(items[nth + 1], Mention):
            _after(item, items[nth + 1])


@dataclass(frozen=True, slots=True)
class _Written:
    """What was written where the words of a batch stand; city are the names of the city itself."""

    found: Found
    city: tuple[str, ...]

    def words(self, first: int, end: int) -> str:
        """The words from first to end."""
        return self.found.text[self.found.begins[first] : self.found.ends[end - 1]] if first < end else ""

    def names_the_city(self, first: int, end: int) -> bool:
        """Whether the city itself is named between these words."""
        said = self.words(first, end)
        return any(name in said for name in self.city)

    def is_another_city(self, first: int, end: int) -> bool:
        """Whether the words are another city's name, rather than this one's or the first part of a road's."""
        at = self.found.ends[end - 1]
        behind = self.found.text[at : at + 1]
        return behind not in grammar_zh.NAMED_AFTER_A_CITY and self.words(first, end) not in self.city

    def is_in_full(self, first: int, end: int) -> bool:
        """Whether a city is named as an address names it: 宝鸡市 rather than 宝鸡; English has no such words."""
        return self.is_latin(first) or self.words(first, end).endswith(("市", "省"))

    def is_address(self, first: int, end: int) -> bool:
        """Whether the words are those that an address follows."""
        return self.words(first, end) in grammar_zh.ADDRESS

    def is_latin(self, first: int) -> bool:
        """Whether a word is written in Latin letters."""
        return int(self.found.words.kinds[first]) == LETTER


_REACH: Final = 8
"""Words behind the name of another city within which a name is that city's."""


def _abroad(items: list[Mention | tuple[int, int, int]], kinds_of: Any, written: _Written) -> None:
    """Names that are another city's: those behind its name, up to where this city or an area of it is named.

    Where the text says that it is there (我在广州, 地址：), all of the sentence is; in English the city stands last.
    """
    reach: int | None = None
    declared = False
    said: list[Mention] = []
    for nth, item in enumerate(items):
        if isinstance(item, Mention):
            said.append(item)
            if reach is None:
                continue
            home = Kind.AREA in kinds_of(item.row) and item.first - reach > 1
            if home or written.names_the_city(reach, item.first):
                reach = None
            elif declared or item.first - reach <= _REACH:
                _less(item, NOT_HERE, "elsewhere")
                reach = item.end
            continue
        kind, first, end = item
        if kind == Cue.STOP:
            reach, said = None, []
        elif not declared and reach is not None and (kind == Cue.COMMA or (kind == Cue.HERE and first > reach)):
            # A lorry from Hunan may stand here.
            reach = None
        elif kind == Cue.ELSEWHERE:
            before, after = _beside(items, nth)
            if (before and before[0] == Cue.FROM) or (after and after[0] == Cue.GO):
                continue
            heads = first == 0 or before is None or before[0] in (Cue.STOP, Cue.COMMA)
            declared = (before is not None and before[0] == Cue.HERE) or (
                heads and after is not None and after[0] == Cue.COMMA and written.is_in_full(first, end)
            )
            reach = end
            if declared and _after_address(items[:nth], written):
                _all_abroad(said, kinds_of)
            elif written.is_latin(first):
                _its_city(said, first)


def _beside(items: list[Mention | tuple[int, int, int]], at: int) -> tuple[Any, Any]:
    """The words of the grammar right before and behind an item."""
    _, first, end = items[at]  # type: ignore[misc]
    before = items[at - 1] if at else None
    after = items[at + 1] if at + 1 < len(items) else None
    return (
        before if isinstance(before, tuple) and first - before[2] <= 1 else None,
        after if isinstance(after, tuple) and after[1] - end <= 1 else None,
    )


def _after_address(items: list[Mention | tuple[int, int, int]], written: _Written) -> bool:
    """Whether the words before say that an address follows: 地点在."""
    for item in items[:-3:-1]:
        if isinstance(item, Mention) or item[0] != Cue.HERE:
            return False
        if written.is_address(item[1], item[2]):
            return True
    return False


def _all_abroad(said: list[Mention], kinds_of: Any) -> None:
    if not any(Kind.AREA in kinds_of(one.row) for one in said):
        for one in said:
            _less(one, NOT_HERE, "elsewhere")


def _its_city(said: list[Mention], first: int) -> None:
    """What stands before its city: Broad Street & Market Street, Newark."""
    for one in reversed(said):
        if first - one.end > 3:
            return
        _less(one, NOT_HERE, "elsewhere")
        first = one.first


def _less(mention: Mention, role: float, why: str) -> None:
    if role < mention.role:
        mention.role, mention.why = role, why


def _after(mention: Mention, item: Any) -> None:
    """What the word behind a name says of it."""
    kind, first, _ = item
    apart = first - mention.end
    if apart == 0 and kind == Cue.NOUN:
        mention.joined = True
    elif apart == 0 and kind == Cue.LIKE:
        _less(mention, PERHAPS_ANOTHER_TIME, "compared")
    elif apart <= 1 and kind == Cue.CROSSING:
        mention.crossing_after = True
    elif apart <= 1 and kind == Cue.NEAR:
        mention.near = True
    elif apart == 0 and kind == Cue.INSIDE:
        mention.inside = True


def _bind(made: Reading, items: list[Mention | tuple[int, int, int]], clauses: list[set[int]], kinds_of: Any) -> None:
    """Names to statements: two joined roads cross, a road and two others is a stretch, any other stands alone."""
    mentions = [item for item in items if isinstance(item, Mention)]
    position = {id(item): nth for nth, item in enumerate(items)}
    used: set[int] = set()
    for nth, mention in enumerate(mentions):
        kinds = kinds_of(mention.row)
        if Kind.AREA in kinds:
            made.areas.append(mention)
        if id(mention) in used:
            continue
        following = mentions[nth + 1] if nth + 1 < len(mentions) else None
        if Kind.ROAD in kinds and following and following.sentence == mention.sentence:
            further = mentions[nth + 2] if nth + 2 < len(mentions) else None
            cues = _between(items, position[id(mention)], position[id(following)])
            stretch = _stretch(mention, following, further, items, position, clauses, kinds_of)
            if stretch:
                made.statements.append(stretch)
                used.update(id(one) for one in stretch.mentions)
                continue
            before = items[position[id(mention)] - 1] if position[id(mention)] else None
            strength = _meets(mention, following, cues, before, kinds_of)
            if strength:
                made.statements.append(Statement(Relation.CROSSING, (mention, following), strength))
                used.update((id(mention), id(following)))
                continue
        unknown = mention.crossing_after or _opens(items, position[id(mention)])
        made.statements.append(Statement(Relation.PLACE, (mention,), 1.0, unknown=Kind.ROAD in kinds and unknown))
        if Kind.ROAD in kinds and unknown:
            made.gaps.append((mention.first, mention.end))


def _between(items: list[Any], low: int, high: int) -> list[tuple[int, int, int]]:
    return [item for item in items[low + 1 : high] if not isinstance(item, Mention)]


def _opens(items: list[Any], at: int) -> bool:
    """Whether a join and then a crossing follow without a second name that is known."""
    seen = False
    for item in items[at + 1 : at + 5]:
        if isinstance(item, Mention):
            return False
        if item[0] in (Cue.STOP, Cue.COMMA):
            return False
        if item[0] in (Cue.JOIN, Cue.AND):
            seen = True
        elif item[0] == Cue.CROSSING:
            return seen
    return False


def _meets(first: Mention, second: Mention, cues: list[tuple[int, int, int]], before: Any, kinds_of: Any) -> float:
    """How surely two names mean their crossing; 0 where they do not."""
    if Kind.ROAD not in kinds_of(second.row):
        return 0.0
    said = [cue[0] for cue in cues]
    covered = sum(cue[2] - cue[1] for cue in cues)
    if second.first - first.end - covered > 1 or any(kind not in _JOINS for kind in said):
        return 0.0
    corner = isinstance(before, tuple) and before[0] in (Cue.CORNER, Cue.CROSSING) and first.first - before[2] <= 1
    if second.crossing_after or corner:
        return 1.0
    if not said:
        return 0.75 if second.first == first.end else 0.0
    if Cue.JOIN in said:
        return 0.9
    if said[0] == Cue.HERE:
        return 0.9
    return 0.8 if said[0] == Cue.AND else 0.0


def _stretch(
    road: Mention, second: Mention, third: Mention | None, items: list[Any], position: dict[int, int],
    clauses: list[set[int]], kinds_of: Any,
) -> Statement | None:  # fmt: skip
    """A road from one place to another: 深南大道香蜜湖路至红荔路段, Broadway between W 72 St and W 73 St."""
    if third is None or third.sentence != road.sentence or third.first - road.end > 24:
        return None
    clause = clauses[third.clause]
    early = [cue[0] for cue in _between(items, position[id(road)], position[id(second)])]
    late = [cue[0] for cue in _between(items, position[id(second)], position[id(third)])]
    if any(kind in (Cue.STOP, Cue.COMMA) for kind in (*early, *late)):
        return None
    if Cue.BETWEEN in early and (Cue.AND in late or Cue.JOIN in late):
        return Statement(Relation.STRETCH, (road, second, third))
    to = Cue.TO in late or late == [Cue.JOIN] or (Cue.BETWEEN in clause and late in ([Cue.JOIN], [Cue.AND]))
    told = Cue.FROM in early or clause & {Cue.STRETCH, Cue.BETWEEN} or Cue.BETWEEN in clause
    if to and told and not clause & {Cue.RIDE, Cue.GO} and Kind.ROAD in kinds_of(road.row):
        for mention in (second, third):
            if mention.why == "passed":
                mention.role, mention.why = 1.0, ""
        return Statement(Relation.STRETCH, (road, second, third))
    return None
