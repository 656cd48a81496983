"""The main path, as its users walk it: an alert arrives, and the transaction behind it is replayed.

One pass of the demo's story is five minutes; the tests of this module follow it in order.
"""

from __future__ import annotations

import itertools
from datetime import datetime
from typing import cast

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.running_demo import Demo, Json, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(420)]

PICTURE = """() => {
    const video = document.querySelector('[data-testid="%s"]');
    if (!video || !video.videoWidth) return null;
    const canvas = document.createElement('canvas');
    canvas.width = 32; canvas.height = 18;
    const context = canvas.getContext('2d');
    context.drawImage(video, 0, 0, 32, 18);
    const pixels = context.getImageData(0, 0, 32, 18).data;
    let least = 255, most = 0;
    for (let at = 0; at < pixels.length; at += 4) {
        least = Math.min(least, pixels[at]); most = Math.max(most, pixels[at]);
    }
    return {width: video.videoWidth, time: video.currentTime, contrast: most - least};
}"""


def log_in(browser: Browser, demo: Demo, locale: str = "zh-CN") -> Page:
    page = browser.new_context(locale=locale, viewport={"width": 1440, "height": 900}).new_page()
    page.set_default_timeout(30_000)
    page.goto(demo.url)
    page.get_by_test_id("login-user").fill(demo.user)
    page.get_by_test_id("login-password").fill(demo.password)
    page.get_by_test_id("login-submit").click()
    expect(page.get_by_test_id("board")).to_be_visible()
    return page


def test_an_absence_alert_arrives_without_reloading_and_its_transaction_is_replayed(
    browser: Browser, demo: Demo
) -> None:
    page = log_in(browser, demo)
    page.evaluate("window.notReloaded = true")
    expect(page.locator('[data-testid^="window-w"]')).to_have_count(8)
    absence = page.locator('[data-testid^="alert-"][data-kind="absence"]').first
    absence.wait_for(timeout=120_000)
    assert page.evaluate("window.notReloaded") is True
    expect(absence).to_contain_text("03")

    (found,) = demo.alerts(kind="absence")
    assert cast(Json, found["subject"])["window"] == "w03"
    detail = wait_for(
        "the transaction behind the alert",
        lambda: demo.get(f"alerts/{found['id']}") if _recorded(demo, found) else None,
        60,
    )
    assert detail["transaction"] is not None
    absence.get_by_test_id("alert-open-replay").click()
    expect(page.get_by_test_id("replay-timeline")).to_be_visible()
    first = wait_for("a decoded picture", lambda: _shown(page, "replay-video"), 40)
    then = wait_for("a moving picture", lambda: _shown(page, "replay-video", first["time"] + 1), 30)
    assert then["width"] == 1280
    page.context.close()


def _recorded(demo: Demo, alert: Json) -> bool:
    """Whether the recording reaches beyond the alert's beginning."""
    start = cast(Json, alert["interval"])["start"]
    segments = demo.get("segments", camera="cam-2", **{"from": str(start), "to": str(alert["opened_at"])})
    return bool(segments["items"])


def _shown(page: Page, video: str, after: float = 0.0) -> dict[str, float] | None:
    """The picture that a video element shows, once it is no single colour and has played beyond `after`."""
    found = cast("dict[str, float] | None", page.evaluate(PICTURE % video))
    return found if found is not None and found["contrast"] > 30 and found["time"] > after else None


def test_the_live_picture_of_a_camera_is_shown(browser: Browser, demo: Demo) -> None:
    page = log_in(browser, demo, locale="en")
    page.goto(f"{demo.url}/live/cam-1")
    first = wait_for("a live picture", lambda: _shown(page, "live-video"), 40)
    wait_for("a moving live picture", lambda: _shown(page, "live-video", first["time"] + 1), 30)
    page.context.close()


def test_a_transaction_is_found_by_its_ticket_with_periods_and_segments(demo: Demo) -> None:
    ended = wait_for("a finished transaction", lambda: _finished(demo), 120)
    ticket = cast(Json, ended["ticket"])["number"]
    (found, *_) = cast(list[Json], demo.get("transactions", ticket=str(ticket))["items"])
    periods = cast(list[Json], found["periods"])
    assert [period["step"] for period in periods] == ["accept", "review", "close"]
    assert all(period["window"] == "w03" and period["staff"] == "s03" for period in periods)
    for before, after in itertools.pairwise(periods):
        assert cast(Json, before["interval"])["end"] == cast(Json, after["interval"])["start"]
    (camera,) = cast(list[Json], found["cameras"])
    assert camera["camera"] == "cam-2"
    segments = cast(list[Json], camera["segments"])
    start = datetime.fromisoformat(str(cast(Json, periods[0]["interval"])["start"]))
    first = cast(Json, segments[0]["interval"])
    assert datetime.fromisoformat(str(first["start"])) <= start
    for before, after in itertools.pairwise(segments):
        assert cast(Json, before["interval"])["end"] == cast(Json, after["interval"])["start"]


def _finished(demo: Demo) -> Json | None:
    """The story's long transaction at window 3, once it has ended and is recorded."""
    items = cast(list[Json], demo.get("transactions", window="w03")["items"])
    for item in items:
        interval = cast(Json, cast(Json, item["transaction"])["interval"])
        cameras = cast(list[Json], item["cameras"])
        if interval["end"] is not None and cameras and cast(list[Json], cameras[0]["segments"]):
            return item
    return None


def test_the_story_gives_the_right_alerts_and_no_others(demo: Demo) -> None:
    """Absence at w03, a wait that is too long, a camera that is gone; nothing for the permitted pause."""
    wait_for("the camera's fault", lambda: demo.alerts(kind="camera_fault") or None, 240)
    wait_for(
        "every cause to end",
        lambda: all(cast(Json, alert["interval"])["end"] for alert in demo.alerts()) or None,
        90,
    )
    told = [(alert["kind"], cast(Json, alert["subject"]), alert["status"]) for alert in demo.alerts()]
    assert [(kind, status) for kind, _, status in reversed(told)] == [
        ("absence", "resolved"),
        ("overlong_wait", "resolved"),
        ("camera_fault", "resolved"),
    ]
    fault, wait, absence = (subject for _, subject, _ in told)
    assert (absence["window"], fault["camera"]) == ("w03", "cam-4")
    assert wait["ticket_number"] is not None
    for alert in demo.alerts():
        flips = cast(list[Json], demo.get(f"alerts/{alert['id']}")["flips"])
        assert [flip["after"] for flip in flips] == ["open", "resolved"]
        assert all(cast(Json, flip["reason"])[language] for flip in flips for language in ("zh", "en"))
    gaps = cast(list[Json], demo.get("cameras")["items"])
    assert all(camera["recording"] for camera in gaps)


def test_the_camera_that_was_unplugged_has_a_gap_with_its_reason_and_unknown_presence(demo: Demo) -> None:
    (fault,) = demo.alerts(kind="camera_fault")
    interval = cast(Json, fault["interval"])
    bounds = {"from": str(interval["start"]), "to": str(interval["end"])}
    observations = cast(
        list[Json], demo.get("observations", camera="cam-4", kind="presence", **bounds)["items"]
    )
    assert "unknown" in {observation["state"] for observation in observations}
    assert not [alert for alert in demo.alerts(kind="absence") if alert["subject"] == {"window": "w07"}]
