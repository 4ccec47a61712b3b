"""The frozen records that cross rooms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final


class Problem(StrEnum):
    """Why a report has no place (unplaced, never guessed)."""

    MISSING = "missing"  # no coordinates given
    NOT_FINITE = "not_finite"  # NaN or infinite
    ZERO = "zero"  # 0,0: a form's default, not a place
    SWAPPED = "swapped"  # in the city once east and north change places
    OUTSIDE = "outside"  # a place, but not this city's
    BAD_CRS = "bad_crs"  # the datum or EPSG code is unknown
    # No coordinates were given, and the words:
    NO_PLACE = "no_place"  # name none that is known
    AMBIGUOUS = "ambiguous"  # mean one of several
    TOO_COARSE = "too_coarse"  # name an area, or a road too long to be a place
    ANOTHER_CITY = "another_city"  # speak of another city
    NO_CROSSING = "no_crossing"  # name roads that do not meet
    UNSURE = "unsure"  # may mean a place, but not surely enough
    CONFLICT = "conflict"  # contradict the coordinates beside them, and neither is to be believed


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one report: the answer of the one path, in the order the reports were given.

    status: opened | attached | updated | seen | unplaced | lead (it has a place, and waits to be filed). number is the
    ticket's, None while there is none;
    receipt is the report's own public number (given to reports filed one at a time).
    """

    status: str
    report_id: int
    receipt: str | None
    ticket_id: int | None
    number: str | None
    problem: Problem | None = None
    unowned: bool = False


@dataclass(frozen=True, slots=True)
class AreaAnswer:
    """One area a point lies in, with the layer version that says so."""

    key_id: int
    layer: str
    kind: str
    code: str
    names: Mapping[str, str]
    version: int
    quality: str
    border_m: float | None = None


@dataclass(frozen=True, slots=True)
class AssetAnswer:
    """The asset or road a point is of, with its parties and how far it is; 0 m: it contains the point."""

    layer: str
    code: str
    names: Mapping[str, str]
    version: int
    quality: str
    classed: str
    authority: str | None
    owner: str | None
    maintainer: str | None
    distance_m: float


@dataclass(frozen=True, slots=True)
class Tally:
    """What a run did; every row read stands in exactly one of the counts (updated and opened can both be one row's)."""

    read: int = 0
    opened: int = 0
    attached: int = 0
    updated: int = 0
    seen: int = 0
    unplaced: int = 0
    unowned: int = 0
    rejected: Mapping[str, int] = field(default_factory=dict)
    unplaced_by: Mapping[str, int] = field(default_factory=dict)
    unread_columns: tuple[str, ...] = ()
    seconds: float = 0.0
    leads: int = 0

    def as_dict(self) -> dict[str, Any]:
        """The tally as it is printed with --json and kept with the run."""
        return {
            "read": self.read,
            "opened": self.opened,
            "attached": self.attached,
            "updated": self.updated,
            "seen_before": self.seen,
            "unplaced": self.unplaced,
            "unplaced_by": dict(self.unplaced_by),
            "leads": self.leads,
            "unowned": self.unowned,
            "rejected": dict(self.rejected),
            "unread_columns": list(self.unread_columns),
            "seconds": round(self.seconds, 3),
        }


class Role(StrEnum):
    """A part that a person plays; what each may do stands in people/rights.py."""

    CITIZEN = "citizen"  # 市民
    CALL_TAKER = "call_taker"  # 坐席
    VERIFIER = "verifier"  # 核实员
    FIELD_CHECKER = "field_checker"  # 网格员
    DISPATCHER = "dispatcher"  # 分拨员
    DISTRICT_DISPATCHER = "district_dispatcher"  # 区分拨员
    UNIT_STAFF = "unit_staff"  # 经办人
    UNIT_HEAD = "unit_head"  # 单位负责人
    CREW = "crew"  # 养护班组
    SUPERVISOR = "supervisor"  # 督办员
    VISITOR = "visitor"  # 回访员
    ADJUDICATOR = "adjudicator"  # 裁决员
    PLANNER = "planner"  # 规划员
    ADMINISTRATOR = "administrator"  # 管理员
    API_CLIENT = "api_client"  # 接口客户端


class UnitKind(StrEnum):
    """What a unit is: of the tree of areas, or one that acts beside it."""

    CITY = "city"  # 市
    DISTRICT = "district"  # 区
    STREET_OFFICE = "street_office"  # 街道办
    COMMUNITY = "community"  # 社区
    GRID = "grid"  # 网格
    BUREAU = "bureau"  # 委办局
    COMPANY = "company"  # 企业
    CREW = "crew"  # 养护班组


@dataclass(frozen=True, slots=True)
class Holding:
    """A role as somebody holds it now: in every city where city_id is None, of no unit where line is empty.

    line is the unit's key and those of all units above it, its own first; below its key and those of all below it;
    area_keys are the areas the unit is for.
    """

    role: Role
    city_id: int | None = None
    line: tuple[int, ...] = ()
    area_keys: frozenset[int] = frozenset()
    below: frozenset[int] = frozenset()

    @property
    def unit_id(self) -> int | None:
        """The unit for which the role is held."""
        return self.line[0] if self.line else None


@dataclass(frozen=True, slots=True)
class Sight:
    """What somebody sees beside what is public: all there is, all of some cities, what lies in some areas, and what
    some units handle; keys."""

    everywhere: bool = False
    cities: frozenset[int] = frozenset()
    area_keys: frozenset[int] = frozenset()
    units: frozenset[int] = frozenset()

    def whole(self, city_id: int) -> bool:
        """Whether all of a city's tickets are seen."""
        return self.everywhere or city_id in self.cities

    @property
    def partial(self) -> bool:
        """Whether something is seen that a question about a whole city does not answer."""
        return bool(self.area_keys or self.units)


PUBLIC_ONLY: Final = Sight()
EVERYTHING: Final = Sight(everywhere=True)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has signed in. scopes: what the token at hand allows, None where it is the person in person."""

    account_id: int
    login: str
    name: str
    language: str
    holdings: tuple[Holding, ...] = ()
    scopes: frozenset[str] | None = None
    must_change: bool = False
    demo: bool = False
