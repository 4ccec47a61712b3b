"""Units kept by whoever looks after them: made and changed, never below themselves; each deed is noted."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from sqlalchemy import Connection, Engine

from geoapp.city import City
from geoapp.errors import BadField, BeyondReach, UnitInvalid, UnitTaken, UnknownUnit
from geoapp.people import duty
from geoapp.people.entering import RESERVED
from geoapp.people.keeper import CONSOLE, Keeper, check_changes
from geoapp.records import UnitKind
from geoapp.store import deeds, units
from geoapp.store.acting import acting
from geoapp.store.units import Unit

CONTACTS: Final = ("phone", "email", "address")
"""What a unit's public contacts may hold."""

NO_PARENT: Final = "There is no such unit to stand below."
NO_FALLBACK: Final = "There is no such unit to fall back on, or it is the unit itself."
BELOW_ITSELF: Final = "A unit cannot stand below itself."
NO_AREA: Final = "There is no area %(word)s."
NO_CODE: Final = "A code has 1 to 60 characters."
NO_NAME: Final = "A unit has a name."
_LONGEST_CODE: Final = 60


@dataclass(frozen=True, slots=True)
class Data:
    """All that is kept of a unit; parent and fallback are codes, areas are layer/code."""

    code: str
    names: Mapping[str, str]
    kind: UnitKind
    parent: str | None = None
    areas: tuple[str, ...] = ()
    duty: Sequence[duty.Span] = ()
    contacts: Mapping[str, str] | None = None
    fallback: str | None = None
    active: bool = True


def data_of(connection: Connection, city: City, unit: Unit) -> Data:
    """A unit as it is."""
    known = units.areas(connection, city.id, unit.area_keys)
    return Data(
        unit.code, dict(unit.names), unit.kind or UnitKind.BUREAU, unit.parent,
        tuple(one.word for one in known.values()), tuple(unit.duty), dict(unit.contacts), unit.fallback, unit.active,
    )  # fmt: skip


def save(engine: Engine, city: City, data: Data, *, new: bool = False, by: Keeper = CONSOLE) -> tuple[str, ...]:
    """Make a unit, or change one; the names of what changed.

    Raises:
        UnitTaken: a new one's code is taken. UnknownUnit: there is none to change.
        BadField, UnitInvalid: it cannot be so; the fields say why.
        BeyondReach, NotAllowed
    """
    check_keeps(by, city)
    with acting(engine, by.identity) as connection:
        units.hold(connection, city.id)
        before = _before(connection, city, data.code)
        if new and before is not None:
            raise UnitTaken(data.code)
        if not new and before is None:
            raise UnknownUnit(data.code)
        check(connection, city, data)
        return put(connection, city, data, before)


def check_keeps(by: Keeper, city: City) -> None:
    """Go on only for somebody who may change the city's units.

    Raises:
        BeyondReach, NotAllowed
    """
    check_changes(by)
    if not by.keeps_units_of(city.id):
        raise BeyondReach()


def check(connection: Connection, city: City, data: Data) -> None:
    """Go on only if a unit may be so.

    Raises:
        BadField: its fields say why not.
    """
    wrong: dict[str, str] = {}
    if not data.code.strip() or len(data.code) > _LONGEST_CODE or data.code in RESERVED:
        wrong["code"] = NO_CODE
    if not any(data.names.values()):
        wrong["names"] = NO_NAME
    if data.parent is not None and _before(connection, city, data.parent) is None:
        wrong["parent"] = NO_PARENT
    if data.fallback is not None and (data.fallback == data.code or not _before(connection, city, data.fallback)):
        wrong["fallback"] = NO_FALLBACK
    missing = set(data.areas) - units.areas_called(connection, city.id, data.areas).keys()
    facts: dict[str, Any] = {"word": min(missing)} if missing else {}
    if missing:
        wrong["areas"] = NO_AREA
    if wrong:
        raise BadField(", ".join(wrong), fields=wrong, **facts)


def put(connection: Connection, city: City, data: Data, before: Unit | None) -> tuple[str, ...]:
    """Write a unit that may be so, and note which of its data changed.

    Raises:
        UnitInvalid: it would come to stand below itself.
    """
    changed = ALL if before is None else differs(data_of(connection, city, before), data)
    if before is not None and before.kind is None and "kind" not in changed:
        changed = (*changed, "kind")
    if not changed:
        return ()
    try:
        unit_id = units.save(
            connection, city.id, data.code, data.names, data.kind, parent=data.parent, fallback=data.fallback,
            duty=data.duty, contacts=data.contacts, active=data.active,
        )  # fmt: skip
    except UnitInvalid as error:
        raise UnitInvalid(error.detail, fields={"parent": BELOW_ITSELF}) from error
    if "areas" in changed:
        known = units.areas_called(connection, city.id, data.areas)
        units.set_areas(connection, unit_id, [one.key for one in known.values()])
    what = "unit_made" if before is None else "unit_changed"
    deeds.note(connection, what, city_id=city.id, unit_id=unit_id, fields=list(changed) if before else None)
    return changed


def differs(before: Data, after: Data) -> tuple[str, ...]:
    """The names of what is not the same."""
    return tuple(name for name in ALL if _plain(getattr(before, name)) != _plain(getattr(after, name)))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: word for name, word in value.items() if word}
    if isinstance(value, tuple | list):
        return sorted(json.dumps(one, sort_keys=True) for one in value)
    return value or None if isinstance(value, str) else value


ALL: Final = tuple(one.name for one in fields(Data) if one.name != "code")


def _before(connection: Connection, city: City, code: str) -> Unit | None:
    try:
        return units.find(connection, city.id, code)
    except UnknownUnit:
        return None
