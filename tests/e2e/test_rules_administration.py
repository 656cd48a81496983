"""Rules, versions and notifiers in a browser: limits are changed and taken back, a notifier is tried out."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from alerts.delivery import Delivery
from console.access.passwords import hash_password
from console.app import STATIC
from hall.finding import Severity
from hall.roles import Role
from hall.rule import AbsenceRule, LongQueueRule
from store import accounts
from store import configuration as configurations
from tests.e2e.test_accessibility import found as axe_faults
from tests.e2e.test_administration import CHIEF, at_a_screen, log_in
from tests.integration.console_hall import NOW, PASSWORD, Console, console
from tests.integration.visitors import visiting
from tests.receiver import receiving

pytestmark = [pytest.mark.browser]

RULES = "/api/v1/configuration/halls/h1/rules"


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Console]:
    """A console with the built web app and an administrator."""
    with console(tmp_path) as running:
        shutil.copytree(STATIC, tmp_path / "static", dirs_exist_ok=True)
        with running.database.write() as tx:
            accounts.save_user(tx, CHIEF, Role.ADMINISTRATOR, hash_password(PASSWORD), NOW)
        yield running


@contextmanager
def carrying_out_trials(hall: Console) -> Iterator[None]:
    """What the alerts role does about trials, as long as the block lasts."""
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(0.1):
            with hall.database.read() as tx:
                in_force = configurations.current(tx)
            for one in in_force.site.notifiers if in_force is not None else ():
                Delivery(one, hall.database, hall.clock, lambda _tx: True).try_out()

    thread = threading.Thread(target=work, name="trials")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10)
        assert not thread.is_alive()


def test_a_limit_that_somebody_changed_is_seen_with_its_author_and_taken_back(
    browser: Browser, hall: Console
) -> None:
    with visiting(hall, Role.ADMINISTRATOR, name="li") as li:
        told = li.get(RULES)
        (absence,) = [rule for rule in told.json()["value"] if rule["id"] == "absence"]
        match = {"If-Match": told.headers["ETag"]}
        changed = li.put(f"{RULES}/absence", json={**absence, "limit_seconds": 240}, headers=match)
        assert changed.status_code == 200, changed.text
    with at_a_screen(browser, hall) as page:
        log_in(page, CHIEF, PASSWORD)
        page.get_by_test_id("nav-admin").click()
        page.get_by_test_id("part-admin-versions").click()
        newest = page.get_by_test_id("versions").locator("tbody tr").first
        expect(newest).to_contain_text("li")
        expect(newest).to_contain_text("Changed Rule · absence")
        newest.get_by_test_id("look").click()
        difference = page.get_by_test_id("version-changes").locator("tbody tr")
        expect(difference).to_have_count(1)
        expect(difference).to_have_text("Limit5 min4 min")
        assert axe_faults(page, "versions") == []
        newest.get_by_test_id("undo").click()
        expect(page.get_by_test_id("restore-changes")).to_contain_text("Limit4 min5 min")
        page.get_by_test_id("restore-submit").click()
        expect(page.get_by_test_id("said")).to_contain_text("is in force again")
        expect(newest).to_contain_text(CHIEF)
        expect(newest).to_contain_text("Restored")
    with hall.database.read() as tx:
        in_force = configurations.current(tx)
    assert in_force is not None
    limits = {str(rule.id): getattr(rule, "limit_seconds", None) for rule in in_force.halls[0].rules}
    assert limits["absence"] == 300


def test_a_limit_is_changed_with_its_author_and_a_ladder_that_contradicts_it_is_told_at_its_field(
    browser: Browser, hall: Console
) -> None:
    with at_a_screen(browser, hall) as page:
        log_in(page, CHIEF, PASSWORD)
        page.get_by_test_id("nav-admin").click()
        page.get_by_test_id("part-admin-rules").click()
        page.get_by_test_id("one-absence").click()
        limit = page.get_by_test_id("rule-limit_seconds")
        expect(limit).to_have_value("5")
        limit.fill("4")
        page.get_by_test_id("add-raise").click()
        page.get_by_test_id("rule-raise-0").fill("3")
        page.get_by_test_id("save-one").click()
        expect(page.get_by_test_id("rule-raise-0-fault")).to_contain_text("above the limit, which is 240 s")
        page.get_by_test_id("rule-raise-0").fill("20")
        page.get_by_test_id("save-one").click()
        expect(page.get_by_test_id("said")).to_contain_text("Saved")
        newest = page.get_by_test_id("rule-history").get_by_role("listitem").first
        expect(newest).to_contain_text("Version 2")
        expect(newest).to_contain_text(f"by {CHIEF}")
        expect(newest).to_contain_text("limit 4 min, Serious after 20 min")
        expect(page.get_by_test_id("one-absence")).to_contain_text("limit 4 min")
        assert axe_faults(page, "rules") == []

        page.get_by_test_id("one-long-queue").click()
        expect(page.get_by_test_id("rule-people_per_window")).to_have_value("8")
        page.get_by_test_id("rule-people_per_window").fill("")
        page.get_by_test_id("save-one").click()
        expect(page.get_by_test_id("said")).to_contain_text("Saved")

        page.get_by_test_id("add-one").click()
        page.get_by_test_id("rule-kind").click()
        page.get_by_role("option", name="Called, not served").click()
        expect(page.get_by_test_id("rule-id")).to_have_value("called-not-served")
        page.get_by_test_id("save-one").click()
        expect(page.get_by_test_id("one-called-not-served")).to_contain_text("limit 5 min")
    with hall.database.read() as tx:
        in_force = configurations.current(tx)
    assert in_force is not None
    rules = {rule.kind: rule for rule in in_force.halls[0].rules}
    absence, queue = rules["absence"], rules["long_queue"]
    assert isinstance(absence, AbsenceRule)
    assert isinstance(queue, LongQueueRule)
    assert (absence.version, absence.limit_seconds) == (2, 240)
    assert [(step.severity, step.after_seconds) for step in absence.raises] == [(Severity.SERIOUS, 1200)]
    assert (queue.people_per_window, queue.limit_wait_seconds) == (None, 1800)
    assert rules["called_not_served"].enabled


def test_a_rule_that_somebody_changed_meanwhile_is_not_removed_before_that_is_read(
    browser: Browser, hall: Console
) -> None:
    with at_a_screen(browser, hall) as page, visiting(hall, Role.ADMINISTRATOR, name="li") as li:
        log_in(page, CHIEF, PASSWORD)
        page.get_by_test_id("nav-admin").click()
        page.get_by_test_id("part-admin-rules").click()
        page.get_by_test_id("one-absence").click()
        limit = page.get_by_test_id("rule-limit_seconds")
        expect(limit).to_have_value("5")
        limit.fill("6")  # without anything typed the form would show the other's change by itself
        told = li.get(RULES)
        (absence,) = [rule for rule in told.json()["value"] if rule["id"] == "absence"]
        match = {"If-Match": told.headers["ETag"]}
        changed = li.put(f"{RULES}/absence", json={**absence, "limit_seconds": 240}, headers=match)
        assert changed.status_code == 200, changed.text

        page.get_by_test_id("remove-one").click()
        page.get_by_test_id("confirm-removal").click()
        expect(page.get_by_test_id("refusal")).to_contain_text("li changed this at")
        page.get_by_test_id("read-anew").click()
        expect(page.get_by_test_id("carried")).to_contain_text("Both of you changed")
        expect(page.get_by_test_id("rule-history").get_by_role("listitem").first).to_contain_text("by li")
        page.get_by_test_id("remove-one").click()
        page.get_by_test_id("confirm-removal").click()
        expect(page.get_by_test_id("said")).to_contain_text("Removed")
        expect(page.get_by_test_id("one-absence")).to_have_count(0)
    with hall.database.read() as tx:
        in_force = configurations.current(tx)
    assert in_force is not None
    assert "absence" not in {str(rule.id) for rule in in_force.halls[0].rules}


def test_a_notifier_is_entered_tried_out_at_its_receiver_and_its_fault_is_told(
    browser: Browser, hall: Console
) -> None:
    with (
        receiving() as web,
        carrying_out_trials(hall),
        at_a_screen(browser, hall, "zh-CN") as page,
    ):
        log_in(page, CHIEF, PASSWORD)
        expect(page.get_by_test_id("account")).to_be_visible()
        page.goto(f"{hall.url}/admin/notifiers?add")
        page.get_by_test_id("notifier-id").fill("desk")
        page.get_by_test_id("notifier-kind").click()
        page.get_by_role("option", name="Webhook").click()
        page.get_by_test_id("save-one").click()
        expect(page.get_by_test_id("notifier-url-fault")).not_to_be_empty()
        page.get_by_test_id("notifier-url").fill(f"{web.address}/takes?token=hidden")
        page.get_by_test_id("save-one").click()
        expect(page.get_by_test_id("one-desk")).to_be_visible()
        expect(page.get_by_test_id("notifier-url")).to_have_value(f"{web.address}/takes?token=•••")
        page.get_by_test_id("try-notifier").click()
        expect(page.get_by_test_id("trial-said")).to_contain_text("已被接收")
        assert web.taken[0].content == {"trial": {"notifier": "desk", "at": NOW.isoformat()}}
        assert axe_faults(page, "notifiers") == []

        page.get_by_test_id("notifier-url").fill(f"{web.address}/answers/410?token=•••")
        expect(page.get_by_test_id("try-notifier")).to_be_disabled()
        page.get_by_test_id("save-one").click()
        expect(page.get_by_test_id("try-notifier")).to_be_enabled()
        page.get_by_test_id("try-notifier").click()
        expect(page.get_by_test_id("trial-said")).to_contain_text("对方应答 410")
