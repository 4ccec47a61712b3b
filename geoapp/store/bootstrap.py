"""What a superuser gives a database before geoapp's own migrations: roles, the database, extensions."""

from __future__ import annotations

from typing import Final

from psycopg import Connection, sql
from psycopg.conninfo import make_conninfo

DATABASE: Final = "geoapp"
OWNER: Final = "geoapp_owner"
BACKUP: Final = "geoapp_backup"

ROLES: Final = {
    OWNER: "LOGIN",
    "geoapp_web": "LOGIN",
    # The row-level policies guard people who read one row; imports and backups handle whole tables.
    "geoapp_bulk": "LOGIN BYPASSRLS",
    BACKUP: "LOGIN BYPASSRLS",
}
EXTENSIONS: Final = ("postgis", "pg_trgm")


def prepare(connection: Connection[object], database: str = DATABASE) -> None:
    """Make the roles on a cluster of our own, and the database, complete or not at all; needs autocommit."""
    for role, rights in ROLES.items():
        if not _exists(connection, "pg_roles", "rolname", role):
            connection.execute(_statement(f"CREATE ROLE {{}} {rights}", role))
    connection.execute(_statement("GRANT pg_read_all_data TO {}", BACKUP))
    if not _exists(connection, "pg_database", "datname", database):
        making = f"{database}_making"
        drop_database(connection, making)
        create_database(connection, making)
        with Connection.connect(_beside(connection, making), autocommit=True) as inside:
            for extension in EXTENSIONS:
                inside.execute(_statement("CREATE EXTENSION {}", extension))
        # The name appears last: a database called so is finished, however often this was interrupted.
        connection.execute(_statement("ALTER DATABASE {} RENAME TO {}", making, database))


def create_database(connection: Connection[object], name: str, template: str = "template0") -> None:
    """Create a database that geoapp_owner owns and only geoapp's roles may enter."""
    # Copying files is quicker for a database that already holds tables.
    locale = " LOCALE 'C.UTF-8' ENCODING 'UTF8'" if template == "template0" else " STRATEGY file_copy"
    connection.execute(_statement("CREATE DATABASE {} TEMPLATE {} OWNER {}" + locale, name, template, OWNER))
    connection.execute(_statement("REVOKE CONNECT, TEMPORARY ON DATABASE {} FROM PUBLIC", name))
    for role in ROLES:
        connection.execute(_statement("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}", name, role))


def drop_database(connection: Connection[object], name: str) -> None:
    """Drop a database, if there is one, whoever is connected to it."""
    connection.execute(_statement("DROP DATABASE IF EXISTS {} WITH (FORCE)", name))


def script(database: str = DATABASE) -> str:
    """The same as psql input for the administrator of a server that is not ours."""
    roles = "\n".join(
        f"SELECT format('CREATE ROLE {role} {rights} PASSWORD %L', :'password')"
        f" WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') \\gexec"
        for role, rights in ROLES.items()
    )
    name = '"' + database.replace('"', '""') + '"'
    literal = "'" + database.replace("'", "''") + "'"
    extensions = "\n".join(f"CREATE EXTENSION IF NOT EXISTS {extension};" for extension in EXTENSIONS)
    return f"""\
-- Run as a superuser, with the password that GEOAPP_DATABASE_URL carries:
--   geoapp database sql | psql -v password=... -d postgres
\\set ON_ERROR_STOP on
{roles}
GRANT pg_read_all_data TO {BACKUP};
SELECT $$CREATE DATABASE {name} TEMPLATE template0 OWNER {OWNER} LOCALE 'C.UTF-8' ENCODING 'UTF8'$$
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = {literal}) \\gexec
REVOKE CONNECT, TEMPORARY ON DATABASE {name} FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE {name} TO {", ".join(ROLES)};
\\connect {name}
{extensions}
"""


def _exists(connection: Connection[object], catalogue: str, column: str, name: str) -> bool:
    query = _statement("SELECT 1 FROM {} WHERE {} = %s", catalogue, column)
    return connection.execute(query, (name,)).fetchone() is not None


def _statement(text: str, *names: str) -> sql.Composed:
    return sql.SQL(text).format(*map(sql.Identifier, names))


def _beside(connection: Connection[object], database: str) -> str:
    """The way to another database of the same server, password included."""
    return make_conninfo(connection.info.dsn, dbname=database, password=connection.info.password or None)
