"""A pack says what is wrong with it, all at once and each with its place; a loaded city is never taken away."""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoapp.city import PACKS, QUALITIES, City, city_from, problems, raw_pack, read_pack, sketch
from geoapp.errors import PackInvalid
from geoapp.intake.classify import classify, terms
from geoapp.store.tables import places
from layers import base, names, roles

KINDS = roles()
PACKED = sorted(path.stem for path in PACKS.glob("*.toml"))


def pack() -> dict[str, Any]:
    """A pack with everything in it that a pack can have."""
    return {
        "code": "harbour", "prefix": "HB", "names": {"zh": "港城", "en": "Harbour"}, "languages": ["zh", "en"],
        "time_zone": "Asia/Shanghai", "metric_crs": "EPSG:32650", "datum": "GCJ-02", "outside_m": 500,
        "calendar": "CN", "attribution": "nobody", "licence": "none", "responsible": "offices", "synthetic": True,
        "layers": [
            {
                "name": "offices", "kind": "street_offices", "file": "a.geojson", "key": "code",
                "names": {"zh": "name"}, "label": {"zh": "街道", "en": "Office"}, "count": [1, 9],
                "quality_column": "how", "quality_words": {"x": "approximate"}, "encoding": "GB18030",
                "valid_from": "2020-01-01", "valid_to": "2021-01-01",
            },
            {
                "name": "lamps", "kind": "assets", "file": "b/c.csv", "key": "{a}-{b}", "names": {"zh": "n"},
                "label": {"zh": "灯"}, "crs": "BD-09", "quality": "synthetic", "lon": "x", "lat": "y",
                "classed": "=lamp", "authority": "who", "owner": "who", "maintainer": "who", "reach_m": 12.5,
                "matters": ["dark"], "keep": ["k"], "only": {"state": ["in use"]},
            },
            {
                "name": "roads", "kind": "roads", "file": "r.csv", "key": "code", "names": {"zh": "n"},
                "label": {"zh": "道路"}, "wkt": "w", "crs": "EPSG:4547", "reach_m": 25,
            },
        ],
        "categories": {"lights": {"zh": "灯", "en": "Lights"}},
        "matters": [
            {
                "category": "lights", "code": "dark", "names": {"zh": "不亮"}, "keywords": ["路灯"],
                "sources": ["hotline:Light/Out"], "public": False, "urgent": True,
            }
        ],
    }  # fmt: skip


# Packs that are here


@pytest.mark.parametrize("name", PACKED)
def test_each_pack_that_is_here_is_sound(name: str) -> None:
    city = read_pack(name, KINDS)
    assert city.code == name and city.attribution and city.licence
    assert all(layer.count for layer in city.layers), "a layer that lost its features would not be noticed"


@pytest.mark.parametrize("name", PACKED)
def test_each_matter_is_known_by_its_own_names(name: str) -> None:
    city = read_pack(name, KINDS)
    among = terms(city)
    for matter in city.matters:
        for language, words in matter.names.items():
            assert classify(words, among).matter == matter.code, (language, words)


@pytest.mark.parametrize("name", PACKED)
def test_each_keyword_means_one_matter(name: str) -> None:
    city = read_pack(name, KINDS)
    among = terms(city)
    for matter in city.matters:
        for word in matter.keywords:
            assert classify(f"这里 {word} 请处理", among).matter == matter.code, word


def test_shenzhen_has_a_matter_in_each_of_the_national_classes() -> None:
    city = read_pack("shenzhen", KINDS)
    assert {matter.category for matter in city.matters} == city.categories.keys()
    assert len(city.categories) == 11 and len(city.matters) >= 30


def test_the_lists_that_rooms_keep_apart_are_the_same() -> None:
    assert QUALITIES == places.QUALITIES == base.QUALITIES
    assert places.ROLES == base.ROLES
    assert set(KINDS.values()) == set(base.ROLES)


def test_each_kind_is_called_like_its_file_and_has_words_in_both_languages() -> None:
    from layers import get

    assert set(names()) >= {
        "districts", "street_offices", "communities", "grids", "zones", "roads", "landmarks", "assets",
    }  # fmt: skip
    for name in names():
        kind = get(name)
        assert kind.name == name and kind.role in base.ROLES and kind.audience in ("public", "inside")
        assert re.search("[\u4e00-\u9fff]", kind.label["zh"]) and kind.label["en"].isascii()


# What is right


def test_a_pack_with_everything_in_it_is_read() -> None:
    city = city_from(pack(), kinds=KINDS)
    lamps = city.layer("lamps")
    assert (lamps.reach_m, lamps.matters, lamps.only) == (12.5, ("dark",), {"state": ("in use",)})
    assert city.layer("offices").count == (1, 9)
    assert (city.outside_m, city.calendar, city.synthetic) == (500.0, "CN", True)


def test_what_may_be_left_out_has_a_default() -> None:
    raw = pack()
    for key in ("prefix", "datum", "outside_m", "calendar", "attribution", "licence", "synthetic", "matters"):
        del raw[key]
    del raw["layers"][1]["matters"]
    city = city_from(raw, kinds=KINDS)
    assert (city.prefix, city.datum, city.outside_m, city.calendar) == ("HARBOUR", "WGS-84", 1000.0, "")


@pytest.mark.parametrize("name", PACKED)
def test_a_city_kept_as_plain_values_comes_back_the_same(name: str) -> None:
    import orjson

    city = read_pack(name)
    kept = orjson.loads(orjson.dumps(city.as_dict()))
    assert city_from(kept, name) == city
    assert city_from(kept, name, 7).id == 7


def test_a_loaded_city_is_not_taken_away_by_stricter_rules() -> None:
    kept = city_from(pack()).as_dict() | {"a_key_of_another_release": 1, "metric_crs": "EPSG:4326"}
    kept["layers"][0]["another"] = 1
    with pytest.raises(PackInvalid):
        city_from(kept)
    assert city_from(kept, city_id=3).layers[0].name == "offices"


# What is wrong

Change = Callable[[dict[str, Any]], Any]


def change(path: str, value: Any) -> Change:
    """Sets what stands at a place such as layers.0.crs."""

    def change(raw: dict[str, Any]) -> None:
        *way, last = path.split(".")
        inner: Any = raw
        for step in way:
            inner = inner[int(step)] if isinstance(inner, list) else inner[step]
        inner[last] = value

    return change


def without(path: str) -> Change:
    def change(raw: dict[str, Any]) -> None:
        *way, last = path.split(".")
        inner: Any = raw
        for step in way:
            inner = inner[int(step)] if isinstance(inner, list) else inner[step]
        del inner[last]

    return change


WRONG: list[tuple[Change, str]] = [
    (without("code"), "code: is missing"),
    (without("layers"), "layers: is missing"),
    (without("layers.1.key"), "layers[1].key (lamps): is missing"),
    (without("matters.0.names"), "matters[0].names (dark): is missing"),
    (change("layrs", []), "layrs: there is no such key; perhaps layers"),
    (change("layers.0.knd", "x"), "layers[0].knd (offices): there is no such key; perhaps kind"),
    (change("matters.0.word", "x"), "matters[0].word (dark): there is no such key"),
    (change("code", "Har bour"), "code: 'Har bour' is not written in small letters"),
    (change("prefix", "港"), "prefix: '港' is not written in at most 16 letters and digits"),
    (change("names", "Harbour"), "names: 'Harbour' is not a table of texts"),
    (change("names", {"en": "Harbour"}), "names: there is none in the city's first language, zh"),
    (change("names", {"zh": "港", "fr": "Port"}), "names: fr is none of the city's languages"),
    (change("languages", []), "languages: at least one is needed"),
    (change("languages", ["中文"]), "languages: 中文: a language is written as in zh, en or pt-BR"),
    (change("languages", ["zh", "zh"]), "languages: one stands twice"),
    (change("time_zone", "Mars/Olympus"), "time_zone: there is no time zone Mars/Olympus"),
    (change("time_zone", "/etc/passwd"), "time_zone: there is no time zone /etc/passwd"),
    (change("metric_crs", "EPSG:1"), "metric_crs: EPSG:1 is no CRS that is known"),
    (change("metric_crs", "EPSG:4326"), "metric_crs: EPSG:4326 measures in degree, not in metres"),
    (change("metric_crs", "EPSG:2263"), "metric_crs: EPSG:2263 measures in US survey foot, not in metres"),
    (change("datum", "Mars-84"), "datum: Mars-84 is none of WGS-84, GCJ-02, BD-09 and EPSG:<code>"),
    (change("outside_m", -1), "outside_m: -1 is not a number of metres"),
    (change("outside_m", True), "outside_m: True is not a number"),
    (change("working_hours", {"mon": ["9-12"]}), "working_hours: '9-12' is not written as in 09:00-12:00"),
    (change("calendar_days", {"2026-02-30": "rest"}), "calendar_days.2026-02-30: is no day"),
    (change("calendar_days", {"2026-02-20": "off"}), "calendar_days.2026-02-20: off is neither work nor rest"),
    (change("calendar", "China"), "calendar: China: a calendar is written as in CN or US-NY"),
    (change("synthetic", "yes"), "synthetic: 'yes' is not true or false"),
    (change("responsible", "office"), "responsible: no layer is called office; there are: offices, lamps, roads"),
    (change("responsible", "lamps"), "layers[1].kind (lamps): assets are no areas"),
    (change("layers.0.name", "Offices"), "layers[0].name (Offices): 'Offices' is not written in small letters"),
    (change("layers.1.name", "offices"), "layers[1].name (offices): another layer is called so too"),
    (
        change("layers.0.kind", "street_office"),
        "layers[0].kind (offices): there is no kind street_office; perhaps street_off",
    ),
    (change("layers.0.file", "../../etc/passwd"), "layers[0].file (offices): ../../etc/passwd leads out of the data"),
    (change("layers.0.file", "/etc/passwd"), "layers[0].file (offices): /etc/passwd leads out of the data folder"),
    (change("layers.0.file", " "), "layers[0].file (offices): is empty"),
    (change("layers.0.label", {"en": "Office"}), "layers[0].label (offices): there is none in the city's first"),
    (change("layers.0.crs", "EPSG:99999"), "layers[0].crs (offices): EPSG:99999 is none of WGS-84, GCJ-02, BD-09"),
    (change("layers.0.crs", 4326), "layers[0].crs (offices): 4326 is not a text in quotes"),
    (change("layers.0.encoding", "klingon"), "layers[0].encoding (offices): there is no encoding klingon"),
    (change("layers.0.encoding", "hex"), "layers[0].encoding (offices): there is no encoding hex"),
    (change("layers.0.count", [9, 1]), "layers[0].count (offices): [9, 1]: the least comes first"),
    (change("layers.0.count", [1]), "layers[0].count (offices): [1] is not two whole numbers"),
    (change("layers.0.count", [1.5, 2]), "layers[0].count (offices): [1.5, 2] is not two whole numbers"),
    (change("layers.0.valid_from", "2020-13-01"), "layers[0].valid_from (offices): 2020-13-01 is no day"),
    (change("layers.0.valid_to", "2019-01-01"), "layers[0].valid_to (offices): lies before valid_from"),
    (change("layers.0.quality_words", {"x": "good"}), "layers[0].quality_words (offices): good is none of official"),
    (without("layers.0.quality_words"), "layers[0].quality_words (offices): quality_column and quality_words go tog"),
    (change("layers.0.quality", "synthetic"), "layers[0].quality (offices): is given besides quality_column"),
    (change("layers.1.quality", "good"), "layers[1].quality (lamps): good is none of official, approximate, synthetic"),
    (change("layers.0.owner", "who"), "layers[0].owner (offices): only assets have it, and street_offices are none"),
    (change("layers.0.reach_m", 5), "layers[0].reach_m (offices): areas have none, and street_offices are areas"),
    (change("layers.2.matters", ["dark"]), "layers[2].matters (roads): only assets have it, and roads are none"),
    (without("layers.1.lat"), "layers[1].lat (lamps): lon is given, so lat is needed too"),
    (change("layers.1.wkt", "w"), "layers[1].wkt (lamps): is given besides lon and lat"),
    (change("layers.1.reach_m", float("inf")), "layers[1].reach_m (lamps): inf is not a number of metres"),
    (change("layers.1.matters", ["dark", "drak"]), "layers[1].matters (lamps): the catalogue has no matter drak"),
    (
        change("layers.1.only", {"state": "in use"}),
        "layers[1].only (lamps): {'state': 'in use'} is not a table of lists",
    ),
    (change("layers", {"a": 1}), "layers: {'a': 1} is not tables headed [[layers]]"),
    (change("categories.Lights", {"zh": "灯"}), "categories.Lights: a code is written in small letters"),
    (
        change("categories.lights", {"en": "Lights"}),
        "categories.lights: there is none in the city's first language, zh",
    ),
    (change("matters.0.category", "light"), "matters[0].category (dark): light is none of the categories: lights"),
    (change("matters.0.sources", ["Light/Out"]), "matters[0].sources (dark): 'Light/Out' is not written as in"),
    (change("matters.0.sources", ["a:b", "a:b"]), "matters[0].sources (dark): 'a:b' stands twice"),
    (change("matters.0.keywords", ["路灯", " "]), "matters[0].keywords (dark): one is empty"),
    (change("matters.0.keywords", "路灯"), "matters[0].keywords (dark): '路灯' is not a list of texts"),
    (change("matters.0.urgent", 1), "matters[0].urgent (dark): 1 is not true or false"),
    (
        lambda raw: raw["matters"].append(deepcopy(raw["matters"][0])),
        "matters[1].code (dark): another matter has the sa",
    ),
]


@pytest.mark.parametrize(("wrong", "says"), WRONG, ids=[says for _, says in WRONG])
def test_what_is_wrong_is_said_with_its_place(wrong: Change, says: str) -> None:
    raw = pack()
    wrong(raw)
    assert [one for one in problems(raw, KINDS) if one.startswith(says)]
    with pytest.raises(PackInvalid, match=re.escape(says)):
        city_from(raw, "x.toml", kinds=KINDS)


def test_all_that_is_wrong_is_said_at_once() -> None:
    raw = pack()
    for wrong in (change("code", ""), change("layers.0.crs", "x"), change("layers.2.key", ""), change("nonsense", 1)):
        wrong(raw)
    with pytest.raises(PackInvalid) as caught:
        city_from(raw, "x.toml", kinds=KINDS)
    assert [line.split(":")[0] for line in caught.value.facts["problems"]] == [  # type: ignore[attr-defined]
        "nonsense", "code", "layers[0].crs (offices)", "layers[2].key (roads)",
    ]  # fmt: skip
    assert str(caught.value).count("\n  ") == 4


def test_without_a_list_of_kinds_any_kind_is_taken() -> None:
    raw = pack()
    raw["layers"][0]["kind"] = "volcanoes"
    assert problems(raw) == ()


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.data())
def test_whatever_stands_in_a_pack_its_problems_are_told_and_never_raise(data: st.DataObject) -> None:
    raw = pack()
    for _ in range(data.draw(st.integers(1, 4))):
        inner: Any = raw
        while True:
            keys = list(inner) if isinstance(inner, dict) else list(range(len(inner)))
            if not keys:
                break
            key = data.draw(st.sampled_from(keys))
            if isinstance(inner[key], dict | list) and inner[key] and data.draw(st.booleans()):
                inner = inner[key]
                continue
            inner[key] = data.draw(ANYTHING)
            break
    found = problems(raw, KINDS)
    assert isinstance(sketch(raw), City)
    if not found:
        assert city_from(raw, kinds=KINDS) == sketch(raw) or raw.get("matters") or raw.get("categories")


# Files


def test_a_pack_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(PackInvalid, match='there is no pack "paris"; there are: la, nyc, shenzhen'):
        read_pack("paris")
    with pytest.raises(PackInvalid, match=r"there is no file .*paris\.toml"):
        read_pack(tmp_path / "paris.toml")


@pytest.mark.parametrize("content", [b"code = ", b"\xff\xfe", b"a = 1\na = 2"])
def test_a_file_that_is_no_toml_says_so(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_bytes(content)
    with pytest.raises(PackInvalid, match=r"x\.toml: "):
        raw_pack(tmp_path / "x.toml")


def test_a_pack_written_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_bytes(b"\xef\xbb\xbf" + (PACKS / "la.toml").read_bytes())
    assert read_pack(tmp_path / "x.toml", KINDS).code == "la"
