"""The installation's own processes as the bench starts them: the web server, an import beside it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from geoapp.bench import town
from geoapp.city import City
from geoapp.store.cluster import SUPERUSER, Server

_WAIT_S: Final = 60.0


def environment(server: Server, city: City, folder: Path) -> dict[str, str]:
    """What the processes of a bench are told: a database and a port of their own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {
        "DATABASE_URL": server.url(SUPERUSER), "DATA_DIR": str(folder / "data"), "CITY": city.code,
        "HOST": "127.0.0.1", "PORT": str(port), "REPORTS_PER_HOUR": "1000000", "LOG_LEVEL": "WARNING",
    }  # fmt: skip
    return os.environ | {f"GEOAPP_{name}": value for name, value in own.items()}


@contextmanager
def serving(settings: dict[str, str]) -> Iterator[int]:
    """The web server, until it is no longer needed; gives its port."""
    port = int(settings["GEOAPP_PORT"])
    with _running([sys.executable, "-m", "geoapp.serve", "web"], settings) as process:
        deadline = time.monotonic() + _WAIT_S
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the web server did not come up")
            time.sleep(0.1)
        yield port


@contextmanager
def importing(settings: dict[str, str], folder: Path, path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """An import of a table of the bench's town by its own command, ended when no longer needed."""
    program = "from geoapp.cli import main; main()"
    command = [sys.executable, "-c", program, "import", "table", "--mapping", str(town.mapping(folder)), str(path)]
    with _running(command, settings) as process:
        yield process


@contextmanager
def _running(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    # Standard output is the bench's own.
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False
