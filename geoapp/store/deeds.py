"""The log of what those who look after people and units did to them; nothing in it is ever changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing done. by_console: by whoever may read the installation's files; by_login is None where the one who did
    it is nobody whom the transaction may see."""

    id: int
    at: datetime
    by_console: bool
    by_login: str | None
    by_name: str | None
    what: str
    city: str | None
    login: str | None
    name: str | None
    unit: str | None
    unit_names: Mapping[str, str] | None
    said: Mapping[str, Any]


def note(
    connection: Connection, what: str, *, city_id: int | None = None, account_id: int | None = None,
    unit_id: int | None = None, **said: object,
) -> None:  # fmt: skip
    """Note what the transaction's own account, or the command line, has done; what is None or empty is left out."""
    kept = {name: value for name, value in said.items() if value not in (None, "", [], ())}
    connection.execute(
        text(
            "INSERT INTO private.deed (by_id, what, city_id, account_id, unit_id, said) VALUES ("
            "nullif(current_setting('geoapp.account', true), '')::integer, :what, :city, :account, :unit, "
            "cast(:said AS jsonb))"
        ),
        {
            "what": what, "city": city_id, "account": account_id, "unit": unit_id,
            "said": orjson.dumps(kept, default=str).decode(),
        },
    )  # fmt: skip


def latest(
    connection: Connection, *, account_id: int | None = None, unit_id: int | None = None, before: int | None = None,
    most: int = 50,
) -> list[Deed]:  # fmt: skip
    """The latest deeds that the transaction may see, before the one named, of one account or unit where it is named."""
    values = {"account": account_id, "unit": unit_id, "before": before, "most": most}
    return [Deed(*row) for row in connection.execute(_LATEST, values)]


_LATEST: Final = text("""
    SELECT d.id, d.at, d.by_id IS NULL, b.login, b.name, d.what, c.code, a.login, a.name, u.code, u.names, d.said
    FROM private.deed d
    LEFT JOIN private.account b ON b.id = d.by_id LEFT JOIN private.account a ON a.id = d.account_id
    LEFT JOIN geoapp.unit u ON u.id = d.unit_id LEFT JOIN geoapp.city c ON c.id = d.city_id
    WHERE (cast(:account AS integer) IS NULL OR d.account_id = :account)
      AND (cast(:unit AS integer) IS NULL OR d.unit_id = :unit)
      AND (cast(:before AS bigint) IS NULL OR d.id < :before)
    ORDER BY d.id DESC LIMIT :most
""")
