"""Map cells kept true: deltas appended by every write, folded into totals one folder at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from geoapp.store.copy import copy
from geoapp.store.mercator import ZOOM, unmorton
from geoapp.store.tables.cells import SUMS

DEEPEST: Final = 16
"""The deepest cell zoom kept: 64-pixel cells of map zoom 14. Deeper, tickets are few enough to be read themselves."""

FOLD_LIMIT: Final = 200_000
_LOCK: Final = 0x6CE11  # names the advisory lock under which one session folds


@dataclass(frozen=True, slots=True)
class Counted:
    """Tickets as cells count them, an array each; late ones are open ones."""

    ids: NDArray[np.int64]
    quads: NDArray[np.int64]
    hidden: NDArray[np.bool_]
    opened: NDArray[np.bool_]
    late: NDArray[np.bool_]


def append(connection: Connection, city_id: int, sign: int, of: Counted) -> None:
    """Add (sign 1) or take away (sign -1) tickets: one delta a cell and audience, whatever the number of tickets."""
    if not len(of.ids):
        return
    cell = of.quads >> (2 * (ZOOM - DEEPEST))
    groups, which = np.unique(cell * 2 + of.hidden, return_inverse=True)
    x24, y24 = unmorton(of.quads)
    ones = np.ones(len(of.ids), dtype=np.int64)
    counted = (ones, of.opened, of.late, ~of.opened, x24, y24, of.ids)
    sums = [_sum(which, values * sign, len(groups)) for values in counted]
    x, y = unmorton(groups >> 1)
    columns: dict[str, Sequence[str]] = {
        "city_id": [str(city_id)] * len(groups),
        "audience": ["hidden" if group & 1 else "public" for group in groups.tolist()],
        "x": list(map(str, x.tolist())),
        "y": list(map(str, y.tolist())),
    }
    columns |= {name: list(map(str, values.tolist())) for name, values in zip(SUMS, sums, strict=True)}
    copy(connection, "geoapp.cell_delta", columns)


def _sum(which: NDArray[np.intp], values: NDArray[np.generic], groups: int) -> NDArray[np.int64]:
    # Not bincount: its weights are floats, and sums of ids must be exact.
    total = np.zeros(groups, dtype=np.int64)
    np.add.at(total, which, values.astype(np.int64))
    return total


_NAMES: Final = ", ".join(SUMS)
_ADDED: Final = ", ".join(f"sum({name}) AS {name}" for name in SUMS)
_KEPT: Final = ", ".join(f"{name} = cell_total.{name} + excluded.{name}" for name in SUMS)

_FOLD: Final = f"""
    WITH gone AS (
        DELETE FROM geoapp.cell_delta
        WHERE id IN (SELECT id FROM geoapp.cell_delta ORDER BY id LIMIT :limit)
        RETURNING city_id, audience, x, y, {_NAMES}
    ), deep AS MATERIALIZED (
        SELECT city_id, audience, x, y, {_ADDED} FROM gone GROUP BY 1, 2, 3, 4
    ), folded AS (
        INSERT INTO geoapp.cell_total (city_id, audience, z, x, y, {_NAMES})
        SELECT city_id, audience, {DEEPEST} - up, x >> up, y >> up, {_ADDED}
        FROM deep CROSS JOIN generate_series(0, {DEEPEST}) up
        GROUP BY 1, 2, 3, 4, 5
        ON CONFLICT (city_id, audience, z, x, y) DO UPDATE SET {_KEPT}
    )
    SELECT count(*) FROM gone
"""


def fold(connection: Connection, limit: int = FOLD_LIMIT) -> int:
    """Move up to so many deltas into the totals of all zooms, in the caller's transaction; how many were moved.

    Writers never touch totals, so nobody waits for this; a second folder finds the lock taken and moves none.
    """
    if not connection.execute(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": _LOCK}).scalar_one():
        return 0
    return int(connection.execute(text(_FOLD), {"limit": limit}).scalar_one())


def drop_empty(connection: Connection) -> int:
    """Remove totals that have come down to nothing; how many."""
    # All of it: between two folds a cell may hold none and still the difference of two positions.
    empty = " AND ".join(f"{name} = 0" for name in SUMS)
    return connection.execute(text(f"DELETE FROM geoapp.cell_total WHERE {empty}")).rowcount
