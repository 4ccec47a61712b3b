"""A town to act in, anew for each test."""

from __future__ import annotations

import pytest

from geoapp.store.database import Database
from tests.tickets.acting_town import Town, make_town


@pytest.fixture
def town(db: Database) -> Town:
    """Units, people, a city."""
    return make_town(db.bulk)
