"""The form as people fill it in, with scripts and without."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open


@pytest.mark.parametrize("java_script", [True, False])
def test_files_a_report_that_the_map_then_shows(visit: Open, java_script: bool) -> None:
    seen = visit("/report?lon=113.93&lat=22.53&lang=en", 390, 844, java_script_enabled=java_script)
    page = seen.page
    page.fill("textarea", "Two steps are broken")
    page.select_option("select[name=matter]", label="Pothole")
    page.click("button[type=submit]")
    expect(page.locator(".receipt-number")).to_have_text(re.compile("MINITOWN"))
    page.click(".primary")
    expect(page.locator(".ticket .said p")).to_have_text("Two steps are broken")
    assert seen.faults == []


def test_the_middle_of_a_wide_view_is_not_taken_for_a_place(visit: Open) -> None:
    page = visit("/report?lon=113.93&lat=22.53&z=11").page
    expect(page.locator(".pin-cross")).to_be_visible()
    expect(page.locator("#lon")).to_have_value("")
    page.click(".leaflet-control-zoom-in")
    expect(page.locator("#lon")).not_to_have_value("")


def test_what_is_wrong_stands_at_its_field_and_nothing_written_is_lost(visit: Open) -> None:
    page = visit("/report?lang=en").page
    page.fill("textarea", "Lamp out")
    page.click(".private summary")
    page.fill("input[name=phone]", "abc")
    page.click("button[type=submit]")
    expect(page.locator("#phone-wrong")).to_be_visible()
    expect(page.locator("textarea")).to_have_value("Lamp out")
    expect(page.locator("input[name=phone]")).to_have_value("abc")


def test_a_photo_is_shown_before_it_is_sent(visit: Open) -> None:
    seen = visit("/report")
    pixel = bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
        "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
    )
    seen.page.set_input_files("#photo", {"name": "step.png", "mimeType": "image/png", "buffer": pixel})
    expect(seen.page.locator("#photo-preview")).to_have_attribute("src", re.compile("^blob:"))
    assert [fault for fault in seen.faults if "Security" in fault] == []
