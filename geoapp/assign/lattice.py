"""Which cells of a plain grid segments touch, all segments at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geoapp.locate.datum import Floats

Whole = NDArray[np.int64]


def each(counts: Whole) -> tuple[Whole, Whole]:
    """So many of each thing in a row: which thing each is of, and which of that thing's (0, 1, …)."""
    of = np.repeat(np.arange(len(counts)), counts)
    return of, np.arange(len(of)) - np.repeat(np.cumsum(counts) - counts, counts)


def touched(
    x0: Floats, y0: Floats, x1: Floats, y1: Floats, slack_x: float, slack_y: float
) -> tuple[Whole, Whole, Whole]:
    """Column, row and segment of every cell that a segment comes within the slack of, and of a few more.

    Ends and slack are in cells. A pair may come more than once, in no order.
    """
    # Cut into pieces no longer than a cell, a slanting segment is not listed all over the box it spans.
    pieces = np.maximum(np.ceil(np.maximum(np.abs(x1 - x0), np.abs(y1 - y0))).astype(np.int64), 1)
    segment, nth = each(pieces)
    begin, end = nth / pieces[segment], (nth + 1) / pieces[segment]
    left, right = _cells(x0[segment], (x1 - x0)[segment], begin, end, slack_x)
    low, high = _cells(y0[segment], (y1 - y0)[segment], begin, end, slack_y)
    columns, rows, segments = [], [], []
    for right_by in range(int((right - left).max(initial=0)) + 1):
        for up_by in range(int((high - low).max(initial=0)) + 1):
            within = (left + right_by <= right) & (low + up_by <= high)
            columns.append(left[within] + right_by)
            rows.append(low[within] + up_by)
            segments.append(segment[within])
    return np.concatenate(columns), np.concatenate(rows), np.concatenate(segments)


def _cells(start: Floats, length: Floats, begin: Floats, end: Floats, slack: float) -> tuple[Whole, Whole]:
    """The first and the last cell of each piece along one axis."""
    a, b = start + length * begin, start + length * end
    first, last = np.floor(np.minimum(a, b) - slack), np.floor(np.maximum(a, b) + slack)
    return first.astype(np.int64), last.astype(np.int64)
