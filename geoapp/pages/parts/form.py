"""The filters as a form: what may be chosen, what the address has chosen, and how that is said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, Final

from flask_babel import format_date
from sqlalchemy import Connection

from geoapp.city import LEVELS, City
from geoapp.lifecycle import Kind, Outcome
from geoapp.pages.parts.asked import FILTERS
from geoapp.pages.parts.language import language, named
from geoapp.store.queries import areas, matters, places
from geoapp.store.queries.filters import Filters

CHOSEN: Final = tuple(name for name in FILTERS if name not in ("city", "bbox"))
"""The words of the form; the box is where the map looks."""

SOON: Final = {"tomorrow": 1, "week": 7, "month": 30}
"""Days until which something may be due, as the form offers them."""


def form(connection: Connection, city: City, words: Mapping[str, str], asked: Filters) -> dict[str, Any]:
    """What the template needs: `offers` to choose from, `chosen` by word, and `called`, the names of what is chosen."""
    chosen = {name: words[name].strip() for name in CHOSEN if words.get(name, "").strip()}
    offers = _offers(connection, city)
    called: dict[str, str] = {
        name: _called(chosen[name], offers[name]) for name in ("category", "matter", "unit") if name in chosen
    }
    if "area" in chosen:
        found = (named(place.names, place.code) for place in areas.places(connection, city.id, asked.area_keys))
        called["area"] = ", ".join(found) or chosen["area"]
    called |= {name: _day(chosen[name]) for name in ("since", "until") if name in chosen}
    return {"offers": offers, "chosen": chosen, "called": called}


def _offers(connection: Connection, city: City) -> dict[str, Any]:
    today = datetime.now(city.zone).date()
    listed = matters.public(connection, city.id)
    # A pack kept as JSON has lost the order of its categories; the catalogue's is that in which they came.
    categories = {line.category: line.category_names for line in listed}
    categories |= {code: names for code, names in city.categories.items() if code not in categories}
    return {
        "category": [_option(code, names) for code, names in categories.items()],
        "matter": [
            _option(line.code, line.names) | {"of": line.category, "of_name": named(line.category_names, line.category)}
            for line in listed
        ],
        "unit": sorted(
            (_option(code, names) for code, names in matters.units(connection, city.id).items()),
            key=lambda option: option["name"],
        ),
        "kind": list(map(str, Kind)),
        "outcome": list(map(str, Outcome)),
        "soon": {word: (today + timedelta(days=days)).isoformat() for word, days in SOON.items()},
        "areas": _areas(connection, city),
    }


def _areas(connection: Connection, city: City) -> list[dict[str, Any]]:
    """The coarser layers' areas: finer ones are too many for a list, and are found by name."""
    layers = {layer.name: layer for layer in city.layers if layer.kind in LEVELS[:2]}
    found = places.choices(connection, city.id, list(layers))
    return [
        {
            "label": named(layers[layer].label, layer),
            "areas": [_option(f"{one.layer}/{one.code}", one.names, one.code) for one in group],
        }
        for layer, group in groupby(found, key=lambda one: one.layer)
    ]


def _option(code: str, names: Mapping[str, str], fallback: str = "") -> dict[str, str]:
    return {"code": code, "name": named(names, fallback or code)}


def _day(word: str) -> str:
    """A day as people write it; the address has been read before, so it is one."""
    return str(format_date(date.fromisoformat(word), "d MMM y" if language() == "en" else "y年M月d日"))


def _called(codes: str, options: Iterable[dict[str, str]]) -> str:
    known = {option["code"]: option["name"] for option in options}
    return ", ".join(known.get(code.strip(), code.strip()) for code in codes.split(","))
