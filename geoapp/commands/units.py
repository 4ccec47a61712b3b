"""The commands that look after units: the tree, one of them told or changed, and lists taken in and written out."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from geoapp.city import City, called
from geoapp.people import duty, tables, unit_keeping, unit_lists
from geoapp.people.unit_keeping import CONTACTS, Data
from geoapp.records import UnitKind
from geoapp.store import roster, units
from geoapp.store.acting import KEEPER, acting
from geoapp.store.units import Unit

_CITY = click.option("--city", "city_code", help="The city, where several are loaded.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def unit() -> None:
    """Look after units."""


@unit.command("list")
@_CITY
@_JSON
def list_(city_code: str | None, as_json: bool) -> None:
    """The tree; what only reports have named stands at its end."""
    from geoapp.commands.data import chosen_city, opened

    database = opened()
    city = chosen_city(database, city_code)
    with acting(database.web, KEEPER) as connection:
        known = units.every(connection, city.id)
    if as_json:
        click.echo(json.dumps([_told(one) for one in known], ensure_ascii=False))
        return
    for depth, one in _in_order(known):
        closed = "" if one.active else "  not in use"
        click.echo(f"{'  ' * depth}{one.code}  {called(one.names, city.languages[0])}  {one.kind or '-'}{closed}")


def _in_order(known: Sequence[Unit]) -> Iterator[tuple[int, Unit]]:
    below: dict[str | None, list[Unit]] = defaultdict(list)
    for one in known:
        below[one.parent].append(one)
    waiting = [(0, one) for one in reversed(below[None])]
    while waiting:
        depth, one = waiting.pop()
        yield depth, one
        waiting += [(depth + 1, each) for each in reversed(below.pop(one.code, []))]


@unit.command()
@click.argument("code")
@_CITY
@_JSON
def show(code: str, city_code: str | None, as_json: bool) -> None:
    """One unit: what is kept of it, and how many people are of it."""
    from geoapp.commands.data import chosen_city, opened

    database = opened()
    city = chosen_city(database, city_code)
    with acting(database.web, KEEPER) as connection:
        found = units.find(connection, city.id, code)
        data = unit_keeping.data_of(connection, city, found)
        staff = roster.staffing(connection, city.id).get(found.id)
    told = {
        **_told(found), "areas": list(data.areas), "people": staff.people if staff else 0,
        "heads": staff.heads if staff else 0,
    }  # fmt: skip
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    for name, value in told.items():
        click.echo(f"{name:>10}  {duty.write(value) if name == 'duty' else value}")


@unit.command()
@click.argument("code")
@_CITY
@click.option("--new", is_flag=True, help="Make it; without, it is changed.")
@click.option("--name-zh")
@click.option("--name-en")
@click.option("--kind", type=click.Choice([str(kind) for kind in UnitKind]))
@click.option("--below", help="The code of the unit above it; - for none.")
@click.option("--fallback", help="The code of the unit it falls back on; - for none.")
@click.option("--area", "areas", multiple=True, help="An area it is for, layer/code; may come again.")
@click.option("--duty", "hours", help="1-5 09:00-18:00; 6 09:00-12:00. Monday is 1.")
@click.option("--phone", help="Public; so are the next two.")
@click.option("--email")
@click.option("--address")
@click.option("--active/--closed", default=None, help="Whether it is in use.")
def save(code: str, city_code: str | None, new: bool, **said: Any) -> None:
    """Make a unit, or change what is said of it."""
    from geoapp.commands.data import chosen_city, opened

    database = opened()
    city = chosen_city(database, city_code)
    data = _data(database.web, city, code, new, said)
    changed = unit_keeping.save(database.web, city, data, new=new)
    click.echo("made" if new else f"changed: {', '.join(changed) or 'nothing'}", err=True)


def _data(engine: Any, city: City, code: str, new: bool, said: dict[str, Any]) -> Data:
    if new and not said["kind"]:
        raise click.UsageError("A new unit has a --kind.")
    before = Data(code, {}, UnitKind.BUREAU, contacts={})
    if not new:
        with acting(engine, KEEPER) as connection:
            before = unit_keeping.data_of(connection, city, units.find(connection, city.id, code))
    try:
        spans = before.duty if said["hours"] is None else duty.read(said["hours"])
    except ValueError as error:
        raise click.BadParameter("Write them like this: 1-5 09:00-18:00; 6 09:00-12:00", param_hint="--duty") from error
    names = {of: word for of in ("zh", "en") if (word := said[f"name_{of}"])}
    contacts = {of: said[of] for of in CONTACTS if said[of] is not None}
    return replace(
        before, names={**before.names, **names}, kind=UnitKind(said["kind"]) if said["kind"] else before.kind,
        areas=said["areas"] or before.areas, duty=spans, contacts={**(before.contacts or {}), **contacts},
        active=before.active if said["active"] is None else said["active"],
        parent=_code(said["below"], before.parent), fallback=_code(said["fallback"], before.fallback),
    )  # fmt: skip


def _code(word: str | None, before: str | None) -> str | None:
    return before if word is None else None if word == "-" else word


@unit.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_CITY
@_JSON
def import_(file: Path, city_code: str | None, as_json: bool) -> None:
    """Take in a list of units from an Excel or CSV FILE: all of it or, where anything is wrong, nothing.

    A unit is known by its code; what a row leaves empty stays, a dash empties it. `export` shows the columns.
    """
    from geoapp.commands.data import chosen_city, opened

    entries, faults = unit_lists.read(tables.read(file.read_bytes(), file.name))
    if faults:
        raise click.ClickException("\n".join(["Nothing was taken in:", *map(str, faults)]))
    database = opened()
    taken = unit_lists.take_in(database.web, chosen_city(database, city_code), entries)
    if as_json:
        click.echo(json.dumps({"made": taken.made, "changed": taken.changed}))
        return
    click.echo(f"{taken.made} made, {taken.changed} changed", err=True)


@unit.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@_CITY
def export(file: Path, city_code: str | None) -> None:
    """Write the units of a city to an Excel FILE, as `import` reads it."""
    from geoapp.commands.data import chosen_city, opened

    database = opened()
    city = chosen_city(database, city_code)
    with acting(database.web, KEEPER) as connection:
        file.write_bytes(unit_lists.book(connection, city, city.languages[0]))


def _told(one: Unit) -> dict[str, Any]:
    return {
        "code": one.code, "names": one.names, "kind": one.kind and str(one.kind), "parent": one.parent,
        "duty": one.duty, "contacts": one.contacts, "fallback": one.fallback, "active": one.active,
    }  # fmt: skip
