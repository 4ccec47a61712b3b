"""What goes on without anybody asking: cells folded, time running out noticed."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Final

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from geoapp.intake.run import fold_cells
from geoapp.settings import Settings
from geoapp.store import cluster
from geoapp.store.database import Database
from geoapp.tickets.writer import mark_late

_PAUSE: Final = 1.0
_BATCH: Final = 5000

log = structlog.get_logger(__name__)


def run(settings: Settings, stop: threading.Event) -> None:
    """Work until told to stop; a database that is away is waited for."""
    database = Database(cluster.ensure(settings))
    while not stop.is_set():
        try:
            tick(database.bulk)
        except OperationalError as error:
            log.warning("database_away", error=str(error.orig))
        stop.wait(_PAUSE)
    database.close()


def tick(engine: Engine, now: datetime | None = None) -> None:
    """One turn: everything that is due by now is done."""
    moment = now or datetime.now(UTC)
    while True:
        with engine.begin() as connection:
            late = mark_late(connection, moment, _BATCH)
        if late < _BATCH:
            break
    fold_cells(engine)
