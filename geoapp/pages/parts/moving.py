"""Moves as pages and the API offer them: those somebody may make now, their fields in words, and what came of one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from flask import Response, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Connection

from geoapp import lifecycle
from geoapp.city import City
from geoapp.errors import BadField, GeoappError, MovedMeanwhile, NotAPhoto
from geoapp.intake import deeds
from geoapp.intake.photo import keep, place
from geoapp.intake.photo import read as read_photo
from geoapp.lifecycle import LEAD_MOVES, MOVES, Field, FieldKind, LeadState, Mark, Move, State
from geoapp.pages.parts import here, sending, who
from geoapp.pages.parts.answers import answer, local
from geoapp.pages.parts.language import language, named
from geoapp.people.rights import ACTS_AS, ROLES
from geoapp.records import PUBLIC_ONLY, Sight, UnitKind
from geoapp.store import acting, disputes, subjects, units, works
from geoapp.store.queries import beside, dispatched, matters
from geoapp.store.queries.beside import Linked
from geoapp.store.queries.ticket import Happened
from geoapp.store.subjects import Since, Subject
from geoapp.tickets.acts import ASKED, Deed, Done, taken_over
from geoapp.tickets.work import Doer, Picture, about, by_account
from geoapp.tickets.work import as_whom as acts_as

WHY: Final = {
    "missing": _l("This is needed."),
    "unknown": _l("There is no such field."),
    "too_long": _l("This is too long."),
    "not_a_choice": _l("Please choose one of the list."),
    "not_a_day": _l("A day is written 2026-01-31."),
    "not_a_number": _l("This is not a number that can be used."),
    "not_a_rating": _l("A rating is a number from 1 to 5."),
    "not_plain": _l("This is too long or not plain text."),
    "no_unit": _l("There is no such unit here."),
    "no_ticket": _l("There is no such ticket here."),
    "itself": _l("This is the ticket itself."),
    "ended": _l("That ticket has ended already."),
    "not_public": _l("That ticket is public and this one is not: what was said here would be read by everybody."),
    "already": _l("The two are linked already."),
    "no_family": _l("A child has one parent and no children of its own."),
    "no_child": _l("That ticket is not below this one."),
    "no_report": _l("That report is not this ticket's."),
    "all": _l("One report at least must stay."),
    "no_matter": _l("The catalogue has no such matter."),
    "same_matter": _l("The ticket is about this matter already."),
    "same_unit": _l("The ticket is with this unit already."),
    "not_below": _l("Only a unit below yours can be given it."),
    "not_later": _l("This is not later than it is due now."),
    "past": _l("This day has passed."),
    "before_start": _l("The end lies before the beginning."),
    "too_far": _l("This lies too far from the ticket."),
    "no_outline": _l("These corners enclose nothing."),
    "no_works": _l("No works were planned or begun."),
    "not_yours": _l("That ticket is not yours to act on."),
    "others": _l("Others have reported this as well: the ticket goes on for them."),
    "far_ahead": _l("This is too far ahead: ten years at most."),
}
"""What is wrong with a field of a move, in words."""

_WHO: Final = {acting_as: role for role, acting_as in reversed(tuple(ACTS_AS.items()))}
_ON_OFFER: Final = tuple(line for line in MOVES if not line.name.startswith("mirror_"))
_EVERY: Final[tuple[Move[State] | Move[LeadState], ...]] = (*_ON_OFFER, *LEAD_MOVES)
_LINES: Final = {line.name: line for line in _EVERY}
_UNITS: Final = (FieldKind.UNIT, FieldKind.UNITS)


def doer() -> Doer | None:
    """Who asks, as one who acts; None is anybody."""
    person = who.person()
    return None if person is None else by_account(person)


def offered(asker: Doer | None, subject: Subject, marked: Iterable[str] = ()) -> list[Move[State]]:
    """The moves that somebody may make of a ticket as it stands."""
    if asker is None:
        return []
    state, lies = State(subject.state), set(marked)
    found = [
        line for line in _ON_OFFER
        if state in line.sources and _makes_sense(line, subject, lies)
        and acts_as(line.name, subject, asker) & line.who
    ]  # fmt: skip
    return sorted(found, key=lambda line: _RANK.get(line.name, len(_RANK) + (line.target is None)))


_STEPS: Final = (
    "queue", "dispatch", "sign", "rule", "submit", "pass", "fail", "archive", "redo", "reopen", "resume", "return",
    "dispute", "extend", "pause", "shelve", "begin_works", "plan_works", "end_works", "contact", "supply", "ask_return",
    "delegate", "ask_extend", "ask_pause", "ask_shelve", "withdraw", "remind", "reclassify",
)  # fmt: skip
_RANK: Final = {name: nth for nth, name in enumerate(_STEPS)}
"""What goes on comes first: a step on the usual way, then what else is done; marks and notes last."""


def _makes_sense(line: Move[State], subject: Subject, lies: set[str]) -> bool:
    """Whether a move that the table allows would change anything."""
    if line.name in _UNDOES:
        return _UNDOES[line.name] in lies
    if line.name in ("urgent", "not_urgent"):
        return subject.urgent == (line.name == "not_urgent")
    if line.name == "pause":
        # Asked for more before, its time runs all the same.
        return subject.due_at is not None or Mark.AWAITING not in lies
    return line.sets is None or line.sets == Mark.REMINDED or line.sets not in lies


def _has_what_it_needs(
    connection: Connection, asker: Doer | None, line: Move[State], subject: Subject, belongs: Sequence[Linked]
) -> bool:
    """Whether there is what a move undoes or goes on from: a child, a ruling, works, something asked for."""
    if line.name == "refuse":
        return any(subjects.last_asked(connection, subject.id, asked) for asked in _REFUSED)
    if line.name == "withdraw" and asker is not None:
        return not subjects.others_reported(connection, subject.id, asker.report_id)
    if line.name == "detach_child":
        return any(one.kind == "child" for one in belongs)
    if line.name == "list_change":
        return disputes.may_propose(connection, subject.id)
    if line.name == "end_works":
        return works.standing(connection, subject.id) is not None
    return True


_REFUSED: Final = ("ask_extend", "ask_pause", "ask_shelve")
_UNDOES: Final = {"supply": Mark.AWAITING, "release": Mark.SUPERVISED}


# What a ticket page tells beyond its story


@dataclass(frozen=True, slots=True)
class Standing:
    """What hangs on a ticket beside its state, in words, and what may be done with it by whoever asks.

    inside: whether they may see how it is handled.
    """

    told: Mapping[str, Any]
    subject: Subject
    inside: bool
    offered: Sequence[Move[State]]


def standing(
    connection: Connection, city: City, number: str, asker: Doer | None, sight: Sight = PUBLIC_ONLY
) -> Standing:
    """What hangs on the ticket of a number, which there is."""
    if asker is not None:
        # What somebody has filed themselves the database tells them alone.
        acting.act(connection, asker.identity)
    subject = subjects.read(connection, [number])[number]
    found = beside.of(connection, subject.id, sight)
    may = [
        line for line in offered(asker, subject, found.marks)
        if _has_what_it_needs(connection, asker, line, subject, found.links)
    ]  # fmt: skip
    inside = asker is not None and asker.sees(about(subject, asker))
    told = {
        "version": subject.version,
        "marks": [
            {"mark": mark, "label": str(MARKS[mark]), "since": local(city, since)}
            for mark, since in found.marks.items()
        ],
        "links": [
            {"kind": one.kind, "label": str(LINKS[one.kind]), "number": one.number, "state": one.state,
             "outcome": one.outcome, "late": False, "url": f"/tickets/{one.number}"}
            for one in found.links
        ],
        "assisting": [named(names, code) for code, names in found.assisting],
        "hoardings": list(found.hoardings),
        "moves": [{"move": line.name, "label": line.names[language()]} for line in may],
    }  # fmt: skip
    return Standing(told, subject, inside, may)


MARKS: Final[Mapping[str, Any]] = {
    Mark.WORKS: _l("Works under way"),
    Mark.AWAITING: _l("Waiting for more"),
    Mark.REMINDED: _l("Reminded"),
    Mark.SUPERVISED: _l("Supervised"),
    Mark.LIABLE: _l("Back within liability"),
}
LINKS: Final = {
    "older": _l("Older ticket"), "later": _l("Later ticket"), "child": _l("Ticket below"), "parent": _l("Ticket above"),
    "merged": _l("Joined with"), "merged_from": _l("Joined from"), "split": _l("Split from"),
    "split_off": _l("Split off"), "after": _l("Opened after"), "followed_by": _l("Opened again as"),
}  # fmt: skip


def forms(
    connection: Connection, city: City, found: Standing, values: Mapping[str, str], errors: Mapping[str, str],
    brief: bool = False,
) -> list[dict[str, Any]]:  # fmt: skip
    """The moves on offer as forms; values and errors are those of the one that was sent, under its name as `move`.

    brief: what has very many choices is only named, and done on the page of moves.
    """
    if not found.offered:
        return []
    asks_units = any(one.kind in _UNITS for line in found.offered for one in line.fields)
    every = _units(connection, city, found.subject) if asks_units else {}
    said = [(row.id, local(city, row.said_at)) for row in subjects.reports(connection, found.subject.id)]
    asked: dict[str, Mapping[str, Any]] = {
        line.name: subjects.last_asked(connection, found.subject.id, ASKED[line.name])
        for line in found.offered if line.name in ASKED
    }  # fmt: skip
    home = next((code for code, one in every.items() if found.subject.area_key in one.area_keys), "")
    dispatches = any(line.name == "dispatch" for line in found.offered)
    held = dispatched.last_held(connection, found.subject.id) if dispatches else {}
    told = []
    for line in found.offered:
        mine = line.name == values.get("move")
        if brief and any(one.kind is FieldKind.MATTER for one in line.fields):
            told.append({"move": line.name, "label": line.names[language()], "elsewhere": True, "more": True})
            continue
        if line.name == "dispatch":
            proposed = str(held.get("proposal") or "")
            asked[line.name] = {"unit": proposed if proposed in every else home, **_assisting(held, every)}
        takes = taken_over(line)
        known = {name: str(value) for name, value in asked.get(line.name, {}).items() if name in takes}
        told.append({
            "move": line.name, "label": line.names[language()], "open": mine, "more": line.name not in _RANK,
            "held": sending.box(held, {code: one.name for code, one in every.items()})
            if line.name == "dispatch" else None,
            "fields": [
                _field(line, one, values[one.name] if mine and one.name in values else known.get(one.name, ""),
                       errors.get(one.name) if mine else None, every, said)
                for one in line.fields if not (one.kind is FieldKind.REPORTS and len(said) < 2)
            ],
        })  # fmt: skip
    return [one for one in told if one["move"] != "split" or len(said) > 1]


def _assisting(held: Mapping[str, Any], every: Mapping[str, _Choice]) -> dict[str, str]:
    """Who would assist by the list, where it has held the ticket."""
    found = [code for code in held.get("assisting") or [] if code in every]
    return {"assisting": ",".join(found)} if found else {}


def all_matters(connection: Connection, city: City, offered: Sequence[Move[State]]) -> list[tuple[str, str]]:
    """What a ticket may be about, as a form offers it and takes it in, and its category; nothing if no move asks."""
    if not any(one.kind is FieldKind.MATTER for line in offered for one in line.fields):
        return []
    return [
        (_BETWEEN.join((named(one.names, one.code), one.code)), named(one.category_names, one.category))
        for one in matters.in_use(connection, city.id)
    ]


_BETWEEN: Final = " · "
"""Between the name of a matter, by which people look for it, and its code."""


def _field(
    line: Move[State], one: Field, value: str, error: str | None, every: Mapping[str, _Choice], said: Sequence[Any]
) -> dict[str, Any]:
    choices: list[tuple[str, str]] = [(code, names[language()]) for code, names in one.choices.items()]
    groups: list[tuple[str, list[tuple[str, str]]]] = []
    if one.kind in _UNITS:
        able = [unit for unit in every.values() if unit.below or line.name != "delegate"]
        groups = [
            (str(words), [(unit.code, unit.name) for unit in able if unit.kind == kind])
            for kind, words in UNIT_KINDS.items() if any(unit.kind == kind for unit in able)
        ]  # fmt: skip
    if one.kind is FieldKind.REPORTS:
        choices = [(str(key), str(day)[:10]) for key, day in said]
    return {
        "name": one.name, "kind": str(one.kind), "label": one.names[language()], "needed": one.needed,
        "needed_when": one.needed_when is not None, "longest": one.longest, "choices": choices, "groups": groups,
        "value": value, "values": value.split(","), "error": error,
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Choice:
    """A unit that may be chosen; below: it is one of those below the unit that has the ticket."""

    code: str
    name: str
    kind: UnitKind | None
    area_keys: tuple[int, ...]
    below: bool


UNIT_KINDS: Final[Mapping[UnitKind | None, Any]] = {
    UnitKind.STREET_OFFICE: _l("Street offices"), UnitKind.BUREAU: _l("Bureaus"), UnitKind.DISTRICT: _l("Districts"),
    UnitKind.CITY: _l("City"), UnitKind.COMPANY: _l("Companies"), UnitKind.CREW: _l("Crews"),
    UnitKind.COMMUNITY: _l("Communities"), UnitKind.GRID: _l("Grids"), None: _l("Others"),
}  # fmt: skip


def _units(connection: Connection, city: City, subject: Subject) -> dict[str, _Choice]:
    """Units that act, by code."""
    below = units.below(connection, subject.unit_id) - {subject.unit_id} if subject.unit_id else frozenset()
    return {
        one.code: _Choice(one.code, named(one.names, one.code), one.kind, one.area_keys, one.id in below)
        for one in units.every(connection, city.id) if one.active
    }  # fmt: skip


def precedents(connection: Connection, city: City, found: Standing) -> dict[str, Any] | None:
    """What an adjudicator has at hand: the rule that sent the ticket, and how like disputes were ruled."""
    if found.subject.state != State.DISPUTED or not any(line.name == "rule" for line in found.offered):
        return None
    mine = next((one for one in disputes.of_ticket(connection, found.subject.id) if one.ruled_at is None), None)
    if mine is None:
        return None
    grounds = {code: names[language()] for code, names in lifecycle.line("rule").fields[1].choices.items()}
    reasons = {code: names[language()] for code, names in lifecycle.line("dispute").fields[0].choices.items()}
    return {
        "due_at": local(city, mine.due_at), "reason": reasons.get(mine.reason, mine.reason),
        "unit": named(mine.unit_names, mine.unit or ""), "proposal": named(mine.proposal_names, mine.proposal),
        "rule": mine.rule.get("rule") or ("list" if "list" in mine.rule else None),
        "before": [
            {"ticket": one.ticket, "unit": named(one.ruled_unit_names, one.ruled_unit or ""),
             "ground": grounds.get(one.ground or "", one.ground), "same_area": one.same_area,
             "ruled_at": local(city, one.ruled_at)}
            for one in disputes.precedents(connection, mine.id)
        ],
    }  # fmt: skip


def label(name: str) -> str:
    """A move in words; nothing where there is none of that name."""
    line = _LINES.get(name)
    return line.names[language()] if line else ""


def number(word: str) -> str:
    """A ticket's number out of an address; nothing where it is none, so that an address says nothing of its own."""
    return word if _NUMBER.fullmatch(word) else ""


_NUMBER: Final = re.compile(r"[A-Z0-9]{1,12}(-[A-Z0-9]{1,20}){1,3}", re.ASCII)


# Making one


def make(asker: Doer, number: str, words: Mapping[str, str]) -> Done:
    """Make the move that a form or a JSON body says, under `move`; `seen` is the version that was looked at.

    Raises:
        What acts.act raises; BadField with sentences for its fields.
    """
    seen = words.get("seen", "")
    if seen and not (seen.isascii() and seen.isdigit() and len(seen) < 19):
        raise BadField("seen", fields={"seen": str(WHY["not_a_number"])})
    name = words.get("move", "")
    if name not in {line.name for line in _ON_OFFER}:
        raise BadField("move", fields={"move": str(WHY["not_a_choice"])})
    asks = {one.name for one in lifecycle.line(name).fields if one.kind is FieldKind.MATTER}
    said = {
        key: word.rpartition(_BETWEEN)[2] if key in asks else word
        for key, word in words.items() if key not in _NOT_SAID and word.strip()
    }  # fmt: skip
    picture = _picture(name)
    try:
        return deeds.act(here.web(), asker, Deed(number, name, said, int(seen) if seen else None, picture))
    except GeoappError as error:
        if picture is not None:
            # Nothing was made: no row will ever name the file.
            place(here.settings().data_dir, picture.id).unlink(missing_ok=True)
        if not isinstance(error, BadField):
            raise
        fields = dict(error.facts.get("fields") or {})  # type: ignore[call-overload]
        raise BadField(error.detail, fields={key: str(WHY.get(why, why)) for key, why in fields.items()}) from error


_NOT_SAID: Final = ("move", "seen", "csrf_token")


def words_of_form() -> dict[str, str]:
    """The fields of the form that was sent; one that was given several times as its values parted by commas."""
    return {name: ",".join(request.form.getlist(name)) for name in request.form}


def _picture(name: str) -> Picture | None:
    """The photo that was sent, in its place.

    Raises:
        BadField: it is none, there are several, or the move takes none.
    """
    if set(request.files) - {"photo"}:
        raise BadField("photo", fields={next(iter(request.files)): str(WHY["unknown"])})
    sent = [file for file in request.files.getlist("photo") if file.filename]
    if not sent:
        return None
    if not any(one.kind is FieldKind.PHOTO for one in lifecycle.line(name).fields):
        raise BadField("photo", fields={"photo": str(WHY["unknown"])})
    if len(sent) > 1:
        raise BadField("photo", fields={"photo": _("One photo is enough.")})
    try:
        photo = read_photo(sent[0].stream)
    except NotAPhoto as error:
        raise BadField("photo", fields={"photo": _(error.message)}) from error
    photo_id = uuid4()
    # File before row: a row always has its file.
    keep(here.settings().data_dir, photo_id, photo)
    return Picture(photo_id, photo.width, photo.height, photo.digest)


def meanwhile(city: City, error: MovedMeanwhile) -> list[dict[str, Any]]:
    """What happened since somebody looked: the move in words, by whom, when."""
    happened: Any = error.facts["happened"]
    return [_since(city, one) for one in happened]


def _since(city: City, one: Since) -> dict[str, Any]:
    line = _LINES.get(one.name)
    return {
        "name": one.name, "label": line.names[language()] if line else one.name, "by": as_whom(one.acting_as),
        "at": local(city, one.at),
    }  # fmt: skip


def too_late(city: City, error: MovedMeanwhile) -> Response:
    """The API's answer to whoever was not the quicker."""
    told = {
        "code": error.code, "message": _(error.message), "fields": {}, "happened": meanwhile(city, error),
        "version": error.facts["version"], "state": error.facts["state"],
    }  # fmt: skip
    return answer({"error": told}, error.status, cache="no-store")


# What happened, in words


def as_whom(acting_as: str) -> str:
    """As whom somebody acted, as people say it."""
    role = _WHO.get(acting_as)
    return named(ROLES[role]) if role else ""


def details(connection: Connection, city_id: int, happened: Sequence[Happened]) -> list[list[str]]:
    """What each event says beyond its name and its note: the fields of its move, as whom it was made."""
    codes = {
        str(code)
        for one in happened if (line := _LINES.get(one.name)) for field in line.fields if field.kind in _UNITS
        for code in _several(one.codes.get(field.name))
    }  # fmt: skip
    codes |= sending.units_of(happened)
    names = {code: named(told, code) for code, told in units.called(connection, city_id, codes).items()}
    changes = [one.codes for one in happened if one.name == _ABOUT]
    about = {str(one[key]) for one in changes for key in ("matter", "from") if key in one}
    called = {code: named(words, code) for code, words in matters.names_of(connection, city_id, about).items()}
    return [_details(one, names, called) for one in happened]


_ABOUT: Final = "reclassify"


def _details(one: Happened, names: Mapping[str, str], called: Mapping[str, str]) -> list[str]:
    line = _LINES.get(one.name)
    told = [as_whom(str(one.codes.get("as", "")))]
    if one.name == _ABOUT:
        before, now = (called.get(str(one.codes.get(key, "")), "") for key in ("from", "matter"))
        told.append(_("%(before)s → %(now)s", before=before, now=now) if before else now)
    # An event of the list names a unit by its key, and by its code beside it.
    codes = {**one.codes, "unit": one.codes["unit_code"]} if "unit_code" in one.codes else one.codes
    for field in line.fields if line else ():
        value = None if field.kind is FieldKind.MATTER else codes.get(field.name)
        if value in (None, "", []) or field.kind in (FieldKind.REPORTS, FieldKind.OUTLINE):
            continue
        told.append(_("%(what)s: %(value)s", what=field.names[language()], value=_value(field, value, names)))
    if one.name in ("liable", "attach", "register", "linked", "attached", "detached", "followed"):
        told += [str(one.codes[key]) for key in ("ticket", "from", "other", "until") if one.codes.get(key)]
    told += sending.details(one, names)
    return [word for word in told if word]


def _value(field: Field, value: Any, names: Mapping[str, str]) -> str:
    if field.kind is FieldKind.CHOICE:
        return field.choices[value][language()] if value in field.choices else str(value)
    if field.kind is FieldKind.YES:
        return str(_("yes"))
    if field.kind is FieldKind.DAY:
        # Of time that was given the event says the very moment, in the city's zone.
        return str(value)[:10]
    if field.kind in _UNITS:
        return str(_(", ")).join(names.get(str(code), str(code)) for code in _several(value))
    return str(value)


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
