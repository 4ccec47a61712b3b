"""Landmarks (地名): named places people speak of, owned by nobody here: stations, parks, crossings, hills."""

from layers.base import LANDMARKS, LayerKind

KIND = LayerKind("landmarks", {"zh": "地名", "en": "Landmark"}, LANDMARKS, stroke="point", from_zoom=15)
