"""What tests of the intake share: the engine of the importing role, and the small city in a database of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine

from geoapp.city import City
from geoapp.store.cluster import Server
from tests.make import make_city


@pytest.fixture
def engine(database: Server) -> Iterator[Engine]:
    """The role that imports."""
    engine = create_engine(database.url("geoapp_bulk"), pool_size=8)
    yield engine
    engine.dispose()


@pytest.fixture
def city(engine: Engine) -> City:
    """The small city, loaded."""
    return make_city(engine)
