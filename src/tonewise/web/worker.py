"""A process that scores recordings for a server, one at a time: `python -m tonewise.web.worker`.

It is told what to do by lines of JSON on stdin, and answers by lines on stdout. Whatever a damaged recording does to a
decoder, it does here. When stdin ends, the server is gone, and so is this process, in the middle of a recording if need be.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from tonewise.errors import TonewiseError
from tonewise.web.folders import without_paths
from tonewise.web.memory import give_back

if TYPE_CHECKING:
    from tonewise.pipeline.loading import LoadedModel

NICENESS = 5  # the server itself answers first, live sound above all
PROGRESS_EVERY = 0.25  # seconds

Say = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one recording may take: bytes of memory of its own (None = no limit) and seconds of sound."""

    memory: int | None
    duration: float

    @classmethod
    def of(cls, arguments: argparse.Namespace) -> Limits:
        """Those of the command line, where 0 is no limit."""
        return cls(arguments.memory or None, arguments.duration)


def main(arguments: list[str] | None = None) -> None:
    """Serve until stdin ends."""
    parser = argparse.ArgumentParser(prog="tonewise.web.worker", description=__doc__)
    parser.add_argument("model")
    parser.add_argument("--memory", type=int, default=0)
    parser.add_argument("--duration", type=float, required=True)
    given = parser.parse_args(arguments)
    say, orders = _private_lines()
    limits = Limits.of(given)
    _restrain(limits)
    from tonewise.pipeline.loading import load_model

    model = load_model(given.model)
    say({"ready": True})
    for order in orders:
        say(answer(model, order, limits, say))
        give_back()


def answer(model: LoadedModel, order: dict[str, Any], limits: Limits, say: Say) -> dict[str, Any]:
    """Do one job: `{"done": …}`, or `{"failed": one line}` where the recording cannot be scored."""
    from tonewise.web.scoring import score_job

    try:
        return {"done": score_job(model, order, limits.duration, _progress(say))}
    except TonewiseError as error:
        return {"failed": without_paths(str(error), order)}
    except MemoryError:
        return {"failed": f"{order['name']} needs more memory than this server allows; send it in parts"}


def _progress(say: Say) -> Callable[[str, int, int], None]:
    last = 0.0

    def report(stage: str, done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last >= PROGRESS_EVERY:
            last = time.monotonic()
            say({"progress": [stage, done, total]})

    return report


def _private_lines() -> tuple[Say, Iterator[dict[str, Any]]]:
    """Take stdin and stdout for ourselves: what libraries print goes to stderr."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)

    def say(message: dict[str, Any]) -> None:
        out.write(json.dumps(message) + "\n")

    return say, _orders(sys.stdin)


def _orders(stream: IO[str]) -> Iterator[dict[str, Any]]:
    waiting: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()

    def listen() -> None:
        for line in stream:
            waiting.put(json.loads(line))
        os._exit(0)  # nobody would hear what a job under way comes to

    threading.Thread(target=listen, daemon=True).start()
    while True:
        yield waiting.get()


def _restrain(limits: Limits) -> None:
    import resource

    os.umask(0o077)
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if limits.memory is not None:
        resource.setrlimit(resource.RLIMIT_DATA, (limits.memory, limits.memory))


if __name__ == "__main__":
    main()
