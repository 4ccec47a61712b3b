"""The map of a city and language, rendered once a process and loaded version; and what every page is framed with."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Any, Final

from sqlalchemy import Connection

from geoapp.city import City
from geoapp.mapview import Bounds, MapView, render
from geoapp.pages.parts import here
from geoapp.pages.parts.language import language, named
from geoapp.pages.parts.who import person
from geoapp.people.rights import may, of_city
from geoapp.store.identity import identity
from geoapp.store.queries import areas
from geoapp.store.queries.cities import holds_demo

_WORLD: Final[Bounds] = (-180.0, -60.0, 180.0, 75.0)
_MOST: Final = 64
_DOORS: Final = (
    ("manage_people", "/admin"), ("manage_units", "/admin/units"), ("manage_lists", "/admin/lists"),
    ("see_log", "/admin/looks"), ("see_gaps", "/admin/gaps"),
)  # fmt: skip
"""Where those who look after something begin."""

_RENDERED: Final[OrderedDict[tuple[object, ...], tuple[MapView, Bounds]]] = OrderedDict()
# folium works on shared templates: one render at a time.
_LOCK: Final = Lock()


def view(connection: Connection, city: City, spoken: str) -> tuple[MapView, Bounds]:
    """The city's map in a language, and the city's box."""
    versions = tuple(layer.version_id for layer in areas.layers(connection, city.id).values())
    key = (identity(connection), here.edition(connection), city.id, spoken, versions)
    with _LOCK:
        if key not in _RENDERED:
            bounds = areas.bounds(connection, city.id) or _WORLD
            _RENDERED[key] = (render(city, spoken, here.settings(), bounds), bounds)
            while len(_RENDERED) > _MOST:
                _RENDERED.popitem(last=False)
        return _RENDERED[key]


def frame(connection: Connection, city: City | None) -> dict[str, Any]:
    """What base.html needs."""
    return {
        "city": city,
        "may_place": city is not None and _places(city),
        "admin_door": next((path for right, path in _DOORS if may(person(), right)), ""),
        "city_name": city.name(language()) if city else "",
        "cities": [{"code": one.code, "label": named(one.names, one.code)} for one in here.cities(connection)],
    }


def _places(city: City) -> bool:
    """Whether some of the city's reports without a place are for whoever asks."""
    reach = of_city(person(), "place", city.id)
    return reach.whole(city.id) or reach.partial


def on_map(connection: Connection, city: City) -> dict[str, Any]:
    """What a page with a map needs besides."""
    seen, bounds = view(connection, city, language())
    config = {"city": city.code, "lang": language(), "bounds": list(bounds), "time_zone": city.time_zone}
    categories = [{"code": code, "name": named(names, code)} for code, names in city.categories.items()]
    planted = not city.synthetic and holds_demo(connection, city.id)
    told = {"view": seen, "config_data": config, "categories": categories, "planted": planted}
    return {**frame(connection, city), **told}
