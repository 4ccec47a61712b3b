"""A city loaded: its pack, its catalogue, and each of its layers as a version of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine

from geoapp.city import City, LayerSpec
from geoapp.errors import PackInvalid, UnknownCity
from geoapp.intake.lie import Land, examine, land
from geoapp.locate.datum import to_wgs84
from geoapp.store import catalogue, cities, layers, units
from geoapp.store.layer_codes import Current, current
from geoapp.tickets import writer
from layers import get as kind_of
from layers import roles
from layers.base import Findings, LayerFile
from layers.features import LISTED, read

KINDS: Final = roles()
"""The kinds of layers there are, and the role of each."""

_KEPT: Final = 50_000
"""A layer of more features than this is read twice, to be checked and to be loaded, rather than kept meanwhile."""

Progress = Callable[[str, str], None]
"""Told the layer and what is being done with it: reading, checking, loading."""


@dataclass(frozen=True, slots=True)
class LayerLoaded:
    """What a load did with one layer; changed is False where its content was the current version already."""

    layer: str
    version: int
    changed: bool
    features: int
    findings: Findings

    def as_dict(self) -> dict[str, Any]:
        """What was done, as plain values."""
        return {
            "layer": self.layer, "version": self.version, "changed": self.changed, "features": self.features,
            "findings": dict(self.findings),
        }  # fmt: skip


def load_city(
    engine: Engine, pack: City, data: Path, progress: Progress = lambda *_: None
) -> tuple[City, list[LayerLoaded]]:
    """Load a pack's layers from the folder its files lie in, each in one transaction, and make the city known.

    All files are read and checked before anything is changed. The responsible layer goes first, together with a new
    city: none is ever known without its ground. A city's new pack comes last: until then the old one holds.

    Raises:
        PackInvalid, SourceUnreadable: nothing was changed.
    """
    ordered = sorted(pack.layers, key=lambda spec: spec.name != pack.responsible)
    on: Land | None = None
    checked: list[tuple[LayerSpec, LayerFile | None, Findings]] = []
    for spec in ordered:
        file, found = _checked(spec, data, on, pack, progress)
        on = on or land(spec, file, pack)
        checked.append((spec, file if len(file.features) <= _KEPT else None, found))
    city, loaded = _known(engine, pack), []
    for spec, kept, found in checked:
        progress(spec.name, "loading")
        file = kept or read_layer(spec, data)
        with engine.begin() as connection:
            city = city or cities.save_city(connection, pack)
            loaded.append(_load(connection, city, spec, file, found))
    with engine.begin() as connection:
        city = cities.save_city(connection, pack)
    catalogue.save_catalogue(engine, city)
    with engine.begin() as connection:
        units.grow(connection, city)
        writer.hide(connection, city.id)
    return city, sorted(loaded, key=lambda one: [spec.name for spec in pack.layers].index(one.layer))


def read_layer(spec: LayerSpec, data: Path) -> LayerFile:
    """A layer's file, in WGS-84.

    Raises:
        PackInvalid: its file would lie outside the data folder.
        SourceUnreadable: it cannot be read, or nothing in it can be used.
    """
    return read(path_of(spec, data), spec, kind_of(spec.kind).role, partial(_turned, crs=spec.crs))


def path_of(spec: LayerSpec, data: Path) -> Path:
    """Where a layer's file lies.

    Raises:
        PackInvalid: outside the data folder.
    """
    path = (data / spec.file).resolve()
    if not path.is_relative_to(data.resolve()):
        raise PackInvalid(f"{spec.file} leads out of the data folder")
    return path


def _turned(x: Any, y: Any, crs: str) -> Any:
    return to_wgs84(x, y, crs)


def _checked(
    spec: LayerSpec, data: Path, on: Land | None, pack: City, progress: Progress
) -> tuple[LayerFile, Findings]:
    progress(spec.name, "reading")
    file = read_layer(spec, data)
    progress(spec.name, "checking")
    return file, examine(spec, kind_of(spec.kind).role, file, on, pack)


def _known(engine: Engine, pack: City) -> City | None:
    """The city as it was loaded before, if it was."""
    with engine.connect() as connection:
        try:
            return replace(pack, id=cities.city(connection, pack.code).id)
        except UnknownCity:
            return None


def _load(connection: Connection, city: City, spec: LayerSpec, file: LayerFile, found: Findings) -> LayerLoaded:
    before = current(connection, city, spec.name)
    found = {**found, **_moved(before, {one.code for one in file.features})}
    version = layers.load(connection, city, spec, kind_of(spec.kind).role, file.features, found)
    return LayerLoaded(spec.name, version, before is None or before.version != version, len(file.features), found)


def _moved(before: Current | None, codes: set[str]) -> Mapping[str, Mapping[str, Any]]:
    """The codes that came and went since the version before."""
    if before is None:
        return {}
    both = {"appeared": sorted(codes - before.codes), "vanished": sorted(before.codes - codes)}
    return {what: {"count": len(found), "codes": found[:LISTED]} for what, found in both.items() if found}
