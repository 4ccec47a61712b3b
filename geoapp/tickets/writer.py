"""The only writer of tickets: opens them, follows their sources, and appends an event for everything it does."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from functools import cache
from operator import attrgetter
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection, text

from geoapp.city import City
from geoapp.lifecycle import MIRROR, OPEN, Kind, Mark, State, move
from geoapp.locate.datum import Floats
from geoapp.store import cells, copy, links, marks, works
from geoapp.store.cells import Counted
from geoapp.store.copy import NULL
from geoapp.store.ids import take_ids
from geoapp.tickets import clocks
from geoapp.tickets.cases import Cases, Moment, Sending, Statements, pick
from geoapp.tickets.numbers import numbers


@dataclass(frozen=True, slots=True)
class Origin:
    """Whence a batch comes: evidence is the codes every opening carries (rule, layer, version)."""

    city: City
    source: str
    run_id: int | None
    evidence: Mapping[str, Any]

    @property
    def actor(self) -> str:
        """Who acts when the source speaks."""
        return f"source:{self.source}"


def open_tickets(connection: Connection, origin: Origin, cases: Cases, at: Sequence[int]) -> list[tuple[int, str]]:
    """Open a ticket for each case at these ascending positions, all placed; ids and numbers, in order.

    The reports themselves are stored after.
    """
    if not at:
        return []
    said, count = cases.said, len(at)
    ids = take_ids(connection, "ticket", count)
    names = numbers(origin.city.prefix, ids)
    state, unit_id = cases.states(at), cases.units(at)
    public, quad = pick(cases.public, at), cases.quad[np.array(at)]
    copy.copy(
        connection,
        "geoapp.ticket",
        {
            "id": copy.plain(ids),
            "number": names,
            "city_id": copy.same(str(origin.city.id), count),
            "source": copy.same(copy.escape(origin.source), count),
            "kind": pick(said.kind, at),
            "state": state,
            "outcome": copy.plain(pick(said.outcome, at)),
            "matter_id": copy.plain(pick(cases.matter_id, at)),
            "unit_id": copy.plain(unit_id),
            "site_id": copy.plain(pick(cases.site_id, at)),
            "point": pick(cases.point, at),
            "quad": copy.plain(quad.tolist()),
            "area_keys": copy.arrays(pick(cases.area_keys, at)),
            "public": copy.flags(public),
            "urgent": copy.flags(pick(cases.urgent, at)),
            "late": copy.same("f", count),
            "opened_at": pick(said.said_at, at),
            "changed_at": pick(said.since, at),
            "due_at": copy.plain(pick(said.due_at, at)),
            "ended_at": copy.plain(cases.ended_at(one) for one in at),
        },
    )
    hidden, opened = ~np.array(public, dtype=bool), np.array([one in OPEN for one in state], dtype=bool)
    cells.append(connection, origin.city.id, 1, Counted(np.array(ids), quad, hidden, opened, np.zeros_like(opened)))
    return list(zip(ids, names, strict=True))


def store_reports(
    connection: Connection, origin: Origin, cases: Cases, at: Sequence[int], tickets: Sequence[int | None]
) -> list[int]:
    """Store the reports at these ascending positions with their words; their ids in order.

    tickets are theirs, None for one that waits for a place.
    """
    if not at:
        return []
    said, count = cases.said, len(at)
    ids = take_ids(connection, "report", count)
    rendered = copy.plain(ids)
    placed = [cases.placed(one) for one in at]
    copy.copy(
        connection,
        "geoapp.report",
        {
            "id": rendered,
            "city_id": copy.same(str(origin.city.id), count),
            "source": copy.same(copy.escape(origin.source), count),
            "ref": copy.texts(pick(said.ref, at)),
            "hash": pick(said.hash, at),
            "occurrence": copy.plain(pick(cases.occurrence, at)),
            "receipt": copy.plain(pick(cases.receipt, at)),
            "kind": pick(said.kind, at),
            "channel": copy.texts([channel or None for channel in pick(said.channel, at)]),
            "said_at": pick(said.said_at, at),
            "run_id": copy.same(str(origin.run_id) if origin.run_id else NULL, count),
            "ticket_id": copy.plain(tickets),
            "matter_id": copy.plain(pick(cases.matter_id, at)),
            "unit_id": copy.plain(pick(cases.unit_id, at)),
            "x": copy.plain(pick(said.x, at)),
            "y": copy.plain(pick(said.y, at)),
            "crs": copy.texts(pick(said.crs, at)),
            "point": pick(cases.point, at),
            "precision": _where(placed, pick(cases.precision, at)),
            "radius_m": _where(placed, copy.plain(pick(cases.radius_m, at))),
            "confidence": _where(placed, copy.plain(pick(cases.confidence, at))),
            "problem": copy.plain(pick(cases.problem, at)),
            "recorded_area": copy.texts([area or None for area in pick(said.recorded_area, at)]),
            "measured": [copy.json(said.measured.get(one)) for one in at] if said.measured else copy.same(NULL, count),
        },
    )
    copy.copy(
        connection,
        "geoapp.report_text",
        {"report_id": rendered, "body": copy.texts(pick(said.body, at)), "address": copy.texts(pick(said.address, at))},
    )
    _store_few(connection, origin, said, dict(zip(at, ids, strict=True)))
    return ids


def _where(placed: Sequence[bool], values: Sequence[str]) -> list[str]:
    """The values of those that have a place."""
    return [value if one else NULL for one, value in zip(placed, values, strict=True)]


def _store_few(connection: Connection, origin: Origin, said: Statements, ids: Mapping[int, int]) -> None:
    """What few reports have; ids of the stored ones by position."""
    # INSERT, not COPY: under row-level security the web role may insert but COPY is refused.
    reporters = [(ids[at], who.name, who.phone, who.email) for at, who in said.reporters.items() if at in ids]
    _insert(connection, "private.reporter", "name phone email", origin.city.id, reporters)
    originals = [(ids[at], *words) for at, words in said.originals.items() if at in ids]
    _insert(connection, "private.original", "body address", origin.city.id, originals)
    posts = [
        (ids[at], link, about, copy.json(pictures)) for at, (link, pictures, about) in said.posts.items() if at in ids
    ]
    _insert(connection, "private.post", "link about pictures", origin.city.id, posts)


def _insert(connection: Connection, table: str, columns: str, city_id: int, rows: Sequence[tuple[Any, ...]]) -> None:
    """Rows of (report id, text, …) into a table of what belongs to reports."""
    if not rows:
        return
    names = columns.split()
    taken = {name: list(values) for name, values in zip(["report_id", *names], zip(*rows, strict=True), strict=True)}
    given = ", ".join(f"cast(:{name} AS text[])" for name in names)
    kept = ", ".join(f"cast(w.{name} AS jsonb)" if name == "pictures" else f"w.{name}" for name in names)
    connection.execute(
        text(
            f"INSERT INTO {table} (report_id, city_id, {', '.join(names)}) SELECT w.report_id, :city, {kept} "
            f"FROM unnest(cast(:report_id AS bigint[]), {given}) w(report_id, {', '.join(names)})"
        ),
        {"city": city_id, **taken},
    )


@dataclass(frozen=True, slots=True)
class Happening:
    """One event to append; subject is (ticket id, report id), codes JSON rendered for COPY, note its free text."""

    ticket_id: int | None
    report_id: int | None
    name: str
    before: str | None
    after: str | None
    at: Moment
    actor: str
    codes: str = NULL
    note: str = ""


_HAPPENING: Final = tuple(field.name for field in fields(Happening))


def codes(**facts: object) -> str:
    """An event's codes, rendered."""
    return copy.json({name: str(value) for name, value in facts.items()})


def append_events(connection: Connection, run_id: int | None, events: Sequence[Happening]) -> list[int]:
    """Append events in the order given; their keys."""
    if not events:
        return []
    keys = _append_all(connection, run_id, events)
    clocks.keep(connection, events)
    return keys


def _append_all(connection: Connection, run_id: int | None, events: Sequence[Happening]) -> list[int]:
    columns = zip(*map(attrgetter(*_HAPPENING), events), strict=True)
    return _append(connection, run_id, [list(column) for column in columns])


def _append(connection: Connection, run_id: int | None, columns: Sequence[Sequence[Any]]) -> list[int]:
    """Append events given as columns, in the order of a Happening's fields; their keys."""
    ticket_id, report_id, name, before, after, at, actor, said, note = columns
    ids = take_ids(connection, "event", len(name))
    copy.copy(
        connection,
        "geoapp.event",
        {
            "id": copy.plain(ids),
            "ticket_id": copy.plain(ticket_id),
            "report_id": copy.plain(report_id),
            "name": name,
            "from_state": copy.plain(before),
            "to_state": copy.plain(after),
            "occurred_at": at,
            "actor": copy.texts(actor),
            "run_id": copy.same(str(run_id) if run_id else NULL, len(ids)),
            "codes": said,
        },
    )
    noted = [(i, words) for i, words in zip(ids, note, strict=True) if words]
    if noted:
        copy.copy(
            connection,
            "geoapp.event_note",
            {"event_id": copy.plain(i for i, _ in noted), "body": copy.texts([words for _, words in noted])},
        )
    return ids


def append_openings(
    connection: Connection, origin: Origin, cases: Cases, at: Sequence[int],
    tickets: Sequence[int], reports: Sequence[int],
) -> None:  # fmt: skip
    """Append the events of tickets opened at these positions: registered, and what the source has done already.

    A source that has gone on makes a move of its own; one that has not but says a word has it noted.
    """
    if not at:
        return
    said, count, actor = cases.said, len(at), origin.actor
    first = State.REGISTERED.value
    evidence = _evidence(origin, cases, at)
    registered = (
        tickets, reports, ["register"] * count, [None] * count, [first] * count, pick(said.said_at, at),
        [actor] * count, evidence, [""] * count,
    )  # fmt: skip
    further = [
        (nth, _moved_by_source(said, one)) for nth, one in enumerate(at) if said.state[one] != first or said.note[one]
    ]
    nths, names = [nth for nth, _ in further], [name for _, name in further]
    where = [at[nth] for nth in nths]
    moved = [name is not None for name in names]
    later = (
        [tickets[nth] for nth in nths], [reports[nth] for nth in nths], [name or "note" for name in names],
        [first if one else None for one in moved],
        [said.state[one] if yes else None for one, yes in zip(where, moved, strict=True)],
        [said.since[one] for one in where], [actor] * len(where),
        [_outcome_codes(said.outcome[one]) for one in where], [said.note[one] for one in where],
    )  # fmt: skip
    columns: list[tuple[Sequence[Any], Sequence[Any]]] = list(zip(registered, later, strict=True))
    _append(connection, origin.run_id, [[*first_half, *second_half] for first_half, second_half in columns])
    _append_sendings(connection, origin, cases, at, tickets, reports)
    clocked = origin.source in origin.city.clocked
    if clocked or origin.run_id is None:
        # One that waited for its place may be an import's, whoever opens it.
        mine = range(len(at)) if clocked else clocks.filed_here(connection, reports)
        clocks.begin(connection, origin.city, cases, [at[nth] for nth in mine], [tickets[nth] for nth in mine])
    _flag_liable(connection, origin, tickets, pick(cases.site_id, at))


def _flag_liable(connection: Connection, origin: Origin, tickets: Sequence[int], sites: Sequence[int | None]) -> None:
    """Mark tickets that came up where the maker of an earlier repair is liable still; an event each says whose."""
    # Few sites have such a repair: whether any has is asked of an index alone.
    known = works.warranted(connection, [one for one in sites if one is not None])
    if not known:
        return
    likely = [ticket for ticket, site in zip(tickets, sites, strict=True) if site in known]
    found = works.liable(connection, likely, origin.city.time_zone)
    marks.lay(connection, [(one.ticket_id, Mark.LIABLE.value, one.at) for one in found])
    append_events(
        connection, origin.run_id,
        [
            Happening(one.ticket_id, None, "liable", None, None, str(one.at.astimezone(UTC)), "system:liability",
                      codes(until=one.until, **{name: word for name, word in (("by", one.unit), ("ticket", one.ticket))
                                                if word}))
            for one in found
        ],
    )  # fmt: skip


SENDER: Final = "system:dispatch"
"""Who acts when a list sends a ticket to its unit."""


def _append_sendings(
    connection: Connection, origin: Origin, cases: Cases, at: Sequence[int], tickets: Sequence[int],
    reports: Sequence[int],
) -> None:  # fmt: skip
    """Append what dispatch has made of tickets that open; their clocks begin where it leaves them."""
    sent = [(nth, cases.sendings[one]) for nth, one in enumerate(at) if one in cases.sendings]
    if not sent:
        return
    _append_all(
        connection, origin.run_id,
        [
            event for nth, sending in sent
            for event in _sent(tickets[nth], reports[nth], cases.said.said_at[at[nth]], sending)
        ],
    )  # fmt: skip
    marks.begin_to_assist(connection, [(tickets[nth], unit) for nth, sending in sent for unit in sending.assisting])


def _sent(ticket_id: int, report_id: int, when: Moment, sending: Sending) -> list[Happening]:
    """The events of a ticket that was dispatched when it was registered, or held for a person with the reasons."""
    first, queued = State.REGISTERED, move("queue", State.REGISTERED, "system")
    accepted = Happening(ticket_id, report_id, "queue", first.value, queued.value, when, SENDER)
    if sending.unit_id is None:
        return [accepted, Happening(ticket_id, report_id, "held", None, None, when, SENDER, sending.codes)]
    sent = move("dispatch", queued, "system", frozenset({"unit"}))
    return [
        accepted,
        Happening(ticket_id, report_id, "dispatch", queued.value, sent.value, when, SENDER, sending.codes),
    ]


def _evidence(origin: Origin, cases: Cases, at: Sequence[int]) -> list[str]:
    """Why an area answers, rendered; an outline that is not official says so. A batch holds few different ones.

    Where the matter or the place was taken from words, which of the catalogue's and of the layers' these were; where
    the words and the coordinates do not agree, which was believed and why; why it is urgent.
    """
    owned, qualities = pick(cases.owned, at), pick(cases.quality, at)
    told: dict[tuple[bool, str], dict[str, Any]] = {}
    for yes, quality in set(zip(owned, qualities, strict=True)):
        facts = {**origin.evidence} if yes else {**origin.evidence, "rule": "none"}
        told[yes, quality] = facts if quality == "official" else {**facts, "quality": quality}
    made = {pair: copy.json(facts) for pair, facts in told.items()}
    found = [made[pair] for pair in zip(owned, qualities, strict=True)]
    if cases.found_by or cases.conflicts or cases.urgent_by or any(cases.recognised):
        for nth, (one, pair) in enumerate(zip(at, zip(owned, qualities, strict=True), strict=True)):
            if words := _from_words(cases, one):
                found[nth] = copy.json({**told[pair], **words})
    return found


def _from_words(cases: Cases, at: int) -> dict[str, Any]:
    """What of the case at a position was taken from words, and from which."""
    words: dict[str, Any] = {}
    if (why := cases.recognised[at]) is not None:
        words["matter"] = why
    if at in cases.found_by:
        words |= {"located": cases.precision[at], "names": cases.found_by[at]}
    if at in cases.urgent_by:
        words["urgent"] = dict(cases.urgent_by[at])
    if at in cases.conflicts:
        words["conflict"] = dict(cases.conflicts[at])
    return words


def _moved_by_source(said: Statements, at: int) -> str | None:
    """The name of the move by which the source has gone on from the beginning; None: it has not."""
    state = State(said.state[at])
    if state is State.REGISTERED:
        return None
    move(MIRROR[state], State.REGISTERED, "source")
    return MIRROR[state]


@cache
def _outcome_codes(outcome: str | None) -> str:
    return copy.json({"outcome": outcome}) if outcome else NULL


_CURRENT: Final = (
    "SELECT id, kind, state, outcome, matter_id, unit_id, site_id, ST_X(point) AS lon, ST_Y(point) AS lat, quad, "
    "area_keys, public, urgent, late, due_at, ended_at, changed_at "
    "FROM geoapp.ticket WHERE id = ANY(:ids) ORDER BY id FOR UPDATE"
)

_COLUMNS: Final = (
    "id bigint, kind text, state text, outcome text, matter_id int, unit_id int, site_id bigint, lon float8, "
    "lat float8, quad bigint, area_keys text, public bool, urgent bool, late bool, due_at timestamptz, "
    "ended_at timestamptz, changed_at timestamptz"
)
_NAMES: Final = tuple(column.split()[0] for column in _COLUMNS.split(", "))

_CHANGE: Final = (
    "UPDATE geoapp.ticket t SET kind = w.kind, state = w.state, outcome = w.outcome, matter_id = w.matter_id, "
    "unit_id = w.unit_id, site_id = w.site_id, point = ST_SetSRID(ST_MakePoint(w.lon, w.lat), 4326), quad = w.quad, "
    "area_keys = cast(w.area_keys AS int[]), public = w.public, urgent = w.urgent, late = w.late, due_at = w.due_at, "
    "ended_at = w.ended_at, changed_at = greatest(t.changed_at, w.changed_at) FROM unnest("
    + ", ".join(f"cast(:{name} AS {kind}[])" for name, kind in (column.split() for column in _COLUMNS.split(", ")))
    + f") w({', '.join(_NAMES)}) WHERE t.id = w.id"
)

_FOLLOWED: Final = ("kind", "matter_id", "unit_id", "site_id", "lon", "lat", "public", "urgent", "due_at")


def follow(
    connection: Connection, origin: Origin, cases: Cases, at: Sequence[int],
    tickets: Sequence[int], reports: Sequence[int],
) -> None:  # fmt: skip
    """Bring tickets to what their source says now: an `update` event a report, and its move where the state changed.

    A statement older than what the ticket follows already is noted and changes nothing: files come in any order. Nor
    does what is said of a report that somebody has joined with the ticket: that follows its own source.
    """
    if not at:
        return
    before = held(connection, tickets)
    fixed = placed_by_hand(connection, tickets)
    joined = _of_another(connection, tickets, reports)
    heard = _heard(connection, tickets, reports) if cases.said.kept_at else {}
    after = {ticket_id: dict(row) for ticket_id, row in before.items()}
    now = datetime.now(UTC)
    events: list[Happening] = []
    for one, ticket_id, report_id in zip(at, tickets, reports, strict=True):
        other = report_id in joined
        if other or _is_older(cases.said, one, after[ticket_id], heard.get(ticket_id)):
            told = copy.json({"joined" if other else "older": True, **origin.evidence})
            when = max(cases.said.said_at[one], cases.said.since[one])
            note = cases.said.note[one]
            events.append(Happening(ticket_id, report_id, "update", None, None, when, origin.actor, told, note))
        else:
            stays = ticket_id in fixed
            events += _followed(origin, cases, one, ticket_id, report_id, after[ticket_id], now, stays)
    change(connection, origin.city.id, before, after)
    append_events(connection, origin.run_id, events)


def placed_by_hand(connection: Connection, tickets: Sequence[int]) -> set[int]:
    """Those of these tickets whose place a person has chosen: no source moves them."""
    rows = connection.execute(
        text("SELECT DISTINCT ticket_id FROM geoapp.report WHERE ticket_id = ANY(:ids) AND precision = 'by_hand'"),
        {"ids": sorted(set(tickets))},
    )
    return set(rows.scalars())


def _of_another(connection: Connection, tickets: Sequence[int], reports: Sequence[int]) -> set[int]:
    """Those of these reports that speak of what was joined with their ticket, not of the ticket itself."""
    joined = links.joined(connection, tickets)
    if not joined:
        return set()
    mine = [report for ticket, report in zip(tickets, reports, strict=True) if ticket in joined]
    return set(connection.execute(_SPEAKS_OF_ANOTHER, {"ids": mine}).scalars())


# Its own are those of the reference under which the ticket was opened.
_SPEAKS_OF_ANOTHER: Final = text(
    "SELECT r.id FROM geoapp.report r JOIN LATERAL (SELECT o.source, o.ref FROM geoapp.event e "
    "JOIN geoapp.report o ON o.id = e.report_id WHERE e.ticket_id = r.ticket_id AND e.name = 'register' "
    "ORDER BY e.id LIMIT 1) first ON true "
    "WHERE r.id = ANY(:ids) AND (r.source, r.ref) IS DISTINCT FROM (first.source, first.ref)"
)


def _heard(connection: Connection, tickets: Sequence[int], reports: Sequence[int]) -> dict[int, str]:
    """When each ticket's source was last heard, but for these reports."""
    rows = connection.execute(
        text(
            "SELECT ticket_id, max(recorded_at) FROM geoapp.report "
            "WHERE ticket_id = ANY(:tickets) AND id <> ALL(:reports) GROUP BY ticket_id"
        ),
        {"tickets": list(tickets), "reports": list(reports)},
    )
    return {ticket_id: str(when) for ticket_id, when in rows}


def _is_older(said: Statements, at: int, row: Mapping[str, Any], heard: Moment | None) -> bool:
    """Whether the ticket's row holds something newer than the statement at a position.

    A source that dates its word is taken by the date; a row taken up again is as old as when it was put aside.
    """
    if said.dated[at] and datetime.fromisoformat(said.since[at]) < row["changed_at"]:
        return True
    return heard is not None and at in said.kept_at and said.kept_at[at] < heard


def _followed(
    origin: Origin, cases: Cases, at: int, ticket_id: int, report_id: int, row: dict[str, Any], now: datetime,
    stays: bool,
) -> list[Happening]:  # fmt: skip
    """Change the row to what the case at a position says; the events of it. stays: its place is not for it to say."""
    said, when = cases.said, max(cases.said.said_at[at], cases.said.since[at])
    told = _told(cases, at, row, stays)
    changed = sorted(name for name in _FOLLOWED if name in told and told[name] != row[name])
    row |= told | {"changed_at": max(row["changed_at"], datetime.fromisoformat(said.since[at]))}
    state, stands = State(row["state"]), State(said.state[at])
    moved = said.spoken[at] and stands is not state
    update = copy.json({"changed": changed, **origin.evidence})
    note = "" if moved else said.note[at]
    events = [Happening(ticket_id, report_id, "update", None, None, when, origin.actor, update, note)]
    if moved:
        move(MIRROR[stands], state, "source")
        events.append(
            Happening(ticket_id, report_id, MIRROR[stands], state.value, stands.value, when, origin.actor,
                      _outcome_codes(said.outcome[at]), said.note[at])
        )  # fmt: skip
        row["state"] = stands.value
    if said.spoken[at]:
        ended = cases.ended_at(at)
        row |= {"outcome": said.outcome[at], "ended_at": ended and datetime.fromisoformat(ended)}
    if row["late"] and not (State(row["state"]) in OPEN and row["due_at"] and row["due_at"] <= now):
        row["late"] = False
        if State(row["state"]) in OPEN:
            # Lateness is an event, and so is its end: the time was moved.
            events.append(Happening(ticket_id, report_id, "not_overdue", None, None, when, origin.actor))
    return events


def _told(cases: Cases, at: int, row: Mapping[str, Any], stays: bool) -> dict[str, Any]:
    """The columns of a ticket as the case at a position has them.

    What it does not say stays. Only a word that names the matter may show what was hidden: a row that has lost its
    matter must not publish it. Once a denunciation, always hidden.
    """
    said, due = cases.said, cases.said.due_at[at]
    named = bool(said.category[at] or said.matter[at])
    matter = cases.matter_id[at] if named or row["matter_id"] is None else None
    denounced = Kind.DENUNCIATION in (row["kind"], said.kind[at])
    told: dict[str, Any] = {
        "kind": Kind.DENUNCIATION.value if denounced else said.kind[at],
        "unit_id": cases.unit_id[at] or row["unit_id"], "matter_id": matter or row["matter_id"],
        "public": cases.public[at] and not denounced and (named or row["public"]),
        "urgent": cases.urgent[at] or (row["urgent"] and not named), "due_at": due and datetime.fromisoformat(due),
    }  # fmt: skip
    place = {"lon": float(cases.lon[at]), "lat": float(cases.lat[at])}
    # A ticket that has a place is moved by coordinates alone: words are rarely the better.
    spoken = at in cases.found_by
    if cases.placed(at) and not spoken and not stays and (place["lon"], place["lat"]) != (row["lon"], row["lat"]):
        told |= {**place, "quad": int(cases.quad[at]), "site_id": cases.site_id[at],
                 "area_keys": list(cases.area_keys[at])}  # fmt: skip
    return told


def hide(connection: Connection, city_id: int) -> int:
    """Hide the tickets whose matter the catalogue has come to call private; how many. An event each says why."""
    rows = connection.execute(
        text(
            "UPDATE geoapp.ticket k SET public = false FROM geoapp.matter m WHERE m.id = k.matter_id "
            "AND NOT m.public AND k.public AND k.city_id = :city RETURNING k.id, k.quad, k.public, k.state, k.late"
        ),
        {"city": city_id},
    ).mappings()
    hidden = _counted([dict(row) for row in rows])
    cells.append(connection, city_id, -1, replace(hidden, hidden=np.zeros_like(hidden.hidden)))
    cells.append(connection, city_id, 1, hidden)
    now, why = str(datetime.now(UTC)), codes(reason="matter")
    ids = hidden.ids.tolist()
    append_events(
        connection, None, [Happening(one, None, "hide", None, None, now, "system:catalogue", why) for one in ids]
    )
    return len(hidden.ids)


def held(connection: Connection, ticket_ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """Those tickets as they stand, by key, held until the transaction ends."""
    rows = connection.execute(text(_CURRENT), {"ids": sorted(set(ticket_ids))}).mappings()
    return {row["id"]: dict(row) for row in rows}


def change(
    connection: Connection,
    city_id: int,
    before: Mapping[int, Mapping[str, Any]],
    after: Mapping[int, Mapping[str, Any]],
) -> None:
    """Write tickets anew and move their counts from the old cells to the new; rows as `held` gives them."""
    rows = list(after.values())
    values: dict[str, Any] = {name: [row[name] for row in rows] for name in _NAMES}
    values["area_keys"] = list(copy.arrays(tuple(row["area_keys"]) for row in rows))
    connection.execute(text(_CHANGE), values)
    for sign, side in ((-1, before.values()), (1, after.values())):
        cells.append(connection, city_id, sign, _counted(list(side)))


_DISPOSED_OF: Final = (
    "NOT (state = 'to_check' AND EXISTS (SELECT FROM geoapp.clock c WHERE c.ticket_id = ticket.id "
    "AND c.name = 'disposal' AND c.stopped_at <= c.due_at))"
)


def mark_late(connection: Connection, now: datetime, limit: int = 5000, only: Sequence[int] | None = None) -> int:
    """Tickets whose time has run out become overdue: an appended event at the moment it ran out; how many.

    One whose disposal has stopped waits for somebody else: that is another clock's affair. Whoever holds a ticket just
    now is passed over and looked at the next time. tickets.ticking says what else runs out.
    """
    events = lapse(connection, now, limit, only)
    append_events(connection, None, events)
    return len(events)


def lapse(connection: Connection, now: datetime, limit: int, only: Sequence[int] | None = None) -> list[Happening]:
    """The same, and the events of it, for the caller to append."""
    if only is not None and not only:
        return []
    among = "" if only is None else "AND id = ANY(:only) "
    rows = connection.execute(
        text(
            "UPDATE geoapp.ticket SET late = true WHERE id IN ("
            "SELECT id FROM geoapp.ticket "
            f"WHERE due_at IS NOT NULL AND NOT late AND ended_at IS NULL AND due_at <= :now {among}AND {_DISPOSED_OF} "
            "ORDER BY due_at LIMIT :limit FOR UPDATE SKIP LOCKED) "
            "RETURNING id, city_id, quad, public, state, late, due_at"
        ),
        {"now": now, "limit": limit, "only": only},
    ).all()
    clock = codes(clock="disposal")
    for city_id in sorted({row.city_id for row in rows}):
        mine = [row._asdict() for row in rows if row.city_id == city_id]
        now_late = _counted(mine)
        cells.append(connection, city_id, -1, replace(now_late, late=np.zeros_like(now_late.late)))
        cells.append(connection, city_id, 1, now_late)
    return [Happening(r.id, None, "overdue", None, None, str(r.due_at), "system:clock", clock) for r in rows]


def count_new(connection: Connection, city_id: int, rows: Sequence[Mapping[str, Any]]) -> None:
    """Count tickets that have just come to be; rows as `held` gives them."""
    cells.append(connection, city_id, 1, _counted(rows))


def _counted(rows: Sequence[Mapping[str, Any]]) -> Counted:
    """Rows of tickets as cells count them."""
    opened = np.array([row["state"] in OPEN for row in rows], dtype=bool)
    return Counted(
        np.array([row["id"] for row in rows], dtype=np.int64),
        np.array([row["quad"] for row in rows], dtype=np.int64),
        np.array([not row["public"] for row in rows], dtype=bool),
        opened,
        np.array([row["late"] for row in rows], dtype=bool) & opened,
    )


# Little-endian EWKB of a point in EPSG:4326, up to its coordinates.
_EWKB_HEAD: Final = "0101000020E6100000"


def points(lon: Floats, lat: Floats) -> list[str]:
    """Points in WGS-84 degrees as hexadecimal EWKB, null where they are NaN."""
    body = np.column_stack([lon, lat]).astype("<f8").tobytes().hex()
    found = [_EWKB_HEAD + body[start : start + 32] for start in range(0, len(body), 32)]
    nowhere = np.flatnonzero(np.isnan(lon))
    for at in nowhere.tolist():
        found[at] = NULL
    return found
