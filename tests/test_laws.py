"""The laws of the house, read from its source: who imports whom, where SQL and Flask live, what is written down."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import procrastinate
import psycopg
import pytest
from sqlalchemy import create_engine

import importers
from geoapp import settings
from geoapp.assign.dispatch import Held
from geoapp.assign.three_lists import BatchState, ListKind
from geoapp.lifecycle import MOVES, Kind, LeadState, Outcome, State
from geoapp.records import Problem, Role, UnitKind
from geoapp.settings import CHECKOUT
from geoapp.store import bootstrap, rules
from geoapp.store.cluster import SUPERUSER, Server, binaries

# Rooms from the top down: each imports only itself and what stands above. What starts programs stands last.
ORDER = (
    ("errors",), ("settings",), ("statics",), ("city",), ("records",), ("locate",), ("assign",), ("lifecycle",), ("store",), ("people",),  # noqa: E501
    ("tickets",), ("intake",), ("planning",), ("notices",), ("demo",), ("mapview",), ("pages",),
    ("app", "bench", "cli", "commands", "health", "jobs", "logs", "serve", "worker"),
)  # fmt: skip
RANK = {room: rank for rank, rooms in enumerate(ORDER) for room in rooms}

# A source's record is known where reports travel; the register of sources only where one is chosen by name. How the
# cells of a sheet and the lines of a text are read is known where lists of people come in, too.
MAY_IMPORT = {
    "importers.base": {"store", "tickets", "intake", "bench", "demo", "pages", "commands"},
    "importers.rows": {"people", "commands"},
    "importers": {"commands", "bench"},
    "layers": {"intake", "demo", "mapview", "pages"},
}
SPEAK_SQL = {"store", "tickets"}
ASK_THE_SERVER = SPEAK_SQL | {"health", "bench"}
"""health asks the server how it is, bench measures it bare; neither reads what the house keeps by SQL of its own."""

NO_SQL = {"Engine", "Connection"}
"""What may be taken from sqlalchemy outside store and tickets (besides sqlalchemy.exc): words for types."""


def modules(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (CHECKOUT / folder).rglob("*.py"))


HOUSE = modules("geoapp", "importers", "layers")


def ids(path: Path) -> str:
    return str(path.relative_to(CHECKOUT))


def room(path: Path) -> str:
    return path.relative_to(CHECKOUT).with_suffix("").parts[1]


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """(line, module or module.name) of every import, wherever in the file it stands."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively"
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def top(name: str) -> str:
    return name.partition(".")[0]


def test_every_room_has_a_place_in_the_reading_order() -> None:
    assert {room(path) for path in modules("geoapp")} - {"__init__"} <= RANK.keys()


@pytest.mark.parametrize("path", modules("geoapp"), ids=ids)
def test_a_module_imports_only_what_stands_above_it(path: Path) -> None:
    wrong = [
        f"{path.name}:{line} {name}"
        for line, name in imports(path)
        if top(name) == "geoapp" and name.count(".") and RANK[name.split(".")[1]] > RANK.get(room(path), -1)
    ]
    assert wrong == []


@pytest.mark.parametrize("path", modules("importers", "layers"), ids=ids)
def test_importers_and_layers_know_neither_each_other_nor_geoapp_but_its_errors(path: Path) -> None:
    mine = path.relative_to(CHECKOUT).parts[0]
    ours = [name for _, name in imports(path) if top(name) in {"geoapp", "importers", "layers"} - {mine}]
    assert [name for name in ours if not name.startswith("geoapp.errors.")] == []


@pytest.mark.parametrize("path", modules("geoapp"), ids=ids)
def test_importers_and_layers_are_imported_only_where_reports_and_layers_come_in(path: Path) -> None:
    for line, name in imports(path):
        if top(name) in ("importers", "layers"):
            known = next((of for of in MAY_IMPORT if f"{name}.".startswith(f"{of}.") and "." in of), top(name))
            assert room(path) in MAY_IMPORT[known], f"{path.name}:{line} {name}"


@pytest.mark.parametrize("path", [path for path in HOUSE if room(path) not in SPEAK_SQL], ids=ids)
def test_sql_is_written_only_in_store_and_tickets(path: Path) -> None:
    found = [name for _, name in imports(path) if top(name) in ("sqlalchemy", "geoalchemy2")]
    strange = [n for n in found if not n.startswith("sqlalchemy.exc.") and n.rpartition(".")[2] not in NO_SQL]
    assert strange == []
    if room(path) in ASK_THE_SERVER:
        return
    calls = [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("execute", "executemany")
    ]
    assert calls == []


@pytest.mark.parametrize("path", [path for path in HOUSE if room(path) not in ("pages", "app")], ids=ids)
def test_flask_lives_only_in_pages_and_app(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    # A name that only the type checker reads is no import.
    typing = {
        child
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for child in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    found = [
        name for line, name in imports(path) if re.match(r"(flask|apiflask|werkzeug)", name) and line not in typing
    ]
    assert found == []


@pytest.mark.parametrize("path", [*HOUSE, *modules("tests", "migrations")], ids=ids)
def test_a_sentence_opens_each_module(path: Path) -> None:
    text = path.read_text("utf-8")
    if text.strip():
        opening = ast.get_docstring(ast.parse(text)) or ""
        assert opening and opening.split("\n\n")[0].rstrip().endswith((".", ":")), f"{path}: {opening[:60]!r}"


@pytest.mark.parametrize("setting", settings.TABLE, ids=lambda setting: setting.name)
def test_each_setting_is_in_the_readme(setting: settings.Setting) -> None:
    assert f"`{settings.PREFIX}{setting.name}`" in (CHECKOUT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", importers.names())
def test_each_importer_has_a_test_and_a_sample_it_reads(name: str) -> None:
    test = CHECKOUT / "tests" / "importers" / f"test_{name}.py"
    assert test.is_file()
    samples = [path.name for path in (CHECKOUT / "tests" / "samples").iterdir()]
    assert [sample for sample in samples if sample in test.read_text("utf-8")]


@pytest.mark.parametrize(
    "path", sorted([*(CHECKOUT / "templates").glob("*.html"), *(CHECKOUT / "static").glob("*.js")]), ids=ids
)
def test_files_of_static_are_named_by_their_digest_only(path: Path) -> None:
    assert "/static/" not in path.read_text("utf-8"), "use static(), or strings.files in a script"


# Whoever acts


def test_as_whom_a_transaction_acts_is_said_in_one_place_and_for_one_transaction() -> None:
    said = {path: path.read_text("utf-8") for path in HOUSE if "set_config(" in path.read_text("utf-8")}
    assert {ids(path) for path in said} <= {"geoapp/store/acting.py"}
    assert all(
        re.findall(r"set_config\([^)]*\)", text) == ["set_config('{name}', :v{nth}, true)"] for text in said.values()
    )
    # SET without LOCAL would outlive the transaction, and go on with the connection to whoever asks next.
    assert [ids(path) for path in HOUSE if re.search(r"\bSET (SESSION )?geoapp\.", path.read_text("utf-8"))] == []


@pytest.mark.parametrize("path", sorted((CHECKOUT / "geoapp" / "pages").glob("[a-z]*.py")), ids=ids)
def test_a_page_that_takes_a_right_is_made_with_it(path: Path) -> None:
    text = path.read_text("utf-8")
    assert re.search(r"^WHO: Final = \"", text, re.MULTILINE)
    made = re.search(r"^page = (?:site|api)_page\(__name__(, RIGHT)?\)$", text, re.MULTILINE)
    assert made is not None and (made[1] is not None) == bool(re.search(r"^RIGHT: Final = ", text, re.MULTILINE))


# The glossary


def glossary() -> dict[str, list[tuple[str, str]]]:
    """Code → the Chinese and English words it has."""
    rows = re.findall(
        r"^\| ([^|]+) \| ([^|]+) \| `([a-z_]+)` \|$",
        (CHECKOUT / "docs" / "glossary.md").read_text("utf-8"),
        re.MULTILINE,
    )
    found: dict[str, list[tuple[str, str]]] = {}
    for zh, en, code in rows:
        found.setdefault(code, []).append((zh, en))
    return found


CODES = [
    *Kind,
    *State,
    *Role,
    *UnitKind,
    *LeadState,
    *Outcome,
    *Problem,
    *ListKind,
    *BatchState,
    *Held,
    *(m.name for m in MOVES if not m.name.startswith("mirror_")),
]


@pytest.mark.parametrize("code", sorted({str(code) for code in CODES}))
def test_each_code_people_meet_has_its_words_in_both_languages(code: str) -> None:
    words = glossary()[code]
    assert all(re.search("[\u4e00-\u9fff]", zh) and re.fullmatch(r"[A-Za-z ()]+", en) for zh, en in words)


def test_the_lifecycle_says_the_glossarys_chinese_words() -> None:
    known = glossary()
    said = re.findall(
        r'^    [A-Z_]+ = "(\w+)"  # (.+)$', (CHECKOUT / "geoapp" / "lifecycle.py").read_text("utf-8"), re.MULTILINE
    )
    assert len(said) == len([*Kind, *State, *LeadState, *Outcome])
    assert [(code, zh) for code, zh in said if zh not in {word for word, _ in known[code]}] == []


# The database


def dump(server: Server, database: str) -> list[str]:
    program = binaries() / "pg_dump"
    connection = server.conninfo(SUPERUSER, database)
    # procrastinate's own schema is its pin's; another test holds it to that.
    foreign = ("--exclude-table=geoapp.alembic_version", "--exclude-schema=procrastinate")
    command = [program, "--schema-only", *foreign, "-d", connection]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    # Each statement stands by itself: objects that tie in pg_dump's order may come either way.
    parts = re.split(r"\n\n\n", re.sub(r"^\\(un)?restrict .*$", "", text, flags=re.MULTILINE))
    return sorted(part.strip() for part in parts if part.strip())


def test_the_tables_of_procrastinate_are_those_of_its_pin() -> None:
    """A new pin wants a migration: its own, from migrations/ of the package, and this file frozen beside it."""
    mine = (CHECKOUT / "migrations" / "versions" / "0015_procrastinate.sql").read_text("utf-8")
    schema = Path(procrastinate.__file__).parent / "sql" / "schema.sql"
    assert mine == schema.read_text("utf-8")


def test_the_migrations_add_up_to_the_tables_triggers_policies_and_grants_in_the_code(database: Server) -> None:
    name = f"{database.database}_made"
    with psycopg.connect(database.conninfo(SUPERUSER, "postgres"), autocommit=True) as connection:
        bootstrap.prepare(connection, name)
        try:
            engine = create_engine(database.url(bootstrap.OWNER, name))
            with engine.begin() as making:
                rules.create_all(making)
            engine.dispose()
            migrated, made = dump(database, database.database), dump(database, name)
        finally:
            bootstrap.drop_database(connection, name)
    assert [part for part in migrated if part not in made] == []
    assert [part for part in made if part not in migrated] == []
