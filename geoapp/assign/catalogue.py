"""One line of the catalogue (事项目录): a matter, under its category, with the standards and times it is held to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from geoapp.assign.clocks import Clock

CLOCKS: Final = tuple(str(clock) for clock in Clock)
"""The named clocks for which a matter may have times of its own."""

NATURES: Final = ("component", "event")
"""What a matter is about: a thing that is out of order (部件), or something that goes on (事件)."""

Names = Mapping[str, str]
"""Words by language."""


@dataclass(frozen=True, slots=True)
class CatalogueMatter:
    """One matter of the catalogue; minutes are its default times by clock, a parent is the category above its own."""

    code: str
    category: str
    names: Names = field(default_factory=dict)
    category_names: Names = field(default_factory=dict)
    parent: str = ""
    parent_names: Names = field(default_factory=dict)
    nature: str = ""
    keywords: tuple[str, ...] = ()
    urgent: bool = False
    public: bool = True
    offered: bool = False
    std_code: str = ""
    filing_standard: Names = field(default_factory=dict)
    closing_standard: Names = field(default_factory=dict)
    minutes: Mapping[str, int] = field(default_factory=dict)
