"""The utterance table's columns, and what transcripts, corpora and clips are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

#: Columns every utterance table has, in this order; the user's own columns follow.
#:
#: ======== ======== =====================================================================
#: audio    str      absolute path of the file that holds the sound; None in a table of text only
#: recording str     what was recorded in one go: the unit that is split when speakers are unknown
#: start    float    seconds from the start of the file; NaN = from its beginning
#: end      float    seconds from the start of the file; NaN = to its end
#: channel  object   int, counted from 0; None = the mean of all channels
#: speaker  object   str, unique in the corpus; None = unknown
#: language object   str, BCP-47 tag of what is spoken; None = unknown
#: text     object   str; None = no transcript
#: ======== ======== =====================================================================
UTTERANCE_COLUMNS = ("audio", "recording", "start", "end", "channel", "speaker", "language", "text")

#: Called by long work as `progress(stage, done, total)`; surfaces draw bars with it.
Progress = Callable[[str, int, int], None]

SAMPLE_RATE = 16_000  # Hz, of everything that is heard after decoding


@dataclass(frozen=True, slots=True)
class Cue:
    """One timed piece of a transcript.

    `start` and `end` are seconds from the start of the recording, exactly as the transcript states them (they may be
    negative or reversed: whoever uses them decides). `channel` counts from 0.
    """

    start: float
    end: float
    text: str
    speaker: str | None = None
    channel: int | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that was left out, clamped or suspicious, for the summary: nothing is dropped in silence.

    `kind` is a short stable slug (for counting), `subject` names the file or row, `detail` is one line for people;
    `count` is how many utterances it concerns.
    """

    kind: str
    subject: str
    detail: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Corpus:
    """Utterances as they were read, and what could not be read.

    `utterances` has `UTTERANCE_COLUMNS` and the user's own columns, with a plain 0..n-1 index; `layout` is the name
    of the layout that was recognised (see `corpus.layouts`), several joined by " + " where corpora were read together;
    `source` is the path as the user gave it; `formats` counts the transcripts that were read, by format, where they are
    files of their own.
    """

    source: str
    layout: str
    utterances: pd.DataFrame
    problems: tuple[Problem, ...] = ()
    formats: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Clip:
    """What is to be heard of one utterance: a range of one channel, with silence around it.

    `start` and `duration` are seconds in the file; `before` and `after` are seconds of zeros put around the sound; `raw` is
    what a file without a header holds ("ulaw:8000:1"), None where it has one; `decoding` is the version of how a range of a
    lossy file is decoded, None where there is but one way. Two equal clips of equal files are the same sound, sample for
    sample.
    """

    audio: str
    start: float
    duration: float
    channel: int | None = None
    before: float = 0.0
    after: float = 0.0
    raw: str | None = None
    decoding: int | None = None
