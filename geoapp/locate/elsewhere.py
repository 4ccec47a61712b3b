"""What of a text is another city's: names behind that city's name, or all that an address there says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from geoapp.locate import grammar_zh
from geoapp.locate.cues import Cue
from geoapp.locate.found import Found
from geoapp.locate.mentions import Item, Mention, less
from geoapp.locate.names import Kind
from geoapp.locate.normalise import LETTER

NOT_HERE: Final = 0.05


@dataclass(frozen=True, slots=True)
class Written:
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


def abroad(items: list[Item], kinds_of: Any, written: Written) -> None:
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
                less(item, NOT_HERE, "elsewhere")
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


def _beside(items: list[Item], at: int) -> tuple[Any, Any]:
    """The words of the grammar right before and behind an item."""
    _, first, end = items[at]  # type: ignore[misc]
    before = items[at - 1] if at else None
    after = items[at + 1] if at + 1 < len(items) else None
    return (
        before if isinstance(before, tuple) and first - before[2] <= 1 else None,
        after if isinstance(after, tuple) and after[1] - end <= 1 else None,
    )


def _after_address(items: list[Item], written: Written) -> bool:
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
            less(one, NOT_HERE, "elsewhere")


def _its_city(said: list[Mention], first: int) -> None:
    """What stands before its city: Broad Street & Market Street, Newark."""
    for one in reversed(said):
        if first - one.end > 3:
            return
        less(one, NOT_HERE, "elsewhere")
        first = one.first
