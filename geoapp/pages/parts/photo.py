"""Photos: read with distrust, made anew without what the camera noted, kept under the installation's folder."""

from __future__ import annotations

import hashlib
import os
import tempfile
import warnings
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, Final
from uuid import UUID

import pillow_heif
from PIL import Image, ImageOps

from geoapp.errors import NotAPhoto

pillow_heif.register_heif_opener()

FORMATS: Final = ("JPEG", "PNG", "WEBP", "HEIF")
SIDE: Final = 2048
MOST_PIXELS: Final = 64_000_000
QUALITY: Final = 85


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo made anew; digest is the file's as it came."""

    jpeg: bytes
    width: int
    height: int
    digest: str


def read(file: IO[bytes]) -> Photo:
    """The photo in a file.

    Raises:
        NotAPhoto: it is none of the formats taken, damaged, or larger unpacked than a photo is.
    """
    content = file.read()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = _opened(content)
            jpeg, width, height = _anew(image)
    except Exception as error:  # decoders of hostile files raise whatever they like
        raise NotAPhoto() from error
    return Photo(jpeg, width, height, hashlib.sha256(content).hexdigest())


def keep(folder: Path, photo_id: UUID, photo: Photo) -> None:
    """Put the photo in its place, whole or not at all."""
    path = place(folder, photo_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, made = tempfile.mkstemp(dir=path.parent, prefix=".")
    with os.fdopen(handle, "wb") as file:
        file.write(photo.jpeg)
        file.flush()
        os.fsync(file.fileno())
    os.replace(made, path)


def place(folder: Path, photo_id: UUID) -> Path:
    """Where a photo lies."""
    return folder / "photos" / photo_id.hex[:2] / f"{photo_id}.jpg"


def _opened(content: bytes) -> Image.Image:
    image = Image.open(BytesIO(content), formats=FORMATS)
    if image.width * image.height > MOST_PIXELS:
        raise NotAPhoto()
    # A JPEG can be unpacked at a fraction of its size, which spares memory and time.
    image.draft("RGB", (SIDE, SIDE))
    image.load()
    return image


def _anew(image: Image.Image) -> tuple[bytes, int, int]:
    upright = ImageOps.exif_transpose(image)
    if upright.has_transparency_data:
        clear = upright.convert("RGBA")
        upright = Image.new("RGBA", clear.size, "white")
        upright.alpha_composite(clear)
    plain = upright.convert("RGB")
    plain.thumbnail((SIDE, SIDE))
    # Comments and profiles ride along in info, and a camera's place must not.
    plain.info = {}
    out = BytesIO()
    plain.save(out, "JPEG", quality=QUALITY, optimize=False)
    return out.getvalue(), plain.width, plain.height
