"""One report on its way to a ticket: what it says and what was found out about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from geoapp.lifecycle import OPEN, State
from geoapp.records import Problem
from importers.base import Report


@dataclass(frozen=True, slots=True)
class Case:
    """body, address and note are redacted; lon, lat in WGS-84 degrees, None while unplaced; quad as in ticket.quad.

    state, outcome and since are where its ticket stands, as the source says, else at the beginning.
    """

    report: Report
    said_at: datetime
    hash: str
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
    state: State
    outcome: str | None
    since: datetime

    @property
    def placed(self) -> bool:
        """Whether it can be a ticket: a ticket has a place."""
        return self.problem is None

    @property
    def redacted(self) -> bool:
        """Whether the public words differ from the original ones."""
        return self.body != self.report.body or self.address != self.report.address

    @property
    def ended_at(self) -> datetime | None:
        """When its ticket ended, None while it goes on."""
        return None if self.state in OPEN else self.since
