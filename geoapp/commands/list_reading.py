"""Files of the three lists read: ours by their headings, in Chinese or English, others' by a mapping."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from geoapp.assign import list_sheet
from geoapp.assign.list_sheet import SHEETS, Fault
from geoapp.assign.three_lists import Line, ListKind
from geoapp.city import City
from geoapp.errors import ListInvalid
from geoapp.intake import foreign_lists
from importers import excel, rows
from importers.base import Rejected, Row


@dataclass(frozen=True, slots=True)
class Found:
    """A list as a file has it: lines, faults, rows read, columns nobody reads, and units that another's file names."""

    kind: ListKind
    lines: tuple[Line, ...]
    faults: tuple[Fault, ...]
    rows: int
    unread: tuple[str, ...]
    units: Mapping[str, str]


def kinds_in(path: Path, asked: ListKind | None) -> list[tuple[ListKind, str]]:
    """Which lists a file holds, and in which sheets: the one asked for, else those whose names its sheets bear.

    Raises:
        SourceUnreadable: it cannot be read.
        ListInvalid: it does not say of which list it is.
    """
    names = excel.sheet_names(path) if excel.is_excel(path) else []
    bearing = [
        (kind, name)
        for kind, called in SHEETS.items()
        for name in names
        if name.strip().casefold() in {str(kind), *(word.casefold() for word in called)}
    ]
    if asked is None:
        if not bearing:
            raise ListInvalid(f"{path.name} does not say of which list it is: name it with --as.")
        return bearing
    return [(kind, name) for kind, name in bearing if kind is asked] or [(asked, "")]


def read(path: Path, kind: ListKind, sheet: str, language: str, city: City, mapping: str = "") -> Found:
    """The list of that kind in a file.

    Raises:
        SourceUnreadable: it cannot be read.
        ListInvalid: the mapping cannot be used.
    """
    if mapping:
        of = foreign_lists.mapping(mapping)
        opened = rows.read(path, sheet=sheet)
        opened.need(of.columns.values(), path)
        found = foreign_lists.read(kind, of, city, _cells(opened.rows))
        return Found(kind, found.lines, found.faults, found.rows, (), found.units)
    opened = rows.read(path, sheet=sheet, rename=list_sheet.heading_of(kind))
    got = list_sheet.read(kind, opened.header, _cells(opened.rows), language)
    return Found(kind, got.lines, got.faults, got.rows, got.unread, {})


def _cells(read: Iterator[Row | Rejected]) -> Iterator[tuple[int, Mapping[str, str] | str]]:
    for one in read:
        if isinstance(one, Rejected):
            yield one.line, one.detail
        else:
            yield one.line, one.fields
