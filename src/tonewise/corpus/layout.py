"""What a corpus layout has to bring along."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tonewise.records import Corpus


@dataclass(frozen=True, slots=True)
class Layout:
    """One way in which recordings and their words lie on disk.

    `recognise(path)` looks at names and headers only. `read(path, require_audio)` makes the `Corpus` or raises
    `CorpusError`; with `require_audio=False` utterances whose recording is missing are kept, for their words.
    """

    name: str
    recognise: Callable[[Path], bool]
    read: Callable[[Path, bool], Corpus]
