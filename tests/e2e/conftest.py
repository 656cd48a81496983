"""The running demo hall, and Chromium to look at it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e import running_demo

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]


@pytest.fixture(scope="module")
def demo() -> Iterator[running_demo.Demo]:
    """A demo hall of the module's own, from the beginning of its story."""
    with running_demo.demo() as demo:
        yield demo


@pytest.fixture(scope="session")
def lasting_demo() -> Iterator[running_demo.Demo]:
    """A demo hall for the modules that need no certain moment of its story; each finds what others left."""
    with running_demo.demo("lasting") as demo:
        yield demo


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The machine's own Chromium, without a screen."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()
