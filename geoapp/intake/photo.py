"""Photos: read with distrust, made anew without what the camera noted, kept under the installation's folder."""

from __future__ import annotations

import hashlib
import os
import tempfile
import warnings
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import IO, Final
from uuid import UUID

import pillow_heif
from PIL import Image, ImageOps

from geoapp.errors import NotAPhoto, PhotoTooLarge

pillow_heif.register_heif_opener()
# Once and for the whole process: `catch_warnings` is no thing for threads.
warnings.simplefilter("error", Image.DecompressionBombWarning)

FORMATS: Final = ("JPEG", "PNG", "WEBP", "HEIF")
SIDE: Final = 2048
QUALITY: Final = 85

MOST_PIXELS: Final = 25_000_000
MOST_PIXELS_REDUCED: Final = 64_000_000
"""Of a JPEG, which can be unpacked at a fraction of its size; every other format is unpacked whole first."""

# What a photo costs while it is unpacked is paid once a process, not once a thread.
_ONE_AT_A_TIME: Final = Lock()


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
        NotAPhoto: it is none of the formats taken, or damaged.
        PhotoTooLarge: it would be larger unpacked than its format may be.
    """
    content = file.read()
    try:
        with _ONE_AT_A_TIME:
            jpeg, width, height = _anew(_opened(content))
    except PhotoTooLarge:
        raise
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise PhotoTooLarge() from error
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
    """The picture, unpacked no larger than need be; its header alone says whether it is unpacked at all."""
    image = Image.open(BytesIO(content), formats=FORMATS)
    most = MOST_PIXELS_REDUCED if image.format in ("JPEG", "MPO") else MOST_PIXELS
    if image.width * image.height > most:
        raise PhotoTooLarge()
    # Told the size wanted, a JPEG's decoder gives a half, a quarter or an eighth.
    share = SIDE / max(image.size)
    image.draft("RGB", (int(image.width * share) or 1, int(image.height * share) or 1))
    image.load()
    return image


def _anew(image: Image.Image) -> tuple[bytes, int, int]:
    # Made small first: whatever is done afterwards is done to a few megabytes.
    small = _small(image)
    ImageOps.exif_transpose(small, in_place=True)
    if small.has_transparency_data:
        clear = small.convert("RGBA")
        small = Image.new("RGBA", clear.size, "white")
        small.alpha_composite(clear)
    plain = small.convert("RGB")
    # Comments and profiles ride along in info, and a camera's place must not.
    plain.info = {}
    out = BytesIO()
    plain.save(out, "JPEG", quality=QUALITY, optimize=False)
    return out.getvalue(), plain.width, plain.height


def _small(image: Image.Image) -> Image.Image:
    if image.mode in ("1", "P", "PA"):
        # Of numbers that stand for colours there is no mean.
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    image.thumbnail((SIDE, SIDE))
    return image
