"""Files of the three lists as our own sheets: which lists they hold, and what is written there, read strictly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from geoapp.assign import list_sheet
from geoapp.assign.list_sheet import SHEETS, Fault
from geoapp.assign.three_lists import Line, ListKind
from geoapp.errors import ListInvalid
from geoapp.people import tables
from geoapp.people.sheets import unmarked
from geoapp.people.tables import Table


@dataclass(frozen=True, slots=True)
class Found:
    """A list as a file has it: lines, faults, rows read, columns nobody reads, and units that another's file names."""

    kind: ListKind
    lines: tuple[Line, ...]
    faults: tuple[Fault, ...]
    rows: int
    unread: tuple[str, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)


def read(data: bytes, name: str, asked: ListKind | None, language: str) -> list[Found]:
    """The lists in a file: the one asked for, else those whose names its sheets bear; faults are said in a language.

    Raises:
        SheetUnreadable, SheetTooLarge
        ListInvalid: it does not say of which list it is, or two of its sheets are the same list.
    """
    book = tables.read_all(data, name)
    return [_read(kind, book[sheet], language) for kind, sheet in which(list(book), asked)]


def which(sheets: list[str], asked: ListKind | None) -> list[tuple[ListKind, str]]:
    """Which lists stand in which sheets.

    Raises:
        ListInvalid
    """
    found: dict[ListKind, str] = {}
    for kind, called in SHEETS.items():
        bearing = [sheet for sheet in sheets if sheet.strip().casefold() in {str(kind), *map(str.casefold, called)}]
        if len(bearing) > 1 and asked in (None, kind):
            raise ListInvalid(f"{' and '.join(bearing)} are the same list.", why="twice")
        if bearing:
            found[kind] = bearing[0]
    if asked is not None:
        return [(asked, found.get(asked, next(iter(sheets), "")))]
    if not found:
        raise ListInvalid("The file does not say of which list it is: name it with --as.", why="unnamed")
    return list(found.items())


def _read(kind: ListKind, table: Table, language: str) -> Found:
    named = list_sheet.heading_of(kind)
    header = [named(name) for name in table.heading]
    if twice := sorted({name for name in header if name and header.count(name) > 1}):
        faults = tuple(Fault(1, name, "", "twice_column") for name in twice)
        return Found(kind, (), faults, len(table.rows))
    got = list_sheet.read(kind, [name for name in header if name], _rows(table, header), language)
    return Found(kind, got.lines, got.faults, got.rows, got.unread)


def _rows(table: Table, header: list[str]) -> Iterator[tuple[int, Mapping[str, str] | str]]:
    rows: dict[int, Mapping[str, str] | str] = {line: why or list_sheet.WIDE for line, why in table.broken.items()}
    rows |= {line: dict(zip(header, map(unmarked, cells), strict=True)) for line, cells in table.rows}
    yield from sorted(rows.items())
