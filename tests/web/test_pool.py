"""Jobs and workers without processes: what becomes of a job when its worker fails, ends, hangs or is taken away."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tonewise.store import StoreError
from tonewise.store.jobs import DONE, FAILED, QUEUED, RUNNING, Job, now
from tonewise.web import pool as pools
from tonewise.web.keeping import REMOVED, Keeping
from tonewise.web.metrics import Metrics
from tonewise.web.process import Outcome
from tonewise.web.settings import Settings

FIGURES = {
    "content_hash": "ab" * 32, "duration": 60.0, "whose": "customer", "tone": 0.4, "negative_share": 0.5,
    "change": None, "mismatches": 1,
}  # fmt: skip


@pytest.fixture
def keeping(tmp_path: Path):
    found = Keeping(Settings(data=tmp_path / "data", keep_seconds=3600), "cd" * 32, "model")
    yield found
    found.close()


def add(keeping: Keeping, number: int = 0, **changed: Any) -> str:
    key = f"{number:032x}"
    folder = keeping.folders.make(key)
    (folder / "recording.wav").write_bytes(b"sound")
    keeping.jobs.add(Job(key, f"call {number}.wav", "recording.wav", **changed))
    return key


def settled(keeping: Keeping, outcome: Outcome, *, stopped: bool = False) -> tuple[str, Job]:
    job = keeping.jobs.claim()
    assert job is not None
    state = keeping.settle(job, outcome, stopped=stopped)
    found = keeping.jobs.get(job.id)
    assert found is not None and found.state == state
    return state, found


def test_jobs_are_claimed_in_their_order_and_once(keeping: Keeping) -> None:
    keys = [add(keeping, number) for number in (3, 1, 2)]
    assert [keeping.jobs.claim().id for _ in keys] == keys  # type: ignore[union-attr]
    assert keeping.jobs.claim() is None
    assert keeping.jobs.counts() == {QUEUED: 0, RUNNING: 3, DONE: 0, FAILED: 0}


def test_what_becomes_of_a_job(keeping: Keeping) -> None:
    add(keeping)
    state, job = settled(keeping, Outcome(ended="signal 9"))
    assert state == QUEUED and job.attempts == 1
    state, job = settled(keeping, Outcome(ended="signal 11"), stopped=True)
    assert state == QUEUED and job.attempts == 1  # the server's end is not the recording's fault
    state, job = settled(keeping, Outcome(ended="signal 11"))
    assert state == FAILED and "ended twice (signal 11)" in (job.detail or "") and "call 0.wav" in (job.detail or "")
    add(keeping, 1)
    state, job = settled(keeping, Outcome(failed="it is no sound"))
    assert state == FAILED and job.detail == "it is no sound" and job.finished is not None
    add(keeping, 2)
    state, job = settled(keeping, Outcome(FIGURES))
    assert state == DONE and job.duration == 60.0
    (call,) = keeping.store.calls(keeping.store.models()[0].id)
    assert call.recording == "call 2.wav" and call.tone == 0.4 and call.summary == {}


def test_a_job_that_was_taken_back_while_it_ran_leaves_nothing(keeping: Keeping) -> None:
    key = add(keeping)
    job = keeping.jobs.claim()
    assert job is not None and keeping.remove(key)
    keeping.folders.make(key)  # the worker writes its result meanwhile
    assert keeping.settle(job, Outcome(FIGURES), stopped=False) == REMOVED
    assert not keeping.folders.job(key).exists() and keeping.store.models() == []


def test_removal_keeps_the_call_of_another_job_and_expiry_keeps_figures(keeping: Keeping) -> None:
    first, second, third = (add(keeping, number) for number in range(3))
    for _ in range(2):
        settled(keeping, Outcome(FIGURES))
    settled(keeping, Outcome({**FIGURES, "content_hash": "ef" * 32}))
    model = keeping.store.models()[0].id
    keeping.remove(first)
    assert len(keeping.store.calls(model)) == 2
    keeping.remove(second)
    assert [call.recording for call in keeping.store.calls(model)] == ["call 2.wav"]
    assert keeping.expire() == 0
    keeping.jobs._set(third, finished=now() - timedelta(hours=2))
    assert keeping.expire() == 1 and keeping.jobs.get(third) is None and not keeping.folders.job(third).exists()
    assert len(keeping.store.calls(model)) == 1


def test_after_a_kill_running_jobs_wait_again_and_lost_files_are_told(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data")
    keeping = Keeping(settings, "cd" * 32, "model")
    running, broken = add(keeping, 0), add(keeping, 1, created=now() + timedelta(seconds=1))
    keeping.jobs.claim()
    keeping.folders.remove(broken)
    keeping.folders.make("e" * 32)
    keeping.close()  # as a kill does
    keeping = Keeping(settings, "cd" * 32, "model")
    assert keeping.jobs.get(running).state == QUEUED  # type: ignore[union-attr]
    lost = keeping.jobs.get(broken)
    assert lost is not None and lost.state == FAILED and "send it again" in (lost.detail or "")
    assert not keeping.folders.job("e" * 32).exists()
    keeping.jobs.claim()
    keeping.close()
    keeping = Keeping(settings, "cd" * 32, "model")
    found = keeping.jobs.get(running)
    assert found is not None and found.state == FAILED and "ended twice" in (found.detail or "")
    keeping.close()


class Puppet:
    """A worker that does as it is told: an outcome a job."""

    script: ClassVar[list[Outcome]]
    starts = 0

    def __init__(self, _model: str, _settings: Settings) -> None:
        type(self).starts += 1
        self.alive = True

    def ready(self) -> bool:
        return True

    def run(self, _order: dict[str, Any], _seconds: float, progress: Callable[[list[Any]], None]) -> Outcome:
        progress(["melstats", 1, 2])
        outcome = self.script.pop(0)
        self.alive = outcome.ended is None
        return outcome

    def how(self) -> str:
        return "signal 9"

    def kill(self) -> None:
        self.alive = False

    def close(self) -> None:
        self.alive = False


def test_a_pool_goes_on_after_workers_end_and_the_disk_was_full(
    keeping: Keeping, monkeypatch: pytest.MonkeyPatch, eventually: Callable[..., Any]
) -> None:
    class Player(Puppet):
        script: ClassVar[list[Outcome]] = [Outcome(ended="signal 9"), Outcome(FIGURES), Outcome(failed="no sound")]

    monkeypatch.setattr(pools, "Worker", Player)
    told = iter([StoreError("the disk is full")])
    settle = keeping.settle

    def full_once(*given: Any, **more: Any) -> str:
        for error in told:
            raise error
        return settle(*given, **more)

    monkeypatch.setattr(keeping, "settle", full_once)
    keys = [add(keeping, number) for number in range(2)]
    pool = pools.Pool(keeping, "model", Metrics())
    pool.start()
    pool.wake()
    eventually(lambda: [keeping.jobs.get(key).state for key in keys] == [DONE, FAILED], 15)  # type: ignore[union-attr]
    assert Player.starts == 2 and pool.ready and not pool.busy
    pool.stop()
    assert not pool.ready


def test_a_pool_tries_again_where_no_process_can_be_started_and_stops_at_once_meanwhile(
    keeping: Keeping, monkeypatch: pytest.MonkeyPatch, eventually: Callable[..., Any]
) -> None:
    class Late(Puppet):
        script: ClassVar[list[Outcome]] = [Outcome(FIGURES)]

        def __init__(self, model: str, settings: Settings) -> None:
            super().__init__(model, settings)
            if self.starts == 1:
                raise OSError("Cannot allocate memory")

    monkeypatch.setattr(pools, "Worker", Late)
    key = add(keeping)
    pool = pools.Pool(keeping, "model", Metrics())
    pool.start()
    eventually(lambda: keeping.jobs.get(key).state == DONE, 15)  # type: ignore[union-attr]
    pool.stop()

    class Never(Late):
        starts = 0

        def ready(self) -> bool:
            return False

    monkeypatch.setattr(pools, "Worker", Never)
    pool = pools.Pool(keeping, "model", Metrics())
    pool.start()
    eventually(lambda: Never.starts >= 3, 15)  # by now it waits two seconds before it tries again
    began = time.monotonic()
    pool.stop()
    assert time.monotonic() - began < 1.0
