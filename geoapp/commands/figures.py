"""The figures that everyone uses, as commands."""

from __future__ import annotations

import json
from typing import Final

import click

_BY: Final = ("all", "unit", "matter", "area", "week")


@click.group()
def figures() -> None:
    """The figures that everyone uses, computed from what really happened."""


@figures.command("first-dispatch")
@click.option("--by", "what", type=click.Choice(_BY), default="all", show_default=True)
@click.option("--since", help="A day or a time: first dispatches from then on.")
@click.option("--until", help="A day (its end) or a time: those before.")
@click.option("--city", "code", help="The city, where several are loaded.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines.")
def first_dispatch(what: str, since: str | None, until: str | None, code: str | None, as_json: bool) -> None:
    """Right at first dispatch: neither returned with agreement nor ruled to another unit."""
    from geoapp.commands.data import chosen_city, opened
    from geoapp.intake.stages import beginning, moment
    from geoapp.store.queries import first_dispatch as query

    database = opened()
    city = chosen_city(database, code)
    try:
        start, end = since and beginning(since, city), until and moment(until, city)
    except ValueError as error:
        raise click.UsageError("--since and --until are days or times in ISO 8601.") from error
    with database.bulk.connect() as connection:
        found = query.by(connection, city, what, start or None, end or None)
    for one in found:
        click.echo(json.dumps(one.as_dict(), ensure_ascii=False) if as_json else _line(one.as_dict()))


def _line(one: dict[str, object]) -> str:
    percent = "" if one["percent"] is None else f"{one['percent']} %"
    return (
        f"{one['label'] or '–':<40} {percent:>9}  {one['right']:>8,} right  {one['failed']:>7,} failed  "
        f"{one['pending']:>7,} pending"
    )
