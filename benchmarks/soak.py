"""A server held under a steady load for a long time: nothing may be lost, and memory has to stay flat.

    python benchmarks/soak.py MODEL RECORDING... --minutes 30 [-o soak.json]

It starts `tonewise serve` itself, with a data folder of its own. Clients upload whole recordings, recordings cut off in
the middle and files that hold no sound, read results and pages, delete every other job, listen live, and look at the
overview. Every 10 s memory, threads and open files of the server and its workers are written down. A worker in the middle of
a recording needs more than one that waits, so that what tells whether it grows is the least of each quarter.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np
import soundfile

from server_load import Measured, Server, serving, stream

EVERY = 10.0  # seconds between two samples
PAUSE = 4.0  # seconds between two uploads of a client, on average
CLIENTS = 2
BROKEN = 0.2  # of the uploads


@dataclass
class Record:
    """What happened."""

    minutes: float
    answers: Counter[str] = field(default_factory=Counter)  # by request and status
    ended: Counter[str] = field(default_factory=Counter)  # jobs by state
    lost: list[str] = field(default_factory=list)
    surprises: list[str] = field(default_factory=list)
    windows: int = 0
    behind: list[float] = field(default_factory=list)
    samples: list[dict[str, float]] = field(default_factory=list)


def main() -> None:
    """Hold the load, print what came of it."""
    asked = _arguments()
    with tempfile.TemporaryDirectory() as folder, serving(asked.model, Path(folder), 4) as server:
        record = asyncio.run(_hold(server, asked))
    summary = _summary(record)
    for name, value in summary.items():
        print(f"{name}: {value}", flush=True)
    if asked.output:
        asked.output.write_text(json.dumps({**vars(record), "summary": summary}, indent=1))
    raise SystemExit(1 if record.lost or record.surprises else 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="a model that `tonewise train` wrote")
    parser.add_argument("recordings", type=Path, nargs="+", help="what is uploaded; the first one, a WAV, is streamed")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("-o", "--output", type=Path, help="everything that was written down, JSON")
    return parser.parse_args()


async def _hold(server: Server, asked: argparse.Namespace) -> Record:
    record = Record(asked.minutes)
    async with httpx.AsyncClient(base_url=server.address, timeout=600) as client, asyncio.TaskGroup() as group:
        while (await client.get("/v1/ready")).status_code != 200:  # the first worker loads the model
            await asyncio.sleep(0.2)
        until = time.monotonic() + 60 * asked.minutes
        group.create_task(_sample(server, record, until))
        group.create_task(_live(server.address, asked.recordings[0], record, until))
        group.create_task(_look(client, record, until))
        for number in range(CLIENTS):
            group.create_task(_customer(client, asked.recordings, record, until, random.Random(number)))
    return record


async def _customer(
    client: httpx.AsyncClient, recordings: list[Path], record: Record, until: float, draw: random.Random
) -> None:
    """Uploads one recording after the other and wants each one's outcome."""
    while time.monotonic() < until:
        recording = draw.choice(recordings)
        data = recording.read_bytes()
        broken = draw.random() < BROKEN
        if broken:
            data = draw.choice([b"no sound at all " * 99, data[: len(data) // 3], b"\0" * 5000])
        answer = await _ask(client, record, "POST", "/v1/score", files={"recording": (recording.name, data)})
        if answer.status_code != 202:
            record.surprises.append(f"upload: {answer.status_code} {answer.text[:200]}")
        else:
            await _follow(client, record, answer.headers["location"], broken, draw)
        await asyncio.sleep(draw.uniform(0, 2 * PAUSE))


async def _follow(client: httpx.AsyncClient, record: Record, job: str, broken: bool, draw: random.Random) -> None:
    state = "queued"
    last = time.monotonic() + 600
    while state in ("queued", "running"):
        if time.monotonic() > last:
            record.lost.append(f"{job} is still {state} after ten minutes")
            return
        await asyncio.sleep(0.5)
        answer = await _ask(client, record, "GET", job)
        if answer.status_code != 200:
            record.lost.append(f"{job}: {answer.status_code}")
            return
        state = answer.json()["state"]
    record.ended[f"{state}{', broken upload' if broken else ''}"] += 1
    if state == "done":
        for part in ("result", "page"):
            if (await _ask(client, record, "GET", f"{job}/{part}")).status_code != 200:
                record.lost.append(f"{part} of {job}")
    elif not broken:
        record.surprises.append(f"{job} failed: {answer.json()}")
    if draw.random() < 0.5:
        await _ask(client, record, "DELETE", job)


async def _live(address: str, recording: Path, record: Record, until: float) -> None:
    """One stream after the other, of 20 s each."""
    sound, rate = soundfile.read(recording, dtype="int16", always_2d=True)
    data = np.ascontiguousarray(sound[:, 0]).astype("<i2").tobytes()
    draw = random.Random(0)
    while time.monotonic() < until:
        found = Measured()
        first = draw.randrange(max(1, len(data) // 2 - 20 * rate)) * 2
        await stream(address, data[first : first + 40 * rate], rate, 0.0, found)
        record.windows += len(found.behind)
        record.behind += found.behind
        record.surprises += [f"live: {why}" for why in found.failed]


async def _look(client: httpx.AsyncClient, record: Record, until: float) -> None:
    """Pages that people and machines look at."""
    while time.monotonic() < until:
        for page in ("/", "/calls", "/microphone", "/metrics", "/v1/health", "/v1/ready", "/v1/model", "/openapi.json"):
            answer = await _ask(client, record, "GET", page)
            if answer.status_code != 200:
                record.surprises.append(f"{page}: {answer.status_code}")
        await asyncio.sleep(15)


async def _ask(client: httpx.AsyncClient, record: Record, method: str, path: str, **body) -> httpx.Response:
    answer = await client.request(method, path, **body)
    name = re.sub(r"[0-9a-f]{32}", "ID", path)
    record.answers[f"{method} {name} {answer.status_code}"] += 1
    return answer


async def _sample(server: Server, record: Record, until: float) -> None:
    began = time.monotonic()
    while time.monotonic() < until:
        own, *workers = [_state(pid) for pid in server.processes()]
        record.samples.append(
            {
                "seconds": time.monotonic() - began,
                **{f"server_{name}": value for name, value in own.items()},
                **{f"workers_{name}": sum(each[name] for each in workers) for name in own},
                "processes": 1 + len(workers),
            }
        )
        await asyncio.sleep(EVERY)


def _state(pid: int) -> dict[str, float]:
    """Megabytes, threads and open files of a process; zeros where it has gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        files = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    except OSError:
        return {"mb": 0.0, "threads": 0.0, "files": 0.0}
    numbers = dict(re.findall(r"^(VmRSS|Threads):\s+(\d+)", status, re.MULTILINE))
    return {"mb": int(numbers.get("VmRSS", 0)) / 1000, "threads": float(numbers["Threads"]), "files": float(files)}


def _summary(record: Record) -> dict[str, object]:
    found: dict[str, object] = {
        "minutes": record.minutes,
        "answers": dict(sorted(record.answers.items())),
        "jobs": dict(sorted(record.ended.items())),
        "lost": len(record.lost),
        "surprises": len(record.surprises),
        "live windows": record.windows,
        "live behind, ms: p50, p95, max": [
            round(float(np.percentile(record.behind, at)) * 1000) for at in (50, 95, 100)
        ],
    }
    for name in ("server_mb", "workers_mb", "server_files", "workers_files", "server_threads", "workers_threads"):
        values = np.array([each[name] for each in record.samples])
        least = ", ".join(f"{quarter.min():.0f}" for quarter in np.array_split(values, 4) if len(quarter))
        found[name] = f"most {values.max():.0f}, least in each quarter {least}"
    return found | {"first of them": (record.lost + record.surprises)[:5]}


if __name__ == "__main__":
    main()
