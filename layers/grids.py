"""Grids (网格): the smallest level, the beat of one field checker (网格员)."""

from layers.base import LayerKind

KIND = LayerKind("grids", {"zh": "网格", "en": "Grid"}, from_zoom=16)
