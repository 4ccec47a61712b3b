"""New York: streets, crossings and house numbers taken from one half of the requests, asked for the other half.

There is no layer of its streets here, so a street is the points that requests have on it, borough by borough; where two
streets meet is known from requests at the crossing, and between houses of both whose requests name the other street as
the end of their block. So only some of the other half can be answered at all: a house that is known itself, lies between
two of its side not too far apart, or is a few numbers from one; a crossing that is known either way. `cases` tells by
these rules, without asking the geocoder, which those are.
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

from geoapp.locate.gazetteer import Addresses, Junctions, Layer, number_of
from geoapp.locate.names import Kind
from geoapp.locate.normalise import plain, values_of
from tests.locate.evaluation.cases import TUNE, Case, side

CRS: Final = "EPSG:32118"
_FIRST: Final[dict[tuple[int, ...], str]] = {}
"""One street is written in several ways (3 Avenue, Third Ave): the first that was met stands for all."""


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


Spot = tuple[float, float]
Street = tuple[str, str]
"""A borough and a street in it."""

_METRES: Final = np.array([84_300.0, 111_320.0])
"""Of a degree of longitude and one of latitude here."""

_CORNER_M: Final = 250.0
"""Houses of two streets further apart do not say where these meet."""

_SIDE_M: Final = 600.0
_NEXT_NUMBERS: Final = 40


@dataclass(frozen=True, slots=True)
class Known:
    """What one half of the requests says: points by street, houses by street, and crossings (point, how far off)."""

    points: dict[Street, list[Spot]]
    houses: dict[Street, list[tuple[int, str, Spot]]]
    crossings: dict[tuple[str, str, str], list[tuple[Spot, float]]]


def learn(of: Material) -> Known:
    """Of the half the gazetteer is made of."""
    points: dict[Street, list[Spot]] = defaultdict(list)
    houses: dict[Street, list[tuple[int, str, Spot]]] = defaultdict(list)
    crossings: dict[tuple[str, str, str], list[tuple[Spot, float]]] = defaultdict(list)
    blocks: dict[tuple[str, str, str], dict[str, list[Spot]]] = defaultdict(lambda: defaultdict(list))
    for row in known(of):
        borough, spot = row["borough"], (float(row["longitude"]), float(row["latitude"]))
        name, crossing = _tidy(row["street_name"]), _crossing(row)
        for street in sorted({name, *(crossing or ())} - {""}):
            points[borough, street].append(spot)
        if crossing:
            crossings[_pair(borough, *crossing)].append((spot, 0.0))
        number = number_of(row["incident_address"].split(" ", 1)[0])
        if name and number is not None:
            houses[borough, name].append((number, row["incident_address"].split(" ", 1)[0], spot))
            for end in {_tidy(row["cross_street_1"]), _tidy(row["cross_street_2"])} - {"", name}:
                blocks[_pair(borough, name, end)][name].append(spot)
    for pair, sides in blocks.items():
        corner = _corner(*sides.values()) if len(sides) == 2 else None
        if corner and pair not in crossings:
            crossings[pair].append(corner)
    return Known(points, houses, crossings)


def _pair(borough: str, one: str, other: str) -> tuple[str, str, str]:
    first, second = sorted((one, other))
    return borough, first, second


def _corner(ones: list[Spot], others: list[Spot]) -> tuple[Spot, float] | None:
    """Between the two houses of two streets that are nearest to each other, and half of how far they are apart."""
    a, b = np.array(ones), np.array(others)
    away = np.hypot(*np.moveaxis((a[:, None] - b[None, :]) * _METRES, -1, 0))
    i, j = np.unravel_index(int(away.argmin()), away.shape)
    metres = float(away[i, j])
    middle = (a[i] + b[j]) / 2
    return ((float(middle[0]), float(middle[1])), metres / 2) if metres <= _CORNER_M else None


def gazetteer(of: Material) -> tuple[list[Layer], list[Junctions], list[Addresses]]:
    """Boroughs, community districts and streets, with the crossings and numbers that are known."""
    learnt = learn(of)
    shapes = np.empty(len(learnt.points), dtype=object)
    shapes[:] = [shapely.MultiPoint(sorted(set(every))[:400]) for every in learnt.points.values()]
    names = [name.title() for name in of.boroughs[_name_column(of.boroughs)]]
    layers = [
        Layer("boroughs", Kind.AREA, names, _shapes(of.boroughs), level=0),
        Layer("boards", Kind.AREA, [f"Community District {code}" for code in of.boards["boro_cd"]], _shapes(of.boards), level=1),
        Layer("streets", Kind.ROAD, [street for _, street in learnt.points], shapes),
    ]  # fmt: skip
    met = [(one, other, spot, off) for (_, one, other), every in learnt.crossings.items() for spot, off in every]
    houses = [(street, number, spot) for (_, street), every in learnt.houses.items() for _, number, spot in every]
    return (
        layers,
        [
            Junctions(
                [one for one, _, _, _ in met], [other for _, other, _, _ in met],
                np.array(shapely.points([spot for _, _, spot, _ in met]), dtype=object), [off for _, _, _, off in met],
            )
        ],
        [
            Addresses(
                [street for street, _, _ in houses], [number for _, number, _ in houses],
                np.array(shapely.points([spot for _, _, spot in houses]), dtype=object),
            )
        ],
    )  # fmt: skip


def _name_column(frame: Any) -> str:
    return next(column for column in frame.columns if "name" in column.lower())


def _shapes(frame: Any) -> NDArray[np.object_]:
    return np.array(frame.geometry.values, dtype=object)


def _tidy(street: str) -> str:
    said = " ".join(street.upper().split())
    return _FIRST.setdefault(values_of(plain(said)), said) if said else ""


def _crossing(row: dict[str, str]) -> tuple[str, str] | None:
    if row["address_type"] != "INTERSECTION":
        return None
    one, other = _tidy(row["intersection_street_1"]), _tidy(row["intersection_street_2"])
    return (one, other) if one and other and one != other else None


def cases(of: Material) -> Iterator[Case]:
    """Addresses and crossings of the other half, in ways people write them; kinds say which could be answered."""
    heads = ("Pothole at {}", "{}: street light out", "Blocked drain, {}", "There is loud music every night at {}.")
    learnt = learn(of)
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
            kind = "crossing" if _pair(row["borough"], *crossing) in learnt.crossings else "unknown crossing"
            yield Case(kind, head.format(said[nth % 3]), *spot, True)
        elif row["incident_address"][:1].isdigit() and row["street_name"]:
            address = _tidy(row["incident_address"]).title()
            number = number_of(row["incident_address"].split(" ", 1)[0])
            houses = learnt.houses.get((row["borough"], _tidy(row["street_name"])), [])
            kind = "address" if number is not None and _answerable(number, houses) else "unknown address"
            yield Case(kind, head.format(f"{address}, {borough}"), *spot, True)


def _answerable(number: int, houses: list[tuple[int, str, Spot]]) -> bool:
    """Whether a house is known, stands between two of its side, or is near one in number."""
    beside = sorted((one, spot) for one, _, spot in houses if one % 2 == number % 2)
    if any(abs(one - number) <= _NEXT_NUMBERS for one, _ in beside):
        return True
    below = [spot for one, spot in beside if one < number]
    above = [spot for one, spot in beside if one > number]
    if not below or not above:
        return False
    return float(np.hypot(*((np.array(below[-1]) - np.array(above[0])) * _METRES))) < _SIDE_M
