"""The engine of a Ray cluster: Ray Data spreads the items, and what a lost machine takes with it is done again."""

from __future__ import annotations

import logging
import os
import socket
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar

from tonewise.engines.base import EngineError, Outcome, Task, attempt, counted, crashed
from tonewise.errors import MissingExtraError
from tonewise.records import Progress

ROUNDS = 3  # times that items which did not come back are given out again
RETRIES = 3  # of one item by Ray itself, when its worker or machine dies

PATIENCE = 10.0  # seconds that a cluster may take to answer

#: Bytes of shared memory of a cluster that is started here: results stream through it, and none is larger than a batch.
OBJECT_STORE = 256 * 2**20

#: Settings of Ray's own: it neither tells its makers of us, nor our users of itself.
_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_DATA_DISABLE_PROGRESS_BARS": "1",
}


@dataclass(slots=True)
class RayEngine:
    """Work on a Ray cluster: one that runs (`address`), or one that is started here and ended by `close`.

    Tasks are given out one item at a time, as blocks of a Ray dataset, to stateless tasks (a task keeps what it loads for
    the life of its worker) or, where the task wants a GPU and the cluster has some, to one actor a GPU. Items of workers
    that die are retried by Ray; what still does not come back is given out again, and then told as `crashed`.

    Attributes:
        jobs: items at a time, None = as many as the cluster has processors.
        address: of a running cluster, `HOST:PORT` or `auto`.
    """

    jobs: int | None = None
    address: str | None = None
    _ray: Any = field(default=None, repr=False)

    name: ClassVar[str] = "ray"

    def map(self, task: Task, items: Sequence[Any], *, progress: Progress | None = None) -> Iterator[Outcome]:
        """See `Engine.map`."""
        return counted(self._outcomes(task, items), task.stage, len(items), progress)

    def close(self) -> None:
        """Leave the cluster; end it where it was started here."""
        if self._ray is not None:
            self._ray.shutdown()
            self._ray = None

    def _outcomes(self, task: Task, items: Sequence[Any]) -> Iterator[Outcome]:
        missing = dict(enumerate(items))
        for _ in range(ROUNDS):
            if not missing:
                return
            for outcome in self._round(task, missing):
                if missing.pop(outcome.index, None) is not None:
                    yield outcome
        for index, item in missing.items():
            yield crashed(index, item)

    def _round(self, task: Task, items: dict[int, Any]) -> Iterator[Outcome]:
        """One dataset of items; those that Ray gave up are not among the outcomes."""
        self._started()
        from ray.exceptions import RayError

        try:
            with _unheard():
                rows = self._dataset(task, items).iter_rows()
            for row in rows:
                yield row["outcome"]
        except RayError as error:
            if not self._alive():
                raise EngineError(
                    f"the Ray cluster is gone ({_first_line(error)}); run the same again to go on from what is finished"
                ) from error

    def _dataset(self, task: Task, items: dict[int, Any]) -> Any:
        import ray.data

        blocks = [{"index": index, "item": _Item(item)} for index, item in items.items()]
        found = ray.data.from_items(blocks, override_num_blocks=len(blocks))
        gpus = int(self._ray.cluster_resources().get("GPU", 0)) if task.gpu else 0
        if gpus:
            actors = ray.data.ActorPoolStrategy(min_size=1, max_size=min(self.jobs or gpus, gpus))
            return found.map_batches(
                _Worker,
                fn_constructor_args=(task,),
                batch_size=1,
                num_gpus=1,
                compute=actors,
                max_task_retries=RETRIES,
            )
        work: Callable[..., Any] = _work
        tasks = ray.data.TaskPoolStrategy(min(self.jobs, len(blocks)) if self.jobs else None)
        return found.map_batches(work, fn_args=(task,), batch_size=1, num_cpus=1, compute=tasks, max_retries=RETRIES)

    def _started(self) -> None:
        if self._ray is not None:
            return
        for name, value in _QUIET.items():
            os.environ.setdefault(name, value)
        with _unheard():
            try:
                import ray
                import ray.data
            except ImportError as error:
                raise MissingExtraError("the engine 'ray'", "ray") from error
            self._connect(ray)
            _configure(ray, ray.data.DataContext.get_current())
        self._ray = ray

    def _connect(self, ray: Any) -> None:
        options: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR, "configure_logging": True}
        if self.address is None:
            own = {"include_dashboard": False, "num_cpus": self.jobs, "object_store_memory": OBJECT_STORE}
            options |= {"address": "local", "_node_ip_address": "127.0.0.1", **own}
        else:
            options["address"] = self.address
        with _Connecting(self.address):
            _knock(self.address)
            ray.init(**options)

    def _alive(self) -> bool:
        return bool(self._ray is not None and self._ray.is_initialized())


@dataclass(frozen=True, slots=True)
class _Connecting:
    """Turns what Ray raises when there is no cluster into one line.

    Where a node does not start in time (on a busy machine), that is an `Exception` of no kind of its own: nothing else that
    is unexpected is taken for it.
    """

    address: str | None

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if error is None or not (kind is Exception or isinstance(error, RuntimeError | ValueError | OSError)):
            return
        if self.address is None:
            told = "Ray cannot start on this machine ({}); try again when it is less busy, or leave --engine out"
        else:
            told = (
                f"no Ray cluster at {self.address} ({{}}); start one with `ray start --head`, or leave --address out to "
                "have one started here"
            )
        raise EngineError(told.format(_first_line(error))) from error


def _knock(address: str | None) -> None:
    """See that somebody listens: Ray itself tries for minutes.

    Raises:
        OSError: nobody does.
    """
    host, colon, port = (address or "").rpartition(":")
    if colon and port.isdecimal() and "//" not in host:
        socket.create_connection((host.strip("[]"), int(port)), PATIENCE).close()


@dataclass(frozen=True, slots=True)
class _Item:
    """Keeps an item as it is: Ray Data would make arrays of numbers and texts."""

    value: Any


class _Worker:
    """An actor that keeps its task."""

    def __init__(self, task: Task) -> None:
        self._task = task

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        return _work(batch, self._task)


def _work(batch: dict[str, Any], task: Task) -> dict[str, Any]:
    import numpy as np

    made = [attempt(task, int(index), item.value) for index, item in zip(batch["index"], batch["item"], strict=True)]
    outcomes = np.empty(len(made), dtype=object)
    outcomes[:] = made
    return {"outcome": outcomes}


def _configure(ray: Any, context: Any) -> None:
    """Silence, and no end of the whole for one block's sake."""
    # Ray prints what it thinks of lost machines on stdout, which is for results, and has no public switch for that.
    ray._private.worker._worker_logs_enabled = False
    context.max_errored_blocks = -1
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    for name in ("ray", "ray.data"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    warnings.filterwarnings("ignore", module=r"ray(\.|$)")  # those of its threads, too


@contextmanager
def _unheard() -> Iterator[None]:
    """Ray warns of its own deprecations, which are no business of whoever runs tonewise."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
