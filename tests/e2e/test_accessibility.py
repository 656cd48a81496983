"""Every screen can be used by people who do not see it, or see it badly: axe finds nothing serious."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest
from playwright.sync_api import Browser, Page, expect

from console.access.passwords import hash_password
from hall.roles import Role
from store import accounts
from tests.e2e.running_demo import Demo, Json, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(420)]

AXE = Path(__file__).parents[2] / "console" / "web" / "node_modules" / "axe-core" / "axe.min.js"
SETTLED = """() => Promise.allSettled(document.getAnimations()
    .filter((one) => one.effect !== null && one.effect.getComputedTiming().endTime !== Infinity)
    .map((one) => one.finished))"""
SERIOUS = ("serious", "critical")
SCREENS = {
    "board": "board",
    "wall": "wall",
    "live": "live",
    "live-camera": "live/cam-1",
    "search": "replay",
    "replay-camera": "replay/camera/cam-1",
    "alerts": "alerts",
    "all-alerts": "alerts/all",
    "evidence": "evidence",
    "account": "account",
}


@pytest.fixture(scope="module")
def demo(lasting_demo: Demo) -> Demo:
    """Nothing here needs the beginning of the story."""
    return lasting_demo


@pytest.fixture(scope="module")
def busy(demo: Demo) -> Demo:
    """A hall in which something was found, so that lists are not empty."""
    wait_for("an absence", lambda: demo.alerts(kind="absence") or None, 120)
    return demo


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, browser: Browser, busy: Demo) -> Iterator[Page]:
    context = browser.new_context(
        locale="zh-CN", viewport={"width": 1440, "height": 900}, color_scheme=request.param
    )
    page = context.new_page()
    page.set_default_timeout(30_000)
    yield page
    context.close()


def found(page: Page, where: str) -> list[str]:
    """What axe holds against a page: where, which rule, and the first elements."""
    # What fades in or out has no contrast yet, or no more.
    page.evaluate(SETTLED)
    page.wait_for_timeout(200)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    result = cast(Json, page.evaluate("axe.run(document, {resultTypes: ['violations']})"))
    violations = cast(list[Json], result["violations"])
    return [
        f"{where}: {one['id']} ({one['impact']}): "
        + "; ".join(" ".join(cast(list[str], node["target"])) for node in cast(list[Json], one["nodes"])[:4])
        for one in violations
        if one["impact"] in SERIOUS
    ]


def log_in(page: Page, demo: Demo, user: str, password: str) -> None:
    page.goto(demo.url)
    page.get_by_test_id("login-user").fill(user)
    page.get_by_test_id("login-password").fill(password)
    page.get_by_test_id("login-submit").click()
    expect(page.get_by_test_id("board")).to_be_visible()


def test_no_screen_has_a_serious_fault(page: Page, busy: Demo) -> None:
    page.goto(busy.url)
    page.get_by_test_id("login-user").wait_for()
    faults = found(page, "login")
    log_in(page, busy, busy.user, busy.password)
    for name, path in SCREENS.items():
        page.goto(f"{busy.url}/{path}")
        page.locator("h1, h2, [data-testid]").first.wait_for()
        page.wait_for_timeout(1_000)  # lists and pictures come after the frame
        faults += found(page, name)
    assert faults == []


def test_the_audit_trail_has_no_serious_fault(page: Page, busy: Demo) -> None:
    password = secrets.token_urlsafe(12)
    with busy.database().write() as tx:
        accounts.save_user(tx, "auditor", Role.AUDITOR, hash_password(password), datetime.now(UTC))
    log_in(page, busy, "auditor", password)
    page.goto(f"{busy.url}/audit")
    page.locator("[data-action]").first.wait_for()
    assert found(page, "audit") == []
