"""Texts that name more places than any letter does, cut down to the likeliest: else the cost would grow as a square."""

from __future__ import annotations

from bisect import bisect_left
from typing import Any, Final

from geoapp.locate.mentions import Mention, Reading, Relation, Statement
from geoapp.locate.names import Kind

MOST: Final = 64
"""Statements that are weighed of one text."""

_FIRST: Final = 16
_BEFORE: Final = 3
_BEHIND: Final = 2
"""Areas kept: the first that are named, and those nearest to each statement."""


def cut(made: Reading, kinds_of: Any) -> None:
    """Of a long text the statements with the best claim, each once, and the areas nearest to these."""
    if len(made.statements) > MOST:
        made.statements = _statements(made.statements, kinds_of)
    if len(made.areas) > MOST:
        made.areas = _areas(made.areas, made.statements)


def _statements(every: list[Statement], kinds_of: Any) -> list[Statement]:
    """One of each names; the surer their part and the finer what they mean, the rather."""
    best: dict[tuple[Any, ...], tuple[tuple[float, ...], Statement]] = {}
    for nth, one in enumerate(every):
        alone = one.relation is Relation.PLACE
        area = alone and Kind.AREA in kinds_of(one.mentions[0].row)
        claim = (-one.role, float(area), float(alone), -float(one.mentions[0].clean), float(nth))
        names = one.relation, tuple(mention.row for mention in one.mentions)
        if names not in best or claim < best[names][0]:
            best[names] = claim, one
    chosen = sorted(best.values(), key=lambda one: one[0])[:MOST]
    return [one for _, one in sorted(chosen, key=lambda one: one[0][-1])]


def _areas(every: list[Mention], statements: list[Statement]) -> list[Mention]:
    """The first ones of each name, and those nearest to what is weighed."""
    firsts = [area.first for area in every]
    distinct = {area.row: nth for nth, area in reversed([*enumerate(every)])}
    kept = {*sorted(distinct.values())[:_FIRST]}
    for one in statements:
        at = bisect_left(firsts, one.mentions[0].first)
        kept.update(range(max(0, at - _BEFORE), min(len(every), at + _BEHIND + 1)))
    return [every[at] for at in sorted(kept)]
