"""Two years of days in the demo city: rain, weekdays, growth; and the hours at which people speak up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from geoapp.locate.datum import Floats

DAYS: Final = 730

# When people speak up: little at night, most in the morning, again after work.
_HOURS: Final = {
    "any": (1, 1, 1, 1, 1, 2, 5, 12, 18, 20, 18, 14, 10, 11, 14, 15, 14, 14, 16, 15, 13, 9, 5, 2),
    "evening": (3, 2, 1, 1, 1, 1, 2, 4, 6, 6, 5, 4, 4, 4, 4, 5, 6, 9, 14, 22, 24, 20, 13, 6),
    "night": (22, 18, 14, 9, 6, 5, 6, 8, 8, 6, 4, 3, 3, 3, 3, 3, 3, 3, 3, 4, 6, 10, 18, 24),
}
_AFTER_RAIN: Final = np.array([0.3, 0.9, 1.0, 0.8, 0.5, 0.3, 0.2])
"""How much of a day's rain shows as holes so many days later."""


@dataclass(frozen=True, slots=True)
class Weather:
    """The days from the first to the last (today): rain in millimetres, and how much people speak up at all."""

    today: date
    rain_mm: Floats
    bustle: Floats

    def day(self, ago: int) -> date:
        """The date so many days ago."""
        return self.today - timedelta(days=ago)

    def weights(self, wet: float, when: str) -> Floats:
        """How often a matter is reported on each day, oldest first."""
        rain = self.rain_mm / 25.0
        if when == "after":
            rain = np.convolve(rain, _AFTER_RAIN)[: len(rain)]
        return np.asarray(self.bustle * np.maximum(1 + wet * np.minimum(rain, 4.0), 0.1), dtype=np.float64)


def make(chance: np.random.Generator, today: date) -> Weather:
    """Rain by the seasons of a southern coast: spells in spring, storms in summer, dry from October on."""
    days = [today - timedelta(days=DAYS - 1 - at) for at in range(DAYS)]
    season = np.array([np.cos(2 * np.pi * (day.timetuple().tm_yday - 190) / 365.25) for day in days])
    wet = np.zeros(DAYS, dtype=bool)
    for at in range(DAYS):
        # A wet day is likelier after a wet one.
        wet[at] = chance.uniform() < 0.2 + 0.16 * season[at] + (0.3 if at and wet[at - 1] else 0.0)
    rain: Floats = np.where(wet, chance.gamma(0.9, 11.0, DAYS) * (1 + 0.7 * season), 0.0)
    weekday = np.array([(1.12, 1.08, 1.04, 1.0, 1.02, 0.84, 0.78)[day.weekday()] for day in days])
    growth = 0.55 + 0.9 * np.linspace(0, 1, DAYS) ** 1.6
    return Weather(today, rain.round(1), weekday * growth * (1 + 0.12 * season))


def busy(hour: int) -> float:
    """How busy an hour is, the busiest being 1."""
    return _HOURS["any"][hour] / max(_HOURS["any"])


def hours(chance: np.random.Generator, when: str, count: int) -> Floats:
    """Hours of the day, with their fractions."""
    often = np.array(_HOURS.get(when, _HOURS["any"]), dtype=float)
    return np.asarray(chance.choice(24, count, p=often / often.sum()) + chance.uniform(size=count), dtype=np.float64)
