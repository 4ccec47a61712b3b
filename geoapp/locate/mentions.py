"""What a text says of places, as records: its names with the part each plays, and how they are bound together."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


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


Item = Mention | tuple[int, int, int]
"""A name of a text, or a word of the grammar: (cue, first word, end)."""


def less(mention: Mention, role: float, why: str) -> None:
    """Leave a name no more of its claim than this, and say why."""
    if role < mention.role:
        mention.role, mention.why = role, why
