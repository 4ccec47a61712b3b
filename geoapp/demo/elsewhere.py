"""A stage on the real layers of a loaded city: made-up problems along its roads, under a number that says so.

Nothing bad is told of anybody there: no contractor fails, no office is late and none disputes, for all would be real;
of repairs it is not said who made them, nor until when they are liable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Engine

from geoapp.assign.areas import NONE, AreaLayer, Ground
from geoapp.assign.assets import STRETCH_M, AssetLayer
from geoapp.city import City, MatterSpec, called
from geoapp.demo import words
from geoapp.demo.matter import Told
from geoapp.demo.spots import ROADS, Pool
from geoapp.demo.stage import Office, Stage
from geoapp.locate.datum import Floats, degrees, project, transformer
from geoapp.records import AssetAnswer
from geoapp.store.ground import ground
from geoapp.store.queries import features
from geoapp.tickets.numbers import SYNTHETIC

_PLACES: Final = 60_000
_EVERY_M: Final = 20.0
_BLOCK_M: Final = 800.0
_IN_AREAS: Final = 20_000


def marked(city: City) -> City:
    """The city as its planted tickets know it."""
    return city if city.synthetic else replace(city, prefix=SYNTHETIC)


def stage(engine: Engine, city: City) -> Stage:
    """The stage of a loaded city: its roads, its assets that matters are of, its areas that answer."""
    with engine.connect() as connection:
        here = ground(connection, city)
        named = {
            layer.name: features.by_code(
                connection, city.id, layer.name, layer.version, [layer.code(at) for at in range(len(layer.codes))]
            )
            for layer in (*here.roads[:1], *here.assets)
        }
    areas = here.layer(here.responsible)
    chance = np.random.default_rng((17, len(areas.codes)))
    language = "zh" if "zh" in city.languages[:1] else "en"
    pools = {ROADS: _roads(chance, city, here, areas, named, language)}
    for layer in here.assets:
        if layer.matters and (pool := _assets(chance, city, layer, areas, named[layer.name], language)) is not None:
            pools[layer.name] = pool
    told = tuple(_told(spec, here, pools, language, nth) for nth, spec in enumerate(city.matters or words.MATTERS))
    heaviest = pools[ROADS].xy[np.argsort(pools[ROADS].weight)[-200:]]
    offices = tuple(
        Office(code, called(names, language, code)) for code, names in zip(areas.codes, areas.names, strict=True)
    )
    return Stage(
        told, pools, offices, np.median(heaviest, axis=0, keepdims=True), city.metric_crs, (0.0, 0.0),
        city.time_zone, language, made_up=False, shifted=city.code == "shenzhen" or city.calendar == "CN",
    )  # fmt: skip


def _told(spec: MatterSpec, here: Ground, pools: Mapping[str, Pool], language: str, nth: int) -> Told:
    """A matter of the city's own catalogue, with words for it that anybody could have said."""
    on = next((layer.name for layer in here.assets if spec.code in layer.matters and layer.name in pools), ROADS)
    name = spec.names.get(language) or spec.names.get("en") or spec.code
    says = (f"{name}，影响通行。", f"{name}，已经好几天了。") if language == "zh" else (name, f"{name}, for days now")
    return Told(spec, on, 10 / (4 + nth), 0.4, "any", says)


def _roads(
    chance: np.random.Generator, city: City, here: Ground, areas: AreaLayer,
    named: Mapping[str, Mapping[str, AssetAnswer]], language: str,
) -> Pool:  # fmt: skip
    """Places along the roads, their sites the stretches; within the areas where the city has no roads."""
    if not here.roads:
        return _within(chance, city, areas)
    layer = here.roads[0]
    lines = project(np.array([layer.shape(at) for at in range(len(layer.codes))], dtype=object), city.metric_crs)
    length = shapely.length(lines)
    step = max(_EVERY_M, float(length.sum()) / _PLACES)
    count = np.floor(length / step).astype(np.int64)
    road = np.repeat(np.arange(len(length)), count)
    along = (np.arange(len(road)) - np.repeat(np.cumsum(count) - count, count) + 0.5) * step
    xy = shapely.get_coordinates(shapely.line_interpolate_point(lines[road], along))
    lon, lat = degrees(xy[:, 0], xy[:, 1], city.metric_crs)
    found = layer.find(lon, lat)
    stretch = (found.along // STRETCH_M).astype(np.int64)
    sure = (found.at == road) & (np.abs(found.along % STRETCH_M - STRETCH_M / 2) < STRETCH_M * 0.4)
    codes = [layer.code(at) for at in range(len(layer.codes))]
    names = [
        called(named[layer.name][code].names if code in named[layer.name] else {}, language, code) for code in codes
    ]
    sites = [
        f"{layer.name}:{codes[at]}:{nth}" if at >= 0 else ""
        for at, nth in zip(found.at.tolist(), stretch.tolist(), strict=True)
    ]
    return _pool(
        chance, xy, areas.find(lon, lat), sites, [codes[at] for at in road.tolist()],
        [names[at] for at in road.tolist()], language, sure,
    )  # fmt: skip


def _within(chance: np.random.Generator, city: City, areas: AreaLayer) -> Pool:
    """Places anywhere in the areas."""
    west, south, east, north = shapely.total_bounds(areas.outlines)
    lon, lat = chance.uniform(west, east, _IN_AREAS * 4), chance.uniform(south, north, _IN_AREAS * 4)
    office = areas.find(lon, lat)
    kept = np.flatnonzero(office != NONE)[:_IN_AREAS]
    xy = np.column_stack(transformer("EPSG:4326", city.metric_crs).transform(lon[kept], lat[kept]))
    names = [called(areas.names[at], city.languages[0], areas.codes[at]) for at in office[kept].tolist()]
    nothing = [""] * len(kept)
    return _pool(chance, xy, office[kept], nothing, nothing, names, city.languages[0], np.ones(len(kept), dtype=bool))


def _assets(
    chance: np.random.Generator, city: City, layer: AssetLayer, areas: AreaLayer, named: Mapping[str, AssetAnswer],
    language: str,
) -> Pool | None:  # fmt: skip
    """A layer's assets; None where they are lines, which roads are enough of, or none lies in an area that answers."""
    if shapely.get_dimensions(layer.shape(0)) == 1:
        return None
    codes = [layer.code(at) for at in range(len(layer.codes))]
    lon, lat = layer.places(range(len(codes)), [0.0] * len(codes))
    office = areas.find(lon, lat)
    if not (office != NONE).any():
        return None
    xy = np.column_stack(transformer("EPSG:4326", city.metric_crs).transform(lon, lat))
    names = [called(named[code].names if code in named else {}, language, code) for code in codes]
    sites = [f"{layer.name}:{code}" for code in codes]
    return _pool(chance, xy, office, sites, codes, names, language, np.ones(len(codes), dtype=bool))


def _pool(
    chance: np.random.Generator, xy: NDArray[np.float64], office: NDArray[np.int64], sites: Sequence[str],
    codes: Sequence[str], names: Sequence[str], language: str, sure: NDArray[np.bool_],
) -> Pool:  # fmt: skip
    """Places with their weights: more where there are many places, which is where people live; none outside."""
    block = np.floor(xy / _BLOCK_M).astype(np.int64)
    _blocks, which, dense = np.unique(block, axis=0, return_inverse=True, return_counts=True)
    weight: Floats = dense[which.ravel()] ** 0.6 * (0.3 + np.minimum(chance.pareto(1.7, len(xy)), 12.0))
    weight = np.where(office == NONE, 0.0, weight)
    near = "附近" if language == "zh" else ""
    return Pool(
        xy, weight / weight.sum(), _objects(sites), _objects(codes), _objects(names),
        _objects([f"{name}{near}" for name in names]), _objects([""] * len(xy)), _objects([""] * len(xy)),
        np.maximum(office, 0), sure & (office != NONE),
    )  # fmt: skip


def _objects(values: Sequence[Any]) -> NDArray[np.object_]:
    return np.array(values, dtype=object)
