"""Finds the importers in this folder by name: a file that defines one is listed, no list is kept."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Mapping

from geoapp.errors import BadRequest
from importers.base import Source


def names() -> tuple[str, ...]:
    """The names of all importers, sorted."""
    return tuple(sorted(name for name in _modules() if _importer(name) is not None))


def get(name: str) -> type[Source]:
    """The importer of that name.

    Raises:
        BadRequest: there is none; the detail lists those there are.
    """
    found = _importer(name) if name in _modules() else None
    if found is None:
        raise BadRequest(f'There is no importer "{name}"; there are: {", ".join(names())}.')
    return found


def create(name: str, options: Mapping[str, str] | None = None) -> Source:
    """The importer of that name made with options, which are the arguments of its class, all text.

    Raises:
        BadRequest: there is no such importer, or it takes other options.
        SourceUnreadable: an option names a file (a mapping) that cannot be used.
    """
    found = get(name)
    given = dict(options or {})
    signature = inspect.signature(found)
    try:
        signature.bind(**given)
    except TypeError as error:
        takes = ", ".join(signature.parameters) or "none"
        raise BadRequest(f'Importer "{name}": {error}; its options: {takes}.') from error
    return found(**given)


def _modules() -> frozenset[str]:
    return frozenset(module.name for module in pkgutil.iter_modules(__path__))


def _importer(name: str) -> type[Source] | None:
    module = importlib.import_module(f"{__name__}.{name}")
    for value in vars(module).values():
        # A module also sees the classes its own is derived from; only the one that bears the file's name is meant.
        if inspect.isclass(value) and issubclass(value, Source) and getattr(value, "name", None) == name:
            return value
    return None
