"""A city's names are read from its layers in force, kept as one file, and made anew only with a new version."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from geoapp.city import City
from geoapp.demo.pack import pack
from geoapp.intake.stages import locate_many
from geoapp.locate.names import Kind
from geoapp.store import cities, gazetteer
from geoapp.store.cluster import SUPERUSER, Server


@pytest.fixture
def template(bay: str) -> str:
    """The demo town's ground."""
    return bay


@pytest.fixture
def connection(database: Server, monkeypatch: pytest.MonkeyPatch, bay_folder: Path) -> Iterator[Connection]:
    """A connection to it."""
    monkeypatch.setenv("GEOAPP_DATABASE_URL", database.url(SUPERUSER))
    monkeypatch.setenv("GEOAPP_DATA_DIR", str(bay_folder))
    engine = create_engine(database.url("geoapp_bulk"), poolclass=NullPool)
    with engine.connect() as connection:
        yield connection


@pytest.fixture
def town(connection: Connection) -> City:
    """The demo town as the database knows it."""
    return cities.city(connection, pack().code)


def test_it_holds_the_names_of_all_layers(connection: Connection, town: City) -> None:
    found = gazetteer.locator(connection, town).gazetteer
    assert {"districts", "street_offices", "roads", "landmarks", "lamps"} <= set(found.layers)
    # Grids have numbers nobody says; districts and what answers for a place are the levels.
    assert "grids" not in found.layers and "communities" not in found.layers
    assert set(found.level[found.kinds == Kind.AREA].tolist()) == {0, 1}
    assert len(found.crossings.keys)


def test_it_is_made_once_and_read_from_its_file_by_others(
    connection: Connection, town: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEOAPP_DATA_DIR", str(tmp_path))
    first = gazetteer.locator(connection, town)
    files = set((tmp_path / "index").iterdir())
    assert gazetteer.locator(connection, town) is first
    gazetteer._KEPT.clear()
    monkeypatch.setattr(gazetteer, "build", None)
    again = gazetteer.locator(connection, town)
    assert again is not first and set((tmp_path / "index").iterdir()) == files
    assert len(again.gazetteer) == len(first.gazetteer)


def test_texts_of_the_town_find_its_roads_where_they_cross(connection: Connection, town: City) -> None:
    names = gazetteer.locator(connection, town).gazetteer
    key = int(names.crossings.keys[len(names.crossings.keys) // 2])
    one, other = (names.name(place) for place in divmod(key, len(names)))
    said = f"{one}与{other}交叉口积水" if "\u4e00" <= one[0] <= "\u9fff" else f"flooded at {one} & {other}"
    found = locate_many(connection, town, [said, "22.5,114.5", "没有地点的投诉", ""])
    assert [answer.located.problem for answer in found[1:]] == [None, "no_place", "no_coordinates"]
    assert found[0].located.precision == "crossing" or found[0].located.problem == "ambiguous"
    assert found[0].as_dict("zh")["evidence"]["rule"] == "names"


def test_another_version_of_a_layer_is_another_gazetteer(connection: Connection, town: City) -> None:
    first = gazetteer.locator(connection, town)
    connection.execute(
        text("UPDATE geoapp.layer_version SET digest = digest || '-new' WHERE city_id = :city AND layer = 'roads'"),
        {"city": town.id},
    )
    assert gazetteer.locator(connection, town) is not first
    connection.rollback()
