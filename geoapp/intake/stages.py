"""Single stages for whoever asks, page or command: where a text is, and whose a point is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import numpy as np
import shapely
from pyproj import Transformer
from sqlalchemy import Connection

from geoapp.assign.areas import AreaLayer, Ground
from geoapp.assign.raster import NONE
from geoapp.city import City
from geoapp.errors import BadField
from geoapp.locate.coordinates import locate
from geoapp.locate.text import TextLocated, locate_text
from geoapp.records import AreaAnswer
from geoapp.store.cities import ground
from geoapp.store.history import ground_at
from geoapp.store.queries import matters

NO_VERSION: Final = "no_version"
"""Nothing is known of the ground at the moment asked for."""

COVERS: Final = "covers"
NO_RULE: Final = "none"


@dataclass(frozen=True, slots=True)
class Found:
    """What `locate` answers: the place a text means and the areas it lies in."""

    query: str
    located: TextLocated
    areas: tuple[AreaAnswer, ...] = ()

    def as_dict(self, language: str) -> dict[str, Any]:
        """The answer as it is printed, names in one language."""
        of = self.located
        return {
            "query": self.query, "lon": _rounded(of.lon), "lat": _rounded(of.lat), "precision": of.precision,
            "radius_m": of.radius_m, "confidence": of.confidence,
            "areas": [_named(area, language) for area in self.areas],
            "evidence": dict(of.evidence), "problem": of.problem,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """A point somebody asks the owner of, in WGS-84 degrees; matter is a code of the catalogue or empty."""

    lon: float
    lat: float
    matter: str = ""


@dataclass(frozen=True, slots=True)
class Assigned:
    """What `assign` answers; unit is the area that answers for what lies in it, None where no rule names one."""

    asked: Asked
    areas: tuple[AreaAnswer, ...] = ()
    unit: AreaAnswer | None = None
    rule: str = NO_RULE
    problem: str | None = None
    evidence: dict[str, Any] = field(default_factory=dict)

    def as_dict(self, language: str) -> dict[str, Any]:
        """The answer as it is printed, names in one language; assets come with their own layers."""
        return {
            "lon": self.asked.lon, "lat": self.asked.lat, "matter": self.asked.matter or None,
            "areas": [
                {**_named(area, language), "kind": area.kind, "quality": area.quality, "border_m": area.border_m}
                for area in self.areas
            ],
            "asset": None,
            "unit": self.unit and _named(self.unit, language),
            "rule": self.rule, "evidence": self.evidence, "problem": self.problem,
        }  # fmt: skip


def locate_words(connection: Connection, city: City, query: str, datum: str = "WGS-84") -> Found:
    """Where a text is; coordinates in it are in the datum."""
    return locate_many(connection, city, [query], datum)[0]


def locate_many(connection: Connection, city: City, queries: Sequence[str], datum: str = "WGS-84") -> list[Found]:
    """Where each of several texts is, in order."""
    here = ground(connection, city)
    located = [locate_text(query, here.in_city, datum) for query in queries]
    placed = [at for at, one in enumerate(located) if one.lon is not None]
    points = [(located[at].lon or 0.0, located[at].lat or 0.0) for at in placed]
    areas = dict(zip(placed, _areas(here, city, points, borders=False), strict=True))
    return [Found(query, one, areas.get(at, ())) for at, (query, one) in enumerate(zip(queries, located, strict=True))]


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
    answers = [Assigned(one, problem=problem) for one, problem in zip(asked, located.problems, strict=True)]
    for position, found in zip(usable, areas, strict=True):
        answers[position] = _assigned(here, asked[position], found)
    return answers


def unknown_matters(connection: Connection, city: City, codes: set[str], *, refuse: bool = False) -> set[str]:
    """Those of the codes that the catalogue does not have.

    Raises:
        BadField: refuse, and there are some.
    """
    unknown = codes - matters.matter_ids(connection, city.id, sorted(codes)).keys() if codes else set()
    if refuse and unknown:
        word = ", ".join(sorted(unknown))
        raise BadField(f"matter: {word}", fields={"matter": word})
    return unknown


def moment(words: str, city: City) -> datetime:
    """A day (meaning its end) or a time, in the city's zone where no offset is given.

    Raises:
        ValueError: it is neither.
    """
    if len(words) <= 10:
        midnight = datetime.combine(date.fromisoformat(words) + timedelta(days=1), time(), city.zone)
        return midnight - timedelta(microseconds=1)
    found = datetime.fromisoformat(words)
    return found if found.tzinfo else found.replace(tzinfo=city.zone)


def _assigned(here: Ground, asked: Asked, areas: tuple[AreaAnswer, ...]) -> Assigned:
    unit = next((area for area in areas if area.layer == here.responsible), None)
    evidence = {"layer": here.responsible, "version": here.versions[here.responsible]}
    return Assigned(asked, areas, unit, COVERS if unit else NO_RULE, None, evidence)


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
        away = _border_m(layer, at[inside].tolist(), lon[inside], lat[inside], city) if borders else None
        for order, position in enumerate(inside.tolist()):
            found[position].append(_area(layer, int(at[position]), None if away is None else away[order]))
    return [tuple(areas) for areas in found]


def _area(layer: AreaLayer, at: int, border_m: float | None) -> AreaAnswer:
    return AreaAnswer(
        int(layer.key_ids[at]), layer.name, layer.kind, layer.codes[at], layer.names[at], layer.version,
        layer.qualities[at], border_m,
    )  # fmt: skip


# Projecting an outline costs more than the question; the layer is kept beside it so that its id stays its own.
_BORDERS: Final[dict[tuple[int, int, str], tuple[AreaLayer, Any]]] = {}
_MOST_BORDERS: Final = 2048


def _border_m(layer: AreaLayer, at: Sequence[int], lon: Any, lat: Any, city: City) -> list[float]:
    """Metres from each point to the border of the area it lies in, in the city's metric CRS."""
    if not len(at):
        return []
    x, y = _to_metric(city.metric_crs).transform(lon, lat)
    lines = np.array([_border(layer, one, city.metric_crs) for one in at], dtype=object)
    return [round(float(away), 1) for away in shapely.distance(lines, shapely.points(x, y))]


def _border(layer: AreaLayer, at: int, metric_crs: str) -> Any:
    key = (id(layer), at, metric_crs)
    kept = _BORDERS.get(key)
    if kept is None:
        turn = _to_metric(metric_crs).transform
        line = shapely.transform(layer.outlines[at].boundary, lambda xy: np.column_stack(turn(xy[:, 0], xy[:, 1])))
        if len(_BORDERS) >= _MOST_BORDERS:
            _BORDERS.clear()
        kept = _BORDERS[key] = (layer, line)
    return kept[1]


def _to_metric(metric_crs: str) -> Transformer:
    # pyproj keeps what it built, so asking again is cheap; a transformer must not be shared by threads.
    return Transformer.from_crs("EPSG:4326", metric_crs, always_xy=True)


def _named(area: AreaAnswer, language: str) -> dict[str, Any]:
    name = area.names.get(language) or next(iter(area.names.values()), area.code)
    return {"layer": area.layer, "code": area.code, "name": name, "version": area.version}


def _rounded(degrees: float | None) -> float | None:
    return None if degrees is None else round(degrees, 7)
