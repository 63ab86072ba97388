"""What a transcript is once it has been read, and what a format has to bring along."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tonewise.records import Cue, Problem


@dataclass(frozen=True, slots=True)
class Transcript:
    """The cues of one recording and what had to be left out.

    Cues are in the order of the file, those of several channels that a recogniser wrote one after the other in the order of
    time. A transcript of silence has none.

    `format` is the name of the format that was read; `language` is the BCP-47 tag that the file states, if any (it may be
    what the recogniser guessed, and wrong).
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


@dataclass(frozen=True, slots=True)
class JsonFormat:
    """One transcript format that is JSON.

    `matches(data)` recognises it by the parsed value, whatever that is, and `read(path, data)` turns it into a `Transcript`
    or raises `TranscriptError`. Both bear any JSON. The rest is as in `Format`.
    """

    name: str
    matches: Callable[[Any], bool]
    read: Callable[[Path, Any], Transcript]
    extensions: tuple[str, ...] = (".json",)


class Tally:
    """Collects the cues of one file and counts what is left out or guessed: one problem a kind, its first as example."""

    def __init__(self, path: Path) -> None:
        self.cues: list[Cue] = []
        self.seen = 0
        self._path = path
        self._noted: dict[str, tuple[str, int]] = {}

    def add(self, cue: Cue) -> None:
        """Keep a cue; one without text is counted as `empty_cue` instead."""
        if cue.text:
            self.seen += 1
            self.cues.append(cue)
        else:
            self.leave_out("empty_cue", f"nothing is said in the cue at {cue.start:g} s")

    def extend(self, cues: Iterable[Cue]) -> None:
        """Keep several cues."""
        for cue in cues:
            self.add(cue)

    def leave_out(self, kind: str, detail: str) -> None:
        """Count a cue that is not kept."""
        self.seen += 1
        self._note(kind, detail, 1)

    def guess(self, count: int, what: str = "words") -> None:
        """Count words (or what else) whose times are guessed from those of their neighbours."""
        if count:
            self._note("interpolated", f"{what} without times were put between their neighbours", count)

    def problems(self) -> tuple[Problem, ...]:
        """One problem a kind, in the order in which the kinds first came up."""
        return tuple(Problem(kind, str(self._path), detail, count) for kind, (detail, count) in self._noted.items())

    def transcript(self, format: str, language: str | None = None, channels: int | None = None) -> Transcript:
        """What was collected, as a transcript of a recogniser that numbers channels.

        `channels` is how many it says that there are. Where channel 0 is the only one that is there at all, no cue has a
        channel: many a client writes 0 whatever was recorded. Cues of several channels are put in the order of time.
        """
        found = {cue.channel for cue in self.cues}
        cues = self.cues
        if len(found) > 1:
            cues = sorted(cues, key=lambda cue: cue.start)
        elif found == {0} and (channels or 1) < 2:
            cues = [replace(cue, channel=None) for cue in cues]
        return Transcript(tuple(cues), self.problems(), format, language)

    def _note(self, kind: str, detail: str, count: int) -> None:
        first, before = self._noted.get(kind, (detail, 0))
        self._noted[kind] = (first, before + count)
