"""When a unit is on duty, as somebody writes it: `1-5 09:00-18:00; 6,7 10:00-16:00`, Monday is 1."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

Span = Mapping[str, Any]
"""One span as the table has it: {"days": [1, …], "from": "09:00", "to": "18:00"}."""

_BETWEEN: Final = re.compile(r"[;；\n]")
_SPAN: Final = re.compile(
    r"(?:(?P<days>[1-7](?:[-,，、–~至到]?[1-7])*)\s+)?(?P<from>\d{1,2}[:：]\d{2})\s*[-–—~至到]\s*(?P<to>\d{1,2}[:：]\d{2})"
)
_TIME: Final = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d|24:00")
_DAYS_WRITTEN: Final = {
    "周": "", "星期": "", "礼拜": "", "一": "1", "二": "2", "三": "3", "四": "4", "五": "5", "六": "6", "日": "7",
    "天": "7", "monday": "1", "tuesday": "2", "wednesday": "3", "thursday": "4", "friday": "5", "saturday": "6",
    "sunday": "7", "mon": "1", "tue": "2", "wed": "3", "thu": "4", "fri": "5", "sat": "6", "sun": "7",
}  # fmt: skip
_NAMES: Final = {
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_ALWAYS: Final = {"7x24", "7×24", "24h", "24小时", "全天"}
MOST: Final = 14


def read(words: str) -> list[Span]:
    """The spans that are written.

    Raises:
        ValueError: something else is.
    """
    parts = [part.strip() for part in _BETWEEN.split(words) if part.strip()]
    if len(parts) > MOST:
        raise ValueError(words)
    return [_span(part) for part in parts]


def _span(part: str) -> Span:
    plain = part.casefold()
    if plain in _ALWAYS:
        return {"days": [1, 2, 3, 4, 5, 6, 7], "from": "00:00", "to": "24:00"}
    for word, sign in _DAYS_WRITTEN.items():
        plain = plain.replace(word, sign)
    found = _SPAN.fullmatch(plain)
    if found is None:
        raise ValueError(part)
    begins, ends = (found[name].replace("：", ":").zfill(5) for name in ("from", "to"))
    if not (_TIME.fullmatch(begins) and _TIME.fullmatch(ends)) or begins >= ends:
        raise ValueError(part)
    return {"days": _days(found["days"] or "1-7"), "from": begins, "to": ends}


def _days(words: str) -> list[int]:
    days: set[int] = set()
    for part in re.split(r"[,，、]", words):
        ends = [int(sign) for sign in part if sign.isdigit()]
        if len(ends) > 2 or (len(ends) == 2 and ends[0] > ends[1]):
            raise ValueError(words)
        days |= set(range(ends[0], ends[-1] + 1))
    return sorted(days)


def write(spans: Sequence[Span]) -> str:
    """The spans as `read` takes them."""
    return "; ".join(f"{_ranges(one['days'], str, '-', ',')} {one['from']}-{one['to']}" for one in spans)


def in_words(spans: Sequence[Span], language: str) -> str:
    """The spans as people say them; empty where nothing is told."""
    names = _NAMES["zh" if language == "zh" else "en"]
    to, comma, between = ("至", "、", "；") if language == "zh" else ("–", ", ", "; ")
    return between.join(
        f"{_ranges(one['days'], lambda day: names[day - 1], to, comma)} {one['from']}–{one['to']}" for one in spans
    )


def _ranges(days: Sequence[int], named: Any, to: str, comma: str) -> str:
    """1,2,3,5 as 1-3,5."""
    parts: list[list[int]] = []
    for day in sorted(days):
        if parts and day == parts[-1][-1] + 1:
            parts[-1].append(day)
        else:
            parts.append([day])
    return comma.join(named(part[0]) if len(part) == 1 else f"{named(part[0])}{to}{named(part[-1])}" for part in parts)
