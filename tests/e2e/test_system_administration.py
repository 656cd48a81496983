"""Looking after the system in a browser: what needs somebody stands on top, and says what to do."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from console.access.passwords import hash_password
from console.app import STATIC
from hall.roles import Role
from hall.storage import Disk, DiskState
from store import accounts, disks
from tests.e2e.test_accessibility import found as axe_faults
from tests.e2e.test_administration import CHIEF, at_a_screen, log_in
from tests.integration.console_hall import HALL, NOW, PASSWORD, Console, console

pytestmark = [pytest.mark.browser]


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Console]:
    """A console with the built web app and an administrator."""
    with console(tmp_path) as running:
        shutil.copytree(STATIC, tmp_path / "static", dirs_exist_ok=True)
        with running.database.write() as tx:
            accounts.save_user(tx, CHIEF, Role.ADMINISTRATOR, hash_password(PASSWORD), NOW)
        yield running


def measured(hall: Console, state: DiskState) -> None:
    """A disk that stands so."""
    with hall.database.write() as tx:
        short = NOW + timedelta(hours=9)
        disks.measured(tx, HALL, Disk("/recordings", 10**12, 10**11, 10**6, short, state, NOW, NOW))


@pytest.mark.parametrize(
    ("locale", "disk", "advice", "unknown"),
    [
        ("en", "soon be too small", "Add a disk", "the bus is away"),
        ("zh-CN", "即将不足", "增加磁盘", "消息总线已断开"),
    ],
)
def test_what_needs_somebody_is_told_with_what_to_do_and_goes_when_it_is_over(
    browser: Browser, hall: Console, locale: str, disk: str, advice: str, unknown: str
) -> None:
    measured(hall, DiskState.SHORT_SOON)
    with at_a_screen(browser, hall, locale) as page:
        log_in(page, CHIEF, PASSWORD)
        page.get_by_test_id("nav-admin").click()
        page.get_by_test_id("part-admin-system").click()
        finding = page.get_by_test_id("finding-diskShortSoon")
        expect(finding).to_contain_text(disk)
        expect(finding).to_contain_text(advice)
        expect(page.get_by_test_id("process-capture")).to_contain_text(unknown)
        expect(page.get_by_test_id("disk-/recordings")).to_contain_text("100 GB")
        assert axe_faults(page, "system health") == []
        if locale == "en":
            measured(hall, DiskState.OK)
            # The screen reads itself anew.
            expect(finding).to_have_count(0, timeout=10_000)
        expect(page.get_by_test_id("finding-busAway")).to_be_visible()
