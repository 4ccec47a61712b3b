"""Acting on tickets: who may make a move, whether anybody was quicker, and all that it brings with it, at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Engine

from geoapp import lifecycle
from geoapp.errors import BadMove, MovedMeanwhile, NotAllowed, NotFound, TooLate
from geoapp.lifecycle import REOPEN_WINDOW, FieldKind, Move, State, read
from geoapp.store import acting, photos, subjects
from geoapp.store.subjects import Subject
from geoapp.tickets import disputes, joining, keeping, visits, works
from geoapp.tickets.joining import After
from geoapp.tickets.moves import Moved, make_moves
from geoapp.tickets.work import REPORTER, Doer, Picture, Work, about, as_whom, first_report

Clean = Callable[[str], str]
"""What takes out of somebody's words whatever tells of people: an event is read by everybody."""


Anew = Callable[[Connection, Subject], None]
"""What is done with a ticket that is about something else from now on: its site, and whose it is by the list."""


def _as_it_is(_connection: Connection, _subject: Subject) -> None:
    """Nothing more."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One move that is wanted: said are its fields in words; seen the version that was looked at, if any."""

    number: str
    move: str
    said: Mapping[str, str]
    seen: int | None = None
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a deed; opened is the number of a ticket that it has opened.

    receipt: of what was said to open it, for whoever said it.
    """

    number: str
    move: str
    state: str
    version: int
    opened: str | None = None
    receipt: str | None = None


def act(
    engine: Engine, doer: Doer, deed: Deed, clean: Clean, *, reopen_within: timedelta = REOPEN_WINDOW,
    anew: Anew = _as_it_is,
) -> Done:  # fmt: skip
    """Make one move.

    Raises:
        NotFound, NotAllowed: there is no such ticket for whoever acts, or nothing they may do to it.
        MovedMeanwhile: somebody was quicker; facts tell what `happened`, and the `version` now.
        BadMove, TooLate, ChildrenOpen: it cannot be done where the ticket stands.
        BadField: something it needs is missing or cannot be used.
    """
    return act_all(engine, doer, [deed], clean, reopen_within=reopen_within, anew=anew)[0]


def act_all(
    engine: Engine, doer: Doer, deeds: Sequence[Deed], clean: Clean, *, reopen_within: timedelta = REOPEN_WINDOW,
    anew: Anew = _as_it_is,
) -> list[Done]:  # fmt: skip
    """Make moves in the order given, all or none; raises as act()."""
    with acting.acting(engine, doer.identity) as connection:
        subjects.hold(connection, {number for deed in deeds for number in _numbers(deed)})
        return [do(connection, doer, deed, clean, reopen_within, anew) for deed in deeds]


def _numbers(deed: Deed) -> list[str]:
    """The tickets that a deed touches; what is no number is none's."""
    words = [deed.number, *(deed.said[name].strip().upper() for name in _TICKETS if name in deed.said)]
    return [word for word in words if _NUMBER.fullmatch(word)]


_NUMBER: Final = re.compile(r"[A-Za-z0-9-]{1,40}", re.ASCII)


_TICKETS: Final = frozenset(
    field.name for line in lifecycle.MOVES for field in line.fields if field.kind is FieldKind.TICKET
)


def do(
    connection: Connection, doer: Doer, deed: Deed, clean: Clean, reopen_within: timedelta, anew: Anew = _as_it_is
) -> Done:
    """Make one move in a transaction that holds the tickets it touches; raises as act()."""
    found = subjects.read(connection, _numbers(deed))
    subject = found.get(deed.number)
    if subject is None or not (subject.public or doer.sees(about(subject, doer))):
        raise NotFound()
    line = lifecycle.line(deed.move)
    whos = as_whom(line.name, subject, doer) & line.who
    if not whos:
        raise NotAllowed()
    _nobody_was_quicker(connection, subject, deed.seen)
    if State(subject.state) not in line.sources:
        raise BadMove(f"{line.name} from {subject.state}")
    said = _with_what_was_asked(connection, subject, line, deed.said)
    given = read(line.fields, said, photo=deed.picture is not None)
    given = replace(given, note=clean(given.note) if given.note else "")
    who = sorted(whos)[0]
    if who == "citizen" and doer.identity.account_id is not None:
        doer = replace(doer, actor=REPORTER)
    work = Work(connection, doer, subject, line, who, given, found, deed.picture, datetime.now(UTC))
    opened = _carry_out(work, reopen_within)
    if line.name in _ABOUT_ANOTHER:
        anew(connection, subject)
    now = subjects.read(connection, [deed.number])[deed.number]
    after = opened if isinstance(opened, After) else After(opened)
    return Done(now.number, line.name, now.state, now.version, after.number, after.receipt)


_ABOUT_ANOTHER: Final = ("reclassify",)


def _nobody_was_quicker(connection: Connection, subject: Subject, seen: int | None) -> None:
    if seen is not None and seen != subject.version:
        raise MovedMeanwhile(
            "", happened=subjects.since(connection, subject.id, seen), version=subject.version, state=subject.state
        )


ASKED: Final = {
    "return": "ask_return", "dispute": "ask_return", "extend": "ask_extend", "shelve": "ask_shelve",
    "pause": "ask_pause",
}  # fmt: skip
"""What a unit has asked for, by the move that grants it: whoever grants it need not say it all again."""


def taken_over(line: Move[State]) -> frozenset[str]:
    """The fields that are taken over from what was asked: of words only those that must be said, an interim answer."""
    return frozenset(field.name for field in line.fields if field.kind is not FieldKind.TEXT or field.needed)


def _with_what_was_asked(
    connection: Connection, subject: Subject, line: Move[State], said: Mapping[str, str]
) -> Mapping[str, str]:
    if line.name not in ASKED:
        return said
    asked = subjects.last_asked(connection, subject.id, ASKED[line.name])
    return {name: str(value) for name, value in asked.items() if name in taken_over(line)} | {
        name: word for name, word in said.items() if word.strip() or name not in asked
    }


def _carry_out(work: Work, reopen_within: timedelta) -> str | After | None:
    """Make the move and what it brings with it; the number of a ticket that it has opened."""
    name, ended = work.line.name, work.subject.ended_at
    _in_time(work)
    if name == "reopen" and ended is not None and ended + reopen_within < work.now:
        return joining.open_after(work)
    changes = _BEFORE[name](work) if name in _BEFORE else {}
    codes = {**work.codes, **changes.pop("codes", {}), "as": work.who}
    event_id = make_moves(work.connection, work.subject.city_id, [_moved(work, codes, changes)])[0]
    if work.picture is not None:
        _keep(work, work.picture)
    return _AFTER[name](work, event_id) if name in _AFTER else None


def _moved(work: Work, codes: Mapping[str, Any], changes: Mapping[str, Any]) -> Moved:
    return Moved(
        work.subject.id, work.line.name, work.who, work.doer.actor, work.now, codes, work.given.note, **changes
    )  # fmt: skip


def _in_time(work: Work) -> None:
    """What is only possible while there is time left is also possible later, if it was asked for in time."""
    due = work.subject.due_at
    if not work.line.before_due or due is None or work.now < due:
        return
    asked = ASKED.get(work.line.name)
    if asked is None or not subjects.last_asked(work.connection, work.subject.id, asked):
        raise TooLate()


def _keep(work: Work, picture: Picture) -> None:
    shows = "repair" if work.line.name in _MENDED else "defect"
    photos.add(
        work.connection, picture.id, first_report(work), picture.width, picture.height, picture.digest, shows
    )  # fmt: skip


_MENDED: Final = ("submit", "pass", "end_works")

_BEFORE: Final[Mapping[str, Callable[[Work], dict[str, Any]]]] = {
    "dispatch": keeping.dispatch,
    "delegate": keeping.delegate,
    "return": keeping.propose,
    "dispute": keeping.propose,
    "ask_return": keeping.propose,
    "rule": disputes.rule,
    "assist": keeping.assist,
    "ask_extend": keeping.ask_extend,
    "extend": keeping.extend,
    "ask_shelve": keeping.ask_shelve,
    "shelve": keeping.shelve,
    "decline": keeping.decline,
    "reclassify": keeping.reclassify,
    "merge": joining.merge,
    "pass": keeping.settle,
    "archive": keeping.archive,
    "withdraw": keeping.withdraw,
    "consult": disputes.consult,
    "list_change": disputes.list_change,
    "link": joining.link,
    "attach_child": joining.attach_child,
    "detach_child": joining.detach_child,
    "split": joining.split,
    "plan_works": works.plan,
    "begin_works": works.begin,
    "end_works": works.end,
    "submit": works.submit,
}
"""What a move asks of the ticket at hand, and what it changes of it beyond its state."""

_AFTER: Final[Mapping[str, Callable[[Work, int], str | None]]] = {
    "reclassify": keeping.retimed,
    "dispute": disputes.begin,
    "rule": disputes.ruled,
    "consult": disputes.consulted,
    "split": joining.split_off,
    "merge": joining.merged,
    "archive": visits.rated,
    "redo": visits.rated,
    "reopen": visits.reopened,
}
"""What follows from a move that has been made."""
