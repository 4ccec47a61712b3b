"""Cities, their versioned layers, the areas and assets on them, and sites."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Date, Double, ForeignKey, Index, Integer, SmallInteger, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB

from geoapp.store.tables.base import METADATA, big_id, city_id, geometry, moment, names, one_of, small_id

SITE_KINDS: Final = ("asset", "stretch", "spot")
QUALITIES: Final = ("official", "approximate", "synthetic")
ROLES: Final = ("areas", "assets", "roads", "landmarks")
"""What a layer is to the rest: areas answer for what lies in them, assets have parties, roads have stretches."""

city = Table(
    "city",
    METADATA,
    Column("id", SmallInteger, primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    names(),
    Column("pack", JSONB, nullable=False),
    moment("loaded_at", now=True),
)

layer_version = Table(
    "layer_version",
    METADATA,
    small_id(),
    city_id(),
    Column("layer", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("digest", Text, nullable=False),
    Column("features", Integer, nullable=False),
    Column("valid_from", Date),
    Column("valid_to", Date),
    moment("loaded_at", now=True),
    Column("findings", JSONB, nullable=False, server_default="{}"),
    Column("role", Text, nullable=False, server_default="areas"),
    UniqueConstraint("city_id", "layer", "version"),
    one_of("role", ROLES),
)

layer_current = Table(
    "layer_current",
    METADATA,
    Column("city_id", SmallInteger, ForeignKey("geoapp.city.id"), primary_key=True),
    Column("layer", Text, primary_key=True),
    Column("layer_version_id", Integer, ForeignKey("geoapp.layer_version.id"), nullable=False),
)

# What stays the same when an area's outline is loaded anew: tickets point here, outlines are versions of it.
area_key = Table(
    "area_key",
    METADATA,
    small_id(),
    city_id(),
    Column("layer", Text, nullable=False),
    Column("code", Text, nullable=False),
    UniqueConstraint("city_id", "layer", "code"),
)

area = Table(
    "area",
    METADATA,
    small_id(),
    city_id(),
    Column("layer_version_id", Integer, ForeignKey("geoapp.layer_version.id"), nullable=False),
    Column("area_key_id", Integer, ForeignKey("geoapp.area_key.id"), nullable=False),
    Column("layer", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("version", Integer, nullable=False),
    names(),
    Column("quality", Text, nullable=False, server_default="official"),
    geometry("MULTIPOLYGON"),
    UniqueConstraint("city_id", "layer", "code", "version"),
    one_of("quality", QUALITIES),
)
Index(None, area.c.layer_version_id)
Index("gix_area_geom", area.c.geom, postgresql_using="gist")

# What became of areas from one version of a layer to the next: share is the part of the old area that lies in the new.
area_lineage = Table(
    "area_lineage",
    METADATA,
    Column("layer_version_id", Integer, ForeignKey("geoapp.layer_version.id"), primary_key=True),
    Column("from_key_id", Integer, ForeignKey("geoapp.area_key.id"), primary_key=True),
    Column("to_key_id", Integer, ForeignKey("geoapp.area_key.id"), primary_key=True),
    Column("share", Double, nullable=False),
)

# Whatever lies on the ground and is no area: assets with their three parties, roads, landmarks.
asset = Table(
    "asset",
    METADATA,
    big_id(),
    city_id(),
    Column("layer_version_id", Integer, ForeignKey("geoapp.layer_version.id"), nullable=False),
    Column("layer", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("class", Text, nullable=False),
    names(),
    Column("authority", Text),
    Column("owner", Text),
    Column("maintainer", Text),
    geometry("GEOMETRY"),
    Column("quality", Text, nullable=False, server_default="official"),
    Column("attributes", JSONB, nullable=False, server_default="{}"),
    UniqueConstraint("city_id", "layer", "code", "version"),
    one_of("quality", QUALITIES),
)
Index(None, asset.c.layer_version_id)
Index("gix_asset_geom", asset.c.geom, postgresql_using="gist")

site = Table(
    "site",
    METADATA,
    big_id(),
    city_id(),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    geometry("POINT"),
    UniqueConstraint("city_id", "kind", "key"),
    one_of("kind", SITE_KINDS),
)
