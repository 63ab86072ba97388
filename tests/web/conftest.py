"""A small model, and servers of it: in this process, and as processes of their own."""

from __future__ import annotations

import contextlib
import io
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("fastapi", reason="the extra `web` is not installed")

TOKEN = "correct-horse-battery"


@pytest.fixture(scope="session")
def wav() -> Callable[..., bytes]:
    """The bytes of a recording: bursts of a voice-like sound."""
    import soundfile

    def make(seconds: float = 3.0, *, seed: int = 0, channels: int = 1, rate: int = 16_000) -> bytes:
        random = np.random.default_rng(seed)
        now = np.arange(round(seconds * rate)) / rate
        pitch = 2 * np.pi * (150 + 20 * seed % 100) * now
        wave = sum(np.sin(each * pitch) / each for each in range(1, 12)) * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * now))
        sound = 0.15 * wave * (now % 2 < 1.4) + 0.002 * random.normal(size=len(now))
        written = io.BytesIO()
        soundfile.write(written, np.stack([sound] * channels, axis=1), rate, format="WAV", subtype="PCM_16")
        return written.getvalue()

    return make


class Running:
    """A server as a process of its own."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
        self.lines: list[str] = []
        self.known: set[int] = set()
        self.data, self.token = Path(), ""
        self._said: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        self.url = self._address()

    def _listen(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(line)
            self._said.put(line)
        self._said.put(None)

    def _address(self) -> str:
        while line := self._said.get(timeout=60):
            if "http://" in line:
                return line.split()[-1]
        raise AssertionError(f"the server ended: {''.join(self.lines)}")

    def workers(self) -> list[int]:
        """Processes that it started."""
        found = []
        for status in Path("/proc").glob("[0-9]*/stat"):
            try:
                after = status.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(after[1]) == self.process.pid and after[0] != "Z":
                found.append(int(status.parent.name))
        self.known.update(found)
        return found

    def end(self) -> int:
        """Wait for its end; its exit status."""
        return self.process.wait(30)

    def close(self) -> None:
        """Kill it and its workers, which have its stderr, and let go of that."""
        for process in {*self.workers(), *self.known}:
            with contextlib.suppress(OSError):
                if "tonewise.web.worker" in Path(f"/proc/{process}/cmdline").read_text():
                    os.kill(process, signal.SIGKILL)
        self.process.kill()
        self.process.wait()
        self._thread.join()
        self.process.stderr.close()  # type: ignore[union-attr]


@pytest.fixture
def start_server(small_model: Path, tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Start `tonewise serve` on a free port, with further options; ended when the test is over."""
    started: list[Running] = []

    def start(*options: str, data: Path | None = None, **environment: str) -> Running:
        command = [sys.executable, "-m", "tonewise", "serve", str(small_model), "--port", "0"]
        command += ["--data", str(data or tmp_path / "data"), *options]
        started.append(Running(command, {**os.environ, **environment}))
        return started[-1]

    yield start
    for each in started:
        each.close()


@pytest.fixture(scope="session")
def guarded(small_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One server that wants `TOKEN` and takes little, for all who attack it; its `data` lies in a folder of its own."""
    command = [sys.executable, "-m", "tonewise", "serve", str(small_model), "--port", "0", "--max-upload", "1"]
    command += ["--max-duration", "0.5", "--live", "2", "--data", str(tmp_path_factory.mktemp("guarded") / "data")]
    server = Running(command, {**os.environ, "TONEWISE_TOKEN": TOKEN})
    server.data, server.token = Path(command[-1]), TOKEN
    yield server
    server.close()


@pytest.fixture(scope="session")
def eventually() -> Callable[..., Any]:
    """Wait until something is true, and return it."""

    def wait(found: Callable[[], Any], seconds: float = 30.0) -> Any:
        last = time.monotonic() + seconds
        while not (value := found()):
            assert time.monotonic() < last, "it did not come true"
            time.sleep(0.03)
        return value

    return wait


@pytest.fixture
def make_app(small_model: Path, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Applications in this process, with settings by name; without a lifespan, their workers are not started."""
    from tonewise.web import Settings, create_app

    made: list[Any] = []

    def make(**settings: Any) -> Any:
        data = settings.pop("data", tmp_path / f"data{len(made)}")
        made.append(create_app(small_model, Settings(data=data, **{"min_free_bytes": 0, **settings})))
        return made[-1]

    yield make
    for each in made:
        each.state.server.keeping.close()
