"""The figures that everyone uses, as a command."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from rich.table import Table

    from geoapp.assign.figures import Share

_FIGURES: Final = ("first-dispatch", "in-time", "satisfied", "redone")
_BY: Final = ("all", "unit", "matter", "area", "week", "month", "year")
_NAMES: Final = {
    "first_dispatch": "right at first dispatch",
    "in_time": "settled in time",
    "satisfied": "satisfied",
    "redone": "redone",
}
_SHORT: Final = ("first dispatch", "in time", "satisfied", "redone")


@click.command()
@click.argument("figure", required=False, type=click.Choice(_FIGURES))
@click.option("--by", "what", type=click.Choice(_BY), default="all", show_default=True)
@click.option("--since", help="A day or a time: what happened from then on.")
@click.option("--until", help="A day (its end) or a time: what happened before.")
@click.option("--city", "code", help="The city, where several are loaded.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines.")
def figures(
    figure: str | None, what: str, since: str | None, until: str | None, code: str | None, as_json: bool
) -> None:
    """Right at first dispatch, settled in time, satisfied, redone: one FIGURE, or all four, from what happened."""
    from geoapp.assign.figures import Figure
    from geoapp.commands.data import chosen_city, opened
    from geoapp.intake.stages import beginning, moment
    from geoapp.store.queries import figures as query

    database = opened()
    city = chosen_city(database, code)
    try:
        start, end = since and beginning(since, city), until and moment(until, city)
    except ValueError as error:
        raise click.UsageError("--since and --until are days or times in ISO 8601.") from error
    wanted = [Figure(figure.replace("-", "_"))] if figure else list(Figure)
    with database.bulk.connect() as connection:
        found = [one for name in wanted for one in query.of(connection, city, name, what, start or None, end or None)]
    show(found, as_json)


def show(found: Sequence[Share], as_json: bool) -> None:
    """Figures as JSON lines, or as a table for people."""
    from rich.console import Console

    if as_json:
        for one in found:
            click.echo(json.dumps(one.as_dict(), ensure_ascii=False))
        return
    console = Console()
    if not found:
        console.print("Nothing was dispatched, settled or rated here in that time.")
    elif len({one.figure for one in found}) > 1 and len({one.label for one in found}) > 1:
        console.print(grid(found))
    else:
        console.print(table(found))


def table(found: Sequence[Share]) -> Table:
    """One figure, or all of them under one label: a line each with what was counted."""
    from rich.table import Table

    from geoapp.assign.figures import COUNTS

    made = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("figure", "by"):
        made.add_column(name)
    for name in ("percent", "of", "counted"):
        made.add_column(name, justify="right")
    made.add_column("apart")
    for one in found:
        first, apart = COUNTS[one.figure][0], COUNTS[one.figure][2:]
        made.add_row(
            _NAMES[one.figure], one.label or "–", _percent(one), f"{sum(one.counts[:2]):,}",
            f"{one[first]:,} {first.replace('_', ' ')}", " ".join(f"{one[name]:,} {name}" for name in apart),
        )  # fmt: skip
    return made


def grid(found: Sequence[Share], further: Mapping[str, Mapping[str, float | None]] | None = None) -> Table:
    """All figures side by side, a line a label, each of how many; further columns by name and label."""
    from rich.table import Table

    by_label: dict[str, dict[str, Share]] = {}
    for one in found:
        by_label.setdefault(one.label, {})[one.figure] = one
    made = Table(box=None, pad_edge=False, header_style="bold")
    made.add_column("by")
    for name in [*_SHORT, *(further or {})]:
        made.add_column(name, justify="right", no_wrap=True)
    for label in sorted({*by_label, *(label for column in (further or {}).values() for label in column)}):
        mine = by_label.get(label, {})
        cells = [f"{_percent(mine[name])} / {sum(mine[name].counts[:2]):,}" if name in mine else "" for name in _NAMES]
        more = [column.get(label) for column in (further or {}).values()]
        made.add_row(label or "–", *cells, *("" if one is None else f"{one:.2f} %" for one in more))
    return made


def _percent(one: Share) -> str:
    return "–" if one.percent is None else f"{one.percent:.2f} %"
