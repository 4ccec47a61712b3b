"""Communities (社区): the level below the street office."""

from layers.base import LayerKind

KIND = LayerKind("communities", {"zh": "社区", "en": "Community"}, from_zoom=14)
