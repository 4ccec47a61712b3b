"""The assets that cases are of, and the units that their parties are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from sqlalchemy import Connection

from geoapp.assign.areas import Ground
from geoapp.assign.asking import Cases, Things, of_assets
from geoapp.assign.fitting import Flags
from geoapp.city import City
from geoapp.store import units as stored
from geoapp.store.queries import features


@dataclass(frozen=True, slots=True)
class Units:
    """A city's units as dispatch knows them: ids by code, codes by what sources call them and by the areas' keys.

    names: by code, by language.
    """

    ids: Mapping[str, int]
    called: Mapping[str, str]
    of_areas: Mapping[int, str]
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def codes(self) -> set[str]:
        """All of them."""
        return set(self.ids)

    def and_those(self, codes: Iterable[str]) -> Units:
        """With units that are not made yet, so that a list can be tried before they are."""
        return replace(self, ids={**dict.fromkeys((code for code in codes if code), 0), **self.ids})

    @staticmethod
    def of(connection: Connection, city: City) -> Units:
        """Those that are active; a name that several share is nobody's."""
        known = [unit for unit in stored.every(connection, city.id) if unit.active]
        called: dict[str, str] = {}
        for unit in known:
            for name in {*unit.names.values()}:
                called[name] = unit.code if called.get(name, unit.code) == unit.code else ""
        areas = {key: unit.code for unit in known for key in unit.area_keys}
        codes = {unit.code: unit.code for unit in known}
        names = {unit.code: unit.names for unit in known}
        return Units({unit.code: unit.id for unit in known}, called | codes, areas, names)


def things(connection: Connection, city: City, here: Ground, units: Units, cases: Cases, asked: Flags) -> Things:
    """The asset of each case that is asked for, its parties by the codes of their units, "" where they are none."""
    classed, parties = [""] * len(cases), [[""] * len(cases) for _ in range(3)]
    if not (asked & np.isfinite(cases.lon)).any():
        return Things(classed, parties)
    versions = here.versions
    for layer, codes in of_assets(here, cases, asked).items():
        known = features.by_code(connection, city.id, layer, versions[layer], sorted(set(codes.values())))
        for row, code in codes.items():
            asset = known[code]
            classed[row] = asset.classed
            for column, party in zip(parties, (asset.authority, asset.owner, asset.maintainer), strict=True):
                column[row] = units.called.get(party or "", "")
    return Things(classed, parties)
