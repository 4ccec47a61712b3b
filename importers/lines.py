"""Reads the lines of a text file of unknown encoding, gzipped or not, none of them ever longer than a bound."""

from __future__ import annotations

import codecs
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from geoapp.errors import SourceUnreadable

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

LINE_LIMIT: Final = 1 << 20
"""The longest line that is read, in bytes."""

KEPT: Final = 64 << 10
"""How much of a rejected text is kept, in characters."""

_BLOCK: Final = 1 << 18
_GZIP: Final = b"\x1f\x8b"
_UTF16: Final = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_BEYOND_TWO_BYTES: Final = re.compile("[\u0800-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Broken:
    """What could not be read: a reason code, the same in words, and the text as far as it is kept."""

    reason: str
    detail: str
    text: str


Line = tuple[int, str | Broken]
"""A physical line: its number (1 = first) and its text with the line end."""


def lines(path: Path) -> Iterator[Line]:
    """The physical lines of a file, in order.

    Encodings: UTF-8, UTF-16 with its mark, GB18030. A line no encoding fits, one with NUL bytes and one longer
    than LINE_LIMIT come as Broken; reading goes on at the next.

    Raises:
        SourceUnreadable: the file cannot be opened, or ends in damaged gzip data; lines before that were given.
    """
    number = 0
    try:
        with ExitStack() as stack:
            stream, marked = _opened(path, stack)
            decode = _Decoder(marked)
            while line := stream.readline(LINE_LIMIT + 1):
                number += 1
                if len(line) > LINE_LIMIT:
                    yield number, _too_long(line, stream)
                elif b"\0" in line:
                    yield number, Broken("nul", "The line contains NUL bytes.", kept(line))
                else:
                    yield number, decode(line)
    except (OSError, EOFError, zlib.error) as error:
        where = f"damaged after line {number}" if number else "unreadable"
        raise SourceUnreadable(f"{path.name}: {where} ({error}).") from error


def kept(raw: bytes) -> str:
    """The beginning of a line as printable text: what is not UTF-8 is written as backslash escapes."""
    text = raw[:KEPT].decode("utf-8", "backslashreplace")
    return text.rstrip("\r\n").replace("\0", "\\x00")[:KEPT]


class _Decoder:
    """Tells UTF-8 from GB18030 line by line, for the first megabytes may be ASCII and say nothing."""

    def __init__(self, certain: bool) -> None:
        self._utf8 = certain
        self._gb = False

    def __call__(self, line: bytes) -> str | Broken:
        try:
            text = line.decode()
        except UnicodeDecodeError:
            return self._not_utf8(line)
        if self._utf8 or line.isascii():
            return text
        return self._maybe_utf8(line, text)

    def _not_utf8(self, line: bytes) -> str | Broken:
        try:
            # A file that has shown itself to be UTF-8 is not read as anything else: damage would pass as Chinese.
            if not self._utf8:
                text = line.decode("gb18030")
                self._gb = True
                return text
        except UnicodeDecodeError:
            pass
        return Broken("encoding", "The line is neither UTF-8 nor GB18030.", kept(line))

    def _maybe_utf8(self, line: bytes, text: str) -> str:
        # GB18030 that happens to be valid UTF-8 gives two-byte characters only; longer ones prove UTF-8.
        # Every such pair is also one of GB18030, so that this cannot fail.
        if _BEYOND_TWO_BYTES.search(text):
            self._utf8 = not self._gb
            return text
        return line.decode("gb18030") if self._gb else text


class _Pieces(io.RawIOBase):
    """A byte stream made of pieces, so that what came before damage is not lost in somebody's buffer."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        target = memoryview(buffer).cast("B")
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        size = min(len(target), len(self._rest))
        target[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def _opened(path: Path, stack: ExitStack) -> tuple[io.BufferedReader, bool]:
    """The file's bytes as UTF-8 or GB18030 without a mark, and whether a mark said which."""
    stream: io.BufferedReader = stack.enter_context(io.BufferedReader(io.FileIO(path), _BLOCK))
    if stream.peek(2).startswith(_GZIP):
        stream = _buffered(_unzipped(stack.enter_context(gzip.GzipFile(fileobj=stream))))
    start = stream.peek(_BLOCK)
    if codec := _UTF16.get(start[:2]):
        return _buffered(_from_utf16(stream, codec)), True
    if b"\r" in start and b"\n" not in start:
        stream = _buffered(block.replace(b"\r", b"\n") for block in _blocks(stream))
    marked = start.startswith(codecs.BOM_UTF8)
    stream.read(len(codecs.BOM_UTF8) if marked else 0)
    return stream, marked


def _buffered(pieces: Iterator[bytes]) -> io.BufferedReader:
    return io.BufferedReader(_Pieces(pieces), _BLOCK)


def _blocks(stream: io.BufferedReader) -> Iterator[bytes]:
    return iter(lambda: stream.read1(_BLOCK), b"")


def _unzipped(stream: gzip.GzipFile) -> Iterator[bytes]:
    return iter(lambda: stream.read1(_BLOCK), b"")


def _from_utf16(stream: io.BufferedReader, codec: str) -> Iterator[bytes]:
    """UTF-16 as UTF-8; what is no character comes out as no character and is rejected with its line."""
    decoder = codecs.getincrementaldecoder(codec)("surrogatepass")
    stream.read(len(codecs.BOM_UTF16))
    for block in _blocks(stream):
        yield decoder.decode(block).encode("utf-8", "surrogatepass")
    rest, _ = decoder.getstate()
    yield b"\xff" if rest else b""


def _too_long(line: bytes, stream: io.BufferedReader) -> Broken:
    begins = kept(line)
    while line and not line.endswith(b"\n"):
        line = stream.readline(LINE_LIMIT)
    return Broken("too_long", f"The line is longer than {LINE_LIMIT} bytes.", begins)
