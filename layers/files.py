"""A layer's file opened, whatever it is: a table of text (CSV), or anything GDAL reads, packed or not.

What a file is, is told from its content. Packed files are unpacked beside, with a bound, so that what reads them
afterwards meets plain files only.
"""

from __future__ import annotations

import codecs
import csv
import glob
import gzip
import tempfile
import warnings
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray
from pyogrio import raw

from geoapp.errors import SourceUnreadable
from layers.base import Description

LARGEST: Final = 1 << 30
"""Most bytes a layer's file may have, unpacked."""

MOST: Final = 1_000_000
"""Most features of a layer: as many take some 3 GB while it is loaded."""

_BLOCK: Final = 1 << 20
_SAMPLE: Final = 1 << 24
_LONGEST_FIELD: Final = 1 << 27
_DELIMITERS: Final = (",", "\t", ";", "|")
_TABLE_OF_TEXT: Final = "CSV"
_BY_CONTENT: Final = (b"{", b"[", b"<")
"""How text that GDAL can tell begins: GeoJSON, KML, GML."""

Column = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Table:
    """Records read: the columns asked for, row by row, and their shapes (None: there are none in the file).

    lines is where each record stands, counted from 1; skipped is where those stand that could not be split.
    """

    columns: Mapping[str, Column]
    shapes: NDArray[np.object_] | None
    lines: NDArray[np.int64]
    skipped: Sequence[int] = field(default=())


class Source(ABC):
    """An opened file: what it is, its columns, and the CRS that it says of itself ("" if it does not)."""

    def __init__(self, name: str, form: str, columns: Sequence[str], crs: str = "") -> None:
        self.name = name
        self.form = form
        self.columns = tuple(columns)
        self.crs = crs

    @abstractmethod
    def read(self, wanted: Sequence[str], first: int | None = None) -> Table:
        """The columns of that name, of all records, or of the first so many.

        Raises:
            SourceUnreadable: the file turns out not to be what it seemed, or holds too many; the detail says.
        """

    @abstractmethod
    def count(self) -> int:
        """How many records there are."""


@contextmanager
def opened(path: Path, spec: Description) -> Iterator[Source]:
    """The file opened.

    Raises:
        SourceUnreadable: no such file, damaged, too large, or nothing that holds features.
    """
    with tempfile.TemporaryDirectory(prefix="geoapp-layer-") as folder:
        try:
            plain = _plain(path, Path(folder))
            beginning = _beginning(plain)
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            said = getattr(error, "strerror", None) or error
            raise SourceUnreadable(f"{path.name}: {said}") from error
        if not beginning.strip():
            raise SourceUnreadable(f"{path.name}: the file is empty")
        if _is_table(beginning):
            yield _Text(path.name, plain, spec)
        else:
            yield _Layer(path.name, plain, spec)


def sublayers(path: Path) -> tuple[str, ...]:
    """The names of the layers a file of several holds; one name, or none, for others."""
    try:
        return tuple(str(name) for name, _ in pyogrio.list_layers(path))
    except Exception:  # what cannot be listed is read, or refused, under its own name
        return ()


def _plain(path: Path, folder: Path) -> Path:
    """The file itself, or what was packed in it, laid in the folder."""
    if path.stat().st_size > LARGEST:
        raise OSError(f"it has more than {LARGEST} bytes")
    beginning = path.open("rb").read(4) if path.is_file() else b""
    if beginning[:2] == b"\x1f\x8b":
        target = folder / (path.stem if path.suffix == ".gz" else path.name)
        with gzip.open(path) as packed, target.open("wb") as plain:
            _pour(packed, plain, LARGEST)
        return target
    if beginning == b"PK\x03\x04":
        return _unzipped(path, folder)
    return path


def _unzipped(path: Path, folder: Path) -> Path:
    with zipfile.ZipFile(path) as packed:
        left = LARGEST
        members = [member for member in packed.infolist() if not member.is_dir()]
        for member in members:
            # By its last name alone: no member leads out of the folder.
            with packed.open(member) as inner, (folder / Path(member.filename).name).open("wb") as plain:
                left -= _pour(inner, plain, left)
    found = sorted(folder.iterdir())
    shapes = [one for one in found if one.suffix.lower() == ".shp"]
    whole = shapes or found
    if len(whole) != 1:
        raise OSError(f"it packs {len(whole)} files, not one: {', '.join(one.name for one in whole[:5])}")
    return whole[0]


def _pour(packed: IO[bytes] | gzip.GzipFile, plain: IO[bytes], most: int) -> int:
    poured = 0
    while block := packed.read(_BLOCK):
        poured += len(block)
        if poured > most:
            raise OSError(f"it unpacks to more than {LARGEST} bytes")
        plain.write(block)
    return poured


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4096)


def _is_table(beginning: bytes) -> bool:
    if beginning.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return True
    text = beginning.removeprefix(codecs.BOM_UTF8).lstrip()
    return not text.startswith(_BY_CONTENT) and b"\0" not in beginning


class _Text(Source):
    """A table of text with a header: comma, tab, semicolon or bar between the columns."""

    def __init__(self, name: str, path: Path, spec: Description) -> None:
        self._path = path
        self._encoding = _encoding(name, path, spec.encoding)
        # The module's bound of 128 KiB would refuse outlines; it is process-wide, so it is only ever raised.
        csv.field_size_limit(max(csv.field_size_limit(), _LONGEST_FIELD))
        with path.open(encoding=self._encoding, newline="") as file:
            first = next((line for line in iter(lambda: file.readline(_BLOCK), "") if line.strip()), "")
        self._delimiter = max(_DELIMITERS, key=first.count)
        with path.open(encoding=self._encoding, newline="") as file:
            header = next((row for _, row in self._rows(name, file)), [])
        names = [" ".join(column.replace("\ufeff", "").split()) for column in header]
        if len(names) < 2:
            raise SourceUnreadable(f"{name}: neither a layer nor a table; it begins {first[:40]!r}")
        super().__init__(name, _TABLE_OF_TEXT, names)

    def _rows(self, name: str, file: IO[str]) -> Iterator[tuple[int, list[str]]]:
        reader = csv.reader(file, delimiter=self._delimiter, strict=True)
        line = 1
        try:
            for row in reader:
                if row:
                    yield line, row
                line = reader.line_num + 1
        except csv.Error as error:
            raise SourceUnreadable(f"{name}: line {line}: {error}") from error

    def read(self, wanted: Sequence[str], first: int | None = None) -> Table:
        twice = sorted({column for column in wanted if self.columns.count(column) > 1})
        if twice:
            raise SourceUnreadable(f"{self.name}: more than one column is called {', '.join(twice)}")
        places = [self.columns.index(column) for column in wanted]
        cells: list[list[str]] = [[] for _ in wanted]
        lines: list[int] = []
        skipped: list[int] = []
        with self._path.open(encoding=self._encoding, newline="") as file:
            rows = self._rows(self.name, file)
            next(rows)
            for line, row in rows:
                if len(row) != len(self.columns):
                    skipped.append(line)
                    continue
                if len(lines) == first:
                    break
                if len(lines) == MOST:
                    raise _too_many(self.name)
                lines.append(line)
                for cell, place in zip(cells, places, strict=True):
                    cell.append(row[place])
        columns = {name: np.array(cell, dtype=object) for name, cell in zip(wanted, cells, strict=True)}
        return Table(columns, None, np.array(lines, dtype=np.int64), skipped)

    def count(self) -> int:
        with self._path.open(encoding=self._encoding, newline="") as file:
            return sum(1 for _ in self._rows(self.name, file)) - 1


class _Layer(Source):
    """Whatever GDAL reads: GeoJSON, shapefile, GeoPackage, KML, FlatGeobuf."""

    def __init__(self, name: str, path: Path, spec: Description) -> None:
        self._path = path
        self._sublayer = spec.sublayer or None
        self._encoding = spec.encoding or _dbf_encoding(path)
        if self._sublayer is None and len(among := sublayers(path)) > 1:
            raise SourceUnreadable(f"{name}: sublayer must say which of its layers: {', '.join(among)}")
        info = self._asked(name, lambda: pyogrio.read_info(path, layer=self._sublayer, encoding=self._encoding))
        crs = str(info["crs"] or "")
        super().__init__(name, str(info["driver"]), [str(one) for one in info["fields"]], crs)

    def read(self, wanted: Sequence[str], first: int | None = None) -> Table:
        if first is None and self.count() > MOST:
            raise _too_many(self.name)
        meta, _, written, values = self._asked(
            self.name,
            lambda: raw.read(
                self._path, layer=self._sublayer, encoding=self._encoding, columns=list(wanted), force_2d=True,
                datetime_as_string=True, max_features=first,
            ),
        )  # fmt: skip
        columns = {str(name): column for name, column in zip(meta["fields"], values, strict=True)}
        rows = len(written) if written is not None else len(values[0]) if values else 0
        # What is broken comes back as None, and is counted by whoever places it.
        made = None if written is None else np.asarray(shapely.from_wkb(written, on_invalid="ignore"), dtype=object)
        return Table(columns, made, np.arange(1, rows + 1, dtype=np.int64))

    def count(self) -> int:
        info = self._asked(
            self.name,
            lambda: pyogrio.read_info(
                self._path, layer=self._sublayer, encoding=self._encoding, force_feature_count=True
            ),
        )
        return int(info["features"])

    def _asked(self, name: str, ask: Any) -> Any:
        try:
            with warnings.catch_warnings():
                # Of broken members GDAL only warns; they come back empty and are counted.
                warnings.simplefilter("ignore")
                return ask()
        except UnicodeDecodeError as error:
            said = f"{name}: its words are not {error.encoding}; set encoding"
            raise SourceUnreadable(said) from error
        except Exception as error:  # GDAL raises many kinds; all mean the same to a person
            said = str(error).replace(str(self._path), name)
            raise SourceUnreadable(f"{name}: {said}") from error


def _too_many(name: str) -> SourceUnreadable:
    return SourceUnreadable(f"{name}: more than {MOST:,} features")


def _encoding(name: str, path: Path, said: str) -> str:
    """What a text is written in: what the pack says, else UTF-8 or UTF-16 by its mark, else what fits all of it."""
    beginning = _beginning(path)
    if said:
        candidates = [said]
    elif beginning.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    else:
        candidates = ["utf-8-sig", "gb18030"]
    for candidate in candidates:
        if _fits(path, candidate):
            return "utf-8-sig" if candidate.lower().replace("-", "") == "utf8" else candidate
    raise SourceUnreadable(f"{name}: its words are not {' nor '.join(candidates)}; set encoding")


def _fits(path: Path, encoding: str) -> bool:
    try:
        " ".encode(encoding)
        decoder = codecs.getincrementaldecoder(encoding)()
    except LookupError as error:
        raise SourceUnreadable(f"{path.name}: there is no encoding {encoding}") from error
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _dbf_encoding(path: Path) -> str | None:
    """What a shapefile's words are written in, where no .cpg beside it says: whichever of two fits them better."""
    if path.suffix.lower() != ".shp":
        return None
    beside = {one.suffix.lower(): one for one in path.parent.glob(f"{glob.escape(path.stem)}.*")}
    if ".cpg" in beside or ".dbf" not in beside:
        return None
    with beside[".dbf"].open("rb") as file:
        head = file.read(32)
        names_end = int.from_bytes(head[8:10], "little")
        fields = file.read(max(names_end - 32, 0))
        words = b"".join(fields[at : at + 11] for at in range(0, len(fields), 32)) + file.read(_SAMPLE)
    return min(("UTF-8", "GB18030"), key=lambda encoding: words.decode(encoding, "replace").count("\ufffd"))
