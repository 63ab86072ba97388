"""A program of its own: decodes what it is told to, and dies of what is wrong with it; started by `checking`.

Its argument is `Limits` as JSON. It says `ready`, then reads a line of JSON for each file (`path`; `raw`, what a headerless
file holds, or null) and answers with one: what came out (see `Checked`), or `kind` and `why`. Whatever a decoder's library
writes goes nowhere. It opens files for reading, writes none, and ends when its input does.
"""

from __future__ import annotations

import json
import math
import os
import sys
import traceback
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any

from tonewise.audio.checking_outcome import REFUSED, SWOLLEN, Checked, Limits, swollen
from tonewise.audio.decode import Recording, probe
from tonewise.audio.raw import RawFormat, parse_raw
from tonewise.errors import AudioError

PIECE = 5.0  # seconds of sound that are asked for at a time
OPEN_FILES = 64  # at once, the libraries' own among them


def main() -> None:
    """Answer until the input ends."""
    limits = Limits(**json.loads(sys.argv[1]))
    replies = _own_output()

    def say(reply: dict[str, Any]) -> None:
        os.write(replies, json.dumps(reply).encode() + b"\n")

    def last_words(kind: type[BaseException], error: BaseException, place: TracebackType | None) -> None:
        """A mistake of ours, told to whoever can mend it."""
        say({"mistake": "".join(traceback.format_exception(kind, error, place))[-4_000:]})

    sys.excepthook = last_words
    _load()
    confine(limits)
    say({"ready": True})
    for line in sys.stdin.buffer:
        request = json.loads(line)
        _grant_seconds(limits.seconds)
        say(answer(request["path"], request["raw"], limits))


def answer(path: str, raw: str | None, limits: Limits) -> dict[str, Any]:
    """Decode a file from end to end, by what decodes it later; what came of it."""
    try:
        return asdict(_decoded(path, None if raw is None else parse_raw(raw), limits))
    except AudioError as error:
        return {"kind": REFUSED, "why": str(error)}
    except MemoryError:
        return {"kind": SWOLLEN, "why": swollen(path, limits)}


def _decoded(path: str, raw: RawFormat | None, limits: Limits) -> Checked:
    info = probe(path, raw=raw)
    if info.channels > limits.channels:
        raise AudioError(
            f"{path} has {info.channels} channels, and of a stranger's file at most {limits.channels} are heard; left out"
        )
    _require_short(path, info.duration, limits)
    seconds, damaged = _from_end_to_end(path, raw, limits)
    _require_short(path, seconds, limits)
    return Checked(path, float(seconds), info.sample_rate, info.channels, damaged)


def _require_short(path: str, seconds: float, limits: Limits) -> None:
    if seconds > limits.duration:
        raise AudioError(
            f"{path} holds {seconds / 3600:,.1f} hours of sound or more, and of a stranger's file at most "
            f"{limits.duration / 3600:,.1f} are decoded; left out: cut it up"
        )


def _from_end_to_end(path: str, raw: RawFormat | None, limits: Limits) -> tuple[float, str | None]:
    """Seconds of sound that came out, piece by piece, until something was wrong, and what that was."""
    frames = 0
    with Recording(path, raw=raw) as recording:
        try:
            for piece in recording.blocks(PIECE):
                frames += len(piece)
                if frames > limits.duration * recording.sample_rate:
                    break
        except AudioError as error:
            return frames / recording.sample_rate, str(error)
        return frames / recording.sample_rate, None


def confine(limits: Limits) -> None:
    """Take from this process what it does not need; systems without such limits (Windows) have the deadline only."""
    if sys.platform == "win32":
        return
    import resource

    for what, most in (
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_AS, _address_space() + limits.memory),
    ):
        hard = resource.getrlimit(what)[1]
        limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with suppress(ValueError, OSError):  # macOS refuses a limit of the address space
            resource.setrlimit(what, (limit, limit))


def _grant_seconds(seconds: float) -> None:
    """Limit the processor's time for the next file: it holds even where nobody is left to keep the deadline."""
    if sys.platform == "win32":
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = math.ceil(used.ru_utime + used.ru_stime + seconds)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def _address_space() -> int:
    """Bytes of address space that this process has now; more than enough where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except OSError:
        return 4 << 30
    return pages * os.sysconf("SC_PAGE_SIZE")


def _load() -> None:
    """Import what decodes before memory is limited."""
    import av  # noqa: F401
    import numpy as np  # noqa: F401
    import soundfile  # noqa: F401
    import soxr  # noqa: F401


def _own_output() -> int:
    """A descriptor for replies; standard output and error lead nowhere from now on."""
    replies = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)
    return replies


if __name__ == "__main__":
    main()
