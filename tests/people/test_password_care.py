"""How passwords are kept outside of tests: with care, and what was kept with less is kept anew."""

from __future__ import annotations

from argon2 import PasswordHasher, Type, extract_parameters

from geoapp.city import City
from geoapp.people import entering, passwords
from geoapp.store import accounts
from geoapp.store.database import Database
from tests.people.make import PASSWORD, make_account


def test_passwords_are_kept_by_the_second_choice_of_rfc_9106(careful_passwords: PasswordHasher) -> None:
    kept = extract_parameters(passwords.kept(PASSWORD))
    assert (kept.type, kept.time_cost, kept.memory_cost, kept.parallelism) == (Type.ID, 3, 65_536, 4)
    assert kept.salt_len >= 16 and kept.hash_len >= 32


def test_a_password_kept_with_less_care_is_kept_anew_when_its_owner_enters(
    db: Database, city: City, careful_passwords: PasswordHasher
) -> None:
    # The builder's digest was made with the little care that tests take.
    make_account(db, "wang")
    assert entering.by_password(db.web, "wang", "not the password") is None
    assert passwords.outdated(_kept(db))
    assert entering.by_password(db.web, "wang", PASSWORD) is not None
    assert not passwords.outdated(_kept(db)) and careful_passwords.verify(_kept(db), PASSWORD)


def _kept(db: Database) -> str:
    with db.web.connect() as connection:
        door = accounts.door(connection, "wang")
    assert door is not None and door.password is not None
    return door.password
