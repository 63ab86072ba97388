"""Figures for Prometheus: requests, jobs, queue, bytes, and how fast recordings are scored."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from tonewise.store.jobs import DONE, STATES, now

if TYPE_CHECKING:
    from tonewise.store.jobs import Job

_SECONDS = (0.005, 0.02, 0.1, 0.5, 1, 5, 30, 120, 600, 3600)
_FACTORS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2)


class Metrics:
    """A registry of our own, so that two servers in one process do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        own = self.registry
        self._requests = Counter("tonewise_requests", "Answers", ["method", "route", "status"], registry=own)
        self._latency = Histogram(
            "tonewise_request_seconds", "Time to answer", ["method", "route"], buckets=_SECONDS, registry=own
        )
        self._bytes = Counter("tonewise_upload_bytes", "Bytes of recordings and transcripts taken in", registry=own)
        self._ended = Counter("tonewise_jobs", "Attempts at jobs, by what came of them", ["outcome"], registry=own)
        self._job_seconds = Histogram(
            "tonewise_job_seconds", "Time to score a recording", buckets=_SECONDS, registry=own
        )
        self._audio = Counter("tonewise_audio_seconds", "Seconds of sound scored", registry=own)
        self._factor = Histogram(
            "tonewise_realtime_factor", "Seconds of scoring a second of sound", buckets=_FACTORS, registry=own
        )
        self._workers = Counter("tonewise_workers_ended", "Worker processes that ended and were replaced", registry=own)
        self._in_state = Gauge("tonewise_jobs_in_state", "Jobs that are kept, by state", ["state"], registry=own)

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """An answer was given. `route` is a pattern such as /v1/jobs/{id}, never an address."""
        self._requests.labels(method, route, str(status)).inc()
        self._latency.labels(method, route).observe(seconds)

    def upload(self, size: int) -> None:
        """So many bytes were taken in."""
        self._bytes.inc(size)

    def job_ended(self, job: Job, state: str, sound: float | None) -> None:
        """An attempt at a job ended, and the job is in this state now; `sound`: its seconds, where it is done."""
        self._ended.labels(state).inc()
        if job.started is None or sound is None or state != DONE:
            return
        took = (now() - job.started).total_seconds()
        self._job_seconds.observe(took)
        self._audio.inc(sound)
        self._factor.observe(took / max(sound, 0.001))

    def worker_ended(self) -> None:
        """A worker process ended and is replaced."""
        self._workers.inc()

    def text(self, counts: Callable[[], dict[str, int]]) -> bytes:
        """All of it, as Prometheus reads it.

        Args:
            counts: jobs by state.
        """
        found = counts()
        for state in STATES:
            self._in_state.labels(state).set(found[state])
        return generate_latest(self.registry)
