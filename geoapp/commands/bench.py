"""The command that measures this installation on data of its own: one JSON line a figure."""

from __future__ import annotations

import signal
import sys
import tempfile
from pathlib import Path

import click
import orjson


@click.command(hidden=True)
@click.option("--rows", default=300_000, show_default=True, help="Rows of the import; 3000000 for the long one.")
@click.option("--only", type=click.Choice(["import", "report"]), help="One part alone.")
def bench(rows: int, only: str | None) -> None:
    """Measure: import against bare copying, and reports filed at rest and beside an import."""
    from geoapp import settings as settings_module
    from geoapp.bench import filing, importing, town
    from geoapp.bench.scratch import scratch
    from geoapp.store.database import Database

    # Ended from outside, it still has databases to drop and a server to stop.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(143))
    settings = settings_module.read()
    with tempfile.TemporaryDirectory(prefix="geoapp-bench-") as name, scratch(settings) as server:
        folder = Path(name)
        database = Database(server)
        city = town.load(database.bulk, town.make())
        database.close()
        if only != "report":
            for figure in importing.measure(settings, server, city, folder, rows):
                click.echo(orjson.dumps(figure.as_dict()))
        if only != "import":
            for figure in filing.measure(server, city, folder):
                click.echo(orjson.dumps(figure.as_dict()))
