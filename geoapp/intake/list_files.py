"""Lists written to files: a workbook with a sheet a list, all of it text and numbers, none of it a formula; or CSV."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import xlsxwriter

from geoapp.assign.list_sheet import SHEETS, Cell, headings, written
from geoapp.assign.three_lists import Line, ListKind

_WIDTH: Final = 18
_AS_TEXT: Final = {
    "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "nan_inf_to_errors": False,
}  # fmt: skip


def write_workbook(path: Path, lists: Mapping[ListKind, Sequence[Line]], language: str) -> None:
    """A sheet a list; what is read of it again is the same."""
    with xlsxwriter.Workbook(str(path), _AS_TEXT) as book:
        head, plain = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        for kind, lines in lists.items():
            sheet = book.add_worksheet(SHEETS[kind][language != "zh"])
            sheet.freeze_panes(1, 0)
            # Columns are text, so that a code which somebody adds keeps its noughts.
            sheet.set_column(0, len(headings(kind, language)) - 1, _WIDTH, plain)
            for column, name in enumerate(headings(kind, language)):
                sheet.write_string(0, column, name, head)
            for row, cells in enumerate(written(kind, lines, language), 1):
                _write(sheet, row, cells)


def _write(sheet: xlsxwriter.worksheet.Worksheet, row: int, cells: Sequence[Cell]) -> None:
    for column, cell in enumerate(cells):
        if isinstance(cell, int):
            sheet.write_number(row, column, cell)
        elif cell:
            sheet.write_string(row, column, cell)


def write_csv(path: Path, kind: ListKind, lines: Sequence[Line], language: str) -> None:
    """The same as CSV in UTF-8, with its mark, for which Excel looks."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([headings(kind, language), *written(kind, lines, language)])
