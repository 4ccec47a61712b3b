"""Lists learned from New York's and Los Angeles's files answer better, on cases not learned from, than a dictionary."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from geoapp.assign.learning import History, batch_of, dispatcher_of, learn
from geoapp.assign.scoring import Answered, Score, dictionary, score, splits
from geoapp.store.catalogue import code_of
from importers import create
from importers.base import Importer, Report, Row, RowError

SINGLE_TYPED = ("evgeniimatveev/nyc-311-duckdb-motherduck-analysis", "nickmvega/data237-wi25")
"""Whole files of one kind of complaint, which would drown all the others."""


def reports(source: str, path: Path, unit: str = "") -> list[Report]:
    importer = create(source)
    assert isinstance(importer, Importer)
    found = []
    for row in importer.rows(path):
        if not isinstance(row, Row) or row.fields.get("source_repo") in SINGLE_TYPED:
            continue
        owner = row.fields.get(unit, "")
        try:
            report = importer.report(dict(row.fields))
        except RowError:
            continue
        if owner or report.unit:
            found.append(replace(report, unit=owner or report.unit))
    return [one for one in found if one.unit and one.said_at]


def told(some: list[Report]) -> History:
    none = [""] * len(some)
    category = [code_of(one.category) for one in some]
    matter = [
        f"{of}/{code_of(one.matter)}" if one.matter else of for of, one in zip(category, some, strict=True)
    ]  # fmt: skip
    day = np.array([one.said_at.date() for one in some if one.said_at], dtype="datetime64[D]")
    areas = {"boards": [one.recorded_area for one in some]}
    return History(matter, category, day, areas, none, [none] * 3, [one.unit for one in some])


def scored(some: list[Report], how: str) -> Score:
    of = told(some)
    said = [one.category.casefold() for one in some]
    answers = []
    for learnt, asked in splits(how, of.day):
        lines = [one.duty for one in learn(of.pick(learnt))]
        part = of.pick(asked)
        dispatcher = dispatcher_of(part, {}, lines)
        found = dispatcher.dispatch(batch_of(part, dispatcher))
        answers.append(Answered(asked, len(lines), found, dictionary(said, of.unit, learnt, asked)))
    return score(how, said, of.unit, answers)


def test_new_yorks_list_is_better_than_a_dictionary_where_several_agencies_have_a_type(shared_data: Path) -> None:
    some = reports("nyc311", shared_data / "nyc311" / "nyc311_requests.csv.gz")
    assert len(some) > 19_000
    for how in ("random", "time"):
        found = scored(some, how)
        assert found.every.right >= found.every.dictionary
        assert found.several.right > found.several.dictionary
        assert found.held <= 0.05 * found.every.cases
        assert found.lines < 260


def test_los_angeless_yards_are_learned_by_council_from_a_fifth_to_nine_tenths(shared_data: Path) -> None:
    some = reports("la311", shared_data / "open311_samples" / "la311_requests.csv.gz", "assignto")
    found = scored(some, "random")
    assert found.every.dictionary < 0.3 * found.every.cases
    assert found.every.right > 0.9 * found.every.cases
