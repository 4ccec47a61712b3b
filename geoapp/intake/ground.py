"""A city loaded: its pack, its catalogue, and each of its layers as a version of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from geoapp.city import City, LayerSpec
from geoapp.errors import PackInvalid
from geoapp.store import catalogue, cities, layers
from geoapp.store.layers import Feature
from layers.base import AreaFile, read_areas


@dataclass(frozen=True, slots=True)
class LayerLoaded:
    """What a load did with one layer."""

    layer: str
    version: int
    features: int
    findings: Mapping[str, Any]


def load_city(engine: Engine, pack: City, data: Path) -> tuple[City, list[LayerLoaded]]:
    """Load a pack's layers from the folder its files lie in, each in one transaction, and make the city known.

    Raises:
        PackInvalid, SourceUnreadable: nothing of the layer in question was loaded; its pointer is where it was.
    """
    read = [(spec, _read(spec, data)) for spec in pack.layers]
    with engine.begin() as connection:
        city = cities.save_city(connection, pack)
    catalogue.save_catalogue(engine, city)
    return city, [_load(engine, city, spec, file) for spec, file in read]


def _read(spec: LayerSpec, data: Path) -> AreaFile:
    path = (data / spec.file).resolve()
    if not path.is_relative_to(data.resolve()):
        raise PackInvalid(f"{spec.file} leads out of the data folder")
    return read_areas(path, spec.key, spec.names, spec.crs, spec.encoding)


def _load(engine: Engine, city: City, spec: LayerSpec, file: AreaFile) -> LayerLoaded:
    features = [Feature(one.code, one.names, spec.quality, one.outline) for one in file.outlines]
    with engine.begin() as connection:
        version = layers.load(connection, city, spec, layers.AREAS, features, file.findings)
    return LayerLoaded(spec.name, version, len(features), file.findings)
