"""Processes that wait for work (`bench_worker.py`), so that starting and importing are not timed."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench_commands import PEERS
from bench_report import BenchError

PROGRAM = Path(__file__).with_name("bench_worker.py")


class Worker:
    """One process."""

    def __init__(self, python: str | Path) -> None:
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        self._child = subprocess.Popen(
            [str(python), "-W", "ignore", str(PROGRAM)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self._said, text=True,
        )  # fmt: skip

    def ask(self, task: str, **values: Any) -> None:
        """Give it work."""
        assert self._child.stdin
        try:
            self._child.stdin.write(json.dumps({"task": task, "values": values}) + "\n")
            self._child.stdin.flush()
        except BrokenPipeError:
            raise BenchError(self._last_words()) from None

    def answer(self) -> Any:
        """Wait until it is done.

        Raises:
            BenchError: It ended instead; says the last line of its traceback.
        """
        assert self._child.stdout
        line = self._child.stdout.readline()
        if not line:
            raise BenchError(self._last_words())
        return json.loads(line)

    def _last_words(self) -> str:
        self._said.seek(0)
        lines = self._said.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"a worker ended with {self._child.wait()}"

    def do(self, task: str, **values: Any) -> Any:
        """Give it work and wait."""
        self.ask(task, **values)
        return self.answer()

    def close(self) -> None:
        """End it."""
        assert self._child.stdin
        assert self._child.stdout
        if self._child.poll() is None:
            self._child.stdin.close()
        self._child.wait()
        self._child.stdout.close()
        self._said.close()


@contextmanager
def worker(python: str | Path = sys.executable) -> Iterator[Worker]:
    """One of tonewise's environment, by default."""
    made = Worker(python)
    try:
        yield made
    finally:
        made.close()


class Ears:
    """As many processes as asked for every ear, begun when first needed; those of other ears sleep meanwhile."""

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._workers: dict[str, list[Worker]] = {}

    def hear(self, ear: str, files: Sequence[str], *, peer: bool, times: int = 1) -> tuple[float, float]:
        """Seconds of the clock until the last process is done, and of the processors of all, for hearing the files once."""
        if ear not in self._workers:
            python = PEERS if peer else sys.executable
            self._workers[ear] = [Worker(python) for _ in range(self._processes)]
            self.hear(ear, files[: 2 * self._processes], peer=peer)  # imports, caches
        began = time.perf_counter()
        for number, each in enumerate(self._workers[ear]):
            each.ask("hear", ear=ear, files=files[number :: self._processes], times=times)
        work = sum(each.answer()["work"] for each in self._workers[ear])
        return (time.perf_counter() - began) / times, work / times

    def close(self) -> None:
        """End all."""
        for each in self._workers.values():
            for one in each:
                one.close()


@contextmanager
def ears(processes: int) -> Iterator[Ears]:
    """They end with the block."""
    made = Ears(processes)
    try:
        yield made
    finally:
        made.close()
