"""One report on its way to a ticket: what it says and what was found out about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from geoapp.lifecycle import OPEN, State
from geoapp.records import Problem
from importers.base import Report


@dataclass(frozen=True, slots=True)
class Case:
    """body, address and note are redacted; lon, lat in WGS-84 degrees, None while unplaced; quad as in ticket.quad."""

    report: Report
    said_at: datetime
    hash: UUID
    occurrence: int
    receipt: str | None
    body: str
    address: str
    note: str
    lon: float | None
    lat: float | None
    problem: Problem | None
    matter_id: int | None
    unit_id: int | None
    site_id: int | None
    quad: int
    area_keys: tuple[int, ...]
    owned: bool
    radius_m: float | None
    urgent: bool
    public: bool

    @property
    def placed(self) -> bool:
        """Whether it can be a ticket: a ticket has a place."""
        return self.problem is None

    @property
    def redacted(self) -> bool:
        """Whether the public words differ from the original ones."""
        return self.body != self.report.body or self.address != self.report.address

    @property
    def state(self) -> State:
        """Where its ticket stands as the source says, else at the beginning."""
        return State(self.report.standing.state) if self.report.standing else State.REGISTERED

    @property
    def outcome(self) -> str | None:
        """What the source says came of it; only what has ended has an outcome."""
        standing = self.report.standing
        return standing.outcome if standing and self.state not in OPEN else None

    @property
    def stands_since(self) -> datetime:
        """Since when it stands so, never before it was said."""
        standing = self.report.standing
        return max(standing.at, self.said_at) if standing and standing.at else self.said_at

    @property
    def ended_at(self) -> datetime | None:
        """When its ticket ended, None while it goes on."""
        return self.stands_since if self.state not in OPEN else None
