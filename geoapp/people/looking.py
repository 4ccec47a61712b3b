"""Private data as somebody may see it: asked by the table of rights, and by the database again, and always noted.

A look is noted by the statement that reads, and that is on the disk before the caller has what was read: a page that
fails afterwards has looked all the same. An attempt at a report that was refused is noted too: whoever tries what is
not for them is what a log of looks is read for first. Where there is no such report nothing was looked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Never, TypeVar

from sqlalchemy import Connection, Engine

from geoapp.errors import NotAllowed, NotFound, ReasonNeeded
from geoapp.people import rights
from geoapp.people.rights import SEE_PRIVATE, Of
from geoapp.records import Person
from geoapp.store import acting as acts
from geoapp.store import looks
from geoapp.store.acting import NOBODY, acting
from geoapp.store.looks import Look, Original, Post, Reporter

Row = TypeVar("Row")

LONGEST_WHY: Final = 200


def reporter_of(engine: Engine, person: Person, report_id: int, why: str) -> Reporter | None:
    """Who said it; None where nobody left a name.

    Raises:
        NotFound, NotAllowed, ReasonNeeded
    """
    return _looked(engine, person, report_id, why, "reporter", looks.reporters)


def original_of(engine: Engine, person: Person, report_id: int, why: str) -> Original | None:
    """The words as they came; None where redaction left them as they were.

    Raises:
        NotFound, NotAllowed, ReasonNeeded
    """
    return _looked(engine, person, report_id, why, "original", looks.originals)


def post_of(engine: Engine, person: Person, report_id: int, why: str) -> Post | None:
    """Where a lead was published.

    Raises:
        NotFound, NotAllowed, ReasonNeeded
    """
    return _looked(engine, person, report_id, why, "post", looks.posts)


def log_of(
    engine: Engine, person: Person, city_id: int, report_id: int | None = None, *, login: str = "",
    before: int | None = None, most: int = 200,
) -> list[Look]:  # fmt: skip
    """Who looked at private data of a city, and who was refused: at one report, or one login, where it is named.

    Raises:
        NotAllowed: it is not for this person.
    """
    if not rights.may(person, "see_log", Of(city_id)):
        raise NotAllowed()
    # Whoever plays a part in a demo meets those who play in it, and nobody else.
    with acting(engine, acts.of(person)) as connection:
        return looks.looks(
            connection, city_id, report_id=report_id, login=login, before=before, most=most, played=person.demo
        )


def of_report(engine: Engine, report_id: int, person: Person | None = None) -> Of:
    """What rights ask of a report; whether it is somebody's own is known of the person who asks alone.

    Raises:
        NotFound: there is none such.
    """
    with acting(engine, acts.of(person) if person else NOBODY) as connection:
        found = looks.about(connection, report_id)
    if found is None:
        raise NotFound()
    return Of(found.city_id, found.units, found.area_keys, found.kind, found.account_id, found.earlier)


def _looked(
    engine: Engine, person: Person, report_id: int, why: str, what: str,
    read: Callable[[Connection, Sequence[int], str], list[Row]],
) -> Row | None:  # fmt: skip
    of = of_report(engine, report_id, person)
    if not rights.may(person, SEE_PRIVATE, of):
        _refuse(engine, person, report_id, of, what, why)
    if not why.strip() or len(why) > LONGEST_WHY:
        raise ReasonNeeded()
    with acting(engine, acts.of(person)) as connection:
        if looks.opens(connection, report_id):
            return next(iter(read(connection, [report_id], why)), None)
    # A role has just ended, the ticket has just moved: the database is right.
    _refuse(engine, person, report_id, of, what, why)


def _refuse(engine: Engine, person: Person, report_id: int, of: Of, what: str, why: str) -> Never:
    with acting(engine, acts.of(person)) as connection:
        looks.note_refused(connection, of.city_id, report_id, what, why[:LONGEST_WHY])
    raise NotAllowed()
