"""What the bench imports: a town of seventy street offices, and tables of reports in it as a hotline exports them."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Engine

import importers
from geoapp.city import City
from geoapp.demo import land, words
from geoapp.demo.land import Land
from geoapp.demo.town import load_ground, pack
from geoapp.intake.run import fold_cells, run
from geoapp.store.database import Database

OFFICES: Final = 70
_BLOCK: Final = 50_000
FIRST_SAID: Final = datetime(2024, 1, 1, tzinfo=UTC)
_FIRST: Final = datetime(2024, 1, 1)
_MINUTES: Final = 900 * 24 * 60

MAPPING: Final = """\
source = "bench"
city = "bench"
time_zone = "Asia/Shanghai"
crs = "WGS-84"

[columns]
ref = "编号"
said_at = "来电时间"
category = "类别"
matter = "事项"
address = "地址"
body = "内容"
x = "经度"
y = "纬度"
status = "状态"
status_at = "办结时间"
note = "答复"

[states]
"处理中" = "in_hand"
"已办结" = { state = "closed", outcome = "repaired" }
"""

_HEADER: Final = ("编号", "来电时间", "类别", "事项", "地址", "内容", "经度", "纬度", "状态", "办结时间", "答复")
_ENGLISH: Final = " Reported by phone, please check."


def make() -> Land:
    """The bench's town: always the same."""
    return land.make(np.random.default_rng(7), OFFICES)


def load(engine: Engine, town: Land) -> City:
    """The town loaded as a city of its own, without reports."""
    names = [(f"第{at}街道", f"Street office {at}") for at in range(1, OFFICES + 1)]
    return load_ground(engine, replace(pack(), code="bench", prefix="BENCH"), town, names)


def write(path: Path, town: Land, rows: int, seed: int) -> None:
    """A CSV of so many rows, their references all of this seed's own."""
    chance = np.random.default_rng(seed)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(_HEADER)
        for start in range(0, rows, _BLOCK):
            writer.writerows(_rows(chance, town, f"B{seed}-", start, min(_BLOCK, rows - start)))


def fill(database: Database, city: City, folder: Path, town: Land, rows: int) -> None:
    """Take so many reports in, and fold the cells that come of them."""
    path = folder / "bench.csv"
    write(path, town, rows, seed=1)
    run(database.bulk, city, importers.create("table", {"mapping": str(mapping(folder))}), [path])
    fold_cells(database.bulk)


def mapping(folder: Path) -> Path:
    """The mapping, written beside the tables."""
    path = folder / "bench.toml"
    path.write_text(MAPPING, encoding="utf-8")
    return path


def _rows(chance: np.random.Generator, town: Land, prefix: str, start: int, count: int) -> list[tuple[str, ...]]:
    degrees = land.to_degrees(places(chance, town, count))
    said = chance.integers(0, _MINUTES, count).tolist()
    ended = chance.uniform(size=count) < 0.5
    lasted = chance.integers(60, 20 * 24 * 60, count).tolist()
    kinds = chance.integers(0, len(words.MATTERS), count).tolist()
    found: list[tuple[str, ...]] = []
    for at in range(count):
        matter = words.MATTERS[kinds[at]]
        when = _FIRST + timedelta(minutes=said[at])
        address = f"{words.STREETS[(start + at) % len(words.STREETS)]}{said[at] % 400 + 1}号"
        body = f"{address}{words.PLACES[at % 10]}，{words.SAYINGS[matter.code][at & 1]}{_ENGLISH}"
        status = ("已办结", str(when + timedelta(minutes=lasted[at])), "已修复") if ended[at] else ("处理中", "", "")
        x, y = f"{degrees[at, 0]:.6f}", f"{degrees[at, 1]:.6f}"
        found.append((f"{prefix}{start + at}", str(when), matter.category, matter.code, address, body, x, y, *status))
    return found


def places(chance: np.random.Generator, town: Land, count: int) -> NDArray[np.float64]:
    """Beside the streets, as reports are."""
    length = shapely.length(town.streets)
    street = town.streets[chance.choice(len(length), count, p=length / length.sum())]
    points = shapely.line_interpolate_point(street, chance.uniform(0.02, 0.98, count), normalized=True)
    return np.asarray(shapely.get_coordinates(points) + chance.normal(0, 40, (count, 2)), dtype=np.float64)


def degrees(count: int) -> tuple[list[float], list[float]]:
    """Longitudes and latitudes of so many places, always the same."""
    found = land.to_degrees(places(np.random.default_rng(9), make(), count))
    return found[:, 0].tolist(), found[:, 1].tolist()
