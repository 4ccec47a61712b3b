"""The demo city's ground: levels that nest, roads on firm ground, assets where they belong, names told apart."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import shapely

from geoapp.demo import ground as made
from geoapp.demo import land
from geoapp.demo.areas import DISTRICTS, OFFICES, Level
from geoapp.demo.ground import Ground
from geoapp.intake.redact import redact
from geoapp.store.layers import digest_of


@pytest.fixture(scope="module", params=(1, 5))
def ground(request: pytest.FixtureRequest) -> Ground:
    return made.make(request.param)


def test_the_same_seed_gives_the_same_ground(ground: Ground) -> None:
    def digests(of: Ground) -> dict[str, str]:
        return {layer: digest_of(features) for layer, _, features in made.features(of)}

    one, other = digests(made.make(3)), digests(made.make(3))
    assert one == other
    assert all(one[layer] != digest for layer, digest in digests(ground).items())


def test_each_level_is_made_of_whole_areas_of_the_next(ground: Ground) -> None:
    levels = ground.areas
    assert len(levels.districts.codes) == DISTRICTS and len(levels.offices.codes) == OFFICES
    assert len(levels.communities.codes) > 4 * OFFICES
    assert len(levels.grids.codes) > 3 * len(levels.communities.codes)
    chain = (levels.districts, levels.offices, levels.communities, levels.grids)
    for coarse, fine in pairwise(chain):
        _nests(coarse, fine)


def _nests(coarse: Level, fine: Level) -> None:
    for at, outline in enumerate(coarse.outlines):
        parts = fine.outlines[fine.above == at]
        assert outline.area == pytest.approx(shapely.area(parts).sum(), rel=1e-6)
        assert shapely.union_all(parts).symmetric_difference(outline).area < 1.0


def test_areas_cover_the_dry_land_once_and_the_bridges(ground: Ground) -> None:
    offices = ground.areas.offices.outlines
    firm = ground.country.dry.area + ground.roads.bridges.area
    assert shapely.area(offices).sum() == pytest.approx(firm, rel=1e-6)
    assert shapely.union_all(offices).area == pytest.approx(firm, rel=1e-6)


def test_every_feature_is_valid_and_lies_around_the_centre(ground: Ground) -> None:
    for layer, role, features in made.features(ground):
        shapes = np.array([one.shape for one in features], dtype=object)
        assert shapely.is_valid(shapes).all() and not shapely.is_empty(shapes).any(), layer
        west, south, east, north = shapely.total_bounds(shapes)
        assert 114.35 < west < east < 114.65 and 22.4 < south < north < 22.6, layer
        assert len({one.code for one in features}) == len(features), layer
        assert all(one.names["zh"] and one.names["en"] and one.quality == "synthetic" for one in features), layer
        if role == "assets":
            assert all(one.classed and one.authority and one.owner and one.maintainer for one in features), layer


def test_no_two_roads_or_communities_are_called_the_same(ground: Ground) -> None:
    for names in (ground.roads.names, ground.areas.communities.names, ground.areas.offices.names):
        assert len({zh for zh, _ in names}) == len({en for _, en in names}) == len(names)


def test_there_are_roads_of_every_class_and_bridges(ground: Ground) -> None:
    classes = set(ground.roads.classes.tolist())
    assert classes == {"expressway", "arterial", "collector", "lane"}
    firm = shapely.union_all([ground.country.dry, ground.roads.bridges]).buffer(3)
    assert shapely.covers(firm, ground.roads.lines).all()
    decks = shapely.get_parts(ground.roads.bridges)
    over = shapely.intersects(shapely.buffer(ground.country.river, 1), decks)
    assert over.sum() >= 6 and not over.all()


def test_lamps_stand_at_the_kerb_and_manholes_in_the_road(ground: Ground) -> None:
    for layer, least, most in (("lamps", 0.9, 1.6), ("manholes", 0.0, 0.7)):
        found = ground.assets[layer]
        away = shapely.distance(ground.roads.lines[found.road], found.shapes)
        share = away / (ground.roads.widths[found.road] / 2)
        assert len(share) > 5000 and ((share > least) & (share < most)).mean() > 0.99, layer


def test_the_codes_printed_on_things_are_not_taken_for_private_numbers(ground: Ground) -> None:
    for layer in ("lamps", "manholes"):
        said = [f"灯杆编号{code}。" for code in ground.assets[layer].codes[::97]]
        assert [redact(words) for words in said] == said


def test_the_sheet_is_found_again_from_the_country(ground: Ground) -> None:
    bend = ground.country.bend
    uv = np.random.default_rng(1).uniform((-11000, -4500), (11000, 6500), (500, 2))
    assert np.abs(bend.sheet(bend(uv)) - uv).max() < 15
    assert land.to_degrees(bend(np.zeros((1, 2)))) == pytest.approx(np.array([land.CENTRE]))
