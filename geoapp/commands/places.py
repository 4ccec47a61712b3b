"""Commands about where things are: reports that wait for a place, places corrected, names kept by hand."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from getpass import getuser

import click
from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from geoapp.city import called
from geoapp.commands.data import chosen_city, opened
from geoapp.errors import BadField
from geoapp.records import Problem

_CITY = click.option("--city", "code", help="The city, where several are loaded.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")

# A longitude west of Greenwich starts with a hyphen and is no option.
_WORDS = {"ignore_unknown_options": True}


def _actor() -> str:
    """Who acts at a terminal."""
    return f"shell:{getuser()}"


@click.command()
@_CITY
@click.option("--problem", type=click.Choice([str(one) for one in Problem]), help="Only those of one problem.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 10_000), help="How many to show.")
@_JSON
def unplaced(code: str | None, problem: str | None, limit: int, as_json: bool) -> None:
    """The reports that wait for a place, and why; `geoapp place` gives them one."""
    from geoapp.store.queries import waiting

    database = opened()
    city = chosen_city(database, code)
    with database.bulk.connect() as connection:
        counts = waiting.counts(connection, city.id)
        rows = waiting.page(connection, city.id, problem, limit=limit)
    if as_json:
        for row in rows:
            click.echo(json.dumps({**asdict(row), "said_at": row.said_at.isoformat()}, ensure_ascii=False))
        return
    click.echo(", ".join(f"{name or 'unknown'} {n:,}" for name, n in counts.items()) or "No report waits for a place.")
    click.echo(f"{'report':>9}  {'problem':<12}  reference  matter  words")
    for row in rows:
        what = called(row.matter_names or {}, city.languages[0], "-")
        words = " · ".join(part for part in (row.address, row.body) if part)
        click.echo(f"{row.id:>9}  {row.problem or '':<12}  {row.ref or '-'}  {what}  {words[:100]}")


@click.command(context_settings=_WORDS)
@click.argument("subject")
@click.argument("point")
@_CITY
@click.option("--alias", help="Keep this name for the point: texts that say it are placed here from now on.")
@click.option("--reason", default="", help="Why the name means this place.")
def place(subject: str, point: str, code: str | None, alias: str | None, reason: str) -> None:
    """Say where SUBJECT is: the number of a ticket, or the key of a report that waits. POINT is LON,LAT in WGS-84."""
    from geoapp.intake import aliases, relocate
    from geoapp.intake.path import check_place
    from geoapp.store.aliases import Alias
    from geoapp.tickets.relocations import Spot

    database = opened()
    city = chosen_city(database, code)
    lon, lat = lon_lat(point)
    named = Alias(
        (alias or "").strip(), point=(lon, lat), radius_m=aliases.RADIUS_M, reason=reason or f"report {subject}"
    )
    if problem := check_place(database.bulk, city, lon, lat, "WGS-84"):
        raise BadField(f"lon, lat: {problem}", fields={"lon": str(problem)})
    if alias:
        with database.bulk.connect() as connection:
            aliases.check(connection, city, named)
    if subject.isdecimal():
        done = relocate.place(database.bulk, city, {int(subject): Spot.by_hand(lon, lat)}, _actor())
        if not done:
            raise click.ClickException(f"No report {subject} waits for a place.")
        click.echo(done[0].number)
    else:
        relocate.move(database.bulk, city, subject, Spot.by_hand(lon, lat), _actor())
        click.echo(subject)
    if alias:
        with database.bulk.begin() as connection:
            aliases.keep(connection, city, named, _actor())


@click.command()
@_CITY
@_JSON
def relocate(code: str | None, as_json: bool) -> None:
    """Locate again whatever waits for a place or was placed by its words: after a load of layers, or new names."""
    from geoapp.intake.relocate import locate_again

    database = opened()
    city = chosen_city(database, code)
    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), TextColumn("{task.completed:,} reports"), TimeElapsedColumn()
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task("relocate", total=None)
        done = locate_again(database.bulk, city, progress=lambda read: bar.update(task, completed=read))
    if as_json:
        click.echo(json.dumps(asdict(done)))
        return
    click.echo(f"{done.read:>9,}  reports located again")
    click.echo(f"{done.opened:>9,}  had waited and are tickets now")
    click.echo(f"{done.moved:>9,}  tickets moved to a better place")
    click.echo(f"{done.doubtful:>9,}  tickets stay although their words no longer say where")


@click.group()
def alias() -> None:
    """Names kept by hand: what people call a place that no layer calls so."""


@alias.command("list")
@_CITY
@_JSON
def alias_list(code: str | None, as_json: bool) -> None:
    """The names in use."""
    from geoapp.store import aliases

    database = opened()
    city = chosen_city(database, code)
    with database.bulk.connect() as connection:
        for one in aliases.kept(connection, city.id):
            if as_json:
                click.echo(json.dumps({**asdict(one), "recorded_at": one.recorded_at.isoformat()}, ensure_ascii=False))
            else:
                meaning = one.alias.of or "{:.6f},{:.6f}".format(*(one.alias.point or (math.nan, math.nan)))
                click.echo(f"{one.alias.name}  =  {meaning}  ({one.alias.reason}; {one.actor})")


@alias.command("keep", context_settings=_WORDS)
@click.argument("name")
@click.argument("meaning")
@_CITY
@click.option("--reason", required=True, help="Why: who says so, and how often it was seen.")
@click.option("--replace", is_flag=True, help="It is kept for another place already: correct that.")
def alias_keep(name: str, meaning: str, code: str | None, reason: str, replace: bool) -> None:
    """Let NAME mean MEANING: a name that a layer has, or a point LON,LAT."""
    from geoapp.intake import aliases
    from geoapp.store.aliases import Alias

    database = opened()
    city = chosen_city(database, code)
    point = lon_lat(meaning) if meaning[:1] in "-0123456789" and "," in meaning else None
    with database.bulk.begin() as connection:
        kept = Alias(name.strip(), None if point else meaning, point, aliases.RADIUS_M if point else None, reason)
        aliases.keep(connection, city, kept, _actor(), replace=replace)
    click.echo(f"{kept.name} is kept; what waits for it is placed by the worker, or by `geoapp relocate` now.")


@alias.command("retire")
@click.argument("name")
@_CITY
def alias_retire(name: str, code: str | None) -> None:
    """Let NAME mean nothing any more."""
    from geoapp.store import aliases

    database = opened()
    city = chosen_city(database, code)
    with database.bulk.begin() as connection:
        if not aliases.retire(connection, city.id, name.strip()):
            raise click.ClickException(f"No name {name} is kept.")
    click.echo(f"{name.strip()} means nothing any more; `geoapp relocate` tells which tickets that leaves in doubt.")


def lon_lat(words: str) -> tuple[float, float]:
    """A point written as LON,LAT."""
    try:
        lon, lat = (float(part) for part in words.split(","))
    except ValueError:
        raise click.UsageError(f"{words} is not LON,LAT in degrees.") from None
    if not (math.isfinite(lon) and math.isfinite(lat)):
        raise click.UsageError(f"{words} is not LON,LAT in degrees.")
    return lon, lat
