"""Keys of matters, units and sites by what sources call them; what is new is appended first.

Each function commits on a connection of its own: a long batch then never holds a key that another writer waits for,
and a name without a ticket does no harm.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Engine, text

from geoapp.assign.sites import Site
from geoapp.city import City, MatterSpec

Words = tuple[str, str]
"""A source's category and matter, as it writes them."""

_CODE: Final = re.compile(r"[^\w]+")


def code_of(words: str) -> str:
    """A code made of words: lower case, hyphens for all but letters and digits of any script."""
    return _CODE.sub("-", words.casefold()).strip("-") or "other"


@dataclass(frozen=True, slots=True)
class MatterFacts:
    """What the path needs to know of a matter; id, code and its category's code None where there is none."""

    id: int | None
    code: str | None
    urgent: bool
    public: bool
    category: str | None = None


# No word that was cleaned holds it, so words that hold slashes stay apart.
_BETWEEN: Final = "\x1f"


def matters(engine: Engine, city: City, source: str, wanted: set[Words]) -> dict[Words, MatterFacts]:
    """The matter of each pair of words; ("", "") means none. Unknown words become a matter named as the source does."""
    spoken = {pair: _BETWEEN.join(pair) for pair in wanted if any(pair)}
    if not spoken:
        return {}
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        query = text(
            "SELECT s.words, m.id, m.code, m.urgent, m.public, c.code FROM geoapp.source_word s "
            "JOIN geoapp.matter m ON m.id = s.matter_id JOIN geoapp.category c ON c.id = m.category_id "
            "WHERE s.city_id = :city AND s.source = :source AND s.words = ANY(:words)"
        )
        values = {"city": city.id, "source": source, "words": sorted(spoken.values())}
        known = {words: MatterFacts(*facts) for words, *facts in connection.execute(query, values)}
        missing = [pair for pair, words in sorted(spoken.items()) if words not in known]
        if missing:
            _append_matters(engine, city, source, missing)
            known = {words: MatterFacts(*facts) for words, *facts in connection.execute(query, values)}
    return {pair: known[words] for pair, words in spoken.items()}


def matter(connection: Connection, city_id: int, code: str) -> MatterFacts | None:
    """The matter of that code, if it is not retired; None: the catalogue has none such."""
    query = text(
        "SELECT m.id, m.code, m.urgent, m.public, c.code FROM geoapp.matter m "
        "JOIN geoapp.category c ON c.id = m.category_id "
        "WHERE m.city_id = :city AND m.code = :code AND m.retired_at IS NULL"
    )
    row = connection.execute(query, {"city": city_id, "code": code}).one_or_none()
    return None if row is None else MatterFacts(*row)


def matter_codes(connection: Connection, ids: Collection[int]) -> dict[int, str]:
    """The codes of those matters, by key."""
    query = text("SELECT id, code FROM geoapp.matter WHERE id = ANY(:ids)")
    return {row.id: row.code for row in connection.execute(query, {"ids": sorted(ids)})}


def codes_of(
    city: City, source: str, pairs: Iterable[Words], offered: Mapping[str, str] | None = None
) -> dict[Words, Words]:
    """The codes of category and matter that words come to have: those of the pack's own list, else made of them.

    offered: the category of each matter that forms offer, whose code a caller may use.
    """
    listed = listed_matters(city)
    # Codes a caller already uses (a form's choice) are matters of the pack or of the catalogue, named as such.
    own = {matter.code: matter for matter in city.matters}

    def codes(category: str, matter: str) -> Words:
        if spec := listed.get((source, category, matter)) or own.get(matter):
            return spec.category, spec.code
        if offered and matter in offered:
            return offered[matter], matter
        return code_of(category or matter), made_code(category, matter)

    return {pair: codes(*pair) for pair in pairs}


def _append_matters(engine: Engine, city: City, source: str, pairs: Sequence[Words]) -> None:
    """Spellings that differ only in case or signs are one matter; the pack's own list of source words goes first."""
    with engine.begin() as connection:
        offered = _offered(connection, city, [matter for _, matter in pairs])
        for (category, matter), (category_code, matter_code) in codes_of(city, source, pairs, offered).items():
            names = {"category": {"en": _spoken(category or matter)}, "matter": {"en": _spoken(category, matter)}}
            connection.execute(
                text(
                    "INSERT INTO geoapp.category (city_id, code, names) VALUES (:city, :code, cast(:names AS jsonb)) "
                    "ON CONFLICT DO NOTHING"
                ),
                {"city": city.id, "code": category_code, "names": _json(names["category"])},
            )
            connection.execute(
                text(
                    "INSERT INTO geoapp.matter (city_id, category_id, code, names) "
                    "SELECT :city, id, :matter, cast(:names AS jsonb) FROM geoapp.category "
                    "WHERE city_id = :city AND code = :category ON CONFLICT DO NOTHING"
                ),
                {"city": city.id, "category": category_code, "matter": matter_code, "names": _json(names["matter"])},
            )
            connection.execute(
                text(
                    "INSERT INTO geoapp.source_word (city_id, source, words, matter_id) "
                    "SELECT :city, :source, :words, id FROM geoapp.matter WHERE city_id = :city AND code = :matter "
                    "ON CONFLICT DO NOTHING"
                ),
                {"city": city.id, "source": source, "words": _BETWEEN.join((category, matter)), "matter": matter_code},
            )


def listed_matters(city: City) -> dict[tuple[str, str, str], MatterSpec]:
    """The matters of the pack by source, category and matter, as sources say them."""
    return {_listed(words): matter for matter in city.matters for words in matter.sources}


def made_code(category: str, matter: str) -> str:
    """The code of a matter that nobody has listed, out of a source's own words for it and its category."""
    category_code = code_of(category or matter)
    return f"{category_code}/{code_of(matter)}" if matter else category_code


def _offered(connection: Connection, city: City, codes: Sequence[str]) -> dict[str, str]:
    """The category of each of those codes that is a matter forms offer."""
    query = text(
        "SELECT m.code, c.code FROM geoapp.matter m JOIN geoapp.category c ON c.id = m.category_id "
        "WHERE m.city_id = :city AND m.offered AND m.code = ANY(:codes)"
    )
    return {code: category for code, category in connection.execute(query, {"city": city.id, "codes": list(codes)})}


def _listed(words: str) -> tuple[str, str, str]:
    """A pack's "source:category/matter" in its parts; a category that holds a slash is followed by " > " instead."""
    source, _, spoken = words.partition(":")
    category, _, matter = spoken.partition(" > " if " > " in spoken else "/")
    return source, category, matter


def _spoken(*words: str) -> str:
    """A name out of a source's words: a descriptor such as "In Public" says nothing without its type."""
    name = ": ".join(word for word in words if word)
    return name[:1].upper() + name[1:]


_NO_LIST: Final = (
    "NOT EXISTS (SELECT FROM geoapp.list_batch b WHERE b.city_id = excluded.city_id AND b.list = 'catalogue' "
    "AND b.state = 'in_force')"
)


def save_catalogue(engine: Engine, city: City) -> None:
    """The pack's categories and matters made known, and renamed where they were known otherwise.

    A catalogue in force says more of its matters than a pack can: what it has stays as it is.
    Tickets follow their matters only when they are written again; tickets.writer.hide sees to those to be hidden now.
    """
    with engine.begin() as connection:
        for code, names in city.categories.items():
            connection.execute(
                text(
                    "INSERT INTO geoapp.category (city_id, code, names) VALUES (:city, :code, cast(:names AS jsonb)) "
                    f"ON CONFLICT (city_id, code) DO UPDATE SET names = excluded.names WHERE {_NO_LIST}"
                ),
                {"city": city.id, "code": code, "names": _json(names)},
            )
        for matter in city.matters:
            connection.execute(
                text(
                    "INSERT INTO geoapp.matter (city_id, category_id, code, names, keywords, public, urgent, offered) "
                    "SELECT :city, id, :code, cast(:names AS jsonb), :keywords, :public, :urgent, true "
                    "FROM geoapp.category WHERE city_id = :city AND code = :category "
                    "ON CONFLICT (city_id, code) DO UPDATE SET names = excluded.names, keywords = excluded.keywords, "
                    "public = excluded.public, urgent = excluded.urgent, offered = true, "
                    f"category_id = excluded.category_id WHERE {_NO_LIST}"
                ),
                {
                    "city": city.id, "code": matter.code, "names": _json(matter.names), "category": matter.category,
                    "keywords": list(matter.keywords), "public": matter.public, "urgent": matter.urgent,
                },
            )  # fmt: skip
        _point_words(connection, city)


def _point_words(connection: Connection, city: City) -> None:
    """Words a source has been heard to say already come to mean what the pack now says they mean."""
    listed = [(*_listed(words), matter.code) for matter in city.matters for words in matter.sources]
    if not listed:
        return
    connection.execute(
        text(
            "UPDATE geoapp.source_word s SET matter_id = m.id FROM unnest(cast(:sources AS text[]), "
            "cast(:words AS text[]), cast(:codes AS text[])) w(source, words, code) "
            "JOIN geoapp.matter m ON m.city_id = :city AND m.code = w.code "
            "WHERE s.city_id = :city AND s.source = w.source AND s.words = w.words AND s.matter_id <> m.id"
        ),
        {
            "city": city.id, "sources": [source for source, *_ in listed],
            "words": [_BETWEEN.join((category, matter)) for _, category, matter, _ in listed],
            "codes": [code for *_, code in listed],
        },
    )  # fmt: skip


def unit_ids(engine: Engine, city: City, wanted: dict[str, str]) -> dict[str, int]:
    """The unit of each code; wanted maps a code to the name its source gives it."""
    if not wanted:
        return {}
    values = {"city": city.id, "codes": sorted(wanted)}
    query = text("SELECT code, id FROM geoapp.unit WHERE city_id = :city AND code = ANY(:codes)")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        known = {code: unit for code, unit in connection.execute(query, values)}
        missing = sorted(wanted.keys() - known.keys())
        if missing:
            connection.execute(
                text(
                    "INSERT INTO geoapp.unit (city_id, code, names) VALUES (:city, :code, cast(:names AS jsonb)) "
                    "ON CONFLICT DO NOTHING"
                ),
                [{"city": city.id, "code": code, "names": _json({"en": wanted[code] or code})} for code in missing],
            )
            known = {code: unit for code, unit in connection.execute(query, values)}
    return known


class KnownSites:
    """Keys of sites as one run has met them, the latest of them: a city's reports come from the same places.

    Sites are never taken away, so what was true stays so while the run lasts.
    """

    def __init__(self, most: int = 1 << 17) -> None:
        self._half = most // 2
        self._young: dict[tuple[str, str], int] = {}
        self._old: dict[tuple[str, str], int] = {}

    def look(self, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """Those of these sites (kind, key) that are remembered."""
        found = {}
        for pair in pairs:
            key = self._young.get(pair)
            if key is None and (key := self._old.get(pair)) is not None:
                self._young[pair] = key
            if key is not None:
                found[pair] = key
        return found

    def keep(self, found: Mapping[tuple[str, str], int]) -> None:
        """Remember these, and in the end forget those not met for long."""
        self._young.update(found)
        if len(self._young) > self._half:
            self._old, self._young = self._young, {}


def site_ids(engine: Engine, city: City, sites: Sequence[Site], known: KnownSites | None = None) -> list[int]:
    """The key of each site, in order; a new one stands at its point. known spares a run what it has met before."""
    first = {(site.kind, site.key): site for site in sites}
    keys = known.look(first) if known else {}
    if met := [first[pair] for pair in first if pair not in keys]:
        fresh = _looked_up(engine, city, met)
        keys |= fresh
        if known:
            known.keep(fresh)
    return [keys[site.kind, site.key] for site in sites]


def _looked_up(engine: Engine, city: City, sites: Sequence[Site]) -> dict[tuple[str, str], int]:
    """The keys of these sites, no two the same, made where they are new."""
    # In one order for all, or two writers could wait for each other's new names for ever.
    ordered = sorted(sites, key=lambda site: (site.kind, site.key))
    # Looked up one by one, whatever the statistics say: those of a running import are always behind.
    query = text(
        "SELECT s.kind, s.key, s.id FROM unnest(cast(:kinds AS text[]), cast(:keys AS text[])) w(kind, key) "
        "CROSS JOIN LATERAL (SELECT kind, key, id FROM geoapp.site s "
        "WHERE s.city_id = :city AND s.kind = w.kind AND s.key = w.key OFFSET 0) s"
    )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        known = _sites(connection.execute(query, _columns(city, ordered)))
        if new := [site for site in ordered if (site.kind, site.key) not in known]:
            made = connection.execute(
                text(
                    "INSERT INTO geoapp.site (city_id, kind, key, point) "
                    "SELECT :city, w.kind, w.key, ST_SetSRID(ST_MakePoint(w.lon, w.lat), 4326) "
                    "FROM unnest(cast(:kinds AS text[]), cast(:keys AS text[]), cast(:lon AS float8[]), "
                    "cast(:lat AS float8[])) w(kind, key, lon, lat) ON CONFLICT DO NOTHING RETURNING kind, key, id"
                ),
                _columns(city, new),
            )
            known |= _sites(made)
        if missing := [site for site in ordered if (site.kind, site.key) not in known]:
            # Somebody else made these meanwhile.
            known |= _sites(connection.execute(query, _columns(city, missing)))
    return known


def _sites(rows: Iterable[Any]) -> dict[tuple[str, str], int]:
    return {(kind, key): site for kind, key, site in rows}


def _columns(city: City, sites: Sequence[Site]) -> dict[str, Any]:
    return {
        "city": city.id, "kinds": [site.kind for site in sites], "keys": [site.key for site in sites],
        "lon": [site.lon for site in sites], "lat": [site.lat for site in sites],
    }  # fmt: skip


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
