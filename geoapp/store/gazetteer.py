"""A city's names of places in memory: made of its layers in force and the names kept by hand, mapped from a file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, Row, text

from geoapp.city import City
from geoapp.locate import fixes
from geoapp.locate.gazetteer import Fix, Gazetteer, Layer, build
from geoapp.locate.locator import Locator
from geoapp.locate.names import Kind, kind_of
from geoapp.store import aliases, ground
from geoapp.store.aliases import Alias
from geoapp.store.identity import identity, make_room

_FORMAT: Final = "gazetteer 5"
"""Raised when a gazetteer comes to hold something else, or other forms of names."""

_HEADS: Final = text("""
    SELECT v.id, v.layer, v.kind, v.role, v.digest
    FROM geoapp.layer_current AS c JOIN geoapp.layer_version AS v ON v.id = c.layer_version_id
    WHERE c.city_id = :city AND c.layer = ANY(:layers)
""")

# A crossing's name is that of its roads, whose lines say where it is.
_CROSSING: Final = "crossing"
_COARSE: Final = "districts"
_DOUBTFUL: Final = "approximate"
_RADIUS_M: Final[Mapping[Kind, float]] = {Kind.STATION: 150.0, Kind.COMMUNITY: 700.0, Kind.HILL: 200.0}
_POINT_M: Final = 60.0
_APPROXIMATE_M: Final = 40.0
"""What a point of doubtful origin may be off besides."""

BY_HAND: Final = "by_hand"
"""The layer of points that somebody named."""

_KEPT: Final[dict[tuple[object, ...], Locator]] = {}
_MOST_KEPT: Final = 8
_LOCK: Final = Lock()


@dataclass(frozen=True, slots=True)
class _ByHand:
    """Names written or kept by hand."""

    fixes: tuple[Fix, ...] = ()
    points: tuple[Alias, ...] = ()


def locator(connection: Connection, of: City, *, newest: bool = False) -> Locator:
    """What texts are located by, of the city's layers in force now; made first where nobody has.

    The pointer is read each time; the names of a version are read once an installation. A name kept by hand meanwhile
    counts once somebody has made names anew, whom it takes seconds (the worker does, within a minute): nobody who files
    a report waits for that. newest: be the one who does.
    """
    heads = sorted(
        connection.execute(_HEADS, {"city": of.id, "layers": [layer.name for layer in of.layers]}).all(),
        key=lambda head: head.layer,
    )
    kept = aliases.kept(connection, of.id)
    by_hand = _by_hand(of, [one.alias for one in kept])
    content, base = _content(of, heads, by_hand), _content(of, heads)
    key = (identity(connection), of.id, base, content)
    with _LOCK:
        found = _KEPT.get(key)
        if found is None and not newest and not ground.has_index(content):
            found = next((one for other, one in reversed(_KEPT.items()) if other[:3] == key[:3]), None)
            before = _content(of, heads, _by_hand(of, [one.alias for one in kept if one.applied]))
            if found is None and ground.has_index(before):
                key, content = (*key[:3], before), before
        if found is None:
            arrays = ground.index(content, lambda: _made(connection, of, heads, by_hand).arrays())
            make_room(_KEPT, _MOST_KEPT)
            found = _KEPT[key] = Locator(Gazetteer.from_arrays(arrays))
        return found


def _by_hand(of: City, kept: Sequence[Alias]) -> _ByHand:
    named = [Fix(one.name, one.of, one.reason) for one in kept if one.of]
    return _ByHand((*fixes.of_city(of.code), *named), tuple(one for one in kept if one.point))


def _content(of: City, heads: Sequence[Row[Any]], by_hand: _ByHand = _ByHand()) -> str:
    """Everything a gazetteer is made of, in short."""
    order = {layer.name: nth for nth, layer in enumerate(of.layers)}
    parts = [_FORMAT, of.metric_crs, of.responsible, *_own_names(of), *map(repr, (*by_hand.fixes, *by_hand.points))]
    parts += [f"{head.layer} {head.kind} {head.role} {order.get(head.layer)} {head.digest}" for head in heads]
    return f"{_FORMAT} {hashlib.sha256(chr(10).join(parts).encode()).hexdigest()}"


def _own_names(of: City) -> tuple[str, ...]:
    """The city's own name, in full and in short, the longer first."""
    full = of.names.get("zh", "")
    short = full.removesuffix("市")
    return tuple(dict.fromkeys(name for name in (full, short) if name))


def _made(connection: Connection, of: City, heads: Sequence[Row[Any]], by_hand: _ByHand) -> Gazetteer:
    order = {layer.name: nth for nth, layer in enumerate(of.layers)}
    layers: list[Layer] = []
    levels = {name: level for level, name in enumerate(_levels(of, heads))}
    for head in sorted(heads, key=lambda one: (order.get(one.layer, len(order)), one.layer)):
        if head.role != "areas":
            layers += _features(connection, of, head)
        elif head.layer in levels:
            layers += _areas(connection, of, head, levels[head.layer])
    layers += _points(by_hand.points)
    return build(layers, of.metric_crs, city=_own_names(of), fixes=by_hand.fixes)


def _points(named: Sequence[Alias]) -> list[Layer]:
    """Points that somebody named, those of one radius together."""
    found: list[Layer] = []
    for radius in sorted({one.radius_m or _POINT_M for one in named}):
        mine = [one for one in named if (one.radius_m or _POINT_M) == radius]
        shapes = np.array([shapely.Point(one.point) for one in mine if one.point], dtype=np.object_)
        found.append(Layer(BY_HAND, Kind.LANDMARK, [one.name for one in mine], shapes, radius_m=radius))
    return found


def _levels(of: City, heads: Sequence[Row[Any]]) -> list[str]:
    """The layers of areas that people name, coarsest first: districts, then what answers for a place.

    Zones and grids have numbers nobody says.
    """
    coarse = [head.layer for head in heads if head.kind == _COARSE and head.layer != of.responsible]
    return [*coarse, *(head.layer for head in heads if head.layer == of.responsible)]


def _areas(connection: Connection, of: City, head: Row[Any], level: int) -> list[Layer]:
    query = text("SELECT code, names, quality, ST_AsBinary(geom) AS wkb FROM geoapp.area WHERE layer_version_id = :id")
    rows = sorted(connection.execute(query, {"id": head.id}).all(), key=lambda row: row.code)
    return _in_languages(of, head.layer, Kind.AREA, rows, level, _POINT_M)


def _features(connection: Connection, of: City, head: Row[Any]) -> list[Layer]:
    query = text(
        "SELECT code, names, class, quality, ST_AsBinary(geom) AS wkb FROM geoapp.asset WHERE layer_version_id = :id"
    )
    groups: dict[tuple[Kind, bool], list[Row[Any]]] = {}
    for row in sorted(connection.execute(query, {"id": head.id}).all(), key=lambda row: row.code):
        if row[2] != _CROSSING:
            groups.setdefault((kind_of(head.role, row[2]), row.quality == _DOUBTFUL), []).append(row)
    found: list[Layer] = []
    for (kind, doubtful), rows in sorted(groups.items()):
        radius = _RADIUS_M.get(kind, _POINT_M) + (_APPROXIMATE_M if doubtful else 0.0)
        found += _in_languages(of, head.layer, kind, rows, 0, radius)
    return found


def _in_languages(
    of: City, layer: str, kind: Kind, rows: Sequence[Row[Any]], level: int, radius_m: float
) -> list[Layer]:
    """The names of each of the city's languages; assets are also known by their codes."""
    shapes = np.array(shapely.from_wkb([bytes(row.wkb) for row in rows]), dtype=object)
    said: list[tuple[list[int], list[str]]] = []
    seen: set[tuple[int, str]] = set()
    for language in of.languages:
        named = [(at, row.names[language]) for at, row in enumerate(rows) if row.names.get(language)]
        named = [one for one in named if one not in seen]
        seen.update(named)
        said.append(([at for at, _ in named], [name for _, name in named]))
    if kind is Kind.ASSET:
        said.append((list(range(len(rows))), [row.code for row in rows]))
    doubtful = [kind is Kind.AREA and row.quality == _DOUBTFUL for row in rows]
    return [
        Layer(
            layer, kind, names, _picked(shapes, at), level=level, radius_m=radius_m,
            doubtful=[doubtful[one] for one in at],
        )
        for at, names in said
        if names
    ]  # fmt: skip


def _picked(shapes: NDArray[np.object_], at: Sequence[int]) -> NDArray[np.object_]:
    return shapes[np.array(at, dtype=np.int64)]
