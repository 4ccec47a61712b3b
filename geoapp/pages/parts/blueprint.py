"""What an address is made of: a blueprint named after its file, open to forged forms or not."""

from __future__ import annotations

from apiflask import APIBlueprint

from geoapp.pages.parts.security import CSRF


def site_page(module: str) -> APIBlueprint:
    """An address people open; it is no part of the API's description."""
    return APIBlueprint(_name(module), module, enable_openapi=False)


def api_page(module: str) -> APIBlueprint:
    """An address programs ask: no cookie counts there, so there is nothing to forge."""
    page = APIBlueprint(_name(module), module, tag="geoapp")
    CSRF.exempt(page)
    return page


def _name(module: str) -> str:
    return module.rpartition(".")[2]
