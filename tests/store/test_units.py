"""The tree of units: made from areas, each once; adopted where reports named it; never below itself."""

from __future__ import annotations

from dataclasses import replace

import pytest
import shapely
from sqlalchemy import text

from geoapp.city import City, city_from
from geoapp.errors import UnitInvalid, UnknownUnit
from geoapp.records import UnitKind
from geoapp.store import catalogue, cities, layers, units
from geoapp.store.database import Database
from layers.base import Feature
from tests.pages.conftest import PACK, SOUTH, WEST, load

COMMUNITIES = {"name": "quarters", "kind": "communities", "file": "-", "key": "-", "names": {"zh": "名"},
               "label": {"zh": "社区", "en": "Community"}}  # fmt: skip


@pytest.fixture
def city(db: Database) -> City:
    """The probe city with communities below its offices, one of them across a border and one in nobody's area."""
    loaded = load(db, city_from(PACK | {"layers": [*PACK["layers"], COMMUNITIES]}))  # type: ignore[misc]
    places = {"C1": (0.1, 0.1), "C2": (0.1, 0.6), "C3": (0.45, 0.1), "C9": (5.0, 5.0), "O00": (0.7, 0.7)}
    squares = [
        Feature(code, {"zh": f"{code}社区"}, "official",
                shapely.MultiPolygon([shapely.box(WEST + x, SOUTH + y, WEST + x + 0.1, SOUTH + y + 0.1)]))
        for code, (x, y) in places.items()
    ]  # fmt: skip
    with db.bulk.begin() as connection:
        layers.load(connection, loaded, loaded.layer("quarters"), layers.AREAS, squares, {})
    return loaded


def grow(db: Database, city: City) -> units.Grown:
    with db.bulk.begin() as connection:
        return units.grow(connection, city)


def tree(db: Database, city: City) -> dict[str, str | None]:
    with db.web.connect() as connection:
        return {unit.code: unit.parent for unit in units.every(connection, city.id)}


def test_each_area_has_its_unit_below_the_one_that_holds_it(db: Database, city: City) -> None:
    assert grow(db, city) == units.Grown(12, 12)
    assert tree(db, city) == {
        "probe": None, "D0": "probe", "D1": "probe", "O00": "D0", "O01": "D0", "O10": "D1", "O11": "D1",
        "C1": "O00", "C2": "O01", "C3": "O00", "C9": "probe", "quarters/O00": "O11",
    }  # fmt: skip
    with db.web.connect() as connection:
        kinds = {unit.code: unit.kind for unit in units.every(connection, city.id)}
        office = units.of_area(connection, city.id, "offices", "O01")
        assert office is not None
        assert office.code == "O01" and len(units.line(connection, office.id)) == 3
        assert len(units.below(connection, office.id)) == 2
        assert units.of_area(connection, city.id, "offices", "nowhere") is None
    assert kinds["O00"] == UnitKind.STREET_OFFICE and kinds["quarters/O00"] == UnitKind.COMMUNITY


def test_made_again_nothing_changes_nor_what_somebody_changed(db: Database, city: City) -> None:
    grow(db, city)
    with db.bulk.begin() as connection:
        kept = units.find(connection, city.id, "O01")
        units.save(connection, city.id, "O01", {"zh": "新名"}, UnitKind.STREET_OFFICE, parent="D1",
                   contacts={"phone": "0755-1"})  # fmt: skip
    assert grow(db, city) == units.Grown(12, 0)
    with db.web.connect() as connection:
        again = units.find(connection, city.id, "O01")
    assert (again.names, again.parent, again.contacts) == ({"zh": "新名"}, "D1", {"phone": "0755-1"})
    assert again.area_keys == kept.area_keys and again.id == kept.id


def test_a_unit_that_reports_have_named_is_taken_on_where_its_level_answers(db: Database, city: City) -> None:
    known = catalogue.unit_ids(db.bulk, city, {"O01": "O01街道办", "C1": "某公司", "D0": "", "waterworks": "水务"})
    grow(db, city)
    with db.web.connect() as connection:
        office = units.find(connection, city.id, "O01")
        assert office.id == known["O01"] and office.kind == UnitKind.STREET_OFFICE and office.parent is not None
        # What is called like a community need not be it.
        assert units.find(connection, city.id, "C1").kind is None
        assert units.find(connection, city.id, "quarters/C1").kind == UnitKind.COMMUNITY
        assert units.find(connection, city.id, office.parent).code == "districts/D0"
    assert catalogue.unit_ids(db.bulk, city, {"O01": ""}) == {"O01": known["O01"]}


def test_a_level_loaded_later_finds_its_place(db: Database, city: City) -> None:
    less = replace(city, layers=city.layers[1:2])
    grow(db, less)
    assert tree(db, city)["O00"] == "probe"
    with db.bulk.begin() as connection:
        cities.save_city(connection, city)
    assert grow(db, city).made == 7
    # Offices that stood below the city stay there: somebody may have put them so.
    assert tree(db, city)["O00"] == "probe" and tree(db, city)["C1"] == "O00"


def test_no_unit_comes_to_stand_below_itself(db: Database, city: City) -> None:
    grow(db, city)
    for code, parent in (("D0", "C1"), ("D0", "O00")):
        with pytest.raises(UnitInvalid), db.bulk.begin() as connection:
            units.save(connection, city.id, code, {"zh": "x"}, UnitKind.DISTRICT, parent=parent)
    with pytest.raises(UnknownUnit), db.bulk.begin() as connection:
        units.save(connection, city.id, "D0", {"zh": "x"}, UnitKind.DISTRICT, parent="nobody")
    with db.bulk.begin() as connection:
        first = units.find(connection, city.id, "D0").id
        connection.execute(text("UPDATE geoapp.unit SET parent_id = :a WHERE code = 'probe'"), {"a": first})
        # A circle made by hand ends.
        assert len(units.line(connection, first)) == 13 and len(units.below(connection, first)) > 1
