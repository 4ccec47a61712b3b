"""One import: files read row by row, taken in by batches, rejected rows kept, everything counted."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine

from geoapp.city import City
from geoapp.intake import repairs
from geoapp.intake.clean import moment
from geoapp.intake.maintenance import Records
from geoapp.intake.path import Done, Prepared, prepare, write
from geoapp.intake.reading import Batch, Record, batches_beside, said_by, sort, spare_collecting
from geoapp.lifecycle import SILENCE
from geoapp.records import Tally
from geoapp.store import cells, known, runs
from geoapp.store.catalogue import KnownSites
from geoapp.store.ground import ground
from geoapp.store.runs import KeptRow
from geoapp.tickets.cases import Statements
from geoapp.tickets.moves import move_on
from geoapp.tickets.writer import mark_late
from importers.base import Rejected, Row, Source

BATCH: Final = 4_000
_FOLD_EVERY: Final = 50
_LATE_BATCH: Final = 5000

Progress = Callable[[int, str], None]
"""Told now and then how many rows were read, and of which file."""


@dataclass(slots=True)
class _Count:
    """The tally while it grows."""

    batches: int = 0
    read: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    unowned: int = 0
    unread: set[str] = field(default_factory=set)
    met: bool = True

    def add(self, batch: Batch, done: Done | repairs.Done) -> None:
        self.batches += 1
        self.unread.update(batch.unread)
        self.read += batch.rows
        self.statuses.update(done.status)
        self.statuses["seen"] += len(done.seen)
        # Files are mostly all new or mostly all known: the last batch tells what to expect of the next.
        self.met = bool(done.seen)
        unplaced = zip(done.status, done.problem, strict=True)
        self.problems.update(problem.value for status, problem in unplaced if status == "unplaced" and problem)
        self.unowned += sum(done.unowned)
        self.rejected.update(row.reason for row in batch.rejected)

    def tally(self, unread: Sequence[str], seconds: float) -> Tally:
        of = self.statuses
        return Tally(
            self.read, of["opened"], of["attached"], of["updated"], of["seen"], of["unplaced"], self.unowned,
            dict(sorted(self.rejected.items())), dict(sorted(self.problems.items())), tuple(unread), seconds,
            of["lead"],
        )  # fmt: skip


def run(
    engine: Engine, city: City, importer: Source, files: Sequence[Path], *,
    batch: int = BATCH, progress: Progress | None = None,
) -> Tally:  # fmt: skip
    """Import files of one source, reports or repairs; started again after any interruption it neither loses nor
    doubles a row.

    Raises:
        SourceUnreadable: a file as a whole is none of this source's; what was read before it is in.
    """
    names = [path.name for path in files]
    return carry_out(engine, city, importer.source, names, batches_beside(importer, files, batch), progress)


def run_again(engine: Engine, city: City, importer: Source, progress: Progress | None = None) -> Tally:
    """Try the rows that this source had to put aside once more; those that can be used now are settled."""
    return carry_out(engine, city, importer.source, ["(rejected rows)"], _kept(engine, city, importer), progress)


def begin(engine: Engine, city: City, source: str, names: Sequence[str]) -> int:
    """A new run of a source, the versions of the ground pinned; its id."""
    with engine.begin() as connection:
        return runs.begin(connection, city.id, source, names, ground(connection, city).versions)


def carry_out(
    engine: Engine, city: City, source: str, names: Sequence[str], batches: Iterator[Batch],
    progress: Progress | None = None, run_id: int | None = None,
) -> Tally:  # fmt: skip
    """Take in batches of one source, whoever makes them, as a run of these names; or as one begun before."""
    started = time.monotonic()
    spare_collecting()
    run_id = run_id or begin(engine, city, source, names)
    count, met = _Count(), KnownSites()

    def take_in(one: Batch, prepared: Prepared | repairs.Prepared) -> None:
        def beside(connection: Connection) -> None:
            if one.first:
                # Occurrences are counted by file: one content in two exports is one report exported twice.
                known.forget_counts(connection, run_id)
            runs.keep_rejected(connection, city.id, source, run_id, [(one.file, row) for row in one.rejected])
            runs.settle_rejected(connection, one.settles)

        still_up()
        if isinstance(prepared, repairs.Prepared):
            count.add(one, repairs.write(engine, prepared, run_id, beside=beside))
        else:
            count.add(one, write(engine, prepared, run_id, beside=beside))
        if count.batches % _FOLD_EVERY == 0:
            fold_cells(engine)

    try:
        # One batch is written while the next is prepared and the one after that is read.
        with runs.alive(engine, run_id) as still_up, ThreadPoolExecutor(1) as pool:
            under_way: Future[None] | None = None
            try:
                for one in batches:
                    prepared = _prepared(engine, city, source, one.said, count.met, met)
                    if under_way:
                        under_way.result()
                    under_way = pool.submit(take_in, one, prepared)
                    if progress:
                        progress(count.read, one.file)
            finally:
                if under_way:
                    under_way.result()
        fold_cells(engine)
    finally:
        tally = count.tally(sorted(count.unread), time.monotonic() - started)
        with engine.begin() as connection:
            runs.end(connection, run_id, tally.as_dict())
    if progress:
        progress(count.read, "")
    return tally


def _prepared(
    engine: Engine, city: City, source: str, said: Statements | Records, look: bool, met: KnownSites
) -> Prepared | repairs.Prepared:
    """Reports and repairs go different ways, which are of one shape."""
    if isinstance(said, Records):
        return repairs.prepare(engine, city, source, said)
    return prepare(engine, city, source, said, look=look, met=met)


def settle(engine: Engine, now: datetime | None = None) -> None:
    """Everything that is due by now is done: lateness made an event, moves made whose time has come, cells folded."""
    moment = now or datetime.now(UTC)
    while True:
        with engine.begin() as connection:
            late = mark_late(connection, moment, _LATE_BATCH)
        if late < _LATE_BATCH:
            break
    move_on(engine, moment, SILENCE)
    fold_cells(engine)


def fold_cells(engine: Engine) -> int:
    """Fold every delta there is, in transactions of bounded size; how many were folded."""
    folded = 0
    while True:
        with engine.begin() as connection:
            moved = cells.fold(connection)
        folded += moved
        if moved < cells.FOLD_LIMIT:
            return folded


def _kept(engine: Engine, city: City, importer: Source) -> Iterator[Batch]:
    after = 0
    while True:
        with engine.begin() as connection:
            rows = runs.kept_rejected(connection, city.id, importer.source, after, BATCH)
        if not rows:
            return
        after = rows[-1].id
        records: list[Record] = []
        rejected: list[Rejected] = []
        usable = []
        for row in rows:
            tried = (
                Rejected(row.line, row.reason, "", row.fields) if "" in row.fields else Row(row.line, dict(row.fields))
            )
            if sort(importer, tried, records, rejected):
                usable.append(row)
        yield _again(importer, usable, records, rejected)


def _again(importer: Source, rows: Sequence[KeptRow], records: Sequence[Record], rejected: list[Rejected]) -> Batch:
    """Kept rows that can be read now, as a batch; a report settles its row at once, a repair once it has a place."""
    name = "(rejected rows)"
    said = said_by(importer, name, records)
    if isinstance(said, Records):
        kept = [replace(one, kept=row.id) for one, row in zip(said.recorded, rows, strict=True)]
        return Batch(name, Records(name, kept), rejected, unread=importer.unread)
    said = replace(said, kept_at={at: moment(row.kept_at) for at, row in enumerate(rows)})
    return Batch(name, said, rejected, tuple(row.id for row in rows), importer.unread)
