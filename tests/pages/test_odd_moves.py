"""Whatever is said of whatever move, wherever the ticket stands: an answer, and never a fault of ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from geoapp.city import City
from geoapp.intake.path import take
from geoapp.lifecycle import MOVES, Field, FieldKind, State
from geoapp.people import secrets
from geoapp.people.rights import ACTIONS
from geoapp.records import Role
from geoapp.store import sessions, units
from geoapp.store.acting import Identity, acting
from geoapp.store.database import Database
from importers.base import Report
from tests.pages.conftest import SOUTH, WEST
from tests.pages.test_moves import photo
from tests.people.make import enter, make_account

_LINES = [one for one in MOVES if not one.name.startswith("mirror_")]
_SOON = (datetime.now(UTC) + timedelta(days=9)).date().isoformat()
_GOOD = {
    FieldKind.TEXT: "已到现场", FieldKind.DAY: _SOON, FieldKind.NUMBER: "10", FieldKind.AMOUNT: "1200",
    FieldKind.UNIT: "O01", FieldKind.UNITS: "O01,O10", FieldKind.RATING: "3", FieldKind.YES: "yes",
    FieldKind.OUTLINE: f"{WEST + 0.2},{SOUTH + 0.2} {WEST + 0.201},{SOUTH + 0.2} {WEST + 0.2},{SOUTH + 0.201}",
}  # fmt: skip
_ODD = (
    "", " ", "\0", "x" * 1001, "9" * 400, "-1", "0", "1e400", "1e-400", "99999999999.999", "nan", "1_000", "１２", "٣",
    "2026-02-30", "0000-00-00", "2000-01-01", "2200-12-31", "9999-12-31", "O00", "o00", "D0", ",,,", "O01," * 50,
    "nan,nan 1,2 3,4", "1,1 1,1 1,1", "114.2,20.2 114.2,20.2 114.2,20.2", "<script>", "🙂", "repaired", "1,2,3",
    "999999999", "PB-999999-9", "%00", "{}", "' OR 1=1 --",
)  # fmt: skip


@pytest.fixture
def numbers(db: Database, city: City) -> list[str]:
    """Two tickets of the office O00, of two reports each."""
    with db.bulk.begin() as connection:
        units.grow(connection, city)
    said = [
        Report(ref=ref, said_at=datetime(2026, 3, 1, tzinfo=UTC), body=body, category="roads", matter="step",
               x=WEST + 0.2, y=SOUTH + 0.2, unit="O00")
        for ref in "12" for body in ("台阶坏了", "还没有修")
    ]  # fmt: skip
    found = [one.number or "" for one in take(db.bulk, city, "hotline", said)]
    return sorted(set(found))


@pytest.fixture
def everybody(app: APIFlask, client: FlaskClient, db: Database, city: City, numbers: list[str]) -> dict[str, str]:
    """Somebody who holds every role signs in; the header of a token that allows all of it."""
    app.config["WTF_CSRF_ENABLED"] = False
    with db.web.connect() as connection:
        unit_id = units.find(connection, city.id, "O00").id
    account = make_account(db, "all", *Role, city_id=city.id, unit_id=unit_id)
    app.config["WTF_CSRF_ENABLED"] = True
    enter(client, "all")
    app.config["WTF_CSRF_ENABLED"] = False
    shown = secrets.new()
    with acting(db.web, Identity(account)) as connection:
        sessions.make_token(connection, account, "t", shown.digest, sorted(ACTIONS), timedelta(days=1))
    return {"Authorization": f"Bearer {shown.shown}"}


def word(draw: Any, field: Field, numbers: list[str]) -> str:
    """Something for a field: mostly what it takes, else anything."""
    good = [*field.choices, *numbers] if field.kind in (FieldKind.TICKET, FieldKind.CHOICE) else []
    good += [_GOOD[field.kind]] if field.kind in _GOOD else []
    good += ["1", "1,2", "3"] if field.kind is FieldKind.REPORTS else []
    every = (
        st.one_of(st.sampled_from(good), st.sampled_from(good), st.sampled_from(_ODD))
        if good
        else st.sampled_from(_ODD)
    )
    return str(draw(every))


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_is_said_is_answered(
    client: FlaskClient, db: Database, numbers: list[str], everybody: dict[str, str], data: st.DataObject
) -> None:
    line = data.draw(st.sampled_from(_LINES))
    state = data.draw(st.one_of(st.sampled_from(sorted(line.sources)), st.sampled_from(State)))
    with db.bulk.begin() as connection:
        over = state in (State.SETTLED, State.CLOSED, State.DECLINED, State.MERGED, State.WITHDRAWN)
        connection.execute(
            text("UPDATE geoapp.ticket SET state = :state, ended_at = :ended, unit_id = (SELECT id FROM geoapp.unit "
                 "WHERE code = 'O00') WHERE number = :number"),
            {"state": str(state), "ended": datetime.now(UTC) if over else None, "number": numbers[0]},
        )  # fmt: skip
        connection.execute(
            text("UPDATE geoapp.ticket SET state = 'in_hand', ended_at = NULL WHERE number = :number"),
            {"number": numbers[1]},
        )
    said = {one.name: word(data.draw, one, numbers) for one in line.fields if one.kind is not FieldKind.PHOTO}
    said = {name: value for name, value in said.items() if data.draw(st.integers(0, 9)) or value}
    with_photo = data.draw(st.booleans())
    if data.draw(st.booleans()):
        files = {"photo": photo()} if with_photo else {}
        answer = client.post(
            f"/tickets/{numbers[0]}/moves?lang=en", data={"move": line.name, "seen": "", **said, **files}
        )
        assert answer.status_code in (303, 409, 422, 403), (line.name, said, answer.status_code)
    else:
        body = {"move": line.name, "given": said}
        answer = client.post(f"/api/tickets/{numbers[0]}/moves", json=body, headers=everybody)
        assert answer.status_code in (200, 409, 422, 403), (line.name, said, answer.text)
    assert client.get(f"/tickets/{numbers[0]}/moves").status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[", b"null", b'"x"', b"1", b"[]", b'{"move": null}', b'{"move": {}}', b'{"move": "note", "given": null}',
        b'{"move": "note", "given": {"note": {"a": [1]}}}', b'{"move": "note", "given": {"note": [[{}]]}}',
        b'{"move": "note", "seen": 1e400}', b'{"move": "note", "seen": -1}', b'{"move": "note", "seen": true}',
        b'{"move": "note", "given": {"' + b"n" * 10_000 + b'": "x"}}',
        b'{"move": "note", "given": {"note": "\\ud800"}}',
        b'{"move": "note", "given": {"actor": "x", "ticket_id": 1, "due_at": "x", "as": "supervisor"}}',
    ],
)  # fmt: skip
def test_whatever_is_sent_is_answered(
    client: FlaskClient, numbers: list[str], everybody: dict[str, str], body: bytes
) -> None:
    answer = client.post(
        f"/api/tickets/{numbers[0]}/moves", data=body, headers=everybody, content_type="application/json"
    )
    assert answer.status_code in (400, 422), answer.text
