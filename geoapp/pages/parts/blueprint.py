"""What an address is made of: a blueprint named after its file, open to forged forms or not, guarded or not."""

from __future__ import annotations

from functools import partial

from apiflask import APIBlueprint

from geoapp.pages.parts import who
from geoapp.pages.parts.security import CSRF


def site_page(module: str, right: str = "") -> APIBlueprint:
    """An address people open; it is no part of the API's description. right: what it takes, its module's RIGHT."""
    return _guarded(APIBlueprint(_name(module), module, enable_openapi=False), right)


def api_page(module: str, right: str = "") -> APIBlueprint:
    """An address programs ask: nothing there is changed on a cookie's word, so there is nothing to forge."""
    page = APIBlueprint(_name(module), module, tag="geoapp")
    CSRF.exempt(page)
    return _guarded(page, right)


def _guarded(page: APIBlueprint, right: str) -> APIBlueprint:
    if right:
        page.before_request(partial(who.door, right))
    return page


def _name(module: str) -> str:
    return module.rpartition(".")[2]
