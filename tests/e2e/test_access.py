"""Coming in, in a browser: the second factor in both languages, and sessions that end elsewhere."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from console.app import STATIC
from hall.config.access import AccessSettings
from hall.roles import Role
from tests.integration.console_hall import PASSWORD, USER, Console, console
from tests.integration.test_audit import ask_reasons
from tests.integration.test_single_sign_on import running

NEW = "a longer word than before"
WITHIN_SECONDS = 15_000


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Console]:
    """A console with the built web app."""
    with console(tmp_path) as running:
        shutil.copytree(STATIC, tmp_path / "static", dirs_exist_ok=True)
        yield running


@contextmanager
def at_a_screen(browser: Browser, hall: Console, locale: str = "en") -> Iterator[Page]:
    """A page of somebody who is not logged in; it breaks no policy."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_init_script(f"localStorage.setItem('hallwatch.locale', '{locale}')")
    broken: list[str] = []
    context.on("console", lambda said: broken.append(said.text) if "Content Security" in said.text else None)
    page = context.new_page()
    page.goto(hall.url)
    yield page
    context.close()
    assert broken == []


def give_password(page: Page, password: str = PASSWORD) -> None:
    page.get_by_test_id("login-user").fill(USER)
    page.get_by_test_id("login-password").fill(password)
    page.get_by_test_id("login-submit").click()


def set_up(page: Page, hall: Console) -> str:
    """Set up a second factor where the page asks for the password; its secret."""
    page.locator("#factor-password").fill(PASSWORD)
    page.get_by_test_id("second-factor-start").click()
    expect(page.locator("img.picture")).to_be_visible()
    assert page.locator("img.picture").evaluate("image => image.naturalWidth") > 0
    secret = page.get_by_test_id("second-factor-secret").inner_text()
    page.get_by_test_id("second-factor-code").fill(pyotp.TOTP(secret).at(hall.clock.now()))
    page.get_by_test_id("second-factor-submit").click()
    expect(page.get_by_test_id("recovery-codes").locator("li")).to_have_count(10)
    page.get_by_test_id("recovery-done").click()
    hall.clock.advance(60)
    return secret


@pytest.mark.parametrize(
    ("locale", "on", "wrong", "log_out"),
    [
        ("en", "On since", "The code is wrong or used up", "Log out"),
        ("zh-CN", "已启用", "动态码错误或已使用", "退出登录"),
    ],
)
def test_a_second_factor_is_set_up_and_then_asked_for(
    browser: Browser, hall: Console, locale: str, on: str, wrong: str, log_out: str
) -> None:
    with at_a_screen(browser, hall, locale) as page:
        give_password(page)
        page.get_by_test_id("account").click()
        page.get_by_test_id("second-factor-open").click()
        secret = set_up(page, hall)
        expect(page.get_by_test_id("second-factor-on")).to_contain_text(on)
        page.get_by_role("button", name=log_out).click()
        give_password(page)
        page.get_by_test_id("login-code").fill("000000")
        page.get_by_test_id("code-submit").click()
        expect(page.get_by_test_id("code-step")).to_contain_text(wrong)
        page.get_by_test_id("login-code").fill(pyotp.TOTP(secret).at(hall.clock.now()))
        page.keyboard.press("Enter")
        expect(page.get_by_test_id("account")).to_have_text(USER)


def test_who_must_have_a_second_factor_sets_it_up_before_anything_is_shown(
    browser: Browser, hall: Console
) -> None:
    ask_reasons(hall, AccessSettings(totp_for=(Role.OFFICER,)))
    with at_a_screen(browser, hall) as page:
        give_password(page)
        expect(page.get_by_test_id("second-factor-owed")).to_be_visible()
        page.goto(f"{hall.url}/alerts")
        expect(page.get_by_test_id("second-factor-owed")).to_be_visible()
        expect(page.get_by_role("navigation")).to_have_count(0)
        set_up(page, hall)
        expect(page.get_by_test_id("alert-list")).to_be_visible()


def test_another_password_ends_the_session_at_every_other_screen(browser: Browser, hall: Console) -> None:
    with at_a_screen(browser, hall) as here, at_a_screen(browser, hall) as elsewhere:
        for page in (here, elsewhere):
            give_password(page)
            expect(page.get_by_test_id("account")).to_be_visible()
        here.get_by_test_id("account").click()
        here.get_by_label("Present password").fill(PASSWORD)
        here.get_by_label("New password, at least").fill(NEW)
        here.get_by_label("New password once more").fill(NEW)
        here.get_by_test_id("password-submit").click()
        expect(here.get_by_text("The password is changed")).to_be_visible()
        expect(elsewhere.get_by_test_id("login-user")).to_be_visible(timeout=WITHIN_SECONDS)
        expect(here.get_by_test_id("password-submit")).to_be_visible()


def test_single_sign_on_leads_in_says_why_not_and_leads_out(browser: Browser, tmp_path: Path) -> None:
    with running(tmp_path) as site:
        shutil.copytree(STATIC, tmp_path / "static", dirs_exist_ok=True)
        with at_a_screen(browser, site.hall, "zh-CN") as page:
            site.provider.claims = {"groups": []}
            page.get_by_test_id("sign-on").click()
            expect(page.get_by_text("您的账号在此没有角色")).to_be_visible()
            site.provider.claims = {}
            expect(page.get_by_test_id("sign-on")).to_have_text("市政务云")
            page.get_by_test_id("sign-on").click()
            page.get_by_test_id("account").click()
            expect(page.get_by_text("您通过单点登录进入系统")).to_be_visible()
            expect(page.get_by_test_id("password-form")).to_have_count(0)
            page.get_by_role("button", name="退出登录").click()
            expect(page.get_by_text("You are logged out")).to_be_visible()
