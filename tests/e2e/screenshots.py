"""`make screenshots`: the pictures of the documentation, taken from a running demo hall.

Every screen in both languages, light; the board in the dark theme too, and the wall, which is always dark.
Written to docs/images.
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

from playwright.sync_api import Browser, Page, expect, sync_playwright

from console.access.passwords import hash_password
from hall.roles import Role
from store import accounts
from tests.e2e.conftest import CHROMIUM, FLAGS
from tests.e2e.running_demo import Demo, Json, demo, wait_for

IMAGES = Path(__file__).parents[2] / "docs" / "images"
LOCALES = {"zh-CN": "zh-CN", "en": "en-GB"}
MEETING = {"zh-CN": "业务培训", "en": "Training on the new form"}
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
            _wall(page, hall, name)
            page.context.close()
        page = _logged_in(browser, hall, "zh-CN", LOCALES["zh-CN"], "dark")
        _board(page, "board.dark")
        page.context.close()
        transaction = wait_for("the transaction's end", lambda: _ended(hall), 120)
        for name, locale in LOCALES.items():
            page = _logged_in(browser, hall, name, locale, "light")
            _others(page, hall, transaction, name)
            page.context.close()
        _audit(browser, hall)
        browser.close()
    return 0


def _logged_in(
    browser: Browser, hall: Demo, name: str, locale: str, scheme: str, user: str = "", password: str = ""
) -> Page:
    dark = scheme == "dark"
    context = browser.new_context(
        locale=locale, viewport={"width": 1440, "height": 900}, color_scheme="dark" if dark else "light"
    )
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.goto(hall.url)
    if name == "en":
        page.get_by_test_id("locale-switch").click()
    if not dark and not user:
        page.screenshot(path=IMAGES / f"login.{name}.png")
    page.get_by_test_id("login-user").fill(user or hall.user)
    page.get_by_test_id("login-password").fill(password or hall.password)
    page.get_by_test_id("login-submit").click()
    expect(page.get_by_test_id("board")).to_be_visible()
    return page


def _board(page: Page, name: str) -> None:
    page.get_by_test_id("window-w03").click()
    page.wait_for_function(PLAYING, arg="live-video")
    page.mouse.move(1, 1)
    page.screenshot(path=IMAGES / f"{name}.png")


def _wall(page: Page, hall: Demo, name: str) -> None:
    page.goto(f"{hall.url}/wall")
    page.locator('[data-testid="wall"] [data-alert]').first.wait_for()
    # The hint at the key that leaves it goes by itself.
    page.wait_for_timeout(6_500)
    page.screenshot(path=IMAGES / f"wall.{name}.png")


def _audit(browser: Browser, hall: Demo) -> None:
    """What an auditor sees; after the other pictures, so that there is something to see."""
    password = secrets.token_urlsafe(12)
    with hall.database().write() as tx:
        accounts.save_user(tx, "auditor", Role.AUDITOR, hash_password(password), datetime.now(UTC))
    for name, locale in LOCALES.items():
        page = _logged_in(browser, hall, name, locale, "light", "auditor", password)
        page.goto(f"{hall.url}/audit")
        page.locator("[data-action=playback]").first.wait_for()
        page.screenshot(path=IMAGES / f"audit.{name}.png")
        page.context.close()


@contextmanager
def _announced(hall: Demo, reason: str) -> Iterator[None]:
    """While it runs, nobody is due at window 7."""
    asked = {
        "hall": "demo",
        "kind": "meeting",
        "windows": ["w07"],
        "to": (datetime.now(UTC) + timedelta(minutes=30)).isoformat(),
        "reason": reason,
    }
    entered = hall.client.post("/api/v1/announcements", json=asked).raise_for_status().json()
    try:
        yield
    finally:
        hall.client.post(f"/api/v1/announcements/{entered['id']}/end").raise_for_status()


def _others(page: Page, hall: Demo, transaction: str, name: str) -> None:
    with _announced(hall, MEETING[name]):
        page.goto(f"{hall.url}/alerts/all")
        page.get_by_test_id("announcement-end").wait_for()
        page.locator('[data-kind="absence"] button[aria-expanded]').last.click()
        page.get_by_test_id("alert-rule").wait_for()
        page.mouse.move(1, 1)
        page.wait_for_timeout(500)
        page.screenshot(path=IMAGES / f"alerts.{name}.png")
    (absence, *_) = hall.alerts(kind="absence")
    page.goto(f"{hall.url}/alerts?alert={absence['id']}")
    page.locator("[data-moment=shown]").wait_for()
    page.locator("[data-lane=window]").wait_for()
    page.screenshot(path=IMAGES / f"desk.{name}.png")
    page.goto(f"{hall.url}/account")
    page.get_by_test_id("session-list").wait_for()
    page.screenshot(path=IMAGES / f"account.{name}.png")
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
