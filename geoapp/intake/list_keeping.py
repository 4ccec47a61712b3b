"""The three lists kept by whoever looks after them: drafted, released, withdrawn, rulings gathered; deeds are noted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection, Engine

from geoapp.assign.list_check import Checked
from geoapp.assign.three_lists import Line, ListKind
from geoapp.city import City
from geoapp.errors import BeyondReach
from geoapp.intake import lists, rulings
from geoapp.intake.dispatching import Listed, in_force
from geoapp.intake.replay import Replayed, World, replay
from geoapp.intake.rulings import Gathered
from geoapp.people.keeper import CONSOLE, Keeper, check_changes
from geoapp.store import accounts, deeds
from geoapp.store import lists as stored
from geoapp.store.acting import acting
from geoapp.store.ground import ground
from geoapp.store.lists import Batch
from geoapp.store.queries import matters

CONSOLE_AUTHOR: Final = "shell"


def author_of(by: Keeper) -> str:
    """As whom a batch keeps its author."""
    return f"account:{by.account_id}" if by.account_id is not None else CONSOLE_AUTHOR


def check_keeps(by: Keeper, city: City) -> None:
    """Go on only for somebody who may change the city's lists.

    Raises:
        BeyondReach, NotAllowed
    """
    check_changes(by)
    if not by.keeps_lists_of(city.id):
        raise BeyondReach()


def draft(
    engine: Engine, city: City, wanted: Mapping[ListKind, Sequence[Line]], since: date, reason: str,
    by: Keeper = CONSOLE,
) -> list[Batch]:  # fmt: skip
    """Lists as they are to be, each whole, as drafts, all of them or none; where nothing differs there is none.

    Raises:
        BadField, BatchRefused, BeyondReach, NotAllowed
    """
    check_keeps(by, city)
    with acting(engine, by.identity) as connection:
        done = [
            lists.take_in(connection, city, kind, lines, since, author_of(by), reason).batch
            for kind, lines in wanted.items()
        ]
        made = [batch for batch in done if batch]
        for batch in made:
            _note(connection, city, "list_drafted", batch, batch.reason)
    return made


def release(engine: Engine, city: City, kind: ListKind, number: int, despite: str, by: Keeper = CONSOLE) -> Batch:
    """A draft is to come into force, on its day or at once: the worker sees to it.

    Raises:
        UnknownBatch, BatchRefused, BadField, BeyondReach, NotAllowed
    """
    check_keeps(by, city)
    with acting(engine, by.identity) as connection:
        done = lists.release(connection, city, kind, number, despite)
        _note(connection, city, "list_released", done, done.despite or "")
    return done


def withdraw(engine: Engine, city: City, kind: ListKind, number: int, by: Keeper = CONSOLE) -> None:
    """A draft is never to come into force.

    Raises:
        UnknownBatch, BatchRefused, BeyondReach, NotAllowed
    """
    check_keeps(by, city)
    with acting(engine, by.identity) as connection:
        lists.withdraw(connection, city, kind, number)
        _note(connection, city, "list_withdrawn", stored.batch(connection, city.id, kind, number), "")


def gather(engine: Engine, city: City, by: Keeper = CONSOLE) -> Gathered:
    """The rulings that are open, as a draft of the responsibilities.

    Raises:
        BatchRefused, BeyondReach, NotAllowed
    """
    check_keeps(by, city)
    with acting(engine, by.identity) as connection:
        done = rulings.gather(connection, city, author_of(by))
        if done.drafted and done.drafted.batch:
            _note(connection, city, "list_drafted", done.drafted.batch, done.drafted.batch.reason)
    return done


def _note(connection: Connection, city: City, what: str, batch: Batch, reason: str) -> None:
    deeds.note(connection, what, city_id=city.id, list=str(batch.list), batch=batch.number, reason=reason)


# What a draft would do


def checked(connection: Connection, city: City, batch: Batch, today: date) -> Checked:
    """All that is wrong with a batch, on its day or, where that is past, today; the transaction may see accounts."""
    lines = lists.read_lines(batch.list, stored.with_batch(connection, batch.id))
    known = [one for one in accounts.every(connection) if not one.demo]
    persons = frozenset(name for one in known for name in (one.login, one.name)) or None
    day = max(batch.in_force_from.astimezone(city.zone).date(), today)
    return lists.check(connection, city, batch.list, lines, day, persons=persons)


def tried(connection: Connection, city: City, batch: Batch, since: datetime, now: datetime) -> Replayed:
    """Which tickets opened since then would go elsewhere by a batch of the responsibilities than by those in force."""
    here = ground(connection, city)
    duties = stored.duties_with(connection, batch.id)
    drafted = Listed(f"draft {batch.number}", duties, natures=matters.natures(connection, city.id))
    return replay(connection, city, World(in_force(connection, city, now), here), World(drafted, here), since)
