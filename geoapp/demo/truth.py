"""The truth about a demo city written beside it, so that whatever finds places and repeats can be scored."""

from __future__ import annotations

import csv
import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from geoapp.demo.mending import Mended
from geoapp.demo.parties import FAILING, TRENCHER
from geoapp.demo.stories import late_offices

if TYPE_CHECKING:
    from geoapp.demo.life import Plot, Slice

FOLDER: Final = "demo"
TRUTH: Final = "truth.csv"
REPAIRS: Final = "repairs.csv"
STORIES: Final = "stories.json"
_HALF: Final = ".part"


@dataclass(frozen=True, slots=True)
class Truth:
    """What is true of one report: where the thing is (degrees), its matter, street office and site.

    repeat names the site that comes back, duplicate_of the report that told of it first, story what was planted and
    tale that story's own name; lead says of a platform's post whether it is to be filed or dropped.
    Times are ISO 8601, stars three digits for speed, effect and service: settled_before and asked_again, of what was
    not good the first time, and said_good, when somebody was satisfied.
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
    tale: str = ""
    lead: str = ""
    settled_before: str = ""
    asked_again: str = ""
    again_stars: str = ""
    said_good: str = ""
    stars: str = ""


@dataclass(slots=True)
class Counts:
    """What the truth holds, counted while it is written."""

    stories: Counter[str] = field(default_factory=Counter)
    tales: set[str] = field(default_factory=set)
    duplicates: int = 0
    leads: Counter[str] = field(default_factory=Counter)
    repairs: int = 0
    again: int = 0
    good: int = 0


class Writer:
    """Writes truth.csv, a row a report, and repairs.csv, a row a repair, as slices come; whole or not at all."""

    def __init__(self, folder: Path, of: Plot) -> None:
        self._folder, self._of = folder, of
        self._open = ExitStack()
        self.counts = Counts()

    def __enter__(self) -> Writer:
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / STORIES).unlink(missing_ok=True)
        self._told = self._begin(TRUTH, [one.name for one in fields(Truth)])
        self._mended = self._begin(REPAIRS, ["of", *(one.name for one in fields(Mended) if one.name != "of")])
        return self

    def _begin(self, name: str, header: Sequence[str]) -> Any:
        path = self._folder / f"{name}{_HALF}"
        stream: IO[str] = self._open.enter_context(path.open("w", encoding="utf-8", newline=""))
        writer = csv.writer(stream)
        writer.writerow(header)
        return writer

    def add(self, one: Slice) -> None:
        """Write a slice's truth."""
        names = [field.name for field in fields(Truth)]
        self._told.writerows([getattr(truth, name) for name in names] for truth in one.truths)
        self.counts.stories.update(truth.story for truth in one.truths if truth.story)
        self.counts.tales.update(truth.repeat for truth in one.truths if truth.repeat)
        self.counts.duplicates += sum(1 for truth in one.truths if truth.duplicate_of)
        self.counts.leads.update(truth.lead for truth in one.truths if truth.lead)
        self.counts.again += sum(1 for truth in one.truths if truth.asked_again)
        self.counts.good += sum(1 for truth in one.truths if truth.said_good)
        self.mend(one.mended)

    def mend(self, mended: Sequence[Mended]) -> None:
        """Write repairs."""
        self.counts.repairs += len(mended)
        self._mended.writerows(self._row(one) for one in mended)

    def _row(self, one: Mended) -> list[Any]:
        told = asdict(one)
        told["of"] = self._of.ref(one.of)
        told["assisting"] = "|".join(one.assisting)
        told["came_back"] = self._of.ref(one.came_back) if one.came_back >= 0 else ""
        for name in ("hoarding", "traffic_plan"):
            told[name] = "yes" if told[name] else ""
        return ["" if told[name] is None else told[name] for name in ("of", *(n for n in told if n != "of"))]

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._open.close()
        if kind is None:
            for name in (TRUTH, REPAIRS):
                os.replace(self._folder / f"{name}{_HALF}", self._folder / name)
            _write_rain(self._folder, self._of)
            write_json(self._folder / "truth.json", _summary(self._of, self.counts))


def _write_rain(folder: Path, of: Plot) -> None:
    weather = of.weather
    with (folder / "rain.csv").open("w", encoding="utf-8", newline="") as stream:
        rain = csv.writer(stream)
        rain.writerow(("day", "rain_mm"))
        days = len(weather.rain_mm)
        rain.writerows((weather.day(days - 1 - at), fell) for at, fell in enumerate(weather.rain_mm.tolist()))


def _summary(of: Plot, counts: Counts) -> dict[str, Any]:
    """truth.json: what was planted, and when the clock stood still."""
    made_up = of.stage.made_up
    return {
        "seed": of.seed, "tickets": of.tickets, "clock": of.now.isoformat(), "synthetic": True,
        "failing_contractor": FAILING if made_up else None, "trenches_dug_by": TRENCHER if made_up else None,
        "late_offices": [of.stage.offices[at].code for at in late_offices(of.stage)],
        "stories": dict(sorted(counts.stories.items())), "repeat_sites": len(counts.tales),
        "duplicates": counts.duplicates, "leads": dict(sorted(counts.leads.items())), "repairs": counts.repairs,
        "asked_again": counts.again, "said_good": counts.good,
    }  # fmt: skip


def write_json(path: Path, told: Mapping[str, Any] | Sequence[Any]) -> None:
    """One file, whole or not at all."""
    half = path.with_name(f"{path.name}{_HALF}")
    half.write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    os.replace(half, path)


def clock(folder: Path) -> datetime | None:
    """The clock of the past whose whole truth lies here, stories and all; None if none does."""
    try:
        told = json.loads((folder / "truth.json").read_text("utf-8"))
        return datetime.fromisoformat(told["clock"]) if (folder / STORIES).is_file() else None
    except (OSError, ValueError, KeyError):
        return None


def repairs(folder: Path) -> Iterator[dict[str, str]]:
    """The repairs as they are written."""
    with (folder / REPAIRS).open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def rated(folder: Path) -> Iterator[dict[str, str]]:
    """The truth of the reports of whose work anything was said."""
    with (folder / TRUTH).open(encoding="utf-8", newline="") as stream:
        yield from (row for row in csv.DictReader(stream) if row["asked_again"] or row["said_good"])


def stars(word: str) -> tuple[int, int, int]:
    """Stars as they are written."""
    speed, effect, service = map(int, word)
    return speed, effect, service


def moment(word: str) -> datetime | None:
    """A time as the truth is written with it."""
    return datetime.fromisoformat(word) if word else None
