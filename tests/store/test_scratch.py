"""A database beside the installation's: a city copied into it is the same city, one rehearsal goes on at a time."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, create_engine

from geoapp.errors import RehearsalRuns
from geoapp.intake.path import take
from geoapp.records import UnitKind
from geoapp.settings import Settings
from geoapp.store import units
from geoapp.store.cluster import Server
from geoapp.store.database import Database
from geoapp.store.ground import ground
from geoapp.store.scratch import copy_city, scratch
from tests.make import SOURCE, make_city, make_report

NAME = "geoapp_rehearsal_test"


@pytest.fixture
def engine(database: Server) -> Engine:
    return create_engine(database.url("geoapp_bulk"))


def test_a_city_is_copied_and_what_is_done_there_is_not_done_here(
    engine: Engine, database: Server, settings: Settings
) -> None:
    make_city(engine)
    city = make_city(engine)
    with engine.begin() as connection:
        units.grow(connection, city)
    with scratch(settings, NAME) as server:
        copy_city(database, server, city.id)
        there = Database(server)
        taken = take(there.bulk, city, SOURCE, [make_report("R-1"), make_report("R-2", matter="Another")])
        assert [one.status for one in taken] == ["opened", "opened"] and not any(one.unowned for one in taken)
        with there.bulk.connect() as connection, engine.connect() as here:
            assert ground(connection, city).versions == ground(here, city).versions
            units.save(connection, city.id, "roads", {"en": "Roads"}, UnitKind.BUREAU)
        there.close()
    assert [one.status for one in take(engine, city, SOURCE, [make_report("R-1")])] == ["opened"]
    engine.dispose()


def test_one_goes_on_at_a_time_and_what_was_left_makes_room(settings: Settings, database: Server) -> None:
    with scratch(settings, NAME, keep=True) as server:
        city = make_city(create_engine(server.url("geoapp_bulk")))
        with pytest.raises(RehearsalRuns), scratch(settings, NAME):
            pass
    with scratch(settings, NAME) as server:
        assert make_city(create_engine(server.url("geoapp_bulk"))).id == 1 == city.id
