"""The reading side answers of one moment, by its indexes, and tells the insider what it hides from others."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from geoapp.city import City, city_from
from geoapp.intake.path import take
from geoapp.records import EVERYTHING
from geoapp.store.cells import fold
from geoapp.store.database import Database
from geoapp.store.mercator import Box
from geoapp.store.queries import clusters, matters, tickets
from geoapp.store.queries.filters import Filters
from importers.base import Report
from tests.pages.conftest import PACK, load

HERE = Box(114.0, 20.0, 115.0, 21.0)


@pytest.fixture
def city(db: Database) -> City:
    city = load(db, city_from(PACK))
    said = datetime(2026, 1, 1, tzinfo=UTC)
    reports = [
        Report(ref=str(n), said_at=said, body="x", x=114.05 + n / 100, y=20.05 + n / 100, public=n % 5 != 0)
        for n in range(80)
    ]
    take(db.bulk, city, "probe", reports)
    return city


@pytest.mark.parametrize("zoom", [0, 6, 12, 14, 15, 22])
def test_the_inside_sees_what_is_hidden_and_others_do_not(db: Database, city: City, zoom: int) -> None:
    with db.web.connect() as connection:
        inside = clusters.clusters(connection, Filters(city.id, boxes=(HERE,), sight=EVERYTHING), zoom)
        outside = clusters.clusters(connection, Filters(city.id, boxes=(HERE,)), zoom)
    assert sum(one.count for one in inside.clusters) == 80
    assert sum(one.count for one in outside.clusters) == 64


def test_half_folded_cells_count_every_ticket_once(db: Database, city: City) -> None:
    asked = Filters(city.id, boxes=(HERE,))
    for _ in range(8):
        with db.bulk.begin() as connection:
            fold(connection, 10)
        with db.web.connect() as connection:
            assert sum(one.count for one in clusters.clusters(connection, asked, 8).clusters) == 64
            assert clusters.total(connection, Filters(city.id)) == 64


def test_a_clusters_place_lies_among_its_tickets(db: Database, city: City) -> None:
    with db.web.connect() as connection:
        for zoom in (2, 10, 16):
            for one in clusters.clusters(connection, Filters(city.id, boxes=(HERE,)), zoom).clusters:
                assert 114.04 < one.lon < 114.9 and 20.04 < one.lat < 20.9


def test_words_that_are_patterns_are_only_words(db: Database, city: City) -> None:
    with db.web.connect() as connection:
        assert len(matters.matters_like(connection, city.id, "坑")) == 1
        for words in ("%", "_", "\\", "zh", '"'):
            assert matters.matters_like(connection, city.id, words) == ()


def test_a_page_ends_where_the_next_begins(db: Database, city: City) -> None:
    with db.web.connect() as connection:
        first, after = tickets.page(connection, Filters(city.id), 60)
        second, end = tickets.page(connection, Filters(city.id), 60, after)
    assert (len(first), len(second), end) == (60, 4, None)


def test_the_web_may_not_write_cells_or_events_anew(db: Database, city: City) -> None:
    for forbidden in ("DELETE FROM geoapp.event", "UPDATE geoapp.cell_total SET n = 0", "DELETE FROM private.reporter"):
        with db.web.connect() as connection, pytest.raises(Exception, match="permission denied"):
            connection.execute(text(forbidden))
