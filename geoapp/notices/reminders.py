"""Reminders of clocks sent by mail: one letter to each who is to know, with all that is new for them.

Desks show reminders whether or not mail is set up. A letter says nothing that a ticket's page does not say.
"""

from __future__ import annotations

import smtplib
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Final

import structlog
from sqlalchemy import Connection, Engine

from geoapp.notices.mail import Letter, send
from geoapp.records import Role
from geoapp.settings import Settings
from geoapp.store import reminders
from geoapp.store.acting import KEEPER, acting
from geoapp.store.cities import cities
from geoapp.store.database import Database
from geoapp.store.reminders import Recipient, Reminder
from geoapp.tickets.ticking import OF_A_UNIT

BATCH: Final = 200

log = structlog.get_logger(__name__)

SUBJECT: Final = {"zh": "{n} 件工单需要处理", "en": "{n} tickets need attention"}
EVENTS: Final = {
    "zh": {"due_soon": "即将超时", "overdue": "已超时", "escalated": "超时后仍未处理"},
    "en": {"due_soon": "due soon", "overdue": "overdue", "escalated": "overdue and still not dealt with"},
}
CLOCKS: Final = {
    "zh": {
        "dispatch": "分拨", "sign": "签收", "first_contact": "首次联系", "ruling": "裁决", "disposal": "处置",
        "check": "核查", "review": "挂账复核", "visit": "回访",
    },
    "en": {
        "dispatch": "dispatch", "sign": "signing", "first_contact": "first contact", "ruling": "ruling",
        "disposal": "disposal", "check": "check", "review": "review", "visit": "return visit",
    },
}  # fmt: skip
_LINE: Final = {
    "zh": "{number}  {clock}{event}，时限 {due}\n{url}\n",
    "en": "{number}  {clock} {event}, due {due}\n{url}\n",
}


def mail(database: Database, settings: Settings) -> int:
    """Send what is to be sent; how many letters went. Without a mail server none do.

    A letter goes before it is noted: whoever is stopped in between sends it again, and none is lost.
    """
    if not settings.smtp_host:
        return 0
    sent = 0
    with database.bulk.begin() as connection:
        zones = {city.id: city.zone for city in cities(connection)}
        waiting = reminders.unmailed(connection, BATCH)
        whose = _recipients(database.web, waiting)
        told: set[int] = set()
        refused: set[int] = set()
        for recipient in sorted({one for found in whose.values() for one in found}, key=lambda one: one.email):
            mine = [one for one in waiting if recipient in whose[one.id]]
            try:
                send(settings, letter(recipient, mine, zones, settings.public_url))
            except _REFUSED as error:
                if not _is_put_off(error):
                    refused.update(one.id for one in mine)
                log.error("reminder_not_sent", error=type(error).__name__)
            except (OSError, smtplib.SMTPException) as error:
                # The server is away: what nobody has got yet is sent once it is back, and counts as not tried.
                log.error("mail_away", error=type(error).__name__)
                break
            else:
                sent += 1
                told.update(one.id for one in mine)
        # A role was told as soon as one who holds it was: nobody gets a letter again since another's came back.
        reminders.mailed(connection, sorted(told))
        reminders.not_mailed(connection, sorted(refused - told))
        reminders.not_mailed(connection, [one.id for one in waiting if not whose[one.id]], ever=True)
    return sent


_REFUSED: Final = (ValueError, smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError)
"""One letter that is not taken, whatever becomes of others."""


def _is_put_off(error: Exception) -> bool:
    """Whether the server wants to be asked again later (4xx) and has not said no."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(400 <= code < 500 for code, _why in error.recipients.values())
    return isinstance(error, smtplib.SMTPDataError) and 400 <= error.smtp_code < 500


def _recipients(engine: Engine, waiting: Sequence[Reminder]) -> dict[int, list[Recipient]]:
    """To whom each goes, by its key."""
    with acting(engine, KEEPER) as connection:
        known = {key: _holders(connection, *key) for key in {_asked(one) for one in waiting}}
    return {one.id: known[_asked(one)] for one in waiting}


_Asked = tuple[int, str, int | None, tuple[int, ...] | None]


def _asked(one: Reminder) -> _Asked:
    """Whom it concerns: of a role that is held for an area those of the ticket's."""
    return one.city_id, one.role, one.unit_id, one.area_keys if one.role == Role.FIELD_CHECKER else None


def _holders(
    connection: Connection, city_id: int, role: str, unit_id: int | None, areas: tuple[int, ...] | None
) -> list[Recipient]:
    if unit_id is None and role in OF_A_UNIT:
        # A ticket that is nobody's is not everybody's.
        return []
    return reminders.recipients(connection, city_id, role, unit_id, areas)


def letter(recipient: Recipient, news: Sequence[Reminder], zones: Mapping[int, tzinfo], url: str) -> Letter:
    """One letter in the reader's language; times are the city's."""
    language = recipient.language
    lines = [
        _LINE[language].format(
            number=one.number, clock=CLOCKS[language][one.clock], event=EVENTS[language][one.event],
            due=one.due_at.astimezone(zones[one.city_id]).strftime("%Y-%m-%d %H:%M"),
            url=f"{url}/tickets/{one.number}",
        )
        for one in news
    ]  # fmt: skip
    subject = SUBJECT[language].format(n=len(news))
    if len(news) == 1 and language == "en":
        subject = "A ticket needs attention"
    return Letter(recipient.email, subject, "\n".join(lines))
