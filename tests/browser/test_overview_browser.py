"""The overview of calls in a real browser: filter it by tone, column and text, and open a call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tonewise.pipeline.overview import overview, write_overview
from tonewise.records.calls import CUSTOMER_TONE, Call, CallAbout
from tonewise.store import open_store

QUEUES = ("billing", "<b>orders</b>", "support")


def call(number: int, page: Path) -> Call:
    """Of queue and agent in turn; tones from 0.05 to 0.95."""
    about = CallAbout(datetime(2026, 3, 2, 9) + timedelta(hours=9 * number), f"Agent {number % 4}", QUEUES[number % 3])
    tone = 0.05 + 0.9 * (number % 10) / 9
    return Call(
        f"call {number:02}.wav", f"{number:064x}", "0", about, 90.0, CUSTOMER_TONE, tone, 1 - tone, 0.1, number % 2, {},
        page=str(page),
    )  # fmt: skip


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("overview")
    page = folder / "pages" / "a call#1.html"
    page.parent.mkdir()
    page.write_text("<!doctype html><title>one call</title>")
    with open_store(folder / "calls.db") as store:
        model = store.model("ab" * 32, "model")
        for number in range(60):
            store.put(call(number, page), model)
        write_overview(overview(store), folder / "overview.html")
    return (folder / "overview.html").as_uri()


def shown(tab: Any) -> int:
    return int(tab.locator("#calls tbody tr:visible").count())


def test_filter_by_tone_queue_week_and_text(open_page: Callable[..., Any], address: str) -> None:
    tab = open_page(address)
    assert shown(tab) == 60 and tab.locator("#shown").inner_text() == "60 of 60 calls shown"
    tab.locator("#filters [name='tone']").select_option("=negative")
    assert shown(tab) == 24 and tab.get_by_role("status").inner_text() == "24 of 60 calls shown"
    tab.locator("#filters [name='column:queue']").select_option("=<b>orders</b>")
    assert shown(tab) == 8
    tab.get_by_role("searchbox").fill("agent 1")
    narrowed = shown(tab)
    assert 0 < narrowed < 8
    for row in tab.locator("#calls tbody tr:visible").all():
        text = row.inner_text()
        assert "negative" in text and "<b>orders</b>" in text and "Agent 1" in text
    tab.get_by_role("button", name="Show all").click()
    tab.wait_for_timeout(50)
    assert shown(tab) == 60
    tab.locator("#filters [name='week']").select_option("=2026-03-09")
    assert 0 < shown(tab) < 60


def test_from_the_overview_to_a_call_and_back(open_page: Callable[..., Any], address: str) -> None:
    tab = open_page(address)
    tab.get_by_role("searchbox").fill("call 07")
    tab.get_by_role("link", name="call 07.wav").click()
    assert tab.title() == "one call"
    tab.go_back()
    assert "calls shown" in tab.locator("#shown").inner_text()


def test_by_the_keyboard_narrow_dark_and_without_scripts(open_page: Callable[..., Any], address: str) -> None:
    tab = open_page(address, color_scheme="dark", viewport={"width": 380, "height": 800})
    assert tab.evaluate("document.documentElement.scrollWidth") <= 380
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.textContent") == "To the list of calls"
    tab.locator("#filters [name='tone']").focus()
    tab.keyboard.press("ArrowDown")
    assert shown(tab) == 24
    plain = open_page(address, java_script_enabled=False)
    assert shown(plain) == 60 and not plain.locator("#filters [name='tone']").is_visible()
