"""All the ground of the demo city, generated from its seed, and the same as features of its layers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geoapp.demo import areas, assets, blocks, coast, land, landmarks, names, parties, plan, roads
from geoapp.demo.areas import Areas, Level
from geoapp.demo.assets import Assets
from geoapp.demo.coast import Country
from geoapp.demo.landmarks import Landmarks
from geoapp.demo.names import Name
from geoapp.demo.parties import Parties
from geoapp.demo.roads import Roads
from layers.base import Feature

_QUALITY: Final = "synthetic"


@dataclass(frozen=True, slots=True)
class Ground:
    """The city's ground, in metres around its centre; assets by the name of their layer."""

    country: Country
    roads: Roads
    areas: Areas
    landmarks: Landmarks
    assets: Mapping[str, Assets]

    def road_parties(self) -> Parties:
        """The three parties of each road, by where its middle lies."""
        of, where = self.roads, self.areas
        located = where.locate(shapely.line_interpolate_point(of.lines, 0.5, normalized=True))
        districts = [zh for zh, _ in where.districts.names]
        offices = [where.offices.names[at][0] for at in located.office.tolist()]
        return parties.of_roads(districts, located.district, of.classes.tolist(), offices)


def make(seed: int) -> Ground:
    """The ground of a seed: the same wherever it is made; each part has a stream of chance of its own."""
    streams = iter(np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(12))
    called = names.bases(next(streams))
    country = coast.make(next(streams))
    streets = roads.make(next(streams), country, called)
    parcels = blocks.enclosed(country, streets)
    where = areas.make(next(streams), country, parcels, streets.bridges, called)
    known = landmarks.make(next(streams), country, streets, where)
    main = known.main()
    found = {
        "parks": assets.parks(blocks.parks(next(streams), country, parcels, called), where),
        "footbridges": assets.footbridges(next(streams), country, streets, where, called),
        "lamps": assets.lamps(country, streets, where),
        "manholes": assets.manholes(next(streams), country, streets, where),
        "signals": assets.signals(streets, where),
        "bus_stops": assets.bus_stops(country, streets, where, known.xy[main], [known.names[at] for at in main]),
    }
    return Ground(country, streets, where, known, found)


def features(ground: Ground) -> Iterator[tuple[str, str, Sequence[Feature]]]:
    """Each layer: its name, the role of its kind, its features in degrees."""
    levels = ground.areas
    for name, level in (
        ("districts", levels.districts), ("street_offices", levels.offices),
        ("communities", levels.communities), ("grids", levels.grids),
    ):  # fmt: skip
        yield name, "areas", _areas(level)
    yield "roads", "roads", _roads(ground)
    for name, found in ground.assets.items():
        yield name, "assets", _assets(found)
    yield "landmarks", "landmarks", _landmarks(ground.landmarks)


def _areas(level: Level) -> list[Feature]:
    return [
        Feature(code, _names(name), _QUALITY, outline)
        for code, name, outline in zip(level.codes, level.names, _outlines(level.outlines), strict=True)
    ]


def _roads(ground: Ground) -> list[Feature]:
    of, keep = ground.roads, ground.road_parties()
    told = zip(
        of.codes, of.names, _degrees(of.lines), of.classes.tolist(), keep.authority, keep.owner, keep.maintainer,
        of.widths.tolist(), strict=True,
    )  # fmt: skip
    return [
        Feature(code, _names(name), _QUALITY, line, classed, authority, owner, maintainer, {"width_m": width})
        for code, name, line, classed, authority, owner, maintainer, width in told
    ]


def _assets(of: Assets) -> list[Feature]:
    keep = of.parties
    told = zip(
        of.codes, of.names, _degrees(of.shapes), of.classes, keep.authority, keep.owner, keep.maintainer,
        of.attributes, strict=True,
    )  # fmt: skip
    return [
        Feature(code, _names(name), _QUALITY, shape, classed, authority, owner, maintainer, attributes)
        for code, name, shape, classed, authority, owner, maintainer, attributes in told
    ]


def _landmarks(of: Landmarks) -> list[Feature]:
    told = zip(of.codes, of.names, _degrees(plan.dots(of.xy)), of.classes, strict=True)
    return [Feature(code, _names(name), _QUALITY, shape, classed) for code, name, shape, classed in told]


def _outlines(shapes: NDArray[np.object_]) -> NDArray[Any]:
    turned = _degrees(shapes)
    wrong = np.flatnonzero(~shapely.is_valid(turned))
    turned[wrong] = [land.mended(shapely.make_valid(one)) for one in turned[wrong]]
    return turned


def _degrees(shapes: NDArray[np.object_]) -> NDArray[Any]:
    return np.asarray(shapely.transform(shapes, land.to_degrees), dtype=object)


def _names(name: Name) -> dict[str, str]:
    return {"zh": name[0], "en": name[1]}
