"""What the map weighs on its way, that it comes but once, and that nothing on it jumps."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open

BUDGET = 250_000
JUMPS = """() => {
  window.jumps = [];
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) if (!one.hadRecentInput) window.jumps.push(one.value);
  }).observe({ type: "layout-shift", buffered: true });
}"""


def settle(page: Page) -> None:
    """Wait until all is there."""
    expect(page.locator(".ring, .sign").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)


def test_the_first_view_is_light_and_the_second_weighs_nothing(visit: Open) -> None:
    page = visit("/nowhere").page
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    came: list[float] = []
    wire.on("Network.loadingFinished", lambda told: came.append(told["encodedDataLength"]))
    page.goto(page.url.replace("/nowhere", "/"))
    settle(page)
    assert len(came) > 10 and sum(came) < BUDGET * 0.8, "Leave room: a real city's ground weighs more than this one's."
    came.clear()
    page.goto(page.url.split("?")[0])
    settle(page)
    # Questions are asked again and answered with a word: as before.
    assert sum(came) < 12_000


def test_an_answer_that_has_not_changed_is_not_sent_again(visit: Open) -> None:
    page = visit("/").page
    for path in ("/", "/api/tickets", "/api/clusters?bbox=113,22,115,23", "/api/times", "/api/outlines?layer=offices"):
        first = page.request.get(page.url.split("?")[0].rstrip("/") + path)
        assert first.headers.get("content-encoding") == "gzip" or len(first.body()) < 600
        assert "Accept-Encoding" in first.headers["vary"]
        again = page.request.get(first.url, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status, again.body()) == (304, b"")


@pytest.mark.parametrize("path", ["/", "/?state=open&since=2024-01-01", "/?view=heat"])
@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_nothing_jumps_while_it_loads(visit: Open, width: int, height: int, path: str) -> None:
    page = visit("/nowhere", width, height).page
    page.add_init_script(f"({JUMPS})()")
    page.goto(page.url.replace("/nowhere", path))
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(800)
    jumps: list[Any] = page.evaluate("() => window.jumps")
    assert sum(jumps) < 0.01, jumps
