"""Where the reports of a batch are, and what is there: by their coordinates, else by their words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine

from geoapp.assign.areas import NONE, Ground
from geoapp.assign.sites import sites
from geoapp.city import City
from geoapp.intake.texts import CHECK_IN_M, LONGEST_M, TextFound, hold_against, locate_texts, named_instead
from geoapp.locate.answer import Answer, Precision
from geoapp.locate.conflict import Conflict, Given, Point, Winner
from geoapp.locate.coordinates import PRECISION, RADIUS_M, Located, locate
from geoapp.locate.datum import Floats
from geoapp.records import Problem
from geoapp.store import catalogue
from geoapp.store.catalogue import KnownSites
from geoapp.store.ground import ground
from geoapp.store.mercator import quads
from geoapp.tickets.cases import Statements

T = TypeVar("T")
OFFICIAL: Final = "official"
_CHECKED_IN: Final = 0.7
"""How sure it is that somebody speaks of where they were, if their words say nothing of it."""


@dataclass(frozen=True, slots=True)
class Found:
    """What words say of where they are: a point in WGS-84 degrees with how well it is known, or why there is none.

    names are those of the layers that said so, never what somebody wrote; areas those they lie in. conflict: what was
    believed, and why, of coordinates and words that do not agree.
    """

    lon: float | None
    lat: float | None
    precision: str
    radius_m: float
    confidence: float
    names: str
    problem: Problem | None
    conflict: Conflict | None = None
    areas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lying:
    """What is where points of a batch are; one in no area has no key, one without a point neither site nor quad."""

    quads: NDArray[np.int64]
    area_keys: list[tuple[int, ...]]
    owned: list[bool]
    qualities: list[str]
    sites: list[int | None]


@dataclass(frozen=True, slots=True)
class Places:
    """Where the reports of a batch are.

    found_by has the names, as their layers have them, of those found by what they say; conflicts what became of
    coordinates and words that do not agree.
    """

    ground: Ground
    located: Located
    precision: list[str]
    radius_m: list[float]
    confidence: list[float]
    found_by: dict[int, str]
    conflicts: dict[int, dict[str, Any]]
    lying: Lying


def find(
    engine: Engine, city: City, said: Statements, matters: Sequence[str | None], met: KnownSites | None = None
) -> Places:
    """Where each of a batch is, and in what; matters are codes, which choose among assets."""
    with engine.connect() as connection:
        here = ground(connection, city)
        located = locate(said.x, said.y, said.crs, here.in_city)
        found = _silent(connection, city, here, said, located) | _pinned(connection, city, here, said, located)
    located = _completed(located, found)
    precision, radius_m, confidence = _how_well(len(said), found)
    lie = lying(engine, city, here, located.lon, located.lat, matters, met)
    _as_named(here, lie, found)
    conflicts = {at: one.conflict.as_dict() for at, one in found.items() if one.conflict and not one.conflict.agree}
    names = {at: one.names for at, one in found.items() if one.names and one.problem is None}
    return Places(here, located, precision, radius_m, confidence, names, conflicts, lie)


def lying(
    engine: Engine, city: City, here: Ground, lon: Floats, lat: Floats, matters: Sequence[str | None],
    met: KnownSites | None = None,
) -> Lying:  # fmt: skip
    """What is at each point of a batch (WGS-84 degrees, NaN where there is none)."""
    placed = np.flatnonzero(np.isfinite(lon))
    at_lon, at_lat = lon[placed], lat[placed]
    found = {layer.name: layer.find(at_lon, at_lat) for layer in here.layers}
    responsible = found[here.responsible]
    ids = catalogue.site_ids(engine, city, sites(here, at_lon, at_lat, [matters[at] for at in placed.tolist()]), met)
    count = len(lon)
    codes = np.zeros(count, dtype=np.int64)
    codes[placed] = quads(at_lon, at_lat)
    return Lying(
        codes,
        _spread(count, placed, _keys(here, found), ()),
        _spread(count, placed, (responsible != NONE).tolist(), False),
        _spread(count, placed, _qualities(here, responsible), OFFICIAL),
        _spread(count, placed, ids, None),
    )  # fmt: skip


def _as_named(here: Ground, lie: Lying, found: Mapping[int, Found]) -> None:
    """Put those whose words name the neighbour of an area with a guessed outline into that neighbour."""
    layer = here.layer(here.responsible)
    for at, one in found.items():
        if not one.areas or lie.qualities[at] == OFFICIAL:
            continue
        nth = next((nth for nth, key in enumerate(layer.key_ids.tolist()) if key in lie.area_keys[at]), None)
        named = None if nth is None else named_instead(here, layer.qualities[nth], layer.names[nth], one.areas)
        if nth is not None and named is not None:
            other = {int(layer.key_ids[nth]): int(layer.key_ids[named])}
            lie.area_keys[at] = tuple(other.get(key, key) for key in lie.area_keys[at])


def by_words(
    connection: Connection, city: City, here: Ground, texts: Sequence[str], recorded: Sequence[str]
) -> list[Found]:
    """Where texts are by the coordinates in them, else by what they name; recorded are their sources' areas.

    An area or a very long road is no place for a ticket: what is said to be somewhere there waits for a person.
    """
    return [_found(one.answer, one.conflict) for one in locate_texts(connection, city, here, texts, recorded=recorded)]


def words_of(address: str, body: str) -> str:
    """The text a report is located by."""
    return " ".join(part for part in (address, body) if part).strip()


def _found(one: Answer, conflict: Conflict | None) -> Found:
    if one.lon is None or one.lat is None:
        return _nowhere(Problem(one.problem) if one.problem else Problem.NO_PLACE, conflict)
    if one.precision == Precision.AREA or (one.radius_m or 0.0) > LONGEST_M:
        return _nowhere(Problem.TOO_COARSE, conflict)
    precision, radius = one.precision or PRECISION, one.radius_m or RADIUS_M
    return Found(one.lon, one.lat, precision, radius, one.confidence, one.called, None, conflict, one.areas)


def _nowhere(problem: Problem, conflict: Conflict | None) -> Found:
    return Found(None, None, PRECISION, RADIUS_M, 0.0, "", problem, conflict)


def _silent(connection: Connection, city: City, here: Ground, said: Statements, located: Located) -> dict[int, Found]:
    """Of reports without coordinates what their words say, by position."""
    silent = [at for at, problem in enumerate(located.problems) if problem is Problem.MISSING]
    texts = {at: words for at in silent if (words := words_of(said.address[at], said.body[at]))}
    if not texts:
        return {}
    recorded = [said.recorded_area[at] for at in texts]
    return dict(zip(texts, by_words(connection, city, here, list(texts.values()), recorded), strict=True))


def _pinned(connection: Connection, city: City, here: Ground, said: Statements, located: Located) -> dict[int, Found]:
    """Of reports whose coordinates no source has recorded what is to be believed beside their words, by position."""
    points: dict[int, Point] = {}
    for at, pin in said.pins.items():
        if located.problems[at] is None:
            given = Given(pin)
            radius = CHECK_IN_M if given is Given.CHECK_IN else RADIUS_M
            points[at] = Point(float(located.lon[at]), float(located.lat[at]), given, radius)
    if not points:
        return {}
    texts = [words_of(said.address[at], said.body[at]) for at in points]
    held = hold_against(connection, city, here, list(points.values()), texts)
    return {at: _believed(point, one) for (at, point), one in zip(points.items(), held, strict=True)}


def _believed(point: Point, beside: TextFound) -> Found:
    """What a point that came with words, and these, are taken to say together."""
    conflict = beside.conflict
    if conflict is not None and conflict.winner is Winner.NEITHER:
        return _nowhere(Problem.CONFLICT, conflict)
    if conflict is not None and conflict.winner is Winner.WORDS:
        return _found(beside.answer, conflict)
    confidence = _CHECKED_IN if point.given is Given.CHECK_IN else 1.0
    return Found(point.lon, point.lat, PRECISION, point.radius_m, confidence, "", None, conflict)


def _completed(located: Located, found: Mapping[int, Found]) -> Located:
    """Points by coordinates, completed by those that words gave, or by why they gave none."""
    if not found:
        return located
    lon, lat, problems = located.lon.copy(), located.lat.copy(), list(located.problems)
    for at, one in found.items():
        problems[at] = one.problem
        lon[at], lat[at] = (np.nan, np.nan) if one.lon is None or one.lat is None else (one.lon, one.lat)
    return Located(lon, lat, tuple(problems))


def _how_well(count: int, found: Mapping[int, Found]) -> tuple[list[str], list[float], list[float]]:
    """Precision, radius and confidence of each position."""
    precision, radius, confidence = [PRECISION] * count, [RADIUS_M] * count, [1.0] * count
    for at, one in found.items():
        precision[at], radius[at], confidence[at] = one.precision, one.radius_m, one.confidence
    return precision, radius, confidence


def _keys(here: Ground, found: Mapping[str, NDArray[np.int64]]) -> list[tuple[int, ...]]:
    """The keys of the areas each point lies in, in the order of the layers."""
    columns = [np.where(found[layer.name] == NONE, 0, layer.key_ids[found[layer.name]]) for layer in here.layers]
    # Few combinations for many points: each is made once.
    made: dict[tuple[int, ...], tuple[int, ...]] = {}
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [made.get(row) or made.setdefault(row, tuple(key for key in row if key)) for row in rows]


def _qualities(here: Ground, responsible: NDArray[np.int64]) -> list[str]:
    """How good the outline of the area that answers is, for each point."""
    qualities = here.layer(here.responsible).qualities
    return [OFFICIAL if at == NONE else qualities[at] for at in responsible.tolist()]


def _spread(count: int, placed: NDArray[np.intp], values: Sequence[T], nothing: T) -> list[T]:
    """Values of the placed ones as a column of the whole batch."""
    if len(values) == count:
        return list(values)
    column = [nothing] * count
    for at, value in zip(placed.tolist(), values, strict=True):
        column[at] = value
    return column
