"""Answers of online geocoders kept for a while, and the turns in which all processes together ask them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

FOREVER_S: Final = 86_400.0
"""Nobody waits longer than a day, after which all is counted anew."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a geocoder answered and when; None: it knows of no such place."""

    answer: Mapping[str, Any] | None
    asked_at: datetime


class Held(StrEnum):
    """Why there is no turn now."""

    RESTING = "resting"
    DAY_FULL = "day_full"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn to ask once, after wait_s seconds; or why there is none now, and in how many seconds there may be one."""

    wait_s: float
    held: Held | None = None


def kept(connection: Connection, city_id: int, geocoder: str, questions: Sequence[UUID]) -> dict[UUID, Kept]:
    """Those of the questions whose answers are kept and still good."""
    rows = connection.execute(
        text(
            "SELECT question, answer, asked_at FROM geoapp.geocoded WHERE city_id = :city AND geocoder = :geocoder "
            "AND question = ANY(:questions) AND expires_at > now()"
        ),
        {"city": city_id, "geocoder": geocoder, "questions": list(questions)},
    )
    return {row.question: Kept(row.answer, row.asked_at) for row in rows}


def keep(
    connection: Connection, city_id: int, geocoder: str, question: UUID, answer: Mapping[str, Any] | None, days: int
) -> datetime:
    """Keep an answer, or that there is none, for so many days; when it was given."""
    query = text(
        "INSERT INTO geoapp.geocoded (city_id, geocoder, question, answer, expires_at) "
        "VALUES (:city, :geocoder, :question, :answer, now() + make_interval(days => :days)) "
        "ON CONFLICT (city_id, geocoder, question) DO UPDATE "
        "SET answer = excluded.answer, asked_at = excluded.asked_at, expires_at = excluded.expires_at "
        "RETURNING asked_at"
    ).bindparams(bindparam("answer", type_=JSONB(none_as_null=True)))
    row = {"city": city_id, "geocoder": geocoder, "question": question, "answer": answer, "days": days}
    asked_at: datetime = connection.execute(query, row).scalar_one()
    return asked_at


def forget(connection: Connection) -> int:
    """Remove answers that are no longer good, and geocoders not asked for a month; how many answers these were."""
    connection.execute(text("DELETE FROM geoapp.geocoder_use WHERE free_at < now() - interval '31 days'"))
    return connection.execute(text("DELETE FROM geoapp.geocoded WHERE expires_at <= now()")).rowcount


# The database's clock is the one clock that all processes share; while another's turn is being given out, its row is
# waited for, so the time is read again each time. Days are UTC's.
_NOW: Final = "clock_timestamp()"
_TODAY: Final = f"({_NOW} AT TIME ZONE 'UTC')::date"

_TAKE: Final = text(f"""
    INSERT INTO geoapp.geocoder_use AS used (key, free_at, day, n, failures)
    VALUES (:key, {_NOW} + make_interval(secs => :gap), {_TODAY}, 1, 0)
    ON CONFLICT (key) DO UPDATE SET
        free_at = greatest(used.free_at, {_NOW}) + make_interval(secs => :gap),
        n = CASE WHEN used.day = {_TODAY} THEN used.n + 1 ELSE 1 END,
        day = {_TODAY}
    WHERE coalesce(used.rests_until <= {_NOW}, true)
      AND (used.day < {_TODAY} OR used.n < :most)
      AND used.free_at <= {_NOW} + make_interval(secs => :within)
    RETURNING greatest(0, extract(epoch FROM used.free_at - make_interval(secs => :gap) - {_NOW}))::float8
""")

_WHY: Final = text(f"""
    SELECT extract(epoch FROM rests_until - {_NOW})::float8 AS rests, day = {_TODAY} AND n >= :most AS full,
           extract(epoch FROM {_TODAY} + 1 - ({_NOW} AT TIME ZONE 'UTC'))::float8 AS day_s,
           extract(epoch FROM free_at - {_NOW})::float8 AS busy
    FROM geoapp.geocoder_use WHERE key = :key
""")


def take(connection: Connection, key: UUID, per_second: float, per_day: int, within_s: float) -> Turn:
    """A turn to ask a geocoder, if one comes within so many seconds.

    It is used up when the transaction ends, whether or not anybody then asks.
    """
    limits = {"key": key, "gap": 1.0 / per_second, "most": per_day, "within": min(max(within_s, 0.0), FOREVER_S)}
    wait = connection.execute(_TAKE, limits).scalar_one_or_none()
    if wait is not None:
        return Turn(float(wait))
    row = connection.execute(_WHY, limits).one()
    if (row.rests or 0.0) > 0.0:
        return Turn(row.rests, Held.RESTING)
    return Turn(row.day_s, Held.DAY_FULL) if row.full else Turn(max(row.busy, 0.0), Held.BUSY)


def answered(connection: Connection, key: UUID) -> None:
    """Note that a geocoder works."""
    connection.execute(
        text(
            "UPDATE geoapp.geocoder_use SET failures = 0, rests_until = NULL "
            "WHERE key = :key AND (failures > 0 OR rests_until IS NOT NULL)"
        ),
        {"key": key},
    )


def failed(connection: Connection, key: UUID, least_s: float, most_s: float) -> float:
    """Note that a geocoder failed, and let it rest: twice as long each time; for how many seconds."""
    query = text(
        "UPDATE geoapp.geocoder_use SET failures = least(failures + 1, 30), rests_until = greatest(rests_until, "
        f"{_NOW} + make_interval(secs => greatest(:least, least(:most, :least * 2.0 ^ least(failures, 30))))) "
        f"WHERE key = :key RETURNING extract(epoch FROM rests_until - {_NOW})::float8"
    )
    least = min(max(least_s, 0.0), FOREVER_S) if math.isfinite(least_s) else FOREVER_S
    return float(connection.execute(query, {"key": key, "least": least, "most": most_s}).scalar_one())
