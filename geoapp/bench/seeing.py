"""What rights cost: the same answers for everybody, for people of a street office and for those of the whole city."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final

import psycopg

from geoapp.bench import town
from geoapp.bench.figure import Figure, at_percent, timed
from geoapp.bench.processes import environment, serving
from geoapp.bench.views import View, views
from geoapp.city import City
from geoapp.intake.run import fold_cells
from geoapp.people import entering
from geoapp.records import Role
from geoapp.store import accounts, units
from geoapp.store.acting import KEEPER, acting
from geoapp.store.cluster import SUPERUSER, Server
from geoapp.store.database import Database
from geoapp.tickets.writer import hide

ZOOMS: Final = range(9, 20)
ROUNDS: Final = 3
ROLES: Final = {"office": Role.UNIT_STAFF, "city": Role.DISPATCHER}


def measure(server: Server, city: City, folder: Path, rows: int) -> Iterator[Figure]:
    """A city of so many tickets, one in forty not public, asked by everybody and by people of the house, who have not
    asked the same before; the peer is everybody's answer to the same question."""
    database = Database(server)
    with psycopg.connect(server.conninfo(SUPERUSER), autocommit=True) as bare:
        _fill(bare, database, city, folder, rows)
        looked = views(bare, ZOOMS, 7)
    cookies = _cookies(database, city)
    with serving(environment(server, city, folder)) as port:
        caller = HTTPConnection("127.0.0.1", port, timeout=60)
        for name, address in (("map", _map_of), ("list", _list_of)):
            took: dict[str, list[float]] = {who: [] for who in cookies}
            for nth in range(ROUNDS):
                for view in looked:
                    # A little to the side each time: kept answers cost nothing, whoever asks.
                    path = address(city, _moved(view, nth))
                    for who, cookie in cookies.items():
                        took[who].append(timed(_ask, caller, path, cookie))
            yield from _figures(name, rows, took)
        caller.close()
    database.close()


def _figures(name: str, rows: int, took: Mapping[str, list[float]]) -> Iterator[Figure]:
    for who in ROLES:
        for percent in (50, 95):
            ours, theirs = at_percent(took[who], percent), at_percent(took["everybody"], percent)
            yield Figure(f"{name}_for_{who}_p{percent}_ms", rows, ours, "ms", "everybody", theirs)


def _fill(bare: psycopg.Connection[Any], database: Database, city: City, folder: Path, rows: int) -> None:
    town.fill(database, city, folder, town.make(), rows)
    # The matter that comes up about once in forty becomes private.
    bare.execute(
        "UPDATE geoapp.matter SET public = false WHERE id = (SELECT matter_id FROM geoapp.ticket "
        "WHERE matter_id IS NOT NULL GROUP BY 1 "
        "ORDER BY abs(count(*) - (SELECT count(*) FROM geoapp.ticket) / 40) LIMIT 1)"
    )
    with database.bulk.begin() as connection:
        hide(connection, city.id)
        units.grow(connection, city)
    fold_cells(database.bulk)
    bare.execute("ANALYZE geoapp.ticket")


def _cookies(database: Database, city: City) -> dict[str, str]:
    """The headers by which each caller is known."""
    found = {"everybody": ""}
    for name, role in ROLES.items():
        with acting(database.web, KEEPER) as connection:
            account = accounts.make(connection, name, name)
            office = next(one for one in units.every(connection, city.id) if one.parent is not None)
            accounts.give(connection, account, role, city.id, office.id if role == Role.UNIT_STAFF else None)
        found[name] = f"geoapp={entering.begin(database.web, account, timedelta(hours=1), '').shown}"
    return found


def _ask(caller: HTTPConnection, path: str, cookie: str) -> None:
    caller.request("GET", path, headers={"Cookie": cookie})
    answer = caller.getresponse()
    answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{answer.status}: {path}")


def _moved(view: View, nth: int) -> View:
    box = view.box
    aside = (box.east - box.west) * nth / 97
    return replace(view, box=replace(box, west=box.west + aside, east=box.east + aside))


def _map_of(city: City, view: View) -> str:
    return f"/api/clusters?city={city.code}&zoom={view.zoom}&bbox={_edges(view)}"


def _list_of(city: City, view: View) -> str:
    return f"/api/tickets?city={city.code}&bbox={_edges(view)}&state=open"


def _edges(view: View) -> str:
    return ",".join(f"{edge:.6f}" for edge in view.box.as_list())
