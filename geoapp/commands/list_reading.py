"""Files of the three lists read at a terminal: ours by their headings, others' by a mapping."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from geoapp.assign.three_lists import ListKind
from geoapp.city import City
from geoapp.errors import SheetTooLarge, SheetUnreadable, SourceUnreadable
from geoapp.intake import foreign_lists, list_reading
from geoapp.intake.list_reading import Found
from importers import rows
from importers.base import Rejected, Row


def read(path: Path, asked: ListKind | None, language: str, city: City, mapping: str = "") -> list[Found]:
    """The lists in a file: the one asked for, else those whose names its sheets bear.

    Raises:
        SourceUnreadable, SheetUnreadable, SheetTooLarge: it cannot be read.
        ListInvalid: it does not say of which list it is, or the mapping cannot be used.
    """
    if not mapping:
        try:
            data = path.read_bytes()
        except OSError as error:
            raise SourceUnreadable(f"{path.name}: {error.strerror or error}.") from error
        try:
            return list_reading.read(data, path.name, asked, language)
        except (SheetUnreadable, SheetTooLarge) as error:
            raise type(error)(f"{path.name} {error.detail}".strip()) from error
    return [_foreign(path, kind, sheet, city, mapping) for kind, sheet in list_reading.which(rows.sheets(path), asked)]


def _foreign(path: Path, kind: ListKind, sheet: str, city: City, mapping: str) -> Found:
    of = foreign_lists.mapping(mapping)
    opened = rows.read(path, sheet=sheet)
    opened.need(of.columns.values(), path)
    found = foreign_lists.read(kind, of, city, _cells(opened.rows))
    return Found(kind, found.lines, found.faults, found.rows, (), found.units)


def _cells(read: Iterator[Row | Rejected]) -> Iterator[tuple[int, Mapping[str, str] | str]]:
    for one in read:
        if isinstance(one, Rejected):
            yield one.line, one.detail
        else:
            yield one.line, one.fields
