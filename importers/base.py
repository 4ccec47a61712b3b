"""What a source hands over: the Report, the repair (Maintenance), and what every importer provides."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import ClassVar

PINS = ("recorded", "pinned", "check_in")
"""How coordinates were got: recorded or geocoded by the source, pointed at by whoever reports, or where they were."""

KINDS = ("inquiry", "help", "complaint", "denunciation", "suggestion", "lead")


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who said it: private, kept apart from everything public."""

    name: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the source itself says has become of the matter.

    state is a code of geoapp.lifecycle, outcome one of its outcomes or None where the source does not say;
    at is when, aware; note is the source's own closing words.
    """

    state: str
    at: datetime | None = None
    outcome: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """One thing somebody said (诉求), as its source gives it, nothing derived yet.

    x, y are in crs, x east (longitude, easting) and y north, whatever order the source wrote them in;
    crs is "WGS-84", "GCJ-02", "BD-09" or "EPSG:<code>". Both None: the source gives no coordinates.
    category and matter are the source's own words. recorded_area is the area code the source itself recorded.
    said_at None: it is being said now.
    pin says how the coordinates were got (one of PINS): those pointed at, or where somebody was, are held against what
    the words say.
    link is where it was published and pictures are addresses of its pictures there, neither ever fetched; about is
    the ref, in the same source, of the post it comments on.
    """

    ref: str | None
    said_at: datetime | None
    body: str = ""
    kind: str = "complaint"
    category: str = ""
    matter: str = ""
    address: str = ""
    x: float | None = None
    y: float | None = None
    crs: str = "WGS-84"
    unit: str = ""
    unit_name: str = ""
    recorded_area: str = ""
    channel: str = ""
    urgent: bool = False
    public: bool = True
    due_at: datetime | None = None
    standing: Standing | None = None
    reporter: Reporter | None = None
    measured: tuple[tuple[str, float, str], ...] = ()
    link: str = ""
    pictures: tuple[str, ...] = ()
    about: str = ""
    pin: str = "recorded"


@dataclass(frozen=True, slots=True)
class Maintenance:
    """One repair (维修) as the system that plans and follows it records it, nothing derived yet.

    Where it is: the number of a ticket, else an asset by its code (and the layer that knows it, where codes are not
    unique), else x, y in crs as in Report; address is words. unit does it, assisting are the codes of those who help.
    hoarding, traffic_plan: the place is fenced off, traffic is led round it. as_of is when the system last changed
    the record, None where it does not say.
    """

    ref: str
    ticket: str = ""
    asset: str = ""
    asset_layer: str = ""
    x: float | None = None
    y: float | None = None
    crs: str = "WGS-84"
    address: str = ""
    planned_at: datetime | None = None
    started_at: datetime | None = None
    promised_at: datetime | None = None
    ended_at: datetime | None = None
    unit: str = ""
    unit_name: str = ""
    assisting: tuple[str, ...] = ()
    hoarding: bool = False
    traffic_plan: bool = False
    liability_until: date | None = None
    note: str = ""
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a file: the line it starts on (1 = first of the file) and its fields by name."""

    line: int
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that cannot be used: kept with its reason, so that it can be re-run.

    reason is a short code (`bad_date`, `encoding`, `columns`, `too_long`, …), detail says it in words.
    fields are the record's fields, or {"": text} where it could not be split (cut to 64 KiB).
    """

    line: int
    reason: str
    detail: str
    fields: Mapping[str, str] = field(default_factory=dict)


class RowError(ValueError):
    """One row cannot become a record; reason is its code."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class Source(ABC):
    """One source of records: what is common to all, whatever its records are."""

    name: ClassVar[str]
    """The word after `geoapp import`, the file's own name."""

    provides: ClassVar[str]
    """What its records are, as people are told: reports, repairs."""

    city: str | None = None
    """The city this source always speaks of, else the caller names it."""

    unread: tuple[str, ...] = ()
    """Columns met so far that are neither read nor ignored by name; the run reports them, its rows are read."""

    def _meet(self, strange: Set[str]) -> None:
        """Note columns that nobody reads."""
        if new := strange - set(self.unread):
            self.unread = tuple(sorted({*self.unread, *new}))

    @property
    def source(self) -> str:
        """The source its records bear, with whose refs theirs are compared: its name, unless it reads for many."""
        return self.name

    @abstractmethod
    def rows(self, path: Path) -> Iterator[Row | Rejected]:
        """The file's records in order; memory does not grow with the file.

        Raises:
            geoapp.errors.SourceUnreadable: the file as a whole is none of this source's.
        """


class Importer(Source):
    """One source of reports."""

    provides = "reports"

    @abstractmethod
    def report(self, fields: dict[str, str]) -> Report:
        """One record read; fields is used up (each field popped, the rest is an error).

        Raises:
            RowError: the record cannot be used.
        """


class MaintenanceImporter(Source):
    """One source of repairs."""

    provides = "repairs"

    @abstractmethod
    def maintenance(self, fields: dict[str, str]) -> Maintenance:
        """One record read; fields is used up.

        Raises:
            RowError: the record cannot be used.
        """
