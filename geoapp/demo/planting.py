"""What a planted story consists of: things said, each with what becomes of it, step by step where that matters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Step:
    """A move of a ticket made by hand, so many hours after it was said; given are codes, unit the code of one."""

    name: str
    who: str
    after_h: float
    given: Mapping[str, str] = field(default_factory=dict)
    unit: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Works:
    """Works on what was said, in days before now; ended None: they go on, and are to end so many days from now."""

    unit: str
    started: float
    ended: float | None = None
    promised: float | None = None
    assisting: tuple[str, ...] = ()
    hoarding: bool = False
    traffic_plan: bool = False
    liability_days: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Spoken:
    """One thing said so many days ago, of an item of its matter's pool.

    state is where it stands and days how long that took, by chance where left open; due is minutes from now. again: it
    tells the first of its story again. lead: it was found on a platform, and is filed or dropped. With steps it is told
    as if nothing had been done yet, and the steps are made after.
    """

    age: float
    matter: int
    item: int
    state: str = ""
    days: float = NAN
    due: float = NAN
    again: bool = False
    lead: str = ""
    steps: tuple[Step, ...] = ()
    works: Works | None = None


@dataclass(frozen=True, slots=True)
class Planted:
    """A story: its kind, its own name, what was said in the order it was said.

    repeat: the same site each time, repaired each time but the last.
    """

    story: str
    tale: str
    spoken: tuple[Spoken, ...]
    repeat: bool = False

    def __len__(self) -> int:
        return len(self.spoken)
