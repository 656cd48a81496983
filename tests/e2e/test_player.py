"""The investigation player in a browser: cameras in step, gaps, the timeline of a year, and every key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import cast

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from hall.queueing import Transaction
from hall.roles import Role
from tests.e2e.recorded_year import record_year
from tests.e2e.replayed_hall import ABOVE, AWAY, BEGAN, FRONT, W1, replayed_hall, served
from tests.e2e.test_roles import seen_by
from tests.integration.console_hall import Console
from tests.integration.visitors import visiting

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240)]

WALLS = """() => [...document.querySelectorAll('[data-testid="pane"]')].map((pane) =>
    pane.dataset.wall === undefined ? null : Number(pane.dataset.wall))"""
WORDS = {
    "en": {
        "gap": "No recording until 09:56:20: camera offline",
        "event": "Recording gap: camera offline",
        "deaf": "Without sound: your role may not hear it",
        "goes_on": "Goes on at 2026-03-02 09:56:20",
    },
    "zh-CN": {
        "gap": "09:56:20 之前没有录像：摄像机离线",
        "event": "录像缺口：摄像机离线",
        "deaf": "无声音：当前角色无权收听",
        "goes_on": "将从 2026-03-02 09:56:20 继续",
    },
}
LARGEST_DIFFERENCE_MS = 300
PICTURE_S = 1 / 15


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """A window with two cameras, three transactions, and a year of facts before them."""
    with replayed_hall(tmp_path_factory.mktemp("hall")) as running:
        record_year(running.database, FRONT, W1, BEGAN - timedelta(days=365), 364)
        yield running


@pytest.fixture(scope="module")
def transactions(hall: Console) -> tuple[Transaction, Transaction, Transaction]:
    """Before, during and after the front camera's gap."""
    return served(hall, "A001", 2, 8), served(hall, "A012", 15, 120), served(hall, "A020", 130, 140)


@contextmanager
def replaying(
    browser: Browser, hall: Console, path: str, locale: str = "en", role: Role = Role.OFFICER
) -> Iterator[Page]:
    """A page of the player, once its first picture is shown."""
    with visiting(hall, role) as client, seen_by(browser, hall, client, locale) as page:
        page.set_default_timeout(15_000)
        page.goto(f"{hall.url}{path}")
        page.wait_for_function("() => performance.getEntriesByName('replay:first-frame').length > 0")
        yield page


def pane(page: Page, camera: str) -> Locator:
    return page.locator(f'[data-testid="pane"][data-camera="{camera}"]')


def wall(page: Page, camera: str) -> float | None:
    """The wall time of the picture that a camera shows, in seconds after BEGAN; None while it shows none."""
    told = pane(page, camera).get_attribute("data-wall")
    return None if told is None else float(told) / 1000 - BEGAN.timestamp()


def wait_for_wall(page: Page, camera: str, second: float, until: float = 1e9) -> None:
    """Wait until a camera shows a picture from `second` after BEGAN on, and before `until`."""
    least, most = (1000 * (BEGAN.timestamp() + one) for one in (second, until))
    page.wait_for_function(
        """([camera, least, most]) => {
            const pane = document.querySelector(`[data-testid="pane"][data-camera="${camera}"]`);
            const wall = pane?.dataset.wall;
            return wall !== undefined && Number(wall) >= least && Number(wall) < most;
        }""",
        arg=[camera, least, most],
    )


def event(page: Page, words: str) -> Locator:
    return page.get_by_test_id("replay-events").get_by_role("button").filter(has_text=words)


def test_the_cameras_of_a_window_play_in_step(
    browser: Browser, hall: Console, transactions: tuple[Transaction, ...]
) -> None:
    with replaying(browser, hall, f"/replay/{transactions[1].id}") as page:
        wait_for_wall(page, FRONT, 6)
        wait_for_wall(page, ABOVE, 6)
        differences = []
        for _ in range(8):
            page.wait_for_timeout(250)
            front, above = cast(list[float], page.evaluate(WALLS))
            differences.append(abs(front - above))
        assert max(differences) < LARGEST_DIFFERENCE_MS, differences
        assert cast(float, wall(page, FRONT)) > 7
        expect(page.get_by_test_id("replay-sound")).to_be_enabled()
        expect(page.get_by_test_id("microphone").locator("option")).to_have_count(3)
        expect(page.get_by_test_id("may-not-hear")).to_have_count(0)
        page.keyboard.press("2")
        expect(pane(page, ABOVE).get_by_test_id("replay-video")).to_be_visible()
        expect(pane(page, FRONT).get_by_test_id("replay-video-beside")).to_be_visible()
        page.get_by_test_id("add-camera").select_option("c3")
        expect(pane(page, "c3").get_by_test_id("pane-gap")).to_contain_text("Nothing was recorded")
        opened, first = page.evaluate(
            "['replay:opened', 'replay:first-frame'].map((n) => performance.getEntriesByName(n)[0].startTime)"
        )
        assert 0 < first - opened < 5000


def test_a_camera_in_a_gap_says_why_while_the_other_goes_on(
    browser: Browser, hall: Console, transactions: tuple[Transaction, ...]
) -> None:
    words = WORDS["en"]
    with replaying(browser, hall, f"/replay/{transactions[1].id}") as page:
        event(page, words["event"]).click()
        expect(pane(page, FRONT).get_by_test_id("pane-gap")).to_have_text(words["gap"])
        assert pane(page, FRONT).get_attribute("data-gap") == "offline"
        wait_for_wall(page, ABOVE, 51)
        for _ in range(5):
            page.keyboard.press("ArrowRight")
        wait_for_wall(page, FRONT, 80, 90)
        expect(pane(page, FRONT).get_by_test_id("pane-gap")).to_have_count(0)


def test_a_gap_of_every_camera_is_told_and_left_behind(browser: Browser, hall: Console) -> None:
    words = WORDS["zh-CN"]
    at = (AWAY.start + timedelta(seconds=4)).isoformat().replace("+00:00", "Z")
    with visiting(hall, Role.OFFICER) as client, seen_by(browser, hall, client, "zh-CN") as page:
        page.goto(f"{hall.url}/replay/camera/{FRONT}?at={at}")
        expect(pane(page, FRONT).get_by_test_id("pane-gap")).to_have_text(words["gap"])
        expect(page.get_by_test_id("goes-on")).to_contain_text(words["goes_on"])
        wait_for_wall(page, FRONT, 80, 90)
        wait_for_wall(page, FRONT, 81, 90)


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
def test_who_may_not_hear_is_told_so_and_has_no_control_of_sound(
    browser: Browser, hall: Console, transactions: tuple[Transaction, ...], locale: str
) -> None:
    path = f"/replay/{transactions[1].id}"
    with replaying(browser, hall, path, locale, Role.MANAGER) as page:
        expect(page.get_by_test_id("may-not-hear")).to_have_text(WORDS[locale]["deaf"])
        expect(page.get_by_test_id("replay-sound")).to_have_count(0)
        expect(page.get_by_test_id("microphone")).to_have_count(0)


def test_everything_has_a_key(browser: Browser, hall: Console, transactions: tuple[Transaction, ...]) -> None:
    _before, middle, after = transactions
    with replaying(browser, hall, f"/replay/{middle.id}") as page:
        wait_for_wall(page, FRONT, 6)
        page.keyboard.press("k")
        expect(page.locator("[data-player]")).to_have_attribute("data-playing", "false")
        page.keyboard.press("]")
        wait_for_wall(page, FRONT, 10.9, 11.1)
        page.keyboard.press("]")
        wait_for_wall(page, FRONT, 14.9, 15.1)
        stood = cast(float, wall(page, FRONT))
        page.keyboard.press(".")
        wait_for_wall(page, FRONT, stood + 0.03, stood + 0.12)
        page.keyboard.press(",")
        wait_for_wall(page, FRONT, stood - 0.03, stood + 0.03)
        page.keyboard.press("[")
        wait_for_wall(page, FRONT, 10.9, 11.1)
        for _ in range(4):
            page.keyboard.press("l")
        expect(page.get_by_test_id("replay-rate")).to_have_value("8")
        wait_for_wall(page, FRONT, 25, 49)
        page.keyboard.press("j")
        turned = cast(float, wall(page, ABOVE))
        wait_for_wall(page, ABOVE, 5, turned - 1)
        page.keyboard.press("k")
        page.keyboard.press("Home")
        wait_for_wall(page, FRONT, 4.9, 5.1)
        page.keyboard.press("m")
        expect(page.get_by_test_id("replay-sound")).to_have_attribute("aria-pressed", "false")
        page.keyboard.press("n")
        page.wait_for_url(f"**/replay/{after.id}")
        expect(page.get_by_test_id("previous-transaction")).to_be_visible()
        page.keyboard.press("p")
        page.wait_for_url(f"**/replay/{middle.id}")
        expect(page.get_by_role("heading", name="Ticket A012")).to_be_visible()
        page.keyboard.press("?")
        expect(page.get_by_role("dialog")).to_contain_text("One picture back / on")


def test_a_step_leaves_no_picture_out_however_busy_the_machine_is(
    browser: Browser, hall: Console, transactions: tuple[Transaction, ...]
) -> None:
    with replaying(browser, hall, f"/replay/{transactions[1].id}") as page:
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 8})
        wait_for_wall(page, FRONT, 6)
        page.keyboard.press("k")
        page.keyboard.press("Home")
        wait_for_wall(page, FRONT, 4.99, 5.01)
        for key, picture in (".", 1), (".", 2), (".", 3), (",", 2), (",", 1):
            page.keyboard.press(key)
            wait_for_wall(page, FRONT, 5 + (picture - 0.5) * PICTURE_S, 5 + (picture + 0.5) * PICTURE_S)


def test_any_camera_is_opened_at_any_time(
    browser: Browser, hall: Console, transactions: tuple[Transaction, ...]
) -> None:
    with replaying(browser, hall, f"/replay/{transactions[1].id}") as page:
        page.goto(f"{hall.url}/board")
        page.get_by_test_id("window-w1").click()
        page.get_by_test_id("board-replay").click()
        page.wait_for_url(f"**/replay/camera/{FRONT}")
        page.go_back()
        page.go_back()
        page.get_by_role("link", name="This camera at any time").click()
        expect(page.get_by_test_id("moment")).to_be_visible()
        page.get_by_test_id("moment").fill("2026-02-30 10:00")
        page.get_by_test_id("moment").press("Enter")
        expect(page.get_by_role("alert").filter(has_text="There is no such time")).to_be_visible()
        page.get_by_test_id("moment").fill("2026-03-02 9:56:30")
        page.get_by_test_id("moment").press("Enter")
        wait_for_wall(page, FRONT, 90, 95)
        page.get_by_role("button", name="2026-03-01, ").click()
        expect(pane(page, FRONT)).not_to_have_attribute("data-state", "ready")
        expect(page.get_by_test_id("timeline-span")).to_contain_text("2026-03-01")


def test_a_years_timeline_stays_fluid(
    browser: Browser, hall: Console, transactions: tuple[Transaction, ...]
) -> None:
    """From a year down to a second and back: few questions, and never more bars than there are pixels."""
    with replaying(browser, hall, f"/replay/{transactions[1].id}", "zh-CN") as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url) if "/timeline" in request.url else None)
        page.keyboard.press("k")
        page.get_by_test_id(f"span-{366 * 86_400_000}").click()
        canvas = page.get_by_test_id("replay-timeline")
        page.wait_for_function(
            "() => Number(document.querySelector('[data-testid=replay-timeline]').dataset.drawn) > 400"
        )
        box = canvas.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 60)
        most = int(cast(str, canvas.get_attribute("data-drawn")))
        spans = [_span(canvas)]
        for turn in (-240, 240):
            for _ in range(22):
                page.mouse.wheel(0, turn)
                page.wait_for_timeout(30)
                most = max(most, int(cast(str, canvas.get_attribute("data-drawn"))))
            spans.append(_span(canvas))
        year, second, again = spans
        assert (year > 365 * 86_400, second, again > 365 * 86_400) == (True, 1.0, True)
        assert most < 9 * box["width"]
        assert len(asked) < 45, len(asked)
        page.keyboard.press("0")
        expect(canvas).to_have_attribute("data-from", str(round((BEGAN.timestamp() + 5) * 1000)))


def _span(canvas: Locator) -> float:
    """How long a time the timeline shows, in seconds."""
    start, end = (float(cast(str, canvas.get_attribute(name))) for name in ("data-from", "data-to"))
    return round((end - start) / 1000, 3)
