"""Private data as somebody may see it: asked by the table of rights, kept by the database, noted by the query."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Engine

from geoapp.errors import NotAllowed, NotFound, ReasonNeeded
from geoapp.people import rights
from geoapp.people.rights import SEE_PRIVATE, Of
from geoapp.records import Person
from geoapp.store import looks
from geoapp.store.acting import Identity, acting
from geoapp.store.looks import Look, Original, Post, Reporter

LONGEST_WHY: Final = 200


def reporter_of(engine: Engine, person: Person, report_id: int, why: str) -> Reporter | None:
    """Who said it; None where nobody left a name.

    Raises:
        NotFound, NotAllowed, ReasonNeeded
    """
    with acting(engine, _identity(engine, person, report_id, why)) as connection:
        return next(iter(looks.reporters(connection, [report_id], why)), None)


def original_of(engine: Engine, person: Person, report_id: int, why: str) -> Original | None:
    """The words as they came; None where redaction left them as they were.

    Raises:
        NotFound, NotAllowed, ReasonNeeded
    """
    with acting(engine, _identity(engine, person, report_id, why)) as connection:
        return next(iter(looks.originals(connection, [report_id], why)), None)


def post_of(engine: Engine, person: Person, report_id: int, why: str) -> Post | None:
    """Where a lead was published.

    Raises:
        NotFound, NotAllowed, ReasonNeeded
    """
    with acting(engine, _identity(engine, person, report_id, why)) as connection:
        return next(iter(looks.posts(connection, [report_id], why)), None)


def log_of(engine: Engine, person: Person, city_id: int, report_id: int | None = None) -> list[Look]:
    """Who looked at private data of a city, of one report where it is named.

    Raises:
        NotAllowed: it is not for this person.
    """
    if not rights.may(person, "see_log", Of(city_id)):
        raise NotAllowed()
    # Names of others are shown too: that is what the log is for.
    with acting(engine, Identity(person.account_id, reads_log_of=city_id, manages_people=True)) as connection:
        return looks.looks(connection, city_id, report_id=report_id)


def of_report(engine: Engine, report_id: int) -> Of:
    """What rights ask of a report.

    Raises:
        NotFound: there is none such.
    """
    with engine.connect() as connection:
        found = looks.about(connection, report_id)
    if found is None:
        raise NotFound()
    return Of(found.city_id, found.units, found.area_keys, found.kind, earlier=found.earlier)


def _identity(engine: Engine, person: Person, report_id: int, why: str) -> Identity:
    of = of_report(engine, report_id)
    if not rights.may(person, SEE_PRIVATE, of):
        raise NotAllowed()
    if not why.strip() or len(why) > LONGEST_WHY:
        raise ReasonNeeded()
    return Identity(person.account_id, reads_private_of=of.city_id)
