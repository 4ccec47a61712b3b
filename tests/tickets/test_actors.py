"""Several people act on several tickets in whatever order: the table says what comes of it, and events tell it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import text

from geoapp.errors import BadField, BadMove, MovedMeanwhile, NotAllowed
from geoapp.intake import deeds
from geoapp.lifecycle import MOVES, State
from geoapp.records import Role
from geoapp.store import subjects
from geoapp.store.database import Database
from geoapp.tickets.acts import Deed
from tests.tickets.acting_town import REPORTER, Town, deed, make_ticket
from tests.tickets.test_lifecycle_table import who_of

_PEOPLE = (
    REPORTER, Role.CALL_TAKER, Role.DISPATCHER, Role.UNIT_STAFF, Role.CREW, Role.SUPERVISOR, Role.FIELD_CHECKER,
    Role.VISITOR, Role.ADJUDICATOR, Role.PLANNER,
)  # fmt: skip
# What needs another ticket or a report has tests of its own.
_LINES = [one for one in MOVES if one.who != {"source"} and not one.needs & {"into", "other", "reports"}]
_TOLD = "SELECT from_state, to_state FROM geoapp.event WHERE ticket_id = :id ORDER BY id"


@dataclass
class Known:
    """A ticket as it should stand, and the version somebody looked at."""

    state: State = State.REGISTERED
    events: int = 1
    looked: dict[str, int] = field(default_factory=dict)


class Acting(RuleBasedStateMachine):
    """People look at tickets and act on what they have seen."""

    db: Database
    town: Town
    made = 0

    @initialize()
    def open_tickets(self) -> None:
        """Two tickets of the street office."""
        self.tickets = {}
        for _ in range(2):
            Acting.made += 1
            self.tickets[make_ticket(self.db.bulk, self.town, f"a{Acting.made}")] = Known()

    def of(self, nth: int) -> tuple[str, Known]:
        """One of the tickets."""
        return list(self.tickets.items())[nth]

    @rule(nth=st.integers(0, 1), who=st.sampled_from(_PEOPLE))
    def look(self, nth: int, who: str) -> None:
        """Somebody looks."""
        number, known = self.of(nth)
        known.looked[who] = self.subject(number).version

    @rule(nth=st.integers(0, 1), who=st.sampled_from(_PEOPLE), line=st.sampled_from(_LINES))
    def act(self, nth: int, who: str, line: object) -> None:
        """Somebody acts, on what they saw if they have looked."""
        self.make(nth, who, line)

    @rule(nth=st.integers(0, 1), data=st.data())
    def go_on(self, nth: int, data: st.DataObject) -> None:
        """Whoever can, goes on: so that runs come far."""
        _number, known = self.of(nth)
        able = [one for one in _LINES if known.state in one.sources and one.target and one.target != known.state]
        if able:
            line = data.draw(st.sampled_from(able))
            able_people = [who for who in _PEOPLE if who_of(who) in line.who]
            if able_people:
                known.looked.pop(able_people[0], None)
                self.make(nth, able_people[0], line)

    def make(self, nth: int, who: str, line: object) -> None:
        """Make a move, or be refused as the table says."""
        number, known = self.of(nth)
        seen = known.looked.pop(who, None)
        stale = seen is not None and seen != self.subject(number).version
        wanted = deed(number, line.name, seen=seen)  # type: ignore[attr-defined]
        try:
            done = deeds.act(self.db.web, self.town.doer(who), wanted)
        except NotAllowed:
            # Units act on what is theirs: a ticket that was sent elsewhere is not.
            assert who_of(who) not in line.who or who in (Role.UNIT_STAFF, Role.CREW)  # type: ignore[attr-defined]
        except MovedMeanwhile:
            assert stale
        except BadMove:
            assert known.state not in line.sources or line.name == "list_change"  # type: ignore[attr-defined]
        except BadField:
            # What the ticket at hand does not have: works to end, a unit other than its own.
            assert line.name in ("end_works", "delegate", "ask_return", "return", "dispute", "assist", "extend",  # type: ignore[attr-defined]
                                 "ask_extend", "reclassify")  # fmt: skip
        else:
            assert not stale and who_of(who) in line.who and known.state in line.sources  # type: ignore[attr-defined]
            known.state = line.target or known.state  # type: ignore[attr-defined]
            known.events += 1
            assert done.state == known.state

    def subject(self, number: str) -> subjects.Subject:
        """As it stands."""
        with self.db.web.connect() as connection:
            return subjects.read(connection, [number])[number]

    @invariant()
    def events_tell_where_every_ticket_stands(self) -> None:
        """What is stored is what the table said, and can be told from events alone."""
        for number, known in getattr(self, "tickets", {}).items():
            subject = self.subject(number)
            assert subject.state == known.state
            assert (subject.ended_at is None) == (
                known.state not in (State.SETTLED, State.CLOSED, State.DECLINED, State.MERGED, State.WITHDRAWN)
            )
            with self.db.web.connect() as connection:
                told = connection.execute(text(_TOLD), {"id": subject.id}).all()
            assert len(told) >= known.events
            stands = None
            for froms, to in told:
                assert froms is None or froms == stands
                stands = to or stands
            assert stands == known.state


def test_whoever_acts_in_whatever_order_the_table_holds(db: Database, town: Town) -> None:
    Acting.db, Acting.town = db, town
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Acting,
        settings=settings(
            max_examples=15, stateful_step_count=30, deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )  # fmt: skip


@pytest.mark.parametrize("name", ["fly", "mirror_closed", ""])
def test_no_person_speaks_as_a_source(db: Database, town: Town, name: str) -> None:
    number = make_ticket(db.bulk, town, "1")
    with pytest.raises((NotAllowed, BadMove)):
        deeds.act(db.web, town.doer(Role.DISPATCHER), Deed(number, name, {}))
