"""Debian's Chromium, headless, driven by Playwright; tests are skipped where either is missing."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="module")  # Playwright keeps an event loop running, which other files must not find
def launch() -> Iterator[Callable[..., Any]]:
    """Start a browser, with further arguments. It is the system's: none is downloaded, nothing needs the network."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on the PATH; on Debian `apt-get install chromium` brings it")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (dependency group dev)")
    with playwright.sync_playwright() as driver, ExitStack() as running:

        def start(*arguments: str) -> Any:
            launched = driver.chromium.launch(executable_path=CHROMIUM, args=["--mute-audio", *arguments])
            running.callback(launched.close)
            return launched

        yield start


@pytest.fixture(scope="module")
def browser(launch: Callable[..., Any]) -> Any:
    """What pages are opened in; a file of tests may have one of its own."""
    return launch()


@pytest.fixture
def open_page(browser: Any) -> Iterator[Callable[..., Any]]:
    """Open an address in a fresh tab. The test fails where the page threw, or its security policy stopped something.

    `expected`: words of the one console error that belongs to the test; other options are those of Playwright's contexts.
    """
    contexts, troubles = [], []

    def unexpected(told: Any, expected: str | None) -> bool:
        return told.type == "error" and (expected is None or expected not in told.text)

    def open_one(address: str, *, expected: str | None = None, **options: Any) -> Any:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        tab = context.new_page()
        tab.on("pageerror", lambda error: troubles.append(str(error)))
        tab.on("console", lambda told: troubles.append(told.text) if unexpected(told, expected) else None)
        tab.goto(address, wait_until="domcontentloaded")
        return tab

    yield open_one
    for context in contexts:
        context.close()
    assert troubles == []
