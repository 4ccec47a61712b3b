"""Commands about time: the clocks of a ticket, and the working calendar of a city."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from getpass import getuser
from typing import TYPE_CHECKING, Any, Final

import click

from geoapp.commands.data import chosen_city, opened
from geoapp.errors import NotFound

if TYPE_CHECKING:
    from geoapp.assign.calendar import Calendar, Day
    from geoapp.assign.clocks import Round
    from geoapp.store.calendars import Correction

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_WORKS: Final = {"work": True, "rest": False, "usual": None}
_WHY: Final = {"made_up": "made up", "by_hand": "by hand", "holiday": "holiday"}


@click.command()
@click.argument("ticket")
@_JSON
def clock(ticket: str, as_json: bool) -> None:
    """The clocks of TICKET (its number): when due, what has passed and what is left, with and without pauses."""
    from geoapp.store import calendars, clocks

    with opened().bulk.connect() as connection:
        found = clocks.of_number(connection, ticket.strip().upper())
        if found is None:
            raise NotFound()
        ticket_id, city_id = found
        calendar = calendars.calendar(connection, city_id)
        rounds = clocks.rounds(connection, [ticket_id]).get(ticket_id, ())
    lines = [_clock(one, calendar, datetime.now(UTC)) for one in rounds]
    if as_json:
        click.echo(json.dumps(lines))
        return
    if not lines:
        click.echo("This ticket has no clocks: it mirrors its source, and nothing was moved here.")
        return
    click.echo(
        f"{'clock':<15} {'round':>5}  {'stands':<8} {'allowed':>8}  {'due':<16}  {'without more':<16}  "
        f"{'spent':>8} {'paused':>8} {'extended':>8} {'left':>8}  counts"
    )
    for line in lines:
        unsure = "" if line["certain"] else "  (working days of that year are not announced)"
        click.echo(
            f"{line['clock']:<15} {line['round']:>5}  {line['stands']:<8} {_span(line['minutes']):>8}  "
            f"{_short(line['due_at'])}  {_short(line['first_due_at'])}  {_span(line['spent_minutes']):>8} "
            f"{_span(line['paused_minutes']):>8} {_span(line['extended_minutes']):>8} {_span(line['left_minutes']):>8}"
            f"  {line['counts']}{unsure}"
        )


def _clock(one: Round, calendar: Calendar, now: datetime) -> dict[str, Any]:
    from zoneinfo import ZoneInfo

    from geoapp.assign import clocks
    from geoapp.assign.calendar import moment, seconds

    at, zone = seconds(now), ZoneInfo(calendar.zone)

    def local(when: int | None) -> str | None:
        return None if when is None else moment(when).astimezone(zone).isoformat()

    due = moment(one.due).astimezone(zone)
    passed, spent = clocks.passed(one, calendar, at), clocks.spent(one, calendar, at)
    return {
        "clock": one.clock.value, "round": one.nth, "stands": clocks.stands(one, at), "urgent": one.urgent,
        "counts": "working time" if one.working else "day and night", "minutes": one.minutes,
        "started_at": local(one.started), "due_at": local(one.due), "first_due_at": local(one.first_due),
        "paused_at": local(one.paused), "stopped_at": local(one.stopped), "overdue_at": local(one.overdue),
        "passed_minutes": passed // 60, "spent_minutes": spent // 60, "paused_minutes": (passed - spent) // 60,
        "extended_minutes": one.extended_s // 60, "left_minutes": clocks.left(one, calendar, at) // 60,
        "certain": not one.working or calendar.certain(due.year),
    }  # fmt: skip


def _span(minutes: int) -> str:
    """Hours and minutes: days of work have no one length."""
    sign, minutes = ("-", -minutes) if minutes < 0 else ("", minutes)
    return f"{sign}{minutes // 60}:{minutes % 60:02}"


def _short(moment: str) -> str:
    return moment[:16].replace("T", " ")


class _Calendar(click.Group):
    """`geoapp calendar CITY` shows, without a word for it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if "--help" not in args and (not args or args[0] not in self.commands):
            args = ["show", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_Calendar)
def calendar() -> None:
    """The working calendar of a city: `calendar CITY [--year]` shows it, `calendar set` puts a day right."""


@calendar.command()
@click.argument("city", required=False)
@click.option("--year", type=click.IntRange(1971, 2199), help="Which year; else this one.")
@_JSON
def show(city: str | None, year: int | None, as_json: bool) -> None:
    """What is known of a year's working days."""
    from geoapp.store import calendars

    database = opened()
    where = chosen_city(database, city)
    year = year or datetime.now(where.zone).year
    first, last = date(year, 1, 1), date(year, 12, 31)
    with database.bulk.connect() as connection:
        found = calendars.calendar(connection, where.id)
        put_right = calendars.corrections(connection, where.id, first, last)
    days = [found.day(first + timedelta(days=nth)) for nth in range((last - first).days + 1)]
    if as_json:
        lines = [{**asdict(day), "on": day.on.isoformat(), "minutes": _minutes(found, day)} for day in days]
        click.echo(json.dumps({"city": where.code, "certain": found.certain(year), "days": lines}, ensure_ascii=False))
        return
    click.echo("\n".join(_year(where.code, year, found, days, put_right)))


def _year(city: str, year: int, found: Calendar, days: Sequence[Day], put_right: Sequence[Correction]) -> Iterator[str]:
    worked = [day for day in days if day.works]
    hours = sum(_minutes(found, day) for day in worked) / 60
    yield f"{city} {year}, {found.zone}: {len(worked)} working days, {hours:,.0f} hours"
    if not found.certain(year):
        yield f"The working days that {found.country} moves in {year} are not announced yet: these days may change."
    for month in range(1, 13):
        mine = [day for day in days if day.on.month == month]
        marks = "".join("■" if day.works else "·" for day in mine)
        yield f"  {month:>2}  {marks:<31}  {sum(day.works for day in mine):>2} days"
    for day in days:
        if day.why != "week":
            name = f"  {day.name}" if day.name else ""
            yield f"  {day.on} {day.on:%a}  {'work' if day.works else 'rest'}  {_WHY[day.why]}{name}"
    if put_right:
        yield "Put right by hand, the latest word on a day holds:"
    for one in put_right:
        how = next(word for word, works in _WORKS.items() if works == one.works)
        yield f"  {one.day}  {how:<5}  {one.made_at:%Y-%m-%d %H:%M} UTC  {one.who}: {one.why}"


def _minutes(found: Calendar, day: Day) -> int:
    return sum(until - since for since, until in found.hours(day.on))


@calendar.command("set")
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]))
@click.argument("how", type=click.Choice(list(_WORKS)))
@click.option("--why", required=True, help="Why: it is kept with the day.")
@click.option("--city", "code", help="The city, where several are loaded.")
def set_day(day: datetime, how: str, why: str, code: str | None) -> None:
    """Say that DAY (2026-05-06) is worked, or not, or as usual again; clocks that run follow."""
    from geoapp.store import calendars
    from geoapp.tickets.ticking import retime

    database = opened()
    where = chosen_city(database, code)
    with database.bulk.begin() as connection:
        before = calendars.calendar(connection, where.id)
        calendars.put_right(connection, where.id, day.date(), _WORKS[how], why, f"shell:{getuser()}")
        moved = retime(connection, where.id, before, datetime.now(UTC))
    click.echo(f"{where.code}  {day:%Y-%m-%d}  {how}; {moved:,} clocks are due at another time", err=True)
