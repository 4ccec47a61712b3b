"""Brings a database to the tables this checkout expects, with the revisions in migrations/."""

from __future__ import annotations

from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from geoapp.settings import CHECKOUT

FOLDER: Final = CHECKOUT / "migrations"
SCHEMA: Final = "geoapp"
# Any number will do, as long as every process that migrates this database asks for the same.
_LOCK: Final = 7_226_011


def upgrade(url: str, revision: str = "head") -> None:
    """Run what is missing, as the owner whom the URL names; one process at a time, all of it or nothing."""
    with create_engine(url, poolclass=NullPool).begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        # Alembic's own table lives here and is made before the first revision runs.
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
        command.upgrade(_config(connection), revision)


def current(url: str) -> str | None:
    """The revision a database stands at; None before the first."""
    with create_engine(url, poolclass=NullPool).connect() as connection:
        return MigrationContext.configure(connection, opts={"version_table_schema": SCHEMA}).get_current_revision()


def head() -> str | None:
    """The revision this checkout wants."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def knows(revision: str | None) -> bool:
    """Whether a revision is one of this checkout's, so that there is a way from it to the head."""
    scripts = ScriptDirectory.from_config(_config())
    return revision is None or revision in {script.revision for script in scripts.walk_revisions()}


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
