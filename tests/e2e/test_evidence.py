"""Evidence in a browser: marked by keys, ordered, fetched, played without any server, checked; and locked."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Download, Locator, Page, expect

from console.evidence.contents import BLOCK
from hall.queueing import Transaction
from hall.roles import Role
from store import exporting, locks
from tests.e2e.replayed_hall import ABOVE, FRONT, replayed_hall, served
from tests.e2e.test_accessibility import found as axe_faults
from tests.e2e.test_player import replaying
from tests.e2e.test_roles import seen_by
from tests.integration.console_hall import Console
from tests.integration.visitors import visiting

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

WORDS = {
    "en": {
        "need": "Say why",
        "to": " to ",
        "state": "Ready",
        "redacted": "Redaction: without sound",
        "page": "Redacted · not as it was recorded",
        "muted": "The sound was left out.",
        "checked": "without sound",
        "locked": "Locked until released",
        "released": "Released",
    },
    "zh-CN": {
        "need": "请填写理由",
        "to": " 至 ",
        "state": "已完成",
        "redacted": "脱敏：无声音",
        "page": "已脱敏 · 并非录制原样",
        "muted": "声音已去除。",
        "checked": "无声音",
        "locked": "锁定至解除为止",
        "released": "已解除",
    },
}


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    with replayed_hall(tmp_path_factory.mktemp("hall")) as running:
        yield running


@pytest.fixture(scope="module")
def transaction(hall: Console) -> Transaction:
    return served(hall, "A001", 2, 20)


def order(page: Page, case: str, need: str) -> None:
    """Mark from where the player is for three seconds, and order both cameras without their sound."""
    page.keyboard.press("k")  # a pause, so that the mark is where it was meant
    page.keyboard.press("i")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("o")
    page.get_by_test_id("evidence-open").click()
    dialog = page.get_by_role("dialog")
    dialog.locator(".el-checkbox", has_text="二号机").or_(
        dialog.locator(".el-checkbox", has_text="Two")
    ).click()
    page.get_by_test_id("evidence-case").fill(case)
    page.get_by_test_id("evidence-submit").click()
    expect(dialog.get_by_role("alert").filter(has_text=need)).to_be_visible()
    page.get_by_test_id("evidence-reason").fill("投诉：窗口无人 <b>")
    dialog.get_by_test_id("redact-mute").click()
    page.get_by_test_id("evidence-submit").click()


def fetched(page: Page, row: Locator, state: str) -> Download:
    """The package of a row, once it is made."""
    expect(row).to_contain_text(state, timeout=30_000)
    with page.expect_download() as download:
        row.get_by_test_id("evidence-fetch").click()
    return download.value


def damaged(package: Path, name: str) -> tuple[Path, str]:
    """The package with one byte of a file changed, and the block of that file in which it lies."""
    with zipfile.ZipFile(package) as archive:
        entry = archive.getinfo(name)
    content = bytearray(package.read_bytes())
    header = entry.header_offset
    lengths = content[header + 26 : header + 30]
    start = header + 30 + int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little")
    place = entry.file_size // 2
    content[start + place] ^= 1
    changed = package.with_name("changed.zip")
    changed.write_bytes(content)
    block = place // BLOCK * BLOCK
    return changed, f"{block} to {min(block + BLOCK, entry.file_size) - 1}"


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
def test_evidence_is_marked_ordered_fetched_played_offline_and_checked(
    browser: Browser, hall: Console, transaction: Transaction, tmp_path: Path, locale: str
) -> None:
    words, case = WORDS[locale], f"2026-17-{locale}"
    with replaying(browser, hall, f"/replay/{transaction.id}", locale) as page:
        order(page, case, words["need"])
        row = page.locator("tr", has_text=case)
        expect(row).to_contain_text(words["redacted"])
        package = tmp_path / "evidence.zip"
        fetched(page, row, words["state"]).save_as(package)
        assert axe_faults(page, "evidence") == []

        page.get_by_test_id("evidence-file").set_input_files(package)
        result = page.locator("[data-holds=true]")
        expect(result).to_contain_text(case)
        expect(page.get_by_test_id("check-redacted")).to_contain_text(words["checked"])
        changed, block = damaged(package, f"clips/{FRONT}-1.mp4")
        page.get_by_test_id("evidence-file").set_input_files(changed)
        fault = page.locator("[data-holds=false] li")
        expect(fault).to_contain_text(f"clips/{FRONT}-1.mp4")
        expect(fault).to_contain_text(block.replace(" to ", words["to"]))
    with hall.database.read() as tx:
        [export] = [one for one in exporting.exports_of(tx) if one.case == case]
    assert set(export.cameras) == {FRONT, ABOVE}
    assert export.interval.end is not None
    assert timedelta(seconds=1) < export.interval.end - export.interval.start < timedelta(seconds=60)
    plays_offline(browser, package, tmp_path / "unpacked", locale)


def plays_offline(browser: Browser, package: Path, folder: Path, locale: str) -> None:
    """The unpacked page shows both cameras, says that it is redacted, and asks nobody for anything."""
    with zipfile.ZipFile(package) as archive:
        archive.extractall(folder)
    context = browser.new_context(locale=locale)
    foreign: list[str] = []
    context.on("request", lambda asked: None if asked.url.startswith("file:") else foreign.append(asked.url))
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.goto((folder / "index.html").as_uri())
    expect(page.locator(".redacted")).to_contain_text(WORDS[locale]["page"])
    expect(page.locator(".redacted")).to_contain_text(WORDS[locale]["muted"])
    expect(page.locator("dd").nth(1)).to_have_text("投诉：窗口无人 <b>")
    page.keyboard.press(" ")
    page.wait_for_function(
        """() => [...document.querySelectorAll('video')]
            .filter((one) => one.videoWidth > 0 && one.currentTime > 0.5).length === 2"""
    )
    assert axe_faults(page, "package") == []
    context.close()
    assert foreign == []


def test_footage_is_locked_in_the_player_found_prolonged_and_released(
    browser: Browser, hall: Console, transaction: Transaction
) -> None:
    """By the investigator in English, and seen by the officer in Chinese."""
    with replaying(browser, hall, f"/replay/{transaction.id}", "en", Role.INVESTIGATOR) as page:
        page.get_by_test_id("lock-open").click()
        expect(page.get_by_test_id("lock-case")).to_have_value(transaction.serial or "")
        page.get_by_test_id("lock-submit").click()
        expect(page.get_by_role("dialog")).to_contain_text("Say why")
        page.get_by_test_id("lock-reason").fill("the complaint of March")
        assert axe_faults(page, "lock") == []
        page.get_by_test_id("lock-submit").click()
        held = page.get_by_test_id("lock-held")
        expect(held).to_contain_text("Locked until")
        expect(held).to_have_attribute("title", re.compile("investigator-.*: the complaint of March"))
        page.goto(f"{hall.url}/evidence/locks")
        page.get_by_test_id("lock-find").fill("MARCH")
        page.get_by_test_id("lock-find").press("Enter")
        row = page.locator("tr", has_text="the complaint of March")
        row.get_by_test_id("lock-prolong").click()
        page.get_by_test_id("prolong-period").click()
        page.get_by_role("option", name="until released").click()
        page.get_by_test_id("lock-change-reason").fill("it goes on")
        page.get_by_test_id("lock-change-submit").click()
        expect(row).to_contain_text("until released")
        assert axe_faults(page, "locks") == []
    with replaying(browser, hall, f"/replay/{transaction.id}", "zh-CN") as page:
        expect(page.get_by_test_id("lock-held")).to_contain_text(WORDS["zh-CN"]["locked"])
    with visiting(hall, Role.OFFICER) as officer, seen_by(browser, hall, officer, "zh-CN") as page:
        page.set_default_timeout(15_000)
        page.goto(f"{hall.url}/evidence/locks")
        row = page.locator("tr", has_text="the complaint of March")
        row.get_by_test_id("lock-release").click()
        page.get_by_test_id("lock-change-submit").click()
        expect(page.get_by_role("dialog")).to_contain_text(WORDS["zh-CN"]["need"])
        page.get_by_test_id("lock-change-reason").fill("已结案")
        page.get_by_test_id("lock-change-submit").click()
        expect(row).to_have_count(0)
        page.locator("label", has=page.get_by_test_id("lock-holding")).or_(
            page.get_by_test_id("lock-holding")
        ).first.click()
        expect(row).to_contain_text(WORDS["zh-CN"]["released"])
        expect(row).to_contain_text("已结案")
    with hall.database.read() as tx:
        [kept] = [lock for lock in locks.locks_of(tx) if lock.reason == "the complaint of March"]
    assert (kept.reference, kept.release_reason) == (transaction.serial, "已结案")


def test_heads_are_covered_but_at_a_window_by_choice(
    browser: Browser, hall: Console, transaction: Transaction
) -> None:
    """The choice of the dialog reaches the order, which is taken back while it waits or is made."""
    with replaying(browser, hall, f"/replay/{transaction.id}") as page:
        page.get_by_test_id("evidence-open").click()
        page.get_by_test_id("evidence-case").fill("2026-18")
        page.get_by_test_id("evidence-reason").fill("for the other party")
        page.get_by_test_id("redact-heads").click()
        page.get_by_role("option", name="Cover those of by-standers").click()
        page.get_by_test_id("evidence-submit").click()
        expect(page.get_by_role("dialog")).to_contain_text("Choose whose people stay visible")
        page.get_by_test_id("redact-windows").locator(".el-checkbox", has_text="1").click()
        page.get_by_test_id("evidence-submit").click()
        row = page.locator("tr", has_text="2026-18")
        expect(row).to_contain_text("heads covered except at 1")
        row.get_by_test_id("evidence-remove").click()
        page.locator(".el-message-box").get_by_role("button", name="Cancel the order").click()
        expect(row).to_have_attribute("data-state", "removed")
    with hall.database.read() as tx:
        [export] = [one for one in exporting.exports_of(tx) if one.case == "2026-18"]
    assert export.redaction is not None
    assert (export.redaction.heads, export.redaction.windows) == ("by_standers", ("w1",))
