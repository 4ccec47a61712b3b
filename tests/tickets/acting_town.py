"""A small town for tests of acting: units in a tree, somebody of each role, tickets, and what each move needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sqlalchemy import Connection, Engine, text

from geoapp.city import City
from geoapp.intake.path import take
from geoapp.lifecycle import LEAD_MOVES, MOVES, FieldKind, State, line
from geoapp.people.rights import needs_unit
from geoapp.records import Holding, Person, Role, UnitKind
from geoapp.store import units
from geoapp.tickets.acts import Deed
from geoapp.tickets.work import Doer, Picture, by_account, by_reporter
from tests.make import SOURCE, make_city, make_report

REPORTER = "reporter"
WHOS = (*Role, REPORTER)
SOON = (datetime.now(UTC) + timedelta(days=20)).date().isoformat()
LATER = (datetime.now(UTC) + timedelta(days=40)).date().isoformat()
PLAIN = {"queue", "sign", "pass", "fail", "submit", "archive", "redo", "reopen", "resume", "remind", "note"}


@dataclass
class Town:
    """The city, its units by code, and a person of each role, those of units in the street office S1."""

    city: City
    units: dict[str, int]
    people: dict[str, Person] = field(default_factory=dict)

    def doer(self, who: str) -> Doer:
        """Somebody of that role, or whoever holds the receipt."""
        return by_reporter() if who == REPORTER else by_account(self.people[who])


def make_town(engine: Engine) -> Town:
    """Build it."""
    city = make_city(engine)
    with engine.begin() as connection:
        made = {
            code: units.save(connection, city.id, code, {"zh": code}, kind, parent=parent)
            for code, kind, parent in (
                ("D", UnitKind.DISTRICT, None), ("S1", UnitKind.STREET_OFFICE, "D"), ("C1", UnitKind.CREW, "S1"),
                ("S2", UnitKind.STREET_OFFICE, "D"), ("B", UnitKind.BUREAU, None),
            )
        }  # fmt: skip
        line_of = units.line(connection, made["S1"])
    town = Town(city, made)
    for nth, role in enumerate(Role, 1):
        held = Holding(role, city.id, line_of if needs_unit(role) else ())
        town.people[role] = Person(nth, str(role), str(role), "zh", (held,))
    return town


def make_ticket(
    engine: Engine, town: Town, ref: str, *, unit: str | None = "S1", reports: int = 1, **more: object
) -> str:
    """A ticket of that unit with so many reports; its number."""
    number = take(engine, town.city, SOURCE, [make_report(ref=ref, **more)])[0].number
    assert number is not None
    for nth in range(1, reports):
        take(engine, town.city, SOURCE, [make_report(ref=f"{ref}", body=f"第{nth}次反映", **more)])
    with engine.begin() as connection:
        put(connection, number, unit=town.units[unit] if unit else None)
    return number


def put(connection: Connection, number: str, **columns: object) -> None:
    """Set columns of a ticket by hand."""
    assigned = ", ".join(f"{'unit_id' if name == 'unit' else name} = :{name}" for name in columns)
    connection.execute(
        text(f"UPDATE geoapp.ticket SET {assigned} WHERE number = :number"), {**columns, "number": number}
    )


def stand(connection: Connection, number: str, state: State, ended_at: datetime | None = None) -> None:
    """Put a ticket in a state by hand."""
    over = state in (State.SETTLED, State.CLOSED, State.DECLINED, State.MERGED, State.WITHDRAWN)
    put(connection, number, state=state.value, ended_at=(ended_at or datetime.now(UTC)) if over else None)


_BY_KIND = {FieldKind.TEXT: "已到现场", FieldKind.DAY: SOON, FieldKind.NUMBER: "10", FieldKind.AMOUNT: "1200"}
_BY_NAME = {
    "unit": "S2", "proposal": "S2", "owner": "S1", "units": "S1,S2", "assisting": "S2", "due": LATER, "review": LATER,
    "matter": "collapse",
}  # fmt: skip


def said(name: str, other: str = "", reports: str = "") -> dict[str, str]:
    """All that a move needs, in words."""
    move = next(one for one in (*MOVES, *LEAD_MOVES) if one.name == name)
    found = {}
    for one in move.fields:
        if one.needed:
            first = next(iter(one.choices), "")
            found[one.name] = first or _BY_NAME.get(one.name) or _BY_KIND.get(one.kind, "")
            if one.kind is FieldKind.TICKET:
                found[one.name] = other
            if one.kind is FieldKind.REPORTS:
                found[one.name] = reports
    return found | ({"unit": "C1"} if name == "delegate" else {})


def deed(number: str, name: str, other: str = "", reports: str = "", seen: int | None = None, **more: str) -> Deed:
    """A move with all it needs."""
    words = said(name, other, reports) | more
    with_photo = any(one.kind is FieldKind.PHOTO and one.needed_when for one in line(name).fields)
    return Deed(number, name, words, seen, picture() if with_photo else None)


def picture() -> Picture:
    """A photo that might be anywhere."""
    return Picture(uuid4(), 640, 480, "0" * 64)
