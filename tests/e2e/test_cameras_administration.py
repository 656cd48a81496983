"""A camera is added, tried, drawn upon and judged, as an administrator does it, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from console.access.passwords import hash_password
from fixtures.rtsp import Credentials, RtspHall
from hall.clock import SystemClock
from hall.names import CameraId
from hall.roles import Role
from store import accounts
from tests.e2e.running_demo import Demo, Json, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(420)]

NEW = CameraId("counter-nine")
PASSWORD = "p@ss/wörd"
ADMINISTRATOR, OWN_PASSWORD = "lin", "correct horse battery"


@pytest.fixture(scope="module")
def demo(lasting_demo: Demo) -> Demo:
    """Nothing here needs the beginning of the story."""
    return lasting_demo


@pytest.fixture(scope="module")
def administrator(demo: Demo) -> Iterator[httpx.Client]:
    """Somebody who may configure, logged in over the API."""
    database = demo.database()
    with database.write() as tx:
        accounts.save_user(
            tx, ADMINISTRATOR, Role.ADMINISTRATOR, hash_password(OWN_PASSWORD), SystemClock().now()
        )
    database.close()
    with httpx.Client(base_url=demo.url, timeout=20) as client:
        body = {"user": ADMINISTRATOR, "password": OWN_PASSWORD}
        client.post("/api/v1/session", json=body).raise_for_status()
        yield client


@pytest.fixture(scope="module")
def camera(demo: Demo) -> Iterator[RtspHall]:
    """One more camera, which asks for a password; it shows what the demo's second camera shows."""
    reel = min((demo.folder / "reels").glob("reels-*/cam-2/*.mov"))
    with RtspHall({NEW: {"one": reel}}, credentials=Credentials("viewer", PASSWORD)) as hall:
        yield hall


def log_in(browser: Browser, demo: Demo, locale: str) -> Page:
    context = browser.new_context(locale=locale, viewport={"width": 1440, "height": 900})
    context.add_init_script(f"localStorage.setItem('hallwatch.locale', '{locale}')")
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.goto(f"{demo.url}/login?then=/admin/cameras")
    page.get_by_test_id("login-user").fill(ADMINISTRATOR)
    page.get_by_test_id("login-password").fill(OWN_PASSWORD)
    page.get_by_test_id("login-submit").click()
    expect(page.get_by_test_id("camera-cam-1")).to_be_visible()
    return page


def point_of(canvas: Locator, across: float, down: float) -> tuple[float, float]:
    """Where a point of the picture is on the page."""
    x, y = cast(
        "list[float]",
        canvas.evaluate(
            """(svg, [across, down]) => {
                const { width, height } = svg.viewBox.baseVal;
                const at = new DOMPoint(across * width, down * height).matrixTransform(svg.getScreenCTM());
                return [at.x, at.y];
            }""",
            [across, down],
        ),
    )
    return x, y


def zones_of(administrator: httpx.Client, camera: str) -> list[Json]:
    found = administrator.get("/api/v1/configuration/halls/demo/cameras").json()
    (one,) = [each for each in found["value"] if each["id"] == camera]
    return cast("list[Json]", one.get("zones", []))


def test_a_camera_is_added_by_its_address_drawn_upon_and_judged(
    browser: Browser, demo: Demo, administrator: httpx.Client, camera: RtspHall
) -> None:
    page = log_in(browser, demo, "zh-CN")
    page.get_by_test_id("add-camera").click()
    page.locator("#camera-zh").fill("九号柜台")
    page.locator("#camera-en").fill("Counter nine")
    page.locator("#camera-url").fill(camera.url(NEW, with_credentials=False))
    page.locator("#camera-user").fill("viewer")
    page.locator("#camera-password").fill("wrong")
    page.get_by_test_id("try-camera").click()
    expect(page.get_by_test_id("trial-fault")).to_have_text("用户名或密码被拒绝")
    page.locator("#camera-password").fill(PASSWORD)
    page.get_by_test_id("try-camera").click()
    expect(page.get_by_test_id("trial-good")).to_be_visible()
    expect(page.get_by_test_id("trial")).to_contain_text("1280 × 720")
    picture = page.get_by_test_id("trial-picture")
    wait_for("the picture", lambda: picture.evaluate("one => one.naturalWidth") == 1280, 10)
    page.get_by_test_id("save-camera").click()

    canvas = page.get_by_test_id("zone-canvas")
    expect(canvas.locator("image")).to_be_visible()
    _draw_with_the_mouse(page, canvas)
    _insert_with_the_keyboard(page, canvas)
    page.get_by_test_id("save-zones").click()
    expect(page.get_by_test_id("zones-saved")).to_be_visible()

    mouse, keyboard = zones_of(administrator, NEW)
    assert len(cast("list[object]", mouse["polygon"])) == 4
    assert cast("list[list[float]]", keyboard["polygon"])[0] == pytest.approx([0.43, 0.375])
    wait_for("a judgement of analysis", lambda: _judged(demo, str(mouse["id"])), 60)
    expect(page.get_by_test_id(f"zone-{mouse['id']}").get_by_test_id("live-state")).to_contain_text("当前：")
    assert PASSWORD not in administrator.get("/api/v1/configuration/halls/demo/cameras").text
    page.context.close()


def _draw_with_the_mouse(page: Page, canvas: Locator) -> None:
    page.get_by_test_id("draw-zone").click()
    for across, down in ((0.02, 0.05), (0.4, 0.05), (0.4, 0.9), (0.02, 0.9), (0.02, 0.05)):
        page.mouse.click(*point_of(canvas, across, down))
    expect(canvas.locator("polygon")).to_have_count(1)
    expect(page.get_by_test_id("verdict")).to_have_count(1, timeout=30_000)


def _insert_with_the_keyboard(page: Page, canvas: Locator) -> None:
    page.get_by_test_id("insert-zone").focus()
    page.keyboard.press("Enter")
    zone = canvas.locator("polygon").nth(1)
    zone.focus()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowUp")
    canvas.locator("[data-point='0']").focus()
    page.keyboard.press("Insert")
    expect(canvas.locator(".point")).to_have_count(5)
    page.keyboard.press("Delete")
    expect(canvas.locator(".point")).to_have_count(4)


def _judged(demo: Demo, zone: str) -> bool:
    found = cast("list[Json]", demo.get("observations", camera=NEW)["items"])
    return any(one["zone"] == zone and one["state"] != "unknown" for one in found)


def test_zones_are_changed_tried_and_taken_back(
    browser: Browser, demo: Demo, administrator: httpx.Client
) -> None:
    page = log_in(browser, demo, "en")
    expect(page.get_by_role("heading", name="Cameras")).to_be_visible()
    before = zones_of(administrator, "cam-1")
    page.get_by_test_id("camera-cam-1").get_by_role("link").last.click()
    canvas = page.get_by_test_id("zone-canvas")
    expect(canvas.locator("polygon")).to_have_count(len(before))
    expect(page.get_by_test_id("verdict").first).to_contain_text("In this picture:", timeout=20_000)
    canvas.locator("polygon").first.focus()
    corner = canvas.locator("[data-point='0']")
    told = corner.get_attribute("aria-label")
    box = corner.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 40, box["y"] + 30, steps=4)
    page.mouse.up()
    expect(corner).not_to_have_attribute("aria-label", str(told))
    expect(page.get_by_test_id("save-zones")).to_be_enabled()
    page.keyboard.press("Control+z")
    expect(corner).to_have_attribute("aria-label", str(told))
    canvas.locator("polygon").first.focus()
    page.keyboard.press("Delete")
    expect(canvas.locator("polygon")).to_have_count(len(before) - 1)
    page.get_by_test_id("undo").click()
    expect(canvas.locator("polygon")).to_have_count(len(before))
    expect(page.get_by_test_id("save-zones")).to_be_disabled()
    assert zones_of(administrator, "cam-1") == before
    page.context.close()
