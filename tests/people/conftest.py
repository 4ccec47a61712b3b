"""A loaded city with units and somebody of each role, for the tests of people and of their pages."""

from __future__ import annotations

from tests.pages.conftest import app as app
from tests.pages.conftest import city as city
from tests.pages.conftest import client as client
from tests.pages.conftest import filled as filled
from tests.pages.conftest import template as template
from tests.pages.conftest import translations as translations
