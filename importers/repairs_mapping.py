"""Reads and checks the mapping of a table of repairs: the TOML file that says which column is what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from importers.mapping import Checked, Layout

TIMES: Final = ("planned_at", "started_at", "promised_at", "ended_at", "as_of")
WORDS: Final = frozenset({"ticket", "asset", "asset_layer", "unit", "unit_name"})
FLAGS: Final = frozenset({"hoarding", "traffic_plan"})
JOINED: Final = {"note": "\n", "address": " "}
"""What may be put together from several columns, and with what between them."""

_CONSTANTS: Final = frozenset({"asset_layer", "unit", "unit_name"})
_TARGETS: Final = {"ref", "x", "y", "assisting", "liability_until", *TIMES, *WORDS, *FLAGS, *JOINED}


@dataclass(frozen=True, slots=True)
class RepairsMapping:
    """A mapping checked."""

    layout: Layout
    texts: Mapping[str, str]
    flags: Mapping[str, bool]


def load(path: Path) -> RepairsMapping:
    """The mapping in a TOML file.

    Raises:
        SourceUnreadable: no such file, not TOML (naming line and column), or a key that cannot be (naming it).
    """
    checked = Checked(path)
    layout = checked.layout(("columns", "constants"), _TARGETS, JOINED)
    if "ref" not in layout.columns:
        checked.fail("columns.ref", "needed: the column with the number of the repair")
    if not layout.columns.keys() & {"ticket", "asset", "x", "address"}:
        checked.fail("columns", "needed: a column that says where it is, ticket, asset, x and y, or address")
    if not layout.columns.keys() & {"planned_at", "started_at", "promised_at", "ended_at"}:
        checked.fail("columns", "needed: a column that says when, planned_at, started_at, promised_at or ended_at")
    checked.only("constants.", checked.table("constants"), _CONSTANTS | FLAGS)
    return RepairsMapping(layout, checked.texts("constants", _CONSTANTS), checked.flags("constants", FLAGS))
