"""`make screenshots`: the pictures of the documentation, taken from a running demo hall.

Every screen in both languages, light; the board in the dark theme too. Written to docs/images.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import cast

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.e2e.conftest import CHROMIUM, FLAGS
from tests.e2e.running_demo import Demo, Json, demo, wait_for

IMAGES = Path(__file__).parents[2] / "docs" / "images"
LOCALES = {"zh-CN": "zh-CN", "en": "en-GB"}
PLAYING = """name => {
    const video = document.querySelector(`[data-testid="${name}"]`);
    return Boolean(video && video.videoWidth && video.currentTime > 1.5);
}"""


def main() -> int:
    """Take all pictures. The story needs about two minutes for its alerts."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with demo() as hall, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        wait_for("an absence", lambda: hall.alerts(kind="absence") or None, 120)
        for name, locale in LOCALES.items():
            page = _logged_in(browser, hall, name, locale, "light")
            _board(page, f"board.{name}")
            page.context.close()
        page = _logged_in(browser, hall, "zh-CN", LOCALES["zh-CN"], "dark")
        _board(page, "board.dark")
        page.context.close()
        transaction = wait_for("the transaction's end", lambda: _ended(hall), 120)
        for name, locale in LOCALES.items():
            page = _logged_in(browser, hall, name, locale, "light")
            _others(page, hall, transaction, name)
            page.context.close()
        browser.close()
    return 0


def _logged_in(browser: Browser, hall: Demo, name: str, locale: str, scheme: str) -> Page:
    dark = scheme == "dark"
    context = browser.new_context(
        locale=locale, viewport={"width": 1440, "height": 900}, color_scheme="dark" if dark else "light"
    )
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.goto(hall.url)
    if name == "en":
        page.get_by_test_id("locale-switch").click()
    if not dark:
        page.screenshot(path=IMAGES / f"login.{name}.png")
    page.get_by_test_id("login-user").fill(hall.user)
    page.get_by_test_id("login-password").fill(hall.password)
    page.get_by_test_id("login-submit").click()
    expect(page.get_by_test_id("board")).to_be_visible()
    return page


def _board(page: Page, name: str) -> None:
    page.get_by_test_id("window-w03").click()
    page.wait_for_function(PLAYING, arg="live-video")
    page.mouse.move(1, 1)
    page.screenshot(path=IMAGES / f"{name}.png")


def _others(page: Page, hall: Demo, transaction: str, name: str) -> None:
    page.goto(f"{hall.url}/alerts")
    page.get_by_test_id("alert-list").wait_for()
    page.screenshot(path=IMAGES / f"alerts.{name}.png")
    page.goto(f"{hall.url}/replay")
    page.get_by_test_id("replay-search").wait_for()
    page.screenshot(path=IMAGES / f"search.{name}.png")
    page.goto(f"{hall.url}/live/cam-1")
    page.wait_for_function(PLAYING, arg="live-video")
    page.screenshot(path=IMAGES / f"live.{name}.png")
    page.goto(f"{hall.url}/replay/{transaction}")
    page.wait_for_function(PLAYING, arg="replay-video")
    page.screenshot(path=IMAGES / f"replay.{name}.png")


def _ended(hall: Demo) -> str | None:
    """The transaction at window 3 in whose middle the staff left, once it is over."""
    for item in cast(list[Json], hall.get("transactions", window="w03")["items"]):
        transaction = cast(Json, item["transaction"])
        if cast(Json, transaction["interval"])["end"] is not None and item["alerts"]:
            return str(transaction["id"])
    return None


if __name__ == "__main__":
    sys.exit(main())
