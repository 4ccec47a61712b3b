"""Reads the cells of an Excel sheet as the text a CSV would hold."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from geoapp.errors import SourceUnreadable
from importers.lines import KEPT, Broken

UNPACKED_LIMIT: Final = 1 << 30
"""The most an .xlsx may unpack to, in bytes: a sheet is in memory as a whole, unlike a CSV."""

_SUFFIXES: Final = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls"})
_STARTS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")

Cell = int | float | str | bool | time | date | datetime | timedelta


def is_excel(path: Path) -> bool:
    """Whether a file claims to be Excel, by its content or its name.

    Raises:
        SourceUnreadable: it cannot be opened.
    """
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as error:
        raise SourceUnreadable(f"{path.name}: {error.strerror or error}.") from error
    return start.startswith(_STARTS) or path.suffix.lower() in _SUFFIXES


def records(path: Path, sheet: str = "") -> Iterator[tuple[int, list[str] | Broken]]:
    """The rows of a sheet that are not blank: the row's number and its cells as text.

    Dates are ISO text (`2024-01-04`, `2024-01-04 08:36:17`), whole numbers without decimals, an empty cell "".

    Raises:
        SourceUnreadable: not an Excel file, locked, damaged, too large, or it has no such sheet.
    """
    for number, cells in enumerate(_cells(path, sheet), 1):
        values = [_text(cell) for cell in cells]
        line = "\t".join(values)
        if "\0" in line:
            yield number, Broken("nul", "The row contains NUL characters.", line.replace("\0", "\\x00")[:KEPT])
        elif line.strip("\t"):
            yield number, values


def _cells(path: Path, sheet: str) -> list[list[Cell]]:
    try:
        _check_size(path)
        with CalamineWorkbook.from_path(path) as book:
            return _sheet(book, sheet, path).to_python(skip_empty_area=False)
    except (CalamineError, zipfile.BadZipFile, OSError, ValueError) as error:
        raise SourceUnreadable(f"{path.name}: this is not an Excel file that can be read ({error}).") from error
    except BaseException as error:
        # The reader's language reports its own bugs, met on damaged files, past Exception.
        if type(error).__name__ != "PanicException":
            raise
        raise SourceUnreadable(f"{path.name}: this Excel file is damaged.") from error


def _check_size(path: Path) -> None:
    with path.open("rb") as file:
        if file.read(2) != b"PK":
            return
    with zipfile.ZipFile(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > UNPACKED_LIMIT:
            raise SourceUnreadable(f"{path.name}: too large for an Excel file; save it as CSV.")


def _sheet(book: CalamineWorkbook, name: str, path: Path) -> CalamineSheet:
    if name and name not in book.sheet_names:
        raise SourceUnreadable(f'{path.name}: there is no sheet "{name}", only: {", ".join(book.sheet_names)}.')
    for candidate in [name] if name else book.sheet_names:
        sheet = book.get_sheet_by_name(candidate)
        if name or sheet.height:
            return sheet
    raise SourceUnreadable(f"{path.name}: all its sheets are empty.")


def _text(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)
