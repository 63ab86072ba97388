"""Whole commands, measured from outside: seconds of the clock and of the processors, and peak memory."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench_report import ROOT, BenchError

TONEWISE = (sys.executable, "-m", "tonewise")
PEERS = ROOT / ".venv-bench" / "bin" / "python"


@dataclass(frozen=True)
class Run:
    """One run of a command.

    Attributes:
        seconds: of the clock.
        work: seconds of the processors, of the command and of the processes it waited for.
        megabytes: the peak of its largest process.
        output: what it printed on stdout.
    """

    seconds: float
    work: float
    megabytes: float
    output: str

    def cells(self) -> list[str]:
        """Of a table."""
        return [f"{self.seconds:.1f}", f"{self.work:.1f}", f"{self.megabytes:.0f}"]


def run(
    command: Sequence[str | Path], limit: float, cwd: Path | None = None, more: Mapping[str, str] | None = None
) -> Run:
    """Run a command to its end.

    Raises:
        BenchError: It failed, or took longer than `limit` seconds.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began = time.perf_counter()
        child = subprocess.Popen(
            [str(each) for each in command], stdout=out, stderr=err, cwd=cwd, env={**os.environ, **(more or {})},
            start_new_session=True,
        )  # fmt: skip
        status, used = _wait(child, began + limit)
        seconds = time.perf_counter() - began
        out.seek(0)
        err.seek(0)
        if status != 0:
            lines = (err.read().decode(errors="replace") or out.read().decode(errors="replace")).strip().splitlines()
            what = Path(str(command[0])).name + " " + " ".join(str(each) for each in command[1:4])
            why = lines[-1] if lines else f"exit {status}"
            raise BenchError(f"{what} …: {f'not done within {limit:.0f} s' if status is None else why}")
        return Run(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, out.read().decode(errors="replace"))


def _wait(child: subprocess.Popen[bytes], until: float):
    """The exit status (None: killed, since time was over) and what was used."""
    late = False
    while True:
        pid, status, used = os.wait4(child.pid, os.WNOHANG)
        if pid:
            child.returncode = os.waitstatus_to_exitcode(status)
            return (None if late else child.returncode), used
        if time.perf_counter() > until and not late:
            os.killpg(child.pid, 9)
            late = True
        time.sleep(0.005)
