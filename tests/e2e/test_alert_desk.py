"""The alert desk in a browser: one-key acts, two officers at one alert, and what arises without network."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from console.access.gate import COOKIE
from console.app import STATIC
from fixtures.tcp_proxy import Fault, TcpProxy
from hall.finding import Actor, Alert, AlertKind, AlertStatus, Flip, Reason, Severity, Subject
from hall.interval import Interval
from hall.names import AlertId, RuleId, WindowId
from hall.permissions import Permission
from hall.queueing import WindowState, WindowStatus
from hall.roles import Role
from store import alerting, queueing
from tests.integration.console_hall import CAMERA, HALL, Console, console, recorded
from tests.integration.test_console_api import before
from tests.integration.visitors import visiting

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

COUNT_TONES = """
window.tones = 0;
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (at) { window.tones += 1; return start.call(this, at); };
"""


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """A console with the built web app, and six seconds of its camera."""
    folder = tmp_path_factory.mktemp("desk")
    with console(folder) as running:
        shutil.copytree(STATIC, folder / "static", dirs_exist_ok=True)
        recorded(running, before(62))
        state = WindowStatus(HALL, WindowId("w1"), WindowState.OPEN, Interval(before(600)))
        with running.database.write() as tx:
            queueing.save_window_statuses(tx, HALL, state.window, before(600), [state], before(600))
        yield running


def arise(
    hall: Console,
    identifier: str,
    severity: Severity = Severity.WARNING,
    window: str = "w1",
    start: float = 60,
) -> Alert:
    """An absence that is found now, and lasts."""
    reason = Reason(
        "absence.found", {"window": identifier}, f"无人在岗 {identifier}", f"Nobody on post {identifier}"
    )
    alert = Alert(
        AlertId(identifier),
        AlertKind.ABSENCE,
        RuleId(f"absence-{identifier}"),
        1,
        severity,
        AlertStatus.OPEN,
        Subject(HALL, window=WindowId(window)),
        Interval(before(start)),
        before(start - 5),
        reason,
        1,
        (CAMERA,),
    )
    flip = Flip(alert.id, 1, alert.opened_at, None, alert.status, severity, Actor.EVALUATOR, "alerts", reason)
    with hall.database.write() as tx:
        assert alerting.open_alert(tx, alert, flip)
    return alert


@pytest.fixture(autouse=True)
def _no_alert_is_left(hall: Console) -> Iterator[None]:
    """What a test let arise is over when the next begins."""
    yield
    with hall.database.write() as tx:
        for alert in alerting.lasting_alerts(tx):
            over = replace(
                alert,
                status=AlertStatus.RESOLVED,
                interval=alert.interval.closed(before(0)),
                revision=alert.revision + 1,
            )
            flip = Flip(
                alert.id,
                over.revision,
                before(0),
                alert.status,
                over.status,
                alert.severity,
                Actor.EVALUATOR,
                "alerts",
                alert.reason,
            )
            alerting.change_alert(tx, alert.revision, over, flip)


@contextmanager
def at_the_desk(
    browser: Browser, hall: Console, client: httpx.Client, locale: str = "en", url: str = "", asks: str = ""
) -> Iterator[Page]:
    """The desk as somebody who is logged in sees it; it breaks no policy and no script fails."""
    url = url or hall.url
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    token = client.headers["Cookie"].partition("=")[2]
    context.add_cookies([{"name": COOKIE, "value": token, "url": url, "httpOnly": True}])
    context.add_init_script(
        f"if (location.protocol === 'http:') localStorage.setItem('hallwatch.locale', '{locale}')"
    )
    context.add_init_script(COUNT_TONES)
    broken: list[str] = []
    context.on("console", lambda said: broken.append(said.text) if "Content Security" in said.text else None)
    context.on("weberror", lambda error: broken.append(str(error.error)))
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.goto(f"{url}/alerts{asks}")
    expect(page.get_by_test_id("desk-count")).to_be_visible()
    yield page
    context.close()
    assert broken == []


def order(page: Page, count: int = 2) -> list[str | None]:
    """The alerts of the queue from the top, once there are so many."""
    expect(page.locator("[data-testid=alert-list] [data-alert]")).to_have_count(count)
    return [
        row.get_attribute("data-alert") for row in page.locator("[data-testid=alert-list] [data-alert]").all()
    ]


@pytest.mark.parametrize(
    ("locale", "acknowledged", "reopened", "moment", "lane"),
    [
        ("en", "Acknowledged", "Reopened", "The moment", "Open"),
        ("zh-CN", "已确认", "已重新打开", "当时画面", "空闲"),
    ],
)
def test_an_alert_is_seen_and_settled_by_keys_alone(
    browser: Browser, hall: Console, locale: str, acknowledged: str, reopened: str, moment: str, lane: str
) -> None:
    arise(hall, f"mild-{locale}", Severity.ATTENTION, "w2", start=300)
    arise(hall, f"grave-{locale}", Severity.SERIOUS)
    with (
        visiting(hall, Role.OFFICER, name=f"li-{locale}") as officer,
        at_the_desk(browser, hall, officer, locale) as page,
    ):
        assert order(page) == [f"grave-{locale}", f"mild-{locale}"]
        page.keyboard.press("j")
        shown = page.get_by_test_id("desk-alert")
        expect(shown).to_have_attribute("data-alert", f"grave-{locale}")
        picture = page.get_by_test_id("moment")
        expect(picture).to_have_attribute("data-moment", "shown")
        expect(picture).to_have_attribute("aria-label", moment)
        expect(page.get_by_test_id("moment-zones").locator("polygon")).to_have_count(1)
        expect(picture).to_have_attribute("data-loop", "playing")
        assert page.get_by_test_id("moment-loop").evaluate("video => video.muted && video.videoWidth") == 160
        expect(page.locator("[data-lane=window]")).to_contain_text(lane)
        expect(page.locator("[data-lane=alerts] rect.chosen")).to_have_count(1)

        page.keyboard.press("a")
        said = page.get_by_test_id("desk-said")
        expect(said).to_contain_text(acknowledged)
        expect(shown).to_have_attribute("data-status", "acknowledged")
        assert order(page) == [f"mild-{locale}", f"grave-{locale}"], "what is settled makes way"
        page.keyboard.press("u")
        expect(said).to_contain_text(reopened)
        expect(shown).to_have_attribute("data-status", "open")

        page.keyboard.press("c")
        page.get_by_test_id("act-text").fill("")
        page.keyboard.type("a dad")  # letters are text here, and nothing is settled by them
        page.keyboard.press("Control+Enter")
        expect(page.get_by_test_id("act-text")).to_be_hidden()
        expect(shown).to_have_attribute("data-status", "open")
        page.keyboard.press("s")
        page.get_by_test_id("assign-submit").wait_for()
        expect(page.get_by_test_id("assign-submit")).to_be_focused()
        page.keyboard.press("Enter")
        expect(shown.locator("[data-mark=assignee]")).to_have_text(f"li-{locale}")
        page.keyboard.press("d")
        page.get_by_test_id("dismiss-reason").fill("a drill")
        page.keyboard.press("Control+Enter")
        expect(shown).to_have_attribute("data-status", "dismissed")
        expect(page.locator("[data-testid=alert-list] [data-alert]")).to_have_count(1)
        expect(page.get_by_test_id("dismiss-reason")).to_be_hidden()
        page.keyboard.press("j")
        expect(shown).to_have_attribute("data-alert", f"mild-{locale}")
        expect(page.get_by_test_id("moment-words")).to_be_visible()
        page.keyboard.press("?")
        expect(page.get_by_role("dialog")).to_be_visible()


def test_an_alert_that_arises_while_the_network_is_cut_is_shown_and_heard_once(
    browser: Browser, hall: Console
) -> None:
    target = urlsplit(hall.url)
    assert target.hostname is not None
    assert target.port is not None
    with (
        TcpProxy(target.hostname, target.port) as proxy,
        visiting(hall, Role.OFFICER, name="wang") as officer,
        at_the_desk(browser, hall, officer, url=f"http://127.0.0.1:{proxy.port}") as page,
    ):
        page.evaluate("localStorage.setItem('hallwatch.sound.wang', '{\"isOn\":true,\"volume\":0.1}')")
        page.reload()
        page.locator("[data-connection=live]").wait_for()
        page.mouse.click(5, 400)
        arise(hall, "before")
        expect(page.get_by_test_id("alert-before")).to_be_visible()
        page.wait_for_function("() => window.tones === 2")

        proxy.fault = Fault.REFUSE
        expect(page.locator("[data-face=stale]")).to_be_visible()
        arise(hall, "meanwhile", Severity.SERIOUS)
        proxy.fault = Fault.OK
        page.evaluate("dispatchEvent(new Event('online'))")
        expect(page.locator("[data-face=stale]")).to_be_hidden()
        expect(page.get_by_test_id("alert-meanwhile")).to_have_count(1)
        page.wait_for_function("() => window.tones === 6")
        assert order(page) == ["meanwhile", "before"]

        proxy.fault = Fault.REFUSE
        expect(page.locator("[data-face=stale]")).to_be_visible()
        proxy.fault = Fault.OK
        page.evaluate("dispatchEvent(new Event('online'))")
        expect(page.locator("[data-face=stale]")).to_be_hidden()
        arise(hall, "after", Severity.ATTENTION)
        page.wait_for_function("() => window.tones === 7")
        assert sorted(str(one) for one in order(page, 3)) == ["after", "before", "meanwhile"]
        page.reload()
        expect(page.get_by_test_id("alert-after")).to_have_count(1)
        assert page.evaluate("window.tones") == 0


def test_the_second_officer_is_told_what_the_first_did_and_loses_nothing(
    browser: Browser, hall: Console
) -> None:
    arise(hall, "both")
    with ExitStack() as stack:
        first, second = (
            stack.enter_context(
                at_the_desk(
                    browser,
                    hall,
                    stack.enter_context(visiting(hall, Role.OFFICER, name=name)),
                    asks="?alert=both",
                )
            )
            for name in ("zhao", "qian")
        )
        second.get_by_test_id("desk-dismiss").click()
        second.get_by_test_id("dismiss-reason").fill("seen in the back office")
        first.keyboard.press("a")
        expect(second.get_by_test_id("desk-alert")).to_have_attribute("data-status", "acknowledged")
        second.get_by_test_id("dismiss-submit").click()
        said = second.get_by_test_id("desk-said")
        expect(said).to_contain_text("zhao was first")
        expect(said).to_contain_text("“Acknowledged” now")
        expect(second.get_by_test_id("dismiss-reason")).to_have_value("seen in the back office")
        second.get_by_test_id("dismiss-submit").click()
        for page in (first, second):
            expect(page.get_by_test_id("desk-alert")).to_have_attribute("data-status", "dismissed")
            history = page.get_by_role("list", name="History")
            expect(history).to_contain_text("zhao")
            expect(history).to_contain_text("seen in the back office")


def test_several_are_acknowledged_at_once_and_filters_stay_in_the_address(
    browser: Browser, hall: Console
) -> None:
    arise(hall, "one")
    arise(hall, "two", window="w2")
    arise(hall, "three", Severity.SERIOUS, "w2")
    with (
        visiting(hall, Role.OFFICER, name="sun") as officer,
        at_the_desk(browser, hall, officer, asks="?window=w2&hall=h1") as page,
    ):
        expect(page.get_by_test_id("desk-count")).to_have_text("2 of 3")
        expect(page.get_by_test_id("group-window w2")).to_contain_text("2 alerts")
        page.get_by_test_id("pick-all").click()
        page.keyboard.press("e")
        expect(page.get_by_test_id("desk-said")).to_contain_text("2 acknowledged")
        page.keyboard.press("/")
        page.keyboard.type("three")
        expect(page.get_by_test_id("desk-count")).to_have_text("1 of 3")
        page.reload()
        expect(page.get_by_test_id("desk-count")).to_have_text("1 of 3")
        page.get_by_test_id("desk-clear").click()
        expect(page.get_by_test_id("desk-count")).to_have_text("3 of 3")
    with hall.database.read() as tx:
        states = {alert.id: alert.status for alert in alerting.standing_alerts(tx)}
    assert states == {"one": "open", "two": "acknowledged", "three": "acknowledged"}


def test_who_may_not_replay_is_told_so_and_can_settle_nothing_as_a_manager(
    browser: Browser, hall: Console
) -> None:
    arise(hall, "seen")
    with (
        visiting(hall, Role.MANAGER, withheld=[Permission.REPLAY]) as manager,
        at_the_desk(browser, hall, manager, asks="?alert=seen") as page,
    ):
        expect(page.get_by_test_id("moment-words")).to_contain_text("You may not replay")
        page.keyboard.press("a")
        page.keyboard.press("d")
        expect(page.get_by_test_id("desk-alert")).to_have_attribute("data-status", "open")
        expect(page.get_by_test_id("desk-acknowledge")).to_have_count(0)
        expect(page.get_by_test_id("desk-comment")).to_be_visible()
