"""One group of the demo city's catalogue: things, and what can be wrong with each of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from geoapp.demo.names import Name

URGENT: Final = "!"
"""Stands before what cannot wait."""


@dataclass(frozen=True, slots=True)
class Subjects:
    """Things and their problems, each of which with each is a matter; days is how long one takes.

    since and until say in which of the two batches they stand: those that came, and those that went.
    """

    category: str
    nature: str
    things: tuple[Name, ...]
    problems: tuple[Name, ...]
    days: int
    public: bool = True
    came: bool = False
    went: bool = False

    def pairs(self) -> Iterator[tuple[int, int, Name, Name, bool]]:
        """Each matter: the number of its thing and of its problem, both, and whether it is urgent."""
        for nth, thing in enumerate(self.things, 1):
            for at, (zh, en) in enumerate(self.problems, 1):
                yield nth, at, thing, (zh.removeprefix(URGENT), en), zh.startswith(URGENT)


def named(words: str) -> tuple[Name, ...]:
    """Names from "中文 English | 中文 English"."""
    pairs = (word.strip().split(" ", 1) for word in words.split("|"))
    return tuple((zh, en.strip()) for zh, en in pairs)


def subjects(
    category: str, nature: str, days: int, things: str, problems: str, *,
    public: bool = True, came: bool = False, went: bool = False,
) -> Subjects:  # fmt: skip
    """A group from words parted by bars; "!" stands before a problem that cannot wait."""
    return Subjects(category, nature, named(things), named(problems), days, public, came, went)
