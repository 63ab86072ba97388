"""Waiting for something in a page whose security policy forbids what Playwright's own waiting does there: `eval`."""

from __future__ import annotations

import time
from typing import Any


def until(tab: Any, expression: str, seconds: float = 30.0) -> None:
    """Wait until JavaScript is true in a tab, which may be on its way to another page; else the test fails."""
    last = time.monotonic() + seconds
    while not _told(tab, expression):
        assert time.monotonic() < last, f"{expression} did not come true: {_told(tab, 'document.body.innerText')}"
        tab.wait_for_timeout(30)


def _told(tab: Any, expression: str) -> Any:
    from playwright.sync_api import Error

    try:
        return tab.evaluate(expression)
    except Error as error:
        if "context was destroyed" not in error.message:
            raise
        return None  # by a navigation
