"""What a backup brings back equals what was saved; what is no backup is refused and changes nothing."""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson
import psycopg
import pytest
from psycopg import sql

from geoapp.errors import BackupInvalid
from geoapp.settings import Settings
from geoapp.store import backup as backups
from geoapp.store.cluster import SUPERUSER, Server, binaries

TABLES = """SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
             WHERE schemaname IN ('geoapp', 'private') ORDER BY 1"""


def fill(server: Server) -> None:
    with psycopg.connect(server.conninfo("geoapp_owner")) as connection:
        for number in range(1, 6):
            connection.execute(
                "INSERT INTO geoapp.city (code, names, pack) VALUES (%s, %s, '{}')",
                (f"city{number}", orjson.dumps({"zh": "深圳", "en": "Shenzhen"}).decode()),
            )
        connection.execute("DELETE FROM geoapp.city WHERE code = 'city5'")
        connection.execute(
            "INSERT INTO geoapp.site (city_id, kind, key, point)"
            " SELECT id, 'spot', code, ST_SetSRID(ST_MakePoint(114.05 + id, 22.54), 4326) FROM geoapp.city"
        )
        connection.execute(
            "INSERT INTO geoapp.cell_delta (city_id, audience, x, y, n, open, late, settled, sum_x, sum_y, sum_id)"
            " SELECT id, 'hidden', 1, 2, 1, 1, 0, 0, 5, 6, 7 FROM geoapp.city"
        )


def photos(settings: Settings) -> Path:
    folder = backups.photo_folder(settings) / "ab"
    folder.mkdir(parents=True)
    (folder / "台阶.jpg").write_bytes(bytes(range(256)) * 100)
    (folder / "empty").write_bytes(b"")
    return folder


def contents(server: Server) -> dict[str, object]:
    """A digest of the ordered rows of each table, and where each sequence stands."""
    with psycopg.connect(server.conninfo(SUPERUSER)) as connection:
        tables = [name for (name,) in connection.execute(TABLES)]
        digest = "SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {} t"
        found: dict[str, object] = {
            name: connection.execute(sql.SQL(digest).format(sql.SQL(name))).fetchone() for name in tables
        }
        sequences = "SELECT schemaname, sequencename, last_value FROM pg_sequences ORDER BY 1, 2"
        return found | {"sequences": connection.execute(sequences).fetchall()}


def schema(server: Server) -> list[str]:
    command = [binaries() / "pg_dump", "--schema-only", "--dbname", server.conninfo(SUPERUSER)]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    # Recent releases frame the script with a random word.
    return [line for line in text.splitlines() if not line.startswith(("\\restrict", "\\unrestrict"))]


def database_rights(server: Server) -> object:
    query = "SELECT datacl::text, datdba::regrole::text, datcollate, datallowconn FROM pg_database WHERE datname = %s"
    with psycopg.connect(server.conninfo(SUPERUSER, "postgres")) as connection:
        return connection.execute(query, (server.database,)).fetchone()


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def databases(server: Server) -> set[str]:
    with psycopg.connect(server.conninfo(SUPERUSER, "postgres")) as connection:
        names = {name for (name,) in connection.execute("SELECT datname FROM pg_database")}
    # Other tests come and go on the same server.
    return {name for name in names if name == server.database or name.startswith(f"{server.database}_")}


@pytest.fixture
def saved(database: Server, settings: Settings, tmp_path: Path) -> Path:
    fill(database)
    photos(settings)
    path = tmp_path / "saved.tar"
    backups.backup(database, settings, path)
    return path


def test_comes_back_equal(database: Server, settings: Settings, saved: Path) -> None:
    before = contents(database), schema(database), database_rights(database), files(settings.data_dir)
    with psycopg.connect(database.conninfo("geoapp_owner")) as connection:
        connection.execute("DELETE FROM geoapp.site")
        connection.execute("UPDATE geoapp.city SET code = code || 'x'")
        connection.execute("DROP TABLE geoapp.cell_total")
    (backups.photo_folder(settings) / "ab" / "empty").write_bytes(b"changed")
    assert contents(database) != before[0]

    backups.restore(database, settings, saved)

    after = contents(database), schema(database), database_rights(database), files(settings.data_dir)
    for was, now in zip(before, after, strict=True):
        assert now == was
    assert databases(database) == {database.database}
    # The next row goes on from where the saved sequence stood, not from the last row.
    with psycopg.connect(database.conninfo("geoapp_owner")) as connection:
        row = connection.execute(
            "INSERT INTO geoapp.city (code, names, pack) VALUES ('next', '{}', '{}') RETURNING id"
        ).fetchone()
    assert row == (6,)


def test_a_connected_session_does_not_hold_it_up(database: Server, settings: Settings, saved: Path) -> None:
    with psycopg.connect(database.conninfo("geoapp_web")) as idle:
        idle.execute("SELECT 1")
        backups.restore(database, settings, saved)
        with pytest.raises(psycopg.OperationalError):
            idle.execute("SELECT 1")


def test_a_backup_is_for_its_owner_alone_and_leaves_nothing_beside(saved: Path) -> None:
    assert saved.stat().st_mode & 0o077 == 0
    assert [path.name for path in saved.parent.iterdir() if path.name.startswith(".geoapp")] == []


def test_tickets_are_replaced_only_when_told(database: Server, settings: Settings, saved: Path) -> None:
    with psycopg.connect(database.conninfo(SUPERUSER)) as connection:
        # What a ticket needs is another test's matter: one row is all that counts here.
        columns = (
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'geoapp' AND table_name = 'ticket'"
        )
        for (name,) in connection.execute(columns + " AND is_nullable = 'NO' AND column_name <> 'id'").fetchall():
            connection.execute(
                sql.SQL("ALTER TABLE geoapp.ticket ALTER COLUMN {} DROP NOT NULL").format(sql.Identifier(name))
            )
        connection.execute("INSERT INTO geoapp.ticket DEFAULT VALUES")
    with pytest.raises(BackupInvalid, match="--replace"):
        backups.restore(database, settings, saved)
    backups.restore(database, settings, saved, replace=True)
    with psycopg.connect(database.conninfo("geoapp_web")) as connection:
        assert connection.execute("SELECT count(*) FROM geoapp.ticket").fetchone() == (0,)


Members = list[tuple[tarfile.TarInfo, bytes]]


def read(path: Path) -> Members:
    with tarfile.open(path) as tar:
        return [(member, file.read() if (file := tar.extractfile(member)) else b"") for member in tar]


def write(path: Path, members: Members) -> None:
    with tarfile.open(path, "w") as tar:
        for member, content in members:
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))


def named(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


def changed(members: Members) -> Members:
    return [
        (member, content[:-1] + bytes([content[-1] ^ 1]) if member.name == backups.DUMP else content)
        for member, content in members
    ]


def of_a_later_release(members: Members) -> Members:
    def later(content: bytes) -> bytes:
        return orjson.dumps(orjson.loads(content) | {"migration": "9999"})

    return [(member, later(content) if member.name == backups.MANIFEST else content) for member, content in members]


DAMAGES: dict[str, Callable[[Members], Members]] = {
    "changed": changed,
    "later release": of_a_later_release,
    "no manifest": lambda members: [pair for pair in members if pair[0].name != backups.MANIFEST],
    "no dump": lambda members: [pair for pair in members if pair[0].name != backups.DUMP],
    "photo missing": lambda members: [pair for pair in members if not pair[0].name.startswith("files/")],
    "photo nobody vouches for": lambda members: [*members, (named("files/more.jpg"), b"x")],
    "climbs out": lambda members: [*members, (named("files/../../out"), b"x")],
    "absolute": lambda members: [*members, (named("/tmp/out"), b"x")],
    "twice": lambda members: [*members, members[0]],
    "symbolic link": lambda members: [*members, (named("files/link", tarfile.SYMTYPE, "/etc/passwd"), b"")],
    "hard link": lambda members: [*members, (named("files/link", tarfile.LNKTYPE, "/etc/passwd"), b"")],
    "device": lambda members: [*members, (named("files/device", tarfile.CHRTYPE), b"")],
    "odd manifest": lambda members: [(m, b"[]" if m.name == backups.MANIFEST else c) for m, c in members],
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_no_backup_changes_nothing(damage: str, database: Server, settings: Settings, saved: Path) -> None:
    before = contents(database), files(settings.data_dir), databases(database)
    write(saved, DAMAGES[damage](read(saved)))
    with pytest.raises(BackupInvalid):
        backups.restore(database, settings, saved)
    assert (contents(database), files(settings.data_dir), databases(database)) == before


@pytest.mark.parametrize("keep", [0, 100, 5000, -600])
def test_cut_short_is_refused(keep: int, database: Server, settings: Settings, saved: Path) -> None:
    saved.write_bytes(saved.read_bytes()[:keep] if keep >= 0 else saved.read_bytes()[: saved.stat().st_size // 2])
    with pytest.raises(BackupInvalid):
        backups.restore(database, settings, saved)


@pytest.fixture(autouse=True)
def nothing_left_in_data_dir(settings: Settings) -> Iterator[None]:
    yield
    assert not list(settings.data_dir.glob(".restore-*"))
