"""The database as the running code sees it: one engine a role."""

from __future__ import annotations

from functools import cache
from typing import Protocol

from sqlalchemy import Engine, create_engine


class Urls(Protocol):
    """Where the database is, by role: a private cluster, a named server, or a test's own."""

    def url(self, role: str) -> str:
        """SQLAlchemy URL for geoapp_owner, geoapp_web, geoapp_bulk or geoapp_backup."""
        ...


class Database:
    """One engine a role, made when first asked for; to be made after a process forks, never before."""

    def __init__(self, urls: Urls) -> None:
        self._engine = cache(lambda role: _engine(urls.url(role), role))

    @property
    def web(self) -> Engine:
        """Reads, and files single reports."""
        return self._engine("geoapp_web")

    @property
    def bulk(self) -> Engine:
        """Loads layers and runs, folds cells."""
        return self._engine("geoapp_bulk")

    def close(self) -> None:
        """Give every connection back."""
        for role in ("geoapp_web", "geoapp_bulk"):
            self._engine(role).dispose()
        self._engine.cache_clear()


def _engine(url: str, role: str) -> Engine:
    # A plan prepared while a table was empty would serve a whole import; bulk work plans each statement anew. Nor does
    # it wait for the disk at each commit: what a power cut takes of the last half second, the next run brings again.
    bulk = {"prepare_threshold": None, "options": "-c synchronous_commit=off"}
    arguments = bulk if role == "geoapp_bulk" else {}
    # hide_parameters: what people say must not reach a log inside an error.
    return create_engine(url, pool_size=8, pool_pre_ping=True, connect_args=arguments, hide_parameters=True)
