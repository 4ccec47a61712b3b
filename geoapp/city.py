"""A city pack read: one TOML that says what a city's files mean and how the city is spoken of."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass
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

    kind is a file of layers/ (districts, street_offices, …); label is what people there call the level.
    names maps a language to the column that holds the name, or to a pattern such as "District {BoroCD}".
    """

    name: str
    kind: str
    file: str
    key: str
    names: dict[str, str]
    label: dict[str, str]
    crs: str = "EPSG:4326"
    quality: str = "official"
    encoding: str = ""


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
    """What the code needs to know of a city; id is its key in this installation (0: not loaded)."""

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
    synthetic: bool = False
    id: int = 0

    @property
    def zone(self) -> ZoneInfo:
        """The city's time zone: its days are the days of all filters and clocks."""
        return ZoneInfo(self.time_zone)

    def name(self, language: str) -> str:
        """What the city is called in a language, else in its own first one."""
        return self.names.get(language) or self.names[self.languages[0]]

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
            layers=tuple(LayerSpec(**{**layer, "names": dict(layer["names"])}) for layer in raw.get("layers", ())),
            categories={code: dict(names) for code, names in raw.get("categories", {}).items()},
            matters=tuple(_matter(line) for line in raw.get("matters", ())),
            synthetic=bool(raw.get("synthetic", False)),
            id=city_id,
        )
    except KeyError as error:
        raise PackInvalid(f"{origin}: {error} is missing") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise PackInvalid(f"{origin}: {error}") from error
    _check(city, origin)
    return city


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
