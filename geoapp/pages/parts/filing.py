"""Files one report and its photo, once a key, however often it is sent."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from typing import Final
from uuid import uuid4

from flask import request
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from geoapp.city import City
from geoapp.errors import BadField, NotAPhoto
from geoapp.intake.path import take
from geoapp.intake.photo import Photo, keep
from geoapp.intake.photo import read as read_photo
from geoapp.pages.parts import draft, here, who
from geoapp.pages.parts.failures import fields_of
from geoapp.people import rights
from geoapp.people.rights import Of
from geoapp.store import photos
from geoapp.store.queries import reports
from geoapp.store.queries.reports import Filed

LONGEST_KEY: Final = 255


def file(city: City, source: str, words: Mapping[str, str], key: str, whose: bytes = b"") -> tuple[Filed, bool]:
    """File what the request says; what became of it, and whether it is new.

    whose: the caller who chose the key, where callers choose keys of their own; another's is another key. Whoever has
    signed in files a report of their own.

    Raises:
        BadField: something cannot be used; its fields say what.
        KeyReused: the key was used for a different report.
    """
    ref = _ref(key, whose)
    errors: dict[str, str] = {}
    photo = _photo(errors)
    try:
        with here.connect() as connection:
            report = draft.read(connection, city, words, ref, channel=source)
    except BadField as error:
        errors |= fields_of(error)
    if errors:
        raise BadField(", ".join(errors), fields=errors)
    taken = take(here.web(), city, source, [report], receipts=True, keyed=True, account_id=_account(city))[0]
    if photo is not None:
        _keep(photo, taken.report_id)
    with here.connect() as connection:
        return reports.by_id(connection, taken.report_id), taken.status != "seen"


def _account(city: City) -> int | None:
    """Whose report it is. Whoever files for others does not become their reporter; nor a role that a demo shares."""
    asker = who.person()
    if asker is None or asker.demo or rights.may(asker, "file_for_others", Of(city.id)):
        return None
    return asker.account_id


def _ref(key: str, whose: bytes) -> str:
    """The reference a key stands for; without a key each report is one of its own, whatever it says."""
    if not key:
        return f"once-{secrets.token_hex(16)}"
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise BadField("Idempotency-Key", fields={"Idempotency-Key": _("This is too long or not plain text.")})
    return f"key-{hashlib.sha256(whose + key.encode()).hexdigest()}"


def _photo(errors: dict[str, str]) -> Photo | None:
    files: list[FileStorage] = [file for file in request.files.getlist("photo") if file.filename or file.read(1)]
    if len(files) > 1:
        errors["photo"] = _("One photo is enough.")
    if len(files) != 1:
        return None
    files[0].stream.seek(0)
    try:
        return read_photo(files[0].stream)
    except NotAPhoto as error:
        errors["photo"] = _(error.message)
        return None


def _keep(photo: Photo, report_id: int) -> None:
    """File before row: a row always has its file. Sent again, even at the same time, the report has its photo once."""
    with here.web().begin() as connection:
        reports.hold(connection, f"photo/{report_id}")
        if reports.by_id(connection, report_id).photos:
            return
        photo_id = uuid4()
        keep(here.settings().data_dir, photo_id, photo)
        photos.add(connection, photo_id, report_id, photo.width, photo.height, photo.digest)
