"""Reminders of clocks sent by mail: one letter to each who is to know, with all that is new for them.

Desks show reminders whether or not mail is set up. A letter says nothing that a ticket's page does not say.
"""

from __future__ import annotations

import smtplib
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Final

import structlog
from sqlalchemy import Engine

from geoapp.notices.mail import Letter, send
from geoapp.settings import Settings
from geoapp.store import reminders
from geoapp.store.acting import KEEPER, acting
from geoapp.store.cities import cities
from geoapp.store.database import Database
from geoapp.store.reminders import Recipient, Reminder

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
        failed: set[int] = set()
        for recipient in sorted({one for found in whose.values() for one in found}, key=lambda one: one.email):
            mine = [one for one in waiting if recipient in whose[one.id]]
            try:
                send(settings, letter(recipient, mine, zones, settings.public_url))
                sent += 1
            except (OSError, ValueError, smtplib.SMTPException) as error:
                failed.update(one.id for one in mine)
                log.error("reminder_not_sent", error=type(error).__name__)
        reminders.mailed(connection, [one.id for one in waiting if whose[one.id] and one.id not in failed])
        reminders.not_mailed(connection, sorted(failed))
        reminders.not_mailed(connection, [one.id for one in waiting if not whose[one.id]], ever=True)
    return sent


def _recipients(engine: Engine, waiting: Sequence[Reminder]) -> dict[int, list[Recipient]]:
    """To whom each goes, by its key."""
    asked = {(one.city_id, one.role, one.unit_id) for one in waiting}
    with acting(engine, KEEPER) as connection:
        known = {one: reminders.recipients(connection, *one) for one in asked}
    return {one.id: known[one.city_id, one.role, one.unit_id] for one in waiting}


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
