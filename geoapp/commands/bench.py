"""The command that measures this installation on data of its own: one JSON line a figure."""

from __future__ import annotations

import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
import orjson

if TYPE_CHECKING:
    from geoapp.bench.figure import Figure

PARTS = ("assign", "locate", "dispatch", "import", "report", "map", "frames", "rights")


@click.command(hidden=True)
@click.option("--rows", default=300_000, show_default=True, help="Rows imported; 3000000 for the long run.")
@click.option("--only", type=click.Choice(PARTS), help="One part alone.")
@click.option(
    "--offices", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A city's street offices to assign to, in place of the bench's own.",
)  # fmt: skip
def bench(rows: int, only: str | None, offices: Path | None) -> None:
    """Measure points assigned, texts located, cases dispatched, reports imported, the map looked at: each by a peer."""
    # Ended from outside, it still has databases to drop and a server to stop.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(143))
    for part in PARTS if only is None else (only,):
        for figure in _figures(part, rows, offices):
            click.echo(orjson.dumps(figure.as_dict()))


def _figures(part: str, rows: int, offices: Path | None) -> Iterator[Figure]:
    if part == "assign":
        return _assigning(offices)
    if part == "dispatch":
        return _dispatching()
    return _locating() if part == "locate" else _on_a_database(part, rows)


def _locating() -> Iterator[Figure]:
    from geoapp.bench import locating

    return locating.measure()


def _dispatching() -> Iterator[Figure]:
    from geoapp.bench import dispatching

    return dispatching.measure()


def _assigning(offices: Path | None) -> Iterator[Figure]:
    import geopandas
    import numpy as np

    from geoapp.bench import assigning

    shapes = np.array(geopandas.read_file(offices).to_crs("EPSG:4326").geometry.values) if offices else None
    return assigning.measure(shapes)


def _on_a_database(part: str, rows: int) -> Iterator[Figure]:
    from geoapp import settings as settings_module
    from geoapp.bench import filing, frames, importing, seeing, showing, town
    from geoapp.bench.scratch import scratch
    from geoapp.store.database import Database

    settings = settings_module.read()
    with tempfile.TemporaryDirectory(prefix="geoapp-bench-") as name, scratch(settings) as server:
        folder = Path(name)
        database = Database(server)
        city = town.load(database.bulk, town.make())
        database.close()
        if part == "import":
            yield from importing.measure(settings, server, city, folder, rows)
        elif part == "map":
            yield from showing.measure(server, city, folder, rows)
        elif part == "rights":
            yield from seeing.measure(server, city, folder, rows)
        elif part == "frames":
            yield from frames.measure(server, city, folder, rows)
        else:
            yield from filing.measure(server, city, folder)
