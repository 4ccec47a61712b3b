"""A site's history as a picture: one lane a matter with its tickets as signs, one with the repairs as bars."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any, Final

from babel.dates import format_skeleton
from flask_babel import gettext as _

from geoapp.pages.parts.language import language
from geoapp.store.queries.repairs import DONE

LANES: Final = 5
"""Matters with a lane of their own; the others share one."""

DENSE: Final = 24
"""With more signs than this in a lane they become dots: filled once settled, hollow while open."""

LONGEST: Final = timedelta(days=3 * 365)
"""Nothing older is drawn: it would push what is recent together."""

_LEAST: Final = timedelta(days=30)
_MONTHS: Final = (1, 2, 3, 6, 12)
_TICKS: Final = 6
_EDGE: Final = 2.0


@dataclass(frozen=True, slots=True)
class Axis:
    """Time from left to right, in per cent of the width."""

    begin: datetime
    end: datetime

    def x(self, at: datetime) -> float:
        """Where a moment lies; what is outside lies at the edge."""
        share = (min(max(at, self.begin), self.end) - self.begin) / (self.end - self.begin)
        return round(_EDGE + share * (100 - 2 * _EDGE), 2)


def chart(story: Mapping[str, Any]) -> dict[str, Any]:
    """The picture of a site's story, in per cent of its width; its lanes from above, the repairs' the last."""
    now = datetime.fromisoformat(story["now"])
    tickets = [*story["tickets"], *story["earlier"]]
    axis = _axis(tickets, story["works"], now)
    drawn = [one for one in tickets if datetime.fromisoformat(one["opened_at"]) >= axis.begin]
    bars = [bar for work in story["works"] if (bar := _bar(axis, work, now)) is not None]
    return {
        "lanes": _lanes(axis, drawn), "bars": bars, "ticks": list(_ticks(axis)), "now": axis.x(now),
        "from": axis.begin.date().isoformat(), "left_out": len(tickets) - len(drawn),
    }  # fmt: skip


def _times(works: Iterable[Mapping[str, Any]], *names: str) -> Iterator[datetime]:
    return (datetime.fromisoformat(work[name]) for work in works for name in names if work[name])


def _axis(tickets: Sequence[Mapping[str, Any]], works: Sequence[Mapping[str, Any]], now: datetime) -> Axis:
    """From the first thing drawn to now, or to the end of works that are to come."""
    ahead = _times((work for work in works if work["stage"] != DONE), "promised_at", "planned_at")
    end = min(max(chain(ahead, [now])), now + LONGEST)
    began = chain(_times(tickets, "opened_at"), _times(works, "planned_at", "started_at", "ended_at"))
    first = min(chain(began, [now - _LEAST]))
    begin = max(first, now - LONGEST)
    return Axis(begin, end)


def _lanes(axis: Axis, tickets: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The matters that came up most have a lane each; what is rare shares the last."""
    ranked = [name for name, _count in Counter(one["title"] for one in tickets).most_common()]
    own = ranked if len(ranked) <= LANES else ranked[: LANES - 1]
    groups = {name: [one for one in tickets if one["title"] == name] for name in own}
    if rest := [one for one in tickets if one["title"] not in groups]:
        groups[_("Other matters")] = rest
    return [_lane(axis, name, group) for name, group in groups.items()]


def _lane(axis: Axis, name: str, tickets: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    signs = [{"x": axis.x(datetime.fromisoformat(one["opened_at"])), "ticket": one} for one in reversed(tickets)]
    return {"name": name, "count": len(tickets), "dense": len(tickets) > DENSE, "signs": signs}


def _bar(axis: Axis, work: Mapping[str, Any], now: datetime) -> dict[str, Any] | None:
    """A repair from its begin to its end, and on to the last day its maker is liable."""
    begin = next(_times([work], "started_at", "planned_at", "ended_at", "promised_at"), now)
    end = next(_times([work], "ended_at", "promised_at"), max(begin, now))
    if end < axis.begin:
        return None
    x, to = axis.x(begin), axis.x(end)
    owed = work["liability_until"]
    liable = axis.x(datetime.combine(date.fromisoformat(owed), now.timetz())) if owed else to
    return {"x": x, "width": round(max(to - x, 0.8), 2), "to": to, "liable": max(liable, to), "work": work}


def _ticks(axis: Axis) -> Iterator[dict[str, Any]]:
    """The first days of months, few enough to be read on a phone; the year where it begins."""
    months = (axis.end.year - axis.begin.year) * 12 + axis.end.month - axis.begin.month
    step = next((step for step in _MONTHS if months / step <= _TICKS), _MONTHS[-1])
    for nth in range(1, months + 1):
        year, month = divmod(axis.begin.year * 12 + axis.begin.month - 1 + nth, 12)
        if month % step:
            continue
        at = datetime(year, month + 1, 1, tzinfo=axis.end.tzinfo)
        if at <= axis.end:
            skeleton = "yMMM" if month == 0 or step == _MONTHS[-1] else "MMM"
            yield {"x": axis.x(at), "label": format_skeleton(skeleton, at, locale=language())}
