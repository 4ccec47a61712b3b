"""Which tickets each transaction changed, so that whoever holds a copy need only ask for those."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Column, Index, Table, text
from sqlalchemy.dialects.postgresql import INT8MULTIRANGE
from sqlalchemy.types import UserDefinedType

from geoapp.store.tables.base import METADATA, big_id, hot_city_id, moment


class _TransactionId(UserDefinedType[str]):
    """PostgreSQL's xid8: the number of a transaction, never used again."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "XID8"


# Written by triggers on geoapp.ticket, whoever writes there and however.
ticket_change = Table(
    "ticket_change",
    METADATA,
    big_id(),
    hot_city_id(),
    Column("transaction", _TransactionId, nullable=False, server_default=text("pg_current_xact_id()")),
    Column("tickets", INT8MULTIRANGE, nullable=False),
    moment("recorded_at", now=True),
)
Index(None, ticket_change.c.city_id, ticket_change.c.transaction)

NAMES: Final = ("category", "matter", "unit", "layer_current")
"""What else an answer tells of a city's tickets: a change of these is noted with no ticket."""

EVENTS: Final = {"INSERT": "NEW", "UPDATE": "NEW", "DELETE": "OLD"}
