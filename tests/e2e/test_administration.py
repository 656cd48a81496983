"""Administration in a browser: users who then log in, keys shown once, refused events settled."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from console.access.passwords import hash_password
from console.app import STATIC
from hall.roles import Role
from store import accounts, api_keys
from tests.e2e.test_accessibility import found as axe_faults
from tests.integration.console_hall import KEY, NOW, PASSWORD, USER, Console, console
from tests.integration.test_console_api import EVENT

pytestmark = [pytest.mark.browser]

CHIEF = "chief"


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Console]:
    """A console with the built web app, an officer and an administrator."""
    with console(tmp_path) as running:
        shutil.copytree(STATIC, tmp_path / "static", dirs_exist_ok=True)
        with running.database.write() as tx:
            accounts.save_user(tx, CHIEF, Role.ADMINISTRATOR, hash_password(PASSWORD), NOW)
        yield running


@contextmanager
def at_a_screen(browser: Browser, hall: Console, locale: str = "en") -> Iterator[Page]:
    """A page of somebody who is not logged in; it breaks no policy."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_init_script(f"localStorage.setItem('hallwatch.locale', '{locale}')")
    broken: list[str] = []
    context.on("console", lambda said: broken.append(said.text) if "Content Security" in said.text else None)
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.goto(hall.url)
    yield page
    context.close()
    assert broken == []


def log_in(page: Page, user: str, password: str) -> None:
    page.get_by_test_id("login-user").fill(user)
    page.get_by_test_id("login-password").fill(password)
    page.get_by_test_id("login-submit").click()


def enter_user(page: Page, name: str) -> None:
    page.get_by_test_id("add-user").click()
    page.get_by_test_id("user-name").fill(name)
    page.get_by_test_id("user-name").press("Enter")


@pytest.mark.parametrize(
    ("locale", "taken", "added", "disable", "disabled"),
    [
        ("en", "taken already", "li may log in now", "Disable", "disabled"),
        ("zh-CN", "已被使用", "用户 li 已添加", "停用", "已停用"),
    ],
)
def test_a_user_is_entered_logs_in_and_is_disabled(
    browser: Browser, hall: Console, locale: str, taken: str, added: str, disable: str, disabled: str
) -> None:
    with at_a_screen(browser, hall, locale) as chief, at_a_screen(browser, hall, locale) as li:
        log_in(chief, CHIEF, PASSWORD)
        chief.get_by_test_id("nav-admin").click()
        chief.get_by_test_id("part-admin-users").click()
        enter_user(chief, USER)
        expect(chief.get_by_test_id("user-name-fault")).to_contain_text(taken)
        chief.get_by_test_id("user-name").fill("li")
        chief.get_by_test_id("user-submit").click()
        expect(chief.get_by_test_id("said")).to_contain_text(added)
        password = chief.get_by_test_id("secret").inner_text()
        assert axe_faults(chief, "users") == []
        chief.get_by_test_id("secret-done").click()
        expect(chief.get_by_test_id("secret")).to_have_count(0)

        log_in(li, "li", password)
        expect(li.get_by_test_id("account")).to_have_text("li")
        expect(chief.get_by_test_id(f"user-{CHIEF}").get_by_role("button")).to_have_count(0)
        row = chief.get_by_test_id("user-li")
        row.get_by_test_id("disable").click()
        chief.get_by_role("dialog").get_by_role("button", name=disable).click()
        expect(row).to_contain_text(disabled)
        expect(li.get_by_test_id("login-user")).to_be_visible(timeout=15_000)


def test_a_key_is_shown_once_and_opens_nothing_after_it_is_withdrawn(browser: Browser, hall: Console) -> None:
    with at_a_screen(browser, hall) as page, hall.visitor() as machine:
        log_in(page, CHIEF, PASSWORD)
        expect(page.get_by_test_id("account")).to_be_visible()
        page.goto(f"{hall.url}/admin/keys")
        page.get_by_test_id("add-key").click()
        page.get_by_test_id("key-submit").click()
        expect(page.get_by_test_id("key-name-fault")).to_have_text("Enter a name")
        page.get_by_test_id("key-name").fill("second queue")
        page.get_by_test_id("key-submit").click()
        key = {"X-API-Key": page.get_by_test_id("secret").inner_text()}
        assert machine.post("/api/v1/queue-events", json=EVENT, headers=key).status_code == 202
        assert axe_faults(page, "keys") == []
        page.get_by_test_id("key-second queue").get_by_test_id("withdraw").click()
        page.get_by_role("dialog").get_by_role("button", name="Withdraw").click()
        expect(page.get_by_test_id("said")).to_contain_text("withdrawn")
        expect(page.get_by_test_id("secret")).to_have_count(0)
        assert machine.post("/api/v1/queue-events", json=EVENT, headers=key).status_code == 401
    with hall.database.read() as tx:
        assert [one.name for one in api_keys.all_keys(tx)] == ["queue"]


def test_an_officer_mends_one_refused_event_and_discards_another(browser: Browser, hall: Console) -> None:
    with hall.visitor() as machine:
        for name in ("mended", "needless"):
            wrong = {**EVENT, "id": name, "hall": "h9"}
            answer = machine.post("/api/v1/queue-events", json=wrong, headers={"X-API-Key": KEY})
            assert answer.status_code == 422
    with at_a_screen(browser, hall) as page:
        log_in(page, USER, PASSWORD)
        page.get_by_test_id("nav-admin").click()
        expect(page.get_by_test_id("admin-parts").get_by_role("link")).to_have_text(["Refused queue events"])
        page.get_by_test_id("refused-open").first.click()
        page.get_by_test_id("refused-discard").click()
        expect(page.get_by_test_id("refused-reason-fault")).to_have_text("Say why it is not needed")
        assert axe_faults(page, "refused events") == []
        page.get_by_test_id("refused-reason").fill("a trial of the queue system")
        page.get_by_test_id("refused-discard").click()
        expect(page.get_by_test_id("said")).to_contain_text("discarded")

        expect(page.get_by_test_id("refused-open")).to_have_count(1)
        page.get_by_test_id("refused-open").click()
        page.get_by_test_id("refused-replay").click()
        expect(page.get_by_test_id("refused-text-fault")).to_contain_text("still refused")
        text = page.get_by_test_id("refused-text")
        text.fill(text.input_value().replace("h9", "h1"))
        page.get_by_test_id("refused-replay").click()
        expect(page.get_by_test_id("said")).to_have_text("The event was taken")
        expect(page.locator("[data-face=empty]")).to_contain_text("everything that came was taken")
    with hall.officer() as officer:
        found = officer.get("/api/v1/queue-events/refused").json()["items"]
    assert {(one["settlement"], one["note"]) for one in found} == {
        ("discarded", "a trial of the queue system"),
        ("replayed", None),
    }
