"""The map of a city: folium is the frame, and everything it would write inline becomes a hashed file."""

from __future__ import annotations

import hashlib
import html
import re
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import folium
from branca.element import Figure
from folium.elements import JSCSSMixin
from folium.template import Template

from geoapp import statics
from geoapp.city import LEVELS, City, LayerSpec
from geoapp.settings import Settings

MAX_ZOOM: Final = 19
Bounds = tuple[float, float, float, float]

NAMES_FROM: Final = {"districts": 9, "street_offices": 12, "communities": 14, "grids": 16}
"""From which zoom a level's borders and names are drawn; the coarsest level is the land and is always drawn."""

ROADS_FROM: Final = 13
"""From which zoom roads of every day are drawn; main ones earlier, lanes later."""

_INLINE: Final = re.compile(r"<(script|style)\b(?![^>]*\ssrc=)[^>]*>(.*?)</\1>", re.DOTALL | re.IGNORECASE)
_META: Final = re.compile(r"<meta\b[^>]*>\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class MapView:
    """A city's map, ready for a page: markup without anything inline, and the two files it asks for.

    digest is taken over script and style, so an address that carries it may be cached for ever.
    ground and tiles tell a second, smaller map (the form's) what to lie on.
    """

    city: str
    language: str
    header: str
    body: str
    script: str
    style: str
    digest: str
    img_source: str
    ground: tuple[dict[str, Any], ...]
    tiles: dict[str, str] | None

    @property
    def script_url(self) -> str:
        """Where the page expects the script."""
        return f"/map/{self.city}.{self.language}.{self.digest}.js"

    @property
    def style_url(self) -> str:
        """Where the page expects the style."""
        return f"/map/{self.city}.{self.language}.{self.digest}.css"


class LocalMap(folium.Map):
    """A folium map that asks this server only, and leaves size and viewport to the page's own style sheet.

    folium's template brings a viewport that forbids zooming and three inline styles: this one brings neither.
    """

    _template = Template("""
        {% macro html(this, kwargs) %}
        <div class="folium-map" id={{ this.get_name()|tojson }}></div>
        {% endmacro %}
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = geoapp.openMap({{ this.get_name()|tojson }}, {{ this.frame|tojavascript }});
        {% endmacro %}
    """)

    def __init__(self, bounds: Bounds, language: str) -> None:
        west, south, east, north = bounds
        super().__init__(tiles=None, location=[(south + north) / 2, (west + east) / 2])
        self._id = "main"
        self.default_js = _links("vendor/leaflet/leaflet.js", "parts.js")
        self.default_css = _links("vendor/leaflet/leaflet.css")
        self.frame = {
            "bounds": [[south, west], [north, east]],
            "max_zoom": MAX_ZOOM,
            "language": language,
        }


class OutlineLayer(JSCSSMixin, folium.map.Layer):
    """The outlines of one ground layer, fetched once: the land itself, or quiet borders with names."""

    _template = Template("""
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = geoapp.outlineLayer({{ this.url|tojson }}, {{ this.look|tojavascript }});
        {% endmacro %}
    """)

    def __init__(self, city: City, layer: LayerSpec, land: bool, language: str) -> None:
        super().__init__(name=layer.label.get(language, layer.name), overlay=True)
        self.default_js, self.default_css = _links("names.js", "outlines.js"), []
        # Part of a script variable's name.
        self._name, self._id = "OutlineLayer", re.sub(r"\W", "_", layer.name)
        self.url = "/api/outlines?" + urlencode({"city": city.code, "layer": layer.name, "lang": language})
        self.look = {"land": land, "level": layer.kind, "fromZoom": 0 if land else NAMES_FROM.get(layer.kind, 13)}


class RoadLayer(JSCSSMixin, folium.map.Layer):
    """The roads of one ground layer, drawn on a canvas: main ones from afar, all of them and their names near by."""

    _template = Template("""
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = geoapp.roadLayer({{ this.url|tojson }}, {{ this.look|tojavascript }});
        {% endmacro %}
    """)

    def __init__(self, city: City, layer: LayerSpec, language: str) -> None:
        super().__init__(name=layer.label.get(language, layer.name), overlay=True)
        self.default_js, self.default_css = _links("names.js", "roads.js"), []
        self._name, self._id = "RoadLayer", re.sub(r"\W", "_", layer.name)
        self.url = "/api/roads?" + urlencode({"city": city.code, "layer": layer.name, "lang": language})
        self.look = {"fromZoom": ROADS_FROM, "roads": True}


class TicketLayer(JSCSSMixin, folium.map.Layer):
    """The tickets in view, clustered by the server; citizens' words never pass through here."""

    _template = Template("""
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = geoapp.ticketLayer({{ this.url|tojson }}, {{ this.asks|tojavascript }});
        {% endmacro %}
    """)

    def __init__(self, city: City, language: str) -> None:
        super().__init__(name="tickets", overlay=True)
        self.default_js, self.default_css = _links("signs.js", "tickets.js"), []
        self._name, self._id = "TicketLayer", "tickets"
        self.url = "/api/clusters"
        self.asks = {"city": city.code, "lang": language}


def render(city: City, language: str, settings: Settings, bounds: Bounds) -> MapView:
    """The map of a city in a language; the same city, language and settings give the same bytes.

    bounds is the city's box: west, south, east, north.
    """
    frame = LocalMap(bounds, language)
    children = _children(city, language, settings)
    for child in children:
        child.add_to(frame)
    figure = frame.get_root()
    assert isinstance(figure, Figure)  # a map without a parent makes one
    figure.render()
    header, scripts, styles = _without_inline(figure.header.render())
    script = "\n".join([*scripts, _tidy(figure.script.render())]) + "\n"
    style = "\n".join(styles) + "\n"
    return MapView(
        city=city.code,
        language=language,
        header=header,
        body=figure.html.render().strip(),
        script=script,
        style=style,
        digest=hashlib.sha256(f"{script}\0{style}".encode()).hexdigest()[:16],
        img_source=tiles_source(settings),
        ground=tuple({"url": x.url, **x.look} for x in children if isinstance(x, OutlineLayer | RoadLayer)),
        tiles={"url": settings.tiles_url, "attribution": _attribution(settings)} if settings.tiles_url else None,
    )


def _links(*names: str) -> list[tuple[str, str]]:
    """Files as folium asks for them: a name, under which each is there once, and its address."""
    return [(f"geoapp_{name}", statics.url(name)) for name in names]


def tiles_source(settings: Settings) -> str:
    """What img-src of the content security policy must name for the tiles; empty when there are none from outside."""
    parts = urlsplit(settings.tiles_url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return ""
    host = parts.netloc.rpartition("@")[2]
    # {s} stands for a server's name; a policy can say so only of whole names, and only at the beginning.
    servers, varies, rest = host.rpartition("{s}")
    return f"{parts.scheme}://" + (f"*.{rest.partition('.')[2]}" if varies else servers + rest)


def _children(city: City, language: str, settings: Settings) -> list[Any]:
    """What lies on the map, from the ground up."""
    grounds = sorted((layer for layer in city.layers if layer.kind in LEVELS), key=lambda x: LEVELS.index(x.kind))
    land = 0 if not settings.tiles_url else -1
    outlines = [OutlineLayer(city, layer, index == land, language) for index, layer in enumerate(grounds)]
    if settings.tiles_url:
        return [_tiles(settings), *outlines, TicketLayer(city, language)]
    roads = [RoadLayer(city, layer, language) for layer in city.layers if layer.kind == "roads"]
    return [*outlines, *roads, TicketLayer(city, language)]


def _tiles(settings: Settings) -> folium.TileLayer:
    tiles = folium.TileLayer(
        settings.tiles_url,
        attr=_attribution(settings),
        max_zoom=MAX_ZOOM,
    )
    tiles._id = "base"
    return tiles


def _attribution(settings: Settings) -> str:
    """The operator's words as text: Leaflet would read them as markup. folium insists on there being some."""
    return html.escape(settings.tiles_attribution) or "&nbsp;"


def _without_inline(header: str) -> tuple[str, list[str], list[str]]:
    """The header with its inline blocks taken out, and these: scripts, styles."""
    found: dict[str, list[str]] = {"script": [], "style": []}
    for kind, text in _INLINE.findall(header):
        found[kind.lower()].append(_tidy(text))
    bare = _META.sub("", _INLINE.sub("", header))
    # Deferred scripts keep their order and let the page show before they run.
    return _tidy(bare.replace("<script src=", "<script defer src=")), found["script"], found["style"]


def _tidy(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())
