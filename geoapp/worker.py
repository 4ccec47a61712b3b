"""What goes on without anybody asking: cells folded, time running out noticed, what is over removed.

What must not wait, and what follows this process's own memory, is done here turn by turn; what has its time is a job
(geoapp/jobs.py), in a thread beside.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from geoapp import jobs
from geoapp.city import City
from geoapp.errors import ClusterUnavailable
from geoapp.intake import again, lists, relocate
from geoapp.intake.dispatching import in_force
from geoapp.intake.run import settle
from geoapp.settings import Settings
from geoapp.store import aliases, cells, cluster, geocoded, rates, register, sessions
from geoapp.store.cities import cities
from geoapp.store.cluster import Server
from geoapp.store.database import Database, lost
from geoapp.store.identity import identity

PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 60.0
_LOCATING: Final = "locating-again"
_SENDING: Final = "sending-again"
_SENT_BY: Final[dict[tuple[object, int], tuple[object, ...]]] = {}
"""By what the tickets of each city that had been held were last looked at, in this process."""

KEEP_EVERY: Final = 60.0
TIDY_EVERY: Final = 600.0

log = structlog.get_logger(__name__)


def run(settings: Settings, stop: threading.Event) -> None:
    """Work until told to stop; a database that is away, or work that fails, is tried again ever less often."""
    server: Server | None = None
    database: Database | None = None
    beside: threading.Thread | None = None
    pause, tidied, kept = PAUSE, 0.0, 0.0
    while not stop.is_set():
        try:
            if server is None or database is None:
                server = cluster.ensure(settings)
                database = Database(server)
            turn(database.bulk)
            if beside is None or not beside.is_alive():
                beside = _beside(server, database, settings, stop)
            if time.monotonic() - kept > KEEP_EVERY:
                # Whatever comes of it, the next time is in a while: what cannot wait goes on.
                kept = time.monotonic()
                keep_up(database.bulk)
            if time.monotonic() - tidied > TIDY_EVERY:
                tidy(database.bulk)
                tidied = time.monotonic()
            pause = PAUSE
        except (ClusterUnavailable, DBAPIError, PoolTimeout) as error:
            pause = min(pause * 2, LONGEST_PAUSE)
            _tell(error, pause)
        stop.wait(pause)
    if beside:
        beside.join()
    if database:
        database.close()


def _beside(server: Server, database: Database, settings: Settings, stop: threading.Event) -> threading.Thread:
    """The thread of what has its time."""
    work = threading.Thread(target=jobs.run, args=(jobs.make(server, database, settings), stop), name="jobs")
    work.start()
    return work


def turn(engine: Engine) -> None:
    """What cannot wait: somebody who puts a list into force is told that it takes seconds."""
    settle(engine)
    lists.put_due_into_force(engine)


def keep_up(engine: Engine) -> None:
    """The registers that processes share follow their cities, so that no page has long to read after an import; names
    that somebody has kept are made part of the gazetteer, and what waited for them is placed; what waited for other
    lists or layers is sent."""
    with engine.connect() as connection:
        for city in cities(connection):
            register.register(connection, city.id)
        waiting = [city for city in cities(connection) if aliases.pending(connection, city.id)]
    if waiting and not any(one.name == _LOCATING for one in threading.enumerate()):
        # It takes as long as there are words; lateness and cells do not wait for it.
        threading.Thread(target=_locate_again, args=(engine, waiting), name=_LOCATING, daemon=True).start()
    if not any(one.name == _SENDING for one in threading.enumerate()):
        changed = _changed(engine)
        if changed:
            threading.Thread(target=_send_again, args=(engine, changed), name=_SENDING, daemon=True).start()


def _changed(engine: Engine) -> list[tuple[City, tuple[object, tuple[object, ...]]]]:
    """Cities whose list, layers or units are others than when what was held was last looked at, with what they are."""
    now = datetime.now(UTC)
    with engine.connect() as connection:
        loaded = [one for one in cities(connection) if in_force(connection, one, now)]
        here = identity(connection)
        stamps = [(one, (here, again.stamp(connection, one, now))) for one in loaded]
    return [(one, of) for one, of in stamps if _SENT_BY.get((of[0], one.id)) != of[1]]


def _send_again(engine: Engine, changed: Sequence[tuple[City, tuple[object, tuple[object, ...]]]]) -> None:
    """What was held and is safe now is sent, city by city; what fails is told and tried again."""
    for city, (here, stamp) in changed:
        try:
            done = again.again(engine, city)
            _SENT_BY[here, city.id] = stamp
            log.info("sent_again", city=city.code, looked=done.looked, sent=done.sent, elsewhere=done.elsewhere)
        except Exception:
            log.exception("sending_again_failed", city=city.code)


def _locate_again(engine: Engine, waiting: Sequence[City]) -> None:
    """What waited for names that somebody has kept is placed, city by city; what fails is told and tried again."""
    for city in waiting:
        try:
            done = relocate.locate_again(engine, city)
            log.info("located_again", city=city.code, opened=done.opened, moved=done.moved, doubtful=done.doubtful)
        except Exception:
            log.exception("locating_again_failed", city=city.code)


def tidy(engine: Engine) -> None:
    """What can wait: cells that came down to nothing, counts of hours, sessions and links that are over, notes that all
    have read go, and answers of geocoders that have grown old."""
    with engine.begin() as connection:
        cells.drop_empty(connection)
    with engine.begin() as connection:
        rates.forget(connection)
    with engine.begin() as connection:
        sessions.forget_over(connection)
    with engine.begin() as connection:
        register.forget_changes(connection)
    with engine.begin() as connection:
        geocoded.forget(connection)


def _tell(error: ClusterUnavailable | DBAPIError | PoolTimeout, pause: float) -> None:
    if isinstance(error, ClusterUnavailable) or (isinstance(error, DBAPIError) and lost(error)):
        why = str(error.orig if isinstance(error, DBAPIError) else error)
        log.warning("database_away", error=why, again_in=pause)
    else:
        log.error("work_failed", again_in=pause, exc_info=error)
