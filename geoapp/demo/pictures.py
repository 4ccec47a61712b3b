"""Small drawings of what is broken and of the same thing mended, plainly drawn: no photo is pretended."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from io import BytesIO
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from geoapp.intake.photo import Photo, read

_WIDE, _HIGH = 720, 480
_FINE: Final = 2
"""Drawn so much larger, then made smaller, which smooths every edge."""

VARIANTS: Final = 3

Draw = ImageDraw.ImageDraw
Chance = np.random.Generator
Colour = str

_SKY: Final = "#dfe9ee"
_ASPHALT: Final = "#6d7378"
_DARK: Final = "#3b3f43"
_PAVING: Final = "#c9c1b3"
_LINE: Final = "#f4f1e6"
_WATER: Final = "#7fa7b8"
_STEEL: Final = "#8a9299"
_SIGNAL: Final = "#e2704a"
_GREEN: Final = "#7d9a6b"
_WARM: Final = "#f6d98b"


@cache
def drawing(matter: str, mended: bool, variant: int) -> Photo | None:
    """A drawing of a matter, made as a photo is; None where nobody has drawn one."""
    if matter not in _DRAWN:
        return None
    image = Image.new("RGB", (_WIDE * _FINE, _HIGH * _FINE), _SKY)
    chance = np.random.default_rng((sorted(_DRAWN).index(matter), variant))
    _DRAWN[matter](ImageDraw.Draw(image), chance, mended)
    small = image.resize((_WIDE, _HIGH), Image.Resampling.LANCZOS)
    pen = ImageDraw.Draw(small)
    pen.rounded_rectangle([_WIDE - 118, _HIGH - 30, _WIDE - 8, _HIGH - 8], 11, fill="#f4f1e6")
    pen.text((_WIDE - 63, _HIGH - 19), "demo drawing", fill="#1f2a30", anchor="mm", font=ImageFont.load_default(14))
    file = BytesIO()
    small.save(file, "PNG", compress_level=1)
    file.seek(0)
    return read(file)


def _box(pen: Draw, west: float, north: float, east: float, south: float, colour: Colour, edge: Colour = "") -> None:
    points = [(west * _FINE, north * _FINE), (east * _FINE, south * _FINE)]
    pen.rectangle(points, fill=colour, outline=edge or None, width=2 * _FINE)


def _shape(pen: Draw, points: list[tuple[float, float]], colour: Colour) -> None:
    pen.polygon([(x * _FINE, y * _FINE) for x, y in points], fill=colour)


def _round(pen: Draw, x: float, y: float, wide: float, high: float, colour: Colour, edge: Colour = "") -> None:
    box = [((x - wide) * _FINE, (y - high) * _FINE), ((x + wide) * _FINE, (y + high) * _FINE)]
    pen.ellipse(box, fill=colour, outline=edge or None, width=3 * _FINE)


def _stroke(pen: Draw, points: list[tuple[float, float]], colour: Colour, wide: float) -> None:
    pen.line([(x * _FINE, y * _FINE) for x, y in points], fill=colour, width=int(wide * _FINE), joint="curve")


def _blob(
    chance: Chance, x: float, y: float, wide: float, high: float, rough: float = 0.16
) -> list[tuple[float, float]]:
    """A round thing with a broken edge."""
    turn = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    far = 1 + chance.normal(0, rough, len(turn))
    return list(zip((x + wide * far * np.cos(turn)).tolist(), (y + high * far * np.sin(turn)).tolist(), strict=True))


def _street(pen: Draw) -> None:
    """A road seen from its edge, with a footway behind."""
    _box(pen, 0, 0, _WIDE, 120, _SKY)
    _box(pen, 0, 96, _WIDE, 170, _PAVING)
    _box(pen, 0, 166, _WIDE, 178, "#a79f92")
    _box(pen, 0, 178, _WIDE, _HIGH, _ASPHALT)
    for x in range(-40, _WIDE, 150):
        _shape(pen, [(x, 420), (x + 90, 420), (x + 82, 436), (x - 10, 436)], _LINE)


def _hole(pen: Draw, chance: Chance, mended: bool) -> None:
    _street(pen)
    x, y = float(chance.uniform(290, 430)), float(chance.uniform(275, 320))
    if mended:
        _shape(pen, [(x - 150, y - 52), (x + 140, y - 52), (x + 152, y + 56), (x - 160, y + 56)], "#54595d")
        edge = [(x - 150, y - 52), (x + 140, y - 52), (x + 152, y + 56), (x - 160, y + 56), (x - 150, y - 52)]
        _stroke(pen, edge, _DARK, 4)
        return
    for _ in range(6):
        far, turn = chance.uniform(130, 210), chance.uniform(0, 2 * np.pi)
        end = (x + far * np.cos(turn), y + 0.45 * far * np.sin(turn))
        _stroke(pen, [(x, y), ((x + end[0]) / 2 + 9, (y + end[1]) / 2 - 6), end], "#5a5f64", 3)
    _shape(pen, _blob(chance, x, y, 122, 54), "#55504a")
    _shape(pen, _blob(chance, x + 4, y + 8, 92, 36), _DARK)
    _shape(pen, _blob(chance, x + 8, y + 14, 58, 17, 0.06), _WATER)
    for _ in range(12):
        _round(pen, x + chance.normal(0, 130), y + chance.normal(20, 40), 5, 4, "#8b857b")


def _steps(pen: Draw, chance: Chance, mended: bool) -> None:
    _box(pen, 0, 0, _WIDE, _HIGH, _SKY)
    broken = int(chance.integers(2, 4))
    for nth in range(6):
        top, left = 130 + nth * 58, 250 - nth * 34
        _box(pen, left, top, _WIDE - left, top + 30, "#d6d0c6")
        _box(pen, left, top + 30, _WIDE - left, top + 58, "#b3aca1")
        if mended:
            _box(pen, left, top + 22, _WIDE - left, top + 30, "#e0a53c")
        elif nth == broken:
            x = float(chance.uniform(330, 420))
            _shape(pen, _blob(chance, x, top + 30, 92, 26, 0.2), "#6e675e")
            _stroke(pen, [(x - 62, top + 36), (x + 66, top + 26)], "#8c4a30", 4)
            _stroke(pen, [(x - 56, top + 46), (x + 60, top + 38)], "#8c4a30", 4)
    for side in (60, _WIDE - 60):
        _stroke(pen, [(side, 470), (200 if side < 300 else _WIDE - 200, 60)], _STEEL, 9)


def _cover(pen: Draw, chance: Chance, mended: bool) -> None:
    _street(pen)
    x, y = float(chance.uniform(310, 410)), 305.0
    _round(pen, x, y, 118, 62, "#4b4f53", _DARK)
    if mended:
        _round(pen, x, y, 104, 53, _STEEL, _DARK)
        for nth in range(-3, 4):
            _stroke(pen, [(x - 80 + abs(nth) * 9, y + nth * 13), (x + 80 - abs(nth) * 9, y + nth * 13)], "#6c747b", 5)
        return
    _round(pen, x, y, 102, 50, "#16181a")
    tilt = float(chance.uniform(30, 60))
    for lower, colour in ((9, _DARK), (0, _STEEL)):
        _shape(pen, _leaning(x + 74, y - 26 - tilt / 2 + lower, 104, 48, 0.32), colour)
    for nth in range(-2, 3):
        west, middle = x + nth * 4, y - 37 - tilt / 2 + nth * 13
        _stroke(pen, [(west + 4, middle - 23), (west + 140, middle + 23)], "#6c747b", 4)
    _stroke(pen, [(x - 150, y + 70), (x - 150, y - 120)], "#7a5c3c", 7)
    for nth in range(4):
        _stroke(pen, [(x - 150, y - 110 + nth * 16), (x - 190 + nth * 4, y - 140 + nth * 18)], _GREEN, 6)


def _leaning(x: float, y: float, wide: float, high: float, turned: float) -> list[tuple[float, float]]:
    """A disc seen from the side, turned."""
    turn = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    east, south = wide * np.cos(turn), high * np.sin(turn)
    cos, sin = np.cos(turned), np.sin(turned)
    return list(zip((x + east * cos - south * sin).tolist(), (y + east * sin + south * cos).tolist(), strict=True))


def _lamp(pen: Draw, chance: Chance, mended: bool) -> None:
    _box(pen, 0, 0, _WIDE, _HIGH, "#1d2733")
    for _ in range(9):
        x, high = float(chance.uniform(0, _WIDE)), float(chance.uniform(70, 170))
        _box(pen, x, 330 - high, x + 70, 330, "#253241")
    _box(pen, 0, 330, _WIDE, _HIGH, "#2a3138")
    x = float(chance.uniform(300, 400))
    if mended:
        _shape(pen, [(x + 96, 96), (x + 330, 440), (x - 150, 440)], "#4a4a3c")
        _shape(pen, [(x + 96, 96), (x + 240, 440), (x - 60, 440)], "#76704f")
    _stroke(pen, [(x, 440), (x, 110), (x + 26, 82), (x + 110, 78)], _STEEL, 10)
    _box(pen, x + 66, 72, x + 132, 90, _WARM if mended else "#4c545c")
    if mended:
        _round(pen, x + 99, 94, 26, 13, "#fff4cf")


def _gully(pen: Draw, chance: Chance, mended: bool) -> None:
    _street(pen)
    x = float(chance.uniform(280, 380))
    if not mended:
        _shape(pen, _blob(chance, x + 40, 262, 330, 86, 0.05), _WATER)
        _shape(pen, _blob(chance, x + 20, 256, 220, 48, 0.05), "#93b8c7")
    _box(pen, x - 90, 196, x + 110, 268, "#3d4348", "#2c3135")
    for nth in range(9):
        _box(pen, x - 80 + nth * 21, 204, x - 70 + nth * 21, 260, _STEEL)
    if not mended:
        for _ in range(34):
            colour = str(chance.choice(("#8a7a45", "#a5672f", "#6c7d44", "#b58b4a")))
            _shape(pen, _blob(chance, x + chance.normal(10, 66), 228 + chance.normal(0, 26), 19, 9), colour)


def _footway(pen: Draw, chance: Chance, mended: bool) -> None:
    _box(pen, 0, 0, _WIDE, _HIGH, "#b3a998")
    bad = {(int(chance.integers(2, 5)), int(chance.integers(2, 4))) for _ in range(5)}
    for column in range(8):
        for row in range(6):
            west, north = column * 94 - 16, row * 84 - 8
            tone = "#d3cab9" if (column + row) % 2 else "#c8bfae"
            if (column, row) not in bad or mended:
                _box(pen, west, north, west + 88, north + 78, tone)
                continue
            _box(pen, west, north, west + 88, north + 78, "#6f665a")
            lift = float(chance.uniform(10, 26))
            _shape(
                pen,
                [(west + 8, north + lift), (west + 84, north - 8), (west + 78, north + 46), (west + 14, north + 66)],
                tone,
            )
            _stroke(pen, [(west + 20, north + 12), (west + 44, north + 38), (west + 38, north + 58)], "#8d8475", 4)
    _box(pen, 0, 226, _WIDE, 250, "#dba93f")


def _signal(pen: Draw, chance: Chance, mended: bool) -> None:
    _box(pen, 0, 0, _WIDE, 380, _SKY)
    _box(pen, 0, 380, _WIDE, _HIGH, _ASPHALT)
    x = float(chance.uniform(300, 420))
    _box(pen, x - 8, 240, x + 8, 440, _STEEL)
    _box(pen, x - 62, 50, x + 62, 270, _DARK)
    lit = int(chance.integers(0, 3))
    for nth, colour in enumerate(("#d8493a", "#e3b23c", "#4fa36a")):
        _round(pen, x, 92 + nth * 68, 28, 28, colour if mended and nth == lit else "#565d63")


_DRAWN: Final[dict[str, Callable[[Draw, Chance, bool], None]]] = {
    "pothole": _hole,
    "cave-in": _hole,
    "broken-steps": _steps,
    "manhole-cover": _cover,
    "sewage": _gully,
    "street-light": _lamp,
    "blocked-gully": _gully,
    "flooding": _gully,
    "broken-footway": _footway,
    "traffic-light": _signal,
}
"""What each matter looks like."""
