"""Looking after the system in a browser: what needs somebody, how footage is kept, and the first steps."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from console.access.passwords import hash_password
from console.app import STATIC
from hall.roles import Role
from hall.storage import Disk, DiskState
from store import accounts, disks
from store import configuration as configurations
from tests.e2e.test_accessibility import found as axe_faults
from tests.e2e.test_administration import CHIEF, at_a_screen, log_in
from tests.integration.console_hall import HALL, NOW, PASSWORD, YAML, Console, console, recorded
from tests.integration.test_console_api import before

pytestmark = [pytest.mark.browser]

EMPTY = YAML.partition("    cameras:\n")[0]
"""The same hall before anybody added a camera."""


@contextmanager
def hall(folder: Path, yaml: str = YAML) -> Iterator[Console]:
    """A console with the built web app and an administrator."""
    with console(folder, yaml=yaml) as running:
        shutil.copytree(STATIC, folder / "static", dirs_exist_ok=True)
        with running.database.write() as tx:
            accounts.save_user(tx, CHIEF, Role.ADMINISTRATOR, hash_password(PASSWORD), NOW)
        yield running


def measured(hall: Console, state: DiskState) -> None:
    """A disk that stands so."""
    with hall.database.write() as tx:
        short = NOW + timedelta(hours=9)
        disks.measured(tx, HALL, Disk("/recordings", 10**12, 10**11, 10**6, short, state, NOW, NOW))


def test_what_needs_somebody_goes_when_it_is_over_and_keeping_less_is_asked_about_once_more(
    browser: Browser, tmp_path: Path
) -> None:
    with hall(tmp_path) as here, at_a_screen(browser, here) as page:
        measured(here, DiskState.SHORT_SOON)
        recorded(here, before(600))
        log_in(page, CHIEF, PASSWORD)
        page.get_by_test_id("nav-admin").click()
        page.get_by_test_id("part-admin-system").click()
        finding = page.get_by_test_id("finding-diskShortSoon")
        expect(finding).to_contain_text("soon be too small")
        expect(finding).to_contain_text("Add a disk")
        expect(page.get_by_test_id("process-capture")).to_contain_text("the bus is away")
        expect(page.get_by_test_id("disk-/recordings")).to_contain_text("100 GB")
        assert axe_faults(page, "system health") == []
        measured(here, DiskState.OK)
        # The screen reads itself anew.
        expect(finding).to_have_count(0, timeout=10_000)

        finding_of_bus = page.get_by_test_id("finding-busAway")
        expect(finding_of_bus).to_be_visible()
        page.get_by_test_id("part-admin-storage").click()
        row = page.get_by_test_id("storage-c1")
        expect(row).to_contain_text("when the disk is short")
        days = page.get_by_test_id("keep-picture_days")
        days.fill("a month")
        page.get_by_test_id("keep-save").click()
        expect(page.get_by_test_id("keep-picture_days-fault")).to_contain_text("Enter a number")
        days.fill("30")
        page.get_by_test_id("keep-save").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("cannot be brought back")
        dialog.get_by_role("button", name="Keep less").click()
        expect(page.get_by_test_id("keep-said")).to_contain_text("Saved")
        expect(row).to_contain_text("30 days")
        expect(row).to_contain_text("on 2026-04-01")
        assert axe_faults(page, "storage") == []
        with here.database.read() as tx:
            in_force = configurations.current(tx)
        assert in_force is not None
        assert in_force.site.keep.picture_days == 30


def test_who_may_set_up_an_empty_hall_is_led_through_the_first_steps_and_may_leave_them(
    browser: Browser, tmp_path: Path
) -> None:
    with hall(tmp_path, EMPTY) as here, at_a_screen(browser, here, "zh-CN") as page:
        log_in(page, CHIEF, PASSWORD)
        step = page.get_by_test_id("step-cameras")
        expect(step).to_have_attribute("aria-current", "step")
        expect(step).to_contain_text("下一步")
        expect(page.get_by_test_id("step-users")).to_have_attribute("data-done", "true")
        assert axe_faults(page, "first steps") == []
        page.get_by_test_id("guide-leave").click()
        expect(page.get_by_test_id("board")).to_be_visible()
        expect(page.get_by_test_id("guide-hint")).to_contain_text("还没有摄像机")
        page.keyboard.press("?")
        page.get_by_test_id("sheet-guide").click()
        expect(step).to_be_visible()
        step.get_by_role("link").click()
        expect(page).to_have_url(f"{here.url}/admin/cameras/new")
