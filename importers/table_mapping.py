"""Reads and checks the mapping of a table: the TOML file that says which column is what."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn
from zoneinfo import ZoneInfo

from geoapp.errors import SourceUnreadable
from importers.base import KINDS
from importers.fields import Clock, words
from importers.rows import DELIMITERS

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
_KEYS: Final = _TABLES | {
    *("source", "city", "time_zone", "times", "crs", "sheet", "header_line", "delimiter", "yes", "no", "ignored"),
}
_CRS: Final = re.compile(r"WGS-84|GCJ-02|BD-09|EPSG:\d{4,6}", re.ASCII)
_SOURCE: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,39}", re.ASCII)
_YES: Final = ["是", "1", "true", "yes", "y", "加急", "紧急", "公开"]
_NO: Final = ["否", "0", "false", "no", "n", "普通", "一般", "不公开"]


@dataclass(frozen=True, slots=True)
class TableMapping:
    """A mapping checked; the words of flags, kinds, states and outcomes are its keys as the source writes them."""

    source: str
    city: str | None
    clock: Clock
    crs: str
    sheet: str
    header_line: int
    delimiter: str
    columns: Mapping[str, tuple[str, ...]]
    ignored: frozenset[str]
    texts: Mapping[str, str]
    flags: Mapping[str, bool]
    flag_words: Mapping[str, bool]
    kinds: Mapping[str, str]
    states: Mapping[str, tuple[str, str | None]]
    outcomes: Mapping[str, str]
    measured: Mapping[str, str]

    @property
    def read(self) -> tuple[str, ...]:
        """Every column it reads, each once."""
        mapped = [column for columns in self.columns.values() for column in columns]
        return tuple(dict.fromkeys([*mapped, *self.measured]))


def load(path: Path) -> TableMapping:
    """The mapping in a TOML file.

    Raises:
        SourceUnreadable: no such file, not TOML (naming line and column), or a key that cannot be (naming it).
    """
    try:
        parsed = tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SourceUnreadable(f"{path.name}: the mapping cannot be read ({error}).") from error
    return _Checked(path, parsed).mapping()


class _Checked:
    """The parsed file, whose values are asked for with the type they must have."""

    def __init__(self, path: Path, parsed: Mapping[str, object]) -> None:
        self._path = path
        self._parsed = parsed

    def mapping(self) -> TableMapping:
        self._only("", self._parsed, _KEYS)
        columns = self._columns()
        ignored = frozenset(words(name) for name in self._list("ignored"))
        if both := sorted(ignored & {name for names in columns.values() for name in names}):
            self._fail("ignored", f'"{both[0]}" is also read')
        constants = self._table("constants")
        self._only("constants.", constants, WORDS | FLAGS)
        return TableMapping(
            source=self._source(),
            city=self._text("city") or None,
            clock=Clock(self._zone(), tuple(self._list("times"))),
            crs=self._crs(),
            sheet=self._text("sheet"),
            header_line=self._header_line(),
            delimiter=self._delimiter(),
            columns=columns,
            ignored=ignored,
            texts=self._constant_texts(constants),
            flags=self._constant_flags(constants),
            flag_words=self._flag_words(),
            kinds=self._codes("kinds", KINDS),
            states=self._states(),
            outcomes=self._codes("outcomes", OUTCOMES),
            measured=self._measured(),
        )

    def _fail(self, key: str, why: str) -> NoReturn:
        raise SourceUnreadable(f"{self._path.name}: {key}: {why}.")

    def _only(self, where: str, given: Iterable[str], known: Iterable[str]) -> None:
        for key in given:
            if key not in known:
                self._fail(f"{where}{key}", f"no such key; there are {', '.join(sorted(known))}")

    def _text(self, key: str) -> str:
        value = self._parsed.get(key, "")
        if not isinstance(value, str):
            self._fail(key, "must be text in quotes")
        return value

    def _list(self, key: str, default: list[str] | None = None) -> list[str]:
        value = self._parsed.get(key, default or [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self._fail(key, "must be a list of texts")
        return value

    def _table(self, key: str) -> Mapping[str, object]:
        value = self._parsed.get(key, {})
        if not isinstance(value, dict):
            self._fail(key, f"must be a table, [{key}]")
        return value

    def _source(self) -> str:
        source = self._text("source")
        if not _SOURCE.fullmatch(source):
            self._fail("source", "needed: a short name of small letters, digits, - _ or .")
        return source

    def _zone(self) -> ZoneInfo:
        name = self._text("time_zone")
        try:
            return ZoneInfo(name)
        except (ValueError, OSError, LookupError):
            self._fail("time_zone", f'needed: a zone such as "Asia/Shanghai", not "{name}"')

    def _crs(self) -> str:
        crs = self._text("crs") or "WGS-84"
        if not _CRS.fullmatch(crs):
            self._fail("crs", f'must be WGS-84, GCJ-02, BD-09 or EPSG:<code>, not "{crs}"')
        return crs

    def _header_line(self) -> int:
        line = self._parsed.get("header_line", 1)
        if not isinstance(line, int) or isinstance(line, bool) or line < 1:
            self._fail("header_line", "must be a number from 1")
        return line

    def _delimiter(self) -> str:
        delimiter = self._text("delimiter")
        if delimiter and delimiter not in DELIMITERS:
            self._fail("delimiter", "must be a comma, a tab, a semicolon or |")
        return delimiter

    def _columns(self) -> dict[str, tuple[str, ...]]:
        given = self._table("columns")
        self._only("columns.", given, _TARGETS)
        if "said_at" not in given:
            self._fail("columns.said_at", "needed: the column that says when it was said")
        if ("x" in given) != ("y" in given):
            self._fail("columns.x", "x and y are given together")
        return {target: self._column(target, value) for target, value in given.items()}

    def _column(self, target: str, value: object) -> tuple[str, ...]:
        names = value if isinstance(value, list) and target in JOINED else [value]
        found = tuple(words(name) for name in names if isinstance(name, str) and name.strip())
        if not found or len(found) != len(names):
            self._fail(f"columns.{target}", "must be a column's name" + (" or several" if target in JOINED else ""))
        return found

    def _constant_texts(self, given: Mapping[str, object]) -> dict[str, str]:
        texts = {key: value for key, value in given.items() if key in WORDS and isinstance(value, str)}
        if wrong := sorted((WORDS & given.keys()) - texts.keys()):
            self._fail(f"constants.{wrong[0]}", "must be text in quotes")
        if texts.get("kind", KINDS[0]) not in KINDS:
            self._fail("constants.kind", f"must be one of {', '.join(KINDS)}")
        return texts

    def _constant_flags(self, given: Mapping[str, object]) -> dict[str, bool]:
        flags = {key: value for key, value in given.items() if key in FLAGS and isinstance(value, bool)}
        if wrong := sorted((FLAGS & given.keys()) - flags.keys()):
            self._fail(f"constants.{wrong[0]}", "must be true or false")
        return flags

    def _flag_words(self) -> dict[str, bool]:
        yes, no = self._list("yes", _YES), self._list("no", _NO)
        if both := set(yes) & set(no):
            self._fail("yes", f'"{min(both)}" is also a word for no')
        return {word.lower(): True for word in yes} | {word.lower(): False for word in no}

    def _codes(self, table: str, known: tuple[str, ...]) -> dict[str, str]:
        given = self._table(table)
        return {words(word): self._code(f"{table}.{word}", code, known) for word, code in given.items()}

    def _code(self, key: str, code: object, known: tuple[str, ...]) -> str:
        if not isinstance(code, str) or code not in known:
            self._fail(key, f"must be one of {', '.join(known)}")
        return code

    def _states(self) -> dict[str, tuple[str, str | None]]:
        return {words(word): self._state(f"states.{word}", value) for word, value in self._table("states").items()}

    def _state(self, key: str, value: object) -> tuple[str, str | None]:
        if not isinstance(value, dict):
            return self._code(key, value, STATES), None
        self._only(f"{key}.", value, ("state", "outcome"))
        state = self._code(f"{key}.state", value.get("state"), STATES)
        outcome = self._code(f"{key}.outcome", value["outcome"], OUTCOMES) if "outcome" in value else None
        return state, outcome

    def _measured(self) -> dict[str, str]:
        given = self._table("measured")
        units = {words(name): unit for name, unit in given.items() if isinstance(unit, str)}
        if len(units) != len(given):
            self._fail("measured", "must give each column a unit in quotes")
        return units
