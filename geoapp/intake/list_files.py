"""Lists written to files: a workbook with a sheet a list, or one list as CSV; read again they are the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from geoapp.assign.list_sheet import SHEETS, headings, written
from geoapp.assign.three_lists import Line, ListKind
from geoapp.people import sheets
from geoapp.people.sheets import Sheet


def workbook(lists: Mapping[ListKind, Sequence[Line]], language: str) -> bytes:
    """A sheet a list."""
    return sheets.workbook(_sheet(kind, lines, language) for kind, lines in lists.items())


def text(kind: ListKind, lines: Sequence[Line], language: str) -> bytes:
    """One list as CSV."""
    return sheets.text(_sheet(kind, lines, language))


def _sheet(kind: ListKind, lines: Sequence[Line], language: str) -> Sheet:
    return Sheet(SHEETS[kind][language != "zh"], headings(kind, language), written(kind, lines, language))
