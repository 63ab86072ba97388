"""Finished pieces of long work, kept so that an interrupted run goes on where it was."""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tonewise.records import Evaluation, Interval

#: Seconds after which what is half-written has been left behind by a process that is dead: writing takes milliseconds.
ABANDONED_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Kept:
    """JSON values in a folder, each under the SHA-256 of everything that it depends on: nothing is ever stale.

    `folder` None keeps nothing. What cannot be read or written is made again. A value is a line of JSON, and a second
    line with its checksum; those of the first versions have one line.
    """

    folder: Path | None

    def get(self, key: str) -> Any:
        """The value, or None."""
        if self.folder is None:
            return None
        try:
            return _value((self.folder / f"{key}.json").read_text(encoding="utf-8"), key)
        except (OSError, ValueError):
            return None

    def put(self, key: str, value: Any) -> None:
        """Keep a value: readers see all of it or nothing."""
        if self.folder is None:
            return
        text = json.dumps(value)
        arriving = self.folder / f".{uuid.uuid4().hex}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            arriving.write_text(f"{text}\n{_checksum(text, key)}\n", encoding="utf-8")
            arriving.replace(self.folder / f"{key}.json")
        except OSError:
            with contextlib.suppress(OSError):
                arriving.unlink(missing_ok=True)

    def files(self) -> list[Path]:
        """A file for each value."""
        return [] if self.folder is None else sorted(self.folder.glob("[0-9a-f]*.json"))

    def verify(self) -> Counter[str]:
        """Remove what is damaged; how many are `whole`, `unverified` (without a checksum) and were `damaged`."""
        counts = Counter(whole=0, unverified=0, damaged=0)
        for file in self.files():
            try:
                text = file.read_text(encoding="utf-8")
                _value(text, file.stem)
                counts["whole" if "\n" in text else "unverified"] += 1
            except FileNotFoundError:
                continue
            except (OSError, ValueError):
                file.unlink(missing_ok=True)
                counts["damaged"] += 1
        return counts

    def sweep(self) -> None:
        """Remove what killed processes left half-written."""
        if self.folder is None:
            return
        for file in self.folder.glob(".*"):
            with contextlib.suppress(OSError):
                if time.time() - file.stat().st_mtime > ABANDONED_SECONDS:
                    file.unlink(missing_ok=True)


def _value(text: str, key: str) -> Any:
    """The value in a file; ValueError where it is damaged."""
    value, _, checksum = text.partition("\n")
    if checksum and checksum.strip() != _checksum(value, key):
        raise ValueError("damaged")
    return json.loads(value)


def _checksum(text: str, key: str) -> str:
    return hashlib.sha256(f"{key}\n{text}".encode()).hexdigest()[:16]


def key_of(*parts: Any) -> str:
    """SHA-256 of arrays (their bytes, shape and type; texts one by one) and of values that JSON can hold."""
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray) and part.dtype != object:
            digest.update(f"{part.dtype}{part.shape}".encode())
            digest.update(np.ascontiguousarray(part).data)
        else:
            values = part.tolist() if isinstance(part, np.ndarray) else part
            digest.update(json.dumps(values, sort_keys=True, default=str).encode())
        digest.update(b"\0")
    return digest.hexdigest()


def evaluation_of(found: dict[str, Any] | None) -> Evaluation | None:
    """An evaluation from what `dataclasses.asdict` made of it and JSON kept."""
    if found is None:
        return None
    words, curve = found["words_auc"], found["curve"]
    changed = {
        "auc": Interval(**found["auc"]),
        "words_auc": None if words is None else Interval(**words),
        "curve": tuple((point[0], point[1]) for point in curve),
    }
    return Evaluation(**{**found, **changed})


def evaluations_of(found: dict[str, dict[str, Any]], names: Sequence[str]) -> dict[str, Evaluation]:
    """Evaluations by name; those that are undefined are left out."""
    made = {name: evaluation_of(found.get(name)) for name in names}
    return {name: value for name, value in made.items() if value is not None}
