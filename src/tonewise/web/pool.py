"""The workers of a server and the jobs they do: none is lost, whatever ends a worker or the server."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Any

from tonewise.store import StoreError
from tonewise.web.process import Outcome, Worker

if TYPE_CHECKING:
    from tonewise.store.jobs import Job
    from tonewise.web.keeping import Keeping
    from tonewise.web.metrics import Metrics

_LOG = logging.getLogger(__name__)
_LONGEST_PAUSE = 30.0  # seconds between attempts to start a worker that does not start


class Pool:
    """One thread a worker process, which takes jobs from the queue, one at a time."""

    def __init__(self, keeping: Keeping, model: str, metrics: Metrics) -> None:
        self._keeping, self._metrics = keeping, metrics
        self._model, self._settings = model, keeping.settings
        self._changed = threading.Condition()
        self._draining = False
        self._over = threading.Event()
        self._slots = [_Slot(self, number) for number in range(self._settings.workers)]

    @property
    def draining(self) -> bool:
        """Whether no further job is begun."""
        return self._draining

    @property
    def ready(self) -> bool:
        """Whether a worker has its model and waits for jobs."""
        return not self._draining and any(slot.ready for slot in self._slots)

    @property
    def busy(self) -> bool:
        """Whether a job is being done."""
        return any(slot.job is not None for slot in self._slots)

    def start(self) -> None:
        """Take up jobs."""
        for slot in self._slots:
            slot.start()

    def wake(self) -> None:
        """There is a new job."""
        with self._changed:
            self._changed.notify()

    def progress(self, key: str) -> tuple[str, int, int] | None:
        """How far a job that is being done has come: the stage, and how much of it."""
        return next((slot.progress for slot in self._slots if slot.job is not None and slot.job.id == key), None)

    def cancel(self, key: str) -> None:
        """End the worker of a job that was taken back."""
        for slot in self._slots:
            slot.end(key)

    def begin_drain(self) -> None:
        """Begin no further job. It takes no lock: signal handlers may call it."""
        self._draining = True

    def wait_idle(self, seconds: float) -> None:
        """Wait until no job is being done, so long at most."""
        last = time.monotonic() + seconds
        while self.busy and time.monotonic() < last:
            time.sleep(0.05)

    def stop(self) -> None:
        """End all workers; what they were at is queued again, and does not count as an attempt."""
        self.begin_drain()
        self._over.set()
        for slot in self._slots:
            slot.end()
        for slot in self._slots:
            slot.thread.join()

    def worker(self) -> Worker:
        """A new worker."""
        return Worker(self._model, self._settings)

    def next_job(self) -> Job | None:
        """The job that has waited longest, or None after a moment."""
        if self._draining:
            time.sleep(0.05)
            return None
        job = self._keeping.jobs.claim()
        if job is None:
            with self._changed:
                self._changed.wait(0.5)
        return job

    def settle(self, job: Job, outcome: Outcome) -> None:
        """Keep what became of a job, and go on trying while the disk is full or the like."""
        while True:
            try:
                state = self._keeping.settle(job, outcome, stopped=self.stopped)
                self._metrics.job_ended(job, state, (outcome.figures or {}).get("duration"))
                return
            except StoreError as error:
                _LOG.error("%s", error)
                if self.pause(1.0):
                    return  # the next start finds it among those that were running

    def order(self, job: Job) -> dict[str, Any]:
        """A job as workers are told of it."""
        return self._keeping.order(job)

    @property
    def stopped(self) -> bool:
        """Whether all is over."""
        return self._over.is_set()

    def pause(self, seconds: float) -> bool:
        """Wait so long, less where all is over meanwhile; returns whether it is."""
        return self._over.wait(seconds)

    @property
    def seconds(self) -> float:
        """That one job may take."""
        return self._settings.job_timeout_seconds

    def ended(self, worker: Worker) -> None:
        """A worker ended; unless all is over, another one takes its place."""
        if not self.stopped:
            _LOG.warning("a worker ended (%s) and is replaced", worker.how())
            self._metrics.worker_ended()


class _Slot:
    """A thread and the worker process that it looks after."""

    def __init__(self, pool: Pool, number: int) -> None:
        self.pool = pool
        self.job: Job | None = None
        self.progress: tuple[str, int, int] | None = None
        self.ready = False
        self._worker: Worker | None = None
        self._guard = threading.Lock()
        self.thread = threading.Thread(target=self._run, name=f"worker {number}", daemon=True)
        self.start = self.thread.start

    def end(self, key: str | None = None) -> None:
        """End the worker, where it is at the job `key` or that is None."""
        with self._guard:
            if self._worker is not None and (key is None or (self.job is not None and self.job.id == key)):
                self._worker.kill()

    def _run(self) -> None:
        pause = 0.5
        while not self.pool.stopped:
            worker = self._open()
            if worker is not None and worker.ready():
                pause = 0.5
                self.ready = True
                try:
                    self._serve(worker)
                finally:  # a thread that fails must not look ready
                    self.ready = False
            else:
                self.pool.pause(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
            if worker is not None:
                self._close(worker)

    def _serve(self, worker: Worker) -> None:
        while worker.alive and not self.pool.stopped:
            try:
                job = self.pool.next_job()
            except StoreError as error:
                _LOG.error("%s", error)
                self.pool.pause(1.0)
                continue
            if job is not None:
                self._do(job, worker)

    def _do(self, job: Job, worker: Worker) -> None:
        with self._guard:
            self.job, self.progress = job, None
        outcome = worker.run(self.pool.order(job), self.pool.seconds, self._set_progress)
        with self._guard:
            self.job = None
        self.pool.settle(job, outcome)

    def _set_progress(self, told: list[Any]) -> None:
        self.progress = (str(told[0]), int(told[1]), int(told[2]))

    def _open(self) -> Worker | None:
        with self._guard:
            try:
                self._worker = self.pool.worker()
            except OSError as error:  # no process or no memory is left, for now
                _LOG.error("no worker can be started (%s); it is tried again", error)
                return None
            if self.pool.stopped:
                self._worker.kill()
            return self._worker

    def _close(self, worker: Worker) -> None:
        with self._guard:
            self._worker = None
        self.pool.ended(worker)
        worker.close()
