"""What tests share: a private test cluster, a migrated database of one's own for each test, the real data."""

from __future__ import annotations

import fcntl
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from geoapp import settings as settings_module
from geoapp.settings import CHECKOUT, Settings
from geoapp.store import bootstrap, migrate
from geoapp.store.cluster import SUPERUSER, Cluster, Server
from geoapp.store.database import Database

TEMPLATE = "template_geoapp"
_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A test cluster, shared by all processes of the run: the first starts it, the last stops and removes it."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    cluster = _enter(shared)
    try:
        yield cluster.server.on(TEMPLATE)
    finally:
        _leave(shared, cluster)


@pytest.fixture
def database(server: Server) -> Iterator[Server]:
    """A fresh, migrated database for one test; `.url(role)` leads there."""
    with _fresh(server) as made:
        yield made


@pytest.fixture(scope="module")
def shared_database(server: Server) -> Iterator[Server]:
    """The same for the tests of one module together, which then only read."""
    with _fresh(server) as made:
        yield made


@contextmanager
def _fresh(server: Server) -> Iterator[Server]:
    name = f"t_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{next(_NUMBERS)}"
    with _administering(server) as connection:
        bootstrap.create_database(connection, name, TEMPLATE)
        try:
            yield server.on(name)
        finally:
            bootstrap.drop_database(connection, name)


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


def _enter(shared: Path) -> Cluster:
    with _locked(shared):
        note, users = shared / "cluster", shared / "cluster.users"
        if note.exists():
            cluster = Cluster(Path(note.read_text()), durable=False)
        else:
            cluster = Cluster(_reachable_folder(), durable=False)
            cluster.start()
            with _administering(cluster.server) as connection:
                bootstrap.prepare(connection, TEMPLATE)
            migrate.upgrade(cluster.server.url(bootstrap.OWNER, TEMPLATE))
            note.write_text(str(cluster.home))
        users.write_text(str(int(users.read_text() if users.exists() else 0) + 1))
        return cluster


def _leave(shared: Path, cluster: Cluster) -> None:
    with _locked(shared):
        users = shared / "cluster.users"
        left = int(users.read_text()) - 1
        users.write_text(str(left))
        if left == 0:
            (shared / "cluster").unlink()
            cluster.stop()
            shutil.rmtree(cluster.home.parent, ignore_errors=True)


def _reachable_folder() -> Path:
    """A short path, for the socket, which the server's own account can walk down to when we are root."""
    folder = Path(tempfile.mkdtemp(prefix="geoapp-test-", dir="/tmp"))
    folder.chmod(0o711)
    return folder / "c"


@contextmanager
def _locked(shared: Path) -> Iterator[None]:
    with (shared / "cluster.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _administering(server: Server) -> Iterator[psycopg.Connection[object]]:
    with psycopg.connect(server.conninfo(SUPERUSER, "postgres"), autocommit=True) as connection:
        yield connection
