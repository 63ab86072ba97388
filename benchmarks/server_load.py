"""A server under load: live streams in real time and uploads at once, on loopback. Prints one table.

    python benchmarks/server_load.py MODEL RECORDING.wav --streams 1,2,4,8,16 --seconds 30
    python benchmarks/server_load.py MODEL RECORDING.wav --streams 0 --uploads 20

It starts `tonewise serve` itself, with a data folder of its own. "Behind" is seen from the client: from the moment at
which it has sent the last byte of a second until the answer is there. Streams begin at random moments of a second, as
callers do; `--together` lets all begin at once, which is the worst case. CPU is that of the server and its workers,
100 % = one core.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np
import soundfile
from websockets.asyncio.client import connect

MESSAGE = 0.1  # seconds of sound, as the page of the microphone sends it


@dataclass
class Measured:
    """What clients saw in one round."""

    behind: list[float] = field(default_factory=list)  # s, of windows
    told: list[float] = field(default_factory=list)  # s, what the server says of the same
    jobs: list[float] = field(default_factory=list)  # s from the upload to its result
    failed: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Server:
    """A running server."""

    address: str
    process: subprocess.Popen[str]

    def cpu_seconds(self) -> float:
        """Of the server and its workers so far."""
        ticks = [map(int, _fields(pid)[11:15]) for pid in self.processes()]
        return sum(map(sum, ticks)) / os.sysconf("SC_CLK_TCK")

    def peak_memory(self) -> tuple[float, float]:
        """MB that the server and its largest worker have held at most."""
        own, *others = (_peak(pid) for pid in self.processes())
        return own, max(others, default=0.0)

    def processes(self) -> list[int]:
        """The server's first."""
        everybody = [int(each.name) for each in Path("/proc").iterdir() if each.name.isdecimal()]
        parents = {pid: int(_fields(pid)[1]) for pid in everybody if _fields(pid)}
        found = [self.process.pid]
        for parent in found:
            found += [pid for pid, above in parents.items() if above == parent]
        return found


def main() -> None:
    """Measure and print."""
    asked = _arguments()
    sound, rate = soundfile.read(asked.recording, dtype="int16", always_2d=True)
    data = np.ascontiguousarray(sound[:, 0]).astype("<i2").tobytes()
    print("streams | uploads | windows | behind p50 | p95 | max ms | server says p95 | job p50 | max s | failed | CPU % "
          "| peak MB server | worker")  # fmt: skip
    print("|".join(["---:"] * 13))
    for streams in map(int, asked.streams.split(",")):
        with tempfile.TemporaryDirectory() as folder, serving(asked.model, Path(folder), streams) as server:
            began, used = time.monotonic(), server.cpu_seconds()
            found = asyncio.run(_round(server, data, rate, streams, asked))
            share = (server.cpu_seconds() - used) / (time.monotonic() - began)
            print(_row(streams, asked.uploads, found, share, server.peak_memory()), flush=True)
            for why in sorted(set(found.failed)):
                print(f"  failed {found.failed.count(why)} times: {why}", file=sys.stderr)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="a model that `tonewise train` wrote")
    parser.add_argument("recording", type=Path, help="what is streamed (its first channel) and uploaded")
    parser.add_argument("--streams", default="1,2,4,8,16", help="how many at a time, one round each")
    parser.add_argument("--uploads", type=int, default=0, help="so many at once beside the streams of every round")
    parser.add_argument("--seconds", type=float, default=30, help="that a stream lasts")
    parser.add_argument("--together", action="store_true", help="all streams begin at the same moment")
    return parser.parse_args()


@contextmanager
def serving(model: str, folder: Path, streams: int) -> Iterator[Server]:
    """`tonewise serve` on a free port, until the block ends."""
    command = [sys.executable, "-m", "tonewise", "serve", model, "--port", "0", "--data", str(folder / "data")]
    with (folder / "log").open("w+") as log:
        process = subprocess.Popen([*command, "--live", str(max(streams, 1))], stderr=log, text=True)
        try:
            yield Server(_address(process, folder / "log"), process)
        finally:
            process.terminate()
            process.wait(60)


def _address(process: subprocess.Popen[str], log: Path) -> str:
    last = time.monotonic() + 60
    while time.monotonic() < last and process.poll() is None:
        if found := re.search(r"http://\S+", log.read_text()):
            return found[0]
        time.sleep(0.1)
    raise SystemExit(f"the server did not start: {log.read_text()}")


async def _round(server: Server, data: bytes, rate: int, streams: int, asked: argparse.Namespace) -> Measured:
    found = Measured()
    draw = random.Random(0)
    async with httpx.AsyncClient(base_url=server.address, timeout=600) as client, asyncio.TaskGroup() as group:
        for number in range(streams):
            # Each hears another part of the recording.
            first = number * len(data) // max(streams, 1) // 2 * 2
            heard = (data[first:] + data[:first])[: int(asked.seconds * rate) * 2]
            wait = 0.0 if asked.together else draw.random()
            group.create_task(stream(server.address, heard, rate, wait, found))
        for _ in range(asked.uploads):
            group.create_task(_upload(client, asked.recording, found))
    return found


async def stream(address: str, data: bytes, rate: int, wait: float, found: Measured) -> None:
    await asyncio.sleep(wait)
    async with connect(f"{address.replace('http', 'ws', 1)}/v1/live", compression=None) as socket:
        await socket.send(json.dumps({"encoding": "pcm_s16le", "rate": rate}))
        ready = json.loads(await socket.recv())
        if "ready" not in ready:
            found.failed.append(str(ready))
            return
        sent: dict[int, float] = {}  # when the last byte of a second was
        listening = asyncio.create_task(_listen(socket, sent, found))
        await _speak(socket, data, rate, sent)
        await listening


async def _speak(socket, data: bytes, rate: int, sent: dict[int, float]) -> None:
    """In real time; a message is sent once its sound is over."""
    size = round(rate * MESSAGE) * 2
    began = time.monotonic()
    for number, first in enumerate(range(0, len(data), size), start=1):
        await asyncio.sleep(began + number * MESSAGE - time.monotonic())
        await socket.send(data[first : first + size])
        if number % round(1 / MESSAGE) == 0:
            sent[round(number * MESSAGE)] = time.monotonic()
    await asyncio.sleep(MESSAGE)  # the last window, too, is told while sound goes on
    await socket.send('{"end": true}')


async def _listen(socket, sent: dict[int, float], found: Measured) -> None:
    async for message in socket:
        now, told = time.monotonic(), json.loads(message)
        if "error" in told:
            found.failed.append(told["error"])
        elif told.get("end") in sent:
            found.behind.append(now - sent[round(told["end"])])
            found.told.append(told["behind_ms"] / 1000)


async def _upload(client: httpx.AsyncClient, recording: Path, found: Measured) -> None:
    began = time.monotonic()
    answer = await client.post("/v1/score", files={"recording": (recording.name, recording.read_bytes())})
    if answer.status_code != 202:
        found.failed.append(answer.text)
        return
    while (job := (await client.get(answer.headers["location"])).json())["state"] in ("queued", "running"):
        await asyncio.sleep(0.5)
    if job["state"] == "done":
        found.jobs.append(time.monotonic() - began)
    else:
        found.failed.append(str(job))


def _row(streams: int, uploads: int, found: Measured, share: float, peak: tuple[float, float]) -> str:
    behind, told = np.array(found.behind) * 1000, np.array(found.told) * 1000
    cells = [
        *(str(streams), str(uploads), str(len(behind))),
        *(_quantile(behind, at) for at in (50, 95, 100)),
        _quantile(told, 95),
        *(_quantile(np.array(found.jobs), at, 1) for at in (50, 100)),
        *(str(len(found.failed)), f"{share:.0%}", *(f"{each:.0f}" for each in peak)),
    ]
    return " | ".join(cells)


def _quantile(values: np.ndarray, at: float, digits: int = 0) -> str:
    return f"{np.percentile(values, at):.{digits}f}" if len(values) else "–"


def _fields(pid: int) -> list[str]:
    """Of /proc/PID/stat after the name, the state first; empty where the process has gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _peak(pid: int) -> float:
    try:
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        found = None
    return int(found[1]) / 1000 if found else 0.0


if __name__ == "__main__":
    main()
