"""Windows, units and staff in a browser: entered, told what is wrong, changed by two at once, removed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from console.access.passwords import hash_password
from console.app import STATIC
from hall.queueing import Step
from hall.roles import Role
from store import accounts, configuration
from tests.e2e.test_accessibility import found as axe_faults
from tests.integration.console_hall import NOW, PASSWORD, Console, console

pytestmark = [pytest.mark.browser]

CHIEF, LI = "chief", "li"


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Console]:
    """A console with the built web app and two administrators."""
    with console(tmp_path) as running:
        shutil.copytree(STATIC, tmp_path / "static", dirs_exist_ok=True)
        with running.database.write() as tx:
            for name in (CHIEF, LI):
                accounts.save_user(tx, name, Role.ADMINISTRATOR, hash_password(PASSWORD), NOW)
        yield running


@contextmanager
def administrator(browser: Browser, hall: Console, name: str, locale: str, path: str) -> Iterator[Page]:
    """A page of an administrator who is logged in; it breaks no policy."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_init_script(f"localStorage.setItem('hallwatch.locale', '{locale}')")
    broken: list[str] = []
    context.on("console", lambda said: broken.append(said.text) if "Content Security" in said.text else None)
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.goto(f"{hall.url}/login?then={path}")
    page.get_by_test_id("login-user").fill(name)
    page.get_by_test_id("login-password").fill(PASSWORD)
    page.get_by_test_id("login-submit").click()
    yield page
    context.close()
    assert broken == []


def test_a_window_is_entered_found_by_keys_and_removed(browser: Browser, hall: Console) -> None:
    with administrator(browser, hall, CHIEF, "zh-CN", "/admin/windows") as page:
        page.get_by_test_id("add-one").click()
        expect(page.locator("#window-number")).to_be_focused()
        page.locator("#window-number").fill("2")
        page.locator("#window-zh").fill("三号窗口")
        page.locator("#window-en").fill("Window Three")
        page.locator("#window-id").fill("w3")
        page.keyboard.press("Control+s")
        expect(page.get_by_test_id("window-number-fault")).to_have_text("窗口号 2 已用于窗口 w2")
        expect(page.locator("#window-number")).to_be_focused()
        assert axe_faults(page, "windows") == []
        page.locator("#window-number").fill("3")
        page.keyboard.press("Control+s")
        expect(page.get_by_test_id("said")).to_contain_text("已保存并生效")
        expect(page).to_have_url(f"{hall.url}/admin/windows/w3")
        page.keyboard.press("Escape")
        expect(page.get_by_test_id("find-one")).to_be_focused()

        page.get_by_test_id("find-one").fill("three")
        page.keyboard.press("Enter")
        expect(page.locator("#window-number")).to_have_value("3")
        page.get_by_test_id("remove-one").click()
        page.get_by_test_id("confirm-removal").click()
        expect(page.get_by_test_id("said")).to_contain_text("已删除")
        expect(page.get_by_test_id("one-w3")).to_have_count(0)
    with hall.officer() as officer:
        assert [one["id"] for one in officer.get("/api/v1/windows").json()["items"]] == ["w1", "w2"]


def test_who_is_overtaken_reads_anew_and_loses_nothing(browser: Browser, hall: Console) -> None:
    path = "/admin/windows/w1"
    with (
        administrator(browser, hall, CHIEF, "en", path) as chief,
        administrator(browser, hall, LI, "en", path) as li,
    ):
        chief.locator("#window-number").fill("A1")
        chief.locator("#window-en").fill("Typed by the chief")
        li.locator("#window-en").fill("Typed by Li")
        li.locator("#window-zh").fill("李填写")
        li.get_by_test_id("save-one").click()
        expect(li.get_by_test_id("said")).to_contain_text("in force")

        chief.get_by_test_id("save-one").click()
        expect(chief.get_by_test_id("refusal")).to_contain_text("li changed this at 2026-03-02")
        chief.get_by_test_id("read-anew").click()
        expect(chief.get_by_test_id("carried")).to_contain_text("Both of you changed: Name in English")
        expect(chief.locator("#window-number")).to_have_value("A1")
        expect(chief.locator("#window-en")).to_have_value("Typed by the chief")
        expect(chief.locator("#window-zh")).to_have_value("李填写")
        assert axe_faults(chief, "a conflict") == []
        chief.get_by_test_id("save-one").click()
        expect(chief.get_by_test_id("said")).to_contain_text("in force")
    with hall.officer() as officer:
        first = officer.get("/api/v1/windows").json()["items"][0]
    assert (first["number"], first["name"]) == ("A1", {"zh": "李填写", "en": "Typed by the chief"})


def test_an_item_has_what_is_promised_of_it_and_what_the_law_allows(browser: Browser, hall: Console) -> None:
    item = "不动产/抵押"
    with administrator(browser, hall, CHIEF, "zh-CN", "/admin/items?add") as page:
        page.locator("#item-zh").fill("不动产抵押登记")
        page.locator("#item-en").fill("Mortgage of real estate")
        page.locator("#item-id").fill(item)
        page.locator("#item-promised").fill("12")
        page.locator("#item-statutory").fill("10")
        page.get_by_test_id("save-one").click()
        expect(page.get_by_test_id("item-promised-fault")).to_have_text("承诺时限超过法定时限 10 个工作日")
        page.locator("#item-promised").fill("3")
        page.get_by_test_id("save-one").click()
        expect(page.get_by_test_id(f"one-{item}")).to_contain_text("承诺 3 个工作日 · 法定 10 个工作日")
        assert axe_faults(page, "items") == []
        page.reload()
        expect(page.locator("#item-promised")).to_have_value("3")
        page.locator("#item-statutory").fill("")
        page.get_by_test_id("save-one").click()
        expect(page.get_by_test_id(f"one-{item}")).not_to_contain_text("法定")

        page.goto(f"{hall.url}/admin/rules?add")
        page.get_by_test_id("rule-kind").click()
        page.get_by_role("option", name="环节超时").click()
        page.get_by_test_id("add-item-limit").click()
        page.get_by_test_id("save-one").click()
        expect(page.get_by_text("每项都要有事项和期限")).to_be_visible()
        page.get_by_test_id("rule-item-0-item").click()
        page.get_by_role("option", name="不动产抵押登记").click()
        page.locator("#rule-item-0").fill("15")
        assert axe_faults(page, "limits of items") == []
        page.get_by_test_id("save-one").click()
        expect(page.get_by_test_id("said")).to_contain_text("生效")
    with hall.database.read() as tx:
        known = configuration.current(tx)
    assert known is not None
    (place,) = known.halls
    (rule,) = (one for one in place.rules if one.kind == "overdue_step")
    assert rule.items == {item: {Step.HANDLE: 900}}
    assert place.item(item) is not None


def test_what_refers_to_a_unit_or_a_person_is_told_before_its_removal(
    browser: Browser, hall: Console
) -> None:
    with administrator(browser, hall, CHIEF, "en", "/admin/units?add") as page:
        page.locator("#unit-zh").fill("税务局")
        page.locator("#unit-en").fill("Tax Bureau")
        expect(page.locator("#unit-id")).to_have_value("tax-bureau")
        page.get_by_test_id("save-one").click()
        expect(page.get_by_test_id("said")).to_contain_text("in force")
        page.get_by_test_id("one-u1").click()
        assert axe_faults(page, "units") == []
        page.get_by_test_id("remove-one").click()
        expect(page.get_by_test_id("hindrances")).to_contain_text("Window 1 Window One")
        expect(page.get_by_test_id("confirm-removal")).to_have_count(0)
        page.get_by_test_id("hindrances").get_by_role("link", name="Wang Fang").click()

        page.locator("#person-en").fill("Wang Fang the second")
        page.get_by_test_id("part-admin-windows").click()
        page.get_by_role("dialog").get_by_role("button", name="Stay here").click()
        expect(page.locator("#person-en")).to_have_value("Wang Fang the second")
        assert axe_faults(page, "staff") == []
        page.get_by_test_id("save-one").click()
        expect(page.get_by_test_id("one-s1")).to_contain_text("Wang Fang the second")
