"""Named arrays in one file, mapped into memory by every process that reads it, so that they share one copy."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from geoapp.errors import GeoappError

_MAGIC: Final = b"geoapp index 1\n"
_ALIGNED: Final = 64


class DamagedIndex(GeoappError):
    """The index file is damaged."""


def save(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write a file whole or not at all: nobody ever maps half of one, and two who write the same do no harm.

    Raises:
        OSError: the folder cannot be written.
    """
    head: dict[str, dict[str, Any]] = {}
    at = 0
    for name, array in arrays.items():
        head[name] = {"type": array.dtype.str, "shape": array.shape, "at": at}
        at += _padded(array.nbytes)
    text = json.dumps(head).encode()
    start = _start(len(text))
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(_MAGIC + len(text).to_bytes(8, "little") + text)
            for name, array in arrays.items():
                file.seek(start + head[name]["at"])
                file.write(np.ascontiguousarray(array).tobytes())
            file.truncate(start + at)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def load(path: Path) -> dict[str, NDArray[Any]]:
    """Map a file; its arrays cannot be written.

    Raises:
        FileNotFoundError: there is none.
        DamagedIndex: it is not what `save` wrote.
    """
    with path.open("rb") as file:
        beginning = file.read(len(_MAGIC) + 8)
        size = int.from_bytes(beginning[len(_MAGIC) :], "little")
        if not beginning.startswith(_MAGIC) or size > os.fstat(file.fileno()).st_size:
            raise DamagedIndex(path.name)
        text = file.read(size)
    try:
        mapped = np.memmap(path, dtype=np.uint8, mode="r")
        start = _start(size)
        found = {name: _array(mapped, start, of) for name, of in json.loads(text).items()}
        if len(mapped) != start + sum(_padded(array.nbytes) for array in found.values()):
            raise ValueError("cut short")
        return found
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedIndex(path.name) from error


def _padded(size: int) -> int:
    return -(-size // _ALIGNED) * _ALIGNED


def _start(head: int) -> int:
    return _padded(len(_MAGIC) + 8 + head)


def _array(mapped: NDArray[np.uint8], start: int, of: Mapping[str, Any]) -> NDArray[Any]:
    kind, shape = np.dtype(of["type"]), tuple(of["shape"])
    size = int(np.prod(shape, dtype=np.int64)) * kind.itemsize
    part = mapped[start + of["at"] : start + of["at"] + size]
    if len(part) != size:
        raise ValueError("cut short")
    found: NDArray[Any] = np.asarray(part).view(kind).reshape(shape)
    return found


class OfArrays:
    """A dataclass whose fields are all arrays, so that a file can hold it."""

    __slots__ = ()

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What it consists of, by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """The one that `arrays` took apart."""
        return cls(**{field.name: arrays[field.name] for field in fields(cls)})  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Packed:
    """Many byte strings as two arrays, so that a file can hold them and none is made before it is asked for."""

    bytes_: NDArray[np.uint8]
    starts: NDArray[np.int64]

    @staticmethod
    def of(values: Sequence[bytes]) -> Packed:
        """These strings packed, in their order."""
        lengths = np.array([len(value) for value in values], dtype=np.int64)
        return Packed(
            np.frombuffer(b"".join(values), dtype=np.uint8), np.append(0, np.cumsum(lengths)).astype(np.int64)
        )

    @staticmethod
    def from_arrays(arrays: Mapping[str, NDArray[Any]], name: str) -> Packed:
        """The strings that `arrays` named so."""
        return Packed(arrays[f"{name}.bytes"], arrays[f"{name}.starts"])

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """What it consists of, under names that begin with the one given."""
        return {f"{name}.bytes": self.bytes_, f"{name}.starts": self.starts}

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, at: int) -> bytes:
        return self.bytes_[self.starts[at] : self.starts[at + 1]].tobytes()
