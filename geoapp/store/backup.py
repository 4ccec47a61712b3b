"""Backup and restore: the database and the photos in one tar file, with a manifest that proves it whole."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Final

import orjson
import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from geoapp.errors import BackupInvalid
from geoapp.settings import Settings
from geoapp.store import bootstrap, migrate
from geoapp.store.cluster import SUPERUSER, Server, binaries
from geoapp.store.exchange import Exchange, exchange

DUMP: Final = "database.dump"
FILES: Final = "files"
MANIFEST: Final = "manifest.json"
FORMAT: Final = 1
_LARGEST_MANIFEST: Final = 256 << 20
_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: each part's SHA-256, and the revision the database stood at."""

    created: str
    migration: str | None
    parts: dict[str, str]
    format: int = FORMAT


def backup(server: Server, settings: Settings, path: Path) -> Manifest:
    """Write a backup; the name appears when the file is complete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".geoapp-backup-", dir=path.parent) as folder:
        dump, whole = Path(folder) / DUMP, Path(folder) / "backup.tar"
        _dump(server, dump)
        migration = migrate.current(server.url(bootstrap.BACKUP))
        whole.touch(mode=0o600)
        with whole.open("wb") as file, tarfile.open(fileobj=file, mode="w") as tar:
            parts = {DUMP: _add(tar, DUMP, dump)}
            # Photos after the database: each photo is written before the row that names it, so none is missing.
            parts |= {name: _add(tar, name, photo) for name, photo in _photos(settings)}
            manifest = Manifest(datetime.now(UTC).isoformat(timespec="seconds"), migration, parts)
            _add_bytes(tar, MANIFEST, orjson.dumps(asdict(manifest), option=orjson.OPT_INDENT_2))
            tar.close()
            file.flush()
            os.fsync(file.fileno())
        whole.replace(path)
    return manifest


def restore(server: Server, settings: Settings, path: Path, *, replace: bool = False) -> Manifest:
    """Bring a backup back, beside what is here; only when it is whole does it take its place.

    Raises:
        BackupInvalid: it is damaged, hostile or of a later release, or would replace tickets unasked.
    """
    if not replace and _holds_tickets(server):
        raise BackupInvalid("The database here already holds tickets; --replace puts the backup in its place.")
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=settings.data_dir) as folder:
        manifest = _unpack(path, Path(folder))
        (restored := Path(folder) / FILES).mkdir(exist_ok=True)
        with _administering(server) as connection, exchange(photo_folder(settings), restored) as photos:
            _replace(connection, server, Path(folder) / DUMP, photos)
    return manifest


def _replace(connection: psycopg.Connection[object], server: Server, dump: Path, photos: Exchange) -> None:
    """Load the dump beside the database here, then exchange database and photos, both or neither."""
    name, beside = server.database, f"{server.database}_restoring"
    before = f"{name}_before_{datetime.now(UTC):%Y%m%d%H%M%S}"
    bootstrap.drop_database(connection, beside)
    bootstrap.prepare(connection, beside)
    try:
        _load(server.on(beside), dump)
        migrate.upgrade(server.url(bootstrap.OWNER, beside))
        photos.swap()
        try:
            _give_name(connection, name, beside, before)
        except BaseException:
            photos.undo()
            raise
    except BaseException:
        bootstrap.drop_database(connection, beside)
        raise
    bootstrap.drop_database(connection, before)


def _photos(settings: Settings) -> Iterator[tuple[str, Path]]:
    root = photo_folder(settings)
    for photo in sorted(root.rglob("*")):
        name = photo.relative_to(root)
        # What begins with a dot is still being written.
        if photo.is_file() and not photo.is_symlink() and not any(part.startswith(".") for part in name.parts):
            yield f"{FILES}/{name.as_posix()}", photo


def photo_folder(settings: Settings) -> Path:
    """Where an installation keeps its photos."""
    return settings.data_dir / "photos"


def _add(tar: tarfile.TarFile, name: str, path: Path) -> str:
    with path.open("rb") as file:
        member = _member(name, os.fstat(file.fileno()).st_size)
        reader = _Digesting(file)
        tar.addfile(member, reader)
        return reader.digest.hexdigest()


def _add_bytes(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    tar.addfile(_member(name, len(content)), io.BytesIO(content))


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member


class _Digesting:
    """A file read once, its SHA-256 taken on the way."""

    def __init__(self, file: io.BufferedReader) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        content = self._file.read(size)
        self.digest.update(content)
        return content


def _unpack(path: Path, folder: Path) -> Manifest:
    """Unpack into an empty folder what the manifest vouches for, or nothing that is used."""
    found: dict[str, str] = {}
    manifest: Manifest | None = None
    try:
        with tarfile.open(path, mode="r:") as tar:
            for member in tar:
                name = _checked_name(member, found)
                if name == MANIFEST:
                    manifest = _read_manifest(tar, member)
                else:
                    found[name] = _extract(tar, member, folder / name)
    except (tarfile.TarError, EOFError, UnicodeError) as error:
        raise BackupInvalid(f"{path} is no backup, or is cut short: {error}") from error
    if manifest is None:
        raise BackupInvalid(f"{path} has no manifest; it is cut short or is no backup.")
    _compare(manifest, found)
    return manifest


def _checked_name(member: tarfile.TarInfo, seen: dict[str, str]) -> str:
    """The member's name, if it is one that `backup` writes; anything else might write outside the folder."""
    name = member.name
    parts = PurePosixPath(name).parts
    ours = name in (DUMP, MANIFEST) or (len(parts) > 1 and parts[0] == FILES)
    plain = "/".join(parts) == name and ".." not in parts and "\\" not in name and "\0" not in name
    if not (member.isreg() and not member.issparse() and ours and plain) or name in seen:
        raise BackupInvalid(f"It holds {name!r}, which no backup of geoapp does.")
    return name


def _read_manifest(tar: tarfile.TarFile, member: tarfile.TarInfo) -> Manifest:
    if member.size > _LARGEST_MANIFEST:
        raise BackupInvalid("Its manifest is too large.")
    file = tar.extractfile(member)
    assert file is not None  # a regular file, as checked
    try:
        content = orjson.loads(file.read())
        manifest = Manifest(content["created"], content["migration"], dict(content["parts"]), content["format"])
    except (ValueError, KeyError, TypeError) as error:
        raise BackupInvalid(f"Its manifest cannot be read: {error}") from error
    if manifest.format != FORMAT or not migrate.knows(manifest.migration):
        raise BackupInvalid(f"It was written by another release (revision {manifest.migration}): update geoapp first.")
    return manifest


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> str:
    source = tar.extractfile(member)
    assert source is not None  # a regular file, as checked
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with target.open("xb") as file:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()


def _compare(manifest: Manifest, found: dict[str, str]) -> None:
    if DUMP not in found:
        raise BackupInvalid(f"{DUMP} is missing.")
    for name in sorted(manifest.parts.keys() | found.keys()):
        if manifest.parts.get(name) != found.get(name):
            raise BackupInvalid(f"{name} is not what the manifest says: the backup is damaged.")


def _dump(server: Server, target: Path) -> None:
    _program("pg_dump", server, bootstrap.BACKUP, "--format=custom", "--file", str(target))


def _load(server: Server, dump: Path) -> None:
    """Load a dump into a bootstrapped database as its owner, so that no line of it runs with more rights."""
    # Extensions are there already, and their tables and comments are not the owner's to write.
    listed = _program("pg_restore", None, "", "--list", str(dump)).splitlines()
    ours = [line for line in listed if " EXTENSION " not in line and " spatial_ref_sys " not in line]
    contents = dump.with_suffix(".list")
    contents.write_text("\n".join(ours) + "\n", encoding="utf-8")
    options = ["--exit-on-error", "--single-transaction", f"--use-list={contents}"]
    _program("pg_restore", server, bootstrap.OWNER, *options, str(dump))


def _program(name: str, server: Server | None, role: str, *arguments: str) -> str:
    """Run one of PostgreSQL's programs, on the server as that role if one is given; what it printed."""
    command, environment = [str(binaries() / name)], dict(os.environ)
    if server is not None:
        way = conninfo_to_dict(server.conninfo(role))
        # Whoever has an account here may read the command lines of all processes, but not their environments.
        if password := way.pop("password", None):
            environment["PGPASSWORD"] = str(password)
        command += ["--dbname", make_conninfo("", **way)]
    done = subprocess.run([*command, *arguments], env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BackupInvalid(f"{name}: {done.stderr.strip()}")
    return done.stdout


@contextmanager
def _administering(server: Server) -> Iterator[psycopg.Connection[object]]:
    try:
        with psycopg.connect(server.conninfo(SUPERUSER, "postgres"), autocommit=True) as connection:
            yield connection
    except psycopg.errors.InsufficientPrivilege as error:
        raise BackupInvalid(f"A restore makes a database, which needs a superuser in the URL: {error}") from error


def _holds_tickets(server: Server) -> bool:
    with psycopg.connect(server.conninfo(bootstrap.OWNER)) as connection:
        table = connection.execute("SELECT to_regclass('geoapp.ticket')").fetchone()
        if table is None or table[0] is None:
            return False
        return connection.execute("SELECT 1 FROM geoapp.ticket LIMIT 1").fetchone() is not None


def _give_name(connection: psycopg.Connection[object], name: str, beside: str, before: str) -> None:
    """Give the restored database the name of the one here, which is called `before` from then on."""
    _run(connection, "ALTER DATABASE {} ALLOW_CONNECTIONS false", name)
    try:
        query = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = ANY(%s)"
        connection.execute(query, ([name, beside],))
        with connection.transaction():
            _run(connection, "ALTER DATABASE {} RENAME TO {}", name, before)
            _run(connection, "ALTER DATABASE {} RENAME TO {}", beside, name)
    except BaseException:
        _run(connection, "ALTER DATABASE {} ALLOW_CONNECTIONS true", name)
        raise


def _run(connection: psycopg.Connection[object], text: str, *names: str) -> None:
    connection.execute(sql.SQL(text).format(*map(sql.Identifier, names)))
