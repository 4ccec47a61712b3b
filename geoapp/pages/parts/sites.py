"""What a site is: an asset with its parties, so many metres of a road, or a spot and what it lies near."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import Connection

from geoapp.assign.assets import STRETCH_M
from geoapp.assign.sites import SPOT, named_by
from geoapp.city import City
from geoapp.pages.parts.language import named
from geoapp.records import AssetAnswer
from geoapp.store.queries import areas, features, sites
from geoapp.store.queries.sites import Known

NEAR_M: Final = 300.0
"""How far a road may lie and still say where a spot is."""


def tell_sites(connection: Connection, city: City, told: Sequence[Known]) -> list[dict[str, Any]]:
    """What each of several sites is, in order."""
    keys = {one.id: named_by(one.kind, one.key)[:2] for one in told if one.kind != SPOT}
    found = _features(connection, city, set(keys.values()))
    return [
        _spot(connection, city, one) if one.kind == SPOT else _feature(city, one, keys[one.id], found) for one in told
    ]


def url_of(city: City, site: Known) -> str:
    """The address of a site's page."""
    return url_for("site.show", city_code=city.code, kind=site.kind, key=site.key)


def _features(
    connection: Connection, city: City, wanted: set[tuple[str, str]]
) -> Mapping[tuple[str, str], AssetAnswer]:
    """The features in force of those layers and codes."""
    versions = {name: layer.version for name, layer in areas.layers(connection, city.id).items()} if wanted else {}
    found: dict[tuple[str, str], AssetAnswer] = {}
    for layer in sorted({layer for layer, _code in wanted} & versions.keys()):
        codes = sorted(code for of, code in wanted if of == layer)
        known = features.by_code(connection, city.id, layer, versions[layer], codes)
        found |= {(layer, code): one for code, one in known.items()}
    return found


def _feature(
    city: City, site: Known, key: tuple[str, str], found: Mapping[tuple[str, str], AssetAnswer]
) -> dict[str, Any]:
    (layer, code), feature = key, found.get(key)
    name = named(feature.names, code) if feature else code
    labels = {spec.name: spec.label for spec in city.layers}
    told: dict[str, Any] = {"layer": layer, "label": named(labels.get(layer), layer), "code": code, "name": name}
    told["text"] = name
    if (nth := named_by(site.kind, site.key)[2]) is not None:
        begin = int(nth * STRETCH_M)
        told |= {"from_m": begin, "to_m": begin + int(STRETCH_M)}
        told["text"] = _("%(road)s, %(begin)s–%(end)s m from its beginning", road=name, begin=begin, end=told["to_m"])
    if feature:
        told |= {"class": feature.classed, "quality": feature.quality, "parties": _parties(feature)}
        told |= {"authority": feature.authority, "owner": feature.owner, "maintainer": feature.maintainer}
    return told


def _parties(asset: AssetAnswer) -> list[dict[str, str]]:
    """Who stands behind an asset, in the order people ask: who mends it, whose it is, who sees to that."""
    parties = (
        (_("Maintained by"), asset.maintainer), (_("Owned by"), asset.owner), (_("Authority"), asset.authority)
    )  # fmt: skip
    return [{"label": label, "name": name} for label, name in parties if name]


def _spot(connection: Connection, city: City, site: Known) -> dict[str, Any]:
    road = sites.nearest_road(connection, city.id, site, NEAR_M)
    if road is None:
        text = f"{site.lat:.5f}, {site.lon:.5f}"
    else:
        text = _("%(metres)s m from %(road)s", metres=round(road.metres), road=named(road.names))
    return {"label": _("Spot"), "text": text}
