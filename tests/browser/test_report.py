"""The form as people fill it in, with scripts and without."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

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


def test_to_look_nearer_is_not_to_point(visit: Open) -> None:
    page = visit("/report?lon=113.93&lat=22.53&z=11").page
    expect(page.locator(".pin-cross")).to_be_visible()
    expect(page.locator("#lon")).to_have_value("")
    drag(page)
    expect(page.locator("#pin-note")).to_contain_text("nearer")
    expect(page.locator("#lon")).to_have_value("")
    for _ in range(8):
        page.click(".leaflet-control-zoom-in")
        page.wait_for_timeout(300)
    expect(page.locator("#lon")).to_have_value("")
    drag(page)
    expect(page.locator("#lon")).not_to_have_value("")
    chosen = page.locator("#lon").input_value()
    page.click(".leaflet-control-zoom-out")
    page.wait_for_timeout(400)
    expect(page.locator("#lon")).to_have_value(chosen)


def turn(page: Page) -> None:
    """Hold the phone the other way, and back, and let the map settle each time."""
    for width, height in ((844, 390), (390, 844), (844, 390)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(500)


@pytest.mark.parametrize("path", ["/report?lang=en", "/report?lang=en&lon=113.93&lat=22.53&z=11"])
def test_turning_the_phone_places_nothing(visit: Open, path: str) -> None:
    page = visit(path, 390, 844).page
    expect(page.locator(".pin-cross")).to_be_visible()
    turn(page)
    expect(page.locator("#lon")).to_have_value("")
    expect(page.locator("#lat")).to_have_value("")
    expect(page.locator("#pin-map")).to_have_class(re.compile("is-unset"))
    page.fill("textarea", "Somewhere a lamp is out")
    page.click("button[type=submit]")
    expect(page.locator(".receipt")).to_contain_text("not on the map yet")


def drag(page: Page) -> None:
    box = page.locator("#pin-map").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 60, y - 30, steps=5)
    page.mouse.up()


def wheel(page: Page) -> None:
    page.locator("#pin-map").hover()
    page.mouse.wheel(0, -300)


def arrow(page: Page) -> None:
    page.locator("#pin-canvas").focus()
    page.keyboard.press("ArrowRight")


def plus(page: Page) -> None:
    page.locator("#pin-canvas").focus()
    page.keyboard.press("+")


GESTURES = {"drag": drag, "arrow": arrow, "device": lambda page: page.click("#use-location")}
LOOKS = {"wheel": wheel, "plus": plus, "button": lambda page: page.click(".leaflet-control-zoom-in")}


@pytest.mark.parametrize("look", LOOKS)
def test_a_nearer_look_places_nothing(visit: Open, look: str) -> None:
    page = visit("/report?lon=113.93&lat=22.53&z=14", 390, 844).page
    expect(page.locator(".pin-cross")).to_be_visible()
    zoom = page.evaluate("() => geoapp.map.getZoom()")
    LOOKS[look](page)
    page.wait_for_function("zoom => geoapp.map.getZoom() > zoom", arg=zoom)
    page.wait_for_timeout(400)
    expect(page.locator("#lon")).to_have_value("")


@pytest.mark.parametrize("gesture", GESTURES)
def test_a_gesture_places_and_turning_the_phone_leaves_it_there(visit: Open, gesture: str) -> None:
    here = {"geolocation": {"latitude": 22.551234, "longitude": 113.951234}, "permissions": ["geolocation"]}
    page = visit("/report?lon=113.93&lat=22.53&z=14", 390, 844, **here).page
    expect(page.locator(".pin-cross")).to_be_visible()
    GESTURES[gesture](page)
    expect(page.locator("#lon")).not_to_have_value("")
    page.wait_for_timeout(900)
    place = page.input_value("#lon"), page.input_value("#lat")
    if gesture == "device":
        assert abs(float(place[0]) - 113.951234) < 2e-5 and abs(float(place[1]) - 22.551234) < 2e-5
    expect(page.locator("#pin-map")).not_to_have_class(re.compile("is-unset"))
    turn(page)
    assert (page.input_value("#lon"), page.input_value("#lat")) == place
    # And the pin still stands on it.
    lat, lon = page.evaluate("() => { const at = geoapp.map.getCenter(); return [at.lat, at.lng]; }")
    metres = 156543 / 2 ** page.evaluate("() => geoapp.map.getZoom()")
    assert abs(lon - float(place[0])) < 2e-5 * metres and abs(lat - float(place[1])) < 2e-5 * metres


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


def test_words_propose_the_place_and_the_reporter_says_yes(visit: Open) -> None:
    page = visit("/report?lang=zh", 390, 844).page
    expect(page.locator(".pin-cross")).to_be_visible()
    # A long road is no place yet: it is shown, and the spot is for a hand to choose.
    page.fill("[name=address]", "示例4路")
    expect(page.locator("#guessed")).to_contain_text("示例4路")
    expect(page.locator("#guessed button")).to_have_count(0)
    page.fill("[name=address]", "北纬22.55000度，东经113.95000度")
    expect(page.locator("#guessed")).to_contain_text("是这里吗")
    expect(page.locator("#lon")).to_have_value("")
    page.click("#guessed .primary")
    expect(page.locator("#lon")).to_have_value("113.950000")
    expect(page.locator("#guessed")).to_be_hidden()
    expect(page.locator("#pin-map")).not_to_have_class(re.compile("is-unset"))


def test_a_pin_stays_where_it_stands_though_words_speak_of_elsewhere(visit: Open) -> None:
    page = visit("/report?lang=zh&lon=113.99&lat=22.515").page
    expect(page.locator(".pin-cross")).to_be_visible()
    page.fill("[name=address]", "北纬22.55度，东经113.95度")
    expect(page.locator("#guessed")).to_contain_text("km")
    expect(page.locator("#lon")).to_have_value("113.99")
    page.locator("#guessed button").last.click()
    expect(page.locator("#guessed")).to_be_hidden()
    expect(page.locator("#lon")).to_have_value("113.99")
