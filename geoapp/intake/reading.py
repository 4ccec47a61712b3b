"""Files read and what they say cleaned in a process of their own, beside the one that writes."""

from __future__ import annotations

import gc
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from geoapp.errors import GeoappError, SourceUnreadable
from geoapp.intake.clean import check, identify
from geoapp.intake.maintenance import Recorded, Records, recorded
from geoapp.tickets.cases import Statements
from importers.base import Importer, MaintenanceImporter, Rejected, Report, Row, RowError, Source

Record = Report | Recorded
"""What a row becomes."""

BATCH_CHARACTERS: Final = 1 << 22
"""A batch ends at so many characters too: rows may be a megabyte each, and memory shall not depend on that."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one file in order: what those say that became reports or repairs, and those that could not.

    settles are the kept rows (their ids) that these were made of, where that alone settles them; unread the columns
    nobody reads; first: it is the first of its file.
    """

    file: str
    said: Statements | Records
    rejected: list[Rejected]
    settles: tuple[int, ...] = ()
    unread: tuple[str, ...] = ()
    first: bool = False

    @property
    def rows(self) -> int:
        """How many rows were read."""
        return len(self.said) + len(self.rejected)


def batches(importer: Source, files: Sequence[Path], size: int) -> Iterator[Batch]:
    """The files' rows in batches, in order.

    Raises:
        SourceUnreadable: a file as a whole is none of this source's, or damaged; what stood before comes first.
    """
    for path in files:
        filling = _Filling(importer, path.name)
        try:
            for row in importer.rows(path):
                filling.add(row)
                if filling.rows >= size or filling.characters >= BATCH_CHARACTERS:
                    yield filling.emptied()
        except SourceUnreadable:
            yield filling.emptied()
            raise
        yield filling.emptied()


class _Filling:
    """A batch while rows come in."""

    def __init__(self, importer: Source, file: str) -> None:
        self._importer = importer
        self._file = file
        self._first = True
        self._records: list[Record] = []
        self._rejected: list[Rejected] = []
        self.characters = 0

    @property
    def rows(self) -> int:
        return len(self._records) + len(self._rejected)

    def add(self, row: Row | Rejected) -> None:
        record = sort(self._importer, row, self._records, self._rejected)
        if record is None:
            self.characters += sum(map(len, self._rejected[-1].fields.values()))
        else:
            self.characters += len(record.body) if isinstance(record, Report) else record.characters

    def emptied(self) -> Batch:
        """What came in, as a batch; the next one begins empty."""
        said = said_by(self._importer, self._file, self._records)
        batch = Batch(self._file, said, self._rejected, unread=self._importer.unread, first=self._first)
        self._records, self._rejected, self.characters, self._first = [], [], 0, False
        return batch


def sort(importer: Source, row: Row | Rejected, records: list[Record], rejected: list[Rejected]) -> Record | None:
    """Put a row to the records it makes or to the rejected ones; the record, if it became one."""
    if isinstance(row, Rejected):
        rejected.append(row)
        return None
    whole = row.fields.copy()
    try:
        record = _record(importer, row, whole)
    except RowError as error:
        rejected.append(Rejected(row.line, error.reason, error.detail, whole))
        return None
    records.append(record)
    return record


def _record(importer: Source, row: Row, whole: dict[str, str]) -> Record:
    if isinstance(importer, MaintenanceImporter):
        return recorded(importer.maintenance(row.fields), Row(row.line, whole))
    assert isinstance(importer, Importer)
    report = importer.report(row.fields)
    check(report)
    return report


def said_by(importer: Source, file: str, records: Sequence[Record]) -> Statements | Records:
    """What the records of one source say, as the way they take wants it."""
    if isinstance(importer, MaintenanceImporter):
        return Records(file, [one for one in records if isinstance(one, Recorded)])
    return identify([one for one in records if isinstance(one, Report)])


def batches_beside(importer: Source, files: Sequence[Path], size: int) -> Iterator[Batch]:
    """The same, read by another process, so that reading and writing each have a core."""
    return beside(partial(batches, importer, list(files), size))


def beside(make: Callable[[], Iterator[Batch]]) -> Iterator[Batch]:
    """Batches made by another process; make is sent there.

    The pipe holds little, so the reader never runs far ahead; it ends with the one it reads for, however that ends.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    reader = context.Process(target=_read, args=(theirs, make), daemon=True)
    reader.start()
    theirs.close()
    try:
        while True:
            try:
                message = ours.recv()
            except EOFError:
                reader.join()
                # A workbook that takes more memory than it may ends its reader, as a kill does.
                ended = f"the reader ended with status {reader.exitcode}"
                raise SourceUnreadable(f"{ended}: the file may be damaged or take too much memory.") from None
            if isinstance(message, GeoappError):
                raise message
            if message is None:
                return
            yield message
    finally:
        ours.close()
        reader.join(timeout=5)
        if reader.is_alive():
            reader.kill()
            reader.join()


def spare_collecting() -> None:
    """Let the collector of cycles rest while rows stream through: they make none, and it would visit each again."""
    gc.set_threshold(500_000, 50, 1000)


def _read(pipe: Connection, make: Callable[[], Iterator[Batch]]) -> None:
    spare_collecting()
    try:
        for batch in make():
            pipe.send(batch)
        pipe.send(None)
    except GeoappError as error:
        pipe.send(error)
    except BrokenPipeError:
        # Nobody reads any more: there is nothing left to do, and the run itself has said why.
        return
    finally:
        pipe.close()
