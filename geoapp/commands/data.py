"""Commands that bring data in: reports, the demo city."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from geoapp import settings as settings_module
from geoapp.city import City
from geoapp.records import Tally
from geoapp.store import cluster
from geoapp.store.cities import city as stored_city
from geoapp.store.database import Database


def opened() -> Database:
    """The installation's database, its cluster started if it is the private one."""
    return Database(cluster.ensure(settings_module.read()))


def chosen_city(database: Database, code: str | None) -> City:
    """The city named on the command line, else by GEOAPP_CITY, else the only one."""
    with database.bulk.connect() as connection:
        return stored_city(connection, code or settings_module.read().city)


@click.command("import")
@click.argument("source")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--city", "code", help="The city, where several are loaded.")
@click.option("--mapping", help="For `table` and `repairs`: the TOML that says what the columns mean.")
@click.option("--again", is_flag=True, help="No files: try the rows this source had to put aside once more.")
@click.option("--json", "as_json", is_flag=True, help="Print the tally as JSON.")
def import_(
    source: str, files: tuple[Path, ...], code: str | None, mapping: str | None, again: bool, as_json: bool
) -> None:
    """Import what SOURCE holds, reports or repairs, from FILES; safe to start again at any time."""
    import importers
    from geoapp.intake.run import run, run_again

    if bool(files) == again:
        raise click.UsageError("Name the files to import, or --again for rows put aside.")
    importer = importers.create(source, {"mapping": mapping} if mapping else None)
    database = opened()
    where = chosen_city(database, code or importer.city)
    with _counting(source) as progress:
        if again:
            tally = run_again(database.bulk, where, importer, progress)
        else:
            tally = run(database.bulk, where, importer, files, progress=progress)
    click.echo(json.dumps(tally.as_dict(), ensure_ascii=False) if as_json else words(tally, importer.provides))


def words(tally: Tally, provided: str = "reports") -> str:
    """A tally for people; reports open tickets, repairs are themselves what is new."""
    repairs = provided == "repairs"
    rate = tally.read / tally.seconds if tally.seconds else 0
    lines = [
        f"{tally.read:>9,}  read in {tally.seconds:.1f} s ({rate:,.0f} rows/s)",
        f"{tally.opened:>9,}  {'new repairs' if repairs else 'tickets opened'}",
        *([] if repairs else [f"{tally.attached:>9,}  attached to an open ticket"]),
        f"{tally.updated:>9,}  updates of known {provided}",
        f"{tally.seen:>9,}  seen before",
        f"{tally.unplaced:>9,}  kept without a place{_by(tally.unplaced_by)}",
        *([f"{tally.leads:>9,}  leads with a place that wait to be filed"] if tally.leads else []),
        *([] if repairs else [f"{tally.unowned:>9,}  of the tickets lie in no area"]),
        f"{sum(tally.rejected.values()):>9,}  rejected and kept{_by(tally.rejected)}",
    ]
    if tally.unread_columns:
        lines.append(f"Columns nobody reads: {', '.join(tally.unread_columns)}")
    return "\n".join(lines)


def _by(counts: object) -> str:
    listed = ", ".join(f"{name} {count:,}" for name, count in dict(counts).items())  # type: ignore[call-overload]
    return f": {listed}" if listed else ""


@click.command()
@click.option("--tickets", default=50_000, show_default=True, help="How many tickets to plant.")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same city.")
@click.option("--on", "code", metavar="CITY", help="Plant on the real layers of a loaded city, marked as made up.")
@click.option("--live", is_flag=True, help="Then keep new reports coming, until interrupted.")
@click.option("--rate", default=3.0, show_default=True, help="With --live: how many a minute, at busy hours.")
@click.option("--json", "as_json", is_flag=True, help="Print the tallies as JSON.")
def demo(tickets: int, seed: int, code: str | None, live: bool, rate: float, as_json: bool) -> None:
    """Load a generated city, marked as such, with two years of reports and the truth about them beside it."""
    from geoapp.demo.town import load, load_on

    database = opened()
    with _counting("demo", tickets) as progress:
        if code:
            planted = load_on(database.bulk, code, tickets, seed, progress=progress)
        else:
            planted = load(database.bulk, tickets, seed, progress=progress)
    if as_json:
        click.echo(json.dumps(planted.as_dict(), ensure_ascii=False))
    else:
        click.echo(words(planted.reports))
        click.echo(f"{planted.repairs.opened:>9,}  repairs, {planted.moves:,} moves made one by one")
        click.echo(f"{planted.pictured:>9,}  tickets with drawings, {planted.rated:,} ratings")
        click.echo(f"{planted.followed:>9,}  moves of tickets that the city has followed itself")
    if live:
        _keep_coming(database, code, seed, rate)


def _keep_coming(database: Database, code: str | None, seed: int, rate: float) -> None:
    import signal

    from geoapp.demo.live import Feed
    from geoapp.demo.town import live_stage

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    feed = Feed(database.bulk, *live_stage(database.bulk, code, seed))
    click.echo(f"New reports come in, about {rate:g} a minute; Ctrl-C ends it.", err=True)
    try:
        feed.run(rate)
    except KeyboardInterrupt:
        click.echo(f"{feed.reports:>9,}  new reports, {feed.moves:,} moves", err=True)


@contextmanager
def _counting(name: str, total: int | None = None) -> Iterator[Callable[[int, str], None]]:
    """A bar that says how many rows were read; in a terminal only."""
    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,} rows"), TimeElapsedColumn(),
        console=console, disable=not console.is_terminal, transient=True,
    ) as bar:  # fmt: skip
        task = bar.add_task(name, total=total)
        yield lambda rows, part: bar.update(task, completed=rows, description=f"{name} {part}")
