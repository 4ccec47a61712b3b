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
from dataclasses import astuple, dataclass, field, replace
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Final

from geoapp.errors import SheetNotComputed, SheetTooLarge, SheetUnreadable, SourceUnreadable

MOST_COLUMNS: Final = 100
LONGEST_CELL: Final = 4000

_MEMORY: Final = 1 << 30
_SECONDS: Final = 20
_TOO_LARGE: Final = 3
_UNREADABLE: Final = 4
_NOT_COMPUTED: Final = 5


@dataclass(frozen=True, slots=True)
class Bounds:
    """How large a file may be that is handed in: in bytes, rows below each heading, signs and sheets."""

    size: int
    rows: int
    signs: int
    sheets: int = 1


PEOPLE: Final = Bounds(5 << 20, 2000, 2_000_000)
"""A list of people or units."""

LISTS: Final = Bounds(20 << 20, 50_000, 20_000_000, 20)
"""The three lists (三张清单); no city's have a tenth of that."""


@dataclass(frozen=True, slots=True)
class Table:
    """A heading and the rows below it, each with its number as a spreadsheet shows it; all of one width.

    broken says of rows that are not among them why, in words: "" where one holds more than the heading has columns, so
    that something has slipped.
    """

    heading: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    broken: Mapping[int, str] = field(default_factory=dict)


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
TOO_WIDE: Final = "this row has more cells than the heading"
ROW_UNREADABLE: Final = "this row cannot be read"


def read(data: bytes, name: str = "", bounds: Bounds = PEOPLE) -> Table:
    """The first sheet of an Excel file that holds anything, or a CSV. No formula is evaluated: what stands is what
    whoever saved the file saw. A file that is called .xlsx is no CSV, whatever it holds.

    Raises:
        SheetUnreadable, SheetTooLarge
    """
    return next(iter(read_all(data, name, replace(bounds, sheets=1)).values()))


def read_all(data: bytes, name: str = "", bounds: Bounds = LISTS) -> dict[str, Table]:
    """All sheets that hold anything, by their names; a CSV is one without a name.

    Raises:
        SheetUnreadable, SheetTooLarge
        SheetNotComputed: a formula has come to an error, or to nothing yet: nobody knows what is meant there.
    """
    if len(data) > bounds.size:
        raise SheetTooLarge()
    with NamedTemporaryFile(prefix="geoapp-table-", suffix=".xlsx" if _called_excel(name) else "") as file:
        file.write(data)
        file.flush()
        return _beside(file.name, bounds)


def _called_excel(name: str) -> bool:
    return name.casefold().endswith((".xlsx", ".xlsm", ".xlsb", ".xls"))


def _beside(name: str, bounds: Bounds) -> dict[str, Table]:
    try:
        # The folder it is started in does not say what is imported.
        done = subprocess.run(
            [sys.executable, "-P", "-m", __name__, name, json.dumps(astuple(bounds))], stdin=subprocess.DEVNULL,
            capture_output=True, timeout=2 * _SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise SheetTooLarge() from error
    if done.returncode == _TOO_LARGE:
        raise SheetTooLarge()
    if done.returncode == _NOT_COMPUTED:
        raise SheetNotComputed(done.stdout.decode()[:20])
    if done.returncode != 0:
        # Whatever ended it, a bound or its own fault, the file was not read.
        raise SheetUnreadable()
    return {
        sheet: Table(tuple(heading), tuple((line, tuple(cells)) for line, cells in rows), dict(broken))
        for sheet, heading, rows, broken in json.loads(done.stdout)
    }


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
    faults += [Fault(line, "", ROW_UNREADABLE if why else TOO_WIDE) for line, why in table.broken.items()]
    return found, faults


def filled(table: Table, columns: Mapping[str, int]) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows that say anything: each with its number, and its cells by the code of their columns."""
    for line, row in table.rows:
        cells = {code: row[at].strip() for code, at in columns.items()}
        if any(cells.values()):
            yield line, cells


# In the other process


def _main(path: Path, bounds: Bounds) -> int:
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    from importers import rows

    try:
        if cell := rows.uncomputed(path):
            sys.stdout.write(cell)
            return _NOT_COMPUTED
        sheets = list(_sheets(path, bounds))
    except SheetTooLarge:
        return _TOO_LARGE
    except (SourceUnreadable, SheetUnreadable, MemoryError):
        return _UNREADABLE
    sys.stdout.write(json.dumps(sheets))
    return 0 if sheets else _UNREADABLE


_Row = tuple[int, list[str]]


def _sheets(path: Path, bounds: Bounds) -> Iterator[tuple[str, list[str], list[_Row], list[tuple[int, str]]]]:
    """The name, the heading, the rows and what is broken of each sheet that holds anything.

    Raises:
        SheetUnreadable, SheetTooLarge, SourceUnreadable
    """
    from importers import rows

    left, found = bounds.signs, 0
    for sheet in rows.sheets(path):
        broken: list[tuple[int, str]] = []
        read_ = _rows(rows.records(path, sheet), bounds.rows, left, broken)
        if not read_:
            continue
        found += 1
        left -= sum(sum(map(len, cells)) for _line, cells in read_)
        heading = [" ".join(cell.replace("\ufeff", "").split()) for cell in read_[0][1]]
        while heading and not heading[-1]:
            heading.pop()
        width = len(heading)
        broken += [(line, "") for line, cells in read_[1:] if any(cell.strip() for cell in cells[width:])]
        wide = {line for line, why in broken if not why}
        fit = [(line, (cells + [""] * width)[:width]) for line, cells in read_[1:] if line not in wide]
        yield sheet, heading, fit, sorted(broken)
        if found == bounds.sheets:
            return


def _rows(
    records: Iterable[tuple[int, Any]], most: int, signs: int, broken: list[tuple[int, str]]
) -> list[_Row]:  # fmt: skip
    """The rows that hold anything; broken gets those that cannot be read, and why."""
    rows: list[_Row] = []
    for line, cells in records:
        if not isinstance(cells, list):
            if len(broken) > most:
                raise SheetTooLarge()
            broken.append((line, str(cells.detail)))
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if len(rows) > most or len(cells) > MOST_COLUMNS or any(len(cell) > LONGEST_CELL for cell in cells):
            raise SheetTooLarge()
        # One long text may stand in every cell and cost the file nothing.
        signs -= sum(map(len, cells))
        if signs < 0:
            raise SheetTooLarge()
        rows.append((line, cells))
    return rows


if __name__ == "__main__":
    sys.exit(_main(Path(sys.argv[1]), Bounds(*json.loads(sys.argv[2]))))
