"""How large a workbook's sheets are, found by streaming through it, before a reader takes one into memory whole.

A reader lays a sheet out from its first row and column to its last: two cells, A1 and XFD1048576, make a sheet of
seventeen thousand million out of five kilobytes. What counts is where values stand, not where formats do.
"""

from __future__ import annotations

import re
import xml.parsers.expat
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

CELLS_LIMIT: Final = 20_000_000
"""The most cells a sheet may have from A1 to its last row and column; twenty columns of a million rows."""

UNPACKED_LIMIT: Final = 1 << 30
"""The most a workbook may unpack to, in bytes."""

_BLOCK: Final = 1 << 20
_REFERENCE: Final = re.compile(r"([A-Za-z]{1,7})(\d{1,10})")
_OPEN_DOCUMENT: Final = "content.xml"

# [MS-XLSB] 2.3: records of a sheet's row, and of its cells that hold something.
_BEGIN_SHEET, _ROW, _CELLS = 129, 0, range(2, 12)


class TooManyCells(ValueError):
    """A sheet has more cells than CELLS_LIMIT."""


def check(path: Path) -> None:
    """Make sure that no sheet is larger than can be laid out; a file that is no archive (.xls) passes.

    An old .xls has 65,536 rows and 256 columns at most; what else it claims, the memory of its reader bounds.

    Raises:
        TooManyCells: or unpacks to more than UNPACKED_LIMIT.
        BadZipFile, EOFError, ValueError: it is damaged.
    """
    with path.open("rb") as file:
        if file.read(2) != b"PK":
            return
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        if sum(entry.file_size for entry in entries) > UNPACKED_LIMIT:
            raise TooManyCells("it unpacks to more than a gigabyte")
        for entry in entries:
            # Read to its end, so that what it says of its size and its sum is known to be true.
            with archive.open(entry) as part:
                _check_part(part, entry.filename)


def uncomputed(path: Path) -> str:
    """The first cell of an .xlsx whose formula has come to an error, or to nothing yet; "" for none.

    A reader takes such a cell for an empty one, which may mean something else altogether.
    """
    if not zipfile.is_zipfile(path):
        return ""
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            if entry.filename.endswith(".xml"):
                found = _Computed()
                with archive.open(entry) as part:
                    _parse(iter(lambda part=part: part.read(_BLOCK), b""), found)  # type: ignore[misc]
                if found.first:
                    return found.first
    return ""


def _check_part(part: IO[bytes], name: str) -> None:
    first = part.read(_BLOCK)
    blocks = _blocks(first, part)
    if name.endswith(_OPEN_DOCUMENT):
        _parse(blocks, _OpenDocument())
    elif first.startswith(bytes((0x80 | _BEGIN_SHEET & 0x7F, _BEGIN_SHEET >> 7))):
        _binary_sheet(blocks)
    elif first.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").startswith(b"<"):
        _parse(blocks, _Sheet())
    for _ in blocks:
        pass


def _blocks(first: bytes, part: IO[bytes]) -> Iterator[bytes]:
    yield first
    yield from iter(lambda: part.read(_BLOCK), b"")


def _fits(rows: int, columns: int) -> None:
    if rows * columns > CELLS_LIMIT:
        raise TooManyCells(f"a sheet has {rows:,} rows and {columns:,} columns")


class _NoSheet(Exception):
    """This part of a workbook is none of its sheets."""


class _Parts:
    """What is done at the beginning of each element."""

    root = ""

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins; its name bears no prefix.

        Raises:
            _NoSheet: nothing here is of interest.
        """
        raise NotImplementedError

    def end(self, name: str) -> None:
        """An element ends."""


def _parse(blocks: Iterator[bytes], parts: _Parts) -> None:
    parser = xml.parsers.expat.ParserCreate()
    parser.StartElementHandler = lambda name, attributes: parts.begin(name.rpartition(":")[2], attributes)
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.EndElementHandler = lambda name: parts.end(name.rpartition(":")[2])
    if isinstance(parts, _Computed):
        parser.CharacterDataHandler = parts.said
    try:
        for block in blocks:
            parser.Parse(block)
    except _NoSheet:
        return
    except xml.parsers.expat.ExpatError as error:
        # Drawings of old are no proper XML, and no reader minds.
        if parts.root:
            raise ValueError(f"damaged: {error}") from error


def _refuse_doctype(*_declared: object) -> None:
    raise ValueError("no workbook declares a document type")


class _Sheet(_Parts):
    """A worksheet of an .xlsx: cells by reference (`B7`), else one behind the other."""

    def __init__(self) -> None:
        self._row = self._column = 0
        self._rows = self._columns = 0

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c" and self.root:
            self._place(attributes.get("r", ""))
        elif name in ("v", "is"):
            if self._row > self._rows or self._column > self._columns:
                self._rows, self._columns = max(self._rows, self._row), max(self._columns, self._column)
                _fits(self._rows, self._columns)
        elif name == "row":
            given = attributes.get("r", "")
            self._row = int(given) if given.isdecimal() and len(given) <= 10 else self._row + 1
            self._column = 0
        elif not self.root:
            if name != "worksheet":
                raise _NoSheet
            self.root = name

    def _place(self, reference: str) -> None:
        found = _REFERENCE.fullmatch(reference)
        if found is None:
            self._column += 1
            return
        self._row = int(found[2])
        self._column = 0
        for letter in found[1].upper():
            self._column = self._column * 26 + ord(letter) - 64


class _Computed(_Parts):
    """The cells of a worksheet that were to be computed: whether each has come to something."""

    def __init__(self) -> None:
        self.first = ""
        self._reference = self._type = ""
        self._formula = self._in_value = self._value = False

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        if not self.root:
            if name != "worksheet":
                raise _NoSheet
            self.root = name
        elif name == "c":
            self._reference, self._type = attributes.get("r", "?"), attributes.get("t", "")
            self._formula = self._value = False
        elif name == "f":
            self._formula = True
        self._in_value = name == "v"

    def said(self, _text: str) -> None:
        """Text within an element."""
        self._value = self._value or self._in_value

    def end(self, name: str) -> None:
        # A formula that comes to an empty text says that it is a text.
        nothing = self._formula and not self._value and self._type != "str"
        if name == "c" and (self._type == "e" or nothing):
            self.first = self._reference
            raise _NoSheet
        self._in_value = False


class _OpenDocument(_Parts):
    """The sheets of an .ods, all of which its reader lays out: rows and cells may be repeated by a number."""

    root = "document"

    def __init__(self) -> None:
        self._before = self._used = self._rows = self._columns = self._column = 0

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table":
            self._before += self._used * self._columns
            self._used = self._rows = self._columns = 0
        elif name == "table-row":
            self._rows += _times(attributes, "table:number-rows-repeated", 1 << 20)
            self._column = 0
        elif name in ("table-cell", "covered-table-cell"):
            self._column += _times(attributes, "table:number-columns-repeated", 1 << 14)
            # Rows and cells without values fill a sheet up to its edge; they are left out.
            if any(key.endswith((":value-type", ":formula")) for key in attributes):
                self._used, self._columns = self._rows, max(self._columns, self._column)
                _fits(self._used, self._columns)
                if self._before + self._used * self._columns > CELLS_LIMIT:
                    raise TooManyCells("its sheets have too many cells together")


def _times(attributes: dict[str, str], name: str, most: int) -> int:
    given = attributes.get(name, "1")
    times = int(given) if given.isdecimal() and len(given) <= 10 else 1
    if times > most:
        raise TooManyCells(f"{name.partition(':')[2]} {times:,}")
    return times


def _binary_sheet(blocks: Iterator[bytes]) -> None:
    """A worksheet of an .xlsb: records of a kind, a length and as many bytes, that begin with a row or a column."""
    rows = columns = 0
    data = b""
    row = 0
    for block in blocks:
        data += block
        at = 0
        while (head := _head(data, at)) and head[2] + head[1] <= len(data):
            kind, length, start = head
            at = start + length
            if kind == _ROW:
                row = int.from_bytes(data[start : start + 4], "little") + 1
            elif kind in _CELLS:
                column = int.from_bytes(data[start : start + 4], "little") + 1
                if row > rows or column > columns:
                    rows, columns = max(rows, row), max(columns, column)
                    _fits(rows, columns)
        data = data[at:]
        if len(data) > _BLOCK * 64:
            raise ValueError("damaged: a record without end")


def _head(data: bytes, at: int) -> tuple[int, int, int] | None:
    """Kind and length of the record there, and where its bytes begin; None: it is not there whole."""
    numbers = []
    for most in (2, 4):
        number = shift = 0
        while True:
            if at >= len(data):
                return None
            number |= (data[at] & 0x7F) << shift
            shift += 7
            at += 1
            if data[at - 1] < 0x80 or shift == 7 * most:
                break
        numbers.append(number)
    return numbers[0], numbers[1], at
