"""Why a ticket went where it went, or waits for a person, in words: the list's line, who comes second, borders near."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from geoapp.assign.dispatch import Held, Lost
from geoapp.assign.exactness import Asks
from geoapp.intake.again import RETURNED
from geoapp.pages.parts.locating import distance
from geoapp.store.queries.ticket import Happened

REASONS: Final[Mapping[str, Any]] = {
    Held.UNKNOWN_MATTER: _l("it is not known what it is about"),
    Held.NO_LINE: _l("no line of the list of duties fits"),
    Held.TIE: _l("lines of the list that are equally exact name different units"),
    Held.FALLBACK: _l("only the fallback of the list answers"),
    Held.BORDER: _l("it lies near a border, and across it another unit would have it"),
    Held.APPROXIMATE: _l("a border near it is only roughly drawn, and across it another unit would have it"),
    Held.POOR_PLACE: _l("where it lies decides, and is not known well enough"),
    RETURNED: _l("the unit that the list names has just sent it back"),
}
"""Why a case was not sent by itself, as people of the house say it."""

LOST: Final[Mapping[str, Any]] = {
    Asks.FALLBACK: _l("only the fallback"),
    Asks.MATTER: _l("its line is less exact about the matter"),
    Asks.OWNER: _l("its line is less exact about whose the thing is"),
    Asks.AREA: _l("its line is less exact about the area"),
    Asks.PRIORITY: _l("its line has a lower priority"),
    Lost.EQUAL: _l("its line is just as exact"),
    Lost.PLACE: _l("across the nearest border"),
}
"""Why a unit comes second."""

BY_LIST: Final = ("dispatch", "held", "proposed")
_CODES: Final = ("unit_code", "proposal", "runner_up", "across")


_ROUGH_BORDER: Final = _l("it lies near a border that is only roughly drawn, and across it another unit would have it")


def reasons(codes: Mapping[str, Any]) -> list[str]:
    """Why it is held, each in words; what is one to people is said once."""
    held = list(codes.get("held") or [])
    if {Held.BORDER, Held.APPROXIMATE} <= set(held):
        held.remove(Held.APPROXIMATE)
        return [str(_ROUGH_BORDER if one == Held.BORDER else REASONS.get(one, one)) for one in held]
    return [str(REASONS.get(one, one)) for one in held]


def units_of(happened: Iterable[Happened]) -> set[str]:
    """The codes of the units of which these events tell by the list."""
    return {str(one.codes[name]) for one in happened if one.name in BY_LIST for name in _CODES if one.codes.get(name)}


def details(one: Happened, names: Mapping[str, str]) -> list[str]:
    """What an event of dispatch by the list says besides its name; nothing of any other."""
    codes = one.codes
    if one.name not in BY_LIST or "list" not in codes:
        return []
    proposed = _named(codes.get("proposal"), names)
    told = [*reasons(codes), proposed and _("proposed: %(unit)s", unit=proposed), _line(codes)]
    return [str(word) for word in told if word]


def box(codes: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any] | None:
    """What a dispatcher needs to know of a ticket that was held; None where it was not."""
    if not codes.get("held"):
        return None
    proposed, second = _named(codes.get("proposal"), names), _named(codes.get("runner_up"), names)
    why = LOST.get(str(codes.get("lost_by")), "")
    border = codes.get("border_m")
    return {
        "reasons": reasons(codes),
        "proposed": proposed,
        "line": _line(codes),
        "second": _("%(unit)s (%(why)s)", unit=second, why=why) if second and why else second,
        "across": _named(codes.get("across"), names),
        "border": distance(float(border)) if isinstance(border, int | float) else "",
    }


def _named(code: Any, names: Mapping[str, str]) -> str:
    return names.get(str(code), str(code)) if code else ""


def _line(codes: Mapping[str, Any]) -> str:
    line = codes.get("line")
    return str(_("line %(line)s of list %(list)s", line=line, list=codes.get("list"))) if line else ""
