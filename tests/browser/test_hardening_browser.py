"""Hostile names and words on the server's pages, in a real browser: nothing of them runs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

httpx = pytest.importorskip("httpx", reason="httpx is not installed (dependency group dev)")
pytest.importorskip("fastapi", reason="the extra `web` is not installed")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
EVIL = "</script><script>window.hit=1</script><img src=x onerror='window.hit=2'><svg onload='window.hit=3'>"


@pytest.fixture
def served(corpus: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a server."""
    import tonewise

    options = {"labels": "lexicon", "features": ("melstats",), "cache": False, "audit": False}
    model = tonewise.train([corpus], tmp_path / "model", **options).model
    command = [sys.executable, "-m", "tonewise", "serve", str(model), "--port", "0", "--data", str(tmp_path / "data")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        yield process.stderr.readline().split()[-1]
        process.terminate()
        assert process.wait(30) == 0


def test_words_and_names_of_others_do_not_run(served: str, corpus: Path, open_page: Callable[..., Any]) -> None:
    sound = (corpus.parent / "speaker0.wav").read_bytes()
    said = [{"start": 3.0 * n, "end": 3.0 * n + 2.5, "speaker": f"{EVIL}{n}", "text": f"love {EVIL}"} for n in range(3)]
    files = {
        "recording": (EVIL.replace("/", "\\") + EVIL.replace("/", "") + ".wav", sound),
        "transcript": ("words.json", json.dumps({"segments": said})),
    }
    address = httpx.post(f"{served}/v1/score", files=files, timeout=60).headers["location"]
    while (job := httpx.get(served + address).json())["state"] in ("queued", "running"):
        pass
    assert job["state"] == "done", job
    for page in (f"{address}/page", "/calls"):
        tab = open_page(served + page)
        tab.wait_for_timeout(500)
        assert tab.evaluate("window.hit") is None
        assert tab.evaluate("document.querySelectorAll('img[src=x], svg[onload]').length") == 0
        assert "window.hit" in tab.inner_text("body")  # shown, and not run
