"""The commands that run and look after an installation: serve, worker, database, backup, restore, check."""

from __future__ import annotations

from pathlib import Path

import click
import orjson

from geoapp import health, settings
from geoapp import serve as serving
from geoapp.store import backup as backups
from geoapp.store import bootstrap, cluster, migrate


@click.group()
def database() -> None:
    """The database server: the private one, or the one GEOAPP_DATABASE_URL names."""


@database.command()
def prepare() -> None:
    """Start the server where it is ours, and bring the database to the newest revision."""
    server = cluster.ensure(settings.read())
    migrate.upgrade(server.url(bootstrap.OWNER))
    click.echo(f"database {server.database} is ready at revision {migrate.head()}", err=True)


@database.command()
def sql() -> None:
    """Print what the administrator of a named server runs before geoapp can use it."""
    values = settings.read()
    name = cluster.named(values.database_url).database if values.database_url else bootstrap.DATABASE
    click.echo(bootstrap.script(name), nl=False)


@database.command()
def start() -> None:
    """Start the private server."""
    cluster.ensure(settings.read())


@database.command()
def stop() -> None:
    """Stop the private server."""
    values = settings.read()
    if values.database_url:
        raise click.ClickException("GEOAPP_DATABASE_URL names a server that is not geoapp's to stop.")
    click.echo("stopped" if cluster.private(values).stop() else "was not running", err=True)


@database.command()
def status() -> None:
    """Say where the server is and whether it runs; exit status 3 when it does not."""
    values = settings.read()
    if values.database_url:
        cluster.ensure(values)
        click.echo("the named server answers")
        return
    private = cluster.private(values)
    pid = private.pid
    click.echo(f"{private.home}: " + (f"running, process {pid}, socket in {private.socket}" if pid else "not running"))
    if pid is None:
        raise click.exceptions.Exit(3)


@click.command()
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
def backup(path: Path) -> None:
    """Write the database and the photos into one file, PATH."""
    values = settings.read()
    manifest = backups.backup(cluster.ensure(values), values, path)
    click.echo(f"{path}: {path.stat().st_size:,} bytes, {len(manifest.parts) - 1} photos", err=True)


@click.command()
@click.option("--replace", is_flag=True, help="Put it in the place of a database that already holds tickets.")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(path: Path, replace: bool) -> None:
    """Bring back the database and the photos that `geoapp backup` wrote into PATH."""
    values = settings.read()
    manifest = backups.restore(cluster.ensure(values), values, path, replace=replace)
    click.echo(f"restored what was saved at {manifest.created}", err=True)


@click.command()
def serve() -> None:
    """Serve the pages, with the worker beside them, until interrupted."""
    values = settings.read()
    cluster.ensure(values)
    raise click.exceptions.Exit(serving.run(values))


@click.command()
def worker() -> None:
    """Do the work that pages leave for later, until interrupted."""
    values = settings.read()
    cluster.ensure(values)
    serving.work(values)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def check(as_json: bool) -> None:
    """Say whether this installation is healthy; exit status 1 when something is broken."""
    findings = health.check(settings.read())
    show = _json_line if as_json else _line
    for finding in findings:
        click.echo(show(finding))
    if not all(finding.healthy for finding in findings):
        raise click.exceptions.Exit(1)


def _line(finding: health.Finding) -> str:
    mark = click.style("healthy", fg="green") if finding.healthy else click.style("broken ", fg="red")
    remedy = f" → {finding.remedy}" if finding.remedy else ""
    return f"{mark}  {finding.name}: {finding.detail}{remedy}"


def _json_line(finding: health.Finding) -> str:
    return orjson.dumps(finding).decode()
