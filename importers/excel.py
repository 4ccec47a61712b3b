"""Reads the cells of an Excel sheet as the text a CSV would hold."""

from __future__ import annotations

import resource
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from geoapp.errors import SourceUnreadable
from importers import excel_size
from importers.lines import KEPT, Broken

MEMORY_LIMIT: Final = 3 << 30
"""The most bytes a workbook may take in memory, where a sheet is as a whole, unlike a CSV."""

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


def records(path: Path, sheet: str = "", *, spread: bool = False) -> Iterator[tuple[int, list[str] | Broken]]:
    """The rows of a sheet that are not blank: the row's number and its cells as text.

    Dates are ISO text (`2024-01-04`, `2024-01-04 08:36:17`), whole numbers without decimals, an empty cell "". Of cells
    that are merged the first holds what they show, or with spread each of them does.

    Raises:
        SourceUnreadable: not an Excel file, locked, damaged, too large, or it has no such sheet.
    """
    with _readable(path):
        left, rows, merged = _rows(path, sheet)
        shown = _Spread(merged if spread else [])
        for number, cells in enumerate(rows, 1):
            values = shown.over(number - 1, [*left, *map(_text, cells)])
            line = "\t".join(values)
            if "\0" in line:
                yield number, Broken("nul", "The row contains NUL characters.", line.replace("\0", "\\x00")[:KEPT])
            elif line.strip("\t"):
                yield number, values


def sheet_names(path: Path) -> list[str]:
    """What the sheets of a workbook are called.

    Raises:
        SourceUnreadable: not an Excel file, locked, damaged or too large.
    """
    with _readable(path):
        excel_size.check(path)
        with _memory_bounded(), CalamineWorkbook.from_path(path) as book:
            return list(book.sheet_names)


def uncomputed(path: Path) -> str:
    """The first cell whose formula has come to an error, or to nothing yet; "" for none, and where that is not told.

    Raises:
        SourceUnreadable: not an Excel file, damaged or too large.
    """
    with _readable(path):
        excel_size.check(path)
        return excel_size.uncomputed(path)


_Range = tuple[tuple[int, int], tuple[int, int]]


class _Spread:
    """What merged cells show, in each of them; rows are gone through from the first on."""

    def __init__(self, merged: list[_Range]) -> None:
        self._coming = sorted(merged, reverse=True)
        self._open: list[tuple[_Range, str]] = []

    def over(self, row: int, values: list[str]) -> list[str]:
        """The row as it is seen."""
        self._open = [one for one in self._open if one[0][1][0] >= row]
        while self._coming and self._coming[-1][0][0] <= row:
            (top, left), last = self._coming.pop()
            if top == row and left < len(values):
                self._open.append((((top, left), last), values[left]))
        # No two may overlap, so there are no more at once than there are columns.
        for ((_, left), (_, right)), text in self._open[: len(values)]:
            width = min(right + 1, len(values)) - left
            values[left : left + width] = [text] * width
        return values


def _rows(path: Path, sheet: str) -> tuple[list[str], Iterator[list[Cell]], list[_Range]]:
    """The empty cells left of the sheet's first column, its rows from the first on, and which cells are merged."""
    excel_size.check(path)
    with _memory_bounded(), CalamineWorkbook.from_path(path) as book:
        chosen = _sheet(book, sheet, path)
        left = [""] * (chosen.start[1] if chosen.start else 0)
        return left, iter(chosen.iter_rows()), list(chosen.merged_cell_ranges or ())


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Whatever is wrong with a workbook, it cannot be read as one."""
    try:
        yield
    except excel_size.TooManyCells as error:
        raise SourceUnreadable(f"{path.name}: too large for an Excel file ({error}); save it as CSV.") from error
    except MemoryError as error:
        raise SourceUnreadable(f"{path.name}: it takes too much memory; save it as CSV.") from error
    except (CalamineError, zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:
        raise SourceUnreadable(f"{path.name}: this is not an Excel file that can be read ({error}).") from error
    except BaseException as error:
        # The reader's language reports its own bugs, met on damaged files, past Exception.
        if type(error).__name__ != "PanicException":
            raise
        raise SourceUnreadable(f"{path.name}: this Excel file is damaged.") from error


@contextmanager
def _memory_bounded() -> Iterator[None]:
    """A workbook that fills memory by other ways than its size ends this process, and not the machine.

    One long text may stand in a million cells, each with a copy of its own. Where the system does not say how much
    memory a process has, nothing is bounded.
    """
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    except (OSError, ValueError, IndexError):
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    bound = pages * resource.getpagesize() + MEMORY_LIMIT
    if soft != resource.RLIM_INFINITY:
        bound = min(bound, soft)
    resource.setrlimit(resource.RLIMIT_AS, (bound, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


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
