"""A city pack read: one TOML that says what a city's files mean and how the city is spoken of."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pyproj import CRS
from pyproj.exceptions import CRSError

from geoapp.errors import PackInvalid

PACKS: Final = Path(__file__).parent / "packs"
LEVELS: Final = ("districts", "street_offices", "communities", "grids")


@dataclass(frozen=True, slots=True)
class LayerSpec:
    """One ground layer of a city: which file, which columns.

    kind is a file of layers/ (districts, street_offices, assets, …); label is what people there call the level.
    Wherever a column is named, a pattern such as "District {BoroCD}" may stand. names maps a language to one.
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

    calendar names its working days as the library `holidays` does (CN, US-NY); "" is every weekday.
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


def read_pack(name: str | Path) -> City:
    """The pack of that name (a file of packs/) or in that TOML file.

    Raises:
        PackInvalid: no such pack, not TOML, or a value is missing or wrong; the detail names it.
    """
    path = Path(name) if str(name).endswith(".toml") else PACKS / f"{name}.toml"
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PackInvalid(f"{path.name}: {error}") from error
    return city_from(raw, path.name)


def city_from(raw: dict[str, Any], origin: str = "pack", city_id: int = 0) -> City:
    """A city from plain values, checked.

    Raises:
        PackInvalid: a value is missing or wrong; the detail names it.
    """
    try:
        languages = tuple(raw["languages"])
        city = City(
            code=str(raw["code"]),
            prefix=str(raw.get("prefix") or raw["code"]).upper(),
            names=dict(raw["names"]),
            time_zone=str(raw["time_zone"]),
            metric_crs=str(raw["metric_crs"]),
            languages=languages,
            datum=str(raw.get("datum", "WGS-84")),
            outside_m=float(raw.get("outside_m", 1000)),
            attribution=str(raw.get("attribution", "")),
            licence=str(raw.get("licence", "")),
            responsible=str(raw["responsible"]),
            layers=tuple(_layer(line) for line in raw.get("layers", ())),
            categories={code: dict(names) for code, names in raw.get("categories", {}).items()},
            matters=tuple(_matter(line) for line in raw.get("matters", ())),
            calendar=str(raw.get("calendar", "")),
            synthetic=bool(raw.get("synthetic", False)),
            id=city_id,
        )
    except KeyError as error:
        raise PackInvalid(f"{origin}: {error} is missing") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise PackInvalid(f"{origin}: {error}") from error
    _check(city, origin)
    return city


def _layer(line: dict[str, Any]) -> LayerSpec:
    lists = {key: tuple(line[key]) for key in ("matters", "keep", "count") if line.get(key)}
    return LayerSpec(**{**line, "names": dict(line["names"]), **lists})


def _matter(line: dict[str, Any]) -> MatterSpec:
    lists = {key: tuple(line.get(key, ())) for key in ("keywords", "sources")}
    return MatterSpec(**{**line, **lists})


@lru_cache(maxsize=64)
def _is_projected(crs: str) -> bool:
    # Asked at every request that reads its city; PROJ takes milliseconds to answer.
    return bool(CRS.from_user_input(crs).is_projected)


def _check(city: City, origin: str) -> None:
    try:
        ZoneInfo(city.time_zone)
        projected = _is_projected(city.metric_crs)
    except (ZoneInfoNotFoundError, CRSError, ValueError) as error:
        raise PackInvalid(f"{origin}: {error}") from error
    if not projected:
        raise PackInvalid(f"{origin}: metric_crs {city.metric_crs} is not projected, so it has no metres")
    if not city.languages or city.languages[0] not in city.names:
        raise PackInvalid(f"{origin}: names lacks the first of its languages")
    if city.responsible not in {layer.name for layer in city.layers}:
        raise PackInvalid(f"{origin}: responsible names no layer of the pack: {city.responsible}")
    unknown = {matter.category for matter in city.matters} - city.categories.keys()
    if unknown:
        raise PackInvalid(f"{origin}: matters name unknown categories: {', '.join(sorted(unknown))}")
