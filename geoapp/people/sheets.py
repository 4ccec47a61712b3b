"""Tables written as files: every cell is text or a number, whatever it begins with, so that none is ever a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

MIME: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_WIDEST: Final = 60


Cell = str | int
"""What is written into a cell: text, or a number to count with."""

_ASKS: Final = re.compile(r"'*[=+\-@\t\r]")
_MARKED: Final = re.compile(r"'+[=+\-@\t\r]")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its name, its heading and its rows."""

    name: str
    heading: Sequence[str]
    rows: Iterable[Sequence[Cell]]


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
                for column, value in enumerate(row):
                    if isinstance(value, int):
                        page.write_number(line, column, value)
                    elif value:
                        page.write_string(line, column, value, plain)
                    widths[column] = max(widths[column], _width(str(value)))
            for column, width in enumerate(widths):
                page.set_column(column, column, min(width + 2, _WIDEST), plain)
    return file.getvalue()


def text(sheet: Sheet) -> bytes:
    """A sheet as CSV in UTF-8, with its mark, for which Excel looks. What Excel would take for a formula bears a mark
    as well, which `unmarked` takes away."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(sheet.heading)
    writer.writerows([marked(cell) if isinstance(cell, str) else cell for cell in row] for row in sheet.rows)
    return file.getvalue().encode("utf-8-sig")


def marked(cell: str) -> str:
    """A text that no spreadsheet takes for a formula when it opens a CSV."""
    return f"'{cell}" if _ASKS.match(cell) else cell


def unmarked(cell: str) -> str:
    """The text that was marked."""
    return cell[1:] if _MARKED.match(cell) else cell


def _width(cell: str) -> int:
    """How wide a cell's longest line is: a Chinese character takes the room of two."""
    return max((sum(2 if sign > "\u2e80" else 1 for sign in line) for line in cell.splitlines()), default=0)
