"""What tests share: a private test cluster, a migrated database of one's own for each test, the real data."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import CodeType

import pytest
from apiflask import APIFlask
from argon2 import PasswordHasher
from jinja2.bccache import Bucket, BytecodeCache

from geoapp import settings as settings_module
from geoapp.people import passwords
from geoapp.settings import CHECKOUT, Settings
from geoapp.store.cluster import SUPERUSER, Server
from geoapp.store.database import Database
from tests.databases import TEMPLATE, Databases, administering, enter, leave

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
_CAREFUL = passwords._HASHER


def pytest_configure() -> None:
    """Passwords are kept cheaply: done with care, to enter takes longer than all else of a test."""
    passwords._HASHER = CHEAP


@pytest.fixture
def careful_passwords(monkeypatch: pytest.MonkeyPatch) -> Iterator[PasswordHasher]:
    """Passwords are kept as outside of tests."""
    monkeypatch.setattr(passwords, "_HASHER", _CAREFUL)
    passwords._nobodys.cache_clear()
    yield _CAREFUL
    passwords._nobodys.cache_clear()


class _Compiled(BytecodeCache):
    """The templates' code, known by their content."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._codes[bucket.key, bucket.checksum] = bucket.code


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    """Each test makes an application of its own; to compile its templates anew would take longer than most tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(APIFlask, "jinja_options", {**APIFlask.jinja_options, "bytecode_cache": _Compiled()})
        yield


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A test cluster, shared by all processes of the run: the first starts it, the last stops and removes it."""
    shared = _shared(tmp_path_factory)
    cluster = enter(shared)
    try:
        yield cluster.server.on(TEMPLATE)
    finally:
        leave(shared, cluster)


@pytest.fixture(scope="session")
def databases(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """What makes databases; those left at the end go with their cluster."""
    with administering(server) as connection:
        yield Databases(server, connection, _shared(tmp_path_factory))


@pytest.fixture
def template() -> str:
    """What a test's database is a copy of; tests that begin with the same city name one that holds it."""
    return TEMPLATE


@pytest.fixture
def database(databases: Databases, template: str) -> Iterator[Server]:
    """A fresh, migrated database for one test; `.url(role)` leads there."""
    with databases.fresh(template) as made:
        yield made


@pytest.fixture(scope="session")
def bay_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where an installation on the demo town may keep what all of them would make alike: each file says of what."""
    return tmp_path_factory.mktemp("bay")


@pytest.fixture(scope="session")
def bay(databases: Databases, bay_folder: Path) -> str:
    """The template that holds the demo town without tickets."""
    from geoapp.demo.town import load

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GEOAPP_DATA_DIR", str(bay_folder))
        return databases.grown("bay", lambda db: load(db.bulk, 0, 1))


@pytest.fixture(scope="module")
def shared_database(databases: Databases) -> Iterator[Server]:
    """The same for the tests of one module together, which then only read."""
    with databases.fresh() as made:
        yield made


@pytest.fixture
def db(database: Server) -> Iterator[Database]:
    """The test's database as the code sees it."""
    made = Database(database)
    yield made
    made.close()


@pytest.fixture
def settings(database: Server, tmp_path: Path) -> Settings:
    """The settings of an installation on `database` that keeps its things in the test's folder."""
    return settings_module.read(
        {"GEOAPP_DATABASE_URL": database.url(SUPERUSER), "GEOAPP_DATA_DIR": str(tmp_path / "data")}
    )


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real data, which lies beside the checkout and is no part of it."""
    folder = CHECKOUT.parent / "shared" / "data"
    if not folder.is_dir():
        if os.environ.get("CI"):
            pytest.fail(f"the real data is missing: {folder}")
        pytest.skip(f"THE REAL DATA IS MISSING, so this is not tested: {folder}")
    return folder


def _shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of all processes of the run."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
