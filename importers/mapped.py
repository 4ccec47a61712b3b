"""Reads tables through a mapping: their rows, and each field of a row by a reader put together once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from importers.base import Rejected, Row, RowError, Source
from importers.fields import number, words
from importers.mapping import Layout
from importers.rows import read

Cells = Mapping[str, str]
Read = Callable[[Cells], Any]
"""What one field of a record is, read from a row's cells."""

# Kinds, states, units come over and over; what people say does not.
few: Final = lru_cache(maxsize=4096)(words)


class Mapped(Source):
    """A source whose tables are read through a mapping."""

    def __init__(self, layout: Layout, columns: tuple[str, ...]) -> None:
        """columns are all that are read."""
        self._layout = layout
        self._columns = columns
        self.city = layout.city
        self._known = layout.ignored | frozenset(columns)

    def __getstate__(self) -> dict[str, Any]:
        # The readers are made where they are used: another process makes its own.
        return {name: value for name, value in self.__dict__.items() if name != "_readers"}

    @property
    def source(self) -> str:
        return self._layout.source

    def rows(self, path: Path) -> Iterator[Row | Rejected]:
        layout = self._layout
        sheet = read(path, header_line=layout.header_line, delimiter=layout.delimiter, sheet=layout.sheet)
        sheet.need(self._columns, path)
        self._meet(set(sheet.header) - self._known)
        return sheet.rows

    def _found(self, fields: Cells) -> dict[str, Any]:
        """The fields of a record by name.

        Raises:
            RowError: one of them cannot be read.
        """
        if not fields.keys() <= self._known:
            self._meet(fields.keys() - self._known)
        if "_readers" not in self.__dict__:
            self._readers = tuple(self._readings())
        return {name: reader(fields) for name, reader in self._readers}

    def _readings(self) -> Iterator[tuple[str, Read]]:
        """The fields that are read or set, with their readers."""
        raise NotImplementedError


class Readers:
    """Readers of the kinds of fields that mappings have, so that a row costs its own columns only."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    def column(self, target: str) -> str:
        """The column of what there is one of, "" where it is not mapped."""
        return self._layout.columns.get(target, ("",))[0]

    def ref(self) -> Read:
        """The reference, which must be given."""
        column = self.column("ref")

        def ref(cells: Cells) -> str:
            if found := cells.get(column, "").strip():
                return found
            raise RowError("no_ref", f"{column} is empty")

        return ref

    def time(self, target: str) -> Read:
        """A time, None where empty."""
        column, clock = self.column(target), self._layout.clock
        return lambda cells: clock.at(cells.get(column, ""), column)

    def must(self, target: str) -> Read:
        """A time that must be given."""
        column, clock = self.column(target), self._layout.clock
        return lambda cells: clock.must(cells.get(column, ""), column)

    def number(self, target: str) -> Read:
        """A number, None where empty."""
        column = self.column(target)
        return lambda cells: number(cells.get(column, ""), column)

    def joined(self, target: str, between: str) -> Read:
        """Words of one or several columns, of one line unless lines are between them."""
        columns, one_line = self._layout.columns[target], between != "\n"
        if len(columns) == 1:
            column = columns[0]
            return lambda cells: words(cells.get(column, "")) if one_line else cells.get(column, "").strip()

        def joined(cells: Cells) -> str:
            found = [cells.get(column, "").strip() for column in columns]
            text = between.join(cell for cell in found if cell)
            return words(text) if one_line else text

        return joined

    def words(self, target: str, usual: str) -> Read:
        """Words that come over and over; an empty cell, or none, is the usual ones."""
        column = self.column(target)
        return lambda cells: few(cells.get(column, "")) or usual

    def flag(self, target: str, usual: bool) -> Read:
        """A word for yes or no."""
        column = self.column(target)
        return self.listed(column, self._layout.flag_words, usual, "bad_word", " is neither yes nor no", fold=True)

    def listed(
        self, column: str, known: Mapping[str, Any], usual: object, reason: str, why: str, *, fold: bool = False
    ) -> Read:
        """A word that must be one of a list; an empty cell is the usual."""

        def listed(cells: Cells) -> object:
            word = few(cells.get(column, ""))
            if not word:
                return usual
            found = known.get(word.lower() if fold else word)
            if found is None:
                raise RowError(reason, f'{column} "{word}"{why}')
            return found

        return listed
