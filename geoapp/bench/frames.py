"""How smoothly the map moves in a browser, dragged and zoomed, against a Leaflet map with nothing on it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
import numpy as np

import importers
from geoapp import statics
from geoapp.bench import town
from geoapp.bench.figure import Figure
from geoapp.bench.processes import environment, serving
from geoapp.city import City
from geoapp.intake.run import run
from geoapp.store.cluster import Server
from geoapp.store.database import Database

if TYPE_CHECKING:
    from playwright.sync_api import Page

RUNS: Final = 5
WHERE: Final = "z=13&lat={lat}&lon={lon}"
MISSING: Final = "Frames are not measured: this needs playwright (pip install -e '.[dev]') and Chromium."
_FLAGS: Final = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
_WATCH: Final = """() => {
  const seen = window.seen = { frames: [], tasks: [], on: false };
  let last = 0;
  const beat = (now) => { if (seen.on && last) seen.frames.push(now - last); last = seen.on ? now : 0; requestAnimationFrame(beat); };
  requestAnimationFrame(beat);
  new PerformanceObserver((list) => { if (seen.on) seen.tasks.push(...list.getEntries().map((one) => one.duration)); }).observe({ entryTypes: ["longtask"] });
}"""  # noqa: E501
# The same Leaflet, the same size and place, and no layer at all: what the library and this machine make of it.
_PLAIN: Final = """<!doctype html><link rel="stylesheet" href="{css}"><script src="{js}"></script>
<style>html, body, #map {{ height: 100%; margin: 0 }}</style><div id="map"></div>
<script>window.plain = L.map("map", {{ zoomSnap: 0.5 }}).setView([{lat}, {lon}], 13);</script>"""


@dataclass(slots=True)
class Course:
    """Milliseconds of each frame and of each long task, while the map was moved."""

    frames: list[float] = field(default_factory=list)
    tasks: list[float] = field(default_factory=list)

    def at(self, percent: float) -> float:
        """That percentile of the frames."""
        return float(np.percentile(self.frames, percent))


def measure(server: Server, city: City, folder: Path, rows: int) -> Iterator[Figure]:
    """Drag and zoom the map of so many tickets; figures as they come, none without a browser."""
    try:
        import playwright  # noqa: F401
    except ImportError:
        click.echo(MISSING, err=True)
        return
    if _chromium() is None:
        click.echo(MISSING, err=True)
        return
    _fill(server, city, folder, rows)
    lon, lat = np.mean(_degrees(), axis=0).tolist()
    with serving(environment(server, city, folder)) as port:
        yield from _figures(f"http://127.0.0.1:{port}", lon, lat, rows)


def _figures(url: str, lon: float, lat: float, rows: int) -> Iterator[Figure]:
    with _page() as page:
        page.goto(f"{url}/?{WHERE.format(lat=lat, lon=lon)}")
        page.locator(".ring, .sign").first.wait_for()
        page.wait_for_timeout(2000)
        ours = {name: _moved(page, name) for name in ("drag", "zoom")}
    with _page() as page:
        plain = _PLAIN.format(
            css=statics.url("vendor/leaflet/leaflet.css"), js=statics.url("vendor/leaflet/leaflet.js"), lat=lat, lon=lon
        )
        page.route("**/plain", lambda route: route.fulfill(body=plain, content_type="text/html"))
        page.goto(f"{url}/plain")
        page.wait_for_timeout(1000)
        bare = {name: _moved(page, name) for name in ("drag", "zoom")}
    for name, course in ours.items():
        peer = bare[name]
        for percent in (50, 95):
            value, other = course.at(percent), peer.at(percent)
            yield Figure(f"frames_{name}_p{percent}_ms", rows, value, "ms", "plain_leaflet", other)
        longest = max(course.tasks, default=0.0), max(peer.tasks, default=0.0)
        yield Figure(f"frames_{name}_longest_task_ms", rows, longest[0], "ms", "plain_leaflet", longest[1])


def _moved(page: Page, name: str) -> Course:
    """The page's frames over several runs of one gesture, each waited out until the map has come to rest."""
    page.evaluate(_WATCH)
    for _ in range(RUNS):
        page.evaluate("() => { seen.on = true; }")
        (_drag if name == "drag" else _zoom)(page)
        page.evaluate("() => { seen.on = false; }")
        page.wait_for_timeout(400)
    found = page.evaluate("() => seen")
    return Course(found["frames"], found["tasks"])


def _drag(page: Page) -> None:
    for way in (-1, 1):
        page.mouse.move(900, 450)
        page.mouse.down()
        for step in range(40):
            page.mouse.move(900 + way * 9 * step, 450 + way * 3 * step)
            page.wait_for_timeout(12)
        page.mouse.up()
        page.wait_for_timeout(700)


def _zoom(page: Page) -> None:
    page.mouse.move(900, 420)
    for way in (-1, 1):
        for _ in range(3):
            page.mouse.wheel(0, way * 120)
            page.wait_for_timeout(420)
        page.wait_for_timeout(500)


@contextmanager
def _page() -> Iterator[Page]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=_chromium(), args=_FLAGS)
        try:
            yield browser.new_page(viewport={"width": 1440, "height": 900}, locale="en")
        finally:
            browser.close()


def _chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for path in map(shutil.which, names) if path), None)


def _fill(server: Server, city: City, folder: Path, rows: int) -> None:
    path = folder / "frames.csv"
    town.write(path, town.make(), rows, seed=3)
    database = Database(server)
    try:
        importer = importers.create("table", {"mapping": str(town.mapping(folder))})
        run(database.bulk, city, importer, [path])
    finally:
        database.close()


def _degrees() -> np.ndarray:
    from geoapp.demo import land

    ground = town.make()
    return np.asarray(land.to_degrees(town.places(np.random.default_rng(1), ground, 200)))
