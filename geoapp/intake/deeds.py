"""Moves as people make them: pages, the API and the command line all come by here.

Their words are redacted on the way; a ticket that is about something else from now on is asked of the list anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from sqlalchemy import Engine

from geoapp.intake.again import about_another
from geoapp.intake.redact import redact
from geoapp.lifecycle import REOPEN_WINDOW
from geoapp.tickets import acts
from geoapp.tickets.acts import Deed, Done
from geoapp.tickets.work import Doer


def act(engine: Engine, doer: Doer, deed: Deed, reopen_within: timedelta = REOPEN_WINDOW) -> Done:
    """Make one move; raises as tickets.acts.act."""
    return acts.act(engine, doer, deed, redact, reopen_within=reopen_within, anew=partial(about_another, engine))


def act_all(engine: Engine, doer: Doer, deeds: Sequence[Deed], reopen_within: timedelta = REOPEN_WINDOW) -> list[Done]:
    """Make several moves, all or none; raises as tickets.acts.act."""
    anew = partial(about_another, engine)
    return acts.act_all(engine, doer, deeds, redact, reopen_within=reopen_within, anew=anew)
