"""Districts (区): the level below the city; New York's boroughs are of this kind."""

from layers.base import LayerKind

KIND = LayerKind("districts", {"zh": "区", "en": "District"}, from_zoom=9)
