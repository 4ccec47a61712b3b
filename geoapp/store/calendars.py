"""Working calendars of cities: what their packs say, and the days that were put right by hand since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import Connection, select, text

from geoapp.assign.calendar import WORK, Calendar
from geoapp.assign.calendar import calendar as made
from geoapp.store.tables import calendar_day


@dataclass(frozen=True, slots=True)
class Correction:
    """A day as somebody has put it right; works None: it is to be as the country has it again."""

    day: date
    works: bool | None
    why: str
    who: str
    made_at: datetime


def calendar(connection: Connection, city_id: int) -> Calendar:
    """The calendar of a city as it is now; of its pack only what belongs to it is read."""
    row = connection.execute(_READ, {"city": city_id}).one()
    return _made(
        row.time_zone, row.country, orjson.dumps(row.hours or {}), orjson.dumps(row.days or {}),
        tuple(zip(row.put_right or (), row.works or (), strict=True)),
    )  # fmt: skip


_READ = text(
    "SELECT c.pack->>'time_zone' AS time_zone, coalesce(c.pack->>'calendar', '') AS country, "
    "c.pack->'working_hours' AS hours, c.pack->'calendar_days' AS days, d.put_right, d.works "
    "FROM geoapp.city c CROSS JOIN LATERAL (SELECT array_agg(day ORDER BY day) AS put_right, "
    "array_agg(works ORDER BY day) AS works FROM (SELECT DISTINCT ON (day) day, works FROM geoapp.calendar_day "
    "WHERE city_id = c.id ORDER BY day, id DESC) latest WHERE works IS NOT NULL) d WHERE c.id = :city"
)


@lru_cache(maxsize=64)
def _made(zone: str, country: str, hours: bytes, days: bytes, kept: tuple[tuple[date, bool], ...]) -> Calendar:
    told: dict[str, Any] = orjson.loads(days)
    corrections = {date.fromisoformat(day): how == WORK for day, how in told.items()} | dict(kept)
    return made(zone, country, orjson.loads(hours), corrections)


def put_right(connection: Connection, city_id: int, day: date, works: bool | None, why: str, who: str) -> None:
    """Say of a day that it is worked or not, or (None) that it is as the country has it."""
    connection.execute(
        calendar_day.insert().values(city_id=city_id, day=day, works=works, why=why, who=who),
    )


def corrections(connection: Connection, city_id: int, since: date, until: date) -> list[Correction]:
    """What was put right of these days, in the order it was."""
    query = (
        select(*(calendar_day.c[name] for name in ("day", "works", "why", "who", "made_at")))
        .where(calendar_day.c.city_id == city_id, calendar_day.c.day.between(since, until))
        .order_by(calendar_day.c.day, calendar_day.c.id)
    )
    return [Correction(*row) for row in connection.execute(query)]
