"""How long and how often, in the caller's words."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

from babel.dates import format_timedelta
from flask_babel import gettext as _

from geoapp.pages.parts.language import language

_A_DAY: Final = timedelta(days=1)
_IN_DAYS: Final = timedelta(days=60)
"""Up to here people count days: 12 days are not two weeks."""

_DIGIT_BEFORE_HAN: Final = re.compile(r"(?<=\d)(?=[\u4e00-\u9fff])")


def duration(span: timedelta) -> str:
    """A span of time as people say it: in days up to two months, in months up to two years; at least a day."""
    span = max(span, _A_DAY)
    # Babel takes the largest unit of which there are as many as the threshold.
    threshold = 1e9 if span < _IN_DAYS else 2
    said = format_timedelta(span, granularity="day", threshold=threshold, locale=language())
    return _DIGIT_BEFORE_HAN.sub(" ", said)


def ago(span: timedelta) -> str:
    """How long since."""
    if span < _A_DAY:
        return str(_("less than a day ago"))
    return str(_("%(span)s ago", span=duration(span)))


def ordinal(n: int) -> str:
    """1st, 2nd, 3rd in English; Chinese needs the number alone, the sentence says 第 and 次."""
    if language() != "en":
        return str(n)
    ending = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"
