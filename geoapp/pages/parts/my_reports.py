"""The reports of an account as its owner sees them: what each is called, how it stands, and where to follow it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from flask import url_for
from sqlalchemy import Connection

from geoapp.pages.parts import here
from geoapp.pages.parts.answers import local
from geoapp.pages.parts.naming import Names
from geoapp.store import filed
from geoapp.store.filed import Mine

MOST: Final = 50


def my_reports(connection: Connection, account_id: int) -> list[dict[str, Any]]:
    """The newest reports of an account, as which the transaction acts."""
    mine = filed.of_account(connection, account_id, MOST)
    names = {
        city_id: Names(connection, here.city_of(connection, city_id), [one for one in mine if one.city_id == city_id])
        for city_id in {one.city_id for one in mine}
    }
    return _told(connection, mine, names)


def _told(connection: Connection, mine: Sequence[Mine], names: dict[int, Names]) -> list[dict[str, Any]]:
    return [
        {
            "title": names[one.city_id].title(one), "state": one.state, "outcome": one.outcome, "number": one.number,
            "said_at": local(here.city_of(connection, one.city_id), one.said_at), "receipt": one.receipt,
            # A ticket that is not public has no page but the receipt's.
            "url": url_for("ticket.show", number=one.number) if one.public
            else url_for("receipt.show", receipt=one.receipt) if one.receipt else None,
        }
        for one in mine
    ]  # fmt: skip
