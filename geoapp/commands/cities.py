"""The commands that look after cities: a pack checked while it is written, and loaded."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from geoapp.city import City, read_pack

_DATA = click.option(
    "--data", type=click.Path(file_okay=False, exists=True, path_type=Path), default=Path("../shared/data"),
    show_default=True, help="Folder the pack's files lie in.",
)  # fmt: skip
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def city() -> None:
    """Load and look after cities."""


@city.command("load")
@click.argument("pack")
@_DATA
@_JSON
def city_load(pack: str, data: Path, as_json: bool) -> None:
    """Load PACK (a name such as nyc, or a TOML file): a new version of each layer that changed."""
    from geoapp.commands.data import opened
    from geoapp.intake.findings import in_words
    from geoapp.intake.ground import KINDS, load_city
    from geoapp.store.gazetteer import locator

    checked = read_pack(pack, KINDS)
    engine = opened().bulk
    with _bar(checked) as bar:
        task = bar.add_task(checked.code, total=3 * len(checked.layers))
        found, loaded = load_city(
            engine, checked, data,
            lambda layer, doing: bar.update(task, advance=1, description=f"{layer}: {doing}"),
        )  # fmt: skip
    # Made here, the names keep nobody waiting who asks for a place first.
    with engine.connect() as connection:
        locator(connection, found)
    if as_json:
        click.echo(json.dumps({"city": found.code, "layers": [one.as_dict() for one in loaded]}, ensure_ascii=False))
        return
    for one in loaded:
        news = "" if one.changed else "  (as it was)"
        click.echo(f"{found.code}  {one.layer}  version {one.version}  {one.features:,} features{news}")
        for sentence in in_words(one.findings):
            click.echo(f"    {sentence}")


@city.command("check")
@click.argument("pack")
@_DATA
@_JSON
@click.pass_context
def city_check(context: click.Context, pack: str, data: Path, as_json: bool) -> None:
    """Look PACK over with its files: all that is wrong, and what the files hold. Nothing is loaded."""
    from geoapp.intake.pack_check import check_pack

    found = check_pack(pack, data)
    click.echo(json.dumps(found.as_dict(), ensure_ascii=False) if as_json else "\n".join(found.lines()))
    if not found.loadable:
        context.exit(1)


@city.command("diff")
@click.argument("layer")
@click.option("--city", "code", help="The city, where several are loaded.")
@click.option("--from", "before", type=int, help="The earlier version; else the one before the later.")
@click.option("--to", "after", type=int, help="The later version; else the newest.")
@_JSON
def city_diff(layer: str, code: str | None, before: int | None, after: int | None, as_json: bool) -> None:
    """What a version of the area LAYER changed: areas that moved, split or merged, open tickets that change hands."""
    from geoapp.commands.data import chosen_city, opened
    from geoapp.intake.boundary_change import boundary_change

    database = opened()
    where = chosen_city(database, code)
    with database.bulk.connect() as connection:
        found = boundary_change(connection, where, layer, before, after)
    if as_json:
        click.echo(json.dumps(found.as_dict(), ensure_ascii=False))
        return
    click.echo(f"{layer}: version {found.before} → {found.after}; {found.unchanged:,} areas as they were")
    for one in found.areas:
        went = ", ".join(f"{share:.1%} to {to}" for to, share in one.became.items() if to != one.code)
        came = ", ".join(f"{share:.1%} from {of}" for of, share in one.out_of.items() if of != one.code)
        click.echo(f"  {one.code}  {one.change}  {'; '.join(part for part in (went, came) if part)}".rstrip())
    moved = sum(one.tickets for one in found.handed)
    click.echo(f"{moved:,} of {found.open_tickets:,} open tickets would change hands")
    for hand in found.handed:
        click.echo(f"  {hand.before or '–'} → {hand.after or '–'}  {hand.tickets:,}  {' '.join(hand.numbers[:3])}")


@city.command("agreement")
@click.option("--city", "code", help="The city, where several are loaded.")
@click.option("--layer", help="The area layer whose codes the sources record; else the one that answers.")
@click.option("--without", multiple=True, help="Leave a category out; may be given several times.")
@_JSON
def city_agreement(code: str | None, layer: str | None, without: tuple[str, ...], as_json: bool) -> None:
    """How often the area found for a report is the one its source recorded, over all and by category."""
    from geoapp.commands.data import chosen_city, opened
    from geoapp.store.queries import agreement

    database = opened()
    where = chosen_city(database, code)
    with database.bulk.connect() as connection:
        sources = agreement.sources(connection, where)
        rows = agreement.by_category(connection, where, layer or where.responsible, sources)
    rows = [row for row in rows if row.category not in without]
    sums = {name: sum(getattr(row, name) for row in rows) for name in ("agree", "another", "none")}
    every = agreement.Agreement("all", **sums)
    if as_json:
        click.echo(json.dumps([row.as_dict() for row in (every, *rows)]))
        return
    for row in (every, *rows):
        share = row.agree / row.reports if row.reports else 0.0
        counts = f"{row.agree:>7,} of {row.reports:>7,}  {row.another:>4} another  {row.none:>4} none"
        click.echo(f"{share:9.4%}  {counts}  {row.category}")


def _bar(pack: City) -> Progress:
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(),
        console=console, disable=not console.is_terminal, transient=True,
    )  # fmt: skip
