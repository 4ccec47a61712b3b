"""Single stages for whoever asks, page or command: where a text is, and whose a point is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, Protocol, TypeVar

import numpy as np
from sqlalchemy import Connection, Engine

from geoapp.assign.areas import AreaLayer, Ground
from geoapp.assign.asking import Cases
from geoapp.assign.assets import choose
from geoapp.assign.dispatch import Dispatch
from geoapp.assign.raster import NONE
from geoapp.assign.sites import Site, sites
from geoapp.city import City, called
from geoapp.errors import BadField
from geoapp.intake.dispatching import dispatched, in_force, positions
from geoapp.intake.online import PATIENCE_S, Unanswered, ask
from geoapp.intake.texts import LONGEST_M, locate_texts, named_instead
from geoapp.intake.things import Units
from geoapp.locate.answer import NAMES, Answer, Precision
from geoapp.locate.conflict import Conflict
from geoapp.locate.coordinates import RADIUS_M, locate
from geoapp.locate.datum import Floats
from geoapp.records import AreaAnswer, AssetAnswer
from geoapp.store.ground import ground, ground_at
from geoapp.store.queries import features
from geoapp.store.queries import matters as catalogue

NO_VERSION: Final = "no_version"
"""Nothing is known of the ground at the moment asked for."""

YEARS: Final = range(1900, 2201)
"""As filters have them."""

COVERS: Final = "covers"
BY_LIST: Final = "list"
NO_RULE: Final = "none"


class OnLayer(Protocol):
    """An area, as much of it as tells whose it is."""

    @property
    def layer(self) -> str:
        """Its layer's name."""

    @property
    def code(self) -> str:
        """Its code."""

    @property
    def names(self) -> Mapping[str, str]:
        """Its names by language."""

    @property
    def version(self) -> int:
        """The version of its layer."""


A = TypeVar("A", bound=OnLayer)
D = TypeVar("D", date, datetime)


@dataclass(frozen=True, slots=True)
class Found:
    """What `locate` answers: the place a text means and the areas it lies in.

    conflict: of coordinates in the text and a place it names, whether they agree and which is believed. online: why an
    online geocoder that was asked gave no place.
    """

    query: str
    located: Answer
    areas: tuple[AreaAnswer, ...] = ()
    conflict: Conflict | None = None
    online: Unanswered | None = None

    def as_dict(self, language: str) -> dict[str, Any]:
        """The answer as it is printed, names in one language."""
        of = self.located
        return {
            "query": self.query, "lon": _rounded(of.lon), "lat": _rounded(of.lat), "precision": of.precision,
            "radius_m": of.radius_m, "confidence": of.confidence,
            "areas": [_named(area, language) for area in self.areas],
            "evidence": of.evidence
            | ({"conflict": self.conflict.as_dict()} if self.conflict else {})
            | ({"online": self.online.as_dict()} if self.online else {}),
            "problem": of.problem,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """A point somebody asks the owner of, in WGS-84 degrees; matter is a code of the catalogue or empty."""

    lon: float
    lat: float
    matter: str = ""


@dataclass(frozen=True, slots=True)
class ByList:
    """What the list of responsibilities says of a matter at a point; batch is its number, names those of units."""

    of: Dispatch
    batch: str
    names: Mapping[str, Mapping[str, str]]

    def unit(self, code: str, language: str) -> dict[str, Any]:
        """A unit in the words of a language."""
        return {"code": code, "name": called(self.names.get(code, {}), language, code)}

    def as_dict(self, language: str) -> dict[str, Any]:
        """As it is printed: the line that fired and what it lost against, and why a person would have to look."""
        one = self.of
        return {
            "list": self.batch, "line": one.line or None, "unit": self.unit(one.unit, language) if one.unit else None,
            "assisting": [self.unit(code, language) for code in one.assisting],
            "runner_up": self.unit(one.runner_up, language) if one.runner_up else None,
            "runner_up_line": one.runner_up_line or None, "lost_by": one.lost or None, "border_m": one.border_m,
            "held": [str(reason) for reason in one.held],
            "across": self.unit(one.across, language) if one.across else None,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Assigned:
    """What `assign` answers; unit is the area that answers for what lies in it, None where no rule names one.

    by_list: what the list says, where one is in force and a matter was asked about; its unit goes before the area.
    """

    asked: Asked
    areas: tuple[AreaAnswer, ...] = ()
    asset: AssetAnswer | None = None
    site: Site | None = None
    unit: AreaAnswer | None = None
    rule: str = NO_RULE
    problem: str | None = None
    evidence: dict[str, Any] = field(default_factory=dict)
    by_list: ByList | None = None

    def as_dict(self, language: str) -> dict[str, Any]:
        """The answer as it is printed, names in one language; without a list nothing tells of one."""
        found = self.by_list
        named = found and found.of.unit and {"layer": None, **found.unit(found.of.unit, language), "version": None}
        return {
            "lon": self.asked.lon, "lat": self.asked.lat, "matter": self.asked.matter or None,
            "areas": [
                {**_named(area, language), "kind": area.kind, "quality": area.quality, "border_m": area.border_m}
                for area in self.areas
            ],
            "asset": self.asset and _asset(self.asset, language),
            "site": self.site and {"kind": self.site.kind, "key": self.site.key},
            "unit": named or (self.unit and as_unit(self.unit, language)),
            "rule": BY_LIST if named else self.rule, "evidence": self.evidence, "problem": self.problem,
            **({"dispatch": found.as_dict(language)} if found else {}),
        }  # fmt: skip


def answering(areas: Sequence[A], responsible: str) -> A | None:
    """The area that answers for what lies in it: the one on the city's responsible layer."""
    return next((area for area in areas if area.layer == responsible), None)


def as_unit(area: OnLayer, language: str) -> dict[str, Any]:
    """An area as the unit it is for whatever nobody else was named for; page, API and command say it alike."""
    return _named(area, language)


def locate_words(connection: Connection, city: City, query: str, datum: str = "WGS-84") -> Found:
    """Where a text is; coordinates in it are in the datum."""
    return locate_many(connection, city, [query], datum)[0]


def locate_many(connection: Connection, city: City, queries: Sequence[str], datum: str = "WGS-84") -> list[Found]:
    """Where each of several texts is, in order: by the coordinates written in it, else by its words.

    Of a text that has both, coordinates and words are held against each other.
    """
    here = ground(connection, city)
    found = locate_texts(connection, city, here, queries, datum)
    placed = [at for at, one in enumerate(found) if one.answer.lon is not None]
    points = [(found[at].answer.lon or 0.0, found[at].answer.lat or 0.0) for at in placed]
    areas = dict(zip(placed, _areas(here, city, points, borders=False), strict=True))
    for at in placed:
        answer = found[at].answer
        if answer.precision == Precision.AREA:
            # Which of the finer areas within an area it lies in, its middle does not say.
            named = set(answer.areas)
            areas[at] = tuple(area for area in areas[at] if named & set(area.names.values()))
        elif answer.rule == NAMES:
            areas[at] = _as_named(areas[at], answer, here)
    return [
        Found(query, one.answer, areas.get(at, ()), one.conflict)
        for at, (query, one) in enumerate(zip(queries, found, strict=True))
    ]


def _as_named(areas: tuple[AreaAnswer, ...], of: Answer, here: Ground) -> tuple[AreaAnswer, ...]:
    """The areas of a point, where the words name the neighbour of one with a guessed outline that neighbour."""
    return tuple(_neighbour(area, of, here) for area in areas)


def _neighbour(area: AreaAnswer, of: Answer, here: Ground) -> AreaAnswer:
    if area.layer != here.responsible:
        return area
    named = named_instead(here, area.quality, area.names, of.areas)
    return area if named is None else _area(here.layer(area.layer), named, None)


def locate_online(engine: Engine, city: City, found: Sequence[Found], patience_s: float = PATIENCE_S) -> list[Found]:
    """What was located, with what the online geocoder that is set says of those whose words give no place."""
    completed = list(found)
    asked = [at for at, one in enumerate(found) if _waits(one.located)]
    answers = ask(engine, city, [found[at].query for at in asked], patience_s=patience_s)
    with engine.connect() as connection:
        here = ground(connection, city)
    for at, answer in zip(asked, answers, strict=True):
        if isinstance(answer, Unanswered):
            completed[at] = replace(found[at], online=answer)
        else:
            (areas,) = _areas(here, city, [(answer.lon or 0.0, answer.lat or 0.0)], borders=False)
            completed[at] = Found(found[at].query, answer, areas)
    return completed


def _waits(one: Answer) -> bool:
    """Whether a report that says so has no place: an area, or what reaches too far, is none."""
    return one.lon is None or one.precision == Precision.AREA or (one.radius_m or 0.0) > LONGEST_M


def assign_point(
    connection: Connection, city: City, lon: float, lat: float, matter: str = "", at: datetime | None = None
) -> Assigned:
    """Whose a point is, by the ground in force now or at a moment.

    Raises:
        BadField: the catalogue has no such matter.
    """
    if matter:
        unknown_matters(connection, city, {matter}, refuse=True)
    return assign_many(connection, city, [Asked(lon, lat, matter)], at)[0]


def assign_many(
    connection: Connection, city: City, asked: Sequence[Asked], at: datetime | None = None
) -> list[Assigned]:
    """Whose each of several points is, in order; their matters are taken to be known."""
    here = ground(connection, city) if at is None else ground_at(connection, city, at)
    if here is None:
        return [Assigned(one, problem=NO_VERSION) for one in asked]
    located = locate([one.lon for one in asked], [one.lat for one in asked], ["WGS-84"] * len(asked), here.in_city)
    usable = np.flatnonzero(located.placed).tolist()
    areas = _areas(here, city, [(asked[p].lon, asked[p].lat) for p in usable], borders=True)
    lon, lat = located.lon[usable], located.lat[usable]
    matters = [asked[position].matter for position in usable]
    answers = [Assigned(one, problem=problem) for one, problem in zip(asked, located.problems, strict=True)]
    assets = _assets(connection, here, city, lon, lat, matters)
    of = zip(usable, areas, assets, sites(here, lon, lat, matters), strict=True)
    for position, found, asset, site in of:
        answers[position] = _assigned(here, asked[position], found, asset, site)
    about = [position for position in usable if asked[position].matter]
    for position, one in _by_list(connection, city, here, [answers[position] for position in about], at).items():
        answers[about[position]] = replace(answers[about[position]], by_list=one)
    return answers


def _by_list(
    connection: Connection, city: City, here: Ground, answers: Sequence[Assigned], at: datetime | None
) -> dict[int, ByList]:
    """What the list in force at the moment says of these points, each of them about a matter; by position."""
    when = at or datetime.now(UTC)
    of = in_force(connection, city, when) if answers else None
    if of is None:
        return {}
    units, matters = Units.of(connection, city), [one.asked.matter for one in answers]
    categories = catalogue.categories_of(connection, city.id, set(matters))
    count = len(answers)
    cases = Cases(
        matters, [categories.get(matter, "") for matter in matters],
        np.full(count, when.astimezone(city.zone).date(), dtype="datetime64[D]"),
        np.array([one.asked.lon for one in answers]), np.array([one.asked.lat for one in answers]),
        np.full(count, RADIUS_M), np.ones(count),
    )  # fmt: skip
    areas = positions(here, [tuple(area.key_id for area in one.areas) for one in answers])
    found = dispatched(connection, city, here, units, cases, areas, of)
    return {nth: ByList(found.at(nth), of.version, units.names) for nth in range(count)}


def unknown_matters(connection: Connection, city: City, codes: set[str], *, refuse: bool = False) -> set[str]:
    """Those of the codes that the catalogue does not have.

    Raises:
        BadField: refuse, and there are some.
    """
    unknown = codes - catalogue.matter_ids(connection, city.id, sorted(codes)).keys() if codes else set()
    if refuse and unknown:
        word = ", ".join(sorted(unknown))
        raise BadField(f"matter: {word}", fields={"matter": word})
    return unknown


def moment(words: str, city: City) -> datetime:
    """A day (meaning its end) or a time, in the city's zone where no offset is given.

    Raises:
        ValueError: it is neither, or of a year that is a slip: near the ends of the calendar other clocks have none.
    """
    if len(words) <= 10:
        midnight = datetime.combine(_of_our_time(date.fromisoformat(words)) + timedelta(days=1), time(), city.zone)
        return midnight - timedelta(microseconds=1)
    found = _of_our_time(datetime.fromisoformat(words))
    return found if found.tzinfo else found.replace(tzinfo=city.zone)


def beginning(words: str, city: City) -> datetime:
    """A day (meaning its beginning) or a time, in the city's zone where no offset is given.

    Raises:
        ValueError: it is neither.
    """
    if len(words) <= 10:
        return datetime.combine(_of_our_time(date.fromisoformat(words)), time(), city.zone)
    return moment(words, city)


def _of_our_time(day: D) -> D:
    if day.year not in YEARS:
        raise ValueError(day)
    return day


def _assigned(
    here: Ground, asked: Asked, areas: tuple[AreaAnswer, ...], asset: AssetAnswer | None, site: Site
) -> Assigned:
    unit = answering(areas, here.responsible)
    evidence: dict[str, Any] = {"layer": here.responsible, "version": here.versions[here.responsible]}
    if unit:
        evidence |= {"border_m": unit.border_m, "quality": unit.quality}
    return Assigned(asked, areas, asset, site, unit, COVERS if unit else NO_RULE, None, evidence)


def _assets(
    connection: Connection, here: Ground, city: City, lon: Floats, lat: Floats, matters: Sequence[str]
) -> list[AssetAnswer | None]:
    """The asset of each point, else the road it is on."""
    found: list[AssetAnswer | None] = [None] * len(lon)
    for layers in (here.assets, here.roads):
        left = np.array([at for at, one in enumerate(found) if one is None], dtype=np.int64)
        chosen = choose(layers, lon[left], lat[left], [matters[at] for at in left.tolist()])
        for nth, layer in enumerate(layers):
            mine = [(at, one) for at, one in zip(left.tolist(), chosen, strict=True) if one and one[0] == nth]
            codes = sorted({layer.code(feature) for _, (_, feature, _) in mine})
            known = features.by_code(connection, city.id, layer.name, layer.version, codes)
            for at, (_, feature, metres) in mine:
                found[at] = replace(known[layer.code(feature)], distance_m=round(metres, 1))
    return found


def _areas(
    here: Ground, city: City, points: Sequence[tuple[float, float]], *, borders: bool
) -> list[tuple[AreaAnswer, ...]]:
    """The areas that each point lies in, in the order of the layers."""
    lon = np.array([point[0] for point in points], dtype=np.float64)
    lat = np.array([point[1] for point in points], dtype=np.float64)
    found: list[list[AreaAnswer]] = [[] for _ in points]
    for layer in here.layers:
        at = layer.find(lon, lat)
        inside = np.flatnonzero(at != NONE)
        away = layer.borders_m(at[inside], lon[inside], lat[inside], city.metric_crs) if borders else None
        for order, position in enumerate(inside.tolist()):
            found[position].append(_area(layer, int(at[position]), None if away is None else away[order]))
    return [tuple(areas) for areas in found]


def _area(layer: AreaLayer, at: int, border_m: float | None) -> AreaAnswer:
    return AreaAnswer(
        int(layer.key_ids[at]), layer.name, layer.kind, layer.codes[at], layer.names[at], layer.version,
        layer.qualities[at], border_m,
    )  # fmt: skip


def _named(area: OnLayer, language: str) -> dict[str, Any]:
    name = called(area.names, language, area.code)
    return {"layer": area.layer, "code": area.code, "name": name, "version": area.version}


def _asset(asset: AssetAnswer, language: str) -> dict[str, Any]:
    name = called(asset.names, language, asset.code)
    return {
        "layer": asset.layer, "code": asset.code, "name": name, "version": asset.version, "quality": asset.quality,
        "class": asset.classed, "authority": asset.authority, "owner": asset.owner, "maintainer": asset.maintainer,
        "distance_m": asset.distance_m,
    }  # fmt: skip


def _rounded(degrees: float | None) -> float | None:
    return None if degrees is None else round(degrees, 7)
