"""What a server keeps: the queue, the calls and the files of jobs, and what becomes of them."""

from __future__ import annotations

from datetime import timedelta
from typing import IO, TYPE_CHECKING, Any

from tonewise.errors import OptionError
from tonewise.store import Store
from tonewise.store.jobs import DONE, FAILED, QUEUED, Job, Jobs, now
from tonewise.store.opening import open_engine
from tonewise.web.folders import LOCK, Folders
from tonewise.web.process import Outcome
from tonewise.web.scoring import call_from
from tonewise.web.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

REMOVED = "removed"  # a job that its client took back while it was being done


class Keeping:
    """The data folder of a server, which nobody else uses as long as it is open."""

    def __init__(self, settings: Settings, fingerprint: str, model: str) -> None:
        """Open it, and put back what was being done when a server before this one was killed.

        Raises:
            OptionError: the folder cannot be used, or another server uses it.
            StoreError: its store cannot be used.
        """
        self.settings = settings
        self.folders = Folders(settings.data)
        self.folders.prepare()
        self._lock = _locked(self.folders.data / LOCK)
        self._engine = open_engine(self.folders.store)
        self.jobs, self.store = Jobs(self._engine), Store(self._engine)
        self.fingerprint = fingerprint
        self._model = self.store.model(fingerprint, model)
        self._recover()

    def close(self) -> None:
        """Let go of the folder."""
        self._engine.dispose()
        self._lock.close()

    def order(self, job: Job) -> dict[str, Any]:
        """A job as `scoring.score_job` gets it."""
        return {
            "folder": str(self.folders.job(job.id)),
            "recording": job.recording,
            "transcript": job.transcript,
            "name": job.name,
            "options": job.options,
            "audio": f"/v1/jobs/{job.id}/audio",
        }

    def settle(self, job: Job, outcome: Outcome, *, stopped: bool) -> str:
        """Keep what became of a job; returns its state now, or `REMOVED`."""
        if self.jobs.get(job.id) is None:
            self.folders.remove(job.id)
            return REMOVED
        if outcome.figures is not None:
            self._enter(job, outcome.figures)
            return DONE
        if outcome.failed is not None:
            self.jobs.fail(job.id, outcome.failed)
            return FAILED
        detail = f"the process that scored {job.name} ended twice ({outcome.ended}), perhaps for want of memory"
        return QUEUED if self.jobs.put_back(job, counted=not stopped, detail=detail) else FAILED

    def remove(self, key: str) -> bool:
        """Remove a job, its files and the figures of its call; whether it was there."""
        found = self.jobs.forget(key)
        self.folders.remove(key)
        return found

    def expire(self) -> int:
        """Remove recordings, results and pages that were kept long enough; the figures of calls stay. How many."""
        over = self.jobs.ended_before(now() - timedelta(seconds=self.settings.keep_seconds))
        for key in over:
            self.jobs.remove(key)
            self.folders.remove(key)
        return len(over)

    def _enter(self, job: Job, figures: dict[str, Any]) -> None:
        call = call_from(job.name, figures)
        self.store.put(call, self._model)
        self.jobs.finish(job.id, content_hash=call.content_hash, duration=call.duration)

    def _recover(self) -> None:
        for job in self.jobs.running():
            self.jobs.put_back(job, counted=True, detail=f"the server ended twice while it scored {job.name}")
        for job in self.jobs.queued():
            if not (self.folders.job(job.id) / job.recording).is_file():
                self.jobs.fail(job.id, f"{job.name} is not there any more; send it again")
        self.folders.sweep(self.jobs.keys())


def _locked(file: Path) -> IO[str]:
    import fcntl

    stream = file.open("w", encoding="utf-8")
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        stream.close()
        raise OptionError(f"another server uses {file.parent}; stop it, or choose another --data") from error
    return stream
