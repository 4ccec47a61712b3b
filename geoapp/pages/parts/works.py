"""What was, is and will be done at a site, in the caller's words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from geoapp.city import City
from geoapp.pages.parts.answers import local
from geoapp.pages.parts.language import named
from geoapp.store.queries import repairs
from geoapp.store.queries.repairs import Repair
from geoapp.tickets.numbers import synthetic


def tell_works(city: City, found: Sequence[Repair], now: datetime) -> list[dict[str, Any]]:
    """The repairs of a site as page and API show them."""
    words = {repairs.PLANNED: _("Works planned"), repairs.WORKS: _("Works under way"), repairs.DONE: _("Repaired")}
    return [
        {
            "stage": one.stage(now), "label": words[one.stage(now)], "late": one.late(now),
            "planned_at": local(city, one.planned_at), "started_at": local(city, one.started_at),
            "promised_at": local(city, one.promised_at), "ended_at": local(city, one.ended_at),
            "unit": named(one.unit.names, one.unit.code) if one.unit else None,
            "assisting": [named(unit.names, unit.code) for unit in one.assisting],
            "hoarding": one.hoarding, "traffic_plan": one.traffic_plan, "note": one.note, "ticket": one.ticket,
            "liability_until": one.liability_until.isoformat() if one.liability_until else None,
            "details": _details(one), "synthetic": city.synthetic or synthetic(one.ticket or ""),
        }
        for one in found
    ]  # fmt: skip


def _details(one: Repair) -> list[str]:
    """What a passer-by meets, in words."""
    told = [_("hoarding"), _("traffic plan")]
    said = [words for words, yes in zip(told, (one.hoarding, one.traffic_plan), strict=True) if yes]
    helped = [_("assisted by %(unit)s", unit=named(unit.names, unit.code)) for unit in one.assisting]
    liable = [_("liability until %(day)s", day=one.liability_until)] if one.liability_until else []
    return [*helped, *said, *liable]
