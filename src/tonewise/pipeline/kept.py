"""Finished pieces of long work, kept so that an interrupted run goes on where it was."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tonewise.records import Evaluation, Interval


@dataclass(frozen=True, slots=True)
class Kept:
    """JSON values in a folder, each under the SHA-256 of everything that it depends on: nothing is ever stale.

    `folder` None keeps nothing. What cannot be read or written is made again.
    """

    folder: Path | None

    def get(self, key: str) -> Any:
        """The value, or None."""
        if self.folder is None:
            return None
        try:
            return json.loads((self.folder / f"{key}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def put(self, key: str, value: Any) -> None:
        """Keep a value: readers see all of it or nothing."""
        if self.folder is None:
            return
        arriving = self.folder / f".{uuid.uuid4().hex}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            arriving.write_text(json.dumps(value), encoding="utf-8")
            arriving.replace(self.folder / f"{key}.json")
        except OSError:
            arriving.unlink(missing_ok=True)


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
