"""Whether this installation is healthy: one finding a thing looked at, and what to do where it is not."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import psycopg
from sqlalchemy.exc import SQLAlchemyError

from geoapp import statics
from geoapp.errors import GeoappError
from geoapp.people import rights
from geoapp.settings import CHECKOUT, Settings
from geoapp.store import bootstrap, cluster, migrate, role_rights
from geoapp.store.cluster import Server

LEAST_POSTGIS: Final = (3, 3)
LEAST_FREE_BYTES: Final = 2 << 30
# Some minutes of a busy import; more than this and the worker is not folding.
MOST_PENDING_DELTAS: Final = 200_000
_SETUP: Final = "run `make setup`"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `remedy` says what to do about it."""

    name: str
    healthy: bool
    detail: str
    remedy: str = ""


def check(settings: Settings) -> list[Finding]:
    """Look at everything; what cannot be looked at is a finding too, never an exception."""
    return [*_files(settings), *_database(settings)]


def _files(settings: Settings) -> Iterator[Finding]:
    yield _assets()
    yield _translations()
    yield _data_folder(settings.data_dir)
    yield _secret_key(settings)
    yield _disk(settings.data_dir)


def _database(settings: Settings) -> Iterator[Finding]:
    try:
        server = cluster.ensure(settings)
    except GeoappError as error:
        yield Finding("database server", False, str(error), _SETUP)
        return
    for name, look in (_LOOKS | {"connections": partial(_connections, settings)}).items():
        try:
            yield look(server)
        except (psycopg.Error, SQLAlchemyError) as error:
            yield Finding(name, False, str(error).strip().splitlines()[0], "run `geoapp database prepare`")


def _finding(name: str, healthy: bool, detail: str, remedy: str) -> Finding:
    return Finding(name, healthy, detail, "" if healthy else remedy)


def _assets() -> Finding:
    missing = [name for name in ("leaflet.js", "leaflet.css") if not statics.digest(f"vendor/leaflet/{name}")]
    detail = f"missing: {', '.join(missing)}" if missing else "in place"
    return _finding("scripts and styles", not missing, detail, _SETUP)


def _translations() -> Finding:
    catalogues = sorted((CHECKOUT / "geoapp" / "translations").glob("*/LC_MESSAGES/*.po"))
    stale = [str(po.relative_to(CHECKOUT)) for po in catalogues if not _newer(po.with_suffix(".mo"), po)]
    detail = f"not compiled: {', '.join(stale)}" if stale else f"{len(catalogues)} compiled"
    return _finding("translations", not stale, detail, _SETUP)


def _newer(made: Path, source: Path) -> bool:
    return made.exists() and made.stat().st_mtime >= source.stat().st_mtime


def _data_folder(folder: Path) -> Finding:
    probe = folder / ".check"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        return Finding("data folder", False, str(error), "let this account write there, or set GEOAPP_DATA_DIR")
    return Finding("data folder", True, f"{folder} can be written")


def _secret_key(settings: Settings) -> Finding:
    if settings.secret_key:
        long_enough = len(settings.secret_key) >= 32
        return _finding("secret key", long_enough, "given by the settings", "make it 32 characters or more")
    path = settings.data_dir / "secret_key"
    if not path.exists():
        return Finding("secret key", True, "made when geoapp is first served")
    mode = path.stat().st_mode & 0o777
    return _finding("secret key", not mode & 0o077, f"{path} has mode {mode:o}", f"chmod 600 {path}")


def _disk(folder: Path) -> Finding:
    free = shutil.disk_usage(next(place for place in (folder, *folder.parents) if place.exists())).free
    return _finding("disk space", free >= LEAST_FREE_BYTES, f"{free / 2**30:,.1f} GiB free", "make room")


def _value(server: Server, query: str, role: str = bootstrap.OWNER) -> str:
    with psycopg.connect(server.conninfo(role)) as connection:
        row = connection.execute(query.encode()).fetchone()
        assert row is not None  # every query here answers one row
        return str(row[0])


def _postgresql(server: Server) -> Finding:
    version = int(_value(server, "SHOW server_version_num")) // 10_000
    return _finding("PostgreSQL", version >= cluster.LEAST_VERSION, f"version {version}", "use version 15 or later")


def _postgis(server: Server) -> Finding:
    version = _value(server, "SELECT postgis_lib_version()")
    healthy = tuple(map(int, version.split(".")[:2])) >= LEAST_POSTGIS
    return _finding("PostGIS", healthy, f"version {version}", "use version 3.3 or later")


def _locale(server: Server) -> Finding:
    # In the locale C a Chinese word has no trigrams, and search then finds nothing without saying so.
    trigrams = int(_value(server, "SELECT cardinality(show_trgm('石岩街道'))"))
    detail = "Chinese text can be searched" if trigrams else "Chinese text cannot be searched"
    return _finding(
        "locale", trigrams > 0, detail, "make the database with LOCALE 'C.UTF-8', as `geoapp database sql` does"
    )


def _migrations(server: Server) -> Finding:
    current, head = migrate.current(server.url(bootstrap.OWNER)), migrate.head()
    return _finding("migrations", current == head, f"at {current}, newest {head}", "run `geoapp database prepare`")


def _roles(server: Server) -> Finding:
    wrong = _value(server, _WRONG_ROLES)
    detail = f"wrong rights: {wrong}" if wrong else "each has its rights and no more"
    return _finding(
        "roles", not wrong, detail, "run what `geoapp database sql` prints, and take superfluous rights away"
    )


def _row_security(server: Server) -> Finding:
    open_tables = _value(server, _OPEN_TABLES)
    detail = f"without row-level security: {open_tables}" if open_tables else "private tables are guarded row by row"
    return _finding("row-level security", not open_tables, detail, "run `geoapp database prepare`")


def _rights(server: Server) -> Finding:
    kept = role_rights.kept_at(server.url(bootstrap.OWNER))
    wrong = len(kept ^ rights.LINES)
    detail = f"{wrong} lines differ from the table of rights" if wrong else f"{len(kept)} lines, as the table has them"
    return _finding("rights in the database", not wrong, detail, "run `geoapp database prepare`")


def _connections(settings: Settings, server: Server) -> Finding:
    needed, there_are = cluster.needed_connections(settings), int(_value(server, "SHOW max_connections"))
    mend = "stop and start it with `geoapp database`" if server.private else f"set its max_connections to {needed}"
    return _finding("connections", there_are >= needed, f"the server takes {there_are}, needed are {needed}", mend)


def _cities(server: Server) -> Finding:
    cities = _value(server, "SELECT coalesce(string_agg(code, ', ' ORDER BY code), '') FROM geoapp.city")
    return _finding("cities", bool(cities), cities or "none is loaded", "run `geoapp demo` or `geoapp city load`")


def _deltas(server: Server) -> Finding:
    pending = int(_value(server, "SELECT count(*) FROM geoapp.cell_delta"))
    remedy = "see that `geoapp serve` or `geoapp worker` runs"
    return _finding("map cells", pending <= MOST_PENDING_DELTAS, f"{pending:,} changes not yet folded in", remedy)


def _clocks(server: Server) -> Finding:
    behind = int(_value(server, "SELECT count(*) FROM geoapp.clock WHERE next_at < now() - interval '10 minutes'"))
    detail = f"{behind:,} ran out and nobody was told" if behind else "each that has run out was told"
    return _finding("clocks", behind == 0, detail, "see that `geoapp serve` or `geoapp worker` runs")


_LOOKS: Final[dict[str, Callable[[Server], Finding]]] = {
    "PostgreSQL": _postgresql,
    "PostGIS": _postgis,
    "locale": _locale,
    "migrations": _migrations,
    "roles": _roles,
    "row-level security": _row_security,
    "rights in the database": _rights,
    "cities": _cities,
    "map cells": _deltas,
    "clocks": _clocks,
}

_WRONG_ROLES: Final = """
    SELECT coalesce(string_agg(wanted.name, ', ' ORDER BY wanted.name), '')
      FROM (VALUES ('geoapp_owner', false), ('geoapp_web', false), ('geoapp_bulk', true), ('geoapp_backup', true))
           AS wanted (name, bypass)
      LEFT JOIN pg_roles ON rolname = wanted.name
     WHERE rolname IS NULL OR rolsuper OR rolcreaterole OR rolbypassrls <> wanted.bypass OR NOT rolcanlogin"""

_OPEN_TABLES: Final = """
    SELECT coalesce(string_agg(relname, ', ' ORDER BY relname), '')
      FROM pg_class
     WHERE relnamespace = to_regnamespace('private') AND relkind IN ('r', 'p') AND NOT relrowsecurity"""
