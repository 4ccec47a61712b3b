"""Reads and checks the mapping of a table of reports: the TOML file that says which column is what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from importers.base import KINDS, PINS
from importers.fields import words
from importers.mapping import Checked, Layout

STATES: Final = (
    *("registered", "to_dispatch", "to_sign", "disputed", "in_hand", "shelved", "to_check", "settled"),
    *("closed", "declined", "merged", "withdrawn"),
)
OUTCOMES: Final = ("repaired", "explained", "adopted", "declined", "merged")

WORDS: Final = frozenset({"kind", "category", "matter", "unit", "unit_name", "recorded_area", "channel"})
FLAGS: Final = frozenset({"urgent", "public"})
JOINED: Final = {"body": "\n", "address": " "}
"""What may be put together from several columns, and with what between them."""

_SINGLE: Final = frozenset(
    {"ref", "said_at", "due_at", "x", "y", "name", "phone", "email", "status", "status_at", "outcome", "note"}
)
_TARGETS: Final = WORDS | FLAGS | _SINGLE | JOINED.keys()
_TABLES: Final = frozenset({"columns", "constants", "kinds", "states", "outcomes", "measured"})


@dataclass(frozen=True, slots=True)
class TableMapping:
    """A mapping checked; the words of kinds, states and outcomes are its keys as the source writes them."""

    layout: Layout
    texts: Mapping[str, str]
    flags: Mapping[str, bool]
    kinds: Mapping[str, str]
    states: Mapping[str, tuple[str, str | None]]
    outcomes: Mapping[str, str]
    measured: Mapping[str, str]

    @property
    def read(self) -> tuple[str, ...]:
        """Every column it reads, each once."""
        return tuple(dict.fromkeys([*self.layout.read, *self.measured]))


def load(path: Path) -> TableMapping:
    """The mapping in a TOML file.

    Raises:
        SourceUnreadable: no such file, not TOML (naming line and column), or a key that cannot be (naming it).
    """
    checked = Checked(path)
    layout = checked.layout(_TABLES, _TARGETS, JOINED)
    if "said_at" not in layout.columns:
        checked.fail("columns.said_at", "needed: the column that says when it was said")
    checked.only("constants.", checked.table("constants"), WORDS | FLAGS | {"pin"})
    texts = checked.texts("constants", WORDS | {"pin"})
    if texts.get("pin", PINS[0]) not in PINS:
        checked.fail("constants.pin", f"must be one of {', '.join(PINS)}")
    if texts.get("kind", KINDS[0]) not in KINDS:
        checked.fail("constants.kind", f"must be one of {', '.join(KINDS)}")
    return TableMapping(
        layout=layout,
        texts=texts,
        flags=checked.flags("constants", FLAGS),
        kinds=checked.codes("kinds", KINDS),
        states=_states(checked),
        outcomes=checked.codes("outcomes", OUTCOMES),
        measured=_measured(checked),
    )


def _states(checked: Checked) -> dict[str, tuple[str, str | None]]:
    return {words(word): _state(checked, f"states.{word}", value) for word, value in checked.table("states").items()}


def _state(checked: Checked, key: str, value: object) -> tuple[str, str | None]:
    if not isinstance(value, dict):
        return checked.code(key, value, STATES), None
    checked.only(f"{key}.", value, ("state", "outcome"))
    state = checked.code(f"{key}.state", value.get("state"), STATES)
    outcome = checked.code(f"{key}.outcome", value["outcome"], OUTCOMES) if "outcome" in value else None
    return state, outcome


def _measured(checked: Checked) -> dict[str, str]:
    given = checked.table("measured")
    units = {words(name): unit for name, unit in given.items() if isinstance(unit, str)}
    if len(units) != len(given):
        checked.fail("measured", "must give each column a unit in quotes")
    return units
