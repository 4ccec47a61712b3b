"""One line of the responsibilities (责任清单), as lists hold it and dispatch reads it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Duty:
    """One line of the responsibilities (责任清单): whose a matter is, where and of whose thing."""

    code: str  # the line's own name in the list, stable over batches
    category: str = ""  # all matters of it; empty: not asked
    matter: str = ""  # one matter; empty: not asked
    level: str = ""  # the layer whose area decides: "street_offices", "districts", …; empty: the whole city
    area: str = ""  # one area's code of that level; empty: whichever area it lies in
    asset_class: str = ""  # the class of asset (部件) it is about; empty: not asked
    party: str = ""  # authority | owner | maintainer: the asset's party acts; empty: not asked
    unit: str = ""  # the unit's code; empty: the area's own unit, or the party
    assisting: tuple[str, ...] = ()
    priority: int = 0  # the higher goes first among lines equally exact
    person: str = ""  # 责任人
    valid_from: date | None = None
    valid_to: date | None = None  # the last day
    fallback: bool = False  # 兜底: only where no other line answers
