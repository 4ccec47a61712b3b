"""The truth about the demo city written beside it, so that whatever finds places and repeats can be scored."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Final

from geoapp.demo.parties import FAILING
from geoapp.demo.weather import Weather

FOLDER: Final = "demo"


@dataclass(frozen=True, slots=True)
class Truth:
    """What is true of one report: where the thing is (degrees), its matter, street office and site.

    repeat names the site that comes back, duplicate_of the report that told of it first, story what was planted.
    """

    ref: str
    lon: float | None = None
    lat: float | None = None
    matter: str = ""
    office: str = ""
    site: str = ""
    repeat: str = ""
    duplicate_of: str = ""
    story: str = ""


def write(folder: Path, truths: Sequence[Truth], weather: Weather, clock: datetime, seed: int, tickets: int) -> None:
    """truth.csv, a row a report; rain.csv, a row a day; truth.json, what was planted and when the clock stood still."""
    folder.mkdir(parents=True, exist_ok=True)
    names = [one.name for one in fields(Truth)]
    with (folder / "truth.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(names)
        writer.writerows([getattr(one, name) for name in names] for one in truths)
    with (folder / "rain.csv").open("w", encoding="utf-8", newline="") as stream:
        rain = csv.writer(stream)
        rain.writerow(("day", "rain_mm"))
        days = len(weather.rain_mm)
        rain.writerows((weather.day(days - 1 - at), fell) for at, fell in enumerate(weather.rain_mm.tolist()))
    told = {
        "seed": seed, "tickets": tickets, "clock": clock.isoformat(), "failing_contractor": FAILING,
        "stories": dict(Counter(one.story for one in truths if one.story)),
        "repeat_sites": len({one.repeat for one in truths if one.repeat}),
        "duplicates": sum(1 for one in truths if one.duplicate_of),
    }  # fmt: skip
    (folder / "truth.json").write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
