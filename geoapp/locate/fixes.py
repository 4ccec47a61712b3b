"""Names written by hand: what people call a place that no register calls so, with the reason."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Final

from geoapp.city import PACKS
from geoapp.errors import GeoappError
from geoapp.locate.gazetteer import Fix

FOLDER: Final = PACKS / "names"
_KEYS: Final = {"name", "of", "reason"}


class BadNames(GeoappError):
    """The file of hand-written names is wrong."""


def of_city(code: str, folder: Path = FOLDER) -> list[Fix]:
    """The hand-written names of a city; none where it has no file.

    Raises:
        BadNames: an entry lacks its name, what it is of, or the reason.
    """
    path = folder / f"{code}.toml"
    if not path.is_file():
        return []
    try:
        entries: list[dict[str, Any]] = tomllib.loads(path.read_text("utf-8")).get("alias", [])
    except tomllib.TOMLDecodeError as error:
        raise BadNames(f"{path.name}: {error}") from error
    for nth, entry in enumerate(entries, 1):
        if entry.keys() != _KEYS or not all(isinstance(value, str) and value for value in entry.values()):
            raise BadNames(f"{path.name}: entry {nth} needs {', '.join(sorted(_KEYS))}, each a text")
    return [Fix(entry["name"], entry["of"], entry["reason"]) for entry in entries]
