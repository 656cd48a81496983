"""`make screenshots`: the pictures of the documentation, taken from a running demo hall.

Every screen in both languages and both themes (the wall is always dark), written to docs/images as
`SCREEN.LANGUAGE.png` and `SCREEN.LANGUAGE.dark.png`. Screens of the administration are found by its menu.
What could not be taken is named at the end.
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

from playwright.sync_api import Browser, Error, Page, expect, sync_playwright

from console.access.passwords import hash_password
from hall.roles import Role
from store import accounts
from tests.e2e.conftest import CHROMIUM, FLAGS
from tests.e2e.picture_files import keep_smaller
from tests.e2e.running_demo import Demo, Json, demo, wait_for

IMAGES = Path(__file__).parents[2] / "docs" / "images"
LOCALES = {"zh-CN": "zh-CN", "en": "en-GB"}
SCHEMES = ("light", "dark")
CHOSEN = {
    "admin/windows": "w03",
    "admin/units": "social",
    "admin/staff": "s03",
    "admin/rules": "absence",
    "admin/items": "不动产抵押登记",
}
"""What is opened in lists with a form beside them."""
PICTURE_OF = {"live": "live-wall", "live-camera": "live", "alerts": "desk", "all-alerts": "alerts"}
"""The picture of a screen whose route is called otherwise."""
NO_SCREENS = ("admin", "nowhere")
"""Routes that lead elsewhere, or nowhere."""
PLACE = "/srv/hallwatch"
"""Stands in pictures for wherever the demo's folder is."""
RENAME = """([folder, place]) => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) texts.currentNode.data = texts.currentNode.data.replaceAll(folder, place);
}"""
SETTLED_MS = 700
"""Until nothing fades in any more."""
PLAYING = """name => {
    const video = document.querySelector(`[data-testid="${name}"]`);
    return Boolean(video && video.videoWidth && video.currentTime > 1.5);
}"""
WALL_PLAYS = """() => {
    const videos = [...document.querySelectorAll('[data-testid="live-wall"] video')];
    return videos.length > 3 && videos.every((one) => one.videoWidth && one.currentTime > 1.5);
}"""


@dataclass
class Taking:
    """One browser window of one user, in one language and one theme."""

    page: Page
    hall: Demo
    language: str
    scheme: str
    missing: list[str] = field(default_factory=list)

    def take(self, screen: str, path: str, *ready: str, then: Callable[[Page], None] | None = None) -> None:
        """Open an address, wait for each of the test ids or selectors, do what is left to do, and take it.

        A screen that does not come is noted: the others are wanted nevertheless.
        """
        name = f"{screen}.{self.language}{'' if self.scheme == 'light' else '.dark'}"
        try:
            self.page.goto(f"{self.hall.url}/{path}")
            for one in ready:
                self.page.locator(one if one.startswith("[") else f"[data-testid={one}]").first.wait_for()
            if then is not None:
                then(self.page)
            self.page.mouse.move(1, 1)
            self.page.wait_for_timeout(SETTLED_MS)
            self.page.evaluate(RENAME, [str(self.hall.folder), PLACE])
            picture = IMAGES / f"{name}.png"
            self.page.screenshot(path=picture)
            keep_smaller(picture)
        except Error as error:
            self.missing.append(f"{name}: {error.message.splitlines()[0]}")


def main() -> int:
    """Take all pictures, and say which are missing. The story needs about two minutes for its alerts."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with demo("pictures") as hall, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        transaction = wait_for("the transaction's end", lambda: _ended(hall), 300)
        missing = taken(browser, hall, transaction)
        browser.close()
    for one in missing:
        sys.stderr.write(f"not taken: {one}\n")
    return 1 if missing else 0


def taken(browser: Browser, hall: Demo, transaction: str) -> list[str]:
    """Take every screen as each user sees it; what could not be taken."""
    auditor = _auditor(hall)
    _order_evidence(hall)
    _refused_event(hall)
    _lock(hall)
    missing: list[str] = []
    with _announced(hall):
        for language in LOCALES:
            for scheme in SCHEMES:
                with _window(browser, hall, language, scheme, missing) as taking:
                    taking.take("login", "login", "login-user")
                    _log_in(taking.page, hall, hall.user, hall.password)
                    _officer(taking, transaction)
                with _window(browser, hall, language, scheme, missing) as taking:
                    _log_in(taking.page, hall, "administrator", hall.passwords["administrator"])
                    _administration(taking)
                with _window(browser, hall, language, scheme, missing) as taking:
                    _log_in(taking.page, hall, "auditor", auditor)
                    taking.take("audit", "audit", "[data-action=playback]")
    return missing


def _officer(taking: Taking, transaction: str) -> None:
    def play(name: str) -> Callable[[Page], None]:
        def wait(page: Page) -> None:
            page.wait_for_function(PLAYING, arg=name)

        return wait

    def with_a_picture(page: Page) -> None:
        page.get_by_test_id("window-w03").click()
        page.wait_for_function(PLAYING, arg="live-video")

    def with_a_rule(page: Page) -> None:
        page.locator('[data-kind="absence"] button[aria-expanded]').last.click()
        page.get_by_test_id("alert-rule").wait_for()

    taking.take("board", "board", "window-w03", then=with_a_picture)
    if taking.scheme == "light":
        # It is dark in either theme. The hint at the key that leaves it goes by itself.
        taking.take("wall", "wall", "wall", then=lambda page: page.wait_for_timeout(6_500))
    taking.take("live-wall", "live", "live-wall", then=_all_play)
    taking.take("live", "live/cam-1", "live-video", then=play("live-video"))
    taking.take("alerts", "alerts/all", "announcement-end", then=with_a_rule)
    (absence, *_) = taking.hall.alerts(kind="absence")
    taking.take("desk", f"alerts?alert={absence['id']}", "[data-moment=shown]", "[data-lane=window]")
    taking.take("search", "replay", "[data-testid^=hit-]")
    taking.take("replay", f"replay/{transaction}", "replay-video", then=play("replay-video"))
    taking.take("evidence-order", f"replay/{transaction}", "replay-video", then=_marked)
    taking.take("replay-camera", "replay/camera/cam-2", "replay-video", then=play("replay-video"))
    taking.take("evidence", "evidence", "evidence-fetch")
    taking.take("locks", "evidence/locks", "[data-testid^=lock-][data-state]")
    taking.take("keys", "alerts/all", "announcement-end", then=_key_sheet)
    taking.take("account", "account", "session-list")


def _administration(taking: Taking) -> None:
    """The parts that the menu of the administration names, and what lies below them."""
    page = taking.page
    page.goto(f"{taking.hall.url}/admin")
    page.get_by_test_id("admin-parts").wait_for()
    parts = cast(
        list[str],
        page.get_by_test_id("admin-parts")
        .locator("a")
        .evaluate_all("links => links.map((link) => new URL(link.href).pathname.slice(1))"),
    )
    for path in parts:
        one = CHOSEN.get(path)
        ready = ("admin-parts", "one-form") if one else ("admin-parts",)
        taking.take(path.replace("/", "-"), f"{path}/{one}" if one else path, *ready, then=_calm)
    taking.take("admin-camera", "admin/cameras/cam-1", "camera-form")
    taking.take("admin-camera-new", "admin/cameras/new", "camera-form", then=_calm)
    taking.take("admin-zones", "admin/cameras/cam-1/zones", "zone-canvas", "verdict")


def _marked(page: Page) -> None:
    """Six seconds are marked, and what is to be done with them is asked."""
    page.wait_for_function(PLAYING, arg="replay-video")
    page.keyboard.press("k")
    page.keyboard.press("i")
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("o")
    page.get_by_test_id("evidence-open").click()
    page.get_by_test_id("evidence-case").fill("2026-0317")
    page.get_by_test_id("redact-mute").wait_for()


def _key_sheet(page: Page) -> None:
    page.keyboard.press("?")
    page.get_by_role("dialog").wait_for()


def _all_play(page: Page) -> None:
    page.wait_for_function(WALL_PLAYS)


def _calm(page: Page) -> None:
    """Until nothing is asked of the server for half a second: lists come after the frame."""
    page.wait_for_load_state("networkidle")


@contextmanager
def _window(browser: Browser, hall: Demo, language: str, scheme: str, missing: list[str]) -> Iterator[Taking]:
    context = browser.new_context(
        locale=LOCALES[language],
        viewport={"width": 1440, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    context.add_init_script(f"localStorage.setItem('hallwatch.locale', '{language}')")
    page = context.new_page()
    page.set_default_timeout(45_000)
    try:
        yield Taking(page, hall, language, scheme, missing)
    finally:
        context.close()


def _log_in(page: Page, hall: Demo, user: str, password: str) -> None:
    page.goto(hall.url)
    page.get_by_test_id("login-user").fill(user)
    page.get_by_test_id("login-password").fill(password)
    page.get_by_test_id("login-submit").click()
    expect(page.get_by_test_id("account")).to_be_visible(timeout=45_000)


def _auditor(hall: Demo) -> str:
    """Enter an auditor, and something that is worth finding in the trail; the password."""
    password = secrets.token_urlsafe(12)
    with hall.database().write() as tx:
        accounts.save_user(tx, "auditor", Role.AUDITOR, hash_password(password), datetime.now(UTC))
    return password


def _order_evidence(hall: Demo) -> None:
    now = datetime.now(UTC)
    asked = {
        "cameras": ["cam-2"],
        "from": (now - timedelta(seconds=120)).isoformat(),
        "to": (now - timedelta(seconds=75)).isoformat(),
        "case": "2026-0317",
        "reason": "投诉 complaint: who was at window 3?",
    }
    hall.client.post("/api/v1/evidence", json=asked).raise_for_status()


def _lock(hall: Demo) -> None:
    """Keep the same footage from retention."""
    now = datetime.now(UTC)
    asked = {
        "kind": "case",
        "cameras": ["cam-2"],
        "from": (now - timedelta(seconds=120)).isoformat(),
        "to": (now - timedelta(seconds=75)).isoformat(),
        "expires_at": (now + timedelta(days=90)).isoformat(),
        "reference": "2026-0317",
        "reason": "投诉 complaint: who was at window 3?",
    }
    hall.client.post("/api/v1/locks", json=asked).raise_for_status()


def _refused_event(hall: Demo) -> None:
    """An event of a window that no hall has."""
    event = {
        "id": "refused-1",
        "hall": "demo",
        "at": datetime.now(UTC).isoformat(),
        "type": "ticket_called",
        "window": "w99",
        "ticket": "A900",
    }
    answer = hall.client.post("/api/v1/queue-events", json=event, headers={"X-API-Key": hall.api_key})
    assert answer.status_code == 422, answer.text


@contextmanager
def _announced(hall: Demo) -> Iterator[None]:
    """While it runs, nobody is due at window 7."""
    asked = {
        "hall": "demo",
        "kind": "meeting",
        "windows": ["w07"],
        "to": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
        "reason": "业务培训 Training on the new form",
    }
    entered = hall.client.post("/api/v1/announcements", json=asked).raise_for_status().json()
    try:
        yield
    finally:
        hall.client.post(f"/api/v1/announcements/{entered['id']}/end").raise_for_status()


def _ended(hall: Demo) -> str | None:
    """The transaction at window 3 in whose middle the staff left, once it is over."""
    for item in cast(Sequence[Json], hall.get("transactions", window="w03")["items"]):
        transaction = cast(Json, item["transaction"])
        if cast(Json, transaction["interval"])["end"] is not None and item["alerts"]:
            return str(transaction["id"])
    return None


if __name__ == "__main__":
    sys.exit(main())
