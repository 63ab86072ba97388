"""What the documentation's pages may use: small worlds, and a server to send requests to."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from doc_worlds import Worlds


@pytest.fixture(scope="session")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Worlds:
    return Worlds(tmp_path_factory.mktemp("worlds"))


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for all pages, of their own."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(autouse=True)
def pages_cache(private_cache: None, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONEWISE_FEATURE_CACHE", str(kept))


@pytest.fixture
def serving(worlds: Worlds, tmp_path: Path) -> Iterator[Callable[[], str]]:
    """Start `tonewise serve` when it is asked for; its host and port."""
    pytest.importorskip("fastapi", reason="the extra `web` is not installed")
    started: list[subprocess.Popen[str]] = []

    def start() -> str:
        command = [sys.executable, "-m", "tonewise", "serve", str(worlds.model), "--port", "0"]
        command += ["--data", str(tmp_path / "served")]
        started.append(subprocess.Popen(command, stderr=subprocess.PIPE, text=True))
        stderr = started[0].stderr
        assert stderr is not None
        said = []
        for line in stderr:
            if "http://" in line:
                return line.split("http://")[1].split()[0].rstrip("/")
            said.append(line)
        raise AssertionError(f"the server did not start: {''.join(said)}")

    yield start
    for process in started:
        process.terminate()
        _, said = process.communicate(timeout=40)
        assert process.returncode == 0, said
