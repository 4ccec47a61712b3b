"""Right at first dispatch (一次派单成功率), from the events of a city's tickets, by what anybody wants it by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection, text

from geoapp.assign.first_dispatch import EVENTS, Rate, firsts, rates
from geoapp.city import City

BY: Final = ("all", "unit", "matter", "area", "week")

# Events of tickets that were ever dispatched here: a source that is mirrored has none.
_EVENTS: Final = text("""
    SELECT e.ticket_id, array_position(cast(:names AS text[]), e.name) - 1 AS name,
           CASE WHEN e.codes->>'unit' ~ '^[0-9]{1,9}$' THEN cast(e.codes->>'unit' AS int) ELSE 0 END AS unit,
           e.occurred_at, k.matter_id, k.area_keys
    FROM geoapp.event e JOIN geoapp.ticket k ON k.id = e.ticket_id
    WHERE k.city_id = :city AND e.name = ANY(cast(:names AS text[]))
    ORDER BY e.ticket_id, e.id
""")
_ABOVE: Final = text("SELECT id, code, geoapp.unit_line(id) AS line FROM geoapp.unit WHERE city_id = :city")
_MATTERS: Final = text("SELECT id, code FROM geoapp.matter WHERE city_id = :city")
_AREAS: Final = text("SELECT id, code FROM geoapp.area_key WHERE city_id = :city AND layer = :layer")


def by(
    connection: Connection, city: City, what: str, since: datetime | None = None, until: datetime | None = None
) -> list[Rate]:
    """First dispatches made from since and before until, by one of BY; the area is the responsible layer's.

    A week is named by its Monday, in the city's days.
    """
    rows = connection.execute(_EVENTS, {"city": city.id, "names": list(EVENTS)}).all()
    units = connection.execute(_ABOVE, {"city": city.id}).all()
    above = {row.id: frozenset(row.line) for row in units}
    ticket, name, unit = (np.array([row[nth] for row in rows], dtype=np.int64) for nth in range(3))
    found = firsts(ticket, name, unit, above)
    within = [
        nth for nth, at in enumerate(found.at.tolist())
        if (since is None or rows[at].occurred_at >= since) and (until is None or rows[at].occurred_at < until)
    ]  # fmt: skip
    codes = {row.id: row.code for row in units}
    mine = [rows[at] for at in found.at[within].tolist()]
    labels = _labels(connection, city, what, mine, [codes.get(one, "") for one in found.unit[within].tolist()])
    return rates(labels, found.came[within])


def _labels(connection: Connection, city: City, what: str, rows: Sequence[Any], units: list[str]) -> list[str]:
    if what == "unit":
        return units
    if what == "matter":
        matters = {row.id: row.code for row in connection.execute(_MATTERS, {"city": city.id})}
        return [matters.get(row.matter_id, "") for row in rows]
    if what == "area":
        areas = {row.id: row.code for row in connection.execute(_AREAS, {"city": city.id, "layer": city.responsible})}
        return [next((areas[key] for key in row.area_keys if key in areas), "") for row in rows]
    if what == "week":
        days = np.array([row.occurred_at.astimezone(city.zone).date() for row in rows], dtype="datetime64[D]")
        # A numpy week begins on a Thursday, as 1970 did.
        mondays = (days + 3).astype("datetime64[W]").astype("datetime64[D]") - 3
        return [str(day) for day in mondays]
    return ["all"] * len(rows)
