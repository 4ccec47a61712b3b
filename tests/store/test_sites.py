"""A site's tickets and neighbours are found by its key, and what is hidden is counted for the inside only."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import shapely
from sqlalchemy import text

from geoapp.city import City, LayerSpec, city_from
from geoapp.intake.path import take
from geoapp.records import EVERYTHING, PUBLIC_ONLY
from geoapp.store import cities, layers
from geoapp.store.database import Database
from geoapp.store.queries import sites, ticket
from geoapp.store.queries.filters import Filters
from geoapp.store.queries.sites import Known
from importers.base import Report
from layers.base import Feature
from tests.pages.conftest import PACK, load

SAID = datetime(2026, 1, 1, tzinfo=UTC)
AT = (114.1, 20.1)
STREETS = LayerSpec("streets", "roads", "-", "code", {"zh": "name"}, {"zh": "道路"})


@pytest.fixture
def city(db: Database) -> City:
    """Four tickets on one spot, one of them hidden; others 60 m and 300 m away."""
    city = load(db, city_from(PACK))
    road = Feature("S-1", {"zh": "示例路"}, "official", shapely.LineString([(114.1005, 20.0), (114.1005, 20.2)]), "3")
    with db.bulk.begin() as connection:
        city = cities.save_city(connection, replace(city, layers=(*city.layers, STREETS)))
    reports = [
        Report(f"r{n}", SAID + timedelta(days=n), matter=matter, x=AT[0] + east, y=AT[1], public=n != 3)
        for n, (matter, east) in enumerate(
            [("pothole", 0.0), ("pothole", 0.0), ("step", 0.0), ("pothole", 0.0), ("dark", 0.0006), ("dark", 0.003)]
        )
    ]
    take(db.bulk, city, "probe", reports)
    with db.bulk.begin() as connection:
        layers.load(connection, city, STREETS, "roads", [road], {})
    return city


def spot(db: Database, city: City) -> Known:
    with db.web.connect() as connection:
        kind, key = connection.execute(
            text("SELECT s.kind, s.key FROM geoapp.site s JOIN geoapp.ticket k ON k.site_id = s.id LIMIT 1")
        ).one()
        found = sites.by_key(connection, city.id, kind, key)
    assert found is not None and found.kind == "spot"
    return found


def test_a_site_is_found_by_its_kind_and_key_alone(db: Database, city: City) -> None:
    site = spot(db, city)
    with db.web.connect() as connection:
        assert sites.by_key(connection, city.id, "asset", site.key) is None
        assert sites.by_key(connection, city.id + 1, site.kind, site.key) is None


def test_its_public_tickets_come_newest_first_with_what_happened_to_each(db: Database, city: City) -> None:
    site = spot(db, city)
    with db.web.connect() as connection:
        visits = sites.visits(connection, site.id, most=2)
        happened = ticket.happened(connection, [one.id for one in visits])
        openings = sites.openings(connection, site.id)
    assert [one.opened_at.day for one in openings] == [3, 2, 1]
    assert [one.opened_at.day for one in visits] == [3, 2] and visits[0].reports == 1
    assert [[event.name for event in happened[one.id]] for one in visits] == [["register"], ["register"]]


def test_the_same_matter_at_several_sites_is_counted_for_each_audience_since_a_day(db: Database, city: City) -> None:
    site = spot(db, city)
    with db.web.connect() as connection:
        everything = [site.id, *range(site.id + 1, site.id + 9), 10**9]
        matter = sites.openings(connection, site.id)[0].matter_id
        assert matter is not None
        found = sites.counts_at(connection, everything, sight=PUBLIC_ONLY, since=SAID)
        assert sum(n for (at, _), n in found.items() if at == site.id) == 3
        inside = sites.counts_at(connection, everything, sight=EVERYTHING, since=SAID)
        assert sum(n for (at, _), n in inside.items() if at == site.id) == 4
        since = SAID + timedelta(days=1)
        assert sum(sites.counts_at(connection, [site.id], sight=PUBLIC_ONLY, since=since).values()) == 2
        assert sites.counts_at(connection, [], sight=PUBLIC_ONLY, since=SAID) == {}


@pytest.mark.parametrize(("metres", "count"), [(30, 0), (100, 1), (400, 2)])
def test_what_lies_near_is_public_and_not_its_own(db: Database, city: City, metres: float, count: int) -> None:
    with db.web.connect() as connection:
        assert len(sites.near(connection, spot(db, city), metres)) == count


def test_the_nearest_road_is_told_with_how_far_it_is(db: Database, city: City) -> None:
    with db.web.connect() as connection:
        road = sites.nearest_road(connection, city.id, spot(db, city), 300)
        assert road is not None and road.names == {"zh": "示例路"} and 40 < road.metres < 65
        assert sites.nearest_road(connection, city.id, spot(db, city), 20) is None
        assert sites.shape(connection, city.id, "streets", "S-1") is not None
        assert sites.shape(connection, city.id, "streets", "S-2") is None


def test_sites_that_keep_coming_back_do_so_with_one_matter(db: Database, city: City) -> None:
    with db.web.connect() as connection:
        (found,) = sites.repeats(connection, Filters(city.id), most=5)
        assert (found.site.id, found.times, found.first.day, found.last.day) == (spot(db, city).id, 2, 1, 2)
        assert sites.repeats(connection, Filters(city.id, since=SAID + timedelta(days=1)), most=5) == []


def test_a_sites_history_is_found_by_index(db: Database, city: City) -> None:
    with db.bulk.connect() as connection:
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        query = "EXPLAIN SELECT * FROM geoapp.ticket WHERE site_id = 1 AND public ORDER BY opened_at DESC LIMIT 50"
        assert "ix_ticket_site" in str(connection.execute(text(query)).all())
