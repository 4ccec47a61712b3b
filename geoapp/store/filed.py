"""Whose reports are: noted beside a report for whoever had signed in, seen by them and by who may know the reporter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class Mine:
    """One report as its owner's list tells it; number, state and outcome are None while it has no place."""

    report_id: int
    city_id: int
    receipt: str | None
    said_at: datetime
    matter_id: int | None
    area_keys: tuple[int, ...]
    number: str | None
    state: str | None
    outcome: str | None
    public: bool


def keep(connection: Connection, city_id: int, report_ids: Sequence[int]) -> None:
    """Note that new reports are the transaction's own account's."""
    connection.execute(_KEEP, {"city": city_id, "reports": list(report_ids)})


_KEEP: Final = text(
    "INSERT INTO private.filed (report_id, city_id, account_id) "
    "SELECT w.id, :city, nullif(current_setting('geoapp.account', true), '')::integer "
    "FROM unnest(cast(:reports AS bigint[])) w (id)"
)


def of_account(connection: Connection, account_id: int, most: int) -> list[Mine]:
    """The reports of an account, which must be the transaction's own, the newest first."""
    rows = connection.execute(_MINE, {"account": account_id, "most": most})
    return [Mine(**row._asdict() | {"area_keys": tuple(row.area_keys)}) for row in rows]


_MINE: Final = text(
    "SELECT r.id AS report_id, r.city_id, r.receipt, r.said_at, coalesce(k.matter_id, r.matter_id) AS matter_id, "
    "coalesce(k.area_keys, '{}') AS area_keys, k.number, k.state, k.outcome, coalesce(k.public, false) AS public "
    "FROM private.filed f JOIN geoapp.report r ON r.id = f.report_id LEFT JOIN geoapp.ticket k ON k.id = r.ticket_id "
    "WHERE f.account_id = :account ORDER BY f.report_id DESC LIMIT :most"
)
