"""The commands of dispatch: a list learned from the past, and how well it does on what it was not learned from."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from geoapp.assign.learning import Learned
    from geoapp.assign.scoring import Score
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


def _past(
    source: str, files: Sequence[Path], code: str | None, skipped: Sequence[str], unit_column: str | None
) -> Past:
    from geoapp.commands.data import chosen_city, opened
    from geoapp.intake.history import past, read
    from importers import create

    importer = create(source)
    database = opened()
    city = chosen_city(database, code or importer.city)
    reports = list(read(importer, files, _pairs(skipped), unit_column or ""))
    with database.bulk.connect() as connection:
        return past(connection, city, source, reports)


def _pairs(skipped: Sequence[str]) -> list[tuple[str, str]]:
    for one in skipped:
        if "=" not in one:
            raise click.UsageError(f"--skip {one}: COLUMN=WORD is meant.")
    return [(column, word) for column, _, word in (one.partition("=") for one in skipped)]


COLUMNS: Final = (
    "code", "category", "matter", "level", "area", "asset_class", "party", "unit", "assisting", "priority", "person",
    "valid_from", "valid_to", "fallback",
)  # fmt: skip


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
