"""Names bound to statements: two joined roads cross, a road and two others is a stretch, any other stands alone."""

from __future__ import annotations

from typing import Any, Final

from geoapp.locate.cues import Cue
from geoapp.locate.mentions import Item, Mention, Reading, Relation, Statement
from geoapp.locate.names import Kind

_JOINS: Final = frozenset((Cue.JOIN, Cue.AND, Cue.LINK, Cue.HERE))


def bind(made: Reading, items: list[Item], clauses: list[set[int]], kinds_of: Any) -> None:
    """Names to statements: two joined roads cross, a road and two others is a stretch, any other stands alone."""
    places = [at for at, item in enumerate(items) if isinstance(item, Mention)]
    mentions: list[Mention] = [items[at] for at in places]  # type: ignore[misc]
    used = 0
    for nth, mention in enumerate(mentions):
        kinds = kinds_of(mention.row)
        if Kind.AREA in kinds:
            made.areas.append(mention)
        if nth < used:
            continue
        road = Kind.ROAD in kinds
        bound = _bound(mentions[nth : nth + 3], places[nth : nth + 3], items, clauses, kinds_of) if road else None
        if bound:
            made.statements.append(bound)
            used = nth + len(bound.mentions)
            continue
        unknown = road and (mention.crossing_after or _opens(items, places[nth]))
        made.statements.append(Statement(Relation.PLACE, (mention,), 1.0, unknown))
        if unknown:
            made.gaps.append((mention.first, mention.end))


def _bound(
    mentions: list[Mention], places: list[int], items: list[Item], clauses: list[set[int]], kinds_of: Any
) -> Statement | None:
    """A road with what follows it: a stretch of it, or the crossing with another."""
    if len(mentions) < 2 or mentions[1].sentence != mentions[0].sentence:
        return None
    stretch = _stretch(mentions, places, items, clauses, kinds_of) if len(mentions) == 3 else None
    if stretch:
        return stretch
    first, second = mentions[:2]
    before = items[places[0] - 1] if places[0] else None
    strength = _meets(first, second, _between(items, places[0], places[1]), before, kinds_of)
    return Statement(Relation.CROSSING, (first, second), strength) if strength else None


def _between(items: list[Any], low: int, high: int) -> list[tuple[int, int, int]]:
    return [item for item in items[low + 1 : high] if not isinstance(item, Mention)]


def _opens(items: list[Any], at: int) -> bool:
    """Whether a join and then a crossing follow without a second name that is known."""
    seen = False
    for item in items[at + 1 : at + 5]:
        if isinstance(item, Mention):
            return False
        if item[0] in (Cue.STOP, Cue.COMMA):
            return False
        if item[0] in (Cue.JOIN, Cue.AND):
            seen = True
        elif item[0] == Cue.CROSSING:
            return seen
    return False


def _meets(first: Mention, second: Mention, cues: list[tuple[int, int, int]], before: Any, kinds_of: Any) -> float:
    """How surely two names mean their crossing; 0 where they do not."""
    if Kind.ROAD not in kinds_of(second.row):
        return 0.0
    said = [cue[0] for cue in cues]
    covered = sum(cue[2] - cue[1] for cue in cues)
    if second.first - first.end - covered > 1 or any(kind not in _JOINS for kind in said):
        return 0.0
    corner = isinstance(before, tuple) and before[0] in (Cue.CORNER, Cue.CROSSING) and first.first - before[2] <= 1
    if second.crossing_after or corner:
        return 1.0
    if not said:
        return 0.75 if second.first == first.end else 0.0
    if Cue.JOIN in said:
        return 0.9
    if said[0] == Cue.HERE:
        return 0.9
    return 0.8 if said[0] == Cue.AND else 0.0


def _stretch(
    mentions: list[Mention], places: list[int], items: list[Item], clauses: list[set[int]], kinds_of: Any
) -> Statement | None:
    """A road from one place to another: 深南大道香蜜湖路至红荔路段, Broadway between W 72 St and W 73 St."""
    road, second, third = mentions
    if third.sentence != road.sentence or third.first - road.end > 24:
        return None
    clause = clauses[third.clause]
    early = [cue[0] for cue in _between(items, places[0], places[1])]
    late = [cue[0] for cue in _between(items, places[1], places[2])]
    if any(kind in (Cue.STOP, Cue.COMMA) for kind in (*early, *late)):
        return None
    if Cue.BETWEEN in early and (Cue.AND in late or Cue.JOIN in late):
        return Statement(Relation.STRETCH, (road, second, third))
    to = Cue.TO in late or late == [Cue.JOIN] or (Cue.BETWEEN in clause and late in ([Cue.JOIN], [Cue.AND]))
    told = Cue.FROM in early or clause & {Cue.STRETCH, Cue.BETWEEN} or Cue.BETWEEN in clause
    if to and told and not clause & {Cue.RIDE, Cue.GO} and Kind.ROAD in kinds_of(road.row):
        for mention in (second, third):
            if mention.why == "passed":
                mention.role, mention.why = 1.0, ""
        return Statement(Relation.STRETCH, (road, second, third))
    return None
