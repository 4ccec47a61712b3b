"""Street offices (街道办): the level that works through tickets; New York's community districts are of this kind."""

from layers.base import LayerKind

KIND = LayerKind("street_offices", {"zh": "街道", "en": "Street office"}, from_zoom=12)
