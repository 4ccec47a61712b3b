"""What a user would pick instead of a geocoder: parsers of Chinese addresses, where they are installed.

Neither knows a point: cpca gives the district that a text names, jionlp the street office (town) besides.
`pip install cpca jionlp` into the environment that runs the bench adds them to its figures; nothing else needs them.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stdout
from importlib.util import find_spec
from typing import Any

Areas = tuple[str | None, str | None]
"""The district and the street office of a text."""


def installed() -> Iterator[tuple[str, Callable[[Sequence[str]], list[Areas]]]]:
    """Name and parser of each that is there."""
    for name, parse in (("cpca", _cpca), ("jionlp", _jionlp)):
        if find_spec(name):
            yield name, parse


def _cpca(texts: Sequence[str]) -> list[Areas]:
    found = _module("cpca").transform(list(texts))
    return [(_word(district), None) for district in found["区"]]


def _jionlp(texts: Sequence[str]) -> list[Areas]:
    parse = _module("jionlp").parse_location
    found = [parse(text, town_village=True) for text in texts]
    return [(_word(one.get("county")), _word(one.get("town"))) for one in found]


def _module(name: str) -> Any:
    """A parser; what it says of itself is no figure."""
    with redirect_stdout(sys.stderr):
        return importlib.import_module(name)


def _word(said: Any) -> str | None:
    return said if isinstance(said, str) and said else None
