"""New York: streets, crossings and house numbers taken from one half of the requests, asked for the other half.

There is no layer of its streets here, so a street is the points that requests have on it, borough by borough.
"""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas
import numpy as np
import shapely
from numpy.typing import NDArray

from geoapp.locate.gazetteer import Addresses, Junctions, Layer
from geoapp.locate.names import Kind
from tests.locate.evaluation.cases import TUNE, Case, side

CRS: Final = "EPSG:32118"
_FROM_ADDRESS: Final = ("incident_address", "street_name")


@dataclass(frozen=True, slots=True)
class Material:
    """The rows with coordinates, and the outlines."""

    rows: list[dict[str, str]]
    boroughs: Any
    boards: Any


def read(folder: Path) -> Material:
    """What lies in the folder of New York's data."""
    with gzip.open(folder / "nyc311_requests.csv.gz", "rt", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["latitude"] and row["borough"] not in ("", "Unspecified")]
    boroughs = geopandas.read_file(f"/vsigzip/{folder / 'nyc_boroughs.geojson.gz'}")
    boards = geopandas.read_file(f"/vsigzip/{folder / 'nyc_community_districts_59_2026.geojson.gz'}")
    return Material(rows, boroughs, boards)


def known(of: Material) -> list[dict[str, str]]:
    """The half the gazetteer is made of."""
    return [row for row in of.rows if side(_place(row)) == TUNE]


def _place(row: dict[str, str]) -> str:
    """What a request is about: no place is in both halves."""
    cross = sorted((row["intersection_street_1"], row["intersection_street_2"]))
    return "|".join((row["borough"], row["incident_address"], *cross))


def gazetteer(of: Material) -> tuple[list[Layer], list[Junctions], list[Addresses]]:
    """Boroughs, community districts and streets, with the crossings and numbers that are known."""
    rows = known(of)
    points: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    met, houses = [], []
    for row in rows:
        spot = float(row["longitude"]), float(row["latitude"])
        name = _tidy(row["street_name"])
        crossing = _crossing(row)
        for street in {name, *(crossing or ())} - {""}:
            points[row["borough"], street].append(spot)
        if crossing:
            met.append((*crossing, spot))
        number = row["incident_address"].split(" ", 1)[0]
        if name and number[:1].isdigit():
            houses.append((name, number, spot))
    shapes = np.empty(len(points), dtype=object)
    shapes[:] = [shapely.MultiPoint(sorted(set(every))[:400]) for every in points.values()]
    names = [name.title() for name in of.boroughs[_name_column(of.boroughs)]]
    layers = [
        Layer("boroughs", Kind.AREA, names, _shapes(of.boroughs), level=0),
        Layer("boards", Kind.AREA, [f"Community District {code}" for code in of.boards["boro_cd"]], _shapes(of.boards), level=1),
        Layer("streets", Kind.ROAD, [street for _, street in points], shapes),
    ]  # fmt: skip
    spots = lambda every: shapely.points([one[-1] for one in every])  # noqa: E731
    return (
        layers,
        [Junctions([a for a, _, _ in met], [b for _, b, _ in met], spots(met))] if met else [],
        [Addresses([name for name, _, _ in houses], [number for _, number, _ in houses], spots(houses))],
    )


def _name_column(frame: Any) -> str:
    return next(column for column in frame.columns if "name" in column.lower())


def _shapes(frame: Any) -> NDArray[np.object_]:
    return np.array(frame.geometry.values, dtype=object)


def _tidy(street: str) -> str:
    return " ".join(street.split())


def _crossing(row: dict[str, str]) -> tuple[str, str] | None:
    if row["address_type"] != "INTERSECTION":
        return None
    one, other = _tidy(row["intersection_street_1"]), _tidy(row["intersection_street_2"])
    return (one, other) if one and other and one != other else None


def cases(of: Material) -> Iterator[Case]:
    """Addresses and crossings of the other half, in ways people write them."""
    heads = ("Pothole at {}", "{}: street light out", "Blocked drain, {}", "There is loud music every night at {}.")
    for nth, row in enumerate(of.rows):
        if side(_place(row)) == TUNE:
            continue
        spot = float(row["longitude"]), float(row["latitude"])
        borough, crossing = row["borough"].title(), _crossing(row)
        head = heads[nth % len(heads)]
        if crossing:
            one, other = (street.title() for street in crossing)
            said = (
                f"corner of {one} and {other}, {borough}",
                f"{one} & {other}, {borough}",
                f"{one} at {other} in {borough}",
            )
            yield Case("crossing", head.format(said[nth % 3]), *spot, True)
        elif row["incident_address"][:1].isdigit() and row["street_name"]:
            address = _tidy(row["incident_address"]).title()
            yield Case("address", head.format(f"{address}, {borough}"), *spot, True)
