"""A run reads files in any order and number, keeps what it cannot use, and notices when its server was lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

import importers
from geoapp.city import City
from geoapp.intake import path as path_module
from geoapp.intake import reading
from geoapp.intake.reading import batches
from geoapp.intake.run import run, run_again
from geoapp.records import Tally
from geoapp.store import runs
from importers.base import Importer
from tests.make import as_owner

MAPPING = """
source = "{source}"
time_zone = "Asia/Shanghai"
[columns]
{ref}
said_at = "at"
body = "body"
category = "category"
x = "x"
y = "y"
status = "status"
status_at = "status_at"
[states]
"open" = "in_hand"
"done" = "closed"
{more}
"""
HEADER = "ref,at,body,category,x,y,status,status_at"


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Importer]:
    """Makes the importer of a mapping with references or without, and with more words of states."""

    def made(ref: bool = True, more: str = "") -> Importer:
        path = tmp_path / "mapping.toml"
        column = 'ref = "ref"' if ref else ""
        path.write_text(MAPPING.format(source="hotline", ref=column, more=more), "utf-8")
        return importers.create("table", {"mapping": str(path)})

    return made


def write(path: Path, *rows: str) -> Path:
    path.write_text("\n".join([HEADER, *rows]) + "\n", "utf-8")
    return path


def row(ref: str, body: str = "a hole", category: str = "Road", status: str = "", at: str = "") -> str:
    return f"{ref},2024-01-04 08:00,{body},{category},113.95,22.55,{status},{at}"


def one(engine: Engine, query: str) -> Any:
    with engine.connect() as connection:
        return connection.execute(text(query)).scalar_one()


def imported(engine: Engine, city: City, importer: Importer, files: Sequence[Path]) -> Tally:
    return run(engine, city, importer, files)


def test_a_row_with_a_name_too_long_for_a_key_is_kept_and_the_rest_goes_on(
    engine: Engine, city: City, table: Callable[..., Importer], tmp_path: Path
) -> None:
    file = write(tmp_path / "a.csv", row("1", category="\U0001f573" * 500), row("2"))
    tally = imported(engine, city, table(), [file])
    assert (tally.opened, tally.rejected) == (1, {"too_long": 1})


def test_one_file_named_twice_in_a_run_is_one_file(
    engine: Engine, city: City, table: Callable[..., Importer], tmp_path: Path
) -> None:
    january = write(tmp_path / "jan.csv", row("1"), row("1"), row("1", body="other"))
    both = write(tmp_path / "jan-feb.csv", row("1"), row("1"), row("1", body="other"), row("1", body="february"))
    tally = imported(engine, city, table(ref=False), [january, january, both])
    assert (tally.opened, tally.seen) == (4, 6)


def test_a_batch_ends_before_it_weighs_too_much(
    table: Callable[..., Importer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "BATCH_CHARACTERS", 1000)
    file = write(tmp_path / "a.csv", *(row(str(at), body="x" * 300) for at in range(10)))
    assert [len(batch.said) for batch in batches(table(), [file], 100)] == [4, 4, 2]
    assert [batch.first for batch in batches(table(), [file], 100)] == [True, False, False]


def test_a_row_taken_up_again_does_not_undo_what_its_source_has_said_since(
    engine: Engine, city: City, table: Callable[..., Importer], tmp_path: Path
) -> None:
    imported(engine, city, table(), [write(tmp_path / "a.csv", row("1", status="unheard of"))])
    imported(engine, city, table(), [write(tmp_path / "b.csv", row("1", body="mended", status="done"))])
    mended = table(more='"unheard of" = "in_hand"')
    assert run_again(engine, city, mended).updated == 1
    assert one(engine, "SELECT state FROM geoapp.ticket") == "closed"


def test_a_row_without_reference_taken_up_again_is_one_more_of_its_words(
    engine: Engine, city: City, table: Callable[..., Importer], tmp_path: Path
) -> None:
    file = write(tmp_path / "a.csv", row("", status="open"), row("", status="opened"))
    assert imported(engine, city, table(ref=False), [file]).opened == 1
    mended = table(ref=False, more='"opened" = "in_hand"')
    assert run_again(engine, city, mended).opened == 1
    assert run_again(engine, city, mended).read == 0
    assert imported(engine, city, mended, [file]).seen == 2


def test_a_row_taken_up_again_is_settled_with_its_report_or_not_at_all(
    engine: Engine, city: City, table: Callable[..., Importer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(engine, city, table(ref=False), [write(tmp_path / "a.csv", row("", status="opened"))])
    mended = table(ref=False, more='"opened" = "in_hand"')

    def dies(*_: object) -> None:
        raise RuntimeError("the power went")

    with monkeypatch.context() as patch:
        patch.setattr(path_module, "_carry_out", dies)
        with pytest.raises(RuntimeError):
            run_again(engine, city, mended)
    assert one(engine, "SELECT count(*) FROM private.rejected WHERE settled_at IS NULL") == 1
    assert run_again(engine, city, mended).opened == 1


def test_the_counts_of_a_run_that_was_killed_are_dropped_by_the_next(
    engine: Engine, city: City, table: Callable[..., Importer], tmp_path: Path
) -> None:
    with engine.begin() as connection:
        dead = runs.begin(connection, city.id, "hotline", ["x"], {})
        connection.execute(text("INSERT INTO geoapp.run_count VALUES (:run, gen_random_uuid(), 3)"), {"run": dead})
    imported(engine, city, table(ref=False), [write(tmp_path / "a.csv", row(""))])
    assert one(engine, "SELECT count(*) FROM geoapp.run_count") == 0


def test_the_counts_of_a_run_that_goes_on_are_left_to_it(engine: Engine, city: City) -> None:
    with engine.begin() as connection:
        first, second = (runs.begin(connection, city.id, "hotline", ["x"], {}) for _ in range(2))
    with runs.alive(engine, first):
        with engine.begin() as connection:
            connection.execute(text("INSERT INTO geoapp.run_count VALUES (:run, gen_random_uuid(), 3)"), {"run": first})
        with runs.alive(engine, second):
            assert one(engine, "SELECT count(*) FROM geoapp.run_count") == 1


def test_a_run_whose_server_went_away_stops_though_the_server_is_back(engine: Engine, city: City) -> None:
    with engine.begin() as connection:
        run_id = runs.begin(connection, city.id, "hotline", ["x"], {})
    with runs.alive(engine, run_id) as still_up:
        still_up()
        with engine.begin() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> "
                    "pg_backend_pid() AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
                )
            )
        with pytest.raises(DBAPIError):
            still_up()


def test_a_body_too_long_to_show_is_kept_whole_where_the_entitled_read_it(
    engine: Engine, city: City, table: Callable[..., Importer], tmp_path: Path
) -> None:
    imported(engine, city, table(), [write(tmp_path / "a.csv", row("1", body="x" * 30_000))])
    assert one(engine, "SELECT length(body) FROM geoapp.report_text") == 20_000
    with as_owner(engine) as connection:
        assert connection.execute(text("SELECT length(body) FROM private.original")).scalar_one() == 30_000
