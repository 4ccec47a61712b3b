"""A photo costs little memory and time, however it is packed; what would cost much is refused by its size."""

from __future__ import annotations

import subprocess
import sys
import threading
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image

from geoapp.city import City
from geoapp.errors import NotAPhoto, PhotoTooLarge
from geoapp.intake import photo
from geoapp.settings import CHECKOUT

# Reads each file named, all at once, and says by how many megabytes that made the process grow at most.
GROWTH = """
import resource, sys
from concurrent.futures import ThreadPoolExecutor
from geoapp.intake import photo
used = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
before = used()
with ThreadPoolExecutor(8) as pool:
    list(pool.map(lambda name: photo.read(open(name, "rb")), sys.argv[1:]))
print(used() - before)
"""


def packed(kind: str, size: tuple[int, int], mode: str = "RGBA", **more: Any) -> BytesIO:
    out = BytesIO()
    Image.new(mode, size, (200, 30, 30, 128)[: len(mode)] if mode != "P" else 3).save(out, kind, **more)
    out.seek(0)
    return out


def growth(*names: str) -> int:
    command = [sys.executable, "-c", GROWTH, *names]
    return int(subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True, text=True).stdout)


@pytest.mark.parametrize(
    ("kind", "size", "most"), [("PNG", (5000, 5000), 330), ("WEBP", (5000, 5000), 520), ("JPEG", (8000, 8000), 180)]
)
def test_the_largest_photos_taken_stay_small_in_memory_even_many_at_once(
    tmp_path: Any, kind: str, size: tuple[int, int], most: int
) -> None:
    path = tmp_path / "photo"
    path.write_bytes(packed(kind, size, "RGB" if kind == "JPEG" else "RGBA").getvalue())
    assert growth(*[str(path)] * 3) < most


@pytest.mark.parametrize(("kind", "more"), [("WEBP", {"lossless": True}), ("PNG", {})])
def test_a_photo_of_more_pixels_than_its_format_may_have_is_refused_unopened(
    kind: str, more: dict[str, Any], tmp_path: Any
) -> None:
    small = packed(kind, (5200, 5000), **more)
    with pytest.raises(PhotoTooLarge):
        photo.read(small)


def test_a_jpeg_may_have_more_pixels_for_it_is_unpacked_smaller() -> None:
    read = photo.read(packed("JPEG", (8000, 7000), "RGB"))
    assert (read.width, read.height) == (2048, 1792)


@pytest.mark.parametrize("size", [(9000, 9000), (20_000, 20_000)])
def test_whoever_sends_too_many_pixels_is_told_how_many_may_be(
    client: FlaskClient, city: City, size: tuple[int, int]
) -> None:
    for lang, said in (("en", "25 million"), ("zh", "2500 万")):
        bomb = packed("PNG", size, "1")
        answer = client.post(f"/api/reports?lang={lang}", data={"text": "x", "photo": (bomb, "a.png")})
        assert answer.status_code == 422 and said in answer.json["error"]["fields"]["photo"]


def test_a_photo_is_turned_upright_and_its_clear_parts_are_white() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    read = photo.read(packed("PNG", (3000, 1000), exif=exif))
    image = Image.open(BytesIO(read.jpeg))
    assert image.size == (read.width, read.height) == (683, 2048)
    red, green, blue = image.getpixel((300, 1000))  # type: ignore[misc]
    assert abs(red - 227) < 4 and abs(green - 142) < 4 and abs(blue - 142) < 4


def test_a_palette_is_reduced_by_its_colours_and_not_by_its_numbers() -> None:
    image = Image.new("P", (4096, 64))
    image.putpalette([0, 0, 0, 255, 255, 255])
    image.putdata([column % 2 for _row in range(64) for column in range(4096)])
    out = BytesIO()
    image.save(out, "PNG")
    out.seek(0)
    grey = Image.open(BytesIO(photo.read(out).jpeg)).getpixel((1000, 16))
    assert all(100 < value < 156 for value in grey)  # type: ignore[union-attr]


def test_what_is_no_photo_is_refused_in_many_threads_alike() -> None:
    found: list[type[Exception]] = []

    def read() -> None:
        for _ in range(20):
            try:
                photo.read(BytesIO(b"\x89PNG\r\n\x1a\n nothing"))
            except NotAPhoto as error:
                found.append(type(error))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [NotAPhoto] * 80
