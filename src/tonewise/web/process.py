"""One worker process as the server sees it: given a job, it comes back with an outcome, whatever happens to it."""

from __future__ import annotations

import json
import os
import queue
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tonewise.web.settings import Settings

#: Variables that recordings of strangers need not be near.
_SECRET = re.compile("TOKEN|KEY|SECRET|PASSWORD|CREDENTIAL", re.IGNORECASE)

START_SECONDS = 120.0  # a model's weights may have to be fetched first


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job: figures of its call, else why it failed.

    Attributes:
        figures: see `scoring.score_job`.
        failed: one line; None = it is done, or the worker ended.
        ended: how the worker ended before it was through, for people; None = it did not.
    """

    figures: dict[str, Any] | None = None
    failed: str | None = None
    ended: str | None = None


class Worker:
    """A process that scores. It is started at once; `ready` waits until it has its model."""

    def __init__(self, model: str, settings: Settings) -> None:
        command = [sys.executable, "-m", "tonewise.web.worker", model]
        command += ["--memory", str(settings.worker_memory_bytes or 0)]
        command += ["--duration", str(settings.max_duration_seconds)]
        # A session of its own: a Control-C in the terminal is for the server, which lets jobs finish.
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,
            env={name: value for name, value in os.environ.items() if not _SECRET.search(name)},
        )
        self._said: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    def ready(self) -> bool:
        """Wait for the model; False where the worker ended, or was not ready in time."""
        try:
            message = self._said.get(timeout=START_SECONDS)
        except queue.Empty:
            return False
        return bool(message and message.get("ready"))

    def run(self, order: dict[str, Any], seconds: float, progress: Callable[[list[Any]], None]) -> Outcome:
        """Do one job, in so many seconds or not at all."""
        assert self._process.stdin is not None
        last = time.monotonic() + seconds
        try:
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
        except OSError:
            return Outcome(ended=self.how())
        try:
            while message := self._said.get(timeout=max(last - time.monotonic(), 0.001)):
                if "progress" in message:
                    progress(message["progress"])
                else:
                    return Outcome(message.get("done"), message.get("failed"))
        except queue.Empty:
            self.kill()
            why = f"scoring took longer than {seconds:.0f} s and was stopped; send the recording in parts"
            return Outcome(failed=why)
        return Outcome(ended=self.how())

    def how(self) -> str:
        """How it ended, for people; one that has not is ended."""
        try:
            status = self._process.wait(2.0)
        except subprocess.TimeoutExpired:
            self.kill()
            status = self._process.wait()
        return f"signal {-status}" if status < 0 else f"exit status {status}"

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    def close(self) -> None:
        """End it and let go of its pipes."""
        self.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            try:
                stream.close()
            except OSError:
                continue  # what was still to be written has no reader any more

    def _listen(self) -> None:
        assert self._process.stdout is not None
        try:
            for line in self._process.stdout:
                self._said.put(json.loads(line))
        except ValueError:
            pass  # the last line of a process that was killed, or a pipe that was closed meanwhile
        self._said.put(None)
