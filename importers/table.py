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

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from importers.base import Importer, Rejected, Report, Reporter, Row, RowError, Standing
from importers.fields import number, words
from importers.rows import read
from importers.table_mapping import JOINED, TableMapping, load


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

    @property
    def source(self) -> str:
        return self._mapping.source

    def rows(self, path: Path) -> Iterator[Row | Rejected]:
        mapping = self._mapping
        sheet = read(path, header_line=mapping.header_line, delimiter=mapping.delimiter, sheet=mapping.sheet)
        sheet.need(mapping.read, path)
        self._leave(set(sheet.header).difference(mapping.read))
        return sheet.rows

    def report(self, fields: dict[str, str]) -> Report:
        report = _Reading(self._mapping, fields).report()
        self._leave(fields.keys() - self._mapping.read)
        fields.clear()
        return report

    def _leave(self, columns: set[str]) -> None:
        if strange := columns - self._mapping.ignored - set(self.unread):
            self.unread = tuple(sorted({*self.unread, *strange}))


class _Reading:
    """One row seen through a mapping."""

    def __init__(self, mapping: TableMapping, fields: dict[str, str]) -> None:
        self._mapping = mapping
        self._fields = fields

    def report(self) -> Report:
        at = self._mapping.clock
        x, y = self._point()
        report = Report(
            ref=self._ref(),
            said_at=at.must(self._cell("said_at"), self._column("said_at")),
            body=self._joined("body"),
            kind=self._kind(),
            category=self._words("category"),
            matter=self._words("matter"),
            address=words(self._joined("address")),
            x=x,
            y=y,
            crs=self._mapping.crs,
            unit=self._words("unit"),
            unit_name=self._words("unit_name"),
            recorded_area=self._words("recorded_area"),
            channel=self._words("channel"),
            urgent=self._flag("urgent", False),
            public=self._flag("public", True),
            due_at=at.at(self._cell("due_at"), self._column("due_at")),
            standing=self._standing(),
            reporter=self._reporter(),
            measured=self._measured(),
        )
        if not (report.body or report.address or self._cell("category") or self._cell("matter") or report.measured):
            raise RowError("empty", "nothing is said: no text, category, address or measurement")
        return report

    def _column(self, target: str) -> str:
        return self._mapping.columns.get(target, ("",))[0]

    def _cell(self, target: str) -> str:
        return self._fields.get(self._column(target), "").strip()

    def _joined(self, target: str) -> str:
        cells = (self._fields.get(column, "").strip() for column in self._mapping.columns.get(target, ()))
        return JOINED[target].join(cell for cell in cells if cell)

    def _words(self, target: str) -> str:
        return words(self._cell(target)) or self._mapping.texts.get(target, "")

    def _ref(self) -> str | None:
        if "ref" not in self._mapping.columns:
            return None
        if ref := self._cell("ref"):
            return ref
        raise RowError("no_ref", f"{self._column('ref')} is empty")

    def _kind(self) -> str:
        word = words(self._cell("kind"))
        if not word:
            return self._mapping.texts.get("kind", "complaint")
        if word in self._mapping.kinds:
            return self._mapping.kinds[word]
        raise RowError("unknown_kind", f'{self._column("kind")} "{word}"')

    def _flag(self, target: str, default: bool) -> bool:
        word = words(self._cell(target))
        if not word:
            return self._mapping.flags.get(target, default)
        if word.lower() in self._mapping.flag_words:
            return self._mapping.flag_words[word.lower()]
        raise RowError("bad_word", f'{self._column(target)} "{word}" is neither yes nor no')

    def _point(self) -> tuple[float | None, float | None]:
        x = number(self._cell("x"), self._column("x"))
        y = number(self._cell("y"), self._column("y"))
        if x is None and y is None:
            return None, None
        # Half a pair is broken, not missing: what is not there is NaN.
        return float("nan") if x is None else x, float("nan") if y is None else y

    def _standing(self) -> Standing | None:
        word = words(self._cell("status"))
        if not word:
            return None
        if word not in self._mapping.states:
            raise RowError("unknown_status", f'{self._column("status")} "{word}"')
        state, outcome = self._mapping.states[word]
        at = self._mapping.clock.at(self._cell("status_at"), self._column("status_at"))
        return Standing(state, at, self._outcome() or outcome, words(self._cell("note")))

    def _outcome(self) -> str | None:
        word = words(self._cell("outcome"))
        if not word:
            return None
        if word in self._mapping.outcomes:
            return self._mapping.outcomes[word]
        raise RowError("unknown_outcome", f'{self._column("outcome")} "{word}"')

    def _reporter(self) -> Reporter | None:
        found = Reporter(words(self._cell("name")), self._cell("phone"), self._cell("email"))
        return found if found != Reporter() else None

    def _measured(self) -> tuple[tuple[str, float, str], ...]:
        cells = ((column, self._fields.get(column, ""), unit) for column, unit in self._mapping.measured.items())
        values = ((column, number(cell, column), unit) for column, cell, unit in cells)
        return tuple((column, value, unit) for column, value, unit in values if value is not None)
