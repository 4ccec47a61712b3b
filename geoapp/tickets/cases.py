"""Reports on their way to tickets, a batch at a time and a column a field: what they say, what was found out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from geoapp.lifecycle import OPEN, State
from geoapp.locate.datum import Floats
from geoapp.records import Problem
from importers.base import Reporter

T = TypeVar("T")
Moment = str
"""A time in UTC as `str` of an aware datetime gives it: such texts sort as the times do, and PostgreSQL reads them."""

_ENDED_NOT: Final = frozenset(state.value for state in OPEN)


def pick(column: Sequence[T], at: Sequence[int]) -> Sequence[T]:
    """The values at ascending positions; all of them are the column itself."""
    return column if len(at) == len(column) else [column[one] for one in at]


@dataclass(frozen=True, slots=True)
class Statements:
    """What each report of a batch says, clean; as columns, since to carry objects costs more than to make them.

    hash is the 128-bit digest of what it says. body, address and note (the source's closing words) are redacted;
    originals has the words where that changed them, by position, as the other mappings have what few reports say.
    posts are (link, pictures, about) as a Report has them; pins how coordinates were got that no source has recorded.
    state, outcome and since are where the source says the matter stands, else at its beginning; spoken: it says so,
    dated: and since when. kept_at has the moment when a row taken up again was put aside.
    """

    ref: Sequence[str | None]
    hash: Sequence[str]
    said_at: Sequence[Moment]
    kind: list[str]
    category: Sequence[str]
    matter: Sequence[str]
    body: Sequence[str]
    address: Sequence[str]
    note: Sequence[str]
    x: Sequence[float | None]
    y: Sequence[float | None]
    crs: Sequence[str]
    unit: Sequence[str]
    unit_name: Sequence[str]
    recorded_area: Sequence[str]
    channel: Sequence[str]
    urgent: Sequence[bool]
    public: Sequence[bool]
    due_at: Sequence[Moment | None]
    state: Sequence[str]
    outcome: Sequence[str | None]
    since: Sequence[Moment]
    spoken: Sequence[bool]
    dated: Sequence[bool]
    reporters: Mapping[int, Reporter]
    originals: Mapping[int, tuple[str, str]]
    measured: Mapping[int, tuple[tuple[str, float, str], ...]]
    posts: Mapping[int, tuple[str, tuple[str, ...], str]]
    pins: Mapping[int, str] = field(default_factory=dict)
    kept_at: Mapping[int, Moment] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.hash)

    def pick(self, at: Sequence[int]) -> Statements:
        """Those at ascending positions."""
        if len(at) == len(self):
            return self
        values: dict[str, Any] = {name: [getattr(self, name)[one] for one in at] for name in COLUMNS}
        return Statements(**values | {name: _moved(getattr(self, name), at) for name in _FEW})


_FEW: Final = ("reporters", "originals", "measured", "posts", "pins", "kept_at")
COLUMNS: Final = tuple(one.name for one in fields(Statements) if one.name not in _FEW)


def _moved(few: Mapping[int, Any], at: Sequence[int]) -> dict[int, Any]:
    return {to: few[one] for to, one in enumerate(at) if one in few} if few else {}


@dataclass(frozen=True, slots=True)
class Sending:
    """What dispatch makes of a ticket: the lead's key, None where it is held; who assists; codes say why, rendered."""

    unit_id: int | None
    codes: str
    assisting: tuple[int, ...] = ()

    @property
    def state(self) -> str:
        """Where the ticket stands by it."""
        return (State.TO_DISPATCH if self.unit_id is None else State.TO_SIGN).value


@dataclass(frozen=True, slots=True)
class Cases:
    """A batch of statements and what was found out about each.

    lon, lat in WGS-84 degrees, NaN while unplaced; point the same as COPY takes it; quad as in ticket.quad;
    area_keys of every layer it lies in; owned: an area answers for it, whose outline is of
    that quality; precision, radius_m and confidence say how well its position is known, found_by of those found by
    their words, which names they were (of layers, never what somebody wrote); conflicts what became of coordinates and
    words that do not agree; recognised: why its matter was taken from
    its words, None where it was named or is not known; sendings what dispatch makes of those that it is for; urgent_by:
    why it is urgent, where its source did not call it so.
    """

    said: Statements
    occurrence: list[int]
    receipt: Sequence[str | None]
    problem: Sequence[Problem | None]
    lon: Floats
    lat: Floats
    point: Sequence[str]
    precision: Sequence[str]
    radius_m: Sequence[float]
    confidence: Sequence[float]
    found_by: Mapping[int, str]
    conflicts: Mapping[int, Mapping[str, Any]]
    quad: NDArray[np.int64]
    area_keys: Sequence[tuple[int, ...]]
    owned: Sequence[bool]
    quality: Sequence[str]
    site_id: Sequence[int | None]
    matter_id: Sequence[int | None]
    recognised: Sequence[Mapping[str, Any] | None]
    unit_id: Sequence[int | None]
    urgent: Sequence[bool]
    urgent_by: Mapping[int, Mapping[str, Any]]
    public: list[bool]
    sendings: Mapping[int, Sending] = field(default_factory=dict)

    def states(self, at: Sequence[int]) -> list[str]:
        """Where the tickets of these positions stand: as their source says, else as they are dispatched."""
        return [self.sendings[one].state if one in self.sendings else self.said.state[one] for one in at]

    def units(self, at: Sequence[int]) -> list[int | None]:
        """Whose the tickets of these positions are, likewise."""
        return [self.sendings[one].unit_id if one in self.sendings else self.unit_id[one] for one in at]

    def __len__(self) -> int:
        return len(self.said)

    def placed(self, at: int) -> bool:
        """Whether it can be a ticket: a ticket has a place."""
        return self.problem[at] is None

    def ended_at(self, at: int) -> Moment | None:
        """When its ticket ended, None while it goes on."""
        return None if self.said.state[at] in _ENDED_NOT else self.said.since[at]
