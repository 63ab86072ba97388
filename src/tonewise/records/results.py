"""What label, train and compare have to tell."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tonewise.records.figures import Calibration, Evaluation
from tonewise.records.utterances import Problem


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
        rounds: 1 where labels were refined; 0 = it would not have helped, and they were left as they were.
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
    """Everything that a training run has to tell; what scripts read is `pipeline.results.training_json`.

    `seconds` are by stage ("read", "label", "features", "fit", "evaluate", "total"); `evaluations` has "valid" and
    "test" against the weak labels; `gold` is against gold labels of the test split, None where none were given.
    `data_note` says in one sentence what the corpus is and what figures from it mean. `baseline` is what features were
    compared with: nothing, or how the same speaker usually sounds. `audit` is what `evaluation.audit` found, the telling
    findings first; empty where it was not asked for. `reliability` says how far tones of the test split can be read as
    probabilities of the labels that were learned from.
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
    baseline: str = "none"
    audit: tuple[Any, ...] = ()
    reliability: Calibration | None = None


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
