"""The files of static/: each at an address that carries a digest of its content, so that it may be kept for ever."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Final

from geoapp.settings import CHECKOUT

FOLDER: Final = CHECKOUT / "static"
PREFIX: Final = "/static"
VERSION: Final = "v"
"""The word of the address that holds the digest."""


def url(name: str) -> str:
    """Where a page asks for a file."""
    return f"{PREFIX}/{name}?{VERSION}={digest(name)}"


def digest(name: str) -> str:
    """What stands for the content as it is now; empty where there is no such file."""
    path = FOLDER / name
    try:
        status = path.stat()
        return _digest(path, status.st_mtime_ns, status.st_size)
    except OSError:
        return ""


@lru_cache(maxsize=512)
def _digest(path: Path, changed: int, size: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
