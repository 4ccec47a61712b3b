"""Reads a file of JSON objects, one a line or all in one array, in memory that does not grow with the file.

Numbers come as the text they were written with: a nineteen-digit id stays itself. An object that cannot be read costs
only itself: reading goes on where the next seems to begin. Between the objects of an array, commas are not checked.
"""

from __future__ import annotations

import codecs
import gzip
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NoReturn

from geoapp.errors import SourceUnreadable
from importers.lines import KEPT, LINE_LIMIT, Broken, lines

OBJECT_LIMIT: Final = LINE_LIMIT
"""The longest object of an array that is read, in characters."""

_BLOCK: Final = 1 << 18
_GZIP: Final = b"\x1f\x8b"
_BLANKS: Final = " \t\r\n"
_BETWEEN: Final = re.compile(r"[ \t\r\n,\[\]]*")
_TOKEN: Final = re.compile(r"[ \t\r\n,\[\]]+|[{}]|[^ \t\r\n,\[\]{}]+")
_TOO_DEEP: Final = "Objects are nested too deeply."
_NO_UTF8: Final = re.compile("[\udc80-\udcff]")

Record = tuple[int, dict[str, object] | Broken]
"""The line an object starts on (1 = first of the file), and the object."""


def opening(path: Path) -> str:
    """The first line of a text file that is not blank, without the blanks around it; cut where it is very long.

    Raises:
        SourceUnreadable: the file cannot be opened, or is empty.
    """
    for _, line in lines(path):
        if text := (line.text if isinstance(line, Broken) else line).strip():
            return text
    raise SourceUnreadable(f"{path.name}: the file is empty.")


def records(path: Path) -> Iterator[Record]:
    """The objects of a file, gzipped or not; those that cannot be read come as Broken.

    Raises:
        SourceUnreadable: the file cannot be opened, is empty, or is one object over many lines. Damaged gzip data are
            told when all before them is read.
    """
    begins = opening(path)
    if begins == "{":
        raise SourceUnreadable(f"{path.name}: this is a single object, neither an array nor one object a line.")
    return array(_chunks(path)) if begins.startswith("[") else _one_a_line(path)


def array(chunks: Iterable[str], limit: int = OBJECT_LIMIT) -> Iterator[Record]:
    """The objects of an array whose text comes in pieces, wherever it is cut."""
    return _Array(iter(chunks), limit).records()


def _one_a_line(path: Path) -> Iterator[Record]:
    for number, line in lines(path):
        if isinstance(line, Broken):
            yield number, line
        elif text := line.strip("\ufeff" + _BLANKS):
            try:
                found = _object(_DECODER.decode(text), text)
            except RecursionError:
                found = Broken("too_deep", _TOO_DEEP, text[:KEPT])
            except ValueError as error:
                found = Broken("json", _wrong(error), text[:KEPT])
            yield number, found


def _chunks(path: Path) -> Iterator[str]:
    # What is no UTF-8 comes as lone surrogates, by which its object is known.
    decoder = codecs.getincrementaldecoder("utf-8-sig")("surrogateescape")
    try:
        with path.open("rb") as file:
            stream = gzip.GzipFile(fileobj=file) if file.peek(2).startswith(_GZIP) else file
            while block := stream.read1(_BLOCK):
                yield decoder.decode(block)
            yield decoder.decode(b"", True)
    except (OSError, EOFError, zlib.error) as error:
        raise SourceUnreadable(f"{path.name}: damaged or unreadable ({error}).") from error


class _Array:
    """A window on the text of an array, moved from value to value."""

    def __init__(self, chunks: Iterator[str], limit: int) -> None:
        self._chunks = chunks
        self._limit = limit
        self._text = ""
        self._at = 0
        self._line = 1
        self._closed = False
        self._ended = False

    def records(self) -> Iterator[Record]:
        value: dict[str, object] | Broken = {}
        while self._to_a_value():
            line = self._line
            value = self._value()
            yield line, value
        if not self._closed and not isinstance(value, Broken):
            yield self._line, Broken("json", "The file ends before its array does.", "")

    def _to_a_value(self) -> bool:
        """Passes over what stands between values; whether there is one more."""
        while True:
            found = _BETWEEN.match(self._text, self._at)
            between = found[0] if found else ""
            self._note_brackets(between)
            self._pass(self._at + len(between))
            if self._at < len(self._text):
                self._closed = False
                return True
            if not self._more():
                return False

    def _value(self) -> dict[str, object] | Broken:
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except RecursionError:
                return self._given_up("too_deep", _TOO_DEEP)
            except ValueError as error:
                # The error itself, held here, would hold the window and be held by it.
                wrong = _wrong(error)
            else:
                text = self._text[self._at : end]
                # A number that ends where the window does may go on behind it.
                if len(text) <= self._limit and (end < len(self._text) or text[-1] in '}]"' or self._ended):
                    self._pass(end)
                    return _object(value, text)
                wrong = "It has no end."
            if len(self._text) - self._at > self._limit or self._ended:
                return self._given_up("json", wrong)
            self._more()

    def _given_up(self, reason: str, detail: str) -> Broken:
        begins = self._text[self._at : self._at + KEPT]
        size = self._to_a_beginning()
        if size > self._limit:
            return Broken("too_long", f"The object is longer than {self._limit} characters.", begins)
        return Broken(reason, detail, begins[:size])

    def _to_a_beginning(self) -> int:
        """Moves to where an object seems to begin, a brace behind another's end or a line's; how far that was."""
        after_an_end = False
        size = 1
        self._pass(self._at + 1)
        while self._at < len(self._text) or self._more():
            start = self._at
            for token in _TOKEN.finditer(self._text, start):
                if after_an_end and token[0] == "{":
                    self._pass(token.start())
                    return size + token.start() - start
                if token[0][0] in " \t\r\n,[]":
                    after_an_end = after_an_end or "\n" in token[0]
                    self._note_brackets(token[0])
                else:
                    after_an_end = token[0] == "}"
                    self._closed = False
            size += len(self._text) - start
            self._pass(len(self._text))
        return size

    def _note_brackets(self, between: str) -> None:
        if "]" in between or "[" in between:
            self._closed = between.rfind("]") > between.rfind("[")

    def _pass(self, end: int) -> None:
        self._line += self._text.count("\n", self._at, end)
        self._at = end

    def _more(self) -> bool:
        """Widens the window by the next piece; whether there was one."""
        for chunk in self._chunks:
            if chunk:
                self._text = self._text[self._at :] + chunk
                self._at = 0
                return True
        self._ended = True
        return False


def _object(value: object, text: str) -> dict[str, object] | Broken:
    if _NO_UTF8.search(text):
        return Broken("encoding", "The object is not UTF-8.", text[:KEPT])
    if isinstance(value, dict):
        return value
    return Broken("json", "This is JSON, but no object.", text[:KEPT])


def _wrong(error: ValueError) -> str:
    return f"This is not JSON: {error.msg if isinstance(error, json.JSONDecodeError) else error}."


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")


_DECODER: Final = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=_no_number)
