"""A table that somebody hands in, read to cells of text: in a process of its own, which may fail without harm.

A workbook is a packed archive whose reader lays it out as a whole; what a hostile one takes, it takes from a process
that has little memory and little time, and no connection to anything.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

from geoapp.errors import SheetTooLarge, SheetUnreadable, SourceUnreadable

MOST_BYTES: Final = 5 << 20
MOST_ROWS: Final = 2000
MOST_COLUMNS: Final = 100
LONGEST_CELL: Final = 4000
MOST_SIGNS: Final = 2_000_000

_MEMORY: Final = 1 << 30
_SECONDS: Final = 20
_TOO_LARGE: Final = 3
_UNREADABLE: Final = 4


@dataclass(frozen=True, slots=True)
class Table:
    """A heading and the rows below it, each with its number as a spreadsheet shows it; all of one width."""

    heading: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a cell: its row (1 is the heading), its column's code, a sentence with %(word)s for what
    stands there and %(more)s for what else there is to tell."""

    line: int
    column: str
    said: str
    word: str = ""
    more: str = ""

    def __str__(self) -> str:
        return f"line {self.line}: {self.said % {'word': self.word, 'more': self.more}}"


STRANGE_COLUMN: Final = "nobody reads the column “%(word)s”"
TWO_COLUMNS: Final = "two columns are “%(word)s”"
NO_COLUMN: Final = "there is no column “%(word)s”"


def read(data: bytes, name: str = "") -> Table:
    """The first sheet of an Excel file that holds anything, or a CSV. No formula is evaluated: what stands is what
    whoever saved the file saw. A file that is called .xlsx is no CSV, whatever it holds.

    Raises:
        SheetUnreadable, SheetTooLarge
    """
    if len(data) > MOST_BYTES:
        raise SheetTooLarge()
    with NamedTemporaryFile(prefix="geoapp-table-", suffix=".xlsx" if _called_excel(name) else "") as file:
        file.write(data)
        file.flush()
        return _beside(file.name)


def _called_excel(name: str) -> bool:
    return name.casefold().endswith((".xlsx", ".xlsm", ".xlsb", ".xls"))


def _beside(name: str) -> Table:
    try:
        # The folder it is started in does not say what is imported.
        done = subprocess.run(
            [sys.executable, "-P", "-m", __name__, name], stdin=subprocess.DEVNULL, capture_output=True,
            timeout=2 * _SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise SheetTooLarge() from error
    if done.returncode == _TOO_LARGE:
        raise SheetTooLarge()
    if done.returncode != 0:
        # Whatever ended it, a bound or its own fault, the file was not read.
        raise SheetUnreadable()
    told = json.loads(done.stdout)
    return Table(tuple(told["heading"]), tuple((line, tuple(cells)) for line, cells in told["rows"]))


def columns_of(
    table: Table, known: Mapping[str, Sequence[str]], needed: Iterable[str]
) -> tuple[dict[str, int], list[Fault]]:
    """Where each known column stands, by its code, and what is wrong with the heading."""
    called = {word: code for code, words in known.items() for word in words}
    found: dict[str, int] = {}
    faults = []
    for at, cell in enumerate(table.heading):
        code = called.get(cell.casefold())
        if code is None and cell:
            faults.append(Fault(1, "", STRANGE_COLUMN, cell))
        elif code in found:
            faults.append(Fault(1, code or "", TWO_COLUMNS, cell))
        elif code is not None:
            found[code] = at
    faults += [Fault(1, code, NO_COLUMN, known[code][0]) for code in needed if code not in found]
    return found, faults


def filled(table: Table, columns: Mapping[str, int]) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows that say anything: each with its number, and its cells by the code of their columns."""
    for line, row in table.rows:
        cells = {code: row[at].strip() for code, at in columns.items()}
        if any(cells.values()):
            yield line, cells


# In the other process


def _main(path: Path) -> int:
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        rows = _rows(path)
    except SheetTooLarge:
        return _TOO_LARGE
    except (SourceUnreadable, SheetUnreadable, MemoryError):
        return _UNREADABLE
    width = len(rows[0][1])
    told = {
        "heading": [" ".join(cell.split()) for cell in rows[0][1]],
        "rows": [(line, (cells + [""] * width)[:width]) for line, cells in rows[1:]],
    }
    sys.stdout.write(json.dumps(told))
    return 0


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    """The rows that hold anything.

    Raises:
        SheetUnreadable, SheetTooLarge, SourceUnreadable
    """
    from importers import excel

    rows: list[tuple[int, list[str]]] = []
    signs = 0
    for line, cells in excel.records(path) if excel.is_excel(path) else _text_rows(path):
        if not isinstance(cells, list):
            raise SheetUnreadable()
        if len(rows) > MOST_ROWS or len(cells) > MOST_COLUMNS or any(len(cell) > LONGEST_CELL for cell in cells):
            raise SheetTooLarge()
        # One long text may stand in every cell and cost the file nothing.
        signs += sum(map(len, cells))
        if signs > MOST_SIGNS:
            raise SheetTooLarge()
        rows.append((line, cells))
    if not rows:
        raise SheetUnreadable()
    return rows


def _text_rows(path: Path) -> Iterable[tuple[int, list[str]]]:
    import csv

    from importers.lines import lines

    whole = []
    for _line, text in lines(path):
        if not isinstance(text, str):
            raise SheetUnreadable()
        whole.append(text)
    comma = max(",\t;", key=whole[0].count) if whole else ","
    reader = csv.reader(whole, delimiter=comma)
    try:
        yield from ((reader.line_num, row) for row in reader if any(cell.strip() for cell in row))
    except csv.Error as error:
        raise SheetUnreadable() from error


if __name__ == "__main__":
    sys.exit(_main(Path(sys.argv[1])))
