"""What reports of the past teach: whose their matters were, the list that says so, and how well it does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from sqlalchemy import Connection

from geoapp.assign.areas import Ground
from geoapp.assign.asking import Cases, Things, as_levels, batch, levels_of, lying
from geoapp.assign.dispatch import Dispatcher
from geoapp.assign.duties import Duty
from geoapp.assign.fitting import NONE
from geoapp.assign.lattice import Whole
from geoapp.assign.learning import History, Learned, Owns, learn
from geoapp.assign.scoring import Answered, Score, dictionary, score, splits
from geoapp.city import City
from geoapp.errors import BadRequest
from geoapp.intake.things import Units, things
from geoapp.locate.coordinates import RADIUS_M, locate
from geoapp.store.catalogue import codes_of
from geoapp.store.ground import ground
from importers.base import Importer, Report, Row, RowError, Source


@dataclass(frozen=True, slots=True)
class Past:
    """Cases of the past on a city's ground, and whose they were; said are their types as the source has them.

    areas are as a dispatcher takes them: where a report has no coordinates, the area its source recorded.
    """

    here: Ground
    units: Units
    cases: Cases
    areas: Whole
    things: Things
    history: History
    said: Sequence[str]

    def dispatcher(self, duties: Sequence[Duty]) -> Dispatcher:
        """A list compiled for this ground."""
        known = self.units.codes | set(self.history.unit) | {duty.unit for duty in duties}
        return Dispatcher.of(duties, as_levels(self.here, self.units.of_areas), known)

    @property
    def own(self) -> Owns:
        """The units that areas have of their own."""
        return {
            level.name: dict(zip(level.codes, level.units, strict=True))
            for level in as_levels(self.here, self.units.of_areas)
        }  # fmt: skip

    def learned(self, at: Whole | None = None, hold_below: float = 0.0) -> list[Learned]:
        """The list that these cases, or some of them, teach."""
        return learn(self.history if at is None else self.history.pick(at), self.own, hold_below)


def read(
    source: Source, files: Sequence[Path], skipped: Sequence[tuple[str, str]] = (), unit_column: str = ""
) -> Iterator[Report]:
    """The reports of files that can be read, but for rows with one of those words in those columns.

    unit_column names who had it, where that is another than the source's own.
    """
    if not isinstance(source, Importer):
        raise BadRequest(f"{source.name} is no source of reports.")
    for path in files:
        for row in source.rows(path):
            if not isinstance(row, Row) or any(row.fields.get(column) == word for column, word in skipped):
                continue
            unit = row.fields.get(unit_column, "").strip()
            with suppress(RowError):
                report = source.report(dict(row.fields))
                yield replace(report, unit=unit) if unit_column else report


def past(connection: Connection, city: City, source: str, reports: Sequence[Report]) -> Past:
    """The past that reports tell which name a unit; the others say nothing here."""
    told = [report for report in reports if report.unit and report.said_at]
    here, units = ground(connection, city), Units.of(connection, city)
    located = locate([one.x for one in told], [one.y for one in told], [one.crs for one in told], here.in_city)
    spoken = [(one.category, one.matter) for one in told]
    codes = codes_of(city, source, set(spoken))
    days = [one.said_at.astimezone(city.zone).date() for one in told if one.said_at]
    areas = _recorded(here, lying(here, located.lon, located.lat), [one.recorded_area for one in told])
    cases = Cases(
        [codes[pair][1] for pair in spoken], [codes[pair][0] for pair in spoken],
        np.array(days, dtype="datetime64[D]"), located.lon, located.lat, np.full(len(told), RADIUS_M),
        (areas != NONE).any(axis=1).astype(np.float64),
    )  # fmt: skip
    of = things(connection, city, here, units, cases, np.ones(len(told), dtype=bool))
    history = History(
        cases.matter, cases.category, cases.day, _named(here, areas), of.classed, of.parties,
        [one.unit for one in told],
    )  # fmt: skip
    return Past(here, units, cases, areas, of, history, [one.category.casefold() for one in told])


def _recorded(here: Ground, areas: Whole, recorded: Sequence[str]) -> Whole:
    """The areas, completed by what sources recorded of those that have no place."""
    nth = [layer.name for layer in levels_of(here)].index(here.responsible)
    known = {code: at for at, code in enumerate(here.layer(here.responsible).codes)}
    told = np.array([known.get(code, NONE) for code in recorded], dtype=np.int64)
    nowhere = (areas == NONE).all(axis=1)
    areas[nowhere, nth] = told[nowhere]
    return areas


def _named(here: Ground, areas: Whole) -> Mapping[str, Sequence[str]]:
    return {
        layer.name: [layer.codes[at] if at != NONE else "" for at in areas[:, nth].tolist()]
        for nth, layer in enumerate(levels_of(here))
    }  # fmt: skip


def scored(of: Past, how: str, hold_below: float = 0.0) -> Score:
    """Lists learned from some of the cases, scored on the others; how as scoring.splits has it."""
    answers = []
    for learnt, asked in splits(how, of.cases.day):
        lines = [one.duty for one in of.learned(learnt, hold_below)]
        dispatcher = of.dispatcher(lines)
        found = dispatcher.dispatch(
            batch(dispatcher, of.here, of.cases.pick(asked), of.things.pick(asked), of.areas[asked])
        )
        usual = dictionary(of.said, of.history.unit, learnt, asked)
        answers.append(Answered(asked, len(lines), found, usual))
    return score(how, of.said, of.history.unit, answers)
