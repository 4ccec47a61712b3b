"""Rows into tables by COPY, built column by column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import islice, repeat
from typing import Any, Final

import orjson
import psycopg
from sqlalchemy import Connection

_NULL = "\\N"


_CHUNK: Final = 500


def copy(connection: Connection, table: str, columns: Mapping[str, Iterable[str]]) -> None:
    """Append rows to a table; each column gives rendered fields, all the same number of them.

    Fields are rendered as they are sent: the server takes one chunk in while the next is made.

    Raises:
        psycopg.Error: a constraint is broken; the transaction is then lost.
    """
    rows = map("\t".join, zip(*columns.values(), strict=True))
    with raw(connection).cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as stream:
        while chunk := list(islice(rows, _CHUNK)):
            stream.write("\n".join(chunk) + "\n")


def raw(connection: Connection) -> psycopg.Connection[Any]:
    """The psycopg connection under an SQLAlchemy one, in the same transaction."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    return driver


def plain(values: Iterable[object]) -> Iterable[str]:
    """Numbers, codes and uuids, which hold nothing to escape; None becomes null."""
    return (_NULL if value is None else str(value) for value in values)


def flags(values: Iterable[bool]) -> Iterable[str]:
    """Truth values."""
    return ("t" if value else "f" for value in values)


def texts(values: Iterable[str | None]) -> Iterable[str]:
    """Free text, escaped for COPY."""
    return (_NULL if value is None else escape(value) for value in values)


def escape(value: str) -> str:
    """One text as COPY's text format wants it."""
    if "\\" in value:
        value = value.replace("\\", "\\\\")
    if "\n" in value or "\t" in value or "\r" in value:
        value = value.replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
    return value


def moments(values: Iterable[datetime | None]) -> Iterable[str]:
    """Aware times."""
    return (_NULL if value is None else value.isoformat(" ") for value in values)


def arrays(values: Iterable[Iterable[int]]) -> Iterable[str]:
    """Arrays of whole numbers."""
    return ("{" + ",".join(map(str, value)) + "}" for value in values)


def json(value: object | None) -> str:
    """One JSON value; None becomes null."""
    return _NULL if value is None else escape(orjson.dumps(value).decode())


def same(value: str, times: int) -> Iterable[str]:
    """A column that holds one rendered field throughout."""
    return repeat(value, times)
