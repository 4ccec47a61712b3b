"""A boundary that moved says which areas split or merged, and which open tickets would change hands."""

from __future__ import annotations

import pytest
import shapely
from sqlalchemy import Engine

from geoapp.city import City
from geoapp.errors import BadField
from geoapp.intake.boundary_change import boundary_change
from geoapp.intake.path import take
from geoapp.store import layers
from geoapp.store.queries import lineage
from importers.base import Standing
from layers.base import Feature
from tests.make import SAID, SOURCE, SQUARES, make_report


def load(engine: Engine, city: City, shapes: dict[str, shapely.Polygon]) -> int:
    features = [Feature(code, {"zh": code}, "synthetic", shapely.MultiPolygon([it])) for code, it in shapes.items()]
    with engine.begin() as connection:
        return layers.load(connection, city, city.layer("offices"), layers.AREAS, features, {})


WEST, EAST = shapely.box(113.9, 22.5, 113.95, 22.6), shapely.box(113.95, 22.5, 114.0, 22.6)
SPLIT = {"A1": WEST, "A5": EAST, **{code: shape for code, shape in SQUARES.items() if code != "A1"}}


def test_a_split_says_what_became_of_the_area_and_which_open_tickets_it_concerns(engine: Engine, city: City) -> None:
    take(engine, city, SOURCE, [
        make_report("west", x=113.92, y=22.55), make_report("east", x=113.97, y=22.55),
        make_report("done", x=113.98, y=22.55, standing=Standing("closed", SAID)),
    ])  # fmt: skip
    load(engine, city, SPLIT)
    with engine.connect() as connection:
        found = boundary_change(connection, city, "offices")
    assert (found.before, found.after, found.unchanged) == (1, 2, 3)
    changes = {one.code: one for one in found.areas}
    assert {code: one.change for code, one in changes.items()} == {"A1": "changed", "A5": "added"}
    assert changes["A1"].became == pytest.approx({"A1": 0.5, "A5": 0.5}, abs=0.001)
    assert changes["A5"].out_of == pytest.approx({"A1": 1.0}, abs=0.001)
    assert found.open_tickets == 2
    (handed,) = found.handed
    assert (handed.before, handed.after, handed.tickets, len(handed.numbers)) == ("A1", "A5", 1, 1)


def test_a_merge_removes_an_area_and_keeps_where_it_went(engine: Engine, city: City) -> None:
    merged = {code: shape for code, shape in SQUARES.items() if code != "A2"}
    merged["A1"] = shapely.union(SQUARES["A1"], SQUARES["A2"])
    load(engine, city, merged)
    with engine.connect() as connection:
        found = boundary_change(connection, city, "offices", 1, 2)
        shares = lineage.carried(connection, city, "offices", 1, 2)
    removed = next(one for one in found.areas if one.code == "A2")
    assert (removed.change, removed.became) == ("removed", {"A1": 1.0})
    assert (shares["A2", "A1"], shares["A1", "A1"], shares["A3", "A3"]) == (1.0, 1.0, 1.0)


def test_figures_are_carried_over_several_changes_and_none_is_lost(engine: Engine, city: City) -> None:
    load(engine, city, SPLIT)
    load(engine, city, {**SPLIT, "A2": shapely.union(SQUARES["A2"], EAST), "A5": shapely.box(0, 0, 1, 1)})
    with engine.connect() as connection:
        shares = lineage.carried(connection, city, "offices", 1, 3)
    assert shares["A1", "A2"] == pytest.approx(0.5, abs=0.001)
    for old in SQUARES:
        assert sum(share for (one, _), share in shares.items() if one == old) == pytest.approx(1, abs=1e-4)


def test_an_outline_drawn_again_is_no_change(engine: Engine, city: City) -> None:
    again = {code: shapely.segmentize(shape, 0.01) for code, shape in SQUARES.items()}
    load(engine, city, again)
    with engine.connect() as connection:
        assert boundary_change(connection, city, "offices").areas == ()


@pytest.mark.parametrize(("layer", "before"), [("offices", None), ("offices", 7), ("nowhere", None)])
def test_versions_that_are_not_there_are_named(engine: Engine, city: City, layer: str, before: int | None) -> None:
    with engine.connect() as connection, pytest.raises(BadField, match="area versions"):
        boundary_change(connection, city, layer, before)
