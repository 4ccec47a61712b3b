"""Which matter a text is about, by the names and keywords of the city's catalogue; unsure rather than guessed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from geoapp.city import City

EXACT: Final = "exact"
NAME: Final = "name"
KEYWORD: Final = "keyword"

SURE: Final = 0.6
"""From this confidence on a text's matter is taken for what it is about; below, it stays open."""

_CONFIDENCE: Final = {EXACT: 1.0, NAME: 0.9, KEYWORD: 0.6}
_RANK: Final = {EXACT: 2, NAME: 1, KEYWORD: 0}


@dataclass(frozen=True, slots=True)
class Classified:
    """The answer: codes of matter and category, None where the text names none or several alike."""

    matter: str | None
    category: str | None
    confidence: float
    evidence: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Term:
    """Words that mean a matter; words of letters count only where they stand by themselves."""

    words: str
    pattern: re.Pattern[str]
    how: str
    matter: str
    category: str


def recognise(city: City, texts: Sequence[str]) -> list[Classified | None]:
    """What each text is surely about; None where that is not sure."""
    among = terms(city) if texts else ()
    if not among:
        return [None] * len(texts)
    # Most texts name nothing of the catalogue: one look tells.
    names_any = re.compile("|".join(term.pattern.pattern for term in among))
    found = [classify(text, among) if names_any.search(_plain(text)) else None for text in texts]
    return [one if one and one.matter and one.confidence >= SURE else None for one in found]


def terms(city: City) -> tuple[Term, ...]:
    """The catalogue's words, made ready once."""
    found = []
    for matter in city.matters:
        spoken = [(NAME, words) for words in matter.names.values()] + [(KEYWORD, words) for words in matter.keywords]
        for how, words in spoken:
            plain = _plain(words)
            if plain:
                found.append(Term(plain, _pattern(plain), how, matter.code, matter.category))
    return tuple(found)


def classify(text: str, among: Sequence[Term]) -> Classified:
    """The matter whose words fit best: the whole text before a name in it before a keyword, then the longest.

    Two matters that fit equally well are no answer; a second matter that fits less well halves the confidence.
    """
    plain = _plain(text)
    fits = [(_how(term, plain), term) for term in among if term.pattern.search(plain)]
    if not fits:
        return Classified(None, None, 0.0, {"rule": "none"})
    best = max(_score(how, term) for how, term in fits)
    winners = {term.matter: (how, term) for how, term in fits if _score(how, term) == best}
    if len(winners) > 1:
        return Classified(None, None, 0.0, {"rule": "ambiguous", "matters": sorted(winners)})
    how, term = next(iter(winners.values()))
    others = sorted({one.matter for _, one in fits if one.matter != term.matter and one.words not in term.words})
    confidence = _CONFIDENCE[how] / (2 if others and how != EXACT else 1)
    return Classified(term.matter, term.category, confidence, {"rule": how, "words": term.words, "also": others})


def _score(how: str, term: Term) -> tuple[int, int]:
    return _RANK[how], len(term.words)


def _how(term: Term, plain: str) -> str:
    return EXACT if term.how == NAME and term.words == plain else term.how


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _pattern(words: str) -> re.Pattern[str]:
    # "tree" is no part of "street", but potholes are potholes; Chinese has no gaps between words.
    if words[-1].isascii():
        return re.compile(rf"(?<![a-z0-9]){re.escape(words)}(?:e?s)?(?![a-z0-9])")
    return re.compile(re.escape(words))
