"""Test runs that were killed leave nothing in memory."""

from __future__ import annotations

import fcntl
from pathlib import Path

from tests.databases import PREFIX, USED, sweep


def test_what_nobody_uses_is_removed_and_what_somebody_uses_stays(tmp_path: Path) -> None:
    for name in (f"{PREFIX}killed", f"{PREFIX}running", f"{PREFIX}beginning", "another"):
        (tmp_path / name / "c" / "data").mkdir(parents=True)
        if name != f"{PREFIX}beginning":
            (tmp_path / name / USED).touch()
    with (tmp_path / f"{PREFIX}running" / USED).open() as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        sweep(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["another", f"{PREFIX}beginning", f"{PREFIX}running"]
