"""Reads maintenance records, CSV or Excel, through a mapping: a small TOML file that says which column is what.

The mapping, whole (needed are `source`, `time_zone`, `columns.ref`, one column that says where and one that says when;
docs/repairs_mapping.md explains it):

    source = "road-upkeep"          # whose numbers these are
    city = "shenzhen"
    time_zone = "Asia/Shanghai"
    times = ["%Y/%m/%d"]            # strptime, tried in order; ISO 8601 always works
    crs = "GCJ-02"                  # WGS-84 (default), GCJ-02, BD-09, EPSG:<code>
    ignored = ["序号"]

    [columns]                       # what = "column", note and address also a list of columns
    ref = "维修编号"
    ticket = "工单号"
    asset = "设施编码"
    x = "经度"
    y = "纬度"
    planned_at = "计划开工"
    started_at = "实际开工"
    promised_at = "承诺完工"
    ended_at = "实际完工"
    unit = "施工单位编码"
    unit_name = "施工单位"
    assisting = "协办单位"
    hoarding = "是否围挡"
    traffic_plan = "交通疏解"
    liability_until = "缺陷责任期至"
    note = ["维修内容", "备注"]
    as_of = "更新时间"

    [constants]                     # where no column says it, or its cell is empty
    asset_layer = "footbridges"
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time
from pathlib import Path
from typing import ClassVar, Final

from importers.base import Maintenance, MaintenanceImporter, RowError
from importers.fields import pair
from importers.mapped import Cells, Mapped, Read, Readers, few
from importers.repairs_mapping import FLAGS, JOINED, TIMES, WORDS, RepairsMapping, load

_BETWEEN_UNITS: Final = re.compile(r"[、,，;；|/\n]")


class Repairs(Mapped, MaintenanceImporter):
    """Any table of repairs, read through the mapping in a TOML file."""

    name: ClassVar[str] = "repairs"

    def __init__(self, mapping: str | Path) -> None:
        """Reads the mapping.

        Raises:
            SourceUnreadable: the mapping cannot be used; the detail names the line or the key.
        """
        self._mapping = load(Path(mapping))
        super().__init__(self._mapping.layout, self._mapping.layout.read)

    @property
    def source(self) -> str:
        """Apart from what else the same system sends: a hotline's reports may bear its name too."""
        return f"{self.name}.{self._layout.source}"

    def maintenance(self, fields: dict[str, str]) -> Maintenance:
        found = self._found(fields)
        found["x"], found["y"] = pair(found.get("x"), found.get("y"))
        repair = self._in_order(Maintenance(**found))
        fields.clear()
        return repair

    def _readings(self) -> Iterator[tuple[str, Read]]:
        return _Readers(self._mapping).all()

    def _in_order(self, repair: Maintenance) -> Maintenance:
        """Nothing ends before it begins; a day alone that ends it may be the day on which it began.

        Raises:
            RowError: ended_before_started.
        """
        started, ended = repair.started_at, repair.ended_at
        if started is None or ended is None or started <= ended:
            return repair
        begun, over = (at.astimezone(self._layout.clock.zone) for at in (started, ended))
        if over.time() == time() and over.date() == begun.date():
            return replace(repair, ended_at=started)
        raise RowError("ended_before_started", f"{over:%Y-%m-%d %H:%M} is before {begun:%Y-%m-%d %H:%M}")


class _Readers(Readers):
    """What a mapping makes of each field of a repair."""

    def __init__(self, mapping: RepairsMapping) -> None:
        super().__init__(mapping.layout)
        self._mapping = mapping

    def all(self) -> Iterator[tuple[str, Read]]:
        """The fields it reads or sets, with their readers; a Maintenance's own defaults serve for the others."""
        mapping, columns = self._mapping, self._layout.columns
        yield "ref", self.ref()
        yield "crs", lambda _cells: mapping.layout.crs
        for name in TIMES:
            if name in columns:
                yield name, self.time(name)
        for name in ("x", "y"):
            if name in columns:
                yield name, self.number(name)
        for name, between in JOINED.items():
            if name in columns:
                yield name, self.joined(name, between)
        for name in sorted(WORDS):
            if name in columns or name in mapping.texts:
                yield name, self.words(name, mapping.texts.get(name, ""))
        for name in sorted(FLAGS):
            if name in columns or name in mapping.flags:
                yield name, self.flag(name, mapping.flags.get(name, False))
        if "assisting" in columns:
            yield "assisting", self._units("assisting")
        if "liability_until" in columns:
            yield "liability_until", self._day("liability_until")

    def _units(self, target: str) -> Read:
        column = self.column(target)

        def units(cells: Cells) -> tuple[str, ...]:
            named = (few(unit) for unit in _BETWEEN_UNITS.split(cells.get(column, "")))
            return tuple(dict.fromkeys(unit for unit in named if unit))

        return units

    def _day(self, target: str) -> Read:
        moment, zone = self.time(target), self._layout.clock.zone

        def day(cells: Cells) -> date | None:
            found = moment(cells)
            return found.astimezone(zone).date() if found else None

        return day
