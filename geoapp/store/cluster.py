"""The database server: the one that GEOAPP_DATABASE_URL names, or else a private PostGIS cluster, started on demand."""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from geoapp.errors import ClusterUnavailable
from geoapp.settings import Settings
from geoapp.store import bootstrap
from geoapp.store.database import connections

SUPERUSER: Final = "superuser"
LEAST_VERSION: Final = 15
# What fits sockaddr_un on Linux, less the name of the socket file and its end.
LONGEST_SOCKET_FOLDER: Final = 107 - len("/.s.PGSQL.5432.lock")
START_SECONDS: Final = 60
LEAST_CONNECTIONS: Final = 100
# The worker, an import or two, a backup, an administrator who looks why there are no more.
_ALL_ELSE: Final = 60
_ADMIN: Final = "postgres"
_PASSING: Final = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "512MB",
    # Each test connects anew, several times: loaded here, the libraries need not be linked for each connection.
    "shared_preload_libraries": "'plpgsql,postgis-3,pg_trgm'",
}
"""How a server runs whose data nobody will miss."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server and the way to it; `url` names a role, and a database where it is not the usual one."""

    base: URL
    private: bool

    @property
    def database(self) -> str:
        """The database geoapp uses here."""
        return self.base.database or bootstrap.DATABASE

    def url(self, role: str, database: str = "") -> str:
        """The SQLAlchemy URL of a database for one of geoapp's roles, or for "superuser"."""
        name = self.base.username if role == SUPERUSER else role
        url = self.base.set(username=name, database=database or self.database)
        return url.render_as_string(hide_password=False)

    def conninfo(self, role: str, database: str = "") -> str:
        """The same for psycopg and PostgreSQL's own programs."""
        url = make_url(self.url(role, database))
        usual = {"user": url.username, "password": url.password, "host": url.host, "dbname": url.database}
        given = {name: value for name, value in usual.items() if value} | {
            name: str(v) for name, v in url.query.items()
        }
        return psycopg.conninfo.make_conninfo("", **given, **({"port": url.port} if url.port else {}))

    def on(self, database: str) -> Server:
        """The same server with another database as the usual one."""
        return Server(self.base.set(database=database), self.private)


@dataclass(frozen=True, slots=True)
class Cluster:
    """A private cluster: one folder holding the data, the log, the lock and (if its path is short) the socket."""

    home: Path
    durable: bool = True
    connections: int = LEAST_CONNECTIONS

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "server.log"

    @property
    def socket(self) -> Path:
        """The folder of the socket: beside the data, or a short one where that path is too long."""
        beside = self.home / "run"
        if len(os.fsencode(beside)) <= LONGEST_SOCKET_FOLDER:
            return beside
        return Path("/tmp") / f"geoapp-{_hash(self.home)}"  # noqa: S108  its owner and mode are checked before use

    @property
    def server(self) -> Server:
        query = {"host": str(self.socket)}
        return Server(URL.create("postgresql+psycopg", _ADMIN, database=bootstrap.DATABASE, query=query), private=True)

    @property
    def pid(self) -> int | None:
        """The server's process, if one is running."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            return pid if _is_postgres(pid) else None
        except (OSError, ValueError):
            return None

    def start(self) -> Server:
        """Make the cluster where there is none and start it where it is not running.

        Raises:
            ClusterUnavailable: PostgreSQL is missing, or the server does not start.
        """
        if not _accepts(self.server):
            programs = binaries()
            with self.locked():
                if not _accepts(self.server):
                    self._create(programs)
                    self._launch(programs)
        return self.server

    def stop(self, seconds: float = 60) -> bool:
        """Stop the server, first kindly, then by force; False when none was running."""
        pid = self.pid
        if pid is None:
            return False
        # What a test leaves behind needs no last checkpoint.
        for kind in (signal.SIGINT, signal.SIGQUIT) if self.durable else (signal.SIGQUIT,):
            os.kill(pid, kind)
            if _ended(pid, seconds):
                return True
        raise ClusterUnavailable(f"process {pid} does not stop")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One process at a time makes, starts or bootstraps this cluster."""
        make_folder(self.home, _account(self))
        with (self.home / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _create(self, programs: Path) -> None:
        if (self.data / "PG_VERSION").exists():
            return
        # initdb works beside and the result is moved into place, so that half a cluster is never taken for one.
        making = self.home / "data.making"
        shutil.rmtree(making, ignore_errors=True)
        options = ["--locale=C.UTF-8", "--encoding=UTF8", "--auth=trust", f"--username={_ADMIN}"]
        options += [] if self.durable else ["--no-sync"]
        _run([programs / "initdb", "-D", making, *options], _account(self), self.log)
        with (making / "postgresql.conf").open("a") as file:
            file.write("include 'geoapp.conf'\n")
        making.rename(self.data)

    def _launch(self, programs: Path) -> None:
        _check_version(self.data, programs)
        account = _account(self)
        make_folder(self.socket, account)
        (self.data / "geoapp.conf").write_text(self._configuration(programs))
        command = [programs / "pg_ctl", "start", "-D", self.data, "-l", self.log, "-w", "-s", "-t", START_SECONDS]
        _run([str(part) for part in command], account, self.log)

    def _configuration(self, programs: Path) -> str:
        lines = {
            "listen_addresses": "''",
            "unix_socket_directories": f"'{str(self.socket).replace(chr(39), chr(39) * 2)}'",
            "unix_socket_permissions": "0700",
            "shared_buffers": f"{_shared_buffers_mb()}MB" if self.durable else "256MB",
            "work_mem": "32MB",
            "maintenance_work_mem": "512MB",
            "max_wal_size": "4GB",
            "wal_compression": _wal_compression(programs),
            "checkpoint_timeout": "15min",
            "random_page_cost": "1.1",
            "max_connections": str(self.connections),
            "jit": "off",
            # The log bears what failed, not the row: its detail quotes whatever people said.
            "log_error_verbosity": "terse",
            "log_timezone": "'UTC'",
            "timezone": "'UTC'",
        }
        if not self.durable:
            lines |= _PASSING
        return (
            "# Written by geoapp at each start; changes belong into postgresql.conf, after its include line.\n"
            + "".join(f"{name} = {value}\n" for name, value in lines.items())
        )


def ensure(settings: Settings) -> Server:
    """The server in force, running and bootstrapped.

    Raises:
        ClusterUnavailable: it cannot be reached or started; the detail says what to do.
    """
    if settings.database_url:
        return _reached(named(settings.database_url))
    cluster = private(settings)
    server = cluster.start()
    if not _accepts(server, server.database):
        with cluster.locked(), psycopg.connect(server.conninfo(SUPERUSER, _ADMIN), autocommit=True) as connection:
            bootstrap.prepare(connection)
    return server


def private(settings: Settings) -> Cluster:
    """The private cluster these settings mean, running or not."""
    wanted = settings.data_dir / "cluster"
    elsewhere = Path("/var/lib/geoapp") / _hash(wanted)
    connections = needed_connections(settings)
    if os.geteuid() != 0:
        return Cluster(wanted, connections=connections)
    # Where data lies already comes first: a folder whose mode was changed must not bring up an empty city.
    for home in (wanted, elsewhere):
        if (home / "data" / "PG_VERSION").exists():
            return Cluster(home, connections=connections)
    account = _service_account()
    return Cluster(wanted if account is None or _reachable(wanted, account) else elsewhere, connections=connections)


def needed_connections(settings: Settings) -> int:
    """How many connections the server should take: those of the web processes, and room for all else."""
    return max(LEAST_CONNECTIONS, connections(settings.web_processes, settings.web_threads) + _ALL_ELSE)


def binaries() -> Path:
    """The folder of the newest PostgreSQL here that is new enough and has PostGIS.

    Raises:
        ClusterUnavailable: there is none.
    """
    found = [
        Path(path) for pattern in ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin") for path in Path("/").glob(pattern)
    ]
    if on_path := shutil.which("pg_ctl"):
        found.append(Path(on_path).resolve().parent)
    usable = [(version, folder) for folder in found if (version := _version(folder)) >= LEAST_VERSION]
    if not usable:
        raise ClusterUnavailable(f"No PostgreSQL {LEAST_VERSION} or later with PostGIS is installed: run `make setup`.")
    return max(usable)[1]


def make_folder(folder: Path, account: pwd.struct_passwd | None) -> None:
    """Make a folder that only the server's account may enter; refuse one that is somebody else's."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    if account is not None and folder.stat().st_uid == 0:
        os.chown(folder, account.pw_uid, account.pw_gid, follow_symlinks=False)
    status = folder.lstat()
    if status.st_uid != (account.pw_uid if account else os.geteuid()) or folder.is_symlink():
        raise ClusterUnavailable(f"{folder} belongs to another account.")
    folder.chmod(0o700)


def named(text: str) -> Server:
    """The server that a database URL names."""
    try:
        return Server(make_url(text).set(drivername="postgresql+psycopg"), private=False)
    except ArgumentError as error:
        raise ClusterUnavailable("GEOAPP_DATABASE_URL is no database URL.") from error


def _reached(server: Server) -> Server:
    try:
        psycopg.connect(server.conninfo("geoapp_web"), connect_timeout=10).close()
    except psycopg.OperationalError as error:
        remedy = "Its administrator prepares it with what `geoapp database sql` prints."
        raise ClusterUnavailable(f"{str(error).strip()}\n{remedy}") from error
    return server


def _accepts(server: Server, database: str = _ADMIN) -> bool:
    try:
        psycopg.connect(server.conninfo(SUPERUSER, database), connect_timeout=10).close()
    except psycopg.OperationalError:
        return False
    return True


def _account(cluster: Cluster) -> pwd.struct_passwd | None:
    """The account the server runs as when we are root (PostgreSQL refuses root), else None: our own."""
    if os.geteuid() != 0:
        return None
    if cluster.data.exists() and (owner := cluster.data.stat().st_uid) != 0:
        return pwd.getpwuid(owner)
    if (account := _service_account()) is None:
        raise ClusterUnavailable("There is no account `postgres` to run the server as: run `make setup`.")
    return account


def _service_account() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return None


def _reachable(folder: Path, account: pwd.struct_passwd) -> bool:
    """Whether the account may walk down to the folder; folders not made yet will be open to it."""
    groups = os.getgrouplist(account.pw_name, account.pw_gid)
    for parent in folder.parents:
        if not parent.exists():
            continue
        status = parent.stat()
        bit = 0o100 if status.st_uid == account.pw_uid else 0o010 if status.st_gid in groups else 0o001
        if not status.st_mode & bit:
            return False
    return True


def _run(command: Sequence[object], account: pwd.struct_passwd | None, log: Path) -> None:
    """Run one of PostgreSQL's programs in a session of its own, so that no terminal's end reaches the server."""
    as_account = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
    environment = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ} | {"LC_ALL": "C.UTF-8"}
    # The server inherits the output: a pipe would keep our caller waiting for as long as it runs.
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(
            [str(part) for part in command], cwd="/", env=environment, stdin=subprocess.DEVNULL, stdout=output,
            stderr=output, start_new_session=True, umask=0o077, check=False, **as_account,  # type: ignore[call-overload]
        )  # fmt: skip
        output.seek(0)
        said = output.read().decode(errors="replace").strip()
    if done.returncode != 0:
        raise ClusterUnavailable(f"{said}\n{_end_of(log)}".strip())


def _end_of(log: Path, lines: int = 8) -> str:
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""


def _version(folder: Path) -> int:
    """The major version of the PostgreSQL in this folder; 0 where it lacks a server or PostGIS."""
    if not (folder / "initdb").exists() or not (folder / "pg_config").exists():
        return 0
    answer = subprocess.run(
        [folder / "pg_config", "--version", "--sharedir"], capture_output=True, text=True, check=False
    )
    share, version = sorted(answer.stdout.split("\n")[:2], key=lambda line: line.startswith("PostgreSQL"))
    if not (Path(share) / "extension" / "postgis.control").exists():
        return 0
    return int("".join(part for part in version.split()[1].split(".")[0] if part.isdigit()))


def _wal_compression(programs: Path) -> str:
    """The cheapest way this PostgreSQL was built with: its own takes ten times the time of LZ4."""
    built = subprocess.run([programs / "pg_config", "--configure"], check=True, capture_output=True, text=True).stdout
    return "lz4" if "--with-lz4" in built else "on"


def _check_version(data: Path, programs: Path) -> None:
    made, have = int((data / "PG_VERSION").read_text()), _version(programs)
    if made != have:
        raise ClusterUnavailable(
            f"{data} was made by PostgreSQL {made}, here is {have}: use pg_upgrade, or restore a backup."
        )


def _shared_buffers_mb() -> int:
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    limit = Path("/sys/fs/cgroup/memory.max")
    if limit.exists() and (text := limit.read_text().strip()).isdigit():
        memory = min(memory, int(text))
    return max(128, min(memory // 4, 2 << 30) >> 20)


def _is_postgres(pid: int) -> bool:
    """A pid file outlives a crash, and the number may by now be another program's."""
    try:
        return "postgres" in Path(f"/proc/{pid}/comm").read_text()
    except OSError:
        return False


def _ended(pid: int, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while _is_postgres(pid):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def _hash(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
