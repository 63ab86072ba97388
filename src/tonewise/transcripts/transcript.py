"""What a transcript is once it has been read, and what a format has to bring along."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tonewise.records import Cue, Problem


@dataclass(frozen=True, slots=True)
class Transcript:
    """The cues of one recording in the order of the file, and what had to be left out.

    `format` is the name of the format that was read; `language` is the BCP-47 tag that the file states, if
    any (it is what the recogniser guessed, so it may be wrong). A transcript of silence has no cues.
    """

    cues: tuple[Cue, ...]
    problems: tuple[Problem, ...]
    format: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Format:
    """One transcript format.

    `sniff(path, head)` recognises it by the first 64 K characters (the path's extension is only a hint) and
    `read(path, text)` turns the whole text into a `Transcript` or raises `TranscriptError`. `extensions` are
    where such files are looked for beside recordings, the usual one first.
    """

    name: str
    extensions: tuple[str, ...]
    sniff: Callable[[Path, str], bool]
    read: Callable[[Path, str], Transcript]


class Tally:
    """Collects the cues of one file and counts what is left out: one problem a kind, its first case as
    example."""

    def __init__(self, path: Path) -> None:
        self.cues: list[Cue] = []
        self._path = path
        self._left_out: dict[str, tuple[str, int]] = {}

    def add(self, cue: Cue) -> None:
        """Keep a cue; one without text is counted as `empty_cue` instead."""
        if cue.text:
            self.cues.append(cue)
        else:
            self.leave_out("empty_cue", f"nothing is said in the cue at {cue.start:g} s")

    def leave_out(self, kind: str, detail: str) -> None:
        """Count a cue that is not kept."""
        first, count = self._left_out.get(kind, (detail, 0))
        self._left_out[kind] = (first, count + 1)

    def problems(self) -> tuple[Problem, ...]:
        """One problem a kind, in the order in which the kinds first came up."""
        return tuple(Problem(kind, str(self._path), detail, count) for kind, (detail, count) in self._left_out.items())
