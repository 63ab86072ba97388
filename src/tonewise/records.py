"""The frozen records that pass between stages, and the columns of the utterance table.

The spine of tonewise is a table (a pandas DataFrame) with one row an utterance. Stages add columns to it and
never rely on a row's position or on the name of a file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

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
    of the layout that was recognised ("manifest", "folder", "earnings", "mosei", "meld", "text");
    `source` is the path as the user gave it.
    """

    source: str
    layout: str
    utterances: pd.DataFrame
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Clip:
    """What is to be heard of one utterance: a range of one channel, with silence around it.

    `start` and `duration` are seconds in the file; `before` and `after` are seconds of zeros put around the sound.
    Two equal clips of equal files are the same sound, sample for sample.
    """

    audio: str
    start: float
    duration: float
    channel: int | None = None
    before: float = 0.0
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Interval:
    """An AUC with a 95 % interval: `groups` speakers (or recordings) with `n` utterances, `positives` of them positive.

    `roc_auc`, `ci_low` and `ci_high` are None where they are undefined (one class only).
    """

    roc_auc: float | None
    ci_low: float | None
    ci_high: float | None
    n: int
    positives: int = 0
    groups: int = 0
    grouped_by: str = "speaker"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How well scores rank positive over negative, and what it is to be compared with.

    Attributes:
        auc: ROC AUC with its interval.
        pr_auc: average precision of the positive class; `positive_rate` is what chance gets.
        balanced_accuracy: mean recall of the two classes at a score of 0.5.
        accuracy: share right at 0.5; `majority` is the accuracy of always answering the larger class.
        words_auc: AUC of the text labeller's score on the same utterances, None where there is no text or where the
            labels were made from it.
        curve: the ROC curve as (false positive rate, true positive rate) pairs, at most 200 of them.
    """

    auc: Interval
    pr_auc: float | None = None
    positive_rate: float | None = None
    balanced_accuracy: float | None = None
    accuracy: float | None = None
    majority: float | None = None
    words_auc: Interval | None = None
    curve: tuple[tuple[float, float], ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class LabelSummary:
    """What weak labels are worth, as far as can be told without gold.

    Attributes:
        labeller: name of the labeller (or gold column).
        utterances: rows in all.
        counts: {"positive": n, "negative": n, "abstained": n}.
        abstentions: why rows were abstained from: {reason: n}.
        coverage: share of rows that got a label, 0..1.
        agreement: {"vader~textblob": {"both": n, "agree": n, "rate": 0..1 or None}}: of the rows where both of two
            labellers have an opinion, how many agree on its sign.
        examples: {"positive": [...], "negative": [...], "conflict": [...], "abstained": [...]}, each a list of
            {"text", "score", and one key a labeller}.
        histogram: (edges, counts) of the scores, 21 edges from -1 to 1.
    """

    labeller: str
    utterances: int
    counts: dict[str, int]
    abstentions: dict[str, int]
    coverage: float
    agreement: dict[str, dict[str, Any]]
    examples: dict[str, list[dict[str, Any]]]
    histogram: tuple[tuple[float, ...], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """Everything that a training run has to tell; `to_json` is what scripts read.

    `seconds` are by stage ("read", "label", "features", "fit", "evaluate", "total"); `evaluations` has "valid" and
    "test" against the weak labels; `gold` is against gold labels of the test split, None where none were given.
    `data_note` says in one sentence what the corpus is and what figures from it mean.
    """

    model: str
    corpus: str
    layout: str
    utterances: int
    recordings: int
    speakers: int | None
    labelled: int
    coverage: float
    labels: LabelSummary
    features: tuple[str, ...]
    dimensions: int
    classifier: str
    split: dict[str, Any]
    seed: int
    evaluations: dict[str, Evaluation]
    gold: Evaluation | None
    gold_column: str | None
    seconds: dict[str, float]
    audio_seconds: float
    cache: dict[str, int]
    problems: tuple[Problem, ...]
    versions: dict[str, str]
    data_note: str
