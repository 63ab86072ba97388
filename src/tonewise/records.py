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
class LabellerSummary:
    """One of the labellers (or one of the parts) that a score was made from.

    `overlap` and `conflict` are those of snorkel's `LFAnalysis`: shares of all rows, not of the labelled ones.

    Attributes:
        name: of the labeller or part.
        counts: {"positive": n, "negative": n, "abstained": n}.
        coverage: share of rows that it labels, 0..1.
        overlap: share of rows that it labels and at least one other labels too, 0..1.
        conflict: share of rows that it labels and at least one other labels otherwise, 0..1.
        accuracy: of its labels, estimated without gold, 0..1; None = not estimated.
        weight: in the combination; None = it has none.
        gold: its score against gold labels, None = not judged.
        is_part: a part of one labeller's score: it has no threshold of its own and labels wherever it is not 0.
    """

    name: str
    counts: dict[str, int]
    coverage: float
    overlap: float
    conflict: float
    accuracy: float | None = None
    weight: float | None = None
    gold: Evaluation | None = None
    is_part: bool = False


@dataclass(frozen=True, slots=True)
class LabelSummary:
    """What weak labels are worth, as far as can be told.

    Attributes:
        labeller: name of the labeller (or of the column that labels were taken from).
        utterances: rows in all.
        counts: {"positive": n, "negative": n, "abstained": n}.
        abstentions: why rows were abstained from: {reason: n}.
        coverage: share of rows that got a label, 0..1.
        agreement: {"vader~textblob": {"both": n, "agree": n, "rate": 0..1 or None, "kappa": −1..1 or None}}: of the rows
            where both of two labellers have an opinion, how many agree on its sign, and Cohen's kappa of the two.
        examples: {"positive": [...], "negative": [...], "conflict": [...], "abstained": [...], "doubtful": [...]}, each
            a list of {"text", "score", "confidence", and one key a labeller}; None where there is no score.
        histogram: (edges, counts) of the scores, 21 edges from -1 to 1.
        labellers: what the score was made from: the labellers of a combination, else the parts of one labeller; empty
            where there is nothing inside.
        gold: the final labels' score against gold labels, None where none were given.
        gold_column: where the gold labels are from.
        languages: detected languages of the texts, {tag or "unknown": n}, most frequent first; empty = not detected.
        from_text: whether the labels were made from the words; False for labels from a column.
        evidence: what estimated accuracies come from: neighbours, covariances or prior (`labels.combining`).
    """

    labeller: str
    utterances: int
    counts: dict[str, int]
    abstentions: dict[str, int]
    coverage: float
    agreement: dict[str, dict[str, Any]]
    examples: dict[str, list[dict[str, Any]]]
    histogram: tuple[tuple[float, ...], tuple[int, ...]]
    labellers: tuple[LabellerSummary, ...] = ()
    gold: Evaluation | None = None
    gold_column: str | None = None
    languages: dict[str, int] = field(default_factory=dict)
    from_text: bool = True
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class RefinementResult:
    """What came of refining the training labels by the voice.

    Attributes:
        rounds: how often labels were refined; 0 = it would not have helped, and they were left as they were.
        dropped: share of the least certain rows that was left out, 0..1.
        before, after: how well models that learned the unrefined and the chosen labels rank the words' labels of
            speakers that had no part in it (mean AUC inside the training split); None where too few speakers were there
            to try.
        flipped: labels that changed sides; `added`: utterances that the words had left out.
        utterances: training rows that had words.
    """

    rounds: int
    dropped: float
    before: float | None
    after: float | None
    flipped: int
    added: int
    utterances: int


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
    refinement: RefinementResult | None = None


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """One system under one split.

    Attributes:
        key, title: what it is called in files and by people; `founding` = a row of the founding article.
        features, classifier, labels: what it hears with, learns with, and learned from (`refined` = by the voice).
        split: random or speaker.
        dimensions: of the features; None where it could not be run.
        evaluations: "valid" and "test", against the labels that the whole comparison is judged by.
        gold: against gold labels of the test split, None where none were given.
        seconds_features: to hear every clip once; None = they came from the cache, and nobody had timed them.
        seconds_fit: to learn (and to refine labels).
        problem: why it could not be run, in one line; empty = it was.
    """

    key: str
    title: str
    founding: bool
    features: tuple[str, ...]
    classifier: str
    labels: str
    refined: bool
    split: str
    dimensions: int | None = None
    evaluations: dict[str, Evaluation] = field(default_factory=dict)
    gold: Evaluation | None = None
    seconds_features: float | None = None
    seconds_fit: float | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ComparisonResult:
    """The founding article's systems and ours on one corpus.

    Attributes:
        labels: what all rows are judged by.
        splits: sizes of the parts by split: {"speaker": {"train": {"labelled", "positive", "groups"}, ...}, ...}.
        rows: in the order in which they are shown, all of one split after those of the other.
        data_note: one sentence on what the corpus is.
    """

    corpus: str
    layout: str
    utterances: int
    recordings: int
    speakers: int | None
    labels: LabelSummary
    gold_column: str | None
    splits: dict[str, dict[str, Any]]
    seed: int
    rows: tuple[ComparisonRow, ...]
    seconds: float
    audio_seconds: float
    problems: tuple[Problem, ...]
    versions: dict[str, str]
    data_note: str = ""
