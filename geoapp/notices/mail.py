"""Letters by mail, through the server that the settings name."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Final

from geoapp.settings import Settings

_PATIENCE_S: Final = 20.0


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter in plain text."""

    to: str
    subject: str
    text: str


def send(settings: Settings, letter: Letter) -> None:
    """Hand a letter to the mail server.

    Raises:
        OSError, smtplib.SMTPException: the server is away or does not take it.
        ValueError: address or subject hold what no header may.
    """
    message = EmailMessage()
    message["From"] = settings.mail_from
    message["To"] = letter.to
    message["Subject"] = letter.subject
    message["Date"] = formatdate(localtime=False)
    message["Message-ID"] = make_msgid(domain=settings.mail_from.rpartition("@")[2] or "localhost")
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    with _server(settings) as server:
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password)
        server.send_message(message)


def _server(settings: Settings) -> smtplib.SMTP:
    at = (settings.smtp_host, settings.smtp_port)
    # The server's certificate is looked at: a letter may hold the way into an account.
    if settings.smtp_tls == "tls":
        return smtplib.SMTP_SSL(*at, timeout=_PATIENCE_S, context=ssl.create_default_context())
    server = smtplib.SMTP(*at, timeout=_PATIENCE_S)
    if settings.smtp_tls == "starttls":
        server.starttls(context=ssl.create_default_context())
    return server
