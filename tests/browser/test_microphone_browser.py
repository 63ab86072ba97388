"""The microphone's page as a person uses it: start, look, stop, by mouse and by keyboard, in a real browser."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from browser_waiting import until
from tonewise.pipeline.loading import LoadedModel, load_model
from tonewise.web.settings import Settings

pytest.importorskip("fastapi", reason="the extra web is not installed")

from fastapi import FastAPI

from tonewise.web.live import live_routes

TOKEN = "a-token-of-the-test"
Open = Callable[..., Any]

pytestmark = pytest.mark.usefixtures("beeps_are_speech")


@pytest.fixture(scope="module")
def model(small_model: Path) -> LoadedModel:
    return load_model(small_model)


@pytest.fixture
def serve() -> Iterator[Callable[..., str]]:
    """Serve the live routes on a free port of this machine; the page's address."""
    import uvicorn

    running: list[tuple[Any, threading.Thread, socket.socket]] = []

    def start(model: LoadedModel, **settings: Any) -> str:
        app = FastAPI()
        app.include_router(live_routes(model, Settings(**settings)))
        listening = socket.socket()
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        running.append((server, thread, listening))
        while not server.started:
            time.sleep(0.01)
        return f"http://127.0.0.1:{listening.getsockname()[1]}/microphone"

    yield start
    for server, thread, listening in running:
        server.should_exit = True
        thread.join(20)
        listening.close()


@pytest.fixture(scope="module")
def recording(tmp_path_factory) -> Path:
    """What the microphone hears, over and over: five seconds low, two of nothing, five high."""
    path = tmp_path_factory.mktemp("heard") / "heard.wav"
    time_line = np.arange(12 * 48_000) / 48_000
    pitch, level = np.where(time_line < 7, 150, 240), np.where((time_line < 5) | (time_line > 7), 0.2, 0)
    sound = level * sum(np.sin(2 * np.pi * pitch * harmonic * time_line) / harmonic for harmonic in range(1, 5)) / 2
    soundfile.write(path, sound, 48_000)
    return path


@pytest.fixture(scope="module")
def browser(launch: Callable[..., Any], recording: Path) -> Any:
    """A browser whose microphone is a file."""
    return launch(
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={recording}",
        "--autoplay-policy=no-user-gesture-required",
    )


STATUS = "document.getElementById('status').textContent"
ROWS = "document.getElementById('rows').rows.length"


def test_start_speak_look_and_stop(
    serve: Callable[..., str], open_page: Open, model: LoadedModel, tmp_path: Path
) -> None:
    tab = open_page(serve(model))
    assert "is not kept" in tab.locator("header").inner_text()
    assert tab.get_by_role("status").inner_text() == "The microphone is off."
    tab.get_by_role("button", name="Start the microphone").click()
    until(tab, f"{ROWS} >= 9")
    assert tab.get_by_role("button", name="Stop the microphone").is_visible()
    assert tab.get_by_role("status").inner_text().startswith("Listening, second ")
    assert tab.locator("#tone").inner_text().startswith("0.")
    assert tab.locator("#lines path").count() >= 1 and tab.locator("#bands path").count() >= 1
    assert tab.locator("#dots path").count() >= 5
    tab.locator("summary").click()
    behind = [int(text.split()[0]) for text in tab.locator("#rows td:last-child").all_inner_texts()]
    assert len(behind) >= 9 and max(behind) < 5_000
    picture = tab.screenshot(path=tmp_path / "microphone.png")
    assert len(picture) > 10_000
    tab.get_by_role("button", name="Stop the microphone").click()
    until(tab, f"{STATUS} === 'The microphone is off. Nothing was kept.'")
    seconds = tab.evaluate(ROWS)
    tab.wait_for_timeout(1_300)
    assert tab.evaluate(ROWS) == seconds
    assert tab.locator("#toggle").get_attribute("aria-disabled") == "false"


def test_by_keyboard_twice_in_the_dark_on_a_small_screen(
    serve: Callable[..., str], open_page: Open, model: LoadedModel, tmp_path: Path
) -> None:
    tab = open_page(serve(model), color_scheme="dark", viewport={"width": 380, "height": 800})
    tab.locator("#toggle").focus()
    for _ in range(2):
        tab.keyboard.press("Enter")
        until(tab, f"{STATUS}.startsWith('Listening, second')")
        assert tab.evaluate("document.activeElement.id") == "toggle"
        tab.keyboard.press("Space")
        until(tab, f"{STATUS}.startsWith('The microphone is off.')")
    assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    assert tab.evaluate("document.documentElement.scrollWidth") <= 380
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 27)"
    tab.screenshot(path=tmp_path / "dark.png")


def test_a_token_is_asked_for_where_the_server_wants_one(
    serve: Callable[..., str], open_page: Open, model: LoadedModel
) -> None:
    tab = open_page(serve(model, token=TOKEN))
    assert not tab.get_by_label("Token of this server").is_visible()
    tab.locator("#toggle").click()
    until(tab, f"{STATUS}.includes('token is missing or wrong')")
    tab.get_by_label("Token of this server").fill(TOKEN)
    tab.locator("#toggle").click()
    until(tab, f"{STATUS}.startsWith('Listening')")
    assert TOKEN not in tab.url
    assert not tab.get_by_label("Token of this server").is_visible()


def test_no_microphone_and_a_full_server_are_told_in_words(
    serve: Callable[..., str], open_page: Open, model: LoadedModel
) -> None:
    tab = open_page(serve(model, live_sessions=0))
    tab.locator("#toggle").click()
    until(tab, f"{STATUS}.startsWith('as many live streams as allowed are open')")
    assert tab.get_by_role("status").inner_text().endswith("The microphone is off.")
    tab.evaluate("() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error('Permission denied')) }")
    tab.locator("#toggle").click()
    until(tab, f"{STATUS}.startsWith('The microphone cannot be used: Permission denied')")
    assert tab.locator("#toggle").get_attribute("aria-disabled") == "false"
