"""Rows into tables by COPY, built column by column."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice, repeat
from typing import Any, Final

import orjson
import psycopg
from sqlalchemy import Connection

NULL: Final = r"\N"
"""What stands for null."""

_CHUNK: Final = 1500


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


def plain(values: Iterable[object]) -> list[str]:
    """Numbers, codes, times as text and uuids, which hold nothing to escape; None becomes null."""
    return [NULL if value is None else str(value) for value in values]


def flags(values: Iterable[bool]) -> list[str]:
    """Truth values."""
    return ["t" if value else "f" for value in values]


def texts(values: Sequence[str | None]) -> Iterable[str]:
    """Free text, escaped for COPY; None becomes null."""
    if None in values:
        return [NULL if value is None else escape(value) for value in values]
    # Few texts need it: one look at all of them is cheaper than one at each.
    return map(escape, values) if _SPECIAL.search("".join(values)) else values  # type: ignore[arg-type, return-value]


def escape(value: str) -> str:
    """One text as COPY's text format wants it."""
    return _SPECIAL.sub(_escaped, value)


_SPECIAL: Final = re.compile(r"[\\\n\t\r]")
_ESCAPES: Final = {"\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def _escaped(found: re.Match[str]) -> str:
    return _ESCAPES[found[0]]


def moments(values: Iterable[datetime | None]) -> list[str]:
    """Aware times."""
    return [NULL if value is None else value.isoformat(" ") for value in values]


def arrays(values: Iterable[tuple[int, ...]]) -> list[str]:
    """Arrays of whole numbers; a batch holds few different ones."""
    made: dict[tuple[int, ...], str] = {}
    return [made.get(value) or made.setdefault(value, "{" + ",".join(map(str, value)) + "}") for value in values]


def json(value: object | None) -> str:
    """One JSON value; None becomes null."""
    return NULL if value is None else escape(orjson.dumps(value).decode())


def same(value: str, times: int) -> Iterable[str]:
    """A column that holds one rendered field throughout."""
    return repeat(value, times)
