"""Words that name an office outweigh the guessed outline of its neighbour, and no other."""

from __future__ import annotations

from sqlalchemy import Engine

from geoapp.city import City
from geoapp.intake.texts import named_instead
from geoapp.store.ground import ground


def test_words_outweigh_a_guessed_outline_only(engine: Engine, city: City) -> None:
    with engine.connect() as connection:
        here = ground(connection, city)
    layer = here.layer(here.responsible)
    mine, other = layer.names[0], layer.names[1]
    name = next(iter(other.values()))
    assert named_instead(here, "approximate", mine, [name]) == 1
    assert named_instead(here, "official", mine, [name]) is None
    assert named_instead(here, "approximate", other, [name]) is None, "it lies where the words say"
    assert named_instead(here, "approximate", mine, ["没有这个街道"]) is None
    assert named_instead(here, "approximate", mine, []) is None
