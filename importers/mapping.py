"""Checks what all mappings have in common: TOML files that say which column of a table is what."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn
from zoneinfo import ZoneInfo

from geoapp.errors import SourceUnreadable
from importers.fields import Clock, words
from importers.rows import DELIMITERS

KEYS: Final = frozenset(
    {"source", "city", "time_zone", "times", "crs", "sheet", "header_line", "delimiter", "yes", "no", "ignored"}
)
"""The keys any mapping may have, besides the tables of its own kind."""

_CRS: Final = re.compile(r"WGS-84|GCJ-02|BD-09|EPSG:\d{4,6}", re.ASCII)
_SOURCE: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,39}", re.ASCII)
_YES: Final = ["是", "1", "true", "yes", "y", "加急", "紧急", "公开"]
_NO: Final = ["否", "0", "false", "no", "n", "普通", "一般", "不公开"]


@dataclass(frozen=True, slots=True)
class Layout:
    """What a mapping says of a table whatever its rows are: whose it is, how it is written, what its columns are.

    columns: what → the names of its columns, of which only what is joined has several; flag_words in small letters.
    """

    source: str
    city: str | None
    clock: Clock
    crs: str
    sheet: str
    header_line: int
    delimiter: str
    columns: Mapping[str, tuple[str, ...]]
    ignored: frozenset[str]
    flag_words: Mapping[str, bool]

    @property
    def read(self) -> tuple[str, ...]:
        """Every column that is mapped, each once."""
        return tuple(dict.fromkeys(column for columns in self.columns.values() for column in columns))


class Checked:
    """A parsed mapping, whose values are asked for with the type they must have.

    Every check raises SourceUnreadable, naming the key.
    """

    def __init__(self, path: Path) -> None:
        """Reads the file.

        Raises:
            SourceUnreadable: no such file, or not TOML (naming line and column).
        """
        self._path = path
        try:
            self._parsed: Mapping[str, object] = tomllib.loads(path.read_text("utf-8-sig"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise SourceUnreadable(f"{path.name}: the mapping cannot be read ({error}).") from error

    def layout(self, tables: Iterable[str], targets: Iterable[str], joined: Iterable[str]) -> Layout:
        """What is common, checked; tables are the further keys, targets the columns that can be, joined those of
        which there can be several."""
        self.only("", self._parsed, KEYS | frozenset(tables))
        columns = self._columns(frozenset(targets), frozenset(joined))
        ignored = frozenset(words(name) for name in self._list("ignored"))
        if both := sorted(ignored & {name for names in columns.values() for name in names}):
            self.fail("ignored", f'"{both[0]}" is also read')
        return Layout(
            source=self._source(),
            city=self._text("city") or None,
            clock=Clock(self._zone(), tuple(self._list("times"))),
            crs=self._crs(),
            sheet=self._text("sheet"),
            header_line=self._header_line(),
            delimiter=self._delimiter(),
            columns=columns,
            ignored=ignored,
            flag_words=self._flag_words(),
        )

    def fail(self, key: str, why: str) -> NoReturn:
        """The mapping cannot be used."""
        raise SourceUnreadable(f"{self._path.name}: {key}: {why}.")

    def only(self, where: str, given: Iterable[str], known: Iterable[str]) -> None:
        """No keys but the known ones."""
        for key in given:
            if key not in known:
                self.fail(f"{where}{key}", f"no such key; there are {', '.join(sorted(known))}")

    def table(self, key: str) -> Mapping[str, object]:
        """A table, empty where it is left out."""
        value = self._parsed.get(key, {})
        if not isinstance(value, dict):
            self.fail(key, f"must be a table, [{key}]")
        return value

    def texts(self, table: str, names: frozenset[str]) -> dict[str, str]:
        """Those of these names that a table gives, which must be texts."""
        given = self.table(table)
        texts = {key: value for key, value in given.items() if key in names and isinstance(value, str)}
        if wrong := sorted((names & given.keys()) - texts.keys()):
            self.fail(f"{table}.{wrong[0]}", "must be text in quotes")
        return texts

    def flags(self, table: str, names: frozenset[str]) -> dict[str, bool]:
        """Those of these names that a table gives, which must be true or false."""
        given = self.table(table)
        flags = {key: value for key, value in given.items() if key in names and isinstance(value, bool)}
        if wrong := sorted((names & given.keys()) - flags.keys()):
            self.fail(f"{table}.{wrong[0]}", "must be true or false")
        return flags

    def code(self, key: str, code: object, known: tuple[str, ...]) -> str:
        """One of the known codes."""
        if not isinstance(code, str) or code not in known:
            self.fail(key, f"must be one of {', '.join(known)}")
        return code

    def codes(self, table: str, known: tuple[str, ...]) -> dict[str, str]:
        """A table of the source's words for known codes."""
        given = self.table(table)
        return {words(word): self.code(f"{table}.{word}", code, known) for word, code in given.items()}

    def _text(self, key: str) -> str:
        value = self._parsed.get(key, "")
        if not isinstance(value, str):
            self.fail(key, "must be text in quotes")
        return value

    def _list(self, key: str, default: list[str] | None = None) -> list[str]:
        value = self._parsed.get(key, default or [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.fail(key, "must be a list of texts")
        return value

    def _source(self) -> str:
        source = self._text("source")
        if not _SOURCE.fullmatch(source):
            self.fail("source", "needed: a short name of small letters, digits, - _ or .")
        return source

    def _zone(self) -> ZoneInfo:
        name = self._text("time_zone")
        try:
            return ZoneInfo(name)
        except (ValueError, OSError, LookupError):
            self.fail("time_zone", f'needed: a zone such as "Asia/Shanghai", not "{name}"')

    def _crs(self) -> str:
        crs = self._text("crs") or "WGS-84"
        if not _CRS.fullmatch(crs):
            self.fail("crs", f'must be WGS-84, GCJ-02, BD-09 or EPSG:<code>, not "{crs}"')
        return crs

    def _header_line(self) -> int:
        line = self._parsed.get("header_line", 1)
        if not isinstance(line, int) or isinstance(line, bool) or line < 1:
            self.fail("header_line", "must be a number from 1")
        return line

    def _delimiter(self) -> str:
        delimiter = self._text("delimiter")
        if delimiter and delimiter not in DELIMITERS:
            self.fail("delimiter", "must be a comma, a tab, a semicolon or |")
        return delimiter

    def _columns(self, targets: frozenset[str], joined: frozenset[str]) -> dict[str, tuple[str, ...]]:
        given = self.table("columns")
        self.only("columns.", given, targets)
        if ("x" in given) != ("y" in given):
            self.fail("columns.x", "x and y are given together")
        return {target: self._column(target, value, target in joined) for target, value in given.items()}

    def _column(self, target: str, value: object, several: bool) -> tuple[str, ...]:
        names = value if isinstance(value, list) and several else [value]
        found = tuple(words(name) for name in names if isinstance(name, str) and name.strip())
        if not found or len(found) != len(names):
            self.fail(f"columns.{target}", "must be a column's name" + (" or several" if several else ""))
        return found

    def _flag_words(self) -> dict[str, bool]:
        yes, no = self._list("yes", _YES), self._list("no", _NO)
        if both := set(yes) & set(no):
            self.fail("yes", f'"{min(both)}" is also a word for no')
        return {word.lower(): True for word in yes} | {word.lower(): False for word in no}
