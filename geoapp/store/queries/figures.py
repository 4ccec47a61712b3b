"""The four figures everyone uses, read for a period of a city's days, by what anybody wants them by.

What happened in the period is found by its time, and all else by the tickets to which that happened: so the cost grows
with the period and not with the city's past.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection, Row, text

from geoapp.assign.calendar import seconds
from geoapp.assign.figures import Figure, Rounds, Share, counted, in_time, redone
from geoapp.assign.first_dispatch import EVENTS, firsts
from geoapp.assign.lattice import Whole
from geoapp.city import City

BY: Final = ("all", "unit", "matter", "area", "week", "month", "year")

_Rows = Sequence[Row[Any]]

_WITHIN: Final = (
    "{at} >= coalesce(cast(:since AS timestamptz), '-infinity') "
    "AND {at} < coalesce(cast(:until AS timestamptz), 'infinity')"
)


def of(
    connection: Connection, city: City, figure: Figure, what: str, since: datetime | None = None,
    until: datetime | None = None,
) -> list[Share]:  # fmt: skip
    """One figure from since and before until, by one of BY; the area is the responsible layer's.

    A week is named by its Monday, in the city's days. A unit is whom a first dispatch went to, whose work was rated,
    or who has the settled ticket now.
    """
    return _FIGURES[figure](connection, city, what, {"city": city.id, "since": since, "until": until})


def every(
    connection: Connection, city: City, what: str, since: datetime | None = None, until: datetime | None = None
) -> list[Share]:
    """All four."""
    return [one for figure in Figure for one in of(connection, city, figure, what, since, until)]


# Right at first dispatch. The events of tickets that were dispatched in the period, before it and after; a source that
# is mirrored has none. An event names a unit by its code, or where no person chose it by its key.
_DISPATCHED: Final = text(f"""
    WITH sent AS MATERIALIZED (
        SELECT DISTINCT e.ticket_id FROM geoapp.event e JOIN geoapp.ticket k ON k.id = e.ticket_id
        WHERE e.name = 'dispatch' AND k.city_id = :city AND {_WITHIN.format(at="e.occurred_at")})
    SELECT e.ticket_id, array_position(cast(:names AS text[]), e.name) - 1 AS name,
           coalesce(u.id, CASE WHEN e.codes->>'unit' ~ '^[0-9]{{1,9}}$' THEN cast(e.codes->>'unit' AS int) END, 0)
           AS unit_id, e.occurred_at AS at, k.matter_id, k.area_keys
    FROM sent s JOIN geoapp.event e ON e.ticket_id = s.ticket_id JOIN geoapp.ticket k ON k.id = s.ticket_id
    LEFT JOIN geoapp.unit u ON u.city_id = :city AND u.code = coalesce(e.codes->>'unit_code', e.codes->>'unit')
    WHERE e.name = ANY(cast(:names AS text[]))
    ORDER BY e.ticket_id, e.id
""")


def _first_dispatch(connection: Connection, city: City, what: str, asked: Mapping[str, Any]) -> list[Share]:
    rows = connection.execute(_DISPATCHED, {**asked, "names": list(EVENTS)}).all()
    above = {row.id: frozenset(row.line) for row in connection.execute(_ABOVE, {"city": city.id})}
    found = firsts(_numbers(rows, "ticket_id"), _numbers(rows, "name"), _numbers(rows, "unit_id"), above)
    since, until = asked["since"], asked["until"]
    # What was dispatched again in the period had its first dispatch before.
    within = [
        nth for nth, at in enumerate(found.at.tolist())
        if (since is None or rows[at].at >= since) and (until is None or rows[at].at < until)
    ]  # fmt: skip
    labels = _labels(connection, city, what, [rows[at] for at in found.at[within].tolist()])
    return counted(Figure.FIRST_DISPATCH, labels, found.came[within])


_ABOVE: Final = text("SELECT id, geoapp.unit_line(id) AS line FROM geoapp.unit WHERE city_id = :city")

# Settled: brought to where it is done with from where it was not, whoever says so.
_SETTLED: Final = text(f"""
    SELECT e.id, e.ticket_id, e.occurred_at AS at, k.matter_id, k.unit_id, k.area_keys
    FROM geoapp.event e JOIN geoapp.ticket k ON k.id = e.ticket_id
    WHERE e.to_state IN ('settled', 'closed') AND e.from_state NOT IN ('settled', 'closed') AND k.city_id = :city
      AND {_WITHIN.format(at="e.occurred_at")}
    ORDER BY e.id
""")
_ROUNDS: Final = text("""
    SELECT c.ticket_id, c.due_at, c.stopped_at FROM unnest(cast(:tickets AS bigint[])) w(id)
    JOIN geoapp.clock c ON c.ticket_id = w.id WHERE c.name = 'disposal' AND c.stopped_at IS NOT NULL
    ORDER BY c.ticket_id, c.nth
""")
_BACK: Final = text("""
    SELECT e.ticket_id, max(e.id) AS id FROM unnest(cast(:tickets AS bigint[])) w(id)
    JOIN geoapp.event e ON e.ticket_id = w.id WHERE e.name IN ('redo', 'reopen') GROUP BY e.ticket_id
""")


def _in_time(connection: Connection, city: City, what: str, asked: Mapping[str, Any]) -> list[Share]:
    settled = connection.execute(_SETTLED, asked).all()
    rounds = connection.execute(_ROUNDS, {"tickets": _distinct(settled)}).all()
    stopped = Rounds(_numbers(rounds, "ticket_id"), _moments(rounds, "due_at"), _moments(rounds, "stopped_at"))
    labels = _labels(connection, city, what, settled)
    return in_time(_numbers(settled, "ticket_id"), _moments(settled, "at"), labels, stopped)


def _redone(connection: Connection, city: City, what: str, asked: Mapping[str, Any]) -> list[Share]:
    settled = connection.execute(_SETTLED, asked).all()
    back = connection.execute(_BACK, {"tickets": _distinct(settled)}).all()
    labels = _labels(connection, city, what, settled)
    return redone(
        _numbers(settled, "ticket_id"), _numbers(settled, "id"), labels, _numbers(back, "ticket_id"),
        _numbers(back, "id"),
    )  # fmt: skip


# Satisfied: what was said. Whoever said nothing until the ticket was closed is silent.
_RATED: Final = text(f"""
    SELECT CASE WHEN r.satisfied THEN 0 ELSE 1 END AS came, r.rated_at AS at, coalesce(r.unit_id, k.unit_id) AS unit_id,
           k.matter_id, k.area_keys
    FROM geoapp.rating r JOIN geoapp.ticket k ON k.id = r.ticket_id
    WHERE k.city_id = :city AND {_WITHIN.format(at="r.rated_at")}
""")
_SILENT: Final = text(f"""
    SELECT 2 AS came, e.occurred_at AS at, k.unit_id, k.matter_id, k.area_keys
    FROM geoapp.event e JOIN geoapp.ticket k ON k.id = e.ticket_id
    WHERE e.to_state IN ('settled', 'closed') AND e.name = 'archive' AND e.actor LIKE 'system:%'
      AND k.city_id = :city AND {_WITHIN.format(at="e.occurred_at")}
""")


def _satisfied(connection: Connection, city: City, what: str, asked: Mapping[str, Any]) -> list[Share]:
    rows = [*connection.execute(_RATED, asked).all(), *connection.execute(_SILENT, asked).all()]
    return counted(Figure.SATISFIED, _labels(connection, city, what, rows), _numbers(rows, "came"))


_FIGURES: Final[Mapping[Figure, Callable[[Connection, City, str, Mapping[str, Any]], list[Share]]]] = {
    Figure.FIRST_DISPATCH: _first_dispatch,
    Figure.IN_TIME: _in_time,
    Figure.SATISFIED: _satisfied,
    Figure.REDONE: _redone,
}


def _numbers(rows: _Rows, name: str) -> Whole:
    return np.array([getattr(row, name) for row in rows], dtype=np.int64)


def _moments(rows: _Rows, name: str) -> Whole:
    return np.array([seconds(getattr(row, name)) for row in rows], dtype=np.int64)


def _distinct(rows: _Rows) -> list[int]:
    return sorted({row.ticket_id for row in rows})


_CODES: Final = {
    "unit": text("SELECT id, code FROM geoapp.unit WHERE city_id = :city"),
    "matter": text("SELECT id, code FROM geoapp.matter WHERE city_id = :city"),
    "area": text("SELECT id, code FROM geoapp.area_key WHERE city_id = :city AND layer = :layer"),
}


def _labels(connection: Connection, city: City, what: str, rows: _Rows) -> list[str]:
    if what in _CODES:
        found = connection.execute(_CODES[what], {"city": city.id, "layer": city.responsible})
        codes = {row.id: row.code for row in found}
        if what == "area":
            return [next((codes[key] for key in row.area_keys if key in codes), "") for row in rows]
        return [codes.get(row.unit_id if what == "unit" else row.matter_id, "") for row in rows]
    if what == "all":
        return ["all"] * len(rows)
    days = [row.at.astimezone(city.zone).date() for row in rows]
    if what == "week":
        return [str(date.fromordinal(day.toordinal() - day.weekday())) for day in days]
    return [f"{day:%Y-%m}" if what == "month" else f"{day:%Y}" for day in days]
