"""Roads (道路): lines with names, of which a place without an asset of its own is a stretch."""

from layers.base import ROADS, LayerKind

KIND = LayerKind("roads", {"zh": "道路", "en": "Road"}, ROADS, stroke="line", from_zoom=13)
