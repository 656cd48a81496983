"""The live wall as officers use it: side by side, moved, heard, kept, and late where it must be."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from console.access.passwords import hash_password
from hall.finding import Actor, Alert, AlertKind, AlertStatus, Flip, Reason, Severity, Subject
from hall.interval import Interval
from hall.names import AlertId, CameraId, HallId, RuleId, WindowId
from hall.roles import Role
from store import accounts, alerting
from tests.e2e.running_demo import Demo, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(420)]

NO_WEBRTC = "delete window.RTCPeerConnection;"
MOVED = """(camera) => {
    const video = document.querySelector(`figure[data-camera="${camera}"] video`);
    return video && video.videoWidth ? video.currentTime : null;
}"""


FOUR = ("cam-1", "cam-2", "cam-3", "cam-4")


@pytest.fixture(scope="module")
def demo(lasting_demo: Demo) -> Demo:
    """Nothing here needs the beginning of the story."""
    return lasting_demo


def wall(
    browser: Browser, demo: Demo, path: str = "/live", script: str = "", name: str = "", password: str = ""
) -> Page:
    """The wall of somebody who has just logged in, an officer's with the four cameras on it."""
    last = {"hall": "demo", "panes": 4, "cameras": FOUR}
    demo.client.put("/api/v1/live/layouts", json=last).raise_for_status()
    page = browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900}).new_page()
    page.set_default_timeout(30_000)
    if script:
        page.add_init_script(script)
    page.goto(demo.url)
    page.get_by_test_id("login-user").fill(name or demo.user)
    page.get_by_test_id("login-password").fill(password or demo.password)
    page.get_by_test_id("login-submit").click()
    expect(page.get_by_test_id("board")).to_be_visible()
    page.goto(demo.url + path)
    expect(page.get_by_test_id("live-wall")).to_be_visible()
    return page


def pane(page: Page, number: int) -> Locator:
    return page.get_by_test_id(f"pane-{number}")


def cameras(page: Page) -> list[str | None]:
    """The camera of each pane."""
    found: list[str | None] = page.evaluate(
        """() => [...document.querySelectorAll('[data-testid^="pane-"][aria-label]')]
            .filter(one => one.matches('section'))
            .map(one => one.querySelector('figure')?.dataset.camera ?? null)"""
    )
    return found


def shows(page: Page, *wanted: str | None) -> None:
    """Wait until exactly these cameras are in the panes."""
    wait_for(f"panes with {wanted}", lambda: cameras(page) == list(wanted) or None, 10)


def runs(page: Page, camera: str, state: str = "playing") -> None:
    """Wait until the picture of a camera moves and says how it stands."""
    figure = page.locator(f'figure[data-camera="{camera}"]')
    expect(figure).to_have_attribute("data-live", state, timeout=40_000)
    began = page.evaluate(MOVED, camera) or 0.0
    wait_for(f"a moving picture of {camera}", lambda: (page.evaluate(MOVED, camera) or 0.0) > began, 20)


def test_four_pictures_run_side_by_side_with_their_zones_and_say_so_in_both_languages(
    browser: Browser, demo: Demo
) -> None:
    page = wall(browser, demo)
    shows(page, *FOUR)
    for camera in FOUR:
        runs(page, camera)
    expect(pane(page, 0).get_by_test_id("pane-state")).to_have_text("实时")
    expect(page.locator('[data-zone]:has-text("03：在岗")')).to_be_visible()
    page.get_by_test_id("locale-switch").click()
    expect(pane(page, 0).get_by_test_id("pane-state")).to_have_text("Live")
    expect(page.locator('[data-zone]:has-text("03: On post")')).to_be_visible()
    page.keyboard.press("z")
    expect(page.get_by_test_id("zone-overlay")).to_have_count(0)
    expect(pane(page, 1).get_by_test_id("people-overlay").locator("g").first).to_be_visible(timeout=30_000)
    page.keyboard.press("p")
    expect(page.get_by_test_id("people-overlay")).to_have_count(0)
    page.context.close()


def test_pictures_are_moved_by_pointer_and_keyboard_and_the_layout_outlives_the_page(
    browser: Browser, demo: Demo
) -> None:
    page = wall(browser, demo)
    shows(page, *FOUR)
    pane(page, 1).focus()
    page.keyboard.press("Delete")
    shows(page, "cam-1", None, "cam-3", "cam-4")
    page.get_by_test_id("choice-window:w03").drag_to(pane(page, 1))
    shows(page, *FOUR)
    pane(page, 0).locator("figcaption").drag_to(pane(page, 3))
    shows(page, "cam-4", "cam-2", "cam-3", "cam-1")
    # By keyboard: the pane to the left of the last one is given the first camera, by its number.
    expect(pane(page, 3)).to_have_attribute("aria-current", "true")
    page.keyboard.press("ArrowLeft")
    expect(pane(page, 2)).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("01")
    page.keyboard.press("Enter")
    shows(page, "cam-4", "cam-2", "cam-1", "cam-3")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    page.get_by_test_id("layout-save").click()
    page.get_by_test_id("layout-name").fill("早班")
    page.get_by_test_id("layout-submit").click()
    expect(page.get_by_test_id("layout-remove")).to_be_visible()
    page.get_by_test_id("panes-1").click()
    expect(page.get_by_test_id("layout-changed")).to_be_visible()
    shows(page, "cam-1")
    wait_for("the wall to be kept", lambda: _kept(demo) == ["cam-1"] or None, 10)
    page.reload()
    shows(page, "cam-1")
    page.get_by_test_id("layout-restore").click()
    shows(page, "cam-4", "cam-2", "cam-1", "cam-3")
    page.context.close()


def _kept(demo: Demo) -> object:
    shown = demo.get("live/layouts")["shown"]
    return shown["cameras"] if isinstance(shown, dict) else None


def test_only_the_chosen_pane_is_heard_and_only_once_sound_is_switched_on(
    browser: Browser, demo: Demo
) -> None:
    page = wall(browser, demo)
    for camera in ("cam-1", "cam-2"):
        runs(page, camera)
    assert set(_muted(page).values()) == {True}
    expect(page.get_by_test_id("level-meter")).to_have_count(0)
    page.get_by_test_id("sound-switch").click()
    figure = page.locator('figure[data-camera="cam-1"]')
    figure.locator("video").click()
    meter = figure.get_by_test_id("level-meter")
    expect(meter).to_have_attribute("role", "meter")
    wait_for("a level", lambda: float(meter.get_attribute("aria-valuenow") or -60) > -60 or None, 10)
    assert _muted(page) == {"cam-1": False, "cam-2": True, "cam-3": True, "cam-4": True}
    page.locator('figure[data-camera="cam-2"] video').click()
    wait_for("the other pane's sound", lambda: not _muted(page)["cam-2"] or None, 10)
    assert _muted(page) == {"cam-1": True, "cam-2": False, "cam-3": True, "cam-4": True}
    page.context.close()


def test_who_may_not_hear_sees_that_it_is_so(browser: Browser, demo: Demo) -> None:
    with demo.database().write() as tx:
        accounts.save_user(tx, "manager", Role.MANAGER, hash_password("not a secret"), datetime.now(UTC))
    page = wall(browser, demo, name="manager", password="not a secret")
    shows(page, *FOUR)
    expect(page.get_by_test_id("may-not-hear")).to_have_text("您无权听取声音")
    expect(page.get_by_test_id("sound-switch")).to_have_count(0)
    page.keyboard.press("m")
    expect(page.get_by_test_id("pane-sound")).to_have_text("您无权听取声音")
    assert set(_muted(page).values()) == {True}
    page.context.close()


def _muted(page: Page) -> dict[str, bool]:
    found: dict[str, bool] = page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll('figure[data-camera]')]
            .map(one => [one.dataset.camera, one.querySelector('video').muted]))"""
    )
    return found


def test_pictures_come_back_by_themselves_after_the_live_service_was_killed(
    browser: Browser, demo: Demo
) -> None:
    page = wall(browser, demo)
    runs(page, "cam-1")
    role = demo.role("live")
    assert role is not None
    role.kill()
    figure = page.locator('figure[data-camera="cam-1"]')
    wait_for("the loss to be said", lambda: figure.get_attribute("data-live") != "playing" or None, 20)
    expect(figure.get_by_role("status")).to_contain_text("画面自")
    runs(page, "cam-1")
    page.context.close()


def test_the_cameras_of_an_alert_are_put_on_the_wall_and_the_own_wall_comes_back(
    browser: Browser, demo: Demo
) -> None:
    now = datetime.now(UTC)
    reason = Reason("told", {}, "五号窗口的事", "What happened at window 5")
    subject = Subject(HallId("demo"), window=WindowId("w05"))
    alert = Alert(
        id=AlertId("of-the-wall"),
        kind=AlertKind.DISPUTE,
        rule=RuleId("none"),
        rule_version=1,
        severity=Severity.WARNING,
        status=AlertStatus.RESOLVED,
        subject=subject,
        interval=Interval(now, now),
        opened_at=now,
        reason=reason,
        revision=1,
        cameras=(CameraId("cam-3"),),
    )
    flip = Flip(alert.id, 1, now, None, alert.status, alert.severity, Actor.EVALUATOR, "", reason)
    with demo.database().write() as tx:
        alerting.open_alert(tx, alert, flip)
    page = wall(browser, demo, f"/live?alert={alert.id}")
    expect(page.get_by_test_id("alert-wall")).to_contain_text("五号窗口的事")
    shows(page, "cam-3")
    page.get_by_test_id("back-to-wall").click()
    shows(page, *FOUR)
    page.context.close()


def test_without_webrtc_the_picture_comes_from_the_recording_and_says_by_how_much_it_is_late(
    browser: Browser, demo: Demo
) -> None:
    page = wall(browser, demo, script=NO_WEBRTC)
    runs(page, "cam-1", "delayed")
    state = page.locator('figure[data-camera="cam-1"]').get_by_test_id("pane-state")
    expect(state).to_contain_text("录像画面，延迟")
    expect(state).to_have_attribute("title", "此浏览器没有 WebRTC，画面来自录像")
    page.context.close()
