"""What tests share: a private test cluster, a migrated database of one's own for each test, the real data."""

from __future__ import annotations

import fcntl
import itertools
import os
import shutil
import tempfile
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType

import psycopg
import pytest
from apiflask import APIFlask
from argon2 import PasswordHasher
from jinja2.bccache import Bucket, BytecodeCache

from geoapp import settings as settings_module
from geoapp.people import passwords
from geoapp.settings import CHECKOUT, Settings
from geoapp.store import bootstrap, migrate
from geoapp.store.cluster import SUPERUSER, Cluster, Server
from geoapp.store.database import Database

TEMPLATE = "template_geoapp"
LEFT = 3
"""So many databases stay after their tests."""
MEMORY = Path("/dev/shm")
ROOM = 4 << 30
"""What the cluster may come to need of memory, in bytes; it has never held a quarter of that."""
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
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    cluster = _enter(shared)
    try:
        yield cluster.server.on(TEMPLATE)
    finally:
        _leave(shared, cluster)


class Databases:
    """Makes this process's databases and drops them, each when a few more have been left.

    A connection takes a moment to end, and the server waits a tenth of a second for a database that is not quite left.
    """

    def __init__(self, server: Server, connection: psycopg.Connection[object]) -> None:
        self._server, self._connection = server, connection
        self._left: deque[str] = deque()
        self._names = (f"t_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{number}" for number in itertools.count(1))

    @contextmanager
    def fresh(self) -> Iterator[Server]:
        """A database like the template, for as long as the block lasts."""
        name = next(self._names)
        bootstrap.create_database(self._connection, name, TEMPLATE)
        try:
            yield self._server.on(name)
        finally:
            self._left.append(name)
            while len(self._left) > LEFT:
                bootstrap.drop_database(self._connection, self._left.popleft())


@pytest.fixture(scope="session")
def databases(server: Server) -> Iterator[Databases]:
    """What makes databases; those left at the end go with their cluster."""
    with _administering(server) as connection:
        yield Databases(server, connection)


@pytest.fixture
def database(databases: Databases) -> Iterator[Server]:
    """A fresh, migrated database for one test; `.url(role)` leads there."""
    with databases.fresh() as made:
        yield made


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
    """A short path, for the socket, which the server's own account can walk down to when we are root.

    In memory where there is room: on a disk, most of what a test costs is the files of its database.
    """
    folder = Path(tempfile.mkdtemp(prefix="geoapp-test-", dir=MEMORY if _roomy(MEMORY) else "/tmp"))
    folder.chmod(0o711)
    return folder / "c"


def _roomy(folder: Path) -> bool:
    if not os.access(folder, os.W_OK):
        return False
    memory = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
    available = int(memory["MemAvailable"].split()[0]) << 10
    return min(available, shutil.disk_usage(folder).free) >= ROOM


@contextmanager
def _locked(shared: Path) -> Iterator[None]:
    with (shared / "cluster.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _administering(server: Server) -> Iterator[psycopg.Connection[object]]:
    with psycopg.connect(server.conninfo(SUPERUSER, "postgres"), autocommit=True) as connection:
        yield connection
