"""A layer's file is read alike whatever it is, and every record in it is a feature or counted with its reason."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from geoapp.city import LayerSpec
from geoapp.errors import SourceUnreadable
from geoapp.intake.findings import LEFT_OUT
from geoapp.locate.datum import to_wgs84, transformer, wgs84_to_gcj02
from layers import files
from layers.base import LayerFile
from layers.features import LISTED, read

OFFICES = {
    "440306001": ("西乡街道", shapely.box(113.8, 22.5, 113.9, 22.6)),
    "440306002": ("福永街道", shapely.box(113.9, 22.5, 114.0, 22.6)),
    "440306003": ("新安街道", shapely.box(113.8, 22.6, 114.0, 22.7)),
}
SPEC = LayerSpec("offices", "street_offices", "-", "code", {"zh": "name", "en": "Office {code}"}, {"zh": "街道"})
TABLE = replace(SPEC, wkt="outline")
POINTS = replace(SPEC, lon="lon", lat="lat")


def features(path: Path, spec: LayerSpec = SPEC, role: str = "areas") -> LayerFile:
    return read(path, spec, role, partial(to_wgs84, crs=spec.crs))


def frame(crs: str = "EPSG:4326") -> geopandas.GeoDataFrame:
    columns = {"code": list(OFFICES), "name": [name for name, _ in OFFICES.values()]}
    shapes = [shape for _, shape in OFFICES.values()]
    return geopandas.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326").to_crs(crs)


def table(rows: list[list[str]], delimiter: str = ",") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue()


def outlines(delimiter: str = ",") -> str:
    rows = [[code, name, shape.wkt] for code, (name, shape) in OFFICES.items()]
    return table([["code", "name", "outline"], *rows], delimiter)


def points(*rows: list[str]) -> str:
    return table([["code", "name", "lon", "lat"], *rows])


# Any kind of file


def geojson(folder: Path) -> tuple[Path, LayerSpec]:
    frame().to_file(folder / "a.geojson")
    return folder / "a.geojson", SPEC


def geojson_packed(folder: Path) -> tuple[Path, LayerSpec]:
    path, spec = geojson(folder)
    (folder / "a.geojson.gz").write_bytes(gzip.compress(path.read_bytes()))
    return folder / "a.geojson.gz", spec


def geojson_under_another_name(folder: Path) -> tuple[Path, LayerSpec]:
    path, spec = geojson_packed(folder)
    return path.rename(folder / "offices.dat"), spec


def geopackage(folder: Path) -> tuple[Path, LayerSpec]:
    path = folder / "a.gpkg"
    frame().iloc[:1].to_file(path, layer="one")
    frame().to_file(path, layer="all")
    return path, replace(SPEC, sublayer="all")


def shapefile(folder: Path, encoding: str = "GB18030", says: bool = True) -> tuple[Path, LayerSpec]:
    frame().to_file(folder / "街道.shp", encoding=encoding)
    if not says:
        (folder / "街道.cpg").unlink()
    return folder / "街道.shp", SPEC


def shapefile_zipped(folder: Path) -> tuple[Path, LayerSpec]:
    path, spec = shapefile(folder, says=False)
    with zipfile.ZipFile(folder / "a.zip", "w") as packed:
        for one in folder.glob(f"{path.stem}.*"):
            packed.write(one, f"deep/down/{one.name}")
    return folder / "a.zip", spec


def csv_wkt(
    folder: Path, encoding: str = "utf-8", delimiter: str = ",", packed: bool = False
) -> tuple[Path, LayerSpec]:
    content = outlines(delimiter).encode(encoding)
    path = folder / ("a.csv.gz" if packed else "a.csv")
    path.write_bytes(gzip.compress(content) if packed else content)
    return path, TABLE


WRITERS: dict[str, Callable[[Path], tuple[Path, LayerSpec]]] = {
    "geojson": geojson,
    "geojson gz": geojson_packed,
    "geojson under another name": geojson_under_another_name,
    "geopackage": geopackage,
    "shp gb18030": shapefile,
    "shp gb18030 without cpg": partial(shapefile, says=False),
    "shp utf-8": partial(shapefile, encoding="UTF-8"),
    "shp utf-8 without cpg": partial(shapefile, encoding="UTF-8", says=False),
    "shp zipped": shapefile_zipped,
    "csv": csv_wkt,
    "csv gz": partial(csv_wkt, packed=True),
    "csv gb18030": partial(csv_wkt, encoding="gb18030"),
    "csv gb18030 gz": partial(csv_wkt, encoding="gb18030", packed=True),
    "csv with a mark": partial(csv_wkt, encoding="utf-8-sig"),
    "csv utf-16": partial(csv_wkt, encoding="utf-16"),
    "csv of tabs": partial(csv_wkt, delimiter="\t"),
    "csv of semicolons": partial(csv_wkt, delimiter=";"),
}


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS.keys())
def test_any_kind_of_file_gives_the_same_features(write: Callable[[Path], Any], tmp_path: Path) -> None:
    path, spec = write(tmp_path)
    found = features(path, spec)
    assert found.in_file == 3 and found.findings == {}
    for one, (code, (name, shape)) in zip(found.features, OFFICES.items(), strict=True):
        assert (one.code, one.names, one.quality) == (code, {"zh": name, "en": f"Office {code}"}, "official")
        assert isinstance(one.shape, shapely.MultiPolygon) and one.shape.equals(shape)


def test_reading_leaves_nothing_beside_the_file(tmp_path: Path) -> None:
    path, spec = geojson_packed(tmp_path)
    before = sorted(tmp_path.iterdir())
    features(path, spec)
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("crs", ["EPSG:4547", "EPSG:3857", "EPSG:2263"])
def test_a_file_in_another_crs_is_turned(crs: str, tmp_path: Path) -> None:
    turn = transformer("EPSG:4326", crs).transform
    lon, lat = (113.95, 22.55) if crs != "EPSG:2263" else (-73.95, 40.7)
    x, y = turn(lon, lat)
    (tmp_path / "a.csv").write_text(points(["1", "x", repr(x), repr(y)]))
    found = features(tmp_path / "a.csv", replace(POINTS, crs=crs), "landmarks")
    assert shapely.get_coordinates(found.features[0].shape)[0] == pytest.approx((lon, lat), abs=1e-8)


def test_a_file_in_gcj_02_is_shifted_back(tmp_path: Path) -> None:
    lon, lat = wgs84_to_gcj02(np.array([113.95]), np.array([22.55]))
    (tmp_path / "a.csv").write_text(points(["1", "x", repr(float(lon[0])), repr(float(lat[0]))]))
    found = features(tmp_path / "a.csv", replace(POINTS, crs="GCJ-02"), "landmarks")
    assert shapely.get_coordinates(found.features[0].shape)[0] == pytest.approx((113.95, 22.55), abs=1e-8)
    assert abs(float(lon[0]) - 113.95) > 0.004


def test_the_packs_crs_counts_and_not_the_files(tmp_path: Path) -> None:
    path, _ = geojson(tmp_path)
    found = features(path, replace(SPEC, crs="GCJ-02"))
    assert found.crs == "EPSG:4326"
    assert shapely.get_coordinates(found.features[0].shape)[0] != pytest.approx((113.9, 22.5), abs=1e-3)


# What a feature says of itself


def test_assets_have_class_parties_and_attributes(tmp_path: Path) -> None:
    rows = [["1", "一号灯", "113.9", "22.5", "灯", "城管局", "", "9.5"], ["2", "", "113.9", "22.6", "", "", "甲", ""]]
    (tmp_path / "a.csv").write_text(table([["code", "name", "lon", "lat", "class", "who", "keeper", "m"], *rows]))
    spec = replace(POINTS, classed="class", authority="who", owner="=市政府", maintainer="keeper", keep=("m", "who"))
    one, two = features(tmp_path / "a.csv", spec, "assets").features
    assert (one.classed, one.authority, one.owner, one.maintainer) == ("灯", "城管局", "市政府", None)
    assert (two.classed, two.authority, two.owner, two.maintainer) == ("", None, "市政府", "甲")
    assert one.attributes == {"m": "9.5", "who": "城管局"} and two.attributes == {}
    assert two.names == {"zh": "2", "en": "Office 2"}, "a name that is empty is the key"


def test_attributes_keep_their_numbers_where_the_file_has_numbers(tmp_path: Path) -> None:
    made = geopandas.GeoDataFrame(
        {"code": [7, 8], "width": [9.5, None], "lanes": [2, 3], "open": [True, False], "since": ["2020-01-02", None]},
        geometry=[shapely.LineString([(0, 0), (1, 1)]), shapely.LineString([(0, 0), (1, 2)])], crs="EPSG:4326",
    )  # fmt: skip
    made.to_file(tmp_path / "a.gpkg")
    spec = replace(SPEC, names={"zh": "code"}, keep=("width", "lanes", "open", "since"))
    one, two = features(tmp_path / "a.gpkg", spec, "roads").features
    assert (one.code, one.attributes) == ("7", {"width": 9.5, "lanes": 2, "open": True, "since": "2020-01-02"})
    assert two.attributes == {"lanes": 3, "open": False}


def test_whole_numbers_that_gdal_reads_as_floating_ones_lose_their_point(tmp_path: Path) -> None:
    made = frame().assign(code=[1.0, 2.0, None])
    made.to_file(tmp_path / "a.geojson")
    found = features(tmp_path / "a.geojson")
    assert [one.code for one in found.features] == ["1", "2"]
    assert found.findings == {"no_key": {"count": 1, "rows": [3]}}


def test_quality_is_said_by_a_column_and_doubted_where_its_word_is_not_listed(tmp_path: Path) -> None:
    frame().assign(how=["surveyed", "guessed", "dreamt"]).to_file(tmp_path / "a.geojson")
    spec = replace(SPEC, quality_column="how", quality_words={"surveyed": "official", "guessed": "synthetic"})
    found = features(tmp_path / "a.geojson", spec)
    assert [one.quality for one in found.features] == ["official", "synthetic", "approximate"]
    assert found.findings["unknown_quality"] == {"count": 1, "codes": ["440306003"], "words": ["dreamt"]}


def test_only_the_wanted_are_kept_and_the_others_counted(tmp_path: Path) -> None:
    frame().assign(state=["in use", "gone", "broken"]).to_file(tmp_path / "a.geojson")
    found = features(tmp_path / "a.geojson", replace(SPEC, only={"state": ("in use", "broken")}))
    assert [one.code for one in found.features] == ["440306001", "440306003"]
    assert found.findings == {"not_wanted": {"count": 1}}


def test_several_columns_make_a_key(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(points(["1", "x", "1", "2"], ["1", "y", "1", "3"], ["", "", "1", "4"]))
    found = features(tmp_path / "a.csv", replace(POINTS, key="{code}-{name}"), "landmarks")
    assert [one.code for one in found.features] == ["1-x", "1-y"]
    assert found.findings["no_key"]["count"] == 1, "a pattern of empty columns says nothing"


def test_words_that_nothing_could_store_are_cleaned(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(points(["1\x01", "a\u202eb\x0b ", "1", "2"]))
    (one,) = features(tmp_path / "a.csv", POINTS, "landmarks").features
    assert (one.code, one.names["zh"]) == ("1", "ab")


# What is mended


def test_an_invalid_outline_is_repaired_and_counted(tmp_path: Path) -> None:
    bow = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    spike = shapely.Polygon([(0, 0), (1, 0), (1, 1), (0, 1), (0, 3), (0, 1)])
    made = frame()
    made.geometry = [bow, spike, made.geometry.iloc[2]]
    made.to_file(tmp_path / "a.gpkg")
    found = features(tmp_path / "a.gpkg")
    assert found.findings == {"repaired": {"count": 2, "codes": ["440306001", "440306002"]}}
    assert [one.shape.area for one in found.features] == pytest.approx([2.0, 1.0, 0.02])
    assert all(one.shape.is_valid and one.shape.geom_type == "MultiPolygon" for one in found.features)


def test_two_features_of_one_key_are_one_area_of_several_parts(tmp_path: Path) -> None:
    made = frame().assign(code=["1", "1", "2"])
    made.geometry = [shapely.box(0, 0, 1, 1), shapely.box(5, 0, 6, 1), shapely.box(8, 0, 9, 1)]
    made.to_file(tmp_path / "a.geojson")
    found = features(tmp_path / "a.geojson")
    assert [(one.code, len(one.shape.geoms), one.names["zh"]) for one in found.features] == [
        ("1", 2, "西乡街道"), ("2", 1, "新安街道"),
    ]  # fmt: skip
    assert found.findings == {
        "merged": {"count": 1, "codes": ["1"], "records": 2}, "differing": {"count": 1, "codes": ["1"]},
    }  # fmt: skip


def test_parts_that_overlap_grow_together(tmp_path: Path) -> None:
    made = frame().assign(code="1", name="x")
    made.geometry = [shapely.box(0, 0, 2, 1), shapely.box(1, 0, 3, 1), shapely.box(3, 0, 4, 1)]
    made.to_file(tmp_path / "a.geojson")
    (one,) = features(tmp_path / "a.geojson").features
    assert one.shape.is_valid and one.shape.equals(shapely.box(0, 0, 4, 1))


@pytest.mark.parametrize(
    ("shapes", "kind"),
    [
        (["POINT (1 2)", "POINT (1 3)", "POINT (1 2)"], "MultiPoint"),
        (["LINESTRING (1 2, 3 4)", "MULTILINESTRING ((1 2, 1 1), (5 5, 6 6))"], "MultiLineString"),
        (["POLYGON ((0 0, 1 0, 1 1, 0 0))", "POLYGON ((0 0, 1 0, 1 1, 0 0))"], "Polygon"),
    ],
)
def test_assets_of_one_key_are_one_asset_of_several_parts(shapes: list[str], kind: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(table([["code", "name", "outline"], *(["1", "x", wkt] for wkt in shapes)]))
    found = features(tmp_path / "a.csv", TABLE, "assets")
    (one,) = found.features
    assert one.shape.geom_type == kind and one.shape.is_valid
    assert found.findings == {"merged": {"count": 1, "codes": ["1"], "records": len(shapes)}}


def test_what_is_no_area_is_no_area(tmp_path: Path) -> None:
    shapes = [
        "POINT (1 2)",
        "LINESTRING (1 2, 3 4)",
        "POLYGON ((0 0, 1 1, 2 2, 0 0))",
        "POLYGON ((0 0, 1 0, 1 1, 0 0))",
        "GEOMETRYCOLLECTION (POINT (1 2), POLYGON ((0 0, 2 0, 2 2, 0 0)), POLYGON ((0 0, 2 0, 2 2, 0 0)))",
    ]
    (tmp_path / "a.csv").write_text(
        table([["code", "name", "outline"], *([str(n), "", w] for n, w in enumerate(shapes))])
    )
    found = features(tmp_path / "a.csv", TABLE)
    assert [(one.code, one.shape.area) for one in found.features] == [("3", 0.5), ("4", 2.0)]
    assert found.findings["no_area"] == {"count": 3, "codes": ["0", "1", "2"]}


def test_heights_are_dropped(tmp_path: Path) -> None:
    made = frame()
    made.geometry = shapely.force_3d(made.geometry.values, 12.0)
    made.to_file(tmp_path / "a.gpkg")
    assert not any(one.shape.has_z for one in features(tmp_path / "a.gpkg").features)
    rows = [["code", "name", "outline"], ["1", "", "POINT Z (1 2 3)"]]
    (tmp_path / "a.csv").write_text(table(rows))
    assert features(tmp_path / "a.csv", TABLE, "assets").features[0].shape.wkt == "POINT (1 2)"


# Every record is a feature or counted

GOOD = ["113.9", "22.5"]
ROWS: dict[str, list[str]] = {
    "good": ["{n}", "甲", *GOOD],
    "merged": ["same", "乙", *GOOD],
    "no_key": ["", "丙", *GOOD],
    "long_key": ["k" * 201, "丁", *GOOD],
    "no_shape": ["{n}", "", "", "22.5"],
    "no word": ["{n}", "", "east", "22.5"],
    "nan": ["{n}", "", "nan", "22.5"],
    "not_finite": ["{n}", "", "inf", "22.5"],
    "zero": ["{n}", "", "0", "0.0"],
    "off_earth": ["{n}", "", "181", "22.5"],
    "swapped": ["{n}", "", "22.5", "113.9"],
    "columns": ["{n}", "too few"],
}
MEANS = {"nan": "no_shape", "no word": "no_shape", "swapped": "off_earth"}


@given(st.lists(st.sampled_from(sorted(ROWS)), min_size=1, max_size=60))
@hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_record_is_a_feature_or_is_counted_with_its_reason(tmp_path: Path, kinds: list[str]) -> None:
    path = tmp_path / "a.csv"
    path.write_text(points(*([cell.format(n=n) for cell in ROWS[kind]] for n, kind in enumerate(kinds))))
    usable = [kind for kind in kinds if kind in ("good", "merged")]
    if not usable:
        with pytest.raises(SourceUnreadable, match=f"none of its {len(kinds)} features can be used"):
            features(path, POINTS, "landmarks")
        return
    found = features(path, POINTS, "landmarks")
    counted = {what: one["count"] for what, one in found.findings.items()}
    left = {MEANS.get(kind, kind) for kind in kinds} - {"good", "merged"}
    assert {what: counted.get(what, 0) for what in left} == {
        what: sum(MEANS.get(kind, kind) == what for kind in kinds) for what in left
    }
    merged = found.findings.get("merged", {"records": 0, "count": 0})
    out = sum(count for what, count in counted.items() if what in LEFT_OUT)
    assert found.in_file == len(kinds) == len(found.features) + merged["records"] - merged["count"] + out
    assert all(len(one.get("codes", one.get("rows", ()))) <= LISTED for one in found.findings.values())


WILD = st.sampled_from(
    [
        *OFFICES,
        "POINT (1 1)",
        "POINT (nan 1)",
        "POINT (inf 1)",
        "POINT (1e308 1e308)",
        "LINESTRING (1 1, 1 1)",
        "POLYGON EMPTY",
        "POLYGON ((0 0, 1 1",
        "POLYGON ((0 0, 1 1, 1 0, 0 1, 0 0))",
        "POLYGON ((0 0, 1 0, nan 1, 0 0))",
        "MULTIPOLYGON (((0 0, 4 0, 4 4, 0 4, 0 0)), ((1 1, 2 1, 2 2, 1 1)))",
        "GEOMETRYCOLLECTION EMPTY",
        "CIRCULARSTRING (0 0, 1 1, 2 0)",
        "甲",
        "\x00",
    ]
)


@given(st.lists(st.tuples(WILD, WILD, WILD), max_size=12), st.sampled_from(["areas", "assets"]))
@hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_stands_in_its_cells_a_table_is_read_or_refused(
    tmp_path: Path, rows: list[tuple[str, str, str]], role: str
) -> None:
    (tmp_path / "a.csv").write_text(table([["code", "name", "outline"], *map(list, rows)]))
    try:
        found = features(tmp_path / "a.csv", TABLE, role)
    except SourceUnreadable:
        return
    _is_clean(found, role)


GEOMETRIES: SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=3) | st.integers(-200, 200),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=12,
)


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "type": st.sampled_from(["Feature", "feature", None]),
                "properties": st.none() | st.fixed_dictionaries({"code": GEOMETRIES, "name": GEOMETRIES}),
                "geometry": st.none()
                | st.fixed_dictionaries(
                    {
                        "type": st.sampled_from(["Polygon", "Point", "LineString", "Circle"]),
                        "coordinates": GEOMETRIES
                        | st.just([[[0, 0], [1, 0], [1, 1], [0, 0]]])
                        | st.just([[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]),
                    }
                ),
            }
        ),
        max_size=5,
    )
)
@hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_stands_in_it_a_geojson_is_read_or_refused(tmp_path: Path, members: list[Any]) -> None:
    (tmp_path / "a.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": members}))
    try:
        found = features(tmp_path / "a.geojson")
    except SourceUnreadable:
        return
    _is_clean(found, "areas")


def _is_clean(found: LayerFile, role: str) -> None:
    assert found.features and len({one.code for one in found.features}) == len(found.features)
    shapes: list[Any] = [one.shape for one in found.features]
    assert shapely.is_valid(shapes).all() and not shapely.is_empty(shapes).any()
    assert np.isfinite(shapely.get_coordinates(shapes)).all()
    if role == "areas":
        assert {shape.geom_type for shape in shapes} == {"MultiPolygon"}


@given(st.binary(max_size=200), st.sampled_from(["", "code,name,outline\n", '{"type":', "\x1f\x8b\x08", "PK\x03\x04"]))
@hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_its_bytes_a_file_is_read_or_refused(tmp_path: Path, content: bytes, start: str) -> None:
    (tmp_path / "a.bin").write_bytes(start.encode("latin-1") + content)
    try:
        features(tmp_path / "a.bin", TABLE)
    except SourceUnreadable as error:
        assert error.detail.startswith("a.bin: ")


# What cannot be read is refused in plain words


def packed_and_cut(folder: Path) -> Path:
    path, _ = geojson_packed(folder)
    path.write_bytes(path.read_bytes()[:-20])
    return path


def packed_and_damaged(folder: Path) -> Path:
    path, _ = geojson_packed(folder)
    content = bytearray(path.read_bytes())
    content[-6] ^= 0xFF
    path.write_bytes(content)
    return path


def written(text: str, name: str = "a.csv", encoding: str = "utf-8") -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / name).write_text(text, encoding=encoding)
        return folder / name

    return write


BAD: dict[str, tuple[Callable[[Path], Path], LayerSpec, str]] = {
    "missing": (lambda folder: folder / "a.csv", POINTS, "a.csv: No such file"),
    "a folder": (lambda folder: folder, POINTS, "directory"),
    "empty": (written(" \n"), POINTS, "a.csv: the file is empty"),
    "header alone": (written(points()), POINTS, "a.csv: no features in it"),
    "no table": (written("hello\nworld\n"), POINTS, "neither a layer nor a table"),
    "no json": (written('{"type": "FeatureColl', "a.geojson"), SPEC, "a.geojson: "),
    "json of something else": (written('{"a": [1, 2]}', "a.geojson"), SPEC, "a.geojson: "),
    "no features": (
        written('{"type": "FeatureCollection", "features": []}', "a.geojson"),
        SPEC,
        "a.geojson: no column",
    ),
    "cut": (packed_and_cut, SPEC, "ended before the end-of-stream"),
    "damaged": (packed_and_damaged, SPEC, "CRC check failed"),
    "no place": (written(outlines()), SPEC, "a table without shapes; say its lon and lat, or its wkt"),
    "column": (
        written(points(["1", "x", "1", "2"])),
        replace(POINTS, key="Codes"),
        r"no column Codes \(perhaps code\)",
    ),
    "columns": (
        written(points()),
        replace(POINTS, key="a", classed="b"),
        "no column a, no column b; it has code, name",
    ),
    "two columns": (written("code,code,name,lon,lat\n"), POINTS, "more than one column is called code"),
    "quote": (written(points() + '1,"x,1,2\n'), POINTS, "line 2: unexpected end of data"),
    "encoding": (written(points(["1", "街", "1", "2"])), replace(POINTS, encoding="ascii"), "not ascii; set encoding"),
    "no encoding": (written(points()), replace(POINTS, encoding="utf-9"), "there is no encoding utf-9"),
    "bytes": (written(points(["1", "ÿþ", "1", "2"]), encoding="latin-1"), POINTS, "neither|not utf-8|set encoding"),
}


@pytest.mark.parametrize(("write", "spec", "says"), BAD.values(), ids=BAD.keys())
def test_what_cannot_be_read_is_refused_in_plain_words(
    write: Callable[[Path], Path], spec: LayerSpec, says: str, tmp_path: Path
) -> None:
    with pytest.raises(SourceUnreadable, match=says):
        features(write(tmp_path), spec, "landmarks")


def test_a_shapefile_in_the_wrong_encoding_is_refused(tmp_path: Path) -> None:
    path, spec = shapefile(tmp_path, says=False)
    with pytest.raises(SourceUnreadable, match=r"its words are not utf-8; set encoding"):
        features(path, replace(spec, encoding="UTF-8"))


def test_a_geopackage_of_several_layers_must_say_which(tmp_path: Path) -> None:
    path, spec = geopackage(tmp_path)
    with pytest.raises(SourceUnreadable, match="sublayer must say which of its layers: one, all"):
        features(path, replace(spec, sublayer=""))
    with pytest.raises(SourceUnreadable, match=r"a\.gpkg: .*two"):
        features(path, replace(spec, sublayer="two"))


def test_a_layer_that_lies_nowhere_says_what_the_file_says_of_itself(tmp_path: Path) -> None:
    frame("EPSG:4547").to_file(tmp_path / "a.gpkg")
    with pytest.raises(SourceUnreadable, match="none of its 3 features can be used: off_earth 3; the file itself says"):
        features(tmp_path / "a.gpkg")


def test_a_file_that_unpacks_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST", 3 << 20)
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"code,name\n" + b"0" * (8 << 20)))
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a.csv", b"code,name\n" + b"0" * (8 << 20))
    for name in ("a.csv.gz", "a.zip"):
        with pytest.raises(SourceUnreadable, match=f"{name}: it unpacks to more than 3145728 bytes"):
            features(tmp_path / name, POINTS)


@pytest.mark.parametrize("write", [geojson, csv_wkt])
def test_a_file_of_too_many_features_is_refused(write: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, spec = write(tmp_path)
    monkeypatch.setattr(files, "MOST", 2)
    with pytest.raises(SourceUnreadable, match="more than 2 features"):
        features(path, spec)


def test_a_member_of_a_zip_leads_nowhere(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.writestr("../../../evil.csv", outlines())
    assert len(features(tmp_path / "a.zip", TABLE).features) == 3
    assert [path.name for path in tmp_path.parent.rglob("evil*")] == []
