"""Reads a table with a header, CSV or Excel, into rows: strictly, and in memory that does not grow with a CSV."""

from __future__ import annotations

import csv
import re
from abc import abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, Final

from geoapp.errors import SourceUnreadable
from importers import excel
from importers.base import Importer, Rejected, Report, Row
from importers.fields import Clock, Fields
from importers.lines import KEPT, LINE_LIMIT, Broken, Line, lines

RECORD_LINES: Final = 1000
"""The most physical lines of one record; a quote still open then was never meant to be one."""

DELIMITERS: Final = (",", "\t", ";", "|")

# A portal adds such columns by itself, one a boundary layer, under numbers that change.
_COMPUTED: Final = "computed_region_"

_REREAD_FREE: Final = 50 * RECORD_LINES
_RECORD_LINES_WHEN_MANY_FAIL: Final = 16

Record = tuple[int, list[str] | Broken]

# The bound on a record is ours; the module's own of 128 KiB would refuse long texts. It is process-wide, hence here.
csv.field_size_limit(2 * LINE_LIMIT)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table opened: the names of its columns, and its rows, which can be gone through once."""

    header: tuple[str, ...]
    rows: Iterator[Row | Rejected]

    def need(self, columns: Iterable[str], path: Path) -> None:
        """Makes sure the columns are there.

        Raises:
            SourceUnreadable: naming those that are not.
        """
        if missing := [name for name in columns if name not in self.header]:
            raise SourceUnreadable(f"{path.name}: the header has no column {_listed(missing)}.")


def read(
    path: Path,
    *,
    rename: Callable[[str], str] = str,
    header_line: int = 1,
    delimiter: str = "",
    sheet: str = "",
) -> Sheet:
    """Opens a CSV (gzipped or not) or Excel file; what it is, is told from its content.

    rename is applied to each header name; header_line is the line the header is on or after (blank ones are
    passed over); delimiter "" is told from the header; sheet "" is the first that is not empty (Excel only).
    The rows raise SourceUnreadable where gzip data turn out damaged, after all rows before the damage.

    Raises:
        SourceUnreadable: no such file, no header, two columns of one name, or not what its name says.
    """
    if excel.is_excel(path):
        records: Iterator[Record] = iter(excel.records(path, sheet))
        header = _excel_header(records, header_line, path)
        names = _names(header, rename, path)
        return Sheet(names, _rows(names, _fitted(records, len(names))))
    source = _Records(lines(path), delimiter, header_line)
    names = _names(source.header(path), rename, path)
    return Sheet(names, _rows(names, source.split(len(names))))


def sheets(path: Path) -> list[str]:
    """What the sheets of a workbook are called; a text is one sheet without a name.

    Raises:
        SourceUnreadable: it cannot be read.
    """
    return excel.sheet_names(path) if excel.is_excel(path) else [""]


def uncomputed(path: Path) -> str:
    """The first cell of a workbook whose formula has come to an error, or to nothing yet; "" for none."""
    return excel.uncomputed(path) if excel.is_excel(path) else ""


def records(path: Path, sheet: str = "") -> Iterator[Record]:
    """The rows of a CSV or Excel file as they stand, the header among them, each as wide as it is; what merged cells
    show stands in each of them.

    Raises:
        SourceUnreadable: as `read`; later too.
    """
    if excel.is_excel(path):
        yield from excel.records(path, sheet, spread=True)
        return
    yield from _Records(lines(path), "", 1).every(path)


class Portal(Importer):
    """A city's open-data portal: tables with a header, each of whose columns is read or left out by name."""

    needed: ClassVar[tuple[str, ...]]
    """The columns without which a table is none of this source's; names are in small letters, words joined by _."""

    known: ClassVar[frozenset[str]]
    """The columns that are read, and those left out on purpose."""

    renamed: ClassVar[Mapping[str, str]] = MappingProxyType({})
    """Columns that go by another name at times, and the name they are read by."""

    clock: ClassVar[Clock]

    def rows(self, path: Path) -> Iterator[Row | Rejected]:
        sheet = read(path, rename=self._column)
        sheet.need(self.needed, path)
        self._leave(set(sheet.header))
        return sheet.rows

    def report(self, fields: dict[str, str]) -> Report:
        report = self._read(Fields(fields, self.clock))
        self._leave(set(fields))
        fields.clear()
        return report

    @abstractmethod
    def _read(self, take: Fields) -> Report:
        """One record read.

        Raises:
            RowError: the record cannot be used.
        """

    def _column(self, name: str) -> str:
        snake = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
        return self.renamed.get(snake, snake)

    def _leave(self, columns: set[str]) -> None:
        if strange := {name for name in columns - self.known if not name.startswith(_COMPUTED)}:
            self._meet(strange)


def _rows(names: tuple[str, ...], records: Iterator[Record]) -> Iterator[Row | Rejected]:
    for number, values in records:
        if isinstance(values, Broken):
            yield Rejected(number, values.reason, values.detail, {"": values.text})
        else:
            yield Row(number, dict(zip(names, values, strict=True)))


def _names(header: list[str], rename: Callable[[str], str], path: Path) -> tuple[str, ...]:
    names = [rename(_bare(name)) or f"column {place}" for place, name in enumerate(header, 1)]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise SourceUnreadable(f"{path.name}: more than one column is called {_listed(twice)}.")
    return tuple(names)


def _bare(name: str) -> str:
    # Exports glued together carry byte order marks in odd places; a name never means to contain one.
    return " ".join(name.replace("\ufeff", "").split())


def _listed(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


class _Records:
    """Splits lines into records; a record that goes wrong costs its first line, the others are read again."""

    def __init__(self, source: Iterator[Line], delimiter: str, header_line: int) -> None:
        self._lines = source
        self._again: deque[Line] = deque()
        self._delimiter = delimiter
        self._header_line = header_line
        self._reread = 0
        self._damage: SourceUnreadable | None = None

    def __iter__(self) -> _Records:
        return self

    def __next__(self) -> Line:
        if self._again:
            return self._again.popleft()
        try:
            return next(self._lines)
        except SourceUnreadable as error:
            # Lines waiting to be read again come first: the damage is told when they are through.
            self._damage = error
            raise StopIteration from error

    def header(self, path: Path) -> list[str]:
        """The header's names as written."""
        return self._header(path)[1]

    def every(self, path: Path) -> Iterator[Record]:
        """The header and the records after it, each as wide as it is."""
        yield self._header(path)
        yield from self.split(None)

    def _header(self, path: Path) -> tuple[int, list[str]]:
        number, text = self._first_line(path)
        if not isinstance(text, Broken):
            self._delimiter = self._delimiter or _delimiter(text)
            names = self._record(number, text, None)
            if not isinstance(names, Broken):
                return number, names
            text = names
        raise SourceUnreadable(f"{path.name}: the header (line {number}) cannot be read. {text.detail}")

    def _first_line(self, path: Path) -> Line:
        for number, text in self:
            if number >= self._header_line and (isinstance(text, Broken) or text.strip()):
                return number, text
        raise self._damage or SourceUnreadable(f"{path.name}: the file is empty or has no header.")

    def split(self, width: int | None) -> Iterator[Record]:
        """The records after the header, each of width values, where one is given, or Broken."""
        delimiter = self._delimiter
        for number, text in self:
            if isinstance(text, Broken):
                yield number, text
                continue
            bare = text.rstrip("\r\n")
            if '"' in bare or "\r" in bare:
                yield number, self._record(number, text, width)
            elif bare:
                values = bare.split(delimiter)
                yield number, values if width in (None, len(values)) else _wrong_width(bare, len(values), width)
        if self._damage:
            raise self._damage

    def _record(self, number: int, text: str, width: int | None) -> list[str] | Broken:
        taken: list[Line] = [(number, text)]
        try:
            values = next(csv.reader(self._following(taken), delimiter=self._delimiter, strict=True), [])
        except csv.Error as error:
            broken = Broken("quote", f"A quoted field does not end as it should: {error}.", _kept(text))
        else:
            if width is None or len(values) == width:
                return values
            broken = _wrong_width(text, len(values), width)
        # Further lines may be records of their own that a stray quote has drawn in.
        self._again.extendleft(reversed(taken[1:]))
        self._reread += len(taken) - 1
        return broken

    def _following(self, taken: list[Line]) -> Iterator[str]:
        """The lines of one record, noted in taken; ends in csv.Error where it has gone on for too long."""
        number, text = taken[0]
        bound = self._bound(number)
        size = 0
        while not isinstance(text, Broken):
            yield text
            size += len(text)
            line = next(self, None)
            if line is None:
                return
            taken.append(line)
            text = line[1]
            if len(taken) > bound or size > LINE_LIMIT:
                raise csv.Error("the quote is not closed within the bounds of a record")
        raise csv.Error("the quote is still open at a line that cannot be read")

    def _bound(self, number: int) -> int:
        # Where nearly every quote fails, reading on for each would make the file's cost a thousandfold.
        few = self._reread <= _REREAD_FREE + 4 * number
        return RECORD_LINES if few else _RECORD_LINES_WHEN_MANY_FAIL


def _wrong_width(text: str, found: int, width: int | None) -> Broken:
    return Broken("columns", f"{found} columns where the header has {width}.", _kept(text))


def _kept(text: str) -> str:
    return text.rstrip("\r\n")[:KEPT]


def _delimiter(header: str) -> str:
    bare = re.sub('"[^"]*"', "", header)
    return max(DELIMITERS, key=bare.count)


def _excel_header(records: Iterator[Record], header_line: int, path: Path) -> list[str]:
    for number, values in records:
        if number >= header_line and not isinstance(values, Broken):
            while not values[-1]:
                values.pop()
            return values
    raise SourceUnreadable(f"{path.name}: the sheet is empty or has no header.")


def _fitted(records: Iterator[Record], width: int) -> Iterator[Record]:
    """Excel rows as wide as the header: a sheet's width is that of its widest row, filled with blanks."""
    for number, values in chain(records):
        if isinstance(values, Broken) or not any(values[width:]):
            yield number, values if isinstance(values, Broken) else (values + [""] * width)[:width]
        else:
            yield number, _wrong_width("\t".join(values), len(values), width)
