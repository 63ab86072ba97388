"""What was seen of a corpus before anybody trains, as a record, as JSON, and what to do next in one sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from tonewise.records import Problem

EXAMPLES = 3  # of each kind of problem, and of recordings without transcript

#: Speakers (or recordings) of which a test tells something: with fewer, an interval is as wide as chance.
FEW_GROUPS = 10


@dataclass(frozen=True, slots=True)
class Spread:
    """How some numbers are distributed: `total` is their sum; `p5` and `p95` are percentiles."""

    n: int
    total: float
    least: float
    p5: float
    median: float
    p95: float
    most: float


@dataclass(frozen=True, slots=True)
class SplitOutlook:
    """Whether a corpus can be split in a way: `parts` are utterances and groups by part; `why` says why not."""

    possible: bool
    why: str | None = None
    parts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """Problems of one kind: in how many places, of how many utterances, and the first few as they were told."""

    kind: str
    places: int
    utterances: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sound:
    """The recordings that can be opened, counted by what their headers state.

    `hours` is their length together; `rates` are in Hz, `formats` as the decoder calls them; `compared` recordings of
    several channels were decoded, and in `copied` of them the channels are copies of one.
    """

    recordings: int
    hours: float
    seconds: Spread | None
    rates: Mapping[int, int]
    channels: Mapping[int, int]
    formats: Mapping[str, int]
    compared: int = 0
    copied: int = 0


@dataclass(frozen=True, slots=True)
class Inspection:
    """What tonewise sees in a corpus. Made by `inspect`.

    Attributes:
        source, layout: what was looked at, and in which layout it is ("recording", "transcript": that alone;
            "transcripts": a folder of them).
        sound: the recordings that can be opened.
        unreadable: recordings that cannot be.
        utterances: with times within their recordings, or without a recording; `with_text` of them have words.
        lengths: seconds of the utterances that have a recording.
        speakers: None = nobody says who speaks; `per_speaker` is utterances a speaker.
        languages: utterances by the language that is stated; `detected` of `sampled` texts by their own words.
        transcripts: files by format; empty where words come from a table.
        without_transcript: recordings without words, `silent` the first few of them by name.
        columns: the user's own.
        splits: "speaker" and "lexical".
        grouped_by: what a split keeps apart: "speaker" or "recording".
        problems: by kind, the most frequent first.
        next: what to do, in one sentence.
    """

    source: str
    layout: str
    sound: Sound
    unreadable: int
    utterances: int
    with_text: int
    lengths: Spread | None
    speakers: int | None
    per_speaker: Spread | None
    languages: Mapping[str, int]
    detected: Mapping[str, int]
    sampled: int
    transcripts: Mapping[str, int]
    without_transcript: int
    silent: tuple[str, ...]
    columns: tuple[str, ...]
    splits: Mapping[str, SplitOutlook]
    grouped_by: str
    problems: tuple[ProblemKind, ...]
    next: str = ""

    def as_json(self) -> dict[str, Any]:
        """What `tonewise inspect --json` prints."""
        return asdict(self)


def spread(values: Iterable[float]) -> Spread | None:
    """How numbers are distributed, None where there are none."""
    import numpy as np

    found = np.asarray(list(values), dtype=float)
    if not len(found):
        return None
    least, p5, median, p95, most = (round(float(value), 3) for value in np.percentile(found, (0, 5, 50, 95, 100)))
    return Spread(len(found), round(float(found.sum()), 3), least, p5, median, p95, most)


def by_kind(problems: Iterable[Problem]) -> tuple[ProblemKind, ...]:
    """Problems summed up by kind."""
    kinds: dict[str, list[Problem]] = {}
    for problem in problems:
        kinds.setdefault(problem.kind, []).append(problem)
    found = [
        ProblemKind(
            kind,
            len(alike),
            sum(problem.count for problem in alike),
            tuple(map(_line, alike[:EXAMPLES])),
        )
        for kind, alike in kinds.items()
    ]
    return tuple(sorted(found, key=lambda each: -each.utterances))


def _line(problem: Problem) -> str:
    named = problem.subject in problem.detail
    return problem.detail if named else f"{problem.subject}: {problem.detail}"


def next_step(seen: Inspection, paths: str) -> str:
    """What to do with what was seen, the first thing that stands in the way; `paths` as a command line has them."""
    if not seen.sound.recordings:
        return "Mend the recordings first: not one can be opened." if seen.unreadable else _without_sound(seen, paths)
    if not seen.with_text:
        return f"There are no words: write transcripts with `tonewise transcribe {paths}`."
    if seen.layout == "recording":
        return f"Score it with `tonewise score MODEL {paths}`, or give the folder of many such to `tonewise train`."
    return _training(seen, paths)


def _without_sound(seen: Inspection, paths: str) -> str:
    if seen.layout in ("transcript", "transcripts"):
        return "Put recordings beside the transcripts, with the same names, and give their folder to `tonewise train`."
    return f"There is no sound: `tonewise label {paths}` labels the words."


def _training(seen: Inspection, paths: str) -> str:
    command = f"`tonewise train {paths}`"
    outlook = seen.splits["speaker"]
    if not outlook.possible:
        return f"Too little to keep {seen.grouped_by}s apart: add {seen.grouped_by}s, or add `--split random` to {command}."
    after = ""
    if seen.without_transcript and seen.layout == "folder":
        after = f"; `--transcribe` adds the {seen.without_transcript} recordings that have no words"
    elif seen.speakers is None:
        after = "; say who speaks (a column `speaker`) if a voice is in several recordings, since it would leak"
    elif seen.speakers < FEW_GROUPS:
        after = f"; with {seen.speakers} speakers its figures will be very uncertain"
    return f"Train with {command}{after}."
