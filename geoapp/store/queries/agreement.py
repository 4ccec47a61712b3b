"""How often the area found for a report is the one its source recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from sqlalchemy import Connection, text

from geoapp.city import City


@dataclass(frozen=True, slots=True)
class Agreement:
    """Reports of a category with a place and a recorded area: how many lie in it, in another, in none."""

    category: str
    agree: int
    another: int
    none: int

    def as_dict(self) -> dict[str, Any]:
        """As it is printed with --json."""
        return {**asdict(self), "reports": self.reports}

    @property
    def reports(self) -> int:
        """All of them."""
        return self.agree + self.another + self.none


# A ticket carries its first report's place; each report is compared by the ticket's area in the layer asked of.
_QUERY: Final = text("""
    SELECT coalesce(c.code, ''),
           count(*) FILTER (WHERE a.code = r.recorded_area),
           count(*) FILTER (WHERE a.code <> r.recorded_area),
           count(*) FILTER (WHERE a.code IS NULL)
    FROM geoapp.report r
    JOIN geoapp.ticket k ON k.id = r.ticket_id
    LEFT JOIN geoapp.matter m ON m.id = r.matter_id
    LEFT JOIN geoapp.category c ON c.id = m.category_id
    LEFT JOIN LATERAL (
        SELECT code FROM geoapp.area_key a
        WHERE a.city_id = :city AND a.layer = :layer AND a.id = ANY(k.area_keys) LIMIT 1
    ) a ON true
    WHERE r.city_id = :city AND r.source = ANY(:sources) AND r.recorded_area IS NOT NULL
    GROUP BY 1 ORDER BY count(*) DESC, 1
""")


def by_category(connection: Connection, city: City, layer: str, sources: Sequence[str]) -> list[Agreement]:
    """Agreement for each category of these sources' reports, most reports first."""
    rows = connection.execute(_QUERY, {"city": city.id, "layer": layer, "sources": list(sources)})
    return [Agreement(*row) for row in rows]


def sources(connection: Connection, city: City) -> list[str]:
    """The sources that record areas for this city."""
    query = text(
        "SELECT DISTINCT source FROM geoapp.report WHERE city_id = :city AND recorded_area IS NOT NULL ORDER BY 1"
    )
    return list(connection.execute(query, {"city": city.id}).scalars())
