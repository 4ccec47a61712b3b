"""What a batch of the catalogue does to categories and matters: made, changed, retired; never deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Connection, text

from geoapp.assign.three_lists import Plain

_CATEGORIES: Final = text(
    "INSERT INTO geoapp.category AS c (city_id, code, names) "
    "SELECT :city, w.code, w.names "
    "FROM jsonb_to_recordset(cast(:rows AS jsonb)) w(code text, names jsonb, nth integer) ORDER BY w.nth "
    "ON CONFLICT (city_id, code) DO UPDATE SET names = c.names || excluded.names "
    "WHERE c.names || excluded.names <> c.names"
)
_PARENTS: Final = text(
    "UPDATE geoapp.category c SET parent_id = p.id FROM jsonb_to_recordset(cast(:rows AS jsonb)) "
    "w(code text, parent text) LEFT JOIN geoapp.category p ON p.city_id = :city AND p.code = w.parent "
    "WHERE c.city_id = :city AND c.code = w.code AND c.parent_id IS DISTINCT FROM p.id"
)
_COLUMNS: Final = (
    "category_id", "names", "keywords", "public", "urgent", "offered", "std_code", "nature", "filing_standard",
    "closing_standard", "minutes", "retired_at",
)  # fmt: skip
_MATTERS: Final = text(
    f"INSERT INTO geoapp.matter (city_id, code, {', '.join(_COLUMNS)}) "
    "SELECT :city, w.code, c.id, w.names, ARRAY(SELECT jsonb_array_elements_text(w.keywords)), w.public, w.urgent, "
    "w.offered, w.std_code, w.nature, w.filing_standard, w.closing_standard, w.minutes, NULL "
    "FROM jsonb_to_recordset(cast(:rows AS jsonb)) w(nth integer, code text, category text, names jsonb, "
    "keywords jsonb, public boolean, urgent boolean, offered boolean, std_code text, nature text, "
    "filing_standard jsonb, closing_standard jsonb, minutes jsonb) "
    "JOIN geoapp.category c ON c.city_id = :city AND c.code = w.category ORDER BY w.nth "
    "ON CONFLICT (city_id, code) DO UPDATE SET " + ", ".join(f"{column} = excluded.{column}" for column in _COLUMNS)
)
_RETIRE: Final = text(
    "UPDATE geoapp.matter SET retired_at = :at, offered = false "
    "WHERE city_id = :city AND code = ANY(:codes) AND retired_at IS NULL"
)


def bring(connection: Connection, city_id: int, lines: Sequence[Plain], retired: Sequence[str], at: datetime) -> None:
    """Matters as plain lines of the catalogue say, with their categories, and others retired from a moment on."""
    if lines:
        values = {"city": city_id}
        connection.execute(_CATEGORIES, values | {"rows": _json(_categories(lines))})
        parents = {line["category"]: line.get("parent") for line in lines}
        rows = [{"code": code, "parent": parent} for code, parent in parents.items()]
        connection.execute(_PARENTS, values | {"rows": _json(rows)})
        connection.execute(_MATTERS, values | {"rows": _json([_matter(nth, one) for nth, one in enumerate(lines)])})
    if retired:
        connection.execute(_RETIRE, {"city": city_id, "codes": list(retired), "at": at})


def _categories(lines: Sequence[Plain]) -> list[dict[str, Any]]:
    """Each category once, those above first; one without a name is called by its code where it is new."""
    named: dict[str, Mapping[str, str]] = {}
    for above in (True, False):
        for line in lines:
            code, names = (
                (line.get("parent"), line.get("parent_names")) if above
                else (line["category"], line.get("category_names"))
            )  # fmt: skip
            if code and (names or code not in named):
                named[code] = names or named.get(code) or {}
    return [{"code": code, "names": names, "nth": nth} for nth, (code, names) in enumerate(named.items())]


def _matter(nth: int, line: Plain) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "keywords": [], "public": True, "urgent": False, "offered": False, "std_code": None, "nature": None,
        "filing_standard": {}, "closing_standard": {}, "minutes": {},
    }  # fmt: skip
    return usual | {"nth": nth} | {name: line[name] for name in ("code", "category", "names", *usual) if name in line}


def _json(rows: list[dict[str, Any]]) -> str:
    return orjson.dumps(rows).decode()
