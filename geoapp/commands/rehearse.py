"""The command that goes through a past again in event time, in a database of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from geoapp.intake.rehearsing import Rehearsed

DEMO = "demo"
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("source")
@click.argument("files", nargs=-1, type=_FILE)
@click.option("--city", "code", help="The city, where several are loaded.")
@click.option("--skip", "skipped", multiple=True, help="COLUMN=WORD: leave such rows out; may be repeated.")
@click.option(
    "--hold-below",
    default=0.0,
    show_default=True,
    help="A learned line that a smaller part of its cases bears out is held for a person.",
)
@click.option("--tickets", default=50_000, show_default=True, help="Of the demo: how many tickets.")
@click.option("--seed", default=1, show_default=True, help="Of the demo: the same seed gives the same city.")
@click.option("--keep", is_flag=True, help="Keep the database; its name is printed.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
def rehearse(
    source: str, files: tuple[Path, ...], code: str | None, skipped: tuple[str, ...], hold_below: float, tickets: int,
    seed: int, keep: bool, as_json: bool,
) -> None:  # fmt: skip
    """Go through the reports of FILES of a SOURCE again as if they had been filed, dispatched, timed and settled here.

    SOURCE may be `demo`: the generated city's two years. Nothing of this installation is changed.
    """
    if (source == DEMO) == bool(files):
        raise click.UsageError("Name the files of a source, or `demo` and none.")
    if source == DEMO:
        found, kept = _demo(tickets, seed, keep)
    else:
        found, kept = _files(source, files, code, skipped, hold_below, keep)
    _print(found, kept if keep else "", as_json)


def _files(
    source: str, files: tuple[Path, ...], code: str | None, skipped: tuple[str, ...], hold_below: float, keep: bool
) -> tuple[Rehearsed, str]:  # fmt: skip
    from geoapp import settings as settings_module
    from geoapp.commands.data import chosen_city, opened
    from geoapp.commands.dispatch import pairs
    from geoapp.intake.became import apart
    from geoapp.intake.history import past, read
    from geoapp.intake.rehearsing import rehearse as go_through
    from geoapp.intake.weekly_lists import WeeklyLists
    from geoapp.store import cluster
    from geoapp.store.database import Database
    from geoapp.store.scratch import copy_city, scratch
    from importers import create

    settings = settings_module.read()
    importer = create(source)
    installed = opened()
    city = chosen_city(installed, code or importer.city)
    installed.close()
    reports = list(read(importer, files, pairs(skipped)))
    name = f"geoapp_rehearsal_{city.code}"
    with scratch(settings, name, keep=keep) as server, _counting(source, len(reports)) as progress:
        copy_city(cluster.ensure(settings), server, city.id)
        database = Database(server)
        with database.bulk.connect() as connection:
            known = past(connection, city, importer.source, reports)
        lists = WeeklyLists(database.bulk, city, known, hold_below)
        told = [apart(report) for report in reports]
        found = go_through(database.bulk, city, importer.source, told, lists.begin, progress)
        found.lists = lists.batches
        database.close()
    return found, name


def _demo(tickets: int, seed: int, keep: bool) -> tuple[Rehearsed, str]:
    from geoapp import settings as settings_module
    from geoapp.demo import life, town
    from geoapp.demo.rehearsal import rehearse as go_through
    from geoapp.store.database import Database
    from geoapp.store.scratch import scratch

    name = "geoapp_rehearsal_demo"
    with scratch(settings_module.read(), name, keep=keep) as server, _counting(DEMO, tickets) as progress:
        database = Database(server)
        now = datetime.now(UTC).replace(microsecond=0)
        city, stage = town.found(database.bulk, seed, now)
        found = go_through(database.bulk, city, life.plot(stage, tickets, seed, now), progress)
        database.close()
    return found, name


@contextmanager
def _counting(name: str, total: int) -> Iterator[Callable[[int, date], None]]:
    """A bar that says the day it is; in a terminal only."""
    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,} of {task.total:,} reports"),
        TimeElapsedColumn(), console=console, disable=not console.is_terminal, transient=True,
    ) as bar:  # fmt: skip
        task = bar.add_task(name, total=total)
        yield lambda done, day: bar.update(task, completed=done, description=f"{name} {day}")


def _print(found: Rehearsed, kept: str, as_json: bool) -> None:
    from geoapp.commands.figures import grid, table

    if as_json:
        click.echo(json.dumps(found.as_dict() | ({"database": kept} if kept else {}), ensure_ascii=False))
        return
    click.echo("\n".join(_lines(found.as_dict())))
    console = Console()
    console.print(table(found.whole))
    console.print(grid(found.years, {"held": found.held_by_year}))
    if kept:
        click.echo(f"Kept in the database {kept}; the next rehearsal takes its place.")


def _lines(told: Mapping[str, Any]) -> Iterator[str]:
    became = ", ".join(f"{name} {count:,}" for name, count in told["status"].items())
    held = ", ".join(f"{name} {count:,}" for name, count in told["held_by"].items())
    yield f"{told['reports']:>9,}  reports said from {told['first']} to {told['last']} ({became})"
    yield f"{told['before_any_list']:>9,}  tickets before there was any list, dispatched by hand"
    yield f"{told['sent']:>9,}  sent by the list in force, {told['sent_elsewhere']:,} to another than had it"
    yield f"{told['held']:>9,}  held for a person: {told['held_percent']} %{f' ({held})' if held else ''}"
    yield f"{told['lists']:>9,}  lists put into force"
    yield f"{told['over_at_once']:>9,}  over in the moment they were said"
    yield f"{told['moves']:>9,}  moves by people, {told['events']:,} events"
    yield f"{told['seconds']:>9,}  seconds, {told['events_per_second']:,} events a second"
