"""Assets (部件): what somebody owns and keeps in repair, with its authority, owner and maintainer."""

from layers.base import ASSETS, LayerKind

KIND = LayerKind("assets", {"zh": "部件", "en": "Asset"}, ASSETS, stroke="line", from_zoom=16)
