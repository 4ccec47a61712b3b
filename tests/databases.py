"""The private cluster of a test run, and its databases: copies of templates, which are made once."""

from __future__ import annotations

import fcntl
import itertools
import os
import shutil
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import psycopg

from geoapp.errors import ClusterUnavailable
from geoapp.store import bootstrap, migrate
from geoapp.store.cluster import SUPERUSER, Cluster, Server
from geoapp.store.database import Database

TEMPLATE = "template_geoapp"
"""Migrated, and empty."""

LEFT = 3
"""So many databases stay after their tests."""

PREFIX, USED = "geoapp-test-", "used"
_HELD: list[IO[str]] = []

MEMORY, DISK = Path("/dev/shm"), Path("/tmp")
ROOM = 4 << 30
"""What must be free of memory, in bytes: several times what a run has ever needed."""


class Databases:
    """Makes this process's databases and drops them, each when a few more have been left.

    A connection takes a moment to end, and the server waits a tenth of a second for a database that is not quite left.
    """

    def __init__(self, server: Server, connection: psycopg.Connection[object], shared: Path) -> None:
        self._server, self._connection, self._shared = server, connection, shared
        self._left: deque[str] = deque()
        self._names = (f"t_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{number}" for number in itertools.count(1))

    @contextmanager
    def fresh(self, template: str = TEMPLATE) -> Iterator[Server]:
        """A database like the template, for as long as the block lasts."""
        name = next(self._names)
        bootstrap.create_database(self._connection, name, template)
        try:
            yield self._server.on(name)
        finally:
            self._left.append(name)
            while len(self._left) > LEFT:
                bootstrap.drop_database(self._connection, self._left.popleft())

    def grown(self, name: str, grow: Callable[[Database], object]) -> str:
        """A template that holds what many tests begin with, grown by the first process of the run that asks for it."""
        with _locked(self._shared, name):
            if not self._connection.execute("SELECT FROM pg_database WHERE datname = %s", (name,)).rowcount:
                making = f"{name}_making"
                bootstrap.drop_database(self._connection, making)
                bootstrap.create_database(self._connection, making, TEMPLATE)
                db = Database(self._server.on(making))
                grow(db)
                db.close()
                # The name appears last: a database called so is whole.
                self._connection.execute(f"ALTER DATABASE {making} RENAME TO {name}")
        return name


def enter(shared: Path) -> Cluster:
    """The cluster of the run, started by the first process that asks for it."""
    with _locked(shared):
        note, users = shared / "cluster", shared / "cluster.users"
        if note.exists():
            cluster = Cluster(Path(note.read_text()), durable=False)
            _hold(cluster.home.parent / USED)
        else:
            for folder in (MEMORY, DISK):
                sweep(folder)
            cluster = Cluster(_reachable_folder(), durable=False)
            cluster.start()
            with administering(cluster.server) as connection:
                bootstrap.prepare(connection, TEMPLATE)
            migrate.upgrade(cluster.server.url(bootstrap.OWNER, TEMPLATE))
            note.write_text(str(cluster.home))
        users.write_text(str(int(users.read_text() if users.exists() else 0) + 1))
        return cluster


def leave(shared: Path, cluster: Cluster) -> None:
    """The last process that leaves stops it and removes it."""
    with _locked(shared):
        users = shared / "cluster.users"
        left = int(users.read_text()) - 1
        users.write_text(str(left))
        if left == 0:
            (shared / "cluster").unlink()
            _remove(cluster)


def sweep(folder: Path) -> None:
    """Remove the clusters of runs that were killed: in memory they would stay until the machine is started anew."""
    for used in folder.glob(f"{PREFIX}*/{USED}"):
        # Whoever uses it holds its lock, and whoever is killed lets go of it.
        with suppress(OSError, ClusterUnavailable), used.open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _remove(Cluster(used.parent / "c", durable=False))


def _remove(cluster: Cluster) -> None:
    cluster.stop()
    shutil.rmtree(cluster.home.parent, ignore_errors=True)


def _hold(used: Path) -> None:
    """Say that a cluster is used for as long as this process lives."""
    lock = used.open("a")
    fcntl.flock(lock, fcntl.LOCK_SH)
    _HELD.append(lock)


def _reachable_folder() -> Path:
    """A short path, for the socket, which the server's own account can walk down to when we are root.

    In memory where there is room: on a disk, most of what a test costs is the files of its database.
    """
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=MEMORY if _roomy(MEMORY) else DISK))
    folder.chmod(0o711)
    # It gets its name when it is held, so that nobody sweeps it away in between.
    _hold(folder / "new")
    (folder / "new").rename(folder / USED)
    return folder / "c"


def _roomy(folder: Path) -> bool:
    if not os.access(folder, os.W_OK):
        return False
    memory = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
    available = int(memory["MemAvailable"].split()[0]) << 10
    return min(available, shutil.disk_usage(folder).free) >= ROOM


@contextmanager
def _locked(shared: Path, what: str = "cluster") -> Iterator[None]:
    with (shared / f"{what}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def administering(server: Server) -> Iterator[psycopg.Connection[object]]:
    """The connection of who makes and drops databases."""
    with psycopg.connect(server.conninfo(SUPERUSER, "postgres"), autocommit=True) as connection:
        yield connection
