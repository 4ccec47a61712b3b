"""A city pack read: one TOML that says what a city's files mean and how the city is spoken of."""

from __future__ import annotations

import difflib
import importlib
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, field, fields
from datetime import date
from functools import lru_cache
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import Any, Final, get_type_hints
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pyproj import CRS
from pyproj.exceptions import CRSError

from geoapp.errors import PackInvalid

PACKS: Final = Path(__file__).parent / "packs"
LEVELS: Final = ("districts", "street_offices", "communities", "grids")


def called(names: Mapping[str, str], language: str, otherwise: str = "") -> str:
    """A thing's name in a language, else in any it has."""
    return names.get(language) or next((name for name in names.values() if name), otherwise)


@dataclass(frozen=True, slots=True)
class LayerSpec:
    """One ground layer of a city: which file, which columns.

    kind is a file of layers/ (districts, street_offices, assets, …); label is what people there call the level.
    Wherever a column is named, a pattern such as "District {BoroCD}" may stand, or a constant such as "=hydrant".
    names maps a language to one. only keeps the features in whose columns stands one of the words.
    A table (CSV) has its place in lon and lat, or in wkt; sublayer is a GeoPackage's table; crs is WGS-84, GCJ-02,
    BD-09 or EPSG:<code>. quality is one of official, approximate, synthetic, or says by quality_words which of them
    the words in the column quality_column mean. count is how many features there should be, at least and at most.
    valid_from and valid_to are days, ISO 8601, "" for open.
    Assets: classed says of what class, authority, owner and maintainer who its parties are, reach_m how many metres
    away a report may lie and still be of it, matters which matters of the catalogue it can be.
    keep names columns that are kept as they are.
    """

    name: str
    kind: str
    file: str
    key: str
    names: dict[str, str]
    label: dict[str, str]
    crs: str = "EPSG:4326"
    quality: str = "official"
    quality_column: str = ""
    quality_words: dict[str, str] = field(default_factory=dict)
    encoding: str = ""
    sublayer: str = ""
    lon: str = ""
    lat: str = ""
    wkt: str = ""
    count: tuple[int, int] | None = None
    valid_from: str = ""
    valid_to: str = ""
    classed: str = ""
    authority: str = ""
    owner: str = ""
    maintainer: str = ""
    reach_m: float = 0.0
    matters: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    only: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MatterSpec:
    """One matter of the catalogue a pack brings; sources lists "source:category/matter" words that mean it."""

    category: str
    code: str
    names: dict[str, str]
    keywords: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    public: bool = True
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class City:
    """What the code needs to know of a city; id is its key in this installation (0: not loaded).

    calendar names its working days as the library `holidays` does (CN, US-NY); "" is every weekday. working_hours are
    those of each day ("mon-fri" → "09:00-12:00", …), calendar_days the days that are otherwise ("2026-05-04" → rest or
    work). clocked lists the sources of imports whose tickets run by the clocks here; others are only mirrored.
    """

    code: str
    prefix: str
    names: dict[str, str]
    time_zone: str
    metric_crs: str
    languages: tuple[str, ...]
    datum: str
    outside_m: float
    attribution: str
    licence: str
    responsible: str
    layers: tuple[LayerSpec, ...]
    categories: dict[str, dict[str, str]]
    matters: tuple[MatterSpec, ...]
    calendar: str = ""
    working_hours: dict[str, tuple[str, ...]] = field(default_factory=dict)
    calendar_days: dict[str, str] = field(default_factory=dict)
    clocked: tuple[str, ...] = ()
    synthetic: bool = False
    id: int = 0

    @property
    def zone(self) -> ZoneInfo:
        """The city's time zone: its days are the days of all filters and clocks."""
        return ZoneInfo(self.time_zone)

    def name(self, language: str) -> str:
        """What the city is called in a language, else in its own first one."""
        return self.names.get(language) or self.names[self.languages[0]]

    def layer(self, name: str) -> LayerSpec:
        """The layer of that name; KeyError if the pack has none."""
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise KeyError(name)

    def as_dict(self) -> dict[str, Any]:
        """The pack as plain values, as the database keeps it."""
        return asdict(self)


Kinds = Mapping[str, str]
"""The kinds of layers there are, and the role of each: areas, assets, roads or landmarks."""


def read_pack(name: str | Path, kinds: Kinds | None = None) -> City:
    """The pack of that name (a file of packs/) or in that TOML file.

    Raises:
        PackInvalid: no such pack, not TOML, or values are missing or wrong; the detail names each with its place.
    """
    raw, origin = raw_pack(name)
    return city_from(raw, origin, kinds=kinds)


def raw_pack(name: str | Path) -> tuple[dict[str, Any], str]:
    """A pack's values as they stand in its file, and what the file is called.

    Raises:
        PackInvalid: no such pack, or not TOML.
    """
    path = Path(name) if str(name).endswith(".toml") else PACKS / f"{name}.toml"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig")), path.name
    except FileNotFoundError as error:
        there = ", ".join(sorted(pack.stem for pack in PACKS.glob("*.toml")))
        said = f"there is no file {path}" if path.parent != PACKS else f'there is no pack "{name}"; there are: {there}'
        raise PackInvalid(said) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PackInvalid(f"{path.name}: {error}") from error


def city_from(raw: Mapping[str, Any], origin: str = "pack", city_id: int = 0, kinds: Kinds | None = None) -> City:
    """A city from plain values, checked unless it is loaded already.

    A loaded city was checked when it was loaded: a release with stricter rules, or other keys, takes no city away.

    Raises:
        PackInvalid: values are missing or wrong; the detail names each with its place.
    """
    if not city_id and (wrong := problems(raw, kinds)):
        raise PackInvalid(f"{origin}:\n  " + "\n  ".join(wrong), problems=wrong)
    return _city(raw, city_id)


def _city(raw: Mapping[str, Any], city_id: int) -> City:
    return City(
        code=str(raw["code"]),
        prefix=str(raw.get("prefix") or raw["code"]).upper(),
        names=dict(raw["names"]),
        time_zone=str(raw["time_zone"]),
        metric_crs=str(raw["metric_crs"]),
        languages=tuple(raw["languages"]),
        datum=str(raw.get("datum", "WGS-84")),
        outside_m=float(raw.get("outside_m", 1000)),
        attribution=str(raw.get("attribution", "")),
        licence=str(raw.get("licence", "")),
        responsible=str(raw["responsible"]),
        layers=tuple(_layer(line) for line in raw.get("layers", ())),
        categories={code: dict(names) for code, names in raw.get("categories", {}).items()},
        matters=tuple(_matter(line) for line in raw.get("matters", ())),
        calendar=str(raw.get("calendar", "")),
        working_hours={days: tuple(hours) for days, hours in raw.get("working_hours", {}).items()},
        calendar_days=dict(raw.get("calendar_days", {})),
        clocked=tuple(raw.get("clocked", ())),
        synthetic=bool(raw.get("synthetic", False)),
        id=city_id,
    )


def sketch(raw: Mapping[str, Any]) -> City:
    """A city from what is sound in a pack, for whoever helps to write one; what is missing or wrong is left empty."""
    _, city = _typed(raw, City, _OPTIONAL)
    whole: Sound = {"code": "", "prefix": "-", "names": {}, "time_zone": "UTC", "metric_crs": "", "languages": (),
             "responsible": ""} | city | {"matters": (), "categories": {}}  # fmt: skip
    if any(_about_metric_crs(city.get("metric_crs"))):
        whole["metric_crs"] = ""
    empty: Sound = {
        name: {} if hint == dict[str, str] else "" for name, (hint, needed) in _shape(LayerSpec).items() if needed
    }
    whole["layers"] = [empty | _typed(line, LayerSpec)[1] for line in city.get("layers", ())]
    return _city(whole, 0)


def _layer(line: Mapping[str, Any]) -> LayerSpec:
    """A layer from plain values; keys that are none of a layer's are passed over."""
    known = {one.name: line[one.name] for one in fields(LayerSpec) if one.name in line}
    lists = {key: tuple(line[key]) for key in ("matters", "keep", "count") if line.get(key) is not None}
    only = {column: tuple(words) for column, words in line.get("only", {}).items()}
    return LayerSpec(**{**known, "names": dict(line["names"]), **lists, "only": only})


def _matter(line: Mapping[str, Any]) -> MatterSpec:
    known = {one.name: line[one.name] for one in fields(MatterSpec) if one.name in line}
    lists = {key: tuple(line.get(key, ())) for key in ("keywords", "sources")}
    return MatterSpec(**{**known, **lists})


# What can be wrong with a pack

DATUMS: Final = ("WGS-84", "GCJ-02", "BD-09")
QUALITIES: Final = ("official", "approximate", "synthetic")

_SPELT: Final = frozenset((*DATUMS, "WGS84", "GCJ02", "BD09"))
_OPTIONAL: Final = frozenset({"prefix", "datum", "outside_m", "attribution", "licence", "categories", "matters"})
"""What a city has and its pack may leave out."""

_CODE: Final = re.compile(r"[a-z0-9][a-z0-9_-]*")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_PREFIX: Final = re.compile(r"[A-Za-z0-9_-]{1,16}")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_CALENDAR: Final = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
_SOURCE: Final = re.compile(r"[a-z0-9_.-]+:.+")
_PARTIES: Final = ("authority", "owner", "maintainer")

Said = Iterator[tuple[str, str]]
"""What is wrong: the key, and the words."""

Sound = dict[str, Any]
"""Those fields of a table that are of the right type."""


def problems(raw: Mapping[str, Any], kinds: Kinds | None = None) -> tuple[str, ...]:
    """All that is wrong with a pack's values, each with its place in the TOML, such as layers[2].crs."""
    wrong, city = _typed(raw, City, _OPTIONAL)
    found = _placed("", [*wrong, *_about_city(city)])
    layers, matters = city.get("layers", ()), city.get("matters", ())
    codes = Counter(str(line.get("code")) for line in matters)
    names = Counter(str(line.get("name")) for line in layers)
    for at, line in enumerate(layers):
        wrong, layer = _typed(line, LayerSpec)
        said = [*wrong, *_about_layer(layer, city, codes.keys()), *_about_role(layer, city, kinds)]
        if names[str(line.get("name"))] > 1:
            said.append(("name", "another layer is called so too"))
        found += _placed(f"layers[{at}]", said, str(line.get("name", "")))
    sources = Counter(words for line in matters for words in _list(line.get("sources")))
    for at, line in enumerate(matters):
        wrong, matter = _typed(line, MatterSpec)
        said = [*wrong, *_about_matter(matter, city, sources)]
        if codes[str(line.get("code"))] > 1:
            said.append(("code", "another matter has the same"))
        found += _placed(f"matters[{at}]", said, str(line.get("code", "")))
    return tuple(found)


def _placed(place: str, said: Sequence[tuple[str, str]], name: str = "") -> list[str]:
    called = f" ({name})" if name else ""
    return [f"{f'{place}.{key}' if place else key}{called}: {words}" for key, words in said]


def _text(value: object) -> bool:
    return isinstance(value, str)


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _texts(value: object) -> bool:
    return isinstance(value, list | tuple) and all(map(_text, value))


def _tables(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(one, Mapping) for one in value)


def _table_of(fits: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, Mapping) and all(map(fits, value.values()))


# Each type a field may have: what it is called, and whether a value is one.
_TYPES: Final[Mapping[Any, tuple[str, Callable[[Any], bool]]]] = {
    str: ("a text in quotes", _text),
    bool: ("true or false", lambda value: isinstance(value, bool)),
    float: ("a number", _number),
    dict[str, str]: ('a table of texts such as { en = "…" }', _table_of(_text)),
    dict[str, tuple[str, ...]]: ('a table of lists such as { column = ["…"] }', _table_of(_texts)),
    dict[str, dict[str, str]]: ('tables of texts such as code = { en = "…" }', _table_of(_table_of(_text))),
    tuple[str, ...]: ('a list of texts such as ["…", "…"]', _texts),
    tuple[int, int] | None: (
        "two whole numbers, the least and the most, such as [70, 80]",
        lambda value: (
            value is None or (isinstance(value, list | tuple) and len(value) == 2 and all(map(_whole, value)))
        ),
    ),
    tuple[LayerSpec, ...]: ("tables headed [[layers]]", _tables),
    tuple[MatterSpec, ...]: ("tables headed [[matters]]", _tables),
}


@lru_cache(maxsize=8)
def _shape(of: type) -> Mapping[str, tuple[Any, bool]]:
    """The type of each field, and whether a table must have it; the key in an installation is none of a pack's."""
    hints = get_type_hints(of)
    needed = {one.name for one in fields(of) if one.default is MISSING and one.default_factory is MISSING}
    return {name: (hint, name in needed) for name, hint in hints.items() if name != "id"}


def _typed(
    line: Mapping[str, Any], of: type, optional: frozenset[str] = frozenset()
) -> tuple[list[tuple[str, str]], Sound]:
    """What is wrong with a table's keys and types, and the fields with which nothing is."""
    shape = _shape(of)
    wrong = [(key, "is missing") for key, (_, needed) in shape.items() if needed and key not in {*line, *optional}]
    sound: Sound = {}
    for key, value in line.items():
        if key not in shape:
            if key != "id":
                near = difflib.get_close_matches(key, shape, 1)
                wrong.append((key, "there is no such key" + (f"; perhaps {near[0]}" if near else "")))
            continue
        words, fits = _TYPES[shape[key][0]]
        if fits(value):
            sound[key] = value
        else:
            wrong.append((key, f"{_shown(value)} is not {words}"))
    return wrong, sound


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 40 else f"{shown[:40]}…"


def _list(value: object) -> Sequence[str]:
    return value if _texts(value) else ()  # type: ignore[return-value]


def _about_city(city: Sound) -> Said:
    yield from _spelt(city, "code", _CODE, "small letters, digits, - and _")
    yield from _spelt(city, "prefix", _PREFIX, "at most 16 letters and digits")
    yield from _about_languages(city)
    yield from _named(city, "names", city)
    yield from _about_time_zone(city.get("time_zone", "UTC"))
    yield from _about_metric_crs(city.get("metric_crs"))
    yield from _about_crs(city, "datum")
    yield from _at_least_nought(city, "outside_m")
    yield from _about_calendar(city.get("calendar", ""))
    yield from _about_working_days(city)
    for code, names in city.get("categories", {}).items():
        if not _CODE.fullmatch(code):
            yield f"categories.{code}", "a code is written in small letters, digits, - and _"
        yield from _named({f"categories.{code}": names}, f"categories.{code}", city)
    names = [line.get("name") for line in city.get("layers", ())]
    if "responsible" in city and city["responsible"] not in names:
        listed = ", ".join(map(str, names)) or "none"
        yield "responsible", f"no layer is called {city['responsible']}; there are: {listed}"


def _about_languages(city: Sound) -> Said:
    languages = city.get("languages")
    if languages is None:
        return
    if not languages:
        yield "languages", "at least one is needed"
    if strange := [one for one in languages if not _LANGUAGE.fullmatch(one)]:
        yield "languages", f"{', '.join(strange)}: a language is written as in zh, en or pt-BR"
    if len(set(languages)) < len(languages):
        yield "languages", "one stands twice"


def _about_time_zone(name: str) -> Said:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield "time_zone", f"there is no time zone {name}; one is written as in Asia/Shanghai"


def _about_metric_crs(crs: str | None) -> Said:
    if crs is None:
        return
    unit = _unit(crs)
    if not unit:
        yield "metric_crs", f"{crs} is no CRS that is known; one is written as in EPSG:4547"
    elif unit != "metre":
        yield "metric_crs", f"{crs} measures in {unit}, not in metres"


def _about_crs(line: Sound, key: str) -> Said:
    crs = str(line.get(key, "WGS-84"))
    if crs.strip().upper().replace("_", "-") not in _SPELT and not (crs.upper().startswith("EPSG:") and _unit(crs)):
        yield key, f"{crs} is none of {', '.join(DATUMS)} and EPSG:<code>"


def _about_calendar(calendar: str) -> Said:
    if not calendar:
        return
    if not _CALENDAR.fullmatch(calendar):
        yield "calendar", f"{calendar}: a calendar is written as in CN or US-NY"
        return
    country, _, part = calendar.partition("-")
    try:
        known = importlib.import_module("holidays").list_supported_countries()
    except ImportError:
        return
    if country not in known or (part and part not in known[country]):
        yield "calendar", f"no calendar of {calendar} is known"


def _about_working_days(city: Sound) -> Said:
    if hours := city.get("working_hours"):
        try:
            week(hours)
        except ValueError as error:
            yield "working_hours", str(error)
    for day, how in city.get("calendar_days", {}).items():
        try:
            date.fromisoformat(day)
        except ValueError:
            yield f"calendar_days.{day}", "is no day; one is written as in 2026-01-31"
        if how not in ("work", "rest"):
            yield f"calendar_days.{day}", f"{how} is neither work nor rest"


def _about_layer(layer: Sound, city: Sound, matters: Collection[str]) -> Said:
    yield from _spelt(layer, "name", _NAME, "small letters, digits and _, a letter first")
    for key in ("file", "key"):
        if not layer.get(key, "-").strip():
            yield key, "is empty"
    file = PurePosixPath(layer.get("file", ""))
    if file.is_absolute() or ".." in file.parts:
        yield "file", f"{file} leads out of the data folder"
    for key in ("names", "label"):
        yield from _named(layer, key, city)
    yield from _about_crs(layer, "crs")
    yield from _about_place(layer)
    yield from _about_quality(layer)
    yield from _about_encoding(layer.get("encoding", ""))
    least, most = layer.get("count") or (0, 0)
    if not 0 <= least <= most:
        yield "count", f"[{least}, {most}]: the least comes first, and is nought or more"
    yield from _about_days(layer)
    yield from _at_least_nought(layer, "reach_m")
    if strange := [code for code in layer.get("matters", ()) if code not in matters]:
        yield "matters", f"the catalogue has no matter {', '.join(strange)}"


def _about_place(layer: Sound) -> Said:
    for one, other in (("lon", "lat"), ("lat", "lon")):
        if layer.get(one) and not layer.get(other):
            yield other, f"{one} is given, so {other} is needed too"
    if layer.get("wkt") and (layer.get("lon") or layer.get("lat")):
        yield "wkt", "is given besides lon and lat; only one of them says where a feature is"


def _about_quality(layer: Sound) -> Said:
    if (quality := layer.get("quality", QUALITIES[0])) not in QUALITIES:
        yield "quality", f"{quality} is none of {', '.join(QUALITIES)}"
    words = layer.get("quality_words", {})
    if strange := sorted(set(words.values()) - set(QUALITIES)):
        yield "quality_words", f"{', '.join(strange)} is none of {', '.join(QUALITIES)}"
    if bool(words) != bool(layer.get("quality_column")):
        yield "quality_words", "quality_column and quality_words go together"
    if words and "quality" in layer and layer["quality"] != QUALITIES[0]:
        yield "quality", "is given besides quality_column; only one of them says the quality"


def _about_encoding(encoding: str) -> Said:
    try:
        " ".encode(encoding or "utf-8")
    except LookupError:
        yield "encoding", f"there is no encoding {encoding}"


def _about_days(layer: Sound) -> Said:
    days = {}
    for key in ("valid_from", "valid_to"):
        try:
            days[key] = date.fromisoformat(layer[key]) if layer.get(key) else None
        except ValueError:
            yield key, f"{layer[key]} is no day; one is written as in 2026-01-31"
    first, last = days.get("valid_from"), days.get("valid_to")
    if first and last and last < first:
        yield "valid_to", "lies before valid_from"


def _about_role(layer: Sound, city: Sound, kinds: Kinds | None) -> Said:
    """What a layer of its kind cannot be or have."""
    kind = layer.get("kind")
    if kinds is None or kind is None:
        return
    if kind not in kinds:
        near = difflib.get_close_matches(kind, kinds, 1)
        perhaps = f"; perhaps {near[0]}" if near else ""
        yield "kind", f"there is no kind {kind}{perhaps}; there are: {', '.join(sorted(kinds))}"
        return
    role = kinds[kind]
    if role != "areas" and layer.get("name") == city.get("responsible"):
        yield "kind", f"{kind} are no areas, so this layer cannot be the responsible one"
    for key in (*_PARTIES, "matters"):
        if layer.get(key) and role != "assets":
            yield key, f"only assets have it, and {kind} are none"
    for key in ("classed", "keep", "reach_m"):
        if layer.get(key) and role == "areas":
            yield key, f"areas have none, and {kind} are areas"


def _about_matter(matter: Sound, city: Sound, sources: Mapping[str, int]) -> Said:
    yield from _spelt(matter, "code", _CODE, "small letters, digits, - and _")
    yield from _named(matter, "names", city)
    categories = city.get("categories", {})
    if "category" in matter and matter["category"] not in categories:
        yield "category", f"{matter['category']} is none of the categories: {', '.join(categories) or 'none'}"
    if not all(word.strip() for word in matter.get("keywords", ())):
        yield "keywords", "one is empty"
    for words in matter.get("sources", ()):
        if not _SOURCE.fullmatch(words):
            yield "sources", f'{words!r} is not written as in "la311:Bulky Items" or "nyc311:Sewer/Manhole"'
        elif sources[words] > 1:
            yield "sources", f"{words!r} stands twice"


# Hours of work

Span = tuple[int, int]
"""From and until, in minutes of a day; 1440 is its end."""

USUAL_HOURS: Final = {"mon-fri": ("09:00-12:00", "14:00-18:00")}
"""The hours of a city whose pack names none."""

_WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOURS: Final = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")


def week(hours: Mapping[str, Sequence[str]]) -> tuple[tuple[Span, ...], ...]:
    """The spans of each weekday out of lines such as "mon-fri" → "09:00-12:00", "14:00-18:00".

    Raises:
        ValueError: days or hours cannot be read, or overlap.
    """
    spans: dict[str, list[Span]] = {day: [] for day in _WEEKDAYS}
    for days, told in hours.items():
        for day in _weekdays(days):
            spans[day] += [_span(one) for one in told]
    found = tuple(tuple(sorted(spans[day])) for day in _WEEKDAYS)
    for day, mine in zip(_WEEKDAYS, found, strict=True):
        if any(after[0] < before[1] for before, after in pairwise(mine)):
            raise ValueError(f"the hours of {day} overlap")
    if not any(found):
        raise ValueError("no day has any hours")
    return found


def _weekdays(words: str) -> Sequence[str]:
    first, _, last = words.partition("-")
    if first not in _WEEKDAYS or (last and last not in _WEEKDAYS):
        raise ValueError(f"{words} is no weekday; days are written as in mon or mon-fri")
    return _WEEKDAYS[_WEEKDAYS.index(first) : _WEEKDAYS.index(last or first) + 1]


def _span(words: str) -> Span:
    found = _HOURS.fullmatch(words)
    if not found:
        raise ValueError(f"{words!r} is not written as in 09:00-12:00")
    since, until = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
    if not since < until <= 1440:
        raise ValueError(f"{words} ends before it begins")
    return since, until


def _spelt(line: Sound, key: str, pattern: re.Pattern[str], words: str) -> Said:
    if key in line and not pattern.fullmatch(line[key]):
        yield key, f"{_shown(line[key])} is not written in {words}"


def _named(line: Sound, key: str, city: Sound) -> Said:
    """Names there must be in the city's first language, and may be in its others."""
    names, languages = line.get(key), city.get("languages")
    if names is None or not languages:
        return
    if not names.get(languages[0], "").strip():
        yield key, f"there is none in the city's first language, {languages[0]}"
    if strange := sorted(names.keys() - set(languages)):
        yield key, f"{', '.join(strange)} is none of the city's languages"


def _at_least_nought(line: Sound, key: str) -> Said:
    if not 0 <= line.get(key, 0) < float("inf"):
        yield key, f"{line[key]} is not a number of metres"


@lru_cache(maxsize=256)
def _unit(crs: str) -> str:
    """What a CRS measures in: metre, degree, …; "" for one that PROJ does not know."""
    try:
        found = CRS.from_user_input(crs)
    except CRSError:
        return ""
    return found.axis_info[0].unit_name if found.is_projected or found.is_geographic else "something else"
