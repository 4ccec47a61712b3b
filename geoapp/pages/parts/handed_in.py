"""A table handed in through a form, and kept by the form between what is shown of it and the word to take it in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import request
from itsdangerous import BadData, URLSafeTimedSerializer

from geoapp.errors import SheetTooLarge, SheetUnreadable
from geoapp.pages.parts import admin, own, who
from geoapp.people import tables
from geoapp.people.tables import Fault, Table

HOLDS_S: Final = 3600
MOST_FAULTS: Final = 200
MOST: Final = 900_000
"""The most characters that a form carries of it; packed, a list of two thousand people is a fifth of that."""


def uploaded() -> Table:
    """The table of the file that was chosen.

    Raises:
        SheetUnreadable, SheetTooLarge
    """
    file = request.files.get("file")
    if file is None or not file.filename:
        raise SheetUnreadable()
    return tables.read(file.stream.read(tables.PEOPLE.size + 1), file.filename)


def packed(table: Table, what: str) -> str:
    """The table as the form carries it: nobody else can have made it, and it is for whoever asks alone.

    Raises:
        SheetTooLarge
    """
    made = str(_signer(what).dumps([table.heading, table.rows]))
    if len(made) > MOST:
        raise SheetTooLarge()
    return made


def unpacked(what: str) -> Table:
    """The table that the form has carried.

    Raises:
        SheetUnreadable: it is too long ago, or not what was shown.
    """
    try:
        heading, rows = _signer(what).loads(request.form.get("table", ""), max_age=HOLDS_S)
    except BadData as error:
        raise SheetUnreadable() from error
    return Table(tuple(heading), tuple((line, tuple(cells)) for line, cells in rows))


def told(
    table: Table, what: str, rows: Sequence[Mapping[str, Any]], faults: Sequence[Fault], columns: Mapping[str, Any]
) -> dict[str, Any]:
    """What would come of a table, row by row, and what is wrong with it by line; where nothing is, the form carries it.

    Raises:
        SheetTooLarge
    """
    found = sorted(faults, key=lambda one: one.line)
    return {
        "rows": rows, "faults": admin.tell_faults(found[:MOST_FAULTS], columns), "faults_n": len(found),
        "counts": {fate: sum(one["fate"] == fate for one in rows) for fate in ("make", "change", "same")},
        "table": "" if found else packed(table, what), "wrong_lines": {str(one.line) for one in found},
    }  # fmt: skip


def _signer(what: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(own.key(), salt=f"table {what} {who.account().account_id}")
