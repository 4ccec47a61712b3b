"""Whoever writes a pack is told all that is wrong, and what the files hold, without a database."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from geoapp.cli import main
from geoapp.intake.pack_check import PackCheck, check_pack
from tests.make import OFFICES_LAYER, SQUARES_PACK, write_offices

PACK = f"""{SQUARES_PACK}
[[layers]]
name = "lamps"
kind = "assets"
file = "lamps.csv"
key = "number"
names = {{ zh = "name" }}
label = {{ zh = "路灯" }}
lon = "lon"
lat = "lat"
{OFFICES_LAYER}"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "squares.toml").write_text(PACK, encoding="utf-8")
    write_offices(tmp_path, 113.9, 114.0)
    lamps = [f"{n},灯,{113.91 + n / 100},22.6" for n in range(15)]
    (tmp_path / "lamps.csv").write_text("\n".join(["number,name,lon,lat", *lamps]), encoding="utf-8")
    return tmp_path


def checked(folder: Path, old: str = "", new: str = "") -> PackCheck:
    path = folder / "squares.toml"
    assert old in path.read_text("utf-8")
    path.write_text(path.read_text("utf-8").replace(old, new, 1), encoding="utf-8")
    return check_pack(path, folder)


def test_a_pack_and_its_files_with_nothing_wrong(folder: Path) -> None:
    found = checked(folder)
    assert found.loadable and found.problems == ()
    assert [(one.name, one.form, one.in_file, one.features, one.findings) for one in found.layers] == [
        ("lamps", "CSV", 15, 15, {}), ("offices", "CSV", 2, 2, {}),
    ]  # fmt: skip
    assert found.layers[0].columns == {
        "number": ("0", "1"), "name": ("灯",), "lon": ("113.91", "113.92"), "lat": ("22.6",),
    }  # fmt: skip
    assert list(found.lines())[-1] == "It can be loaded."


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('key = "number"', 'key = "numbre"', "key: it has no column numbre; perhaps number"),
        ('zh = "name"', 'zh = "{nme} 号"', "names.zh: it has no column nme; perhaps name"),
        ('lat = "lat"', 'lat = "y"', "lat: it has no column y"),
        ('lon = "lon"\nlat = "lat"', "", "a table without shapes: say in lon and lat, or in wkt, where a feature is"),
        ('"lamps.csv"', '"lamp.csv"', "there is no file lamp.csv (perhaps lamps.csv)"),
        ('"lamps.csv"', '"../../x.csv"', "../../x.csv leads out of the data folder"),
        ('lon = "lon"\nlat = "lat"', 'lon = "lat"\nlat = "lon"', "lamps.csv: none of its 15 features can be used"),
        ('lon = "lon"', 'lon = "lon"\ncrs = "EPSG:4547"', "lamps.csv: none of it lies on offices"),
        ('lon = "lon"', 'lon = "lon"\ncount = [20, 30]', "lamps.csv: 15 features, where the pack expects 20 to 30"),
        ('lon = "lon"', 'lon = "lon"\nencoding = "ascii"', "lamps.csv: its words are not ascii; set encoding"),
    ],
)
def test_what_is_wrong_with_a_file_is_told(old: str, new: str, says: str, folder: Path) -> None:
    found = checked(folder, old, new)
    assert not found.loadable
    assert [problem for problem in found.layers[0].problems if problem.startswith(says)]
    assert found.layers[1].features == 2, "the other layers are looked at all the same"
    assert list(found.lines())[-1] == "It cannot be loaded yet."


def test_what_is_wrong_with_the_pack_is_told_beside_what_the_files_hold(folder: Path) -> None:
    found = checked(folder, 'metric_crs = "EPSG:4547"', 'metric_crs = "EPSG:1"\ncolour = "red"')
    assert [problem.split(":")[0] for problem in found.problems] == ["colour", "metric_crs"]
    assert [one.in_file for one in found.layers] == [15, 2] and not found.loadable


def test_a_pack_without_its_responsible_layer_is_looked_at_as_far_as_possible(folder: Path) -> None:
    found = checked(folder, 'name = "offices"', 'name = "bureaus"')
    assert found.problems[0].startswith("responsible: no layer is called offices")
    assert [one.features for one in found.layers] == [15, 2]


def test_findings_do_not_stand_in_the_way(folder: Path) -> None:
    with (folder / "lamps.csv").open("a") as file:
        file.write("\n,灯,113.91,22.6\n99,灯,113.5,22.6\n100,灯\n")
    found = checked(folder)
    assert found.loadable and set(found.layers[0].findings) == {"no_key", "outside", "columns"}
    assert "  found  left out, no key: 1 (record 17)" in list(found.lines())


def test_a_layer_in_the_wrong_datum_is_doubted(folder: Path) -> None:
    lamps = [f"{n},灯,{113.9001 + n % 40 * 0.005},{22.5001 + n // 40 * 0.005}" for n in range(1600)]
    (folder / "lamps.csv").write_text("\n".join(["number,name,lon,lat", *lamps]), encoding="utf-8")
    found = checked(folder, 'lon = "lon"', 'lon = "lon"\ncrs = "GCJ-02"')
    assert found.layers[0].findings["datum"]["other"] == "WGS-84"


@pytest.mark.parametrize("content", ["code = ", "", "layers = 3", 'layers = [1, "x"]', "[[layers]]\n[[layers]]"])
def test_whatever_the_pack_says_it_is_looked_over(content: str, folder: Path) -> None:
    (folder / "squares.toml").write_text(content)
    found = checked(folder)
    assert found.problems and not found.loadable and list(found.lines())


def test_the_command_ends_with_one_where_it_cannot_be_loaded(folder: Path) -> None:
    arguments = ["city", "check", str(folder / "squares.toml"), "--data", str(folder)]
    good = CliRunner().invoke(main, arguments)
    assert good.exit_code == 0 and "It can be loaded." in good.output
    (folder / "lamps.csv").unlink()
    bad = CliRunner().invoke(main, [*arguments, "--json"])
    assert bad.exit_code == 1
    assert json.loads(bad.output)["layers"][0]["problems"] == ["there is no file lamps.csv"]


def test_a_pack_that_is_not_there_is_told(folder: Path) -> None:
    result = CliRunner().invoke(main, ["city", "check", "atlantis", "--data", str(folder)])
    assert result.exit_code == 1 and 'there is no pack "atlantis"; there are: la, nyc, shenzhen' in result.output
