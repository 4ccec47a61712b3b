"""How a ticket's place was found, in sentences: by coordinates, words or a person, and what was corrected since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from geoapp.locate.answer import Answer
from geoapp.locate.conflict import metres
from geoapp.locate.coordinates import PRECISION
from geoapp.pages.parts.language import language
from geoapp.pages.parts.naming import PROBLEMS
from geoapp.store.queries.ticket import Happened, Said
from geoapp.tickets.relocations import BY_HAND

PRECISIONS: Final = {
    "crossing": _l("crossing"),
    "address": _l("house number"),
    "landmark": _l("landmark"),
    "offset": _l("beside a place"),
    "stretch": _l("part of a road"),
    "road": _l("road"),
    "community": _l("community"),
    "area": _l("area"),
    PRECISION: _l("coordinates"),
    BY_HAND: _l("pointed out on the map"),
}
"""What kind of place it is, as people say it."""

_SURE: Final = ((0.9, _l("almost certain")), (0.75, _l("likely")), (0.0, _l("uncertain")))
_KILOMETRE: Final = 1_000
HOME_CHANNELS: Final = frozenset({"web", "api"})


def tell_found(said: Sequence[Said], happened: Sequence[Happened]) -> dict[str, Any] | None:
    """How the place was found that the ticket has now; None where nothing is known of it."""
    # What a source has given coordinates for since is where they are; words move nothing that has a place.
    exact = [one for one in said if one.precision == PRECISION]
    placed = exact[-1] if exact else next((one for one in said if one.precision), None)
    if placed is None:
        return None
    opened = next((one.codes for one in happened if one.name == "register"), {})
    last = next((one for one in reversed(happened) if one.name in ("placed", "relocated") and "to" in one.codes), None)
    facts = dict(last.codes["to"]) if last else _first(placed, opened)
    names, how = str(facts.get("names") or ""), str(facts["rule"])
    radius, confidence = facts.get("radius_m"), facts.get("confidence")
    text = _sentence(how, str(facts["precision"]), names, placed)
    if radius:
        text = _("%(sentence)s Within about %(distance)s", sentence=text, distance=distance(radius))
        text = _("%(sentence)s, %(sure)s.", sentence=text, sure=_sure(confidence or 0.0))
    if last is not None and last.name == "relocated":
        text = _("%(sentence)s This corrects an earlier place.", sentence=text)
    return {
        "how": how, "precision": facts["precision"], "radius_m": radius, "confidence": confidence,
        "names": names, "text": text,
        # What a person has decided since settles it.
        "conflict": None if how == BY_HAND else conflict_in_words(opened.get("conflict")),
    }  # fmt: skip


def tell_answer(found: Answer) -> dict[str, Any]:
    """What an answer means, in words: its name and a sentence; of one without a place, why there is none."""
    if found.problem is not None:
        why = PROBLEMS.get(found.problem) or _("No place was found in the words.")
        return {"name": None, "text": str(why)}
    what = PRECISIONS.get(found.precision or PRECISION, found.precision)
    said = _("%(what)s, within about %(distance)s", what=what, distance=distance(found.radius_m or 0.0))
    return {
        "name": found.called or None,
        "text": _("%(sentence)s, %(sure)s.", sentence=said, sure=_sure(found.confidence)),
    }


def event_note(one: Happened) -> str:
    """What an event of a place says besides its name; empty for any other."""
    to = one.codes.get("to") if one.name in ("placed", "relocated") else None
    if not isinstance(to, dict):
        return ""
    before = one.codes.get("from")
    who = _("pointed out by staff") if to.get("rule") == BY_HAND else str(to.get("names") or "")
    moved = _moved(before, to) if isinstance(before, dict) else ""
    return " · ".join(part for part in (who, moved) if part)


def distance(metres: float) -> str:
    """A distance as people say it."""
    if metres < _KILOMETRE:
        return str(_("%(n)s m", n=round(metres)))
    return str(_("%(n)s km", n=f"{metres / _KILOMETRE:.1f}"))


def _first(placed: Said, opened: Mapping[str, Any]) -> dict[str, Any]:
    """The place as it was when the ticket was opened."""
    by_words = "located" in opened and placed.precision != PRECISION
    return {
        "rule": "names" if by_words else PRECISION, "precision": placed.precision, "radius_m": placed.radius_m,
        "confidence": placed.confidence, "names": opened.get("names", ""),
    }  # fmt: skip


def _sentence(how: str, precision: str, names: str, placed: Said) -> str:
    if how == BY_HAND:
        return str(_("Pointed out on the map by staff."))
    if how == PRECISION and placed.channel in HOME_CHANNELS:
        return str(_("Pointed out on the map by whoever reported it."))
    if how == PRECISION:
        return str(_("The source gave coordinates (%(datum)s).", datum=placed.crs or "WGS-84"))
    return str(
        _("Found by what was said: %(names)s (%(what)s).", names=names, what=PRECISIONS.get(precision, precision))
    )


def _sure(confidence: float) -> str:
    word = next(word for least, word in _SURE if confidence >= least)
    return str(_("%(word)s (%(percent)s %%)", word=word, percent=min(99, round(100 * confidence))))


def _moved(before: Mapping[str, Any], to: Mapping[str, Any]) -> str:
    away = metres(float(before["lon"]), float(before["lat"]), float(to["lon"]), float(to["lat"]))
    return str(_("moved by %(distance)s", distance=distance(away)))


def conflict_in_words(codes: Any) -> str | None:
    """What was believed of coordinates and words that did not agree."""
    if not isinstance(codes, dict):
        return None
    away = codes.get("distance_m")
    if codes.get("winner") == "neither":
        text = _("What it says speaks of another place than where it was sent from.")
    elif codes.get("winner") == "words":
        text = _("It was sent from somewhere else; what it says was believed.")
    else:
        text = _("What it says speaks of another place; the place pointed out was believed.")
    if away is None:
        return str(text)
    space = "" if language() == "zh" else " "
    return f"{text}{space}{_('They lie %(distance)s apart.', distance=distance(float(away)))}"
