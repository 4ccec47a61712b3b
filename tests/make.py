"""Builders that tests share: a report, a small city that never was, and a comparable picture of what is stored."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.pool import NullPool

from geoapp.city import City, LayerSpec, MatterSpec
from geoapp.store import bootstrap, catalogue, cells, cities, layers
from importers.base import Report
from layers.base import Feature

SAID = datetime(2024, 1, 4, 8, 0, tzinfo=UTC)
SOURCE = "hotline"

INSIDE = (113.95, 22.55)
"""A point in area A1 of the small city."""

UNOWNED = (113.8955, 22.55)
"""Some 460 m west of every area: the city's, but nobody's."""

SQUARES = {
    "A1": shapely.box(113.9, 22.5, 114.0, 22.6),
    "A2": shapely.box(114.0, 22.5, 114.1, 22.6),
    "A3": shapely.box(113.9, 22.6, 114.0, 22.7),
    # A lake in the middle belongs to nobody.
    "A4": shapely.box(114.0, 22.6, 114.1, 22.7).difference(shapely.box(114.04, 22.64, 114.06, 22.66)),
}
DISTRICTS = {
    "D1": shapely.box(113.9, 22.5, 114.0, 22.7),
    "D2": shapely.box(114.0, 22.5, 114.1, 22.7),
}
_NAMES = {"zh": "name", "en": "name"}
_CITIES = itertools.count(1)

PACK = City(
    code="minitown",
    prefix="MT",
    names={"zh": "小城", "en": "Minitown"},
    time_zone="Asia/Shanghai",
    metric_crs="EPSG:32650",
    languages=("zh", "en"),
    datum="WGS-84",
    outside_m=1000.0,
    attribution="nobody",
    licence="none",
    responsible="offices",
    layers=(
        LayerSpec("offices", "street_offices", "offices.geojson", "code", _NAMES, {"zh": "街道", "en": "Office"}),
        LayerSpec("districts", "districts", "districts.geojson", "code", _NAMES, {"zh": "区", "en": "District"}),
    ),
    categories={"road": {"zh": "道路", "en": "Road"}, "family": {"zh": "家庭", "en": "Family"}},
    matters=(
        MatterSpec("road", "pothole", {"zh": "坑洼", "en": "Pothole"}, sources=(f"{SOURCE}:Road/Hole",)),
        MatterSpec("road", "collapse", {"zh": "塌陷", "en": "Collapse"}, sources=(f"{SOURCE}:Road/Gone",), urgent=True),
        MatterSpec("family", "quarrel", {"zh": "纠纷", "en": "Quarrel"}, sources=(f"{SOURCE}:Home/Row",), public=False),
    ),
    synthetic=True,
)


def make_report(ref: str | None = "R-1", **changes: Any) -> Report:
    """A report of a broken step in A1, with whatever is to be different."""
    usual: dict[str, Any] = {
        "said_at": SAID, "body": "台阶缺了一块", "category": "Road", "matter": "Hole", "address": "示例路1号",
        "x": INSIDE[0], "y": INSIDE[1],
    }  # fmt: skip
    return Report(ref=ref, **(usual | changes))


def make_city(engine: Engine, **changes: Any) -> City:
    """The small city loaded anew under a code of its own, so that a database can hold one for each example."""
    code = f"minitown{next(_CITIES)}"
    with engine.begin() as connection:
        city = cities.save_city(connection, replace(PACK, **({"code": code, "prefix": code.upper()} | changes)))
        for layer, shapes in (("offices", SQUARES), ("districts", DISTRICTS)):
            features = [
                Feature(code, {"zh": f"{code}区", "en": code}, "synthetic", shapely.MultiPolygon([shape]))
                for code, shape in shapes.items()
            ]
            layers.load(connection, city, city.layer(layer), layers.AREAS, features, {})
    catalogue.save_catalogue(engine, city)
    return city


_RANKS = "SELECT id, row_number() OVER (ORDER BY id) AS nth FROM geoapp.ticket WHERE city_id = :city"

_PICTURES = {
    "tickets": f"""
        SELECT n.nth, t.source, t.kind, t.state, t.outcome, m.code AS matter, u.code AS unit, s.key AS site,
               ST_X(t.point) AS x, ST_Y(t.point) AS y, t.quad, t.public, t.urgent, t.late,
               t.opened_at, t.changed_at, t.due_at, t.ended_at,
               (SELECT array_agg(a.layer || ':' || a.code ORDER BY a.layer) FROM geoapp.area_key a
                 WHERE a.id = ANY(t.area_keys)) AS areas
        FROM geoapp.ticket t JOIN ({_RANKS}) n USING (id) JOIN geoapp.site s ON s.id = t.site_id
        LEFT JOIN geoapp.matter m ON m.id = t.matter_id LEFT JOIN geoapp.unit u ON u.id = t.unit_id
        ORDER BY 1""",
    "reports": f"""
        SELECT r.source, r.ref, r.hash::text, r.occurrence, n.nth AS ticket, r.kind, r.channel, r.said_at,
               m.code AS matter, u.code AS unit, r.x::text, r.y::text, r.crs, ST_AsText(r.point), r.precision,
               r.radius_m, r.problem, r.recorded_area, r.measured::text, w.body, w.address, p.name, p.phone, p.email,
               o.body AS said, o.address AS at
        FROM geoapp.report r JOIN geoapp.report_text w ON w.report_id = r.id
        LEFT JOIN ({_RANKS}) n ON n.id = r.ticket_id
        LEFT JOIN geoapp.matter m ON m.id = r.matter_id LEFT JOIN geoapp.unit u ON u.id = r.unit_id
        LEFT JOIN private.reporter p ON p.report_id = r.id LEFT JOIN private.original o ON o.report_id = r.id
        WHERE r.city_id = :city ORDER BY 1, 2, 3, 4""",
    "events": f"""
        SELECT n.nth AS ticket, r.ref, r.hash::text, r.occurrence,
               row_number() OVER (PARTITION BY coalesce(e.ticket_id, -e.report_id) ORDER BY e.id) AS step,
               e.name, e.from_state, e.to_state, e.occurred_at, e.actor, e.codes::text, w.body AS note
        FROM geoapp.event e LEFT JOIN geoapp.report r ON r.id = e.report_id LEFT JOIN ({_RANKS}) n ON n.id = e.ticket_id
        LEFT JOIN geoapp.event_note w ON w.event_id = e.id
        WHERE r.city_id = :city OR n.nth IS NOT NULL ORDER BY 1, 2, 3, 4, 5""",
    "rejected": """
        SELECT source, file, line, reason, detail, fields::text, occurrence, settled_at IS NOT NULL AS settled
        FROM private.rejected WHERE city_id = :city ORDER BY hash, occurrence""",
    "cells": """
        SELECT audience, x, y, sum(n), sum(open), sum(late), sum(settled), sum(sum_x), sum(sum_y) FROM (
            SELECT audience, x, y, n, open, late, settled, sum_x, sum_y FROM geoapp.cell_total
            WHERE city_id = :city AND z = 16
            UNION ALL SELECT audience, x, y, n, open, late, settled, sum_x, sum_y FROM geoapp.cell_delta
            WHERE city_id = :city
        ) every GROUP BY 1, 2, 3 HAVING sum(n) <> 0 ORDER BY 1, 2, 3""",
}


@contextmanager
def as_owner(engine: Engine) -> Iterator[Connection]:
    """The same database as its owner sees it, private rows included."""
    made = create_engine(engine.url.set(username=bootstrap.OWNER), poolclass=NullPool)
    with made.connect() as connection:
        yield connection


def snapshot(connection: Connection, city: City) -> dict[str, list[tuple[Any, ...]]]:
    """What a city holds, comparable across databases: tickets by their rank in order of number, no surrogate ids."""
    with as_owner(connection.engine) as owner:
        return {
            name: [tuple(row) for row in reader.execute(text(query), {"city": city.id})]
            for name, query in _PICTURES.items()
            for reader in [owner if "private." in query else connection]
        }


def recount(connection: Connection) -> None:
    """The cells counted anew from the tickets, for tickets that a test has changed by hand."""
    for table in ("cell_delta", "cell_total"):
        connection.execute(text(f"DELETE FROM geoapp.{table}"))
    rows = connection.execute(
        text("SELECT id, quad, public, ended_at IS NULL AS open, late, city_id FROM geoapp.ticket")
    )
    ids, quads, public, opened, late, city = map(np.array, zip(*rows.all(), strict=True))
    cells.append(connection, int(city[0]), 1, cells.Counted(ids, quads, ~public, opened, late))


SQUARES_PACK = """
code = "squares"
names = { zh = "方城" }
languages = ["zh"]
time_zone = "Asia/Shanghai"
metric_crs = "EPSG:4547"
responsible = "offices"
"""
"""The beginning of a pack of square offices; its layers follow."""

OFFICES_LAYER = """
[[layers]]
name = "offices"
kind = "street_offices"
file = "offices.csv"
key = "code"
names = { zh = "name" }
label = { zh = "街道" }
wkt = "outline"
"""


def write_offices(folder: Path, *wests: float) -> None:
    """The file of OFFICES_LAYER: a square for each western edge, numbered from 0, in GB18030."""
    rows = [
        f'{n},{n}街道,"POLYGON (({x} 22.5, {x + 0.1} 22.5, {x + 0.1} 22.7, {x} 22.7, {x} 22.5))"'
        for n, x in enumerate(wests)
    ]
    (folder / "offices.csv").write_text("\n".join(["code,name,outline", *rows]), encoding="gb18030")
