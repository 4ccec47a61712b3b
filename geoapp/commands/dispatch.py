"""The commands of dispatch: a list learned from the past, and how well it does on what it was not learned from."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from geoapp.assign.duties import Duty
    from geoapp.assign.learning import Learned
    from geoapp.assign.scoring import Score
    from geoapp.intake.dispatching import Listed
    from geoapp.intake.history import Past

_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
_EVIDENCE: Final = ("cases", "right", "precision")


@click.group()
def dispatch() -> None:
    """Whose a case is: lists learned and scored, and what another list would do."""


def _of_the_past(command: Callable[..., None]) -> Callable[..., None]:
    """The arguments of commands that read files of a source."""
    for option in (
        click.option("--hold-below", default=0.0, show_default=True,
                     help="A line that a smaller part of its cases bears out is held for a person."),
        click.option("--unit-column", help="The file's column that names who had it, if not the source's own."),
        click.option("--skip", "skipped", multiple=True, help="COLUMN=WORD: leave such rows out; may be repeated."),
        click.option("--city", "code", help="The city, where several are loaded."),
        click.argument("files", nargs=-1, required=True, type=_FILE),
        click.argument("source"),
    ):  # fmt: skip
        command = option(command)
    return command


@dispatch.command("learn")
@_of_the_past
def learn(
    source: str, files: tuple[Path, ...], code: str | None, skipped: tuple[str, ...], unit_column: str | None,
    hold_below: float,
) -> None:  # fmt: skip
    """The responsibilities that FILES of a SOURCE teach, as CSV with what speaks for each line."""
    click.echo(as_csv(_past(source, files, code, skipped, unit_column).learned(hold_below=hold_below)), nl=False)


@dispatch.command("score")
@_of_the_past
@click.option("--json", "as_json", is_flag=True, help="Print the scores as JSON lines.")
def score(
    source: str, files: tuple[Path, ...], code: str | None, skipped: tuple[str, ...], unit_column: str | None,
    hold_below: float, as_json: bool,
) -> None:  # fmt: skip
    """How well a list learned from a part of FILES answers on the rest, beside a dictionary from type to unit."""
    from geoapp.intake.history import scored

    past = _past(source, files, code, skipped, unit_column)
    for how in ("random", "time"):
        found = scored(past, how, hold_below)
        click.echo(json.dumps(found.as_dict()) if as_json else _words(found))


@dispatch.command("replay")
@click.option("--duties", type=_FILE, help="CSV of the list to try; without it the list in force.")
@click.option("--batch", "number", type=int, help="A stored batch to try, a draft too: before it comes into force.")
@click.option("--from", "before", type=_FILE, help="CSV of the list to compare with, if not the one in force.")
@click.option("--ground-of", "day", help="Compare with the layers that were in force on that day, or at that time.")
@click.option("--since", help="A day or a time: tickets opened from then on; a year ago, if nothing is said.")
@click.option("--until", help="A day (its end) or a time: tickets opened before.")
@click.option("--city", "code", help="The city, where several are loaded.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
def replay(
    duties: Path | None, number: int | None, before: Path | None, day: str | None, since: str | None,
    until: str | None, code: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Which tickets would go elsewhere by another list, or have gone elsewhere by other boundaries."""
    from datetime import UTC, datetime, timedelta

    from geoapp.commands.data import chosen_city, opened
    from geoapp.intake.dispatching import in_force, with_batch
    from geoapp.intake.replay import World
    from geoapp.intake.replay import replay as replayed
    from geoapp.intake.stages import beginning, moment
    from geoapp.store.ground import ground, ground_at

    if duties and number is not None:
        raise click.UsageError("Either a file is tried (--duties) or a stored batch (--batch).")
    database = opened()
    city = chosen_city(database, code)
    now = datetime.now(UTC)
    try:
        start = beginning(since, city) if since else now - timedelta(days=365)
        end, then = until and moment(until, city), day and moment(day, city)
    except ValueError as error:
        raise click.UsageError("--since, --until and --ground-of are days or times in ISO 8601.") from error
    with database.bulk.connect() as connection:
        here = ground(connection, city)
        there = ground_at(connection, city, then) if then else here
        if there is None:
            raise click.UsageError(f"No layers were in force at {day}.")
        stored = in_force(connection, city, now)
        draft = None if number is None else with_batch(connection, city, number)
        tried = _listed(duties) if duties else draft or stored
        old = _listed(before) if before else stored
        if tried is None:
            raise click.UsageError("The city has no list in force: --duties or --batch names one to try.")
        anew = there is here
        found = replayed(connection, city, World(old, there, anew), World(tried, here, anew), start, end or None)
    click.echo(json.dumps(found.as_dict(), ensure_ascii=False) if as_json else _told(found.as_dict()))


@dispatch.command("again")
@click.option("--city", "code", help="The city, where several are loaded.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
def again(code: str | None, as_json: bool) -> None:
    """Send what the list had held and another list, or other layers, make safe; the worker does so by itself."""
    from geoapp.commands.data import chosen_city, opened
    from geoapp.intake.again import again as sent_again

    database = opened()
    done = sent_again(database.bulk, chosen_city(database, code))
    if as_json:
        click.echo(json.dumps(asdict(done)))
        return
    click.echo(f"{done.looked:>9,}  tickets waited because the list had held them")
    click.echo(f"{done.sent:>9,}  of them are sent now, the others wait on")
    click.echo(f"{done.elsewhere:>9,}  that a unit has would go to another now: `geoapp dispatch replay` tells which")


def _listed(path: Path) -> Listed:
    """The list in a file, named by what it holds."""
    from geoapp.intake.dispatching import Listed

    return Listed(path.name, tuple(from_csv(path)))


def _told(told: Mapping[str, Any]) -> str:
    why = f" {told['held_by']}" if told["held_by"] else ""
    lines = [
        f"{told['tickets']:>9,}  tickets looked at, {told['same']:,} of them as before",
        f"{told['elsewhere']:>9,}  would go to another unit",
        f"{told['would_be_held']:>9,}  would wait for a person{why}",
        f"{told['would_be_sent']:>9,}  would go by themselves",
    ]
    lines += [
        f"{move['tickets']:>9,}  {move['from'] or '–'} → {move['to'] or '–'}  ({', '.join(move['examples'])})"
        for move in told["moves"]
    ]  # fmt: skip
    return "\n".join(lines)


def _past(
    source: str, files: Sequence[Path], code: str | None, skipped: Sequence[str], unit_column: str | None
) -> Past:
    from geoapp.commands.data import chosen_city, opened
    from geoapp.intake.history import past, read
    from importers import create

    importer = create(source)
    database = opened()
    city = chosen_city(database, code or importer.city)
    reports = list(read(importer, files, pairs(skipped), unit_column or ""))
    with database.bulk.connect() as connection:
        return past(connection, city, source, reports)


def pairs(skipped: Sequence[str]) -> list[tuple[str, str]]:
    """What --skip says: a column and a word each."""
    for one in skipped:
        if "=" not in one:
            raise click.UsageError(f"--skip {one}: COLUMN=WORD is meant.")
    return [(column, word) for column, _, word in (one.partition("=") for one in skipped)]


COLUMNS: Final = (
    "code", "category", "matter", "level", "area", "asset_class", "party", "unit", "assisting", "priority", "person",
    "valid_from", "valid_to", "fallback",
)  # fmt: skip


_TEXTS: Final = ("code", "category", "matter", "level", "area", "asset_class", "party", "unit", "person")


def as_csv(lines: Sequence[Learned]) -> str:
    """Lines as a table that lists are loaded from; the last columns say what speaks for each."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([*COLUMNS, *_EVIDENCE])
    for one in lines:
        fields: Mapping[str, object] = {name: getattr(one.duty, name) for name in COLUMNS}
        told = {
            **fields, "assisting": " ".join(one.duty.assisting), "valid_from": one.duty.valid_from or "",
            "valid_to": one.duty.valid_to or "", "fallback": "yes" if one.duty.fallback else "",
        }  # fmt: skip
        writer.writerow([*(told[name] for name in COLUMNS), one.cases, one.right, f"{one.precision:.3f}"])
    return stream.getvalue()


def from_csv(path: Path) -> list[Duty]:
    """The lines of such a table; columns may be missing, and others may stand beside them."""
    from geoapp.assign.duties import Duty

    found: list[Duty] = []
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            given = {name: (row.get(name) or "").strip() for name in COLUMNS}
            try:
                found.append(
                    Duty(
                        **{name: given[name] for name in _TEXTS}, assisting=tuple(given["assisting"].split()),
                        priority=int(given["priority"] or 0), valid_from=_day(given["valid_from"]),
                        valid_to=_day(given["valid_to"]), fallback=given["fallback"].lower() in ("yes", "1", "true"),
                    )
                )  # fmt: skip
            except ValueError as error:
                raise click.UsageError(f"{path.name}, line {given['code']}: {error}") from error
    if len({duty.code for duty in found}) < len(found):
        raise click.UsageError(f"{path.name}: several lines bear one code.")
    return found


def _day(words: str) -> date | None:
    return date.fromisoformat(words) if words else None


def _words(found: Score) -> str:
    told = found.as_dict()
    lines = [f"{found.how}: {told['lines']} lines, {told['held_percent']} % held {dict(found.held_by) or ''}"]
    for name in ("all", "several_owners", "dispatched", "several_owners_dispatched"):
        part = told[name]
        lines.append(
            f"  {name.replace('_', ' '):<26} {part['cases']:>8,} cases  list {part['list']} %  "
            f"dictionary {part['dictionary']} %  lift {part['lift']}"
        )
    return "\n".join(lines)
