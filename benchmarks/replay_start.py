"""How soon a replay shows its first picture.

A real console and the machine's own Chromium: a transaction of a window with two cameras is opened, by its
link in the list of transactions (once with the screen's code still to be fetched, then again) and by its
address alone. The browser tells when it presents the first decoded picture (`requestVideoFrameCallback`), on
the clock on which it also tells when the link was followed.

Options: --times for more.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.report import Report, percentile
from console.access.gate import COOKIE
from hall.roles import Role
from tests.e2e.conftest import CHROMIUM, FLAGS
from tests.e2e.replayed_hall import replayed_hall, served
from tests.integration.console_hall import Console
from tests.integration.visitors import visiting

AIM_MS = 500.0
FIRST_LINK, NEXT_LINK, ADDRESS = "its link, first time", "its link, again", "its address"
SHOWN = "() => performance.getEntriesByName('replay:first-frame').length > 0"
FOLLOW = """name => {
    performance.clearMarks('replay:first-frame');
    performance.mark('followed');
    [...document.querySelectorAll('a')].find((link) => link.getAttribute('href') === name).click();
}"""
SINCE = """name => {
    const begun = name === '' ? 0 : performance.getEntriesByName(name).at(-1).startTime;
    return performance.getEntriesByName('replay:first-frame')[0].startTime - begun;
}"""


def run(options: Sequence[str] = ()) -> Report:
    """Open a replay again and again, each time in a browser that was never here."""
    parser = argparse.ArgumentParser(prog="benchmarks replay-start", description=__doc__)
    parser.add_argument("--times", type=int, default=15)
    times = parser.parse_args(list(options)).times
    took: dict[str, list[float]] = {FIRST_LINK: [], NEXT_LINK: [], ADDRESS: []}
    with (
        tempfile.TemporaryDirectory(prefix="hallwatch-replay-") as folder,
        replayed_hall(Path(folder)) as hall,
        sync_playwright() as playwright,
    ):
        served(hall, "A001", 2, 8)
        path = f"/replay/{served(hall, 'A012', 15, 120).id}"
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        with visiting(hall, Role.OFFICER) as client:
            token = client.headers["Cookie"].partition("=")[2]
            for _ in range(times):
                _open(browser, hall, token, path, took)
        browser.close()
    rows = tuple(
        (way, len(all_), round(percentile(all_, 0.5)), round(percentile(all_, 0.9)), round(max(all_)))
        for way, all_ in took.items()
    )
    return Report(
        title="The first picture of a replay",
        header=("opened by", "n", "p50 ms", "p90 ms", "most ms"),
        rows=rows,
        keys={
            "replay_first_frame_ms": round(percentile(took[FIRST_LINK], 0.5), 1),
            "replay_first_frame_again_ms": round(percentile(took[NEXT_LINK], 0.5), 1),
            "replay_first_frame_address_ms": round(percentile(took[ADDRESS], 0.5), 1),
            "aim_ms": AIM_MS,
        },
        notes=(
            "From the click, or from the beginning of the page's load, to the first picture on the screen. "
            f"Aim: {AIM_MS:g} ms from the click. All share this machine's processors.",
        ),
    )


def _open(browser: Browser, hall: Console, token: str, path: str, took: dict[str, list[float]]) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_cookies([{"name": COOKIE, "value": token, "url": hall.url, "httpOnly": True}])
    page = context.new_page()
    for way in (FIRST_LINK, NEXT_LINK):
        if way == FIRST_LINK:
            page.goto(f"{hall.url}/replay")
        else:
            page.go_back()
        page.locator(f"a[href='{path}']").first.wait_for()
        page.evaluate(FOLLOW, path)
        took[way].append(_shown(page, "followed"))
    context.close()
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_cookies([{"name": COOKIE, "value": token, "url": hall.url, "httpOnly": True}])
    page = context.new_page()
    page.goto(f"{hall.url}{path}")
    took[ADDRESS].append(_shown(page, ""))
    context.close()


def _shown(page: Page, since: str) -> float:
    page.wait_for_function(SHOWN)
    return cast(float, page.evaluate(SINCE, since))
