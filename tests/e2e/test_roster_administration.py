"""The roster in a browser: a shift entered, changed, undone; a file tried, taken; a day of the calendar."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from console.access.passwords import hash_password
from console.app import STATIC
from hall.roles import Role
from store import accounts
from tests.e2e.test_accessibility import found as axe_faults
from tests.e2e.test_administration import at_a_screen, log_in
from tests.integration.console_hall import NOW, PASSWORD, Console, console

pytestmark = [pytest.mark.browser]

HEAD = "类型,人员,窗口,日期,开始,结束,事由\n"


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Console]:
    """A console with the built web app, a hall manager and an administrator."""
    with console(tmp_path) as running:
        shutil.copytree(STATIC, tmp_path / "static", dirs_exist_ok=True)
        with running.database.write() as tx:
            for name, role in (("fang", Role.MANAGER), ("chief", Role.ADMINISTRATOR)):
                accounts.save_user(tx, name, role, hash_password(PASSWORD), NOW)
        yield running


def open_roster(page: Page, hall: Console, user: str) -> None:
    log_in(page, user, PASSWORD)
    expect(page.get_by_test_id("account")).to_have_text(user)
    page.goto(f"{hall.url}/admin/roster")
    expect(page.get_by_test_id("week-shown")).to_have_text("2026-03-02 – 03-08")


def choose(page: Page, field: str, option: str) -> None:
    page.get_by_test_id(field).click()
    page.get_by_role("option", name=option).click()


def upload(page: Page, rows: str) -> None:
    page.get_by_test_id("roster-file").set_input_files(
        {"name": "三月.csv", "mimeType": "text/csv", "buffer": (HEAD + rows).encode("gb18030")}
    )


def test_a_manager_enters_changes_and_undoes_a_shift_and_takes_a_file(
    browser: Browser, hall: Console
) -> None:
    with at_a_screen(browser, hall) as page:
        open_roster(page, hall, "fang")
        expect(page.get_by_test_id("no-shift")).to_be_visible()
        # From cell to cell by the keyboard, then the one with the focus.
        page.get_by_test_id("row-w1").get_by_test_id("add-here").first.focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
        page.get_by_test_id("shift-save").click()
        expect(page.get_by_test_id("shift-staff-fault")).to_have_text("Choose a person")
        choose(page, "shift-staff", "Wang Fang")
        page.get_by_test_id("shift-from").fill("9")
        page.get_by_test_id("shift-save").click()
        row = page.get_by_test_id("row-w1")
        expect(row.get_by_test_id("shift")).to_contain_text("09:00–12:00")
        expect(row.locator("[data-cell='0-1']")).to_contain_text("Wang Fang")

        row.get_by_test_id("shift").click()
        page.get_by_test_id("shift-to").fill("13:30")
        page.get_by_test_id("shift-save").click()
        expect(row.get_by_test_id("shift")).to_contain_text("09:00–13:30")
        page.get_by_test_id("undo").click()
        expect(row.get_by_test_id("shift")).to_contain_text("09:00–12:00")
        expect(page.get_by_test_id("said")).to_contain_text("Undone")
        assert axe_faults(page, "roster") == []

        page.keyboard.press("i")
        upload(page, "班次,王芳,9,2026-03-04,9:00,12:00,\n")
        expect(page.get_by_test_id("faults")).to_contain_text("there is no window '9' in this hall")
        expect(page.get_by_test_id("import-take")).to_be_disabled()
        upload(page, "班次,王芳,2,2026-03-04,9:00,12:00,\n请假,王芳,,,2026-03-03,2026-03-03,年假\n")
        expect(page.get_by_test_id("outcome").first).to_contain_text("Window Two")
        assert axe_faults(page, "import") == []
        page.get_by_test_id("import-take").click()
        expect(page.get_by_test_id("said")).to_contain_text("三月.csv is taken")
        expect(row.get_by_test_id("shift")).to_contain_text("on leave")
        page.get_by_test_id("by-staff").click()
        expect(page.get_by_test_id("row-s1")).to_contain_text("all day")

        page.get_by_test_id("changes").click()
        page.get_by_test_id("undo-this").first.click()
        expect(page.get_by_role("dialog")).to_contain_text("undoing a change")
        assert axe_faults(page, "changes") == []


def test_an_administrator_changes_a_day_of_the_calendar_and_undoes_it(
    browser: Browser, hall: Console
) -> None:
    with at_a_screen(browser, hall, "zh-CN") as page:
        log_in(page, "chief", PASSWORD)
        expect(page.get_by_test_id("account")).to_have_text("chief")
        page.goto(f"{hall.url}/admin/calendar")
        expect(page.get_by_test_id("year-shown")).to_have_text("2026")
        expect(page.get_by_test_id("completeness")).to_contain_text("尚未录入")
        for date, kind, name in (("2026-03-03", "holiday", "搬迁"), ("2026-03-07", "workday", "补班")):
            page.locator(f"[data-day='{date}']").click()
            page.get_by_test_id(f"kind-{kind}").check()
            page.get_by_test_id("day-name").fill(name)
            page.get_by_test_id("day-basis").fill("区政府办〔2026〕3号")
            page.get_by_test_id("year-source").fill("国办发明电〔2025〕1号")
            page.get_by_test_id("day-save").click()
            expect(page.get_by_test_id("said")).to_contain_text(f"{date} 已修改")
        expect(page.locator("[data-day='2026-03-07']")).to_contain_text("班")
        assert axe_faults(page, "calendar") == []
        page.get_by_test_id("undo").click()
        expect(page.get_by_test_id("said")).to_contain_text("已撤销")
        expect(page.locator("[data-day='2026-03-07']")).not_to_contain_text("班")
        expect(page.locator("[data-day='2026-03-03']")).to_contain_text("休")
