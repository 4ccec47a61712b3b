"""The files of one folder exchanged for others, with a way back; the folder itself stays, for it may be a disk."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

OLD: Final = "old"
NEW: Final = "new"


class Exchange:
    """What is in a folder and what is to be in it, both on the folder's own disk, so that moving is renaming."""

    def __init__(self, folder: Path, stage: Path) -> None:
        self._folder, self._stage = folder, stage
        self._moved: list[tuple[Path, Path]] = []

    def swap(self) -> None:
        """Put the new in place of the old; an entry that cannot be moved leaves everything as it was.

        Raises:
            OSError: why it cannot.
        """
        try:
            self._move(self._folder, self._stage / OLD)
            self._move(self._stage / NEW, self._folder)
        except OSError:
            self.undo()
            raise

    def undo(self) -> None:
        """Move everything back to where it was."""
        while self._moved:
            source, target = self._moved.pop()
            target.rename(source)

    def _move(self, source: Path, target: Path) -> None:
        for entry in sorted(source.iterdir()):
            if entry != self._stage:
                entry.rename(target / entry.name)
                self._moved.append((entry, target / entry.name))


@contextmanager
def exchange(folder: Path, new: Path) -> Iterator[Exchange]:
    """Bring the files of `new` to the folder's disk, ready to take the place of those in it; tidied up at the end.

    Raises:
        OSError: there is no room, or the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=folder) as name:
        stage = Path(name)
        (stage / OLD).mkdir()
        shutil.move(new, stage / NEW)
        yield Exchange(folder, stage)
