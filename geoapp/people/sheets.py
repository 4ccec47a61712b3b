"""Tables written as Excel files: every cell is text, whatever it begins with, so that none is ever a formula."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

MIME: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_WIDEST: Final = 60


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its name, its heading and its rows."""

    name: str
    heading: Sequence[str]
    rows: Iterable[Sequence[str]]


def workbook(sheets: Iterable[Sheet]) -> bytes:
    """The sheets as an Excel file."""
    import xlsxwriter

    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        # Text stays text when somebody edits it: telephone numbers keep their zeros.
        plain = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        for sheet in sheets:
            page = book.add_worksheet(sheet.name)
            page.freeze_panes(1, 0)
            widths = [_width(cell) for cell in sheet.heading]
            for column, cell in enumerate(sheet.heading):
                page.write_string(0, column, cell, bold)
            for line, row in enumerate(sheet.rows, 1):
                for column, cell in enumerate(row):
                    page.write_string(line, column, cell, plain)
                    widths[column] = max(widths[column], _width(cell))
            for column, width in enumerate(widths):
                page.set_column(column, column, min(width + 2, _WIDEST), plain)
    return file.getvalue()


def _width(cell: str) -> int:
    """How wide a cell's longest line is: a Chinese character takes the room of two."""
    return max((sum(2 if sign > "\u2e80" else 1 for sign in line) for line in cell.splitlines()), default=0)
