"""The demo city's three lists: eighteen categories, some four thousand matters, nothing wrong with any line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from geoapp.assign.three_lists import ListKind, difference
from geoapp.city import City
from geoapp.demo import listed, town
from geoapp.demo import lists as demo_lists
from geoapp.intake import lists
from geoapp.store import cities
from geoapp.store import lists as stored
from geoapp.store.cluster import Server
from geoapp.store.database import Database
from geoapp.store.queries import matters

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def demo(shared_database: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, City]]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("GEOAPP_DATA_DIR", str(tmp_path_factory.mktemp("demo")))
        database = Database(shared_database)
        town.load(database.bulk, 0, 1, NOW)
        with database.bulk.connect() as connection:
            city = cities.city(connection, "demo")
        yield database.bulk, city
        database.close()


def test_the_catalogue_has_eighteen_categories_and_some_four_thousand_matters() -> None:
    for nth in (1, 2):
        found = list(listed.catalogue(nth))
        assert len({one.category for one in found}) == 18 == len(listed.CATEGORIES)
        assert 3_900 < len(found) < 4_100
        assert len({one.code for one in found}) == len({one.names["zh"] for one in found}) == len(found)
        assert len({one.names["en"] for one in found}) == len(found)
        assert all(re.search("[一-鿿]", one.names["zh"]) and re.match("[A-Z]", one.names["en"]) for one in found)
        assert all(one.std_code and one.minutes["disposal"] and one.filing_standard["zh"] for one in found)
        assert 40 <= sum(one.offered for one in found) <= 60
        assert any(not one.public for one in found) and any(one.urgent for one in found)


def test_both_batches_are_in_force_and_nothing_stands_in_their_way(demo: tuple[Engine, City]) -> None:
    engine, city = demo
    with engine.connect() as connection:
        batches = stored.batches(connection, city.id)
        assert [(str(one.list), one.number, str(one.state)) for one in batches] == [
            (str(kind), number, "in_force") for kind in ListKind for number in (1, 2)
        ]  # fmt: skip
        for batch in batches:
            day = batch.in_force_from.astimezone(city.zone).date()
            lines = lists.read_lines(batch.list, stored.with_batch(connection, batch.id))
            found = lists.check(connection, city, batch.list, lines, day)
            assert [one.words("en") for one in found.findings] == []
            if batch.list is ListKind.RESPONSIBILITIES:
                assert len(found.matrix) == 18 and sum(one.nobody for one in found.matrix) == 0
                assert sum(one.by_fallback for one in found.matrix) == 0


def test_the_second_batch_is_a_real_change_and_the_first_can_still_be_read(demo: tuple[Engine, City]) -> None:
    engine, city = demo
    with engine.connect() as connection:
        before = stored.in_force(connection, city.id, ListKind.CATALOGUE, NOW - timedelta(days=300))
        after = stored.in_force(connection, city.id, ListKind.CATALOGUE, NOW)
        changed = difference(before, after)
        assert len(changed.added) == 16 and len(changed.removed) == 20
        assert {tuple(one.fields) for one in changed.changed} == {("minutes",)}
        duties = [stored.duties(connection, city.id, NOW - ago) for ago in (timedelta(days=300), timedelta())]
        old, new = (dict.fromkeys(one.unit for one in of if one.category == "advertising") for of in duties)
        assert list(old) == [""] and len(new) == 5
        retired = text("SELECT count(*) FROM geoapp.matter WHERE city_id = :city AND retired_at IS NOT NULL")
        assert connection.execute(retired, {"city": city.id}).scalar_one() == 20


def test_each_party_of_an_asset_that_must_act_is_a_unit_and_each_unit_has_its_steps(demo: tuple[Engine, City]) -> None:
    engine, city = demo
    with engine.connect() as connection:
        steps = stored.in_force(connection, city.id, ListKind.IMPLEMENTATION, NOW)
        lacking = text(
            "SELECT count(*) FROM geoapp.unit u WHERE u.city_id = :city AND u.kind IN ('street_office', 'bureau', "
            "'company') AND NOT u.code = ANY(:with)"
        )
        values = {"city": city.id, "with": sorted({one["unit"] for one in steps.values()})}
        assert connection.execute(lacking, values).scalar_one() == 0
        assert all(one["names"].keys() == {"zh", "en"} for one in steps.values())


def test_the_form_offers_few_and_loading_again_changes_nothing(demo: tuple[Engine, City]) -> None:
    engine, city = demo
    demo_lists.settle(engine, city, NOW)
    town.load(engine, 0, 1, NOW)
    with engine.connect() as connection:
        assert 40 <= len(matters.offered(connection, city.id)) <= 60
        assert len(stored.batches(connection, city.id)) == 6
