"""Commands about cases: moves of tickets, leads that are verified, disputes and what came of them."""

from __future__ import annotations

import json
from dataclasses import asdict
from getpass import getuser
from pathlib import Path

import click

from geoapp.city import called
from geoapp.commands.data import chosen_city, opened
from geoapp.commands.places import lon_lat
from geoapp.errors import NotFound
from geoapp.lifecycle import LEAD_MOVES, MOVES, LeadState, Move, State

_CITY = click.option("--city", "code", help="The city, where several are loaded.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_GIVEN = click.option("--given", multiple=True, metavar="FIELD=VALUE", help="What the move needs; may be repeated.")
_PEOPLE = sorted({who for line in MOVES for who in line.who} - {"system", "source"})


@click.group()
def ticket() -> None:
    """Tickets: the moves there are, and making one."""


@ticket.command("moves")
@_JSON
def ticket_moves(as_json: bool) -> None:
    """The table: each move, from where to where, who makes it, what it takes."""
    every: tuple[Move[State] | Move[LeadState], ...] = (*MOVES, *LEAD_MOVES)
    for line in every:
        if line.name.startswith("mirror_"):
            continue
        takes = [f"{one.name}{'*' if one.needed else ''}" for one in line.fields]
        if as_json:
            told = {
                "move": line.name, "from": sorted(line.sources), "to": line.target, "who": sorted(line.who),
                "takes": [{"name": one.name, "kind": one.kind, "needed": one.needed} for one in line.fields],
            }  # fmt: skip
            click.echo(json.dumps(told, ensure_ascii=False))
        else:
            to = line.target or "(stays)"
            click.echo(f"{line.name:<13} {','.join(sorted(line.sources))} -> {to}  by {','.join(sorted(line.who))}")
            click.echo(f"{'':<13} {' '.join(takes)}")


@ticket.command("move")
@click.argument("number")
@click.argument("move")
@_GIVEN
@click.option("--as", "who", type=click.Choice(_PEOPLE), help="As whom; needed where several may make it.")
@click.option("--seen", type=int, help="The version that was looked at: refused if somebody was quicker.")
@_JSON
def ticket_move(
    number: str, move: str, given: tuple[str, ...], who: str | None, seen: int | None, as_json: bool
) -> None:
    """Make MOVE of the ticket of that NUMBER."""
    from geoapp.intake import deeds
    from geoapp.lifecycle import line
    from geoapp.tickets.acts import Deed
    from geoapp.tickets.work import at_terminal

    people = sorted(line(move).who & set(_PEOPLE))
    if who is None and len(people) != 1:
        raise click.UsageError(f"Say as whom: --as {' | '.join(people)}")
    doer = at_terminal(getuser(), who or people[0])
    # As pages do: the importing role knows nothing of whose reports are whose.
    done = deeds.act(opened().web, doer, Deed(number.strip().upper(), move, _given(given), seen))
    click.echo(json.dumps(asdict(done)) if as_json else " ".join(filter(None, (done.number, done.state, done.opened))))


@click.group()
def lead() -> None:
    """Leads: what was found on platforms, until it is filed or dropped."""


@lead.command("list")
@_CITY
@click.option("--state", type=click.Choice([str(one) for one in LeadState]), multiple=True, help="Only those.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 10_000), help="How many to show.")
@_JSON
def lead_list(code: str | None, state: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Leads, the latest first: those found and being checked, unless others are asked for."""
    from geoapp.store import leads

    database = opened()
    city = chosen_city(database, code)
    with database.bulk.connect() as connection:
        found = leads.page(connection, city.id, state or ("found", "checking"), limit=limit)
    for one in found:
        if as_json:
            times = {"said_at": one.said_at.isoformat(), "changed_at": one.changed_at.isoformat()}
            click.echo(json.dumps({**asdict(one), **times}, ensure_ascii=False))
        else:
            what = one.number or one.reason or ""
            words = " ".join(one.body.split())[:80]
            click.echo(f"{one.report_id:>9}  {one.state:<9} {one.said_at:%Y-%m-%d}  {what}  {words}")


@lead.command("move", context_settings={"ignore_unknown_options": True})
@click.argument("report", type=int)
@click.argument("move", type=click.Choice([line.name for line in LEAD_MOVES]))
@_CITY
@_GIVEN
@click.option("--at", "where", metavar="LON,LAT", help="Where it is, in WGS-84: filing needs a place.")
@_JSON
def lead_move(
    report: int, move: str, code: str | None, given: tuple[str, ...], where: str | None, as_json: bool
) -> None:
    """Make MOVE of the lead that REPORT is: check, file, drop or remark."""
    from geoapp.errors import BadField
    from geoapp.intake.leads import verify
    from geoapp.intake.path import check_place
    from geoapp.tickets.relocations import Spot
    from geoapp.tickets.work import at_terminal

    database = opened()
    city = chosen_city(database, code)
    spot = Spot.by_hand(*lon_lat(where)) if where else None
    if spot and (problem := check_place(database.bulk, city, spot.lon, spot.lat, "WGS-84")):
        raise BadField(f"lon, lat: {problem}", fields={"lon": str(problem)})
    doer = at_terminal(getuser(), "verifier")
    done = verify(database.bulk, city, doer, report, move, _given(given), spot)
    click.echo(json.dumps(asdict(done)) if as_json else " ".join(filter(None, (done.state, done.number))))


@click.group(invoke_without_command=True)
@_CITY
@_JSON
@click.pass_context
def disputes(context: click.Context, code: str | None, as_json: bool) -> None:
    """Disputes that wait for a ruling, with the rule that sent each ticket and how like ones were ruled."""
    from geoapp.store import disputes as stored

    if context.invoked_subcommand:
        return
    database = opened()
    city = chosen_city(database, code)
    with database.bulk.connect() as connection:
        for one in stored.waiting(connection, city.id):
            before = stored.precedents(connection, one.id, most=5)
            if as_json:
                told = {"dispute": asdict(one), "precedents": [asdict(each) for each in before]}
                click.echo(json.dumps(told, ensure_ascii=False, default=str))
                continue
            click.echo(
                f"{one.ticket}  {one.unit or '-'} -> {one.proposal}  {one.reason}  due {one.due_at:%Y-%m-%d %H:%M}"
            )
            for each in before:
                click.echo(
                    f"    {each.ticket}: {each.ruled_unit} ({each.ground}){' same area' if each.same_area else ''}"
                )


@disputes.command()
@_CITY
@click.option("--close", "gap", type=int, help="The number of a gap that was decided.")
@click.option("--decided", default="", help="What was decided, to close it with.")
@click.option("--all", "every", is_flag=True, help="Those that are closed, too.")
@click.option("--export", "file", type=click.Path(dir_okay=False, path_type=Path), help="To FILE (.xlsx or .csv).")
@click.option("--language", type=click.Choice(["zh", "en"]), default="en", show_default=True, help="Of names.")
@_JSON
def consult(
    code: str | None, gap: int | None, decided: str, every: bool, file: Path | None, language: str, as_json: bool
) -> None:
    """The consultation list: gaps between duties, for the body that sets them; closed with what it decided."""
    from geoapp.intake import gaps
    from geoapp.store import disputes as stored

    database = opened()
    city = chosen_city(database, code)
    if file is not None and file.suffix.lower() not in (".xlsx", ".csv"):
        raise click.BadParameter("it ends in .xlsx or .csv", param_hint="FILE")
    with database.bulk.begin() as connection:
        if gap is not None:
            if not gaps.close(connection, city, gap, decided, f"shell:{getuser()}"):
                raise NotFound(f"No gap {gap} is open.")
            return
        if file is not None:
            written = gaps.text if file.suffix.lower() == ".csv" else gaps.workbook
            file.write_bytes(written(connection, city, language))
            return
        found = stored.gaps(connection, city.id, settled=None if every else False)
    for one in found:
        if as_json:
            click.echo(json.dumps(asdict(one), ensure_ascii=False, default=str))
            continue
        names = ", ".join(called(dict(names), language, code) for code, names in one.units)
        matter = called(dict(one.matter_names or {}), language, one.matter or "-")
        click.echo(f"{one.id:>5}  {one.ticket}  {one.made_at:%Y-%m-%d}  {matter}: {names}")
        for words in filter(None, (one.note, one.decision and f"decided: {one.decision}")):
            click.echo(f"       {words}")


def _given(words: tuple[str, ...]) -> dict[str, str]:
    """FIELD=VALUE, each once."""
    found: dict[str, str] = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or name in found:
            raise click.UsageError(f"{word}: a field is given once, as FIELD=VALUE.")
        found[name] = value
    return found
