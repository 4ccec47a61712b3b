"""What a backup brings back equals what was saved; what is no backup is refused and changes nothing."""

from __future__ import annotations

import io
import re
import subprocess
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import orjson
import psycopg
import pytest
from psycopg import sql
from sqlalchemy import text

from geoapp.city import city_from
from geoapp.errors import BackupInvalid
from geoapp.intake.path import take
from geoapp.settings import Settings
from geoapp.store import backup as backups
from geoapp.store import cells, runs
from geoapp.store import photos as stored_photos
from geoapp.store.cluster import SUPERUSER, Server, binaries
from geoapp.store.database import Database
from importers.base import Rejected, Report, Reporter, Standing
from tests.pages.conftest import PACK, load

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

    fill_the_rest(server)


# What no path writes yet, or writes only on the way; of tables that are not there yet, nothing.
REST = {
    "geoapp.area_lineage": """INSERT INTO geoapp.area_lineage SELECT v.id, k.id, k.id, 0.5
        FROM geoapp.layer_version v, geoapp.area_key k LIMIT 3""",
    "geoapp.asset": """INSERT INTO geoapp.asset (city_id, layer_version_id, layer, code, version, class, names, geom)
        SELECT city_id, id, 'lamps', 'L1', 1, 'lamp', '{}', ST_SetSRID(ST_MakePoint(114.5, 20.5), 4326)
        FROM geoapp.layer_version LIMIT 1""",
    "geoapp.repair": """INSERT INTO geoapp.repair (city_id, site_id, ticket_id, assisting, started_at)
        SELECT city_id, site_id, id, '{1,2}', now() FROM geoapp.ticket LIMIT 5""",
    "geoapp.repair_event": """INSERT INTO geoapp.repair_event (repair_id, name, actor, codes)
        SELECT id, 'record', 'source:works', '{}' FROM geoapp.repair""",
    "geoapp.repair_note": """INSERT INTO geoapp.repair_note (event_id, body)
        SELECT id, '换了盖板' FROM geoapp.repair_event""",
    "geoapp.run_count": "INSERT INTO geoapp.run_count SELECT id, gen_random_uuid(), 2 FROM geoapp.run",
    "geoapp.rate": "INSERT INTO geoapp.rate VALUES (gen_random_uuid(), now(), 3)",
    "geoapp.alias": """INSERT INTO geoapp.alias (city_id, name, point, radius_m, reason, actor)
        SELECT id, '深大', ST_SetSRID(ST_MakePoint(114.5, 20.5), 4326), 50, 'said so', 'desk' FROM geoapp.city""",
    "geoapp.list_batch": """INSERT INTO geoapp.list_batch (city_id, list, number, in_force_from, author, reason)
        SELECT id, 'catalogue', 1, now(), 'desk', 'the first' FROM geoapp.city""",
    "geoapp.list_line": """INSERT INTO geoapp.list_line (batch_id, code, removed, fields)
        SELECT id, 'pothole', false, '{"code": "pothole"}' FROM geoapp.list_batch""",
    "geoapp.geocoded": """INSERT INTO geoapp.geocoded SELECT id, 'amap', gen_random_uuid(), '{"x": 1}', now(), now()
        FROM geoapp.city""",
    "geoapp.geocoder_use": "INSERT INTO geoapp.geocoder_use VALUES (gen_random_uuid(), now(), now(), 1, 0)",
    "geoapp.reminder": """INSERT INTO geoapp.reminder (city_id, ticket_id, clock, nth, step, event, due_at, role)
        SELECT city_id, ticket_id, name, nth, 0, 'due_soon', due_at, 'dispatcher' FROM geoapp.clock""",
    "geoapp.ticket_mark": "INSERT INTO geoapp.ticket_mark SELECT id, 'reminded', now() FROM geoapp.ticket",
    "geoapp.ticket_link": """INSERT INTO geoapp.ticket_link (ticket_id, kind, other_id)
        SELECT min(id), 'older', max(id) FROM geoapp.ticket""",
    "geoapp.assisting": "INSERT INTO geoapp.assisting SELECT k.id, u.id FROM geoapp.ticket k, geoapp.unit u",
    "geoapp.due_move": "INSERT INTO geoapp.due_move SELECT id, 'archive', now() FROM geoapp.ticket",
    "geoapp.rating": """INSERT INTO geoapp.rating (ticket_id, satisfied, speed, actor, rated_at)
        SELECT id, true, 5, 'reporter', now() FROM geoapp.ticket""",
    "geoapp.dispute": """INSERT INTO geoapp.dispute (city_id, ticket_id, proposal_id, reason, rule, opened_at, due_at)
        SELECT k.city_id, k.id, u.id, 'not_ours', '{"line": "a"}', now(), now() FROM geoapp.ticket k, geoapp.unit u""",
    "geoapp.list_proposal": """INSERT INTO geoapp.list_proposal
        (city_id, dispute_id, matter_id, unit_id, ground, actor, made_at)
        SELECT d.city_id, d.id, k.matter_id, d.proposal_id, 'by_list', 'account:1', now()
        FROM geoapp.dispute d JOIN geoapp.ticket k ON k.id = d.ticket_id""",
    "geoapp.consultation": """INSERT INTO geoapp.consultation (city_id, ticket_id, unit_ids, event_id, actor, made_at)
        SELECT city_id, ticket_id, '{1,2}', 1, 'account:1', now() FROM geoapp.dispute""",
    "geoapp.lead": """INSERT INTO geoapp.lead (report_id, city_id, state, changed_at)
        SELECT id, city_id, 'found', now() FROM geoapp.report""",
    "geoapp.calendar_day": """INSERT INTO geoapp.calendar_day (city_id, day, works, why, who)
        SELECT id, '2026-03-04', false, '台风', 'shell:dora' FROM geoapp.city""",
    "private.account": "INSERT INTO private.account (login, name, recovery) VALUES ('dora', '朵拉', '{a,b}')",
    "private.role_held": """INSERT INTO private.role_held (account_id, role, city_id)
        SELECT a.id, 'dispatcher', c.id FROM private.account a, geoapp.city c""",
    "private.session": """INSERT INTO private.session (account_id, digest, ends_at)
        SELECT id, 'digest', now() FROM private.account""",
    "private.link": "INSERT INTO private.link (account_id, digest, ends_at) SELECT id, 'd', now() FROM private.account",
    "private.token": """INSERT INTO private.token (account_id, name, digest, scopes, ends_at)
        SELECT id, 'feed', 'd', '{use_api}', now() FROM private.account""",
    "private.filed": """INSERT INTO private.filed (report_id, city_id, account_id)
        SELECT r.id, r.city_id, a.id FROM private.account a, geoapp.report r LIMIT 3""",
    "private.look": """INSERT INTO private.look (city_id, account_id, report_id, what, why)
        SELECT c.id, a.id, 1, 'reporter', 'call back' FROM private.account a, geoapp.city c""",
    "private.deed": """INSERT INTO private.deed (what, account_id, said)
        SELECT 'locked', id, '{"reason": "left"}' FROM private.account""",
}


def fill_the_rest(server: Server) -> None:
    """Rows of every kind: most by the path that writes them, those in REST by hand."""
    db = Database(server)
    city = load(db, city_from(PACK))
    take(db.bulk, city, "probe", list(_reports()))
    with db.bulk.begin() as connection:
        run = runs.begin(connection, city.id, "probe", ["a.csv"], {})
        row = Rejected(7, "bad_date", "no day", {"when": "the 31st of June", "phone": "13800138000"})
        runs.keep_rejected(connection, city.id, "probe", run, [("a.csv", row)])
        cells.fold(connection, 5)
        report = connection.execute(text("SELECT min(id) FROM geoapp.report")).scalar_one()
    with db.web.begin() as connection:
        stored_photos.add(connection, uuid4(), report, 640, 480, "digest")
    db.close()
    with psycopg.connect(server.conninfo(SUPERUSER)) as connection:
        for table, statement in REST.items():
            if connection.execute("SELECT to_regclass(%s)", (table,)).fetchone() != (None,):
                connection.execute(statement.encode())


def _reports() -> Iterator[Report]:
    said = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(40):
        yield Report(
            ref=str(number), said_at=said, body="请打电话 13800138000，台阶坏了", x=114.01 + number / 50, y=20.5,
            matter="Step", unit="U1", unit_name="Unit One", public=number % 4 != 0,
            standing=Standing("closed", said, "repaired", "已修好\n换了石板") if number % 2 else None,
            reporter=Reporter("王某", "13900139000", "w@example.com"), measured=(("height", 3.5, "cm"),),
            link="https://posts.example/1", pictures=("https://posts.example/1.jpg",), about="0",
        )  # fmt: skip


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


def test_what_is_saved_holds_rows_of_every_table(database: Server, settings: Settings) -> None:
    fill(database)
    empty = [name for name, found in contents(database).items() if name != "sequences" and found[0] == 0]  # type: ignore[index]
    assert empty == []


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
        connection.execute("DELETE FROM geoapp.photo")
        connection.execute("UPDATE geoapp.city SET code = code || 'x'")
        connection.execute("DROP TABLE geoapp.cell_total")
    (backups.photo_folder(settings) / "ab" / "empty").write_bytes(b"changed")
    assert contents(database) != before[0]

    backups.restore(database, settings, saved, replace=True)

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
        backups.restore(database, settings, saved, replace=True)
        with pytest.raises(psycopg.OperationalError):
            idle.execute("SELECT 1")


def test_a_backup_is_for_its_owner_alone_and_leaves_nothing_beside(saved: Path) -> None:
    assert saved.stat().st_mode & 0o077 == 0
    assert [path.name for path in saved.parent.iterdir() if path.name.startswith(".geoapp")] == []


def test_tickets_are_replaced_only_when_told(database: Server, settings: Settings, saved: Path) -> None:
    with psycopg.connect(database.conninfo("geoapp_web")) as connection:
        connection.execute("UPDATE geoapp.ticket SET urgent = true")
    with pytest.raises(BackupInvalid, match="--replace"):
        backups.restore(database, settings, saved)
    with psycopg.connect(database.conninfo("geoapp_web")) as connection:
        urgent = "SELECT count(*) FILTER (WHERE urgent) FROM geoapp.ticket"
        assert connection.execute(urgent).fetchone() == (40,)
    backups.restore(database, settings, saved, replace=True)
    with psycopg.connect(database.conninfo("geoapp_web")) as connection:
        assert connection.execute(urgent).fetchone() == (0,)


def test_no_password_is_seen_in_the_list_of_processes(database: Server, settings: Settings, tmp_path: Path) -> None:
    fill(database)
    known = Server(database.base.set(password="s3cret-word", host="localhost"), database.private)
    seen, done = set(), threading.Event()

    def look() -> None:
        while not done.is_set():
            for entry in Path("/proc").glob("[0-9]*/cmdline"):
                with suppress(OSError):
                    words = entry.read_bytes()
                    if database.database.encode() in words and b"pg_" in words:
                        seen.add(words.decode().replace("\0", " "))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        backups.backup(known, settings, tmp_path / "saved.tar")
        backups.restore(known, settings, tmp_path / "saved.tar", replace=True)
    finally:
        done.set()
        looking.join()
    assert {"pg_dump", "pg_restore"} <= {word for words in seen for word in re.findall(r"pg_\w+", words)}
    assert not [words for words in seen if "s3cret-word" in words]


@contextmanager
def mounted(folder: Path) -> Iterator[None]:
    """Another file system at that folder."""
    folder.mkdir(parents=True, exist_ok=True)
    if subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder], capture_output=True, check=False).returncode:
        pytest.skip("this account may not mount")
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


def test_photos_on_a_disk_of_their_own_come_back(database: Server, settings: Settings, tmp_path: Path) -> None:
    with mounted(backups.photo_folder(settings)):
        fill(database)
        folder = photos(settings)
        backups.backup(database, settings, tmp_path / "saved.tar")
        before = files(settings.data_dir)
        (folder / "empty").write_bytes(b"changed")
        (folder.parent / "later.jpg").write_bytes(b"later")
        backups.restore(database, settings, tmp_path / "saved.tar", replace=True)
        assert files(settings.data_dir) == before
        assert backups.photo_folder(settings).is_mount()


def test_photos_behind_a_link_come_back_behind_it(database: Server, settings: Settings, tmp_path: Path) -> None:
    (elsewhere := tmp_path / "disk").mkdir()
    settings.data_dir.mkdir()
    backups.photo_folder(settings).symlink_to(elsewhere)
    fill(database)
    photos(settings)
    backups.backup(database, settings, tmp_path / "saved.tar")
    before = files(elsewhere)
    (elsewhere / "ab" / "empty").unlink()
    backups.restore(database, settings, tmp_path / "saved.tar", replace=True)
    assert files(elsewhere) == before and backups.photo_folder(settings).is_symlink()


def test_photos_that_cannot_be_replaced_leave_everything_as_it_was(
    database: Server, settings: Settings, saved: Path
) -> None:
    with psycopg.connect(database.conninfo("geoapp_web")) as connection:
        connection.execute("UPDATE geoapp.ticket SET urgent = true")
    root = backups.photo_folder(settings)
    (root / "aa").mkdir()
    (root / "aa" / "one.jpg").write_bytes(b"1")
    with mounted(root / "zz"):
        (root / "zz" / "two.jpg").write_bytes(b"2")
        before = contents(database), files(settings.data_dir), databases(database)
        with pytest.raises(BackupInvalid, match="photos"):
            backups.restore(database, settings, saved, replace=True)
        assert (contents(database), files(settings.data_dir), databases(database)) == before
    with psycopg.connect(database.conninfo("geoapp_web")) as connection:
        assert connection.execute("SELECT bool_and(urgent) FROM geoapp.ticket").fetchone() == (True,)


def test_a_photo_that_is_just_being_kept_is_no_part_of_a_backup(
    database: Server, settings: Settings, tmp_path: Path
) -> None:
    folder = photos(settings)
    (folder / ".half").write_bytes(b"half")
    manifest = backups.backup(database, settings, tmp_path / "saved.tar")
    assert not [name for name in manifest.parts if ".half" in name]


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
        backups.restore(database, settings, saved, replace=True)
    assert (contents(database), files(settings.data_dir), databases(database)) == before


@pytest.mark.parametrize("keep", [0, 100, 5000, -600])
def test_cut_short_is_refused(keep: int, database: Server, settings: Settings, saved: Path) -> None:
    saved.write_bytes(saved.read_bytes()[:keep] if keep >= 0 else saved.read_bytes()[: saved.stat().st_size // 2])
    with pytest.raises(BackupInvalid):
        backups.restore(database, settings, saved, replace=True)


@pytest.fixture(autouse=True)
def nothing_left_in_data_dir(settings: Settings) -> Iterator[None]:
    yield
    assert not list(settings.data_dir.rglob(".restore*"))
