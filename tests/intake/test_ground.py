"""A city is loaded layer by layer, each whole or not at all; what is found on the way is told and kept."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
import shapely
from sqlalchemy import Engine, create_engine, text

import importers
from geoapp.city import City, LayerSpec, read_pack
from geoapp.errors import PackInvalid, SourceUnreadable
from geoapp.intake import ground
from geoapp.intake.findings import WORDS, in_words
from geoapp.intake.ground import KINDS, LayerLoaded, load_city, read_layer
from geoapp.intake.lie import Land, examine, land
from geoapp.locate.datum import wgs84_to_gcj02
from geoapp.settings import CHECKOUT
from geoapp.store.cluster import SUPERUSER, Server
from importers.base import Row, RowError
from layers.base import LayerKind

WEST, SOUTH, STEP = 113.90, 22.50, 0.05

PACK = """
code = "squares"
names = { zh = "方城", en = "Squares" }
languages = ["zh", "en"]
time_zone = "Asia/Shanghai"
metric_crs = "EPSG:4547"
responsible = "offices"

[[layers]]
name = "lamps"
kind = "assets"
file = "lamps.csv"
key = "code"
names = { zh = "name" }
label = { zh = "路灯" }
lon = "lon"
lat = "lat"
classed = "=lamp"
owner = "owner"
reach_m = 10
keep = ["pole"]

[[layers]]
name = "offices"
kind = "street_offices"
file = "offices.geojson.gz"
key = "code"
names = { zh = "name", en = "Office {code}" }
label = { zh = "街道" }
count = [1, 20]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with sixteen square offices and sixty lamps."""
    (tmp_path / "squares.toml").write_text(PACK, encoding="utf-8")
    write_offices(tmp_path, squares())
    write_lamps(tmp_path, 60)
    return tmp_path


@pytest.fixture
def pack(folder: Path) -> City:
    return read_pack(folder / "squares.toml", KINDS)


def squares() -> dict[str, Any]:
    return {
        f"{x}{y}": shapely.box(WEST + x * STEP, SOUTH + y * STEP, WEST + (x + 1) * STEP, SOUTH + (y + 1) * STEP)
        for x in range(4)
        for y in range(4)
    }


def write_offices(folder: Path, shapes: dict[str, Any]) -> None:
    frame = geopandas.GeoDataFrame(
        {"code": list(shapes), "name": [f"{code}街道" for code in shapes]}, geometry=list(shapes.values()),
        crs="EPSG:4326",
    )  # fmt: skip
    (folder / "offices.geojson.gz").write_bytes(gzip.compress(frame.to_json().encode()))


def write_lamps(folder: Path, count: int, owner: str = "市政府") -> None:
    """Lamps that fill the ground, row by row, whatever their number."""
    side = int(np.ceil(np.sqrt(count)))
    lines = [
        f"L{n:04},{n} 号灯,{owner},{WEST + 4 * STEP * (n % side + 0.5) / side},"
        f"{SOUTH + 4 * STEP * (n // side + 0.5) / side},{n}"
        for n in range(count)
    ]
    (folder / "lamps.csv").write_text("\n".join(["code,name,owner,lon,lat,pole", *lines]), encoding="gb18030")


def found_of(loaded: list[LayerLoaded], layer: str) -> dict[str, Any]:
    return dict(next(one for one in loaded if one.layer == layer).findings)


POINTERS = """
    SELECT v.layer, v.version, v.features,
           (SELECT count(*) FROM geoapp.area a WHERE a.layer_version_id = v.id)
           + (SELECT count(*) FROM geoapp.asset a WHERE a.layer_version_id = v.id) AS stored
    FROM geoapp.layer_current c JOIN geoapp.layer_version v ON v.id = c.layer_version_id ORDER BY 1
"""
HALF_LOADED = """
    SELECT v.layer, v.version FROM geoapp.layer_version v
    WHERE v.features <> (SELECT count(*) FROM geoapp.area a WHERE a.layer_version_id = v.id)
                        + (SELECT count(*) FROM geoapp.asset a WHERE a.layer_version_id = v.id)
"""


def rows(engine: Engine, query: str) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


# Loading


def test_a_city_is_loaded_with_its_layers_in_the_order_of_the_pack(engine: Engine, pack: City, folder: Path) -> None:
    city, loaded = load_city(engine, pack, folder)
    assert city.id and [(one.layer, one.version, one.changed, one.features) for one in loaded] == [
        ("lamps", 1, True, 60), ("offices", 1, True, 16),
    ]  # fmt: skip
    assert rows(engine, POINTERS) == [("lamps", 1, 60, 60), ("offices", 1, 16, 16)]
    query = (
        "SELECT code, names, class, owner, authority, attributes, ST_X(geom) FROM geoapp.asset ORDER BY code LIMIT 1"
    )
    assert rows(engine, query) == [
        ("L0000", {"zh": "0 号灯"}, "lamp", "市政府", None, {"pole": "0"}, pytest.approx(WEST + 0.0125))
    ]


def test_the_same_content_is_no_new_version(engine: Engine, pack: City, folder: Path) -> None:
    load_city(engine, pack, folder)
    before = rows(engine, "SELECT * FROM geoapp.layer_version ORDER BY id")
    os.utime(folder / "lamps.csv", (1, 1))
    _, again = load_city(engine, pack, folder)
    assert [(one.version, one.changed) for one in again] == [(1, False), (1, False)]
    assert rows(engine, "SELECT * FROM geoapp.layer_version ORDER BY id") == before


def test_only_the_layer_that_changed_has_a_new_version(engine: Engine, pack: City, folder: Path) -> None:
    load_city(engine, pack, folder)
    write_lamps(folder, 60, owner="甲公司")
    _, loaded = load_city(engine, pack, folder)
    assert [(one.layer, one.version, one.changed) for one in loaded] == [("lamps", 2, True), ("offices", 1, False)]


def test_codes_that_came_and_went_are_told(engine: Engine, pack: City, folder: Path) -> None:
    load_city(engine, pack, folder)
    shapes = squares()
    write_offices(folder, {**{code: shape for code, shape in shapes.items() if code != "33"}, "99": shapes["33"]})
    _, loaded = load_city(engine, pack, folder)
    found = found_of(loaded, "offices")
    assert (found["appeared"], found["vanished"]) == ({"count": 1, "codes": ["99"]}, {"count": 1, "codes": ["33"]})
    (kept,) = rows(engine, "SELECT findings FROM geoapp.layer_version WHERE layer = 'offices' AND version = 2")
    assert kept[0] == found


def test_a_large_layer_is_read_twice_and_kept_in_memory_never(
    engine: Engine, pack: City, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ground, "_KEPT", 20)
    _, loaded = load_city(engine, pack, folder)
    assert [one.features for one in loaded] == [60, 16]


def test_progress_is_told(engine: Engine, pack: City, folder: Path) -> None:
    told: list[tuple[str, str]] = []
    load_city(engine, pack, folder, lambda *what: told.append(what))
    assert told == [
        ("offices", "reading"), ("offices", "checking"), ("lamps", "reading"), ("lamps", "checking"),
        ("offices", "loading"), ("lamps", "loading"),
    ]  # fmt: skip


# What cannot be loaded changes nothing


def spoil_lamps(folder: Path) -> None:
    (folder / "lamps.csv").write_text("code,name\n1,x\n")


def remove_lamps(folder: Path) -> None:
    (folder / "lamps.csv").unlink()


def move_lamps_away(folder: Path) -> None:
    (folder / "lamps.csv").write_text("code,name,owner,lon,lat,pole\n1,x,y,22.5,113.9,\n2,x,y,12.5,41.9,\n")


def too_many_offices(folder: Path) -> None:
    write_offices(folder, {str(n): shape for n, shape in enumerate([*squares().values()] * 2)})


def cut_offices(folder: Path) -> None:
    path = folder / "offices.geojson.gz"
    path.write_bytes(path.read_bytes()[:-9])


SPOILT: dict[str, tuple[Callable[[Path], None], str]] = {
    "a column": (spoil_lamps, "no column owner, no column lon"),
    "no file": (remove_lamps, "lamps.csv: No such file"),
    "elsewhere": (
        move_lamps_away,
        r"none of it lies on offices, or within 1000 m; is crs mistaken, or lon and lat swap",
    ),
    "count": (too_many_offices, r"32 features, where the pack expects 1 to 20 \(count\)"),
    "cut": (cut_offices, "offices.geojson.gz: "),
}


@pytest.mark.parametrize(("spoil", "says"), SPOILT.values(), ids=SPOILT.keys())
def test_what_cannot_be_loaded_changes_nothing(
    spoil: Callable[[Path], None], says: str, engine: Engine, pack: City, folder: Path
) -> None:
    load_city(engine, pack, folder)
    everything = "SELECT v.*, c.pack FROM geoapp.layer_version v JOIN geoapp.city c ON c.id = v.city_id ORDER BY v.id"
    before = rows(engine, POINTERS), rows(engine, everything)
    write_lamps(folder, 90)
    spoil(folder)
    with pytest.raises(SourceUnreadable, match=says):
        load_city(engine, replace(pack, attribution="another"), folder)
    assert (rows(engine, POINTERS), rows(engine, everything)) == before


def test_a_new_city_that_cannot_be_loaded_is_not_known(engine: Engine, pack: City, folder: Path) -> None:
    remove_lamps(folder)
    with pytest.raises(SourceUnreadable):
        load_city(engine, pack, folder)
    assert rows(engine, "SELECT count(*) FROM geoapp.city") == [(0,)]


def test_a_link_out_of_the_data_folder_is_not_followed(engine: Engine, pack: City, folder: Path) -> None:
    outside = folder / "outside"
    outside.mkdir()
    inside = folder / "inside"
    inside.mkdir()
    shutil.copy(folder / "offices.geojson.gz", inside)
    shutil.move(folder / "lamps.csv", outside)
    (inside / "lamps.csv").symlink_to(outside / "lamps.csv")
    with pytest.raises(PackInvalid, match=r"lamps\.csv leads out of the data folder"):
        load_city(engine, pack, inside)


# Killed

COMMAND = """
import sys, time
from geoapp.store import cities, copy, layers
from geoapp.intake import ground

def told(name, work):
    def wrapped(*arguments, **named):
        for moment in ("before", "after"):
            print(moment, name, flush=True)
            time.sleep(0.05)
            if moment == "before":
                done = work(*arguments, **named)
        return done
    return wrapped

copy.copy = told("copy", copy.copy)
layers.load = told("load", layers.load)
cities.save_city = told("save", cities.save_city)
from geoapp.cli import main
main()
"""
MOMENTS = 12


def started(database: Server, folder: Path) -> subprocess.Popen[str]:
    environ = os.environ | {"GEOAPP_DATABASE_URL": database.url(SUPERUSER), "PYTHONPATH": str(CHECKOUT)}
    command = [sys.executable, "-c", COMMAND, "city", "load", str(folder / "squares.toml"), "--data", str(folder)]
    return subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def killed_at(database: Server, folder: Path, moment: int) -> bool:
    """Start a load and kill it at its nth moment; False: it ended by itself."""
    process = started(database, folder)
    assert process.stdout
    told = 0
    for line in process.stdout:
        told += line.startswith(("before", "after"))
        if told == moment:
            process.kill()
            break
    process.communicate()
    return process.returncode == -9


@pytest.mark.parametrize("again", [False, True], ids=["a new city", "a new version"])
def test_killed_at_any_moment_a_layer_is_as_it_was_or_as_it_should_be(
    again: bool, database: Server, folder: Path
) -> None:
    engine = create_engine(database.url(SUPERUSER))
    if again:
        assert started(database, folder).wait() == 0
        write_offices(folder, {code: shape for code, shape in squares().items() if code != "00"})
        write_lamps(folder, 90)
    old = rows(engine, POINTERS)
    new = [("lamps", 1 + again, 90 if again else 60), ("offices", 1 + again, 16 - again)]
    seen = set()
    for moment in range(1, MOMENTS + 1):
        if not killed_at(database, folder, moment):
            break
        assert rows(engine, HALF_LOADED) == []
        now = rows(engine, POINTERS)
        seen.add(tuple(now))
        assert [row for row in now if row not in old and row[:3] not in new] == []
        assert all(features == stored for _, _, features, stored in now)
        if not again:
            # A city is known together with its ground, never before.
            known = rows(engine, "SELECT count(*) FROM geoapp.city") == [(1,)]
            assert known == ("offices" in {row[0] for row in now})
    assert started(database, folder).wait() == 0
    assert [row[:3] for row in rows(engine, POINTERS)] == new
    assert len(seen) >= 2, "it was never killed between two layers"
    engine.dispose()


# How a layer lies


def examined(folder: Path, pack: City, layer: str, on: Land | None = None) -> dict[str, Any]:
    spec = pack.layer(layer)
    return dict(examine(spec, KINDS[spec.kind], read_layer(spec, folder), on, pack))


def ground_of(folder: Path, pack: City) -> Land:
    spec = pack.layer(pack.responsible)
    return land(spec, read_layer(spec, folder), pack)


def test_squares_that_fit_have_no_findings(folder: Path, pack: City) -> None:
    assert examined(folder, pack, "offices") == {}
    assert examined(folder, pack, "lamps", ground_of(folder, pack)) == {}


def test_overlaps_and_gaps_are_told_in_square_kilometres(folder: Path, pack: City) -> None:
    shapes = squares()
    shapes["11"] = shapely.box(WEST + STEP, SOUTH + STEP, WEST + 2.1 * STEP, SOUTH + 1.9 * STEP)
    write_offices(folder, shapes)
    found = examined(folder, pack, "offices")
    metres = [shape.area for shape in geopandas.GeoSeries(
        [shapely.box(WEST + 2 * STEP, SOUTH + STEP, WEST + 2.1 * STEP, SOUTH + 1.9 * STEP),
         shapely.box(WEST + STEP, SOUTH + 1.9 * STEP, WEST + 2 * STEP, SOUTH + 2 * STEP)], crs="EPSG:4326",
    ).to_crs("EPSG:4547")]  # fmt: skip
    assert found["overlaps"] == {
        "count": 1, "km2": pytest.approx(metres[0] / 1e6, abs=1e-4),
        "pairs": [["11", "21", pytest.approx(metres[0] / 1e6, abs=1e-4)]],
    }  # fmt: skip
    assert found["gaps"]["count"] == 1 and found["gaps"]["km2"] == pytest.approx(metres[1] / 1e6, abs=1e-4)
    lon, lat, _ = found["gaps"]["where"][0]
    assert WEST + STEP < lon < WEST + 2 * STEP and SOUTH + 1.9 * STEP < lat < SOUTH + 2 * STEP
    assert in_words(found)[0].startswith("overlapping pairs of areas: 1, together 2.5") and "km²" in in_words(found)[0]


def test_features_off_the_ground_are_told(folder: Path, pack: City) -> None:
    with (folder / "lamps.csv").open("a") as file:
        file.write("\nA,,,113.895,22.55,\nB,,,113.88,22.55,\nC,,,2.35,48.86,\n")
    found = examined(folder, pack, "lamps", ground_of(folder, pack))
    assert found == {"outside": {"count": 2, "codes": ["B", "C"], "layer": "offices", "metres": 1000}}


@pytest.mark.parametrize("crs", ["GCJ-02", "BD-09"])
def test_a_layer_said_to_be_of_another_datum_is_doubted(crs: str, folder: Path, pack: City) -> None:
    on = ground_of(folder, pack)
    wrong = replace(pack, layers=tuple(replace(layer, crs=crs) for layer in pack.layers))
    for layer in ("offices", "lamps"):
        write_lamps(folder, 3600)
        found = examined(folder, wrong, layer, on)
        assert found["datum"]["crs"] == crs and found["datum"]["other"] == "WGS-84", layer
        assert f"read as WGS-84 instead of {crs}" in in_words({"datum": found["datum"]})[0]


def test_a_layer_of_gcj_02_said_to_be_wgs_84_is_doubted(folder: Path, pack: City) -> None:
    on = ground_of(folder, pack)
    shifted = shapely.transform(
        list(squares().values()), lambda xy: np.column_stack(wgs84_to_gcj02(xy[:, 0], xy[:, 1]))
    )
    write_offices(folder, dict(zip(squares(), shifted, strict=True)))
    assert examined(folder, pack, "offices", on)["datum"]["other"] == "GCJ-02"


def test_a_file_that_says_another_crs_is_told(folder: Path, pack: City) -> None:
    frame = geopandas.GeoDataFrame({"code": ["1"], "name": [""]}, geometry=[shapely.box(WEST, SOUTH, 114, 22.6)])
    frame.set_crs("EPSG:4490").to_file(folder / "a.gpkg")
    other = replace(pack, layers=tuple(replace(layer, file="a.gpkg") for layer in pack.layers))
    found = examined(folder, other, "offices")
    assert found == {"crs": {"count": 1, "file": "EPSG:4490", "pack": "EPSG:4326"}}


def test_ground_where_the_metric_crs_is_not_made_for_is_told(folder: Path, pack: City) -> None:
    found = examined(folder, replace(pack, metric_crs="EPSG:32611"), "offices")
    assert found["abroad"] == {"count": 16, "crs": "EPSG:32611"}


def test_each_finding_has_words(folder: Path) -> None:
    facts = {
        "count": 3, "codes": ["a", "b"], "records": 6, "words": ["x"], "km2": 0.5, "pairs": [["a", "b", 0.5]],
        "where": [[1.0, 2.0, 0.5]], "m2": 0.2, "layer": "offices", "metres": 1000, "crs": "WGS-84", "file": "EPSG:1",
        "pack": "EPSG:2", "other": "GCJ-02", "now": 0.5, "better": 1.0,
    }  # fmt: skip
    told = in_words({what: facts for what in WORDS})
    assert len(told) == len(WORDS) and not any("{" in line for line in told)
    assert in_words({"no_key": {"count": 7, "rows": list(range(2, 9))}}) == [
        "left out, no key: 7 (record 2, record 3, record 4, record 5, record 6, …)"
    ]


# The example of the documentation


def example() -> str:
    found = re.search(r"^```toml\n(.*?)^```", (CHECKOUT / "docs" / "city_pack.md").read_text("utf-8"), re.M | re.S)
    assert found
    return found[1]


def test_the_example_of_the_documentation_is_loaded(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "harbour.toml").write_text(example(), encoding="utf-8")
    boxes = [shapely.box(117.0 + n / 100, 36.0, 117.01 + n / 100, 36.05) for n in range(5)]
    offices = geopandas.GeoDataFrame(
        {"code": range(5), "name": [f"{n}街道" for n in range(5)], "how": ["surveyed"] * 4 + ["guessed"]},
        geometry=boxes, crs="EPSG:4326",
    )  # fmt: skip
    (tmp_path / "streets.geojson.gz").write_bytes(gzip.compress(offices.to_json().encode()))
    roads = geopandas.GeoDataFrame(
        {"road_id": [7, 8], "name": ["滨海大道", "人民路"]},
        geometry=[shapely.LineString([(117.0, 36.01), (117.05, 36.02)]), shapely.LineString([(117, 36), (117, 36.05)])],
        crs="EPSG:4326",
    ).to_crs("EPSG:4548")  # fmt: skip
    roads.to_file(tmp_path / "roads.shp", encoding="GB18030")
    (tmp_path / "roads.cpg").unlink()
    lon, lat = wgs84_to_gcj02(np.full(3, 117.02), np.array([36.01, 36.02, 36.03]))
    lamps = [f"{n},{lon[n]},{lat[n]},{state},甲,乙,{n},2020" for n, state in enumerate(("in use", "gone", "broken"))]
    (tmp_path / "lamps.csv").write_text("\n".join(["number,lng,lat,state,owner,kept_by,pole,since", *lamps]))
    pack = read_pack(tmp_path / "harbour.toml", KINDS)
    _, loaded = load_city(engine, pack, tmp_path)
    assert [(one.layer, one.features) for one in loaded] == [("street_offices", 5), ("roads", 2), ("lamps", 2)]
    assert rows(engine, "SELECT quality, count(*) FROM geoapp.area GROUP BY 1 ORDER BY 1") == [
        ("approximate", 1), ("official", 4),
    ]  # fmt: skip
    assert found_of(loaded, "lamps") == {"not_wanted": {"count": 1}}
    query = "SELECT code, names, authority, owner, maintainer, attributes FROM geoapp.asset WHERE class = 'street-lamp'"
    assert rows(engine, query + " ORDER BY code LIMIT 1") == [
        ("0", {"zh": "路灯 0", "en": "Lamp 0"}, "城管局", "甲", "乙", {"pole": "0", "since": "2020"})
    ]
    names = rows(engine, "SELECT names->>'zh' FROM geoapp.asset WHERE layer = 'roads' ORDER BY code")
    assert names == [("滨海大道",), ("人民路",)]


def test_the_kind_of_the_documentation_is_a_kind() -> None:
    text = (CHECKOUT / "docs" / "city_pack.md").read_text("utf-8")
    (code,) = re.findall(r"^```python\n(.*?)^```", text, re.M | re.S)
    made: dict[str, Any] = {}
    exec(code, made)
    assert isinstance(made["KIND"], LayerKind) and made["KIND"].role == "assets"
    assert made["KIND"].name not in KINDS


# The real data

COUNTS = {
    "shenzhen": {
        "districts": 10, "street_offices": 74, "traffic_zones": 491, "roads_named": 7334, "roads_coded": 4940,
        "highway_segments": 779, "landmarks": 4413, "communities": 454, "crossings": 15258,
    },
    "nyc": {
        "boroughs": 5, "community_districts": 71, "police_precincts": 76, "council_districts": 51,
        "street_trees": 5000, "hydrants": 5000, "play_areas": 300, "bike_routes": 4009,
    },
    "la": {"neighborhood_councils": 99},
}  # fmt: skip


@pytest.fixture
def real(engine: Engine, shared_data: Path) -> Iterator[dict[str, tuple[City, list[LayerLoaded]]]]:
    """All three packs, loaded into one database."""
    yield {name: load_city(engine, read_pack(name, KINDS), shared_data) for name in COUNTS}


def test_the_packs_load_from_the_real_data_into_one_installation(real: Any, engine: Engine) -> None:
    for name, (city, loaded) in real.items():
        assert {one.layer: one.features for one in loaded} == COUNTS[name]
        assert city.code == name
    assert rows(engine, HALF_LOADED) == []
    assert rows(engine, "SELECT count(*) FROM geoapp.area WHERE NOT ST_IsValid(geom)") == [(0,)]
    shenzhen, nyc, la = (real[name][1] for name in ("shenzhen", "nyc", "la"))

    # 26 of Shenzhen's street offices are approximate; the hairlines between them are known.
    quality = "SELECT quality, count(*) FROM geoapp.area WHERE layer = 'street_offices' GROUP BY 1 ORDER BY 1"
    assert rows(engine, quality) == [("approximate", 26), ("official", 48)]
    seams = found_of(shenzhen, "street_offices")
    assert seams["gaps"]["km2"] == pytest.approx(0.0003, abs=0.00005)
    assert seams["overlaps"]["km2"] == pytest.approx(0.0003, abs=0.00005)
    assert found_of(shenzhen, "landmarks")["outside"]["codes"] == ["富业停车场@120.054214,29.345322"]
    managed = "SELECT count(*), count(authority), count(DISTINCT authority), count(maintainer) FROM geoapp.asset"
    assert rows(engine, managed + " WHERE layer = 'highway_segments'") == [(779, 779, 9, 779)]

    assert found_of(nyc, "police_precincts")["repaired"] == {"count": 3, "codes": ["10", "63", "113"]}
    assert found_of(nyc, "bike_routes")["not_wanted"] == {"count": 991}
    assert found_of(la, "neighborhood_councils")["overlaps"]["km2"] > 20, "councils overlap"
    assert not [one for _, loaded in real.values() for one in loaded if "datum" in one.findings]


def test_the_real_layers_read_in_another_datum_are_doubted(shared_data: Path) -> None:
    pack = read_pack("shenzhen", KINDS)
    on = ground_of(shared_data, pack)
    for layer in pack.layers:
        if layer.name != pack.responsible:
            spec: LayerSpec = replace(layer, crs="GCJ-02")
            found = examine(spec, KINDS[spec.kind], read_layer(spec, shared_data), on, pack)
            assert found["datum"]["other"] == "WGS-84", layer.name


def test_districts_by_their_code_would_be_nine(shared_data: Path) -> None:
    pack = read_pack("shenzhen", KINDS)
    by_code = replace(pack.layer("districts"), key="adcode", count=None)
    found = read_layer(by_code, shared_data)
    assert len(found.features) == 9
    assert found.findings["merged"] == {"count": 1, "codes": ["440307"], "records": 2}
    assert found.findings["differing"] == {"count": 1, "codes": ["440307"]}
    assert json.dumps(found.findings)


@pytest.mark.parametrize(
    ("pack", "source", "file"),
    [
        ("la", "la311", "open311_samples/la311_requests.csv.gz"),
        ("nyc", "nyc311", "nyc311/nyc311_requests.csv.gz"),
    ],
)
def test_the_words_a_pack_lists_are_those_its_source_says(pack: str, source: str, file: str, shared_data: Path) -> None:
    importer = importers.create(source)
    said = set()
    for row in importer.rows(shared_data / file):
        with contextlib.suppress(RowError):
            if isinstance(row, Row):
                report = importer.report(dict(row.fields))
                said.add((report.category, report.matter))
    listed = {words for matter in read_pack(pack, KINDS).matters for words in matter.sources}
    meant = set()
    for words in listed:
        spoken = words.removeprefix(f"{source}:")
        category, _, matter = spoken.partition(" > " if " > " in spoken else "/")
        meant.add((category, matter))
    assert meant - said == set()
    if pack == "la":
        assert said - meant == set(), "each of its twelve request types is a matter"
