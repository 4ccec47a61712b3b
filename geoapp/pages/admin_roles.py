"""/admin/roles: every role in words: what it may do and how far that reaches, as the table of rights has it."""

from __future__ import annotations

from typing import Final

from flask import Response

from geoapp.pages.parts import admin, here
from geoapp.pages.parts.admin import by
from geoapp.pages.parts.blueprint import site_page
from geoapp.pages.parts.language import language
from geoapp.people.rights import needs_unit, roles_in_words
from geoapp.store.acting import acting

WHO: Final = "who looks after people"
RIGHT: Final = "manage_people"
page = site_page(__name__, RIGHT)


@page.get("/admin/roles")
def show() -> Response:
    """Show the roles."""
    told = [
        {"code": str(role), "name": name, "allowed": allowed, "needs_unit": needs_unit(role)}
        for role, name, allowed in roles_in_words(language())
    ]
    with acting(here.web(), by().identity) as connection:
        return admin.page(connection, "admin_roles.html", "roles", roles=told)
