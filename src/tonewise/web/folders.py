"""Where a server keeps things: a folder a job, with names of the server's own, and the store beside them."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Container
from pathlib import Path, PurePosixPath
from typing import Any

from tonewise.corpus.files import AUDIO_EXTENSIONS
from tonewise.errors import OptionError, printable
from tonewise.transcripts import transcript_extensions

STORE, LOCK = "calls.sqlite", "lock"
RECORDING, TRANSCRIPT = "_recording_", "_transcript_"  # words of no message: see `without_paths`
RESULT, PAGE = "result.json", "page.html"
_LONGEST = 120  # letters of a shown name


class Folders:
    """The data folder of a server."""

    def __init__(self, data: Path) -> None:
        self.data = data.absolute()

    @property
    def store(self) -> Path:
        """The store of jobs and calls."""
        return self.data / STORE

    def prepare(self) -> None:
        """Make what is missing; nobody but the user may look into it.

        Raises:
            OptionError: it cannot be written.
        """
        try:
            self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
            (self.data / "jobs").mkdir(mode=0o700, exist_ok=True)
            self.store.touch(mode=0o600)
        except OSError as error:
            raise OptionError(f"{self.data} cannot be used ({error.strerror}); choose another --data") from error

    def job(self, key: str) -> Path:
        """The folder of a job."""
        return self.data / "jobs" / key

    def make(self, key: str) -> Path:
        """A new folder for a job."""
        folder = self.job(key)
        folder.mkdir(mode=0o700)
        return folder

    def remove(self, key: str) -> None:
        """Remove all that is kept of a job."""
        shutil.rmtree(self.job(key), ignore_errors=True)

    def sweep(self, known: Container[str]) -> None:
        """Remove what uploads left behind that were broken off by the end of a server."""
        for folder in (self.data / "jobs").iterdir():
            if folder.name not in known:
                shutil.rmtree(folder, ignore_errors=True)


def own_name(stem: str, given: str) -> str:
    """A file's name on this machine: a stem of ours, and the client's extension if it is one that we know."""
    known = AUDIO_EXTENSIONS if stem == RECORDING else transcript_extensions()
    extension = PurePosixPath(given.replace("\\", "/")).suffix.lower()
    return stem + (extension if extension in known else "")


def shown_name(given: str) -> str:
    """What people are shown of a client's name for a file: its last part, without anything that is not printed."""
    last = given.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return " ".join(printable(last).split())[:_LONGEST] or "recording"


def without_paths(message: str, order: dict[str, Any]) -> str:
    """A message without paths of this machine: a job's files are called what the client called them.

    Args:
        message: of the pipeline.
        order: of the job, as `scoring.score_job` gets it.
    """
    folder = Path(order["folder"])
    names = {order["recording"]: order["name"], order["transcript"]: "the transcript", "": ""}
    ours = (name for own in names if own is not None for name in (f"{folder}{os.sep}{own}", own, str(folder)))
    found = re.compile("|".join(re.escape(name) for name in sorted(filter(None, ours), key=len, reverse=True)))
    return found.sub(lambda each: names.get(each[0].rpartition(os.sep)[2], ""), message)
