"""What a description says of columns: a column's name, a pattern such as "District {BoroCD}", a constant "=hydrant"."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.base import Description, Floats

CONSTANT: Final = "="

_COLUMN: Final = re.compile(r"\{([^{}]+)\}")

# Control characters, lone surrogates and marks that turn text about: no database or page wants them.
_UNWANTED: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufeff]")


def columns_of(spec: Description) -> tuple[str, ...]:
    """The columns a description names, each once."""
    patterns = [spec.key, *spec.names.values(), spec.classed, spec.authority, spec.owner, spec.maintainer]
    named = [column for pattern in patterns for column in columns_in(pattern)]
    plain = [spec.quality_column, spec.lon, spec.lat, spec.wkt, *spec.keep, *spec.only]
    return tuple(dict.fromkeys([*named, *(column for column in plain if column)]))


def columns_in(pattern: str) -> list[str]:
    """The columns that a pattern names; a constant names none."""
    if not pattern or pattern.startswith(CONSTANT):
        return []
    return _COLUMN.findall(pattern) or [pattern]


def filled(pattern: str, columns: Mapping[str, Sequence[str]], count: int) -> list[str]:
    """What a pattern says of each record; "" where all columns in it are empty."""
    if not pattern or pattern.startswith(CONSTANT):
        return [pattern[1:]] * count
    if not _COLUMN.search(pattern):
        return list(columns[pattern])
    literals, names = _COLUMN.split(pattern)[::2], _COLUMN.findall(pattern)
    cells = zip(*(columns[name] for name in names), strict=True)
    return [_woven(literals, row) if any(row) else "" for row in cells]


def _woven(literals: Sequence[str], cells: Sequence[str]) -> str:
    return literals[0] + "".join(cell + literal for cell, literal in zip(cells, literals[1:], strict=True))


def absent(missing: Iterable[str], columns: Sequence[str]) -> str:
    """What to tell of columns that are not there: the nearest that is, and all there are."""

    def one(name: str) -> str:
        near = nearest(name, columns)
        return f"no column {name}" + (f" (perhaps {near})" if near else "")

    return f"{', '.join(map(one, missing))}; it has {', '.join(columns)}"


def nearest(name: str, among: Iterable[str]) -> str:
    """The one most like a name, or "" where none is."""
    folded = {one.casefold(): one for one in among}
    near = difflib.get_close_matches(name.casefold(), folded, 1, 0.6)
    return folded[near[0]] if near else ""


def texts(column: NDArray[Any]) -> list[str]:
    """A column as texts: whole numbers lose their point, nothing is "", what cannot be stored is taken out."""
    return [_text(value) for value in column.tolist()]


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return "" if value != value else str(int(value)) if value.is_integer() else str(value)
    if isinstance(value, np.ndarray):
        value = ", ".join(texts(value))
    found = str(value)
    return (_UNWANTED.sub("", found) if _UNWANTED.search(found) else found).strip()


def values(column: NDArray[Any]) -> list[Any]:
    """A column as what JSON knows: numbers stay numbers, nothing is None."""
    if column.dtype.kind in "biuf":
        return [value if value == value else None for value in column.tolist()]
    return [text or None for text in texts(column)]


def numbers(cells: Sequence[str]) -> Floats:
    """Texts as numbers; what is none is NaN."""
    try:
        return np.array(cells, dtype=np.float64)
    except ValueError:
        return np.array([_number(cell) for cell in cells], dtype=np.float64)


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return float("nan")


def outlines(cells: Sequence[str]) -> NDArray[np.object_]:
    """WKT as flat shapes; None where there is none, it is broken, or it is a curve, which nothing here knows."""
    written = np.array([cell or None for cell in cells], dtype=object)
    with np.errstate(invalid="ignore"):
        try:
            made = shapely.from_wkt(written, on_invalid="ignore")
        except NotImplementedError:
            made = np.array([_outline(one) for one in written], dtype=object)
    return np.asarray(shapely.force_2d(made), dtype=object)


def _outline(written: str | None) -> Any:
    try:
        return shapely.from_wkt(written, on_invalid="ignore")
    except NotImplementedError:
        return None
