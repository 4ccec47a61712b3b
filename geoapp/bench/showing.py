"""How fast the map of a large city is answered, whole or filtered, against clustering by the database on each call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import psycopg
from sqlalchemy import Connection

from geoapp.bench import asking, moving, peers, town
from geoapp.bench.figure import Figure, at_percent, timed
from geoapp.bench.views import View, views
from geoapp.city import City
from geoapp.store.cluster import SUPERUSER, Server
from geoapp.store.database import Database
from geoapp.store.queries import clusters, tickets
from geoapp.store.queries.filters import Filters

SHALLOW: Final = range(9, 15)
DEEP: Final = range(15, 20)
GOAL_MS: Final = 100.0


def measure(server: Server, city: City, folder: Path, rows: int) -> Iterator[Figure]:
    """A city of so many tickets looked at; figures as they come."""
    database = Database(server)
    town.fill(database, city, folder, town.make(), rows)
    with psycopg.connect(server.conninfo(SUPERUSER), autocommit=True) as bare, database.web.connect() as connection:
        bare.execute("ANALYZE geoapp.ticket")
        yield from _looks(connection, bare, city, rows)
        often = views(bare, SHALLOW, 5)
    yield from moving.measure(database, server, city, folder)
    database.close()
    yield from asking.measure(server, city, folder, rows, often)


def _looks(connection: Connection, bare: psycopg.Connection[Any], city: City, rows: int) -> Iterator[Figure]:
    for name, zooms, seed in (("map_p95_ms", SHALLOW, 1), ("map_deep_p95_ms", DEEP, 2)):
        looked = views(bare, zooms, seed)
        yield _against(connection, bare, name, rows, looked, [Filters(city.id, boxes=(view.box,)) for view in looked])
    looked = views(bare, SHALLOW, 3)
    asked = _filtered(bare, city, looked)
    yield _against(connection, bare, "map_filtered_p95_ms", rows, looked, asked)
    took = [timed(tickets.page, connection, one, 40) for one in asked]
    yield Figure("list_filtered_p95_ms", rows, at_percent(took, 95), "ms", "goal", GOAL_MS)
    yield from peers.supercluster(connection, city, rows, looked)


def _filtered(bare: psycopg.Connection[Any], city: City, looked: Sequence[View]) -> list[Filters]:
    """Any combination of filters, common and rare."""
    chance = np.random.default_rng(4)
    query = "SELECT opened_at FROM geoapp.ticket WHERE id % 1000 = 1 ORDER BY 1"
    moments = [moment for (moment,) in bare.execute(query).fetchall()]
    found = []
    for view in looked:
        since, until = sorted(chance.integers(0, len(moments), 2).tolist())
        parts: dict[str, Any] = {
            "states": ("closed",) if chance.integers(2) else ("in_hand", "registered"), "outcomes": ("repaired",),
            "kinds": ("complaint", "help"), "categories": (int(chance.integers(1, 5)),),
            "matters": tuple(chance.integers(1, 40, int(chance.integers(1, 9))).tolist()),
            "area_keys": tuple(chance.integers(1, 80, 2).tolist()), "since": moments[since], "until": moments[until],
            "late": bool(chance.integers(2)), "sources": ("bench",),
        }  # fmt: skip
        names = chance.choice(list(parts), int(chance.integers(1, 4)), replace=False)
        found.append(Filters(city.id, boxes=(view.box,), **{str(name): parts[str(name)] for name in names}))
    return found


def _against(
    connection: Connection, bare: psycopg.Connection[Any], name: str, rows: int,
    looked: Sequence[View], asked: Sequence[Filters],
) -> Figure:  # fmt: skip
    """Our answers beside those of ST_SnapToGrid, view by view, so that both meet the same machine."""
    ours, theirs = [], []
    clusters.clusters(connection, asked[0], looked[0].zoom)
    for view, one in zip(looked, asked, strict=True):
        ours.append(timed(clusters.clusters, connection, one, view.zoom))
        theirs.append(timed(peers.snap_to_grid, bare, one, view.zoom))
    return Figure(name, rows, at_percent(ours, 95), "ms", "snap_to_grid", at_percent(theirs, 95))
