"""What `geoapp check` finds: an installation that is well, and one whose server is too small for its threads."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from geoapp import health
from geoapp.intake.path import take
from geoapp.settings import Settings
from geoapp.store.cluster import needed_connections, private
from geoapp.store.database import Database
from geoapp.tickets.ticking import tick
from tests.make import SOURCE, make_city, make_report


def found(settings: Settings) -> dict[str, health.Finding]:
    return {finding.name: finding for finding in health.check(settings)}


def test_a_server_with_too_few_connections_for_the_threads_is_found(settings: Settings) -> None:
    assert found(settings)["connections"].healthy
    many = replace(settings, web_processes=4, web_threads=64)
    finding = found(many)["connections"]
    assert not finding.healthy and str(needed_connections(many)) in finding.remedy


def test_a_private_server_is_started_with_as_many_as_its_threads_need(settings: Settings) -> None:
    many = replace(settings, database_url="", web_processes=4, web_threads=64)
    assert private(many).connections == needed_connections(many) > 4 * 64 * 2


def test_clocks_that_ran_out_unheard_are_found(settings: Settings, db: Database) -> None:
    assert found(settings)["clocks"].healthy
    city = make_city(db.bulk)
    take(db.bulk, city, SOURCE, [make_report(said_at=datetime.now(UTC) - timedelta(hours=9))])
    assert not found(settings)["clocks"].healthy
    tick(db.bulk)
    assert found(settings)["clocks"].healthy
