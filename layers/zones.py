"""Zones cut for some other purpose, such as traffic zones (交通小区), precincts or constituencies: nobody's beat."""

from layers.base import LayerKind

KIND = LayerKind("zones", {"zh": "分区", "en": "Zone"}, from_zoom=13)
