"""The figures that everyone uses, as a command."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from rich.table import Table

    from geoapp.assign.figures import Share

_FIGURES: Final = ("first-dispatch", "in-time", "satisfied", "redone")
_BY: Final = ("all", "unit", "matter", "area", "week", "month", "year")
_NAMES: Final = {
    "first_dispatch": "right at first dispatch 一次派单成功率",
    "in_time": "settled in time 按时办结率",
    "satisfied": "satisfied 满意率",
    "redone": "redone 重办率",
}


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
    console.print(table(found) if found else "Nothing was dispatched, settled or rated here in that time.")


def table(found: Sequence[Share]) -> Table:
    """A line a figure and label; what is counted apart stands last."""
    from rich.table import Table

    from geoapp.assign.figures import COUNTS

    made = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("figure", "by"):
        made.add_column(name)
    for name in ("percent", "of", "", ""):
        made.add_column(name, justify="right")
    for one in found:
        named = dict(zip(COUNTS[one.figure], one.counts, strict=True))
        first, apart = COUNTS[one.figure][0], COUNTS[one.figure][2:]
        percent = "–" if one.percent is None else f"{one.percent:.2f} %"
        further = " ".join(f"{named[name]:,} {name.replace('_', ' ')}" for name in apart)
        made.add_row(
            _NAMES[one.figure], one.label or "–", percent, f"{sum(one.counts[:2]):,}",
            f"{named[first]:,} {first.replace('_', ' ')}", further,
        )  # fmt: skip
    return made
