"""A server whose disk ends, whose clock jumps, and whose worker thread meets what nobody foresaw."""

from __future__ import annotations

import asyncio
import datetime
import gc
import math
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from tonewise.errors import OptionError
from tonewise.store import StoreError, jobs
from tonewise.store.jobs import Job
from tonewise.web import app as application
from tonewise.web import keeping
from tonewise.web.security import HEADERS
from tonewise.web.serving import listen
from tonewise.web.settings import Settings

Wav = Callable[..., bytes]


@pytest.mark.slow
@pytest.mark.timeout(90)
def test_a_file_that_cannot_grow_ends_its_upload_and_nothing_else(
    small_model: Path, tmp_path: Path, wav: Wav, eventually: Callable[..., Any]
) -> None:
    """A limit of 600 kB a file, which ends writing as a full disk does."""
    command = [
        sys.executable,
        "-m",
        "tonewise",
        "serve",
        str(small_model),
        "--port",
        "0",
        "--data",
        str(tmp_path / "d"),
    ]
    limited = ["bash", "-c", 'ulimit -f 600; exec "$@"', "bash", *command]
    with subprocess.Popen(limited, stderr=subprocess.PIPE, text=True, env=dict(os.environ)) as server:
        assert server.stderr is not None
        url = server.stderr.readline().split()[-1]
        full = httpx.post(f"{url}/v1/score", files={"recording": ("large.wav", bytes(2_000_000))}, timeout=30)
        assert full.status_code == 503 and "cannot keep the upload (File too large)" in full.json()["error"]
        assert list((tmp_path / "d" / "jobs").iterdir()) == []
        small = httpx.post(f"{url}/v1/score", params={"wait": 30}, files={"recording": ("a.wav", wav())}, timeout=60)
        assert small.status_code == 200 and httpx.get(f"{url}/v1/health").status_code == 200
        server.terminate()
        assert server.wait(30) == 0
    connection = sqlite3.connect(tmp_path / "d" / "calls.sqlite")
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def test_the_disk_is_looked_at_while_an_upload_arrives(make_app: Callable[..., Any], monkeypatch: Any) -> None:
    free = iter([10_000_000, 5_000_000, 900_000, 900_000])
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=next(free)))
    app = make_app(min_free_bytes=1_000_000)

    async def body() -> AsyncIterator[bytes]:
        yield b'--xyz\r\nContent-Disposition: form-data; name="recording"; filename="a.wav"\r\n\r\n'
        for _ in range(7):
            yield bytes(300_000)

    async def send() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
            kind = {"content-type": "multipart/form-data; boundary=xyz"}
            return await client.post("/v1/score", content=body(), headers=kind)

    answer = asyncio.run(send())
    assert answer.status_code == 503 and "nearly full" in answer.json()["error"]
    assert list(app.state.server.keeping.folders.job("x").parent.iterdir()) == []


@pytest.mark.parametrize(("jump", "left"), [(-365, True), (0, True), (365, False)])
def test_a_clock_that_jumps_loses_no_job_and_removes_only_what_has_ended(
    make_app: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, jump: int, left: bool
) -> None:
    kept = make_app().state.server.keeping
    for key in ("a" * 32, "b" * 32):
        folder = kept.folders.make(key)
        (folder / "_recording_.wav").write_bytes(b"x")
        kept.jobs.add(Job(key, "a.wav", "_recording_.wav"))
    ended = kept.jobs.claim()
    kept.jobs.fail(ended.id, "it is over")
    honest = jobs.now
    for module in (jobs, keeping):
        monkeypatch.setattr(module, "now", lambda: honest() + datetime.timedelta(days=jump))
    later = "c" * 32
    (kept.folders.make(later) / "_recording_.wav").write_bytes(b"x")
    kept.jobs.add(Job(later, "later.wav", "_recording_.wav", created=jobs.now()))
    assert kept.expire() == (0 if left else 1)
    assert (kept.jobs.get(ended.id) is not None) == left
    assert {kept.jobs.claim().id, kept.jobs.claim().id} == {"a" * 32, "b" * 32, later} - {
        ended.id
    }  # nobody is forgotten
    assert kept.jobs.claim() is None


def test_expiry_goes_on_after_a_store_that_could_not_be_read_and_the_server_ends_in_order(
    make_app: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    server = make_app().state.server
    asked, done = [], []

    def expire() -> None:
        asked.append(1)
        if len(asked) == 1:
            raise StoreError("the store is locked")

    monkeypatch.setattr(application, "EXPIRE_EVERY", 0.01)
    monkeypatch.setattr(server.keeping, "expire", expire)
    monkeypatch.setattr(server.pool, "start", lambda: None)
    monkeypatch.setattr(server.pool, "stop", lambda: done.append(1))

    async def live() -> None:
        async with application._lifespan(server)(None):
            while len(asked) < 3:
                await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(live(), 20))
    assert done and "the store is locked" in caplog.text


def test_a_store_that_fails_is_told_in_the_log_and_never_taken_for_an_empty_one(
    make_app: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    made = make_app()

    def fail(*_: Any) -> None:
        raise StoreError("the store is locked")

    monkeypatch.setattr(made.state.server.keeping.store, "models", fail)
    answer = TestClient(made).get("/calls")
    assert answer.status_code == 503 and "cannot use its store" in answer.json()["error"]
    assert "the store is locked" in caplog.text


def test_what_nobody_foresaw_is_answered_with_the_headers_of_every_answer(
    make_app: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_app()
    monkeypatch.setattr(made.state.server.keeping, "jobs", None)
    answer = TestClient(made, raise_server_exceptions=False).get(f"/v1/jobs/{'a' * 32}")
    assert answer.status_code == 500 and answer.json() == {"error": "the server failed; its log says more"}
    assert HEADERS.items() <= dict(answer.headers).items()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("workers", 0),
        ("live_sessions", -1),
        ("live_seconds", 0.0),
        ("live_idle_seconds", -1.0),
        ("upload_seconds", math.nan),
        ("keep_seconds", math.inf),
        ("job_timeout_seconds", 1e12),
    ],
)
def test_limits_that_are_none_are_refused(name: str, value: float) -> None:
    with pytest.raises(OptionError, match=f"^{name} is {value}"):
        Settings(**{name: value})


@pytest.mark.parametrize("host", ["a..b", "a" * 70])
def test_a_name_that_is_none_cannot_be_listened_on(host: str) -> None:
    with pytest.raises(OptionError, match="cannot be listened on"):
        listen(host, 0)


def test_an_address_in_use_leaves_no_socket_open() -> None:
    with listen("127.0.0.1", 0) as taken, pytest.raises(OptionError, match="cannot be listened on"):
        listen("127.0.0.1", taken.getsockname()[1])
    gc.collect()  # an open socket would warn, which is an error here


def test_a_thread_that_fails_does_not_look_ready(make_app: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    from tonewise.web import pool

    class Unforeseen(Exception):
        pass

    slot = make_app().state.server.pool._slots[0]

    class Worker:
        alive = True

        def ready(self) -> bool:
            return True

    def fail(_job: Any, _worker: Any) -> None:
        assert slot.ready
        raise Unforeseen

    monkeypatch.setattr(pool.Pool, "worker", lambda _: Worker())
    monkeypatch.setattr(pool.Pool, "next_job", lambda _: "a job")
    monkeypatch.setattr(slot, "_do", fail)
    with pytest.raises(Unforeseen):
        slot._run()
    assert not slot.ready
