"""`tonewise serve` as a process: many uploads at once, kills, signals, and what it refuses to start with."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(90)]

Start = Callable[..., Any]
Wav = Callable[..., bytes]


def send(server: Any, sound: bytes, name: str = "call.wav", **options: Any) -> httpx.Response:
    return httpx.post(f"{server.url}/v1/score", files={"recording": (name, sound)}, timeout=60, **options)


def job(server: Any, key: str) -> dict[str, Any]:
    return httpx.get(f"{server.url}/v1/jobs/{key}").json()


def state(server: Any, key: str) -> str:
    return job(server, key)["state"]


def alive(process: int) -> bool:
    status = Path(f"/proc/{process}/stat")
    try:
        return status.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def intact(data: Path) -> bool:
    connection = sqlite3.connect(data / "calls.sqlite")
    try:
        return connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    finally:
        connection.close()


def test_twenty_uploads_at_once_are_all_answered(start_server: Start, wav: Wav, tmp_path: Path, eventually) -> None:
    server = start_server()
    sounds = [wav(2.0 + number / 10, seed=number) for number in range(20)]
    with ThreadPoolExecutor(20) as at_once:
        answers = list(at_once.map(lambda each: send(server, sounds[each], f"call {each}.wav"), range(20)))
    assert [each.status_code for each in answers] == [202] * 20
    keys = [each.json()["id"] for each in answers]
    assert [each.headers["location"] for each in answers] == [f"/v1/jobs/{key}" for key in keys]
    eventually(lambda: all(state(server, key) in ("done", "failed") for key in keys), 60)
    results = [httpx.get(f"{server.url}/v1/jobs/{key}/result").json() for key in keys]
    assert [each["recording"] for each in results] == [f"call {number}.wav" for number in range(20)]
    assert [round(each["duration"], 1) for each in results] == [round(2.0 + n / 10, 1) for n in range(20)]
    assert "20 calls" in httpx.get(f"{server.url}/calls").text
    assert 'tonewise_jobs_total{outcome="done"} 20.0' in httpx.get(f"{server.url}/metrics").text
    assert intact(tmp_path / "data")


def test_killed_in_the_middle_of_a_job_and_started_again(
    start_server: Start, wav: Wav, tmp_path: Path, eventually
) -> None:
    server = start_server()
    (worker,) = eventually(server.workers)
    eventually(lambda: httpx.get(f"{server.url}/v1/ready").status_code == 200)
    os.kill(worker, signal.SIGSTOP)  # it hangs in the middle of the job
    first, second = (send(server, wav(seed=seed)).json()["id"] for seed in range(2))
    eventually(lambda: state(server, first) == "running")
    broken = tmp_path / "data" / "jobs" / ("f" * 32)  # an upload that was under way
    broken.mkdir()
    server.process.kill()
    server.end()
    os.kill(worker, signal.SIGCONT)
    eventually(lambda: not alive(worker))  # nobody is left who would want its answer
    assert intact(tmp_path / "data")
    again = start_server()
    eventually(lambda: [state(again, key) for key in (first, second)] == ["done", "done"])
    assert job(again, first)["attempts"] == 2 and job(again, second)["attempts"] == 1
    assert not broken.exists()


def test_a_killed_worker_is_replaced_and_its_job_begun_again_once(start_server: Start, wav: Wav, eventually) -> None:
    server = start_server()

    def stop_a_fresh_worker() -> int:
        eventually(lambda: httpx.get(f"{server.url}/v1/ready").status_code == 200)
        (worker,) = server.workers()
        os.kill(worker, signal.SIGSTOP)
        return worker

    worker = stop_a_fresh_worker()
    key = send(server, wav(), "bad.wav").json()["id"]
    eventually(lambda: state(server, key) == "running")
    os.kill(worker, signal.SIGKILL)
    eventually(lambda: state(server, key) == "done")
    assert job(server, key)["attempts"] == 2
    assert any("a worker ended (signal 9)" in line for line in server.lines)


def test_a_job_past_its_time_fails_and_the_next_one_is_done(start_server: Start, wav: Wav, eventually) -> None:
    server = start_server("--job-timeout", "0.02")
    eventually(lambda: httpx.get(f"{server.url}/v1/ready").status_code == 200)
    (worker,) = server.workers()
    os.kill(worker, signal.SIGSTOP)
    slow, next_one = (send(server, wav(seed=seed), "slow.wav").json()["id"] for seed in range(2))
    eventually(lambda: state(server, slow) == "failed")
    assert job(server, slow)["error"] == "scoring took longer than 1 s and was stopped; send the recording in parts"
    eventually(lambda: state(server, next_one) in ("done", "failed"))
    assert not alive(worker)


def test_told_to_end_it_refuses_uploads_finishes_and_leaves_the_rest(start_server: Start, wav: Wav, eventually) -> None:
    server = start_server()
    eventually(lambda: httpx.get(f"{server.url}/v1/ready").status_code == 200)
    (worker,) = server.workers()
    os.kill(worker, signal.SIGSTOP)
    running, waiting = (send(server, wav(seed=seed)).json()["id"] for seed in range(2))
    eventually(lambda: state(server, running) == "running")
    server.process.terminate()
    eventually(lambda: any("finishing what is being scored" in line for line in server.lines))
    refused = send(server, wav())
    assert refused.status_code == 503 and "being stopped" in refused.json()["error"]
    assert int(refused.headers["retry-after"]) > 0
    assert httpx.get(f"{server.url}/v1/ready").status_code == 503
    os.kill(worker, signal.SIGCONT)
    assert server.end() == 0
    assert not alive(worker)
    again = start_server()
    eventually(lambda: state(again, waiting) == "done")
    assert [job(again, key)["attempts"] for key in (running, waiting)] == [1, 1]


def test_a_second_server_on_the_same_data_is_refused(start_server: Start, small_model: Path, tmp_path: Path) -> None:
    start_server()
    found = serve(small_model, "--port", "0", "--data", str(tmp_path / "data"))
    assert found.returncode == 2 and "another server uses" in found.stderr and found.stderr.count("\n") == 1


def test_the_token_is_wanted_beyond_this_machine_and_never_shown(
    start_server: Start, small_model: Path, wav: Wav, tmp_path: Path
) -> None:
    data = str(tmp_path / "other")
    found = serve(small_model, "--host", "0.0.0.0", "--port", "0", "--data", data)
    assert found.returncode == 2 and "--token-file" in found.stderr and "--no-token" in found.stderr
    short = tmp_path / "short"
    short.write_text("secret\n")
    found = serve(small_model, "--token-file", str(short), "--port", "0", "--data", data)
    assert found.returncode == 2 and "16 ASCII letters" in found.stderr and "secret\n" not in found.stderr
    token = "correct-horse-battery"
    server = start_server("--host", "0.0.0.0", TONEWISE_TOKEN=token)
    server.url = server.url.replace("0.0.0.0", "127.0.0.1")
    for shown in (None, "Bearer wrong-horse-battery", f"Basic {token}", "Bearer é"):
        headers = {"authorization": shown.encode()} if shown else {}
        refused = send(server, wav(), headers=headers)
        assert refused.status_code == 401 and refused.headers["www-authenticate"] == "Bearer"
    assert httpx.get(f"{server.url}/v1/limits?token={token}").status_code == 401
    assert send(server, wav(), headers={"authorization": f"Bearer {token}"}).status_code == 202
    server.process.terminate()
    assert server.end() == 0
    assert token not in "".join(server.lines)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["no/such/model"], "no/such/model"),
        (["MODEL", "--host", "256.1.1.1", "--no-token"], "cannot be listened on"),
        (["MODEL", "--data", "/dev/null/x"], "choose another --data"),
        (["MODEL", "--token-file", "no/such/file"], "cannot be read as a token"),
    ],
)
def test_what_it_cannot_start_with_is_one_line(small_model: Path, tmp_path: Path, given: list[str], said: str) -> None:
    model, *more = (str(small_model) if each == "MODEL" else each for each in given)
    found = serve(Path(model), "--port", "0", *([] if "--data" in more else ["--data", str(tmp_path / "d")]), *more)
    assert found.returncode == 2 and said in found.stderr and found.stderr.count("\n") == 1


@pytest.mark.parametrize("library", ["uvicorn", "fastapi", "python_multipart"])
def test_without_the_extra_the_line_to_install_it(small_model: Path, tmp_path: Path, library: str) -> None:
    code = f"import sys; sys.modules[{library!r}] = None; from tonewise.cli import main; main()"
    command = [sys.executable, "-c", code, "serve", str(small_model), "--port", "0", "--data", str(tmp_path / "d")]
    found = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert found.returncode == 2 and "pip install 'tonewise[web]'" in found.stderr and found.stderr.count("\n") == 1


def serve(model: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tonewise", "serve", str(model), *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
