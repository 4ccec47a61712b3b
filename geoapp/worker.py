"""What goes on without anybody asking: cells folded, time running out noticed."""

from __future__ import annotations

import threading
from typing import Final

import structlog
from sqlalchemy.exc import OperationalError

from geoapp.intake.run import settle
from geoapp.settings import Settings
from geoapp.store import cluster
from geoapp.store.database import Database

_PAUSE: Final = 1.0

log = structlog.get_logger(__name__)


def run(settings: Settings, stop: threading.Event) -> None:
    """Work until told to stop; a database that is away is waited for."""
    database = Database(cluster.ensure(settings))
    while not stop.is_set():
        try:
            settle(database.bulk)
        except OperationalError as error:
            log.warning("database_away", error=str(error.orig))
        stop.wait(_PAUSE)
    database.close()
