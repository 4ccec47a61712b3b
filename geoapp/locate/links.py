"""Links of maps: where a text holds one, and in which datum its coordinates are.

Maps of China are shifted by law (datum.py), and a link says in its host whose map it is of, unless a parameter says
otherwise. A map that is not known here says nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import parse_qsl

_LINK: Final = re.compile(
    r"(?:(?:[a-z]{2,16}://|geo:)|(?<![\w.@-])(?:[a-z0-9-]{1,40}\.){1,4}[a-z]{2,8}(?=[/?:]))[^\s。、；）】》\"'<>]*",
    re.I,
)
_HOST: Final = re.compile(r"(?:[a-z]{2,16}://)?(?P<host>[a-z0-9.-]+)", re.I)
_SCHEME: Final = re.compile(r"(?P<scheme>[a-z]{2,16}):", re.I)

GCJ, BD, WGS = "GCJ-02", "BD-09", "WGS-84"
_HOSTS: Final[Mapping[str, str]] = {
    "amap.com": GCJ, "gaode.com": GCJ, "autonavi.com": GCJ, "map.qq.com": GCJ, "apis.map.qq.com": GCJ,
    "google.cn": GCJ, "map.baidu.com": BD, "openstreetmap.org": WGS, "osm.org": WGS, "tianditu.gov.cn": WGS,
}  # fmt: skip
_SCHEMES: Final[Mapping[str, str]] = {
    "geo": WGS, "androidamap": GCJ, "iosamap": GCJ, "amapuri": GCJ, "qqmap": GCJ, "baidumap": BD, "bdapp": BD,
}  # fmt: skip
_PARAMETERS: Final = frozenset(("coordtype", "coord_type", "coordinate", "coordsys", "coord_sys", "datum"))
_NAMED: Final[Mapping[str, str]] = {
    "wgs84": WGS, "wgs84ll": WGS, "gps": WGS, "gcj02": GCJ, "gcj02ll": GCJ, "gaode": GCJ, "amap": GCJ, "bd09": BD,
    "bd09ll": BD, "baidu": BD,
}  # fmt: skip


class Told(NamedTuple):
    """A datum, and what of a link told it."""

    datum: str
    by: str


class Links:
    """The links of a text, asked by place."""

    __slots__ = ("_spans", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._spans = [found.span() for found in _LINK.finditer(text)]

    def at(self, place: int) -> str:
        """The link that holds a place of the text; empty where none does."""
        nth = bisect_right(self._spans, (place, len(self._text))) - 1
        held = nth >= 0 and self._spans[nth][0] <= place < self._spans[nth][1]
        return self._text[slice(*self._spans[nth])] if held else ""


def told(link: str) -> Told | None:
    """The datum of a link's coordinates: a parameter says it, else the map whose link it is."""
    return _by_parameter(link) or _by_map(link)


def _by_parameter(link: str) -> Told | None:
    _, _, query = link.replace("#", "?").partition("?")
    for key, value in parse_qsl(re.sub(r"[?;]", "&", query)):
        datum = _NAMED.get(re.sub(r"[-_]", "", value.lower()))
        if datum and key.lower() in _PARAMETERS:
            return Told(datum, f"{key}={value}")
    return None


def _by_map(link: str) -> Told | None:
    scheme = _SCHEME.match(link)
    if scheme and scheme["scheme"].lower() in _SCHEMES:
        return Told(_SCHEMES[scheme["scheme"].lower()], f"{scheme['scheme'].lower()}:")
    found = _HOST.match(link)
    parts = found["host"].lower().strip(".").split(".") if found else []
    for at in range(len(parts)):
        host = ".".join(parts[at:])
        if host in _HOSTS:
            return Told(_HOSTS[host], ".".join(parts))
    return None
