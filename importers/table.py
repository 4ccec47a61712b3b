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
    pin = "check_in"                # how coordinates were got: recorded (default), pinned, check_in

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

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar

from importers.base import Importer, Report, Reporter, RowError, Standing
from importers.fields import number, pair, words
from importers.mapped import Cells, Mapped, Read, Readers
from importers.table_mapping import FLAGS, JOINED, WORDS, TableMapping, load


class Table(Mapped, Importer):
    """Any table, read through the mapping in a TOML file."""

    name: ClassVar[str] = "table"

    def __init__(self, mapping: str | Path) -> None:
        """Reads the mapping.

        Raises:
            SourceUnreadable: the mapping cannot be used; the detail names the line or the key.
        """
        self._mapping = load(Path(mapping))
        super().__init__(self._mapping.layout, self._mapping.read)

    def report(self, fields: dict[str, str]) -> Report:
        found = self._found(fields)
        found["x"], found["y"] = pair(found.get("x"), found.get("y"))
        report = Report(**found)
        if not (report.body or report.address or report.measured or self._named(fields)):
            raise RowError("empty", "nothing is said: no text, category, address or measurement")
        fields.clear()
        return report

    def _readings(self) -> Iterator[tuple[str, Read]]:
        return _Readers(self._mapping).all()

    def _named(self, fields: Mapping[str, str]) -> bool:
        """Whether the row itself says what it is about: what a mapping sets for all rows says nothing of this one."""
        columns = [self._layout.columns.get(name, ("",))[0] for name in ("category", "matter")]
        return any(fields.get(column, "").strip() for column in columns)


class _Readers(Readers):
    """What a mapping makes of each field of a report."""

    def __init__(self, mapping: TableMapping) -> None:
        super().__init__(mapping.layout)
        self._mapping = mapping

    def all(self) -> Iterator[tuple[str, Read]]:
        """The fields it reads or sets, with their readers; a Report's own defaults serve for the others."""
        mapping, columns = self._mapping, self._layout.columns
        yield "ref", self.ref() if "ref" in columns else lambda _cells: None
        yield "said_at", self.must("said_at")
        if "due_at" in columns:
            yield "due_at", self.time("due_at")
        yield "crs", lambda _cells: mapping.layout.crs
        for name in ("x", "y"):
            if name in columns:
                yield name, self.number(name)
        for name, between in JOINED.items():
            if name in columns:
                yield name, self.joined(name, between)
        for name in sorted(WORDS - {"kind"}):
            if name in columns or name in mapping.texts:
                yield name, self.words(name, mapping.texts.get(name, ""))
        yield "kind", self._kind()
        for name in sorted(FLAGS):
            if name in columns or name in mapping.flags:
                yield name, self.flag(name, mapping.flags.get(name, name == "public"))
        if pin := mapping.texts.get("pin"):
            yield "pin", lambda _cells: pin
        if "status" in columns:
            yield "standing", self._standing()
        if columns.keys() & {"name", "phone", "email"}:
            yield "reporter", self._reporter()
        if mapping.measured:
            yield "measured", self._measured()

    def _kind(self) -> Read:
        usual = self._mapping.texts.get("kind", "complaint")
        return self.listed(self.column("kind"), self._mapping.kinds, usual, "unknown_kind", "")

    def _standing(self) -> Read:
        note = self.column("note")
        state = self.listed(self.column("status"), self._mapping.states, None, "unknown_status", "")
        outcome = self.listed(self.column("outcome"), self._mapping.outcomes, None, "unknown_outcome", "")
        at = self.time("status_at")

        def standing(cells: Cells) -> Standing | None:
            found = state(cells)
            if found is None:
                return None
            moment = at(cells)
            return Standing(found[0], moment, outcome(cells) or found[1], words(cells.get(note, "")))

        return standing

    def _reporter(self) -> Read:
        name, phone, email = (self.column(target) for target in ("name", "phone", "email"))

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
