"""The investigator's search in a browser: type, take a suggestion, read what is kept, open it, by keys."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from console.app import STATIC
from hall.roles import Role
from tests.e2e.test_roles import seen_by
from tests.integration.console_hall import Console, console, recorded
from tests.integration.test_console_api import before, found, served
from tests.integration.test_search import accepted, unserved
from tests.integration.visitors import visiting

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Console]:
    """A console with the built web app, and something to find."""
    with console(tmp_path) as running:
        shutil.copytree(STATIC, tmp_path / "static", dirs_exist_ok=True)
        served(running)
        found(running)
        unserved(running)
        accepted(running)
        recorded(running, before(62))
        yield running


@pytest.mark.parametrize(
    ("locale", "typed", "staff", "understood", "kept"),
    [
        ("en", "today wan", "Wang Fang", "Time 2026-03-02 00:00:00", "with gaps"),
        ("zh-CN", "今天 王", "王芳", "时间 2026-03-02 00:00:00", "有缺口"),
    ],
)
def test_an_investigator_finds_a_transaction_by_keys_alone(
    browser: Browser, hall: Console, locale: str, typed: str, staff: str, understood: str, kept: str
) -> None:
    with visiting(hall, Role.INVESTIGATOR) as client, seen_by(browser, hall, client, locale) as page:
        page.goto(f"{hall.url}/replay")
        expect(page.locator("[data-testid^=hit-]")).to_have_count(4)
        box = page.get_by_test_id("replay-search")
        page.locator("h1").click()
        page.keyboard.press("/")
        expect(box).to_be_focused()
        page.keyboard.type(typed)
        expect(page.get_by_test_id("suggestion-staff-s1")).to_have_text(re.compile(staff))
        page.keyboard.press("ArrowDown")
        expect(page.get_by_test_id("suggestion-staff-s1")).to_have_attribute("aria-selected", "true")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("staff=s1"))
        expect(page.locator("[data-testid^=hit-]")).to_have_count(2)
        expect(page.get_by_test_id("understood")).to_contain_text(understood)
        row = page.get_by_test_id("hit-transaction")
        expect(row).to_contain_text(staff)
        expect(row).to_contain_text(kept)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        expect(row.get_by_test_id("replay-open")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("/replay/t-A012"))
        page.go_back()
        expect(page.locator("[data-testid^=hit-]")).to_have_count(2)
        expect(box).to_have_value(typed.split(maxsplit=1)[0])


def test_what_nothing_is_called_is_said_and_filters_narrow(browser: Browser, hall: Console) -> None:
    with visiting(hall, Role.INVESTIGATOR) as client, seen_by(browser, hall, client) as page:
        page.goto(f"{hall.url}/replay?q=%E7%A6%BB%E5%B2%97")
        expect(page.get_by_test_id("hit-alert")).to_contain_text("Absence")
        expect(page.get_by_test_id("replay-search")).to_have_value("离岗")
        page.get_by_test_id("replay-search").fill("")
        page.get_by_test_id("search-kind-ticket").click()
        expect(page.get_by_test_id("hit-ticket")).to_contain_text("B007")
        expect(page.locator("[data-testid^=hit-]")).to_have_count(1)
        page.get_by_test_id("replay-search").fill("x")
        page.get_by_test_id("replay-search-submit").click()
        expect(page.get_by_test_id("understood")).to_contain_text("nothing is called “x”")
        expect(page.locator("[data-face=empty]")).to_contain_text("Nothing fits")
