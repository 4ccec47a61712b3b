"""What a kind of layer is, and what a ground layer's file gives: features in one clean shape, and what was found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

AREAS: Final = "areas"
ASSETS: Final = "assets"
ROADS: Final = "roads"
LANDMARKS: Final = "landmarks"
ROLES: Final = (AREAS, ASSETS, ROADS, LANDMARKS)
"""What a layer is to the rest: areas answer for what lies in them, assets have parties, roads have stretches."""

QUALITIES: Final = ("official", "approximate", "synthetic")

Floats = NDArray[np.float64]
ToWgs84 = Callable[[Floats, Floats], tuple[Floats, Floats]]
"""Turns x east and y north of a file into longitude and latitude in WGS-84 degrees."""


@dataclass(frozen=True, slots=True)
class LayerKind:
    """What a kind of layer is: its words, what it is to the rest, how it is drawn and who may see it.

    stroke is how heavily its shapes are drawn: quiet, line or point; from_zoom is the zoom from which its shapes and
    names are drawn (the coarsest level of a city is its land and is drawn always); audience is public or inside.
    """

    name: str
    label: Mapping[str, str]
    role: str = AREAS
    stroke: str = "quiet"
    from_zoom: int = 14
    audience: str = "public"


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature as read, its shape in WGS-84 degrees: an area's is a valid MultiPolygon, others' are valid.

    classed, authority, owner and maintainer are an asset's.
    """

    code: str
    names: Mapping[str, str]
    quality: str
    shape: BaseGeometry
    classed: str = ""
    authority: str | None = None
    owner: str | None = None
    maintainer: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)


Findings = Mapping[str, Mapping[str, Any]]
"""What was found or mended, by its code: how many (`count`), which (`codes` or `rows`, the first of them), and more."""


@dataclass(frozen=True, slots=True)
class LayerFile:
    """A layer's file read whole: its features in the order of codes, and what was found or mended on the way.

    in_file is how many records the file holds: the features, what was merged into them and what was left out, each
    counted under its reason in findings.
    """

    features: tuple[Feature, ...]
    findings: Findings
    in_file: int
    crs: str = ""


class Description(Protocol):
    """What has to be known of a layer to read its file; a city pack says it.

    Wherever a column is named, a pattern such as "District {BoroCD}" may stand, or a constant such as "=hydrant".
    only keeps the features in whose columns stands one of the words.
    """

    @property
    def key(self) -> str: ...
    @property
    def names(self) -> Mapping[str, str]: ...
    @property
    def quality(self) -> str: ...
    @property
    def quality_column(self) -> str: ...
    @property
    def quality_words(self) -> Mapping[str, str]: ...
    @property
    def encoding(self) -> str: ...
    @property
    def sublayer(self) -> str: ...
    @property
    def lon(self) -> str: ...
    @property
    def lat(self) -> str: ...
    @property
    def wkt(self) -> str: ...
    @property
    def classed(self) -> str: ...
    @property
    def authority(self) -> str: ...
    @property
    def owner(self) -> str: ...
    @property
    def maintainer(self) -> str: ...
    @property
    def keep(self) -> tuple[str, ...]: ...
    @property
    def only(self) -> Mapping[str, tuple[str, ...]]: ...
