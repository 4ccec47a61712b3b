"""A small city served for real, and a browser that tells of everything a page should not do."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import shapely
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.serving import make_server

from geoapp.app import create_app
from geoapp.city import City, LayerSpec
from geoapp.intake.path import take
from geoapp.settings import CHECKOUT, Settings
from geoapp.store import cities, layers
from geoapp.store.cluster import Server
from geoapp.store.database import Database
from importers.base import Report, Standing
from layers.base import Feature
from tests.make import INSIDE, SAID, SOURCE, make_city, make_report

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NASTY = '<img src=x onerror="document.title=1"></script><b>bold</b>'


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """The system's Chromium; Playwright's own is not downloaded."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for path in map(shutil.which, names) if path), None)
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("there is no Chromium")
        pytest.skip("THERE IS NO CHROMIUM, so pages are not tested in a browser")
    return {"executable_path": found, "args": FLAGS, "headless": True}


@dataclass
class Site:
    """The served city and its address."""

    url: str
    city: City


@pytest.fixture
def site(settings: Settings, database: Server) -> Iterator[Site]:
    """A city of 40 tickets, served on a port of its own."""
    db = Database(database)
    city = _with_roads(db, make_city(db.bulk))
    take(db.bulk, city, SOURCE, list(_reports()))
    app = create_app(replace(settings, reports_per_hour=10_000), db)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    try:
        yield Site(f"http://127.0.0.1:{server.server_port}", city)
    finally:
        server.shutdown()
        serving.join()
        server.server_close()
        db.close()


ROADS = LayerSpec("streets", "roads", "roads.geojson", "code", {"zh": "name"}, {"zh": "道路", "en": "Road"})


def _with_roads(db: Database, city: City) -> City:
    """The city with a main road across it and a lane through the place where most is reported."""
    lines = {"1": [(113.9, 22.58), (114.1, 22.585)], "4": [(113.93, 22.55), (113.97, 22.551), (113.98, 22.56)]}
    features = [
        Feature(f"R{classed}", {"zh": f"示例{classed}路", "en": f"Sample Road {classed}"}, "synthetic",
                shapely.LineString(places), classed)
        for classed, places in lines.items()
    ]  # fmt: skip
    with db.bulk.begin() as connection:
        known = cities.save_city(connection, replace(city, layers=(*city.layers, ROADS)))
        layers.load(connection, known, ROADS, "roads", features, {})
    return known


def _reports() -> Iterator[Report]:
    yield make_report("nasty", body=NASTY, x=113.92, y=22.52)
    for number in range(39):
        closed = Standing("closed", SAID, "repaired", "done") if number % 3 == 0 else None
        # Half of them lie on one spot, as repeated reports of one defect do.
        shift = 0.0 if number % 2 else 0.001 * number
        yield make_report(f"R-{number}", x=INSIDE[0] + shift, y=INSIDE[1], standing=closed)


@dataclass
class Watched:
    """A page, and what it did that it should not."""

    page: Page
    faults: list[str] = field(default_factory=list)


Open = Callable[..., Watched]


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[Open]:
    """Opens a page: visit(path, width, height, lang, …)."""
    contexts: list[BrowserContext] = []

    def visit(path: str, width: int = 1440, height: int = 900, lang: str = "en", **more: Any) -> Watched:
        context = browser.new_context(viewport={"width": width, "height": height}, locale=lang, **more)
        contexts.append(context)
        watched = Watched(context.new_page())
        watch(watched, site)
        watched.page.goto(site.url + path)
        return watched

    yield visit
    for context in contexts:
        context.close()


def watch(watched: Watched, site: Site) -> None:
    """Note what the browser complains of (a broken policy among it) and every request to another host."""
    page, faults = watched.page, watched.faults
    page.on("console", lambda said: faults.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda asked: None if asked.url.startswith((site.url, "blob:")) else faults.append(asked.url))


AXE = CHECKOUT / "node_modules" / "axe-core" / "axe.min.js"
RUN = """() => axe.run(document, {
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"],
}).then((found) => found.violations.map((one) => [
  one.id, one.nodes.map((node) => `${node.target.join(" ")}: ${node.any.map((a) => a.message).join("; ")}`),
]))"""


@pytest.fixture(scope="session")
def axe() -> str:
    """axe-core's own script; it runs in the page's world, past the policy that keeps foreign scripts out."""
    if not AXE.exists():
        if os.environ.get("CI"):
            pytest.fail("there is no axe-core: set up with --tests")
        pytest.skip("THERE IS NO AXE-CORE (.ci/setup --tests), so nothing looks for barriers")
    return AXE.read_text("utf-8")


def violations(page: Page, axe: str) -> list[Any]:
    """What axe says of the page as it stands."""
    page.evaluate(axe)
    found: list[Any] = page.evaluate(RUN)
    return found
