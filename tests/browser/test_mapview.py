"""The map as folium frames it: nothing inline, nothing from outside, the same bytes each time."""

from __future__ import annotations

from dataclasses import replace

import folium
import pytest

from geoapp import mapview
from geoapp.settings import Settings, read
from tests.make import PACK

BOUNDS = (113.9, 22.5, 114.1, 22.7)
TILES = read({"GEOAPP_TILES_URL": "https://{s}.tiles.example/{z}/{x}/{y}.png", "GEOAPP_TILES_ATTRIBUTION": "<b>T</b>"})


@pytest.mark.parametrize("settings", [read({}), TILES], ids=["own ground", "tiles"])
def test_nothing_is_inline_and_nothing_comes_from_elsewhere(settings: Settings) -> None:
    view = mapview.render(PACK, "zh", settings, BOUNDS)
    page = view.header + view.body
    assert "<style" not in page and "http" not in page and "style=" not in page and "user-scalable" not in page
    assert page.count("<script") == page.count('<script defer src="/static/')


def test_the_same_city_gives_the_same_file() -> None:
    first, second = (mapview.render(PACK, "zh", read({}), BOUNDS) for _ in range(2))
    assert first == second
    other = mapview.render(PACK, "en", read({}), BOUNDS)
    assert first.digest != other.digest and first.digest in first.script_url


def test_a_folium_map_made_elsewhere_changes_nothing_here() -> None:
    before = mapview.render(PACK, "zh", read({}), BOUNDS)
    folium.Map().add_js_link("strange", "https://elsewhere.example/x.js")
    assert mapview.render(PACK, "zh", read({}), BOUNDS) == before


def test_tiles_replace_the_drawn_ground_and_are_named_to_the_policy() -> None:
    view = mapview.render(PACK, "en", TILES, BOUNDS)
    assert view.img_source == "https://*.tiles.example"
    assert not any(layer["land"] for layer in view.ground)
    assert "<b>" not in view.script and view.tiles is not None and "<b>" not in view.tiles["attribution"]


@pytest.mark.parametrize(
    ("url", "source"),
    [
        ("", ""),
        ("/tiles/{z}/{x}/{y}.png", ""),
        ("https://tiles.example/{z}/{x}/{y}.png", "https://tiles.example"),
        ("http://tiles.example:8080/{z}/{x}/{y}.png", "http://tiles.example:8080"),
        ("https://{s}.tiles.example/{z}/{x}/{y}.png", "https://*.tiles.example"),
        ("https://tile-{s}.maps.example:81/{z}/{x}/{y}.png", "https://*.maps.example:81"),
        ("https://a.{s}.maps.example/{z}/{x}/{y}.png", "https://*.maps.example"),
        ("https://name:word@tiles.example/{z}/{x}/{y}.png", "https://tiles.example"),
    ],
)
def test_the_policy_names_the_servers_that_tiles_come_from(url: str, source: str) -> None:
    assert mapview.tiles_source(read({"GEOAPP_TILES_URL": url})) == source


def test_without_tiles_the_coarsest_layer_is_the_land() -> None:
    assert [(x["level"], x["land"]) for x in mapview.render(PACK, "en", read({}), BOUNDS).ground] == [
        ("districts", True),
        ("street_offices", False),
    ]


def test_a_layers_name_cannot_break_out_of_the_script() -> None:
    layers = tuple(replace(layer, name='a-b";alert(1)//') for layer in PACK.layers)
    script = mapview.render(replace(PACK, layers=layers), "en", read({}), BOUNDS).script
    assert 'alert(1)//"' not in script and "var outline_layer_a_b__alert_1___" in script
