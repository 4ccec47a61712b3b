"""The database as the running code sees it: one engine a role."""

from __future__ import annotations

from functools import cache
from typing import Any, Final, Protocol

import psycopg
from psycopg import errors
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import DBAPIError

WEB: Final = "geoapp_web"
BULK: Final = "geoapp_bulk"

A_THREAD: Final = 2
"""The most connections a thread holds at once: its own, and one on which a new name is made known."""

_SPARE: Final = 2


class Urls(Protocol):
    """Where the database is, by role: a private cluster, a named server, or a test's own."""

    def url(self, role: str) -> str:
        """SQLAlchemy URL for geoapp_owner, geoapp_web, geoapp_bulk or geoapp_backup."""
        ...


class Database:
    """One engine a role, made when first asked for; to be made after a process forks, never before.

    threads: so many serve at once, and each gets the connections it may need; query_seconds: a page's longest
    question.
    """

    def __init__(self, urls: Urls, *, threads: int = 4, query_seconds: int = 10) -> None:
        options = {WEB: _web(threads, query_seconds), BULK: _bulk()}
        self._engine = cache(lambda role: _engine(urls.url(role), options[role]))

    @property
    def web(self) -> Engine:
        """Reads, and files single reports."""
        return self._engine(WEB)

    @property
    def bulk(self) -> Engine:
        """Loads layers and runs, folds cells."""
        return self._engine(BULK)

    def close(self) -> None:
        """Give every connection back."""
        for role in (WEB, BULK):
            self._engine(role).dispose()
        self._engine.cache_clear()


def connections(processes: int, threads: int) -> int:
    """How many connections so many web processes of so many threads open at most."""
    return processes * (A_THREAD * threads + _SPARE)


def lost(error: DBAPIError) -> bool:
    """Whether the database is away or has no room, so that trying again later is all there is to do."""
    cause = error.orig
    # Without a code the server has not even answered.
    unheard = isinstance(cause, psycopg.OperationalError) and (cause.sqlstate or "08").startswith("08")
    return error.connection_invalidated or unheard or isinstance(cause, _AWAY)


def took_too_long(error: DBAPIError) -> bool:
    """Whether the database gave the question up for its time."""
    return isinstance(error.orig, errors.QueryCanceled)


_AWAY: Final = (errors.AdminShutdown, errors.CrashShutdown, errors.CannotConnectNow, errors.TooManyConnections)


def _web(threads: int, query_seconds: int) -> dict[str, Any]:
    # No more than that: a thread that waits for a connection while it holds another waits for ever.
    size = {"pool_size": connections(1, threads), "max_overflow": 0}
    return {**size, "connect_args": {"options": f"-c statement_timeout={query_seconds * 1000}"}}


def _bulk() -> dict[str, Any]:
    # A plan prepared while a table was empty would serve a whole import; bulk work plans each statement anew. Nor does
    # it wait for the disk at each commit: what a power cut takes of the last half second, the next run brings again.
    return {"pool_size": 8, "connect_args": {"prepare_threshold": None, "options": "-c synchronous_commit=off"}}


def _engine(url: str, options: dict[str, Any]) -> Engine:
    # hide_parameters: what people say must not reach a log inside an error.
    return create_engine(url, pool_pre_ping=True, hide_parameters=True, **options)
