"""What follows once a demo city's reports are tickets: repairs, moves made by hand, pictures; done again, done once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Final
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import Engine

from geoapp.city import City
from geoapp.demo import pictures, stories, truth
from geoapp.demo.life import Plot
from geoapp.demo.planting import Planted, Spoken, Step
from geoapp.intake import photo
from geoapp.intake.maintenance import Records, recorded
from geoapp.intake.reading import Batch
from geoapp.store import catalogue, known, photos, ratings
from geoapp.store.known import Known
from geoapp.tickets.moves import Moved, make_moves, untouched
from importers.base import Maintenance, Row

_BATCH: Final = 2000
PICTURED: Final = 240
"""So many tickets have pictures."""

_FIRST_PICTURED: Final = (
    stories.WORKS, stories.LEAD, stories.VOICED, stories.DUE_SOON, stories.TRENCH, stories.CONTRACTOR, stories.REPEAT,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a story with its number."""

    number: int
    story: Planted
    said: Spoken


def rows(of: Plot) -> list[Line]:
    """Every row that is planted, numbered as its report is."""
    told = [(story, said) for story in of.planted for said in story.spoken]
    return [Line(number, story, said) for number, (story, said) in enumerate(told)]


def tickets(engine: Engine, city: City, source: str, refs: Sequence[str]) -> dict[str, Known]:
    """The report of each reference that has become, or told of, a ticket."""
    with engine.connect() as connection:
        stored = known.by_ref(connection, city.id, source, refs)
    found = {ref: next((one for one in told if one.number), None) for ref, told in stored.items()}
    return {ref: one for ref, one in found.items() if one is not None}


# Repairs


def repairs(engine: Engine, city: City, source: str, of: Plot, folder: Path) -> Iterator[Batch]:
    """The repairs as a maintenance system would give them, each by the number of its ticket."""
    units = {office.code: office.name for office in of.stage.offices}
    stream = truth.repairs(folder)
    nth = 0
    while part := list(islice(stream, _BATCH)):
        standing = tickets(engine, city, source, [row["of"] for row in part])
        told = [
            recorded(_maintenance(row, standing[row["of"]], units), Row(nth * _BATCH + at, dict(row)))
            for at, row in enumerate(part) if row["of"] in standing
        ]  # fmt: skip
        yield Batch(truth.REPAIRS, Records(truth.REPAIRS, told), [], first=nth == 0)
        nth += 1


def _maintenance(row: Mapping[str, str], ticket: Known, units: Mapping[str, str]) -> Maintenance:
    liable = row["liability_until"]
    return Maintenance(
        ref=row["ref"], ticket=ticket.number or "", started_at=truth.moment(row["started"]),
        promised_at=truth.moment(row["promised"]), ended_at=truth.moment(row["ended"]), unit=row["unit"],
        unit_name=units.get(row["unit"], row["unit"]), assisting=tuple(filter(None, row["assisting"].split("|"))),
        hoarding=bool(row["hoarding"]), traffic_plan=bool(row["traffic_plan"]),
        liability_until=date.fromisoformat(liable) if liable else None, note=row["note"],
    )  # fmt: skip


# Moves


def move(engine: Engine, city: City, source: str, of: Plot) -> int:
    """Make the moves that stories tell step by step; tickets that were moved before are left alone. How many."""
    stepped = [row for row in rows(of) if row.said.steps]
    standing = tickets(engine, city, source, [of.ref(row.number) for row in stepped])
    named = {office.code: office.name for office in of.stage.offices}
    wanted = {step.unit: named.get(step.unit, "") for row in stepped for step in row.said.steps if step.unit}
    units = catalogue.unit_ids(engine, city, wanted)
    # What is said of a move in words is Chinese.
    spoken = of.stage.language == "zh"
    with engine.begin() as connection:
        fresh = untouched(connection, [one.ticket_id for one in standing.values() if one.ticket_id])
        moves = [
            _moved(ticket.ticket_id, step if spoken else replace(step, note=""), _said_at(of, row), units)
            for row in stepped
            if (ticket := standing.get(of.ref(row.number))) and ticket.ticket_id in fresh
            for step in row.said.steps
        ]
        make_moves(connection, city.id, moves)
    return len(moves)


def _said_at(of: Plot, row: Line) -> datetime:
    return of.now - timedelta(days=row.said.age)


def _moved(ticket_id: int, step: Step, said_at: datetime, units: Mapping[str, int]) -> Moved:
    at = (said_at + timedelta(hours=step.after_h)).astimezone(UTC).replace(microsecond=0)
    given, review = dict(step.given), None
    if "review" in given:
        review = at + timedelta(days=int(given["review"]))
        given["review"] = review.date().isoformat()
    if step.unit:
        given["unit"] = step.unit
    return Moved(
        ticket_id, step.name, step.who, f"{step.who}:demo", at, given, step.note, units.get(step.unit),
        review_at=review,
    )  # fmt: skip


# Ratings


def rate(engine: Engine, city: City, source: str, folder: Path) -> int:
    """Keep what people said of the work, of tickets that bear no rating yet; how many ratings these have now."""
    stream, made = truth.rated(folder), 0
    while part := list(islice(stream, _BATCH)):
        standing = tickets(engine, city, source, [row["ref"] for row in part])
        wanted = [rating for row in part if row["ref"] in standing for rating in _ratings(row, standing[row["ref"]])]
        with engine.begin() as connection:
            known = ratings.rated(connection, [one.ticket_id for one in standing.values() if one.ticket_id])
            ratings.add_all(connection, [one for one in wanted if one[0] not in known])
        made += len(wanted)
    return made


def _ratings(
    row: Mapping[str, str], ticket: Known
) -> Iterator[tuple[int, bool, Mapping[str, int], str, datetime]]:  # fmt: skip
    assert ticket.ticket_id is not None
    for when, stars, satisfied in (
        (row["asked_again"], row["again_stars"], False), (row["said_good"], row["stars"], True),
    ):  # fmt: skip
        if (at := truth.moment(when)) is not None:
            given = dict(zip(("speed", "effect", "service"), truth.stars(stars), strict=True))
            yield ticket.ticket_id, satisfied, given, "citizen:demo", at


# Pictures


def picture(engine: Engine, city: City, source: str, of: Plot, folder: Path) -> int:
    """Put drawings to the tickets of stories, before and, where it was repaired, after; how many tickets have some."""
    chosen = _pictured(of)
    standing = tickets(engine, city, source, [of.ref(row.number) for row in chosen])
    there = [row for row in chosen if of.ref(row.number) in standing]
    with engine.begin() as connection:
        kept = photos.known(connection, [_photo_id(city, of.ref(row.number), one) for row in there for one in _SHOWS])
        for row in there:
            for shows in _shown(row.said):
                photo_id = _photo_id(city, of.ref(row.number), shows)
                drawn = pictures.drawing(_code(of, row), shows == "repair", row.number % pictures.VARIANTS)
                if photo_id in kept or drawn is None:
                    continue
                # File before row: a row always has its file.
                photo.keep(folder, photo_id, drawn)
                report_id = standing[of.ref(row.number)].id
                photos.add(connection, photo_id, report_id, drawn.width, drawn.height, drawn.digest, shows)
    return len(there)


_SHOWS: Final = ("defect", "repair")


def _shown(said: Spoken) -> tuple[str, ...]:
    return _SHOWS if said.state.endswith("/repaired") else _SHOWS[:1]


def _code(of: Plot, row: Line) -> str:
    return of.stage.told[row.said.matter].spec.code


def _photo_id(city: City, ref: str, shows: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"geoapp/{city.code}/{ref}/{shows}")


def _pictured(of: Plot) -> list[Line]:
    """The tickets that get pictures: those of the stories people are led to first, the latest of each story before."""
    order = {story: nth for nth, story in enumerate(_FIRST_PICTURED)}
    told = [
        row for row in rows(of)
        if row.story.story in order and pictures.drawing(_code(of, row), False, 0) is not None and not row.said.again
    ]  # fmt: skip
    told.sort(key=lambda row: (order[row.story.story], row.said.age))
    return told[:PICTURED]
