"""The commands of the three lists: loaded, checked, compared, put into force, exported and shown, batch by batch."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from getpass import getuser
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from sqlalchemy import Connection

from geoapp.assign.duties import Duty
from geoapp.assign.list_check import Checked
from geoapp.assign.list_sheet import names_of
from geoapp.assign.ruled import Fate
from geoapp.assign.three_lists import BatchState, Difference, Line, ListKind, by_code, difference, plain
from geoapp.city import City
from geoapp.commands import list_reading
from geoapp.errors import BatchRefused, ListInvalid
from geoapp.intake.list_reading import Found
from geoapp.store.database import Database
from geoapp.store.lists import Batch

_SHOWN = 20
_CITY = click.option("--city", "code", help="The city, where several are loaded.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_LANGUAGE = click.option(
    "--language", type=click.Choice(["zh", "en"]), default="en", show_default=True, help="In which to speak of lines."
)
_AS = click.option("--as", "of", type=click.Choice([str(kind) for kind in ListKind]), help="Which of the three lists.")
_BATCH = click.option("--batch", "number", type=int, help="The number of the batch; else the newest.")
_DESPITE = click.option("--despite", default="", metavar="REASON", help="Why, although something stands in its way.")
_DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def lists() -> None:
    """The catalogue of matters, the responsibilities, the units' implementation lists; in numbered batches."""


@lists.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_CITY
@_AS
@click.option("--mapping", default="", help="For another's file: a TOML file, or one of those at hand by name.")
@click.option("--from", "since", type=_DAY, help="The day from which it is in force; else today.")
@click.option("--reason", required=True, help="Why the list changes.")
@click.option("--apply", "at_once", is_flag=True, help="Put it into force, at once or on its day.")
@_DESPITE
@click.option("--units", "make_units", is_flag=True, help="Make the units that another's file names.")
@_LANGUAGE
@_JSON
def load(
    file: Path, code: str | None, of: str | None, mapping: str, since: datetime | None, reason: str, at_once: bool,
    despite: str, make_units: bool, language: str, as_json: bool,
) -> None:  # fmt: skip
    """Load FILE (Excel or CSV) as the next batch of a list, a draft; where a cell is wrong nothing is taken in."""
    from geoapp.store.catalogue import unit_ids

    database, city = _opened(code)
    with _working(f"reading {file.name}"):
        read = list_reading.read(file, ListKind(of) if of else None, language, city, mapping)
    for found in read:
        _refuse_faults(found, language, as_json)
    day = since.date() if since else _today(city)
    for found in read:
        if make_units:
            unit_ids(database.bulk, city, dict(found.units))
        batch = _taken(database, city, found, day, reason, language, as_json)
        if batch and at_once:
            # One after the other: what one list names, the one before it has brought.
            _put(database, city, [batch], despite, as_json)


def _refuse_faults(found: Found, language: str, as_json: bool) -> None:
    """End here, with all that is wrong, where anything is."""
    if not found.faults:
        return
    if as_json:
        faults = [{"row": one.row, "column": one.column, "said": one.words(language)} for one in found.faults]
        click.echo(json.dumps({"list": str(found.kind), "rows": found.rows, "faults": faults}, ensure_ascii=False))
    else:
        for one in found.faults:
            click.echo(one.words(language), err=True)
    raise ListInvalid(f"{len(found.faults):,} faults in {found.rows:,} rows; nothing was taken in.")


def _taken(
    database: Database, city: City, found: Found, since: date, reason: str, language: str, as_json: bool
) -> Batch | None:
    from geoapp.intake.lists import check, take_in

    with _working(f"{found.kind}: comparing and checking"), database.bulk.begin() as connection:
        done = take_in(connection, city, found.kind, found.lines, since, _actor(), reason)
        checked = check(connection, city, found.kind, found.lines, since, persons=_persons(database))
    batch = done.batch and done.batch.number
    if as_json:
        said = {"list": str(found.kind), "batch": batch, "rows": found.rows, **_counts(done.difference)}
        click.echo(json.dumps({**said, "unread_columns": found.unread, **_checked(checked)}, ensure_ascii=False))
        return done.batch
    click.echo(f"{found.rows:>9,}  rows read, {found.kind}")
    for name, count in _counts(done.difference).items():
        click.echo(f"{count:>9,}  lines {name}")
    if found.unread:
        click.echo(f"Columns nobody reads: {', '.join(found.unread)}")
    _tell(checked, language)
    click.echo(f"Batch {batch}, a draft from {since}." if batch else "The list is so already: no batch was made.")
    if batch and found.kind is ListKind.RESPONSIBILITIES:
        click.echo(f"`geoapp dispatch replay --batch {batch}` says which tickets would go elsewhere by it.")
    return done.batch


def _counts(found: Difference) -> dict[str, int]:
    return {
        "added": len(found.added), "changed": len(found.changed), "removed": len(found.removed),
        "unchanged": found.same,
    }  # fmt: skip


@lists.command()
@_CITY
@_AS
@_BATCH
@click.option("--at", "when", type=_DAY, help="The day for which it is looked over; else that of the batch.")
@_LANGUAGE
@_JSON
@click.pass_context
def check(
    context: click.Context, code: str | None, of: str | None, number: int | None, when: datetime | None, language: str,
    as_json: bool,
) -> None:  # fmt: skip
    """Look a batch over, draft or not: names nobody knows, gaps, overlaps, lines that never answer."""
    from geoapp.intake.lists import check as checking
    from geoapp.intake.lists import read_lines
    from geoapp.store import lists as stored

    database, city = _opened(code)
    refused = False
    with database.bulk.connect() as connection:
        for batch in _chosen(connection, city, of, number):
            with _working(f"{batch.list}: checking"):
                lines = read_lines(batch.list, stored.with_batch(connection, batch.id))
                day = when.date() if when else max(_day(batch, city), _today(city))
                found = checking(connection, city, batch.list, lines, day, persons=_persons(database))
            refused = refused or bool(found.refused)
            if as_json:
                click.echo(
                    json.dumps({"list": str(batch.list), "batch": batch.number, **_checked(found)}, ensure_ascii=False)
                )
            else:
                click.echo(f"{batch.list} {batch.number}: {len(lines):,} lines, {len(found.findings):,} findings")
                _tell(found, language)
    if refused:
        context.exit(1)


@lists.command()
@_CITY
@_AS
@click.option("--from", "before", type=int, help="The earlier batch; else the one it was drawn up against.")
@click.option("--to", "number", type=int, help="The later batch; else the newest.")
@click.option("--file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A file instead of a batch.")
@_LANGUAGE
@_JSON
def diff(
    code: str | None, of: str | None, before: int | None, number: int | None, file: Path | None, language: str,
    as_json: bool,
) -> None:  # fmt: skip
    """What a batch changed, or what FILE would: lines added, removed, and changed field by field."""
    from geoapp.intake.lists import latest
    from geoapp.store import lists as stored

    database, city = _opened(code)
    with database.bulk.connect() as connection:
        if file is not None:
            for found in list_reading.read(file, ListKind(of) if of else None, language, city):
                _refuse_faults(found, language, as_json)
                before_ = latest(connection, city, found.kind)
                _differ(found.kind, difference(before_, by_code(found.lines)), language, as_json)
            return
        for batch in _chosen(connection, city, of, number):
            base = before if before is not None else batch.base
            earlier = (
                stored.with_batch(connection, stored.batch(connection, city.id, batch.list, base).id) if base else {}
            )
            found_ = difference(earlier, stored.with_batch(connection, batch.id))
            _differ(batch.list, found_, language, as_json, f"{base} → {batch.number}")


def _differ(kind: ListKind, found: Difference, language: str, as_json: bool, between: str = "") -> None:
    if as_json:
        click.echo(json.dumps({"list": str(kind), **found.as_dict()}, ensure_ascii=False))
        return
    counts = ", ".join(f"{count:,} {name}" for name, count in _counts(found).items())
    click.echo(f"{kind} {between}: {counts}".replace(" :", ":"))
    names = names_of(kind)
    for sign, codes in (("+", found.added), ("-", found.removed)):
        for line in codes[:_SHOWN]:
            click.echo(f"  {sign} {line}")
        _more(len(codes))
    for one in found.changed[:_SHOWN]:
        said = "; ".join(_changed(names[name][language != "zh"], *pair) for name, pair in one.fields.items())
        click.echo(f"  ~ {one.code}  {said}")
    _more(len(found.changed))


def _changed(name: str, was: object, now: object) -> str:
    if isinstance(was, Mapping) and isinstance(now, Mapping):
        # Of what has several parts, only those that differ.
        parts = [part for part in {**was, **now} if was.get(part) != now.get(part)]
        was, now = ({part: of[part] for part in parts if part in of} for of in (was, now))
    return f"{name}: {_plainly(was)} → {_plainly(now)}"


def _more(count: int) -> None:
    if count > _SHOWN:
        click.echo(f"    and {count - _SHOWN:,} more")


def _plainly(value: object) -> str:
    if value is None or value == {}:
        return "–"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {one}" for key, one in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


@lists.command()
@_CITY
@_AS
@_BATCH
@_DESPITE
@_JSON
def apply(code: str | None, of: str | None, number: int | None, despite: str, as_json: bool) -> None:
    """Put drafts into force: one batch, or all whose day has come, each whole or not at all.

    One whose day has not come is released: the worker puts it into force on its day.

    `geoapp dispatch replay --batch N` says before which tickets would go elsewhere by a batch of responsibilities;
    `geoapp dispatch again`, or the worker, sends what waited for it.
    """
    from geoapp.store import lists as stored

    database, city = _opened(code)
    with database.bulk.connect() as connection:
        if number is not None:
            waiting = _chosen(connection, city, of, number)
        else:
            waiting = [one for one in stored.drafts(connection, city.id) if of is None or one.list == of]
            waiting = [one for one in waiting if one.in_force_from <= datetime.now(UTC)]
    _put(database, city, waiting, despite, as_json)


def _put(database: Database, city: City, waiting: Sequence[Batch], despite: str, as_json: bool) -> None:
    from geoapp.intake.lists import put_into_force

    for batch in waiting:
        come = batch.in_force_from <= datetime.now(UTC)
        with _working(f"{batch.list}: putting batch {batch.number} into force"):
            if come:
                put_into_force(database.bulk, city, batch, despite, persons=_persons(database))
            else:
                _release(database, city, batch, despite)
        said = {
            "list": str(batch.list), "batch": batch.number, "in_force_from": str(_day(batch, city)), "in_force": come,
        }  # fmt: skip
        words = f"{batch.list} {batch.number} {'is in force' if come else 'comes into force'} from {_day(batch, city)}."
        click.echo(json.dumps(said) if as_json else words)
    if not as_json and any(batch.list is ListKind.RESPONSIBILITIES for batch in waiting):
        click.echo("What waited for these lines is sent by the worker, or by `geoapp dispatch again` now.")
    if not waiting and not as_json:
        click.echo("No draft's day has come.")


def _release(database: Database, city: City, batch: Batch, despite: str) -> None:
    from geoapp.intake.lists import release

    with database.bulk.begin() as connection:
        release(connection, city, batch.list, batch.number, despite, persons=_persons(database))


@lists.command()
@_CITY
@click.option("--since", type=_DAY, help="The day from which it is in force; else today, or that of the batch before.")
@click.option("--reason", default="", help="Why the list changes; else the tickets ruled on, and on what ground.")
@_JSON
def gather(code: str | None, since: datetime | None, reason: str, as_json: bool) -> None:
    """Draw up the next batch of the responsibilities: a line for each ruling on a dispute that is to become one."""
    from geoapp.intake.rulings import gather as gathering

    database, city = _opened(code)
    with _working("gathering rulings"), database.bulk.begin() as connection:
        done = gathering(connection, city, _actor(), since.date() if since else None, reason)
    batch = done.drafted.batch if done.drafted else None
    for one in done.taken:
        line = plain(one.line) if one.line else None
        told = {"ticket": one.ticket, "fate": str(one.fate), "line": line, "replaced": list(one.replaced)}
        words = _FATES[one.fate] if one.line is None else f"{_asked(one.line)} -> {one.line.unit}"
        instead = f"  instead of {', '.join(one.replaced)}" if one.replaced else ""
        click.echo(json.dumps(told, ensure_ascii=False) if as_json else f"  {one.ticket}: {words}{instead}")
    if as_json:
        click.echo(json.dumps({"batch": batch and batch.number}))
    elif batch:
        click.echo(f"Batch {batch.number}, a draft from {_day(batch, city)}: {batch.reason}")
    else:
        click.echo("No ruling is open." if not done.taken else "No batch was made.")


_FATES = {
    Fate.SAYS_SO: "the list says so already", Fate.RETIRED: "stays open, its matter is no longer in the catalogue",
    Fate.NO_UNIT: "stays open, its unit acts no more", Fate.NO_AREA: "stays open, its area is no longer there",
}  # fmt: skip


def _asked(line: Duty) -> str:
    """What a ruling's line asks for."""
    asks = (line.matter, f"{line.level}/{line.area}" if line.level else "", line.asset_class, line.party)
    return f"{line.code}  {' '.join(filter(None, asks))}"


@lists.command()
@click.argument("kind", type=click.Choice([str(kind) for kind in ListKind]))
@click.argument("number", type=int)
@_CITY
def withdraw(kind: str, number: int, code: str | None) -> None:
    """Withdraw a draft: batch NUMBER of the list KIND never comes into force."""
    from geoapp.intake.lists import withdraw as withdrawing

    database, city = _opened(code)
    with database.bulk.begin() as connection:
        withdrawing(connection, city, ListKind(kind), number)


@lists.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@_CITY
@_AS
@_BATCH
@click.option("--at", "when", type=_DAY, help="The lists in force on that day; else today's.")
@_LANGUAGE
def export(
    file: Path, code: str | None, of: str | None, number: int | None, when: datetime | None, language: str
) -> None:
    """Write lists to FILE: a workbook (.xlsx), a sheet a list, or one list as .csv; loaded again, nothing differs."""
    from geoapp.intake.list_files import text, workbook
    from geoapp.intake.lists import read_lines
    from geoapp.store import lists as stored

    if file.suffix.lower() not in (".xlsx", ".csv"):
        raise click.BadParameter("it ends in .xlsx or .csv", param_hint="FILE")
    database, city = _opened(code)
    found: dict[ListKind, list[Line]] = {}
    with database.bulk.connect() as connection:
        for kind in [ListKind(of)] if of else list(ListKind):
            if number is not None:
                plain = stored.with_batch(connection, stored.batch(connection, city.id, kind, number).id)
            else:
                plain = stored.in_force(connection, city.id, kind, _end_of(when.date() if when else _today(city), city))
            if plain or of:
                found[kind] = read_lines(kind, plain)
    if file.suffix.lower() == ".csv":
        if len(found) != 1:
            raise click.UsageError("A CSV holds one list: name it with --as.")
        ((kind, lines),) = found.items()
        file.write_bytes(text(kind, lines, language))
    elif found:
        file.write_bytes(workbook(found, language))
    for kind, lines in found.items():
        click.echo(f"{len(lines):>9,}  lines, {kind}")
    if not found:
        click.echo("No list is in force.")


@lists.command()
@_CITY
@_AS
@click.option("--at", "when", type=_DAY, help="The lines in force on that day, as JSON lines with --json.")
@_JSON
def show(code: str | None, of: str | None, when: datetime | None, as_json: bool) -> None:
    """The batches of the lists, and how many lines are in force; with --at and --json, the lines themselves."""
    from geoapp.store import lists as stored

    database, city = _opened(code)
    with database.bulk.connect() as connection:
        for kind in [ListKind(of)] if of else list(ListKind):
            moment = _end_of(when.date() if when else _today(city), city)
            lines = stored.in_force(connection, city.id, kind, moment)
            if as_json and when:
                for plain in lines.values():
                    click.echo(json.dumps({"list": str(kind), **plain}, ensure_ascii=False))
                continue
            there = stored.batches(connection, city.id, kind)
            if as_json:
                for batch in there:
                    click.echo(json.dumps(batch.as_dict(), ensure_ascii=False))
                continue
            number = stored.number_in_force(connection, city.id, kind, moment)
            click.echo(f"{kind}: {f'batch {number} in force' if number else 'none in force'}, {len(lines):,} lines")
            for batch in there:
                click.echo(_in_words(batch, city))


def _in_words(batch: Batch, city: City) -> str:
    state = {
        BatchState.DRAFT: "draft, from",
        BatchState.IN_FORCE: "in force from",
        BatchState.WITHDRAWN: "withdrawn; was for",
    }
    despite = f"  (despite: {batch.despite})" if batch.despite else ""
    return (
        f"  {batch.number:>3}  {state[batch.state]} {_day(batch, city)}  +{batch.brought:,} -{batch.taken:,} lines  "
        f"{batch.author}  {batch.reason}{despite}"
    )


# What the commands share


def _opened(code: str | None) -> tuple[Database, City]:
    from geoapp.commands.data import chosen_city, opened

    database = opened()
    return database, chosen_city(database, code)


def _actor() -> str:
    """Who acts at a terminal."""
    return f"shell:{getuser()}"


def _today(city: City) -> date:
    return datetime.now(city.zone).date()


def _day(batch: Batch, city: City) -> date:
    return batch.in_force_from.astimezone(city.zone).date()


def _end_of(day: date, city: City) -> datetime:
    from geoapp.intake.lists import start_of

    return start_of(day + timedelta(days=1), city) - timedelta(microseconds=1)


def _chosen(connection: Connection, city: City, of: str | None, number: int | None) -> list[Batch]:
    """The batch named, else the newest of each list, or of the one named."""
    from geoapp.store import lists as stored

    if number is not None:
        if of is None:
            raise click.UsageError("Each list has batches of its own: name it with --as.")
        return [stored.batch(connection, city.id, ListKind(of), number)]
    found = [stored.newest(connection, city.id, kind) for kind in ([ListKind(of)] if of else ListKind)]
    if not any(found):
        raise BatchRefused("There is none yet: `geoapp lists load` makes the first.")
    return [one for one in found if one]


def _persons(database: Database) -> frozenset[str] | None:
    """The logins and names of those who have accounts; None where nobody has."""
    from geoapp.store import accounts
    from geoapp.store.acting import KEEPER, acting

    with acting(database.web, KEEPER) as connection:
        found = [one for one in accounts.every(connection) if not one.demo]
    return frozenset(name for one in found for name in (one.login, one.name)) or None


def _checked(found: Checked) -> dict[str, Any]:
    matrix = [
        {"category": one.category, "answered": one.answered, "only_with_an_asset": one.by_asset,
         "only_by_fallback": one.by_fallback, "nobody": one.nobody}
        for one in found.matrix
    ]  # fmt: skip
    return {"findings": [one.as_dict() for one in found.findings], **({"matrix": matrix} if matrix else {})}


def _tell(found: Checked, language: str) -> None:
    shown: Counter[str] = Counter()
    for one in found.findings:
        shown[one.kind] += 1
        if shown[one.kind] <= _SHOWN:
            click.echo(f"  {'!' if one.refused else '·'} {one.words(language)}")
    for kind, count in shown.items():
        if count > _SHOWN:
            click.echo(f"    and {count - _SHOWN:,} more of {kind}")
    if found.matrix:
        width = max(len(one.category) for one in found.matrix)
        head = ("answered", "only w. asset", "only fallback", "nobody")
        click.echo(f"  {'category':<{width}}" + "".join(f"{name:>15}" for name in head))
        for line in found.matrix:
            cells = (line.answered, line.by_asset, line.by_fallback, line.nobody)
            click.echo(f"  {line.category:<{width}}" + "".join(f"{count:>15,}" for count in cells))


@contextmanager
def _working(doing: str) -> Iterator[None]:
    """What is being done and for how long; in a terminal only."""
    console = Console(stderr=True)
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        bar.add_task(doing, total=None)
        yield
