"""Reads any CSV or Excel table through a mapping, a small TOML file that says which column is what.

The mapping, whole (only `source`, `time_zone` and `columns.said_at` are needed; docs/table_mapping.md explains it):

    source = "sz12345"              # whose numbers these are
    city = "shenzhen"
    time_zone = "Asia/Shanghai"
    times = ["%Y/%m/%d %H:%M"]      # strptime, tried in order; ISO 8601 always works
    crs = "GCJ-02"                  # WGS-84 (default), GCJ-02, BD-09, EPSG:<code>
    sheet = "工单"                  # Excel: default the first that is not empty
    header_line = 2                 # default 1
    delimiter = ","                 # CSV: default told from the header
    yes = ["是"]                    # words of urgent and public; these have defaults
    no = ["否"]
    ignored = ["序号", "录入人"]

    [columns]                       # what = "column", body and address also a list of columns
    ref = "工单编号"
    said_at = "来电时间"
    body = ["标题", "诉求内容"]
    x = "经度"
    y = "纬度"
    phone = "联系电话"
    kind = "诉求类型"
    status = "工单状态"

    [constants]                     # where no column says it, or its cell is empty
    channel = "12345"

    [kinds]                         # the source's words for what a report is
    "投诉" = "complaint"

    [states]                        # and for where it stands, with what came of it
    "处理中" = "in_hand"
    "已办结" = { state = "closed", outcome = "repaired" }

    [outcomes]                      # the words of the column `outcome`
    "已修复" = "repaired"

    [measured]                      # columns that hold measured values, and their units
    "坡度" = "%"
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, Final

from importers.base import Importer, Rejected, Report, Reporter, Row, RowError, Standing
from importers.fields import number, pair, words
from importers.rows import read
from importers.table_mapping import FLAGS, JOINED, WORDS, TableMapping, load

Cells = Mapping[str, str]
Read = Callable[[Cells], Any]
"""What one field of a report is, read from a row's cells."""

# Kinds, states and categories come over and over; what people say does not.
_few: Final = lru_cache(maxsize=4096)(words)


class Table(Importer):
    """Any table, read through the mapping in a TOML file."""

    name: ClassVar[str] = "table"

    def __init__(self, mapping: str | Path) -> None:
        """Reads the mapping.

        Raises:
            SourceUnreadable: the mapping cannot be used; the detail names the line or the key.
        """
        self._mapping = load(Path(mapping))
        self.city = self._mapping.city
        self._known = self._mapping.ignored | frozenset(self._mapping.read)

    def __getstate__(self) -> dict[str, Any]:
        # The readers are made where they are used: another process makes its own.
        return {name: value for name, value in self.__dict__.items() if name != "_readers"}

    @property
    def source(self) -> str:
        return self._mapping.source

    def rows(self, path: Path) -> Iterator[Row | Rejected]:
        mapping = self._mapping
        sheet = read(path, header_line=mapping.header_line, delimiter=mapping.delimiter, sheet=mapping.sheet)
        sheet.need(mapping.read, path)
        self._meet(set(sheet.header) - self._known)
        return sheet.rows

    def report(self, fields: dict[str, str]) -> Report:
        if not fields.keys() <= self._known:
            self._meet(fields.keys() - self._known)
        found = {name: reader(fields) for name, reader in self._readings()}
        found["x"], found["y"] = pair(found.get("x"), found.get("y"))
        report = Report(**found)
        if not (report.body or report.address or report.measured or self._named(fields)):
            raise RowError("empty", "nothing is said: no text, category, address or measurement")
        fields.clear()
        return report

    def _readings(self) -> tuple[tuple[str, Read], ...]:
        if "_readers" not in self.__dict__:
            self._readers = tuple(_Readers(self._mapping).all())
        return self._readers

    def _named(self, fields: Mapping[str, str]) -> bool:
        """Whether the row itself says what it is about: what a mapping sets for all rows says nothing of this one."""
        columns = [self._mapping.columns.get(name, ("",))[0] for name in ("category", "matter")]
        return any(fields.get(column, "").strip() for column in columns)


class _Readers:
    """What a mapping makes of each field, put together once, so that a row costs its own columns only."""

    def __init__(self, mapping: TableMapping) -> None:
        self._mapping = mapping
        self._columns = mapping.columns

    def all(self) -> Iterator[tuple[str, Read]]:
        """The fields it reads or sets, with their readers; a Report's own defaults serve for the others."""
        mapping, columns = self._mapping, self._columns
        yield "ref", self._ref() if "ref" in columns else lambda _cells: None
        yield from self._times()
        yield "crs", lambda _cells: mapping.crs
        for name in ("x", "y"):
            if name in columns:
                yield name, self._number(name)
        for name in JOINED:
            if name in columns:
                yield name, self._joined(name)
        for name in sorted(WORDS - {"kind"}):
            if name in columns or name in mapping.texts:
                yield name, self._words(name)
        yield "kind", self._kind()
        for name in sorted(FLAGS):
            if name in columns or name in mapping.flags:
                yield name, self._flag(name)
        if "status" in columns:
            yield "standing", self._standing()
        if columns.keys() & {"name", "phone", "email"}:
            yield "reporter", self._reporter()
        if mapping.measured:
            yield "measured", self._measured()

    def _column(self, target: str) -> str:
        return self._columns.get(target, ("",))[0]

    def _times(self) -> Iterator[tuple[str, Read]]:
        clock = self._mapping.clock
        said, due = self._column("said_at"), self._column("due_at")
        yield "said_at", lambda cells: clock.must(cells.get(said, ""), said)
        if due:
            yield "due_at", lambda cells: clock.at(cells.get(due, ""), due)

    def _number(self, target: str) -> Read:
        column = self._column(target)
        return lambda cells: number(cells.get(column, ""), column)

    def _joined(self, target: str) -> Read:
        columns, between = self._columns[target], JOINED[target]
        one_line = target == "address"
        if len(columns) == 1:
            column = columns[0]
            return lambda cells: words(cells.get(column, "")) if one_line else cells.get(column, "").strip()

        def joined(cells: Cells) -> str:
            found = [cells.get(column, "").strip() for column in columns]
            text = between.join(cell for cell in found if cell)
            return words(text) if one_line else text

        return joined

    def _words(self, target: str) -> Read:
        column, constant = self._column(target), self._mapping.texts.get(target, "")
        return lambda cells: _few(cells.get(column, "")) or constant

    def _ref(self) -> Read:
        column = self._column("ref")

        def ref(cells: Cells) -> str:
            if found := cells.get(column, "").strip():
                return found
            raise RowError("no_ref", f"{column} is empty")

        return ref

    def _kind(self) -> Read:
        column, usual = self._column("kind"), self._mapping.texts.get("kind", "complaint")
        return self._listed(column, self._mapping.kinds, usual, "unknown_kind", "")

    def _flag(self, target: str) -> Read:
        column, usual = self._column(target), self._mapping.flags.get(target, target == "public")
        known = self._mapping.flag_words
        return self._listed(column, known, usual, "bad_word", " is neither yes nor no", fold=True)

    def _listed(
        self, column: str, known: Mapping[str, Any], usual: object, reason: str, why: str, *, fold: bool = False
    ) -> Read:
        """A word that must be one of a list; an empty cell is the usual."""

        def listed(cells: Cells) -> object:
            word = _few(cells.get(column, ""))
            if not word:
                return usual
            found = known.get(word.lower() if fold else word)
            if found is None:
                raise RowError(reason, f'{column} "{word}"{why}')
            return found

        return listed

    def _standing(self) -> Read:
        status, at, note = self._column("status"), self._column("status_at"), self._column("note")
        state = self._listed(status, self._mapping.states, None, "unknown_status", "")
        outcome = self._listed(self._column("outcome"), self._mapping.outcomes, None, "unknown_outcome", "")
        clock = self._mapping.clock

        def standing(cells: Cells) -> Standing | None:
            found = state(cells)
            if found is None:
                return None
            moment = clock.at(cells.get(at, ""), at)
            return Standing(found[0], moment, outcome(cells) or found[1], words(cells.get(note, "")))

        return standing

    def _reporter(self) -> Read:
        name, phone, email = (self._column(target) for target in ("name", "phone", "email"))

        def reporter(cells: Cells) -> Reporter | None:
            found = words(cells.get(name, "")), cells.get(phone, "").strip(), cells.get(email, "").strip()
            return Reporter(*found) if any(found) else None

        return reporter

    def _measured(self) -> Read:
        units = self._mapping.measured

        def measured(cells: Cells) -> tuple[tuple[str, float, str], ...]:
            values = ((column, number(cells.get(column, ""), column), unit) for column, unit in units.items())
            return tuple((column, value, unit) for column, value, unit in values if value is not None)

        return measured
