"""The files of one folder exchanged for others, with a way back; the folder itself stays, for it may be a disk."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from geoapp.errors import BackupInvalid

OLD: Final = "old"
NEW: Final = "new"


class Exchange:
    """What is in a folder and what is to be in it, both on the folder's own disk, so that moving is renaming."""

    def __init__(self, folder: Path, stage: Path) -> None:
        self._folder, self._stage = folder, stage
        self._moved: list[tuple[Path, Path]] = []
        self.halfway = False

    def swap(self) -> None:
        """Put the new in place of the old; an entry that cannot be moved leaves everything as it was.

        Raises:
            BackupInvalid: why it cannot.
        """
        self.halfway = True
        try:
            self._move(self._folder, self._stage / OLD)
            self._move(self._stage / NEW, self._folder)
            self.halfway = False
        except OSError as error:
            self.undo()
            raise _refused(self._folder, error) from error

    def undo(self) -> None:
        """Move everything back to where it was."""
        self.halfway = True
        while self._moved:
            source, target = self._moved.pop()
            target.rename(source)
        self.halfway = False

    def _move(self, source: Path, target: Path) -> None:
        for entry in sorted(source.iterdir()):
            if entry != self._stage:
                entry.rename(target / entry.name)
                self._moved.append((entry, target / entry.name))


@contextmanager
def exchange(folder: Path, new: Path) -> Iterator[Exchange]:
    """Bring the files of `new` to the folder's disk, ready to take the place of those in it; tidied up at the end.

    Raises:
        BackupInvalid: there is no room, or the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(prefix=".restore-", dir=folder))
    except OSError as error:
        raise _refused(folder, error) from error
    made = Exchange(folder, stage)
    try:
        try:
            (stage / OLD).mkdir()
            shutil.move(new, stage / NEW)
        except OSError as error:
            raise _refused(folder, error) from error
        yield made
    finally:
        # What could not even be moved back lies there still, and nowhere else.
        if not made.halfway:
            shutil.rmtree(stage, ignore_errors=True)


def _refused(folder: Path, error: OSError) -> BackupInvalid:
    return BackupInvalid(f"The files in {folder} cannot be replaced: {error}")
