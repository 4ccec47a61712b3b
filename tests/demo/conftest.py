"""What the demo's tests share: the ground of a seed is made once, few tickets are pictured, a folder of one's own."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pytest

from geoapp.demo import aftermath, town
from geoapp.demo import ground as made

GROUND = lru_cache(made.make)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, bay_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the installation keeps its things; what files of the town's ground would be alike are made once."""
    (bay_folder / "index").mkdir(exist_ok=True)
    (tmp_path / "index").symlink_to(bay_folder / "index")
    monkeypatch.setenv("GEOAPP_DATA_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture(autouse=True)
def one_ground(monkeypatch: pytest.MonkeyPatch) -> None:
    """To make the ground takes longer than most of what is tested on it."""
    monkeypatch.setattr(town, "make_ground", GROUND)
    monkeypatch.setattr(aftermath, "PICTURED", 20)
