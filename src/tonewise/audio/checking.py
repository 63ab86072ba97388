"""Recordings of strangers, decoded once in a process that can be killed before anything here decodes them.

A decoder is a large program in C that reads whatever it is given. `Checker` has each file decoded from end to end by
`checking_child`, with limits on its time, memory and output: what makes that process crash, hang or swell is left out.
Decoding is deterministic, so what passed there passes here.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO, Self

from tonewise.audio.checking_outcome import (
    CRASHED,
    DECODED,
    REFUSED,
    SWOLLEN,
    TIMED_OUT,
    Checked,
    Limits,
    Outcome,
    crashed,
    swollen,
)
from tonewise.audio.raw import declared
from tonewise.errors import TonewiseError

__all__ = ["CRASHED", "DECODED", "REFUSED", "SWOLLEN", "TIMED_OUT", "Checked", "Checker", "Limits", "Outcome"]

FILES_A_CHILD = 500  # after which a fresh one is started: what one file broke does not stay for long
START_SECONDS = 60.0  # that a child may take to import its decoders


class Checker:
    """One process that decodes files, started when it is needed and anew after harm; a context manager.

    One thread at a time may use it; any may interrupt it.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._child: _Child | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        if self._child is not None:
            self._child.end()
        self._child = None

    def interrupt(self) -> None:
        """Kill the process at once, from another thread than the one that waits for it."""
        child = self._child  # which that thread may be about to end
        if child is not None:
            child.kill()

    def examine(self, path: str | Path) -> Outcome:
        """Decode a file and say what became of it, whatever that is.

        Raises:
            TonewiseError: the process cannot be started.
        """
        too_large = self._too_large(Path(path))
        if too_large:
            return Outcome(REFUSED, too_large)
        if self._child is not None and self._child.spent:
            self.close()
        if self._child is None:
            self._child = _Child(self.limits)
        outcome = self._child.examine(str(path), declared(path))
        if outcome.kind not in (DECODED, REFUSED):
            self.close()
        return outcome

    def _too_large(self, file: Path) -> str | None:
        try:
            size = file.stat().st_size
        except (OSError, ValueError):
            return None  # the child says why
        if size <= self.limits.bytes:
            return None
        return (
            f"{file} has {size / 1e6:,.0f} MB, and at most {self.limits.bytes / 1e6:,.0f} MB of a stranger's are opened; "
            "left out: cut it up"
        )


class _Child:
    """A running `checking_child`."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._files = 0
        self._killed = False
        self._process = subprocess.Popen(
            _command(limits),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # an interrupt from the keyboard is for the parent alone
            env=_environment(),
        )
        if b"ready" not in self._line(START_SECONDS):
            self.end()
            raise TonewiseError(
                "the process that checks recordings cannot be started; does "
                f"`{sys.executable} -m tonewise.audio.checking_child` run?"
            )

    @property
    def spent(self) -> bool:
        """Whether the next file needs another one."""
        return self._files >= FILES_A_CHILD or self._killed or self._process.poll() is not None

    def examine(self, path: str, raw: str | None) -> Outcome:
        self._files += 1
        with suppress(BrokenPipeError):  # it died in the meantime: there will be no reply
            self._pipe(self._process.stdin).write(json.dumps({"path": path, "raw": raw}).encode() + b"\n")
            self._pipe(self._process.stdin).flush()
        line = self._line(self._limits.seconds)
        return _understood(line, path) or self._harm(path, line)

    def kill(self) -> None:
        self._killed = True
        self._process.kill()

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(BrokenPipeError):
                self._pipe(pipe).close()

    def _line(self, seconds: float) -> bytes:
        """The next line of the child, which is killed after `seconds`; empty where it says nothing more."""
        timer = threading.Timer(seconds, self.kill)
        timer.start()
        try:
            return self._pipe(self._process.stdout).readline(1 << 16)
        finally:
            timer.cancel()
            timer.join()

    def _harm(self, path: str, reply: bytes) -> Outcome:
        """What a child that ended without a word that can be understood has died of."""
        self._process.kill()
        status = self._process.wait()
        if reply:
            return Outcome(CRASHED, crashed(path, "it answered nonsense"))
        if self._killed or status == -_signal("SIGXCPU"):
            return Outcome(
                TIMED_OUT,
                f"{path} kept the decoder busy for more than {self._limits.seconds:g} s; left out: it is damaged, very "
                "long, or made to do so",
                lasting=False,
            )
        if status == -_signal("SIGKILL"):  # by the system, which had no memory left
            return Outcome(SWOLLEN, swollen(path, self._limits), lasting=False)
        name = signal.Signals(-status).name if status < 0 else f"exit status {status}"
        return Outcome(CRASHED, crashed(path, name))

    @staticmethod
    def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
        assert pipe is not None
        return pipe


def _understood(line: bytes, path: str) -> Outcome | None:
    """A child's reply; None where it is none."""
    try:
        reply = json.loads(line)
    except (ValueError, RecursionError):
        return None
    match reply:
        case {"kind": str(kind), "why": str(why)}:
            return Outcome(kind, why)
        case {"mistake": str(mistake)}:
            last = mistake.strip().rpartition("\n")[2]
            why = f"{path} made tonewise fail ({last}); left out: please report it, it is no fault of yours"
            return Outcome(CRASHED, why, traceback=mistake, lasting=False)
        case {
            "duration": float(duration),
            "sample_rate": int(rate),
            "channels": int(channels),
            "damaged": str() | None as damaged,
        }:
            return Outcome(DECODED, checked=Checked(path, duration, rate, channels, damaged))
    return None


def _command(limits: Limits) -> Sequence[str]:
    # -P: not a module of the folder that somebody happens to stand in.
    return [sys.executable, "-P", "-m", "tonewise.audio.checking_child", json.dumps(asdict(limits))]


def _environment() -> dict[str, str] | None:
    """The child gets none of the caller's secrets; Windows starts nothing without its own variables."""
    if sys.platform == "win32":
        return None
    paths = os.pathsep.join(os.path.abspath(path) for path in sys.path if path)  # noqa: PTH100 - no need to resolve
    return {"PYTHONPATH": paths, "PYTHONUTF8": "1", "OPENBLAS_NUM_THREADS": "1"}


def _signal(name: str) -> int:
    """The number of a signal, where the system has it."""
    return int(getattr(signal, name, 0)) or sys.maxsize
