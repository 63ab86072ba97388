"""The server as a person uses it, in a real browser: log in, upload, watch, listen, look at all calls."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from browser_waiting import until

pytest.importorskip("fastapi", reason="the extra `web` is not installed")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
TOKEN = "correct-horse-battery"
SAID = ("I hate this terrible awful thing.", "Thank you, that is wonderful and excellent.")


def captions() -> str:
    """Upset and happy words in turn, five seconds each: the voice cannot agree with all of them."""
    cues = (f"00:{at:02}.000 --> 00:{at + 4:02}.000\n{SAID[at // 5 % 2]}\n" for at in range(1, 50, 5))
    return "\n".join(["WEBVTT\n", *cues])


_MADE: dict[str, Path] = {}


@pytest.fixture
def model(corpus_maker: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of enough voices to tell how often words and tone disagree; made once."""
    import tonewise

    if "model" not in _MADE:
        folder = tmp_path_factory.mktemp("served")
        manifest = corpus_maker(folder / "corpus", speakers=24, each=30)
        options = {"labels": "lexicon", "features": ("melstats",), "cache": False, "audit": False}
        _MADE["model"] = Path(tonewise.train([manifest], folder / "small", **options).model)
    return _MADE["model"]


@pytest.fixture
def served(model: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a server that wants a token."""
    command = [sys.executable, "-m", "tonewise", "serve", str(model), "--port", "0"]
    command += ["--data", str(tmp_path / "data"), "--max-upload", "20"]
    environment = {**os.environ, "TONEWISE_TOKEN": TOKEN}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stderr is not None
        yield process.stderr.readline().split()[-1]
        process.terminate()
        assert process.wait(30) == 0


@pytest.fixture(scope="module")
def recording(request: pytest.FixtureRequest, corpus: Path) -> Path:
    """A real recording where there is one, else beeps."""
    try:
        real: Path = request.getfixturevalue("shared") / "data" / "calls" / "car_service_mono.wav"
    except pytest.skip.Exception:
        return corpus.parent / "speaker0.wav"
    return real if real.is_file() else corpus.parent / "speaker0.wav"


def log_in(tab: Any) -> None:
    until(tab, "!document.getElementById('login').hidden")
    assert tab.locator("#upload").is_hidden()
    tab.get_by_label("Token").fill(TOKEN)
    tab.keyboard.press("Enter")
    until(tab, "!document.getElementById('upload').hidden && document.activeElement.id === 'recording'")


def test_upload_watch_play_and_click_a_sentence_and_a_mismatch(
    open_page: Callable[..., Any], served: str, recording: Path, tmp_path: Path
) -> None:
    (tmp_path / "words.vtt").write_text(captions())
    tab = open_page(served, expected="401")
    log_in(tab)
    assert "Up to 20 MB" in tab.locator("#limits").inner_text()
    tab.get_by_label("Recording").set_input_files(recording)
    tab.get_by_label("Transcript (optional)").set_input_files(tmp_path / "words.vtt")
    tab.get_by_role("button", name="Score").press("Enter")
    until(tab, "location.pathname.endsWith('/page')")
    until(tab, "document.documentElement.dataset.ready")
    assert tab.locator("h1").inner_text() == recording.name
    until(tab, "audio.readyState > 0 && audio.duration > 10")
    tab.locator(".sentences").get_by_text(SAID[1]).nth(1).click()
    until(tab, "!audio.paused && audio.currentTime > 16.2")
    assert SAID[1] in tab.locator(".sentences li[aria-current]").inner_text()
    tab.keyboard.press("Space")
    until(tab, "audio.paused")
    strongest = tab.locator("#mismatches button").first
    minutes, seconds = strongest.locator(".when").inner_text().split(":")
    strongest.click()
    until(tab, f"!audio.paused && audio.currentTime >= {60 * int(minutes) + int(seconds)}")
    assert "sounds" in tab.locator("#mismatches [aria-current]").inner_text()
    tab.screenshot(path=str(tmp_path / "page.png"))
    tab.goto(f"{served}/calls")
    tab.get_by_role("link", name=recording.name).click()
    until(tab, "document.documentElement.dataset.ready")


def test_a_job_is_asked_for_again_where_the_server_was_busy(
    open_page: Callable[..., Any], served: str, recording: Path
) -> None:
    refused = []

    def answer(asked: Any) -> None:
        if len(refused) == 2:
            asked.continue_()
        else:
            refused.append(asked)
            asked.fulfill(status=503, json={"error": "the server cannot use its store just now; try again"})

    tab = open_page(served, expected="the server responded with a status of")
    log_in(tab)
    assert "utterances; labels: lexicon." in tab.locator("#model").inner_text()
    tab.route("**/v1/jobs/*", answer)
    tab.get_by_label("Recording").set_input_files(recording)
    tab.get_by_role("button", name="Score").click()
    until(tab, "location.pathname.endsWith('/page')", seconds=60)
    assert len(refused) == 2


def test_a_wrong_token_bad_sound_and_a_second_try(
    open_page: Callable[..., Any], served: str, recording: Path, tmp_path: Path
) -> None:
    (tmp_path / "notes.wav").write_text("no sound at all, but a note of some length")
    tab = open_page(served, expected="401")
    until(tab, "!document.getElementById('login').hidden")
    tab.get_by_label("Token").fill("wrong")
    tab.keyboard.press("Enter")
    until(tab, "document.getElementById('wrong').textContent.includes('not the server')")
    log_in(tab)
    tab.get_by_label("Recording").set_input_files(tmp_path / "notes.wav")
    tab.get_by_role("button", name="Score").click()
    until(tab, "document.getElementById('wrong').textContent.includes('notes.wav')")
    assert tab.get_by_role("alert").inner_text().startswith("notes.wav")
    assert tab.get_by_role("button", name="Score").is_enabled()
    (tmp_path / "large.wav").write_bytes(bytes(20_000_001))
    tab.get_by_label("Recording").set_input_files(tmp_path / "large.wav")
    tab.get_by_role("button", name="Score").click()
    until(tab, "document.getElementById('wrong').textContent.includes('takes 20 MB')")


def test_dark_narrow_and_by_the_keyboard(open_page: Callable[..., Any], served: str) -> None:
    tab = open_page(served, expected="401", color_scheme="dark", viewport={"width": 360, "height": 800})
    log_in(tab)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 27)"
    reached = []
    for _ in range(5):
        reached.append(tab.evaluate("document.activeElement.id || document.activeElement.tagName"))
        tab.keyboard.press("Tab")
    assert reached == ["recording", "transcript", "customer_channel", "SUMMARY", "go"]
