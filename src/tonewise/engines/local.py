"""The engine of this machine: the caller's process, or several of its own."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import connection
from typing import Any, ClassVar

from tonewise.engines.base import Outcome, Task, attempt, counted, crashed
from tonewise.records import Progress

AHEAD = 2  # items a worker that wait for it: enough to keep it busy, few enough to bound the memory
ATTEMPTS = 2  # times that an item is tried alone before it is given up


@dataclass(frozen=True, slots=True)
class LocalEngine:
    """Work on this machine.

    With one job the work is done in the caller's process, where encoders use all cores by threads. With more, that many
    processes do it, started anew ("spawn"), so that no lock of a library is inherited; a process that dies takes nothing
    with it: the items that it may have died of are tried again one by one.

    Attributes:
        jobs: processes.
    """

    jobs: int = 1

    name: ClassVar[str] = "local"

    def map(self, task: Task, items: Sequence[Any], *, progress: Progress | None = None) -> Iterator[Outcome]:
        """See `Engine.map`."""
        if self.jobs == 1 or len(items) < 2:
            task.prepare()  # here it is everybody's problem
            outcomes: Iterator[Outcome] = (attempt(task, index, item) for index, item in enumerate(items))
        else:
            outcomes = _spread(task, items, min(self.jobs, len(items)))
        return counted(outcomes, task.stage, len(items), progress)

    def close(self) -> None:
        """Nothing is left when a `map` has ended."""


def _spread(task: Task, items: Sequence[Any], jobs: int) -> Iterator[Outcome]:
    todo = list(range(len(items)))
    while todo:
        done: set[int] = set()
        suspects: list[int] = []
        for outcome in _run(task, items, todo, jobs, suspects):
            done.add(outcome.index)
            yield outcome
        for index in suspects:
            done.add(index)
            yield _alone(task, items, index)
        todo = [index for index in todo if index not in done]


def _alone(task: Task, items: Sequence[Any], index: int) -> Outcome:
    """Try an item in a process of its own, so that it cannot take others with it."""
    for _ in range(ATTEMPTS):
        for outcome in _run(task, items, [index], 1, []):
            return outcome
    return crashed(index, items[index])


def _run(task: Task, items: Sequence[Any], todo: Sequence[int], jobs: int, suspects: list[int]) -> Iterator[Outcome]:
    """Outcomes until all is done or a worker dies; then `suspects` are the items that it may have died of."""
    waiting = iter(todo)
    pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), _start_worker)
    running: dict[Future[Outcome], int] = {}
    try:
        while True:
            for index in waiting:
                running[pool.submit(attempt, task, index, items[index])] = index
                if len(running) >= jobs * AHEAD:
                    break
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                index = running.pop(future)
                if isinstance(future.exception(), BrokenProcessPool):
                    suspects.append(index)
                else:
                    yield future.result()
            if suspects:
                suspects.extend(_settled(running, suspects))
                suspects.sort()
                return
    except BrokenProcessPool:  # a worker died between two items
        suspects.extend(running.values())
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _settled(running: dict[Future[Outcome], int], suspects: Sequence[int]) -> list[int]:
    """The items whose workers went down with the pool."""
    wait(running)
    return [index for index in running.values() if index not in suspects]


def _start_worker() -> None:
    """Leave interrupts to the parent, and go when it has gone: a killed one can tell nobody."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent.sentinel,), daemon=True).start()


def _follow(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)
