"""One text that is being located: what was read in it, what its names mean, and the words beside each name."""

from __future__ import annotations

from geoapp.locate.found import Found
from geoapp.locate.gazetteer import Gazetteer
from geoapp.locate.meanings import Meanings
from geoapp.locate.mentions import Mention, Reading


class Spoken:
    """A text of a batch, which begins at start among its characters.

    within: an area that its source answers for; notes: what is to be said of the answer.
    """

    __slots__ = ("found", "meanings", "notes", "reading", "start", "text", "within")

    def __init__(
        self, meanings: Meanings, text: str, start: int, found: Found, reading: Reading, within: int | None
    ) -> None:
        self.meanings, self.text, self.start, self.found = meanings, text, start, found
        self.reading, self.within = reading, within
        self.notes: list[str] = []

    @property
    def gazetteer(self) -> Gazetteer:
        """Where its names are looked up."""
        return self.meanings.gazetteer

    def tail(self, mention: Mention, length: int = 16) -> str:
        """What stands behind a name, on its line."""
        start = self.found.ends[mention.end - 1]
        return self.found.text[start : start + length].partition("\n")[0]

    def lead(self, mention: Mention, length: int = 28) -> str:
        """What stands before a name, on its line."""
        end = self.found.begins[mention.first]
        return self.found.text[max(0, end - length) : end].rpartition("\n")[2]

    def kind_before(self, mention: Mention) -> int | None:
        """What kind of word stands before a name."""
        return int(self.found.words.kinds[mention.first - 1]) if mention.first else None

    def led(self, mention: Mention) -> bool:
        """Whether another name ends where this one begins."""
        return any(one.end == mention.first for said in self.reading.statements for one in said.mentions) or any(
            one.end == mention.first for one in self.reading.areas
        )

    def quote(self, mention: Mention) -> str:
        """A name as it was written."""
        return self.text[self.found.begins[mention.first] - self.start : self.found.ends[mention.end - 1] - self.start]
