"""`geoapp ticket`, `geoapp lead`, `geoapp disputes`: whoever may read the files acts as the house does."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from geoapp.cli import main
from geoapp.intake.path import take
from geoapp.store.cluster import SUPERUSER, Server
from geoapp.store.database import Database
from tests.intake.test_leads import post
from tests.make import SOURCE, make_report
from tests.tickets.acting_town import Town, make_ticket, make_town


@pytest.fixture
def town(db: Database) -> Town:
    return make_town(db.bulk)


def run(database: Server, *arguments: str) -> Result:
    environ = {"GEOAPP_DATABASE_URL": database.url(SUPERUSER)}
    return CliRunner().invoke(main, list(arguments), env=environ)


def test_a_ticket_is_moved_from_the_terminal(db: Database, database: Server, town: Town) -> None:
    number = make_ticket(db.bulk, town, "1")
    assert run(database, "ticket", "move", number, "queue").exit_code == 2
    assert (
        run(database, "ticket", "move", number.lower(), "queue", "--as", "dispatcher").output.split()[1]
        == "to_dispatch"
    )
    wrong = run(database, "ticket", "move", number, "dispatch", "--as", "dispatcher", "--given", "unit=nobody")
    assert wrong.exit_code == 1 and "unit: no_unit" in wrong.output
    told = run(database, "ticket", "move", number, "dispatch", "--given", "unit=S1", "--given", "assisting=B", "--json")
    assert told.exit_code == 0, told.output
    assert json.loads(told.output)["state"] == "to_sign"
    given = ("--given", "reason=not_ours", "--given", "proposal=S2")
    assert run(database, "ticket", "move", number, "dispute", "--as", "dispatcher", *given).exit_code == 0
    assert number in run(database, "disputes").output


def test_a_lead_is_moved_from_the_terminal(db: Database, database: Server, town: Town) -> None:
    (found,) = take(db.bulk, town.city, "mediacrawler", [post()])
    take(db.bulk, town.city, SOURCE, [make_report(ref="other")])
    key = str(found.report_id)
    assert key in run(database, "lead", "list").output
    assert run(database, "lead", "move", key, "check", "--given", "how=desk").output.strip() == "checking"
    filed = run(database, "lead", "move", key, "file")
    assert filed.exit_code == 0 and filed.output.startswith("filed "), filed.output
