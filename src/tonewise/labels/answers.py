"""Answers of a language model on disk, so that none is asked or paid for twice.

One file holds the answers to one way of asking, a line each: `{"key": "<SHA-256>", "score": 0.4}`. Lines are appended as
answers arrive; one that was torn by a crash is passed over. Any file may be deleted at any time.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tonewise.errors import TonewiseError


def is_score(value: Any) -> bool:
    """Whether that is a number from −1 to 1."""
    return isinstance(value, int | float) and not isinstance(value, bool) and -1 <= value <= 1


class KeptAnswers:
    """Scores by key, in memory and in a file that several threads and processes may append to."""

    def __init__(self, file: Path) -> None:
        """Read the file if there is one.

        Raises:
            TonewiseError: it cannot be read.
        """
        self._file = file
        self._lock = threading.Lock()
        try:
            content = file.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            content = ""
        except OSError as error:
            raise self._failure("read", error) from error
        self._scores = dict(filter(None, map(_entry, content.splitlines())))

    def get(self, key: str) -> float | None:
        """The score kept by a key, if any."""
        return self._scores.get(key)

    def keep(self, scores: Mapping[str, float]) -> None:
        """Add scores; nothing at all tells whether the file can be written.

        Raises:
            TonewiseError: it cannot.
        """
        lines = "".join(json.dumps({"key": key, "score": score}) + "\n" for key, score in scores.items())
        with self._lock:
            try:
                self._file.parent.mkdir(parents=True, exist_ok=True)
                with self._file.open("a", encoding="utf-8") as stream:
                    # A line of its own, whatever a crash left behind.
                    stream.write("\n" + lines if lines else "")
            except OSError as error:
                raise self._failure("written", error) from error
            self._scores.update(scores)

    def _failure(self, done: str, error: OSError) -> TonewiseError:
        return TonewiseError(
            f"answers are kept in {self._file}, which cannot be {done} ({error.strerror or error}); make room there or "
            "point TONEWISE_CACHE elsewhere"
        )


def _entry(line: str) -> tuple[str, float] | None:
    try:
        row = json.loads(line)
        key, score = row["key"], row["score"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return (key, float(score)) if isinstance(key, str) and is_score(score) else None
