"""The area of a point is what a plain loop and PostGIS say it is, whatever the batch; ties go to the lowest code."""

from __future__ import annotations

import random

import numpy as np
import psycopg
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geoapp.assign.areas import NONE, AreaLayer, Ground
from geoapp.assign.sites import spots
from geoapp.store.cluster import SUPERUSER, Server

# How long an example takes says how busy the machine is.
UNHURRIED = settings(max_examples=60, deadline=None)

Shape = shapely.Polygon | shapely.MultiPolygon
STEP = 0.0625  # a power of two: corners are the same number whichever way they are reached


def layer_of(shapes: dict[str, Shape], name: str = "offices") -> AreaLayer:
    outlines = np.empty(len(shapes), dtype=object)
    outlines[:] = list(shapes.values())
    count = len(shapes)
    return AreaLayer.of(
        name, "street_offices", 1, list(range(100, 100 + count)), list(shapes),
        [{"zh": code} for code in shapes], ["synthetic"] * count, outlines,
    )  # fmt: skip


def found(layer: AreaLayer, points: list[tuple[float, float]]) -> list[str | None]:
    at = layer.find(np.array([p[0] for p in points]), np.array([p[1] for p in points]))
    return [None if i == NONE else layer.codes[i] for i in at.tolist()]


def looped(shapes: dict[str, Shape], points: list[tuple[float, float]]) -> list[str | None]:
    return [
        min((code for code, shape in shapes.items() if shapely.covers(shape, shapely.Point(point))), default=None)
        for point in points
    ]


@st.composite
def grids(draw: st.DrawFn) -> dict[str, Shape]:
    """Squares of a grid, some missing, some overlapping their neighbours, some with a hole, under shuffled codes."""
    cells = draw(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=12, unique=True))
    codes = draw(st.permutations([f"{i}" for i in range(1, len(cells) + 1)]))
    shapes: dict[str, Shape] = {}
    for code, (column, row) in zip(codes, cells, strict=True):
        wide = draw(st.sampled_from([1, 1, 1, 2]))
        shape: Shape = shapely.box(column * STEP, row * STEP, (column + wide) * STEP, (row + 1) * STEP)
        if draw(st.booleans()):
            middle = ((column + 0.5) * STEP, (row + 0.5) * STEP)
            shape = shape.difference(shapely.Point(middle).buffer(STEP / 4, cap_style="square"))
        shapes[code] = shapely.transform(shape, lambda xy: xy + np.array([114.0, 22.5]))
    return shapes


# Quarters of a step: corners, middles of sides, corners of holes; and anything at all.
QUARTER = st.integers(-2, 26).map(lambda n: n * STEP / 4)
POINTS = st.lists(st.tuples(QUARTER | st.floats(0, 0.4), QUARTER | st.floats(0, 0.4)), max_size=60).map(
    lambda pairs: [(114.0 + x, 22.5 + y) for x, y in pairs]
)


@UNHURRIED
@given(grids(), POINTS)
def test_find_says_what_a_plain_loop_says(shapes: dict[str, Shape], points: list[tuple[float, float]]) -> None:
    assert found(layer_of(shapes), points) == looped(shapes, points)


@UNHURRIED
@given(grids(), POINTS, st.integers(0, 60))
def test_find_says_the_same_however_a_batch_is_cut(
    shapes: dict[str, Shape], points: list[tuple[float, float]], cut: int
) -> None:
    layer = layer_of(shapes)
    assert found(layer, points[:cut]) + found(layer, points[cut:]) == found(layer, points)


def test_a_shared_corner_goes_to_the_lowest_code_in_text_order() -> None:
    shapes = {"9": shapely.box(0, 0, 1, 1), "10": shapely.box(1, 0, 2, 1), "2": shapely.box(0, 1, 1, 2)}
    assert found(layer_of(shapes), [(1.0, 1.0), (1.0, 0.5), (0.5, 1.0)]) == ["10", "10", "2"]


def test_a_hole_is_nobodys_but_its_border_is() -> None:
    shapes = {"a": shapely.box(0, 0, 4, 4).difference(shapely.box(1, 1, 3, 3))}
    assert found(layer_of(shapes), [(2.0, 2.0), (1.0, 2.0), (3.0, 3.0), (0.5, 0.5)]) == [None, "a", "a", "a"]


def test_an_empty_batch_has_an_empty_answer() -> None:
    assert found(layer_of({"a": shapely.box(0, 0, 1, 1)}), []) == []


def test_a_point_that_is_no_number_lies_nowhere() -> None:
    assert found(layer_of({"a": shapely.box(0, 0, 1, 1)}), [(np.nan, np.nan), (np.inf, 0.5)]) == [None, None]


def test_postgis_says_the_same_of_crooked_areas_and_their_borders(server: Server) -> None:
    dice = random.Random(1)
    seeds = shapely.MultiPoint([(114 + dice.random() / 5, 22.5 + dice.random() / 5) for _ in range(25)])
    cells = shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=shapely.box(113.9, 22.4, 114.3, 22.8)))
    shapes: dict[str, Shape] = {f"{i:02}": cell for i, cell in enumerate(cells)}
    corners = [tuple(xy) for xy in shapely.get_coordinates(cells).tolist()]
    points = corners + [(114 + dice.random() / 4, 22.5 + dice.random() / 4) for _ in range(500)]
    with psycopg.connect(server.conninfo(SUPERUSER)) as connection:
        connection.execute("CREATE TEMP TABLE shape (code text, geom geometry)")
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO shape VALUES (%s, ST_GeomFromWKB(%s))",
                [(code, shapely.to_wkb(shape)) for code, shape in shapes.items()],
            )
        rows = connection.execute(
            "SELECT (SELECT min(code) FROM shape WHERE ST_Covers(geom, ST_MakePoint(x, y))) "
            "FROM unnest(%s::float8[], %s::float8[]) WITH ORDINALITY w(x, y, n) ORDER BY n",
            ([p[0] for p in points], [p[1] for p in points]),
        ).fetchall()
        connection.rollback()
    assert found(layer_of(shapes), points) == [code for (code,) in rows]


def ground(shape: Shape, metres: float = 1000.0) -> Ground:
    return Ground((layer_of({"a": shape}),), "offices", metres)


@pytest.mark.parametrize(("lon", "inside"), [(114.05, True), (114.1, True), (114.1096, True), (114.1099, False)])
def test_the_city_reaches_its_tolerance_beyond_its_border(lon: float, inside: bool) -> None:
    # One kilometre is 0.00973 degrees of longitude at 22.55° N.
    here = ground(shapely.box(114.0, 22.5, 114.1, 22.6))
    assert here.in_city(np.array([lon]), np.array([22.55])).tolist() == [inside]


def test_the_tolerance_holds_whichever_part_of_a_bent_shore_is_near(server: Server) -> None:
    """At 60° N a degree east is half a degree north: the part nearest in degrees is not the nearest in metres."""
    shore = shapely.union(shapely.box(10.0, 60.0, 10.1, 60.2), shapely.box(10.1, 60.1, 10.3, 60.2))
    here = ground(shore)
    dice = random.Random(2)
    points = [(10.1 + dice.random() / 20, 60.07 + dice.random() / 32) for _ in range(800)]
    with psycopg.connect(server.conninfo(SUPERUSER)) as connection:
        rows = connection.execute(
            "SELECT ST_Distance(ST_SetSRID(ST_MakePoint(x, y), 4326)::geography, ST_GeomFromText(%s, 4326)::geography) "
            "FROM unnest(%s::float8[], %s::float8[]) WITH ORDINALITY w(x, y, n) ORDER BY n",
            (shore.wkt, [p[0] for p in points], [p[1] for p in points]),
        ).fetchall()
    said = here.in_city(np.array([p[0] for p in points]), np.array([p[1] for p in points])).tolist()
    wrong = [(p, d) for p, (d,), s in zip(points, rows, said, strict=True) if (d < 980 and not s) or (d > 1020 and s)]
    assert wrong == []


@UNHURRIED
@given(POINTS.filter(bool))
def test_the_city_says_the_same_of_a_point_in_any_company(points: list[tuple[float, float]]) -> None:
    here = ground(shapely.box(114.1, 22.6, 114.2, 22.7), 5000)
    said = here.in_city(np.array([p[0] for p in points]), np.array([p[1] for p in points])).tolist()
    alone = [bool(here.in_city(np.array([x]), np.array([y]))[0]) for x, y in points]
    assert said == alone


@UNHURRIED
@given(POINTS.filter(bool), st.randoms(use_true_random=False))
def test_sites_are_the_same_in_any_order_and_company(points: list[tuple[float, float]], dice: random.Random) -> None:
    def keys(some: list[tuple[float, float]]) -> dict[tuple[float, float], tuple[str, float, float]]:
        names, lon, lat = spots(np.array([p[0] for p in some]), np.array([p[1] for p in some]), "EPSG:32650")
        return dict(zip(some, zip(names, lon.tolist(), lat.tolist(), strict=True), strict=True))

    mixed = dice.sample(points, len(points))
    assert keys(points) == keys(mixed) == {p: keys([p])[p] for p in points}


def test_a_site_is_never_farther_than_a_spots_half_diagonal() -> None:
    lon, lat = np.array([114.0567]), np.array([22.5432])
    _, centre_lon, centre_lat = spots(lon, lat, "EPSG:32650")
    away = np.hypot((centre_lon - lon) * 111_320 * np.cos(np.radians(lat)), (centre_lat - lat) * 111_320)
    assert away[0] < 20 / 2 * 2**0.5 * 1.01


def test_no_points_have_no_sites() -> None:
    assert spots(np.array([]), np.array([]), "EPSG:32650")[0] == []
