"""Finds the kinds of layers in this folder by name: a file that defines one is listed, no list is kept."""

from __future__ import annotations

import importlib
import pkgutil

from geoapp.errors import BadRequest
from layers.base import LayerKind


def names() -> tuple[str, ...]:
    """The names of all kinds of layers, sorted."""
    return tuple(sorted(name for name in _modules() if _kind(name) is not None))


def get(name: str) -> LayerKind:
    """The kind of that name.

    Raises:
        BadRequest: there is none; the detail lists those there are.
    """
    found = _kind(name) if name in _modules() else None
    if found is None:
        raise BadRequest(f'There is no kind of layer "{name}"; there are: {", ".join(names())}.')
    return found


def roles() -> dict[str, str]:
    """Each kind's role."""
    return {name: get(name).role for name in names()}


def _modules() -> frozenset[str]:
    return frozenset(module.name for module in pkgutil.iter_modules(__path__))


def _kind(name: str) -> LayerKind | None:
    found = getattr(importlib.import_module(f"{__name__}.{name}"), "KIND", None)
    return found if isinstance(found, LayerKind) else None
