"""The contract of an engine: one task and many items go in, an outcome an item comes out, whoever does the work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

from tonewise.errors import InputError, TonewiseError
from tonewise.records import Problem, Progress

#: What the problem of an item is called whose work ended in an error, and of one whose worker died of it.
FAILED, CRASHED = "failed", "crashed"


class EngineError(InputError):
    """An engine cannot be started, or its cluster is gone."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one item.

    Attributes:
        index: its place among the items.
        value: what the task made of it; None where there is a problem.
        problem: why there is no value: `failed` (the work raised an error) or `crashed` (its worker died, several times).
    """

    index: int
    value: Any
    problem: Problem | None = None


class Task(Protocol):
    """The work that is done on each item: a frozen dataclass that can be sent to another machine.

    It holds names and options, never models: a worker calls `prepare` once, which may load some and keep them for the
    life of its process. The same task gives the same value for the same item in any process and in any order.

    Attributes:
        stage: what progress is called, such as "features".
        gpu: whether a GPU speeds it up where a cluster has some.
    """

    @property
    def stage(self) -> str: ...

    @property
    def gpu(self) -> bool: ...

    def prepare(self) -> None:
        """Load what the work needs.

        Raises:
            TonewiseError: it cannot be had here.
        """
        ...

    def __call__(self, item: Any) -> Any:
        """Do the work on one item. An error is that item's problem and stops no other."""
        ...


class Engine(Protocol):
    """Does a task on many items, in whatever order; `close` ends whatever it has started."""

    @property
    def name(self) -> str: ...

    def map(self, task: Task, items: Sequence[Any], *, progress: Progress | None = None) -> Iterator[Outcome]:
        """One outcome an item, as they come.

        Args:
            task: see `Task`.
            items: what the work is done on; they and the values can be sent to another process.
            progress: called as `progress(task.stage, done, total)`.

        Raises:
            MissingExtraError: what the engine needs is not installed.
            EngineError: the engine cannot be started.
        """
        ...

    def close(self) -> None:
        """End the processes that were started, if any."""
        ...


def attempt(task: Task, index: int, item: Any) -> Outcome:
    """Do the work on one item; whatever it raises becomes the item's problem."""
    # A future takes any error without a clause that would hide one from its caller.
    with ThreadPoolExecutor(1, thread_name_prefix=task.stage) as pool:
        done = pool.submit(_prepared, task, item)
        error = done.exception()
    if error is None:
        return Outcome(index, done.result())
    if not isinstance(error, Exception):
        raise error  # somebody wants to end the work
    known = isinstance(error, TonewiseError)
    return Outcome(
        index, None, Problem(FAILED, named(item), str(error) if known else f"{type(error).__name__}: {error}")
    )


def crashed(index: int, item: Any) -> Outcome:
    """The outcome of an item that no worker survived."""
    detail = "its worker died each time that it was tried (out of memory, or a decoder crashed); look at what it holds"
    return Outcome(index, None, Problem(CRASHED, named(item), detail))


def named(item: Any) -> str:
    """What an item is called in a problem: its `name`, else itself where that is short."""
    return str(getattr(item, "name", item))[:200]


def counted(outcomes: Iterator[Outcome], stage: str, total: int, progress: Progress | None) -> Iterator[Outcome]:
    """The outcomes as they come, with progress told."""
    if progress is not None:
        progress(stage, 0, total)
    for done, outcome in enumerate(outcomes, start=1):
        yield outcome
        if progress is not None:
            progress(stage, done, total)


def _prepared(task: Task, item: Any) -> Any:
    task.prepare()
    return task(item)
