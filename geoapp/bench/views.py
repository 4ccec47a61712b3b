"""What people look at: windows on the map of the bench's town."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import psycopg

from geoapp.store.mercator import Box

VIEWS: Final = 120


@dataclass(frozen=True, slots=True)
class View:
    """What a window of 1440 by 900 pixels shows of the map at a zoom."""

    box: Box
    zoom: int


def views(bare: psycopg.Connection[Any], zooms: Sequence[int], seed: int) -> list[View]:
    """Windows in the middle of which some ticket lies."""
    chance = np.random.default_rng(seed)
    last = bare.execute("SELECT max(id) FROM geoapp.ticket").fetchall()[0][0]
    keys = chance.integers(1, last, VIEWS).tolist()
    found = bare.execute("SELECT ST_X(point), ST_Y(point) FROM geoapp.ticket WHERE id = ANY(%s)", [keys]).fetchall()
    seen = []
    for nth, (lon, lat) in enumerate(found):
        zoom = zooms[nth % len(zooms)]
        degrees = 360 / (256 << zoom)
        wide, high = 720 * degrees, 450 * degrees * float(np.cos(np.radians(lat)))
        seen.append(View(Box(lon - wide, lat - high, lon + wide, lat + high), zoom))
    return seen
