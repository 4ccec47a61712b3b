"""What the map is compared with: clustering by the database on each call, and supercluster in a process of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
import psycopg
from sqlalchemy import Connection

from geoapp.bench.figure import Figure, at_percent, timed
from geoapp.bench.views import View
from geoapp.city import City
from geoapp.settings import CHECKOUT
from geoapp.store.queries import clusters
from geoapp.store.queries.filters import Filters
from geoapp.store.register import register

_PROGRAM: Final = Path(__file__).with_suffix("").with_name("supercluster.mjs")
_TESTS: Final = {
    "states": "state = ANY(%(states)s)", "outcomes": "outcome = ANY(%(outcomes)s)", "kinds": "kind = ANY(%(kinds)s)",
    "sources": "source = ANY(%(sources)s)", "matters": "matter_id = ANY(%(matters)s)",
    "categories": "matter_id IN (SELECT id FROM geoapp.matter WHERE category_id = ANY(%(categories)s))",
    "area_keys": "area_keys && cast(%(area_keys)s AS int[])", "since": "opened_at >= %(since)s",
    "until": "opened_at < %(until)s", "late": "late = %(late)s",
}  # fmt: skip


def snap_to_grid(bare: psycopg.Connection[Any], asked: Filters, zoom: int) -> list[Any]:
    """What most would write: the tickets of the box, grouped by a grid of 64 pixels."""
    box = asked.boxes[0]
    values: dict[str, Any] = {
        "city": asked.city_id, "size": 64 * 360 / (256 << zoom),
        "w": box.west, "s": box.south, "e": box.east, "n": box.north,
    }  # fmt: skip
    tests = ["city_id = %(city)s", "public", "point && ST_MakeEnvelope(%(w)s, %(s)s, %(e)s, %(n)s, 4326)"]
    for name, test in _TESTS.items():
        wanted = getattr(asked, name)
        if wanted not in ((), None):
            tests.append(test)
            values[name] = list(wanted) if isinstance(wanted, tuple) else wanted
    query = (
        "SELECT count(*), count(*) FILTER (WHERE ended_at IS NULL), count(*) FILTER (WHERE late), avg(ST_X(point)), "
        f"avg(ST_Y(point)) FROM geoapp.ticket WHERE {' AND '.join(tests)} GROUP BY ST_SnapToGrid(point, %(size)s)"
    )
    return bare.execute(query, values).fetchall()


def supercluster(connection: Connection, city: City, rows: int, looked: Sequence[View]) -> Iterator[Figure]:
    """Its index of the same tickets, and its answers for the same windows, beside ours without filters."""
    if not shutil.which("node") or not (CHECKOUT / "node_modules" / "supercluster").is_dir():
        print("supercluster is not measured: it needs Node and `npm install`", file=sys.stderr)
        return
    base = register(connection, city.id).base
    with tempfile.TemporaryDirectory(prefix="geoapp-bench-") as name:
        points, windows = Path(name, "points"), Path(name, "windows")
        points.write_bytes(np.column_stack([base.lon, base.lat]).astype("<f8").tobytes())
        windows.write_bytes(np.array([[*one.box.as_list(), one.zoom] for one in looked], dtype="<f8").tobytes())
        command = ["node", "--max-old-space-size=8192", str(_PROGRAM), str(points), str(windows)]
        told = orjson.loads(subprocess.run(command, check=True, capture_output=True, cwd=CHECKOUT).stdout)
    ours = [timed(clusters.clusters, connection, Filters(city.id, boxes=(view.box,)), view.zoom) for view in looked]
    megabytes = sum(array.nbytes for array in base.arrays().values()) / (1 << 20)
    yield Figure("map_p95_ms", rows, at_percent(ours, 95), "ms", "supercluster", at_percent(told["answers"], 95))
    yield Figure("register_mb", rows, megabytes, "MB", "supercluster", told["megabytes"])
    yield Figure("supercluster_index_s", rows, told["seconds"], "s", "nothing: cells are kept", None)
