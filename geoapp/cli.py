"""The command `geoapp`: a list of commands, each read from its module only when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import Final

import click
from sqlalchemy.exc import ProgrammingError

from geoapp.errors import GeoappError

# command → module:attribute. A command's module is imported when it runs, so that quick ones stay quick.
COMMANDS: Final = {
    "alias": "geoapp.commands.places:alias",
    "assign": "geoapp.commands.stages:assign",
    "calendar": "geoapp.commands.clocks:calendar",
    "clock": "geoapp.commands.clocks:clock",
    "city": "geoapp.commands.cities:city",
    "classify": "geoapp.commands.stages:classify",
    "demo": "geoapp.commands.data:demo",
    "disputes": "geoapp.commands.cases:disputes",
    "figures": "geoapp.commands.figures:figures",
    "import": "geoapp.commands.data:import_",
    "lead": "geoapp.commands.cases:lead",
    "locate": "geoapp.commands.stages:locate",
    "place": "geoapp.commands.places:place",
    "rehearse": "geoapp.commands.rehearse:rehearse",
    "redact": "geoapp.commands.stages:redact",
    "backup": "geoapp.commands.operate:backup",
    "bench": "geoapp.commands.bench:bench",
    "check": "geoapp.commands.operate:check",
    "database": "geoapp.commands.operate:database",
    "dispatch": "geoapp.commands.dispatch:dispatch",
    "lists": "geoapp.commands.lists:lists",
    "relocate": "geoapp.commands.places:relocate",
    "restore": "geoapp.commands.operate:restore",
    "serve": "geoapp.commands.operate:serve",
    "ticket": "geoapp.commands.cases:ticket",
    "unit": "geoapp.commands.units:unit",
    "unplaced": "geoapp.commands.places:unplaced",
    "user": "geoapp.commands.people:user",
    "worker": "geoapp.commands.operate:worker",
}


_UNPREPARED: Final = ("3F000", "42P01", "42703")
"""SQLSTATEs of a schema, a table or a column that is not there: migrations have not been run."""


class _Group(click.Group):
    """Commands by name; an error of ours is a sentence and status 1, never a traceback."""

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, attribute = COMMANDS[name].split(":")
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except GeoappError as error:
            raise click.ClickException(str(error)) from error
        except ProgrammingError as error:
            if getattr(error.orig, "sqlstate", "") not in _UNPREPARED:
                raise
            raise click.ClickException("The database is not prepared: run `geoapp database prepare`.") from error


@click.group(cls=_Group)
@click.version_option(package_name="geoapp")
def main() -> None:
    """Turns what people say about their streets into located, owned, tracked tickets on a map."""
