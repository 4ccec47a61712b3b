"""A batch of texts located: by exact names first, and once more by misspelt ones where these do not suffice."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from threading import Lock
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geoapp.locate import normalise
from geoapp.locate.answer import Answer, Precision, Unplaced
from geoapp.locate.calibration import CLASSES, FITTED, MISSPELT, Calibration
from geoapp.locate.found import Found, cues, find, together
from geoapp.locate.gazetteer import Gazetteer
from geoapp.locate.meanings import Meanings
from geoapp.locate.mentions import Reading
from geoapp.locate.normalise import DIGIT, LETTER, Places, Words
from geoapp.locate.ordinary import names_only, sounding_names_only
from geoapp.locate.outcome import Outcome, in_degrees, outcome
from geoapp.locate.reading import readings
from geoapp.locate.sounds import heard, is_syllable, spelled
from geoapp.locate.spelling import Near
from geoapp.locate.spoken import Spoken

_AT_ONCE: Final = 4_000
_HAN: Final = re.compile(r"[\u3400-\u9fff\U00020000-\U0002ffff]")

_COLLECTING: Final = Lock()
_BATCHES: Final[list[bool]] = []
"""Of each batch at work whether rubbish was being collected when it began: only of the first it may have been."""

_WORD: Final = 0.1
"""How much of a cost one more word of the text that is explained is worth."""

_Run = tuple[int, int]


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without looking for cycles meanwhile: what a batch makes lives until it is answered, and holds none."""
    with _COLLECTING:
        _BATCHES.append(gc.isenabled())
        gc.disable()
    try:
        yield
    finally:
        with _COLLECTING:
            if _BATCHES.pop() and not any(_BATCHES):
                if not gc.get_freeze_count():
                    # What was made counts as old: it holds no cycle that a look through all of it could find.
                    gc.freeze()
                    gc.unfreeze()
                gc.enable()


class Locator:
    """A gazetteer that texts are located by; it remembers what its forms mean."""

    __slots__ = ("calibration", "gazetteer", "meanings")

    def __init__(self, gazetteer: Gazetteer, calibration: Calibration = FITTED) -> None:
        self.gazetteer, self.meanings, self.calibration = gazetteer, Meanings(gazetteer), calibration

    def locate(self, texts: Sequence[str], within: Sequence[int | None] | None = None) -> list[Answer]:
        """Where each of the texts is. within: a place of the gazetteer (an area) that a text's source answers for."""
        near = [None] * len(texts) if within is None else within
        with _uncollected():
            found = find(self.gazetteer, texts)
            read = readings(self.gazetteer, found, len(texts), self.meanings.kinds)
            outcomes = _outcomes(self.meanings, texts, found, read, near, self.calibration, CLASSES[0])
            self._again(texts, near, read, outcomes)
            return in_degrees(self.gazetteer.crs, outcomes)

    def _again(
        self, texts: Sequence[str], within: Sequence[int | None], read: Sequence[Reading], outcomes: list[Outcome]
    ) -> None:
        """Texts that exact names leave unplaced, or place only as an area, read once more with misspelt names."""
        doubtful = [at for at, one in enumerate(outcomes) if _doubtful(one, read[at])]
        latin = [at for at in doubtful if not _HAN.search(texts[at])]
        for every, misspelt in ((sorted({*doubtful} - {*latin}), self._misspelt), (latin, self._by_letters)):
            for start in range(0, len(every), _AT_ONCE):
                self._meanwhile(texts, within, every[start : start + _AT_ONCE], misspelt, outcomes)

    def _meanwhile(
        self, texts: Sequence[str], within: Sequence[int | None], chosen: Sequence[int],
        misspelt: Callable[[Sequence[str], Meanings], Found], outcomes: list[Outcome],
    ) -> None:  # fmt: skip
        """Some of a batch read once more; what becomes better so is put in its place."""
        said = [texts[at] for at in chosen]
        own = self.meanings.apart()
        found = misspelt(said, own)
        anew = readings(self.gazetteer, found, len(said), own.kinds)
        around = [within[at] for at in chosen]
        results = _outcomes(own, said, found, anew, around, self.calibration, CLASSES[1])
        for at, result in zip(chosen, results, strict=True):
            if result.better_than(outcomes[at]):
                outcomes[at] = replace(result, notes=(*result.notes, MISSPELT))

    def _misspelt(self, texts: Sequence[str], into: Meanings) -> Found:
        """The names and cues of texts, misspelt ones among them."""
        words = normalise.read(texts)
        spelling = self.gazetteer.spelling
        near = spelling.sounding(heard(words), words) + spelling.misspelt(words)
        exact = self.gazetteer.phrases.matches(words)
        near = names_only(words, near, exact[0] + exact[1])
        return together(words, *_joined(*exact, near, into), *cues(words))

    def _by_letters(self, texts: Sequence[str], into: Meanings) -> Found:
        """The names and cues of texts in Latin letters, read as pinyin."""
        words = spelled(normalise.read(texts))
        none = np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int32)
        told = cues(words, by_sound=True)
        begin, end = _whole(words, told[0], told[1])
        near = [one for one in self.gazetteer.spelling.sounding(words, None) if begin[one.first] and end[one.end]]
        # A name is written in syllables or in Latin words; half and half it is another one.
        apart = np.append(0, np.cumsum(~(is_syllable(words) | (words.kinds == DIGIT))))
        near = [one for one in near if apart[one.end] - apart[one.first] in (0, one.end - one.first)]
        near = sounding_names_only(words, near)
        # English beside pinyin; where the names are English as well, exact ones have been looked for already.
        spoken = np.array([one.first for one in near if apart[one.first] == apart[one.end]], dtype=np.int64)
        english = cues(words)
        beside = np.isin(words.of[english[0]], words.of[spoken])
        first = np.append(told[0], english[0][beside])
        length, kind = np.append(told[1], english[1][beside]), np.append(told[2], english[2][beside])
        found = together(words, *_joined(*none, near, into), first, length, kind)
        # Another syllable before a name may be its first one; a word of the grammar or another name is told by reading.
        before = np.maximum(found.first - 1, 0)
        return replace(found, clean=(found.first == 0) | ~is_syllable(words)[before])


def _outcomes(
    meanings: Meanings, texts: Sequence[str], found: Found, read: Sequence[Reading], within: Sequence[int | None],
    calibration: Calibration, kind: str,
) -> list[Outcome]:  # fmt: skip
    """What becomes of each text of a batch that was read."""
    every = zip(texts, found.words.starts.tolist(), read, within, strict=True)
    return [
        outcome(Spoken(meanings, text, start, found, one, near), calibration, kind) for text, start, one, near in every
    ]


def _whole(words: Words, cue_first: Places, cue_length: Places) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Before which syllables a name may begin and end: between words as written, or beside a word of the grammar."""
    inside = np.zeros(len(words) + 1, dtype=bool)
    letters = words.kinds == LETTER
    inside[1:-1] = letters[1:] & letters[:-1] & (words.begins[1:] == words.ends[:-1])
    begin, end = ~inside, ~inside
    begin[cue_first + cue_length] = True
    end[cue_first] = True
    return begin, end


def _joined(first: Any, length: Any, row: Any, near: Sequence[Near], into: Meanings) -> tuple[Any, Any, Any]:
    """Exact names and those meant: a run of words that is a name is not another one misspelt."""
    exact = set(zip(first.tolist(), (first + length).tolist(), strict=True))
    runs: dict[_Run, list[Near]] = {}
    for one in near:
        if (one.first, one.end) not in exact:
            runs.setdefault((one.first, one.end), []).append(one)
    if not runs:
        return first, length, row
    made = {run: into.meant(every) for run, every in runs.items()}
    kept = _not_within_another(runs)
    firsts = np.array([run[0] for run in kept], dtype=np.int64)
    lengths = np.array([run[1] - run[0] for run in kept], dtype=np.int64)
    rows = np.array([made[run] for run in kept], dtype=np.int32)
    return np.append(first, firsts), np.append(length, lengths), np.append(row, rows)


def _not_within_another(runs: Mapping[_Run, Sequence[Near]]) -> list[_Run]:
    """Of runs that overlap the likeliest, longer ones rather than shorter ones."""
    worth = {run: min(one.cost for one in every) - _WORD * (run[1] - run[0]) for run, every in runs.items()}
    order = sorted(runs, key=lambda run: (worth[run], run[0] - run[1]))
    taken: set[int] = set()
    kept = []
    for run in order:
        if taken.isdisjoint(range(*run)):
            taken.update(range(*run))
            kept.append(run)
    return kept


def _doubtful(found: Outcome, reading: Reading) -> bool:
    if found.problem is Unplaced.ANOTHER_CITY:
        return False
    coarse = found.best is not None and found.best.precision is Precision.AREA
    return found.best is None or coarse or bool(reading.gaps)
