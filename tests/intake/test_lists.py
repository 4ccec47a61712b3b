"""The three lists in a database: drafted, put into force whole or not at all, read as of any day, and loaded again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from geoapp.assign.catalogue import CatalogueMatter
from geoapp.assign.duties import Duty
from geoapp.assign.implementation import Step
from geoapp.assign.three_lists import BatchState, Line, ListKind
from geoapp.city import City
from geoapp.errors import BadField, BatchRefused
from geoapp.intake import lists
from geoapp.intake.path import take
from geoapp.store import catalogue, units
from geoapp.store import lists as stored
from geoapp.store.database import Database
from geoapp.store.queries import matters
from tests.make import SOURCE, make_city, make_report

DAY = date(2025, 3, 1)
LATER = date(2025, 6, 1)
CATALOGUE = ListKind.CATALOGUE
DUTIES = ListKind.RESPONSIBILITIES
STEPS = ListKind.IMPLEMENTATION

_ROAD = {"zh": "道路", "en": "Road"}
HOLE = CatalogueMatter(
    "pothole", "road", {"zh": "路面坑洼", "en": "Pothole"}, _ROAD, keywords=("坑",), offered=True, std_code="0101",
    nature="component", filing_standard={"zh": "深度 3 cm 以上"}, minutes={"disposal": 1440},
)  # fmt: skip
STEP_GONE = CatalogueMatter("step", "road", {"zh": "台阶缺损", "en": "Broken step"}, _ROAD)
NOISE = CatalogueMatter("noise", "noise", {"zh": "噪声"}, {"zh": "噪声扰民"}, "life", {"zh": "生活"})


@pytest.fixture
def city(db: Database) -> City:
    made = make_city(db.bulk)
    with db.bulk.begin() as connection:
        units.grow(connection, made)
    return made


def draft(db: Database, city: City, kind: ListKind, lines: list[Line], day: date = DAY) -> stored.Batch:
    with db.bulk.begin() as connection:
        made = lists.take_in(connection, city, kind, lines, day, "shell:test", "because").batch
    assert made is not None
    return made


def load(db: Database, city: City, kind: ListKind, lines: list[Line], day: date = DAY, despite: str = "") -> None:
    lists.put_into_force(db.bulk, city, draft(db, city, kind, lines, day), despite)


@contextmanager
def reading(db: Database) -> Iterator[Connection]:
    with db.bulk.connect() as connection:
        yield connection


def as_of(db: Database, city: City, kind: ListKind, day: date) -> dict[str, object]:
    with reading(db) as connection:
        return dict(stored.in_force(connection, city.id, kind, lists.start_of(day, city)))


def matter(engine: Engine, city: City, code: str) -> dict[str, object]:
    query = text(
        "SELECT m.*, c.code AS category, p.code AS parent FROM geoapp.matter m "
        "JOIN geoapp.category c ON c.id = m.category_id LEFT JOIN geoapp.category p ON p.id = c.parent_id "
        "WHERE m.city_id = :city AND m.code = :code"
    )
    with engine.connect() as connection:
        return dict(connection.execute(query, {"city": city.id, "code": code}).mappings().one())


def test_a_list_is_read_as_it_was_on_any_day(db: Database, city: City) -> None:
    load(db, city, CATALOGUE, [HOLE, STEP_GONE])
    load(db, city, CATALOGUE, [replace(HOLE, urgent=True), NOISE], LATER)
    assert as_of(db, city, CATALOGUE, DAY - timedelta(days=1)) == {}
    assert as_of(db, city, CATALOGUE, DAY).keys() == {"pothole", "step"}
    before, after = as_of(db, city, CATALOGUE, LATER - timedelta(days=1)), as_of(db, city, CATALOGUE, LATER)
    assert before.keys() == {"pothole", "step"} and after.keys() == {"pothole", "noise"}
    assert "urgent" not in before["pothole"] and after["pothole"]["urgent"]  # type: ignore[operator, index]
    with reading(db) as connection:
        first, second = stored.batches(connection, city.id, CATALOGUE)
        assert (second.number, second.base, second.brought, second.taken) == (2, 1, 2, 1)
        assert stored.with_batch(connection, first.id).keys() == {"pothole", "step"}
        assert lists.read_lines(CATALOGUE, stored.with_batch(connection, first.id)) == [HOLE, STEP_GONE]
        assert stored.number_in_force(connection, city.id, CATALOGUE, lists.start_of(LATER, city)) == 2


def test_a_batch_of_the_catalogue_makes_changes_and_retires_matters(db: Database, city: City) -> None:
    load(db, city, CATALOGUE, [HOLE, STEP_GONE, NOISE])
    hole = matter(db.bulk, city, "pothole")
    assert hole["names"] == HOLE.names and hole["minutes"] == {"disposal": 1440} and hole["std_code"] == "0101"
    assert hole["filing_standard"] == {"zh": "深度 3 cm 以上"} and hole["nature"] == "component" and hole["offered"]
    assert matter(db.bulk, city, "noise")["parent"] == "life"
    load(db, city, CATALOGUE, [HOLE, NOISE], LATER)
    assert matter(db.bulk, city, "step")["retired_at"] == lists.start_of(LATER, city)
    load(db, city, CATALOGUE, [HOLE, NOISE, STEP_GONE], LATER)
    assert matter(db.bulk, city, "step")["retired_at"] is None
    # What the pack had and no list ever has, stays.
    assert matter(db.bulk, city, "collapse")["retired_at"] is None


def test_a_pack_loaded_again_leaves_what_the_catalogue_says(db: Database, city: City) -> None:
    load(db, city, CATALOGUE, [replace(HOLE, public=False, names={"zh": "坑"})])
    catalogue.save_catalogue(db.bulk, city)
    assert matter(db.bulk, city, "pothole")["names"] == {"zh": "坑"}
    assert not matter(db.bulk, city, "pothole")["public"]


def test_tickets_of_a_matter_that_becomes_private_are_hidden(db: Database, city: City) -> None:
    taken = take(db.bulk, city, SOURCE, [make_report()])
    load(db, city, CATALOGUE, [replace(HOLE, public=False)])
    with reading(db) as connection:
        query = text("SELECT public FROM geoapp.ticket WHERE id = :id")
        assert connection.execute(query, {"id": taken[0].ticket_id}).scalar_one() is False


def test_a_form_files_a_matter_that_only_the_catalogue_offers(db: Database, city: City) -> None:
    load(db, city, CATALOGUE, [HOLE, replace(STEP_GONE, offered=True)])
    taken = take(db.web, city, "web", [make_report(category="road", matter="step")])
    with reading(db) as connection:
        query = text("SELECT m.code FROM geoapp.ticket k JOIN geoapp.matter m ON m.id = k.matter_id WHERE k.id = :id")
        assert connection.execute(query, {"id": taken[0].ticket_id}).scalar_one() == "step"
        assert {line.code for line in matters.offered(connection, city.id)} >= {"pothole", "step"}


def test_a_batch_that_names_what_there_is_not_is_refused_unless_somebody_says_why(db: Database, city: City) -> None:
    bad = draft(db, city, DUTIES, [Duty("R1", matter="pothole", unit="nobody"), Duty("R2", unit="A1")])
    with pytest.raises(BatchRefused, match="there is no unit nobody: R1"):
        lists.put_into_force(db.bulk, city, bad)
    assert as_of(db, city, DUTIES, DAY) == {}
    lists.put_into_force(db.bulk, city, bad, "it is founded next week")
    assert as_of(db, city, DUTIES, DAY).keys() == {"R1", "R2"}
    with reading(db) as connection:
        assert stored.batches(connection, city.id, DUTIES)[0].despite == "it is founded next week"
        assert stored.duties(connection, city.id, datetime.now(UTC)) == (
            Duty("R1", matter="pothole", unit="nobody"), Duty("R2", unit="A1"),
        )  # fmt: skip


def test_batches_come_into_force_one_after_the_other(db: Database, city: City) -> None:
    first = draft(db, city, CATALOGUE, [HOLE])
    second = draft(db, city, CATALOGUE, [HOLE, NOISE], LATER)
    with pytest.raises(BatchRefused, match="drawn up against batch 1"):
        lists.put_into_force(db.bulk, city, second)
    with db.bulk.begin() as connection, pytest.raises(BatchRefused, match="Batch 2"):
        lists.withdraw(connection, city, CATALOGUE, 1)
    with db.bulk.begin() as connection:
        lists.withdraw(connection, city, CATALOGUE, 2)
    lists.put_into_force(db.bulk, city, first)
    with pytest.raises(BatchRefused, match="in force"):
        lists.put_into_force(db.bulk, city, first)
    with db.bulk.begin() as connection, pytest.raises(BatchRefused, match="later, on 2025-03-01"):
        lists.take_in(connection, city, CATALOGUE, [NOISE], DAY - timedelta(days=1), "shell:test", "too early")
    third = draft(db, city, CATALOGUE, [NOISE], LATER)
    assert (third.number, third.base, third.brought, third.taken) == (3, 1, 1, 1)


def free(db: Database, city: City, batch: stored.Batch, despite: str = "") -> None:
    with db.web.begin() as connection:
        lists.release(connection, city, batch.list, batch.number, despite)


def test_a_draft_waits_for_somebodys_word_and_for_its_day(db: Database, city: City) -> None:
    tomorrow = datetime.now(city.zone).date() + timedelta(days=1)
    first = draft(db, city, CATALOGUE, [HOLE])
    later = draft(db, city, CATALOGUE, [HOLE, NOISE], tomorrow)
    with pytest.raises(BatchRefused, match="comes into force on"):
        lists.put_into_force(db.bulk, city, later)
    with pytest.raises(BatchRefused, match="drawn up against batch 1"):
        free(db, city, later)
    lists.put_due_into_force(db.bulk)
    with reading(db) as connection:
        assert {one.state for one in stored.batches(connection, city.id)} == {BatchState.DRAFT}
    free(db, city, first)
    free(db, city, later)
    lists.put_due_into_force(db.bulk)
    with reading(db) as connection:
        states = [one.state for one in stored.batches(connection, city.id)]
    assert states == [BatchState.IN_FORCE, BatchState.DRAFT]


def test_what_is_refused_on_its_day_waits_for_somebodys_word_again(db: Database, city: City) -> None:
    load(db, city, CATALOGUE, [HOLE])
    bad = draft(db, city, DUTIES, [Duty("R1", matter="nothing", unit="A1")])
    with pytest.raises(BatchRefused, match="nothing"):
        free(db, city, bad)
    good = draft(db, city, DUTIES, [Duty("R1", matter="pothole", unit="A1")])
    with db.bulk.begin() as connection:
        lists.withdraw(connection, city, DUTIES, good.number)
        lists.withdraw(connection, city, DUTIES, bad.number)
    held = draft(db, city, DUTIES, [Duty("R2", matter="pothole", unit="A1")])
    free(db, city, held)
    with db.bulk.begin() as connection:
        connection.execute(text("UPDATE geoapp.unit SET active = false WHERE code = 'A1'"))
    lists.put_due_into_force(db.bulk)
    with reading(db) as connection:
        (now,) = [one for one in stored.batches(connection, city.id, DUTIES) if one.number == held.number]
        assert (now.state, now.released_at) == (BatchState.DRAFT, None)
        assert stored.due(connection, datetime.now(UTC)) == []
    free(db, city, held, "the unit comes back next week")
    lists.put_due_into_force(db.bulk)
    with reading(db) as connection:
        now = stored.batch(connection, city.id, DUTIES, held.number)
    assert (now.state, now.despite) == (BatchState.IN_FORCE, "the unit comes back next week")


def test_a_catalogue_says_which_matters_go_while_they_are_named(db: Database, city: City) -> None:
    load(db, city, CATALOGUE, [HOLE, NOISE])
    load(db, city, DUTIES, [Duty("R1", matter="noise", level="offices")])
    with reading(db) as connection:
        found = lists.check(connection, city, CATALOGUE, [HOLE], DAY)
    assert [(one.kind, one.what, one.lines, one.refused) for one in found.findings] == [
        ("matter_named", "noise", ("R1",), False)
    ]


def test_responsibilities_may_name_what_a_draft_of_the_catalogue_brings(db: Database, city: City) -> None:
    draft(db, city, CATALOGUE, [HOLE, NOISE])
    duty = Duty("R1", matter="noise", level="offices")
    with reading(db) as connection:
        assert lists.check(connection, city, DUTIES, [duty], DAY).refused == ()
        assert lists.check(connection, city, DUTIES, [duty], DAY, drafts=False).refused != ()


def test_the_check_asks_the_layers_the_units_and_the_catalogue(db: Database, city: City) -> None:
    load(db, city, CATALOGUE, [HOLE, NOISE])
    duties = [
        Duty("R1", category="road", level="offices"),
        Duty("R2", matter="noise", level="districts", area="D1", unit="D1"),
        Duty("R3", matter="noise", level="offices", area="A9"), Duty("R4", level="wards", unit="D1"),
    ]  # fmt: skip
    with reading(db) as connection:
        found = lists.check(connection, city, DUTIES, duties, DAY)
        steps = lists.check(connection, city, STEPS, [Step("S1", "A1", 1, {"zh": "看"}, matter="none")], DAY)
    kinds = {(one.kind, one.what) for one in found.findings}
    assert ("area_unknown", "offices/A9") in kinds and ("level_unknown", "wards") in kinds
    gaps = {one.what.partition(":")[0]: one.counts for one in found.findings if one.kind == "gap"}
    assert gaps["noise"] == {"pairs": 2, "matters": 1, "areas": 2} and "road" not in gaps
    assert [one.kind for one in steps.findings] == ["matter_unknown"]


def test_nothing_is_drafted_where_nothing_differs_and_a_reason_is_needed(db: Database, city: City) -> None:
    load(db, city, CATALOGUE, [HOLE])
    with db.bulk.begin() as connection:
        assert lists.take_in(connection, city, CATALOGUE, [HOLE], LATER, "shell:test", "none").batch is None
        with pytest.raises(BadField):
            lists.take_in(connection, city, CATALOGUE, [], LATER, "shell:test", "  ")


def test_lines_are_only_ever_appended(db: Database, city: City) -> None:
    load(db, city, CATALOGUE, [HOLE])
    for statement in ("UPDATE geoapp.list_line SET code = 'x'", "DELETE FROM geoapp.list_line"):
        with db.bulk.connect() as connection, pytest.raises(DBAPIError):
            connection.execute(text(statement))


def test_a_line_that_fails_in_the_database_leaves_no_batch_in_force(
    db: Database, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = draft(db, city, CATALOGUE, [HOLE, NOISE])

    def broken(*_: object) -> None:
        raise OSError("the light went out")

    with monkeypatch.context() as during:
        during.setattr(lists.list_catalogue, "bring", broken)
        with pytest.raises(OSError, match="light"):
            lists.put_into_force(db.bulk, city, made)
    assert as_of(db, city, CATALOGUE, DAY) == {}
    lists.put_into_force(db.bulk, city, made)
    assert as_of(db, city, CATALOGUE, DAY).keys() == {"pothole", "noise"}


def test_filters_list_what_has_tickets_and_what_the_form_offers(db: Database, city: City) -> None:
    load(db, city, CATALOGUE, [HOLE, STEP_GONE, NOISE])
    take(db.bulk, city, SOURCE, [make_report(category="Road", matter="Step")])
    with reading(db) as connection:
        assert {line.code for line in matters.public(connection, city.id)} == {"pothole", "collapse", "road/step"}
    load(db, city, CATALOGUE, [STEP_GONE, NOISE], LATER)
    take(db.bulk, city, "web", [make_report("R-2", category="road", matter="pothole")])
    with reading(db) as connection:
        # Retired, it is offered no more; with a ticket it can still be filtered by.
        assert {line.code for line in matters.offered(connection, city.id)} == {"collapse", "quarrel"}
        assert {line.code for line in matters.public(connection, city.id)} == {"pothole", "collapse", "road/step"}
