"""One line of a unit's implementation list (实施清单): a step, who takes it, by when, and what is replied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from geoapp.assign.catalogue import Names


@dataclass(frozen=True, slots=True)
class Step:
    """A unit's nth step with a matter, with all of a category, or with anything; reply is a template."""

    code: str
    unit: str
    nth: int
    names: Names = field(default_factory=dict)
    category: str = ""
    matter: str = ""
    role: str = ""
    minutes: int | None = None
    reply: Mapping[str, str] = field(default_factory=dict)
