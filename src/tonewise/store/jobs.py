"""Jobs of the server: what is to be scored, what is being scored, and what came of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tonewise.store.opening import transaction

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

QUEUED, RUNNING, DONE, FAILED = STATES = ("queued", "running", "done", "failed")
MOST_ATTEMPTS = 2  # a recording that brings a worker down twice is at fault, not the worker


def now() -> datetime:
    """The time as a store keeps it: UTC, without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)


@dataclass(frozen=True, slots=True)
class Job:
    """A recording to be scored.

    Attributes:
        id: 32 hexadecimal digits.
        name: of the recording, for people.
        recording, transcript: files in the job's folder, under names of the server's own.
        options: of `pipeline.score`, by name.
        bytes: size of the upload.
        state: one of `STATES`.
        attempts: how often it was begun.
        created, started, finished: UTC, without a zone.
        detail: why it failed.
        content_hash: SHA-256 of the recording, once it is done.
        duration: of the recording in seconds, once it is done.
    """

    id: str
    name: str
    recording: str
    transcript: str | None = None
    options: dict[str, Any] = field(default_factory=dict)
    bytes: int = 0
    state: str = QUEUED
    attempts: int = 0
    created: datetime = field(default_factory=now)
    started: datetime | None = None
    finished: datetime | None = None
    detail: str | None = None
    content_hash: str | None = None
    duration: float | None = None


class Jobs:
    """The jobs of a store; every change is there whole or not at all. One server at a time may claim them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, job: Job) -> None:
        """Enter a new job."""
        from sqlalchemy import insert

        from tonewise.store.schema import jobs

        with transaction(self._engine, writing=True) as connection:
            connection.execute(insert(jobs).values(**asdict(job)))

    def get(self, key: str) -> Job | None:
        """A job, if it is there."""
        from sqlalchemy import select

        from tonewise.store.schema import jobs

        with transaction(self._engine) as connection:
            row = connection.execute(select(jobs).where(jobs.c.id == key)).mappings().first()
        return None if row is None else Job(**row)

    def claim(self) -> Job | None:
        """Begin the job that has waited longest; None where none waits."""
        from sqlalchemy import select

        from tonewise.store.schema import jobs

        first = select(jobs).where(jobs.c.state == QUEUED).order_by(jobs.c.created, jobs.c.id).limit(1)
        with transaction(self._engine, writing=True) as connection:
            row = connection.execute(first).mappings().first()
            if row is None:
                return None
            begun = {"state": RUNNING, "attempts": row["attempts"] + 1, "started": now()}
            _change(connection, row["id"], begun)
        return Job(**{**row, **begun})

    def finish(self, key: str, *, content_hash: str, duration: float) -> None:
        """A job is done."""
        self._set(key, state=DONE, finished=now(), content_hash=content_hash, duration=duration)

    def fail(self, key: str, detail: str) -> None:
        """A job failed, and why."""
        self._set(key, state=FAILED, finished=now(), detail=detail)

    def put_back(self, job: Job, *, counted: bool, detail: str) -> bool:
        """Queue a job again that was broken off.

        Args:
            job: as it was claimed.
            counted: whether the attempt counts; after `MOST_ATTEMPTS` the job has failed.
            detail: why it failed, then.

        Returns:
            Whether it waits again.
        """
        if counted and job.attempts >= MOST_ATTEMPTS:
            self.fail(job.id, detail)
            return False
        self._set(job.id, state=QUEUED, started=None, attempts=job.attempts - (not counted))
        return True

    def running(self) -> list[Job]:
        """Jobs that are being scored, or were when the server was killed."""
        return self._where(RUNNING)

    def queued(self) -> list[Job]:
        """Jobs that wait, the oldest first."""
        return self._where(QUEUED)

    def counts(self) -> dict[str, int]:
        """How many jobs there are, by state."""
        from sqlalchemy import func, select

        from tonewise.store.schema import jobs

        with transaction(self._engine) as connection:
            rows = connection.execute(select(jobs.c.state, func.count()).group_by(jobs.c.state)).all()
        found: dict[str, int] = {row[0]: row[1] for row in rows}
        return {state: found.get(state, 0) for state in STATES}

    def ended_before(self, moment: datetime) -> list[str]:
        """Jobs that were done or had failed by then."""
        from sqlalchemy import select

        from tonewise.store.schema import jobs

        with transaction(self._engine) as connection:
            return list(connection.scalars(select(jobs.c.id).where(jobs.c.finished < moment)))

    def done(self) -> list[Job]:
        """Jobs that are done, the oldest first."""
        return self._where(DONE)

    def keys(self) -> set[str]:
        """Of all jobs."""
        from sqlalchemy import select

        from tonewise.store.schema import jobs

        with transaction(self._engine) as connection:
            return set(connection.scalars(select(jobs.c.id)))

    def remove(self, key: str) -> bool:
        """Drop a job and keep the figures of its call; whether it was there."""
        from sqlalchemy import delete

        from tonewise.store.schema import jobs

        with transaction(self._engine, writing=True) as connection:
            return bool(connection.execute(delete(jobs).where(jobs.c.id == key)).rowcount)

    def forget(self, key: str) -> bool:
        """Drop a job, and its call too unless another job has the same recording; whether it was there."""
        from sqlalchemy import delete, select

        from tonewise.store.schema import calls, jobs

        with transaction(self._engine, writing=True) as connection:
            content = connection.scalar(select(jobs.c.content_hash).where(jobs.c.id == key))
            found = bool(connection.execute(delete(jobs).where(jobs.c.id == key)).rowcount)
            still = select(jobs.c.id).where(jobs.c.content_hash == content)
            if content is not None and connection.scalar(still) is None:
                connection.execute(delete(calls).where(calls.c.content_hash == content))
        return found

    def _where(self, state: str) -> list[Job]:
        from sqlalchemy import select

        from tonewise.store.schema import jobs

        asked = select(jobs).where(jobs.c.state == state).order_by(jobs.c.created, jobs.c.id)
        with transaction(self._engine) as connection:
            return [Job(**row) for row in connection.execute(asked).mappings()]

    def _set(self, key: str, **values: Any) -> None:
        with transaction(self._engine, writing=True) as connection:
            _change(connection, key, values)


def _change(connection: Connection, key: str, values: dict[str, Any]) -> None:
    from sqlalchemy import update

    from tonewise.store.schema import jobs

    connection.execute(update(jobs).where(jobs.c.id == key).values(**values))
