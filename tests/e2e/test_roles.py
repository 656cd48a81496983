"""What roles see in a browser: the auditor's page, kind words where nothing is shown, log-out everywhere."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from console.access.gate import COOKIE
from console.app import STATIC
from hall.config.access import AccessSettings
from hall.roles import Role
from tests.integration.console_hall import PASSWORD, Console, console, recorded
from tests.integration.test_audit import ask_reasons
from tests.integration.test_console_api import before, served
from tests.integration.visitors import visiting


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Console]:
    """A console with the built web app."""
    with console(tmp_path) as running:
        shutil.copytree(STATIC, tmp_path / "static", dirs_exist_ok=True)
        yield running


@contextmanager
def seen_by(browser: Browser, hall: Console, client: httpx.Client, locale: str = "en") -> Iterator[Page]:
    """A page of somebody who is logged in; it may ask nobody but this console, and breaks no policy."""
    context: BrowserContext = browser.new_context(viewport={"width": 1440, "height": 900})
    token = client.headers["Cookie"].partition("=")[2]
    context.add_cookies([{"name": COOKIE, "value": token, "url": hall.url, "httpOnly": True}])
    context.add_init_script(f"localStorage.setItem('hallwatch.locale', '{locale}')")
    foreign: list[str] = []
    broken: list[str] = []
    context.on("request", lambda request: None if _is_own(request.url, hall) else foreign.append(request.url))
    context.on("console", lambda said: broken.append(said.text) if "Content Security" in said.text else None)
    page = context.new_page()
    yield page
    context.close()
    assert (foreign, broken) == ([], [])


def _is_own(url: str, hall: Console) -> bool:
    return url.startswith((hall.url, hall.url.replace("http", "ws", 1), "data:", "blob:"))


@pytest.mark.parametrize(
    ("locale", "title", "act"), [("en", "Audit trail", "played"), ("zh-CN", "审计记录", "回放录像")]
)
def test_an_auditor_finds_who_played_what(
    browser: Browser, hall: Console, locale: str, title: str, act: str
) -> None:
    segment = recorded(hall, before(62))
    with visiting(hall, Role.OFFICER, name="li") as officer, visiting(hall, Role.AUDITOR) as auditor:
        assert officer.get(f"/api/v1/segments/{segment.id}/media").status_code == 200
        with seen_by(browser, hall, auditor, locale) as page:
            page.goto(hall.url)
            page.get_by_test_id("nav-audit").click()
            expect(page.get_by_role("heading", name=title)).to_be_visible()
            row = page.locator("[data-action=playback]")
            expect(row).to_contain_text(act)
            expect(row).to_contain_text(segment.id)
            page.get_by_test_id("audit-text").fill("nothing holds this")
            page.get_by_test_id("audit-submit").click()
            expect(page.locator("[data-face=empty]")).to_be_visible()
            expect(page.get_by_role("link", name="Replay")).to_have_count(0)


def test_a_link_to_what_is_not_permitted_says_so_kindly(browser: Browser, hall: Console) -> None:
    with visiting(hall, Role.MANAGER, name="zhao") as manager, seen_by(browser, hall, manager) as page:
        page.goto(f"{hall.url}/audit")
        expect(page.get_by_test_id("forbidden")).to_contain_text("zhao may not see this page")
        page.get_by_role("link", name="Back to the live board").click()
        expect(page.get_by_test_id("forbidden")).to_have_count(0)
        expect(page.get_by_test_id("nav-audit")).to_have_count(0)


def test_who_may_not_hear_has_no_button_for_sound(browser: Browser, hall: Console) -> None:
    transaction = served(hall)
    recorded(hall, before(62))
    for role, buttons in ((Role.OFFICER, 1), (Role.MANAGER, 0)):
        with visiting(hall, role) as client, seen_by(browser, hall, client) as page:
            page.goto(f"{hall.url}/replay/{transaction.id}")
            expect(page.get_by_test_id("replay-play")).to_be_visible()
            expect(page.get_by_role("button", name="sound")).to_have_count(buttons)


def test_a_log_out_in_one_tab_is_one_in_every_tab(browser: Browser, hall: Console) -> None:
    with visiting(hall, Role.OFFICER) as officer, seen_by(browser, hall, officer) as page:
        page.goto(hall.url)
        other = page.context.new_page()
        other.goto(f"{hall.url}/alerts")
        expect(other.get_by_test_id("alert-list")).to_be_visible()
        page.get_by_role("button", name="Log out").click()
        expect(page.get_by_test_id("login-user")).to_be_visible()
        expect(other.get_by_test_id("login-user")).to_be_visible()


def test_a_forgotten_screen_is_logged_out_from_the_account_page(browser: Browser, hall: Console) -> None:
    with hall.officer() as forgotten, hall.officer() as officer:
        officer.headers["Cookie"] = f"{COOKIE}={officer.cookies[COOKIE]}"
        with seen_by(browser, hall, officer) as page:
            page.goto(hall.url)
            page.get_by_test_id("account").click()
            page.get_by_test_id("session-end").click()
            expect(page.get_by_test_id("session-end")).to_have_count(0)
            assert forgotten.get("/api/v1/session").status_code == 401
            page.get_by_label("Present password").fill("wrong")
            page.get_by_label("New password, at least").fill("a longer word than before")
            page.get_by_label("New password once more").fill("a longer word than before")
            page.get_by_test_id("password-submit").click()
            expect(page.get_by_text("The present password is wrong")).to_be_visible()
            page.get_by_label("Present password").fill(PASSWORD)
            page.get_by_test_id("password-submit").click()
            expect(page.get_by_text("The password is changed")).to_be_visible()


def test_nothing_is_shown_before_the_reason_that_policy_asks_for(browser: Browser, hall: Console) -> None:
    transaction = served(hall)
    recorded(hall, before(62))
    ask_reasons(hall, AccessSettings(reason_for=("replay",)))
    with visiting(hall, Role.OFFICER) as officer, seen_by(browser, hall, officer) as page:
        page.goto(f"{hall.url}/replay/{transaction.id}")
        expect(page.get_by_test_id("reason-form")).to_be_visible()
        expect(page.get_by_test_id("replay-video")).to_have_count(0)
        page.get_by_test_id("stated-reason").fill("complaint 17")
        page.get_by_test_id("reason-submit").click()
        expect(page.get_by_test_id("replay-video")).to_be_visible()
