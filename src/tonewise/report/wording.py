"""Records in plain words, for every surface: the report, the model card and the terminal's tables.

Nothing here turns an undefined metric into a number, and no sentence with an AUC leaves out its interval.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tonewise.records import Evaluation, Interval, LabelSummary, RefinementResult, TrainingResult

UNDEFINED = "not defined"
MINUS = "\N{MINUS SIGN}"

CHANCE = 0.5  # ROC AUC of scores that know nothing
WIDE = 0.3  # width of a 95 % interval from which on nothing can be concluded
FEW_GROUPS = 5  # speakers (or recordings): fewer say nothing about the next one

Conclusion = Literal["undefined", "unclear", "worse", "better"]

WEAK_CAVEAT = (
    "A weak-label AUC is not skill at hearing tone: it says how well the sound predicts what the words say, "
    "and much of how a voice sounds is not in its words. Only gold labels of the voices themselves measure "
    "hearing."
)
COARSE = (
    "Positive and negative is a coarse scale. A score is not an emotion, not its cause, and not what a person feels."
)
LIMITS = (
    "Scores rank recordings that resemble the training corpus. A language, microphone, telephone line or way "
    "of speaking that was not in it can bring them down to chance.",
    COARSE,
    "With few speakers an interval is wide, and it may be too narrow still: it cannot know the speakers it never met.",
    "Accents, ages, health and gender change how a voice sounds. Compare groups "
    "(`tonewise evaluate --by COLUMN`) before anything depends on a score.",
    "Where labels come from words, part of what is learned may be words after all rather than tone.",
)
LAW = (
    "Art. 5(1)(f) of the EU AI Act, Regulation (EU) 2024/1689, prohibits inferring the emotions of people at "
    "work or in education from biometric data such as their voice, except for medical or safety reasons. "
    "Customers are a different case, with duties to tell them: choose their channel (`tonewise score --channel`). "
    "Scoring an agent's voice is a deliberate choice, which whoever makes it has to document and justify. "
    "This is not legal advice."
)


def number(value: float | None, digits: int = 2) -> str:
    """A metric with a fixed number of decimals and a true minus sign; `None` and NaN are "not defined"."""
    if value is None or math.isnan(value):
        return UNDEFINED
    return f"{round(value, digits) + 0.0:.{digits}f}".replace("-", MINUS)  # + 0: zero has no sign


def signed(value: float | None, digits: int = 2) -> str:
    """A difference with its sign: "+0.08", "−0.02", and "0.00" where it rounds to nothing; undefined as in `number`."""
    text = number(value, digits)
    return f"+{text}" if value is not None and round(value, digits) > 0 else text


def count(n: int) -> str:
    """A whole number with thousands separated: 23,500."""
    return f"{n:,}"


def percent(share: float | None) -> str:
    """A share in 0..1 as "62 %", "under 1 %" or "over 99 %"; `None` and NaN are "not defined"."""
    if share is None or math.isnan(share):
        return UNDEFINED
    if 0 < share < 0.005:
        return "under 1 %"
    if 0.995 <= share < 1:
        return "over 99 %"
    return f"{share * 100:.0f} %"


def plural(n: int, noun: str) -> str:
    """A count with its noun: "1 speaker", "11 speakers"."""
    return f"{count(n)} {noun}" if n == 1 else f"{count(n)} {noun}s"


def baseline(kind: str) -> str:
    """What features are compared with, as the end of a sentence: nothing, or "; each voice against its own baseline"."""
    return "" if kind == "none" else "; each voice against its own baseline"


def duration(seconds: float) -> str:
    """Seconds as people say them: "850 ms", "4.2 s", "3 min 20 s", "5 h 02 min"."""
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def words_from_slug(slug: str) -> str:
    """A slug or key as words: "no_sound" and "no-sound" become "No sound"."""
    return capital(slug.replace("_", " ").replace("-", " ").strip())


def capital(text: str) -> str:
    """Text with a capital first letter and the rest as it is."""
    return text[:1].upper() + text[1:]


def interval_range(interval: Interval) -> str:
    """The 95 % interval alone: "0.68–0.78", or "not defined"."""
    if interval.ci_low is None or interval.ci_high is None:
        return UNDEFINED
    return f"{number(interval.ci_low)}–{number(interval.ci_high)}"


def sample(interval: Interval) -> str:
    """What an AUC rests on: "812 utterances, 11 speakers"."""
    utterances = plural(interval.n, "utterance")
    if not interval.groups or interval.grouped_by == "utterance":
        return utterances
    return f"{utterances}, {plural(interval.groups, interval.grouped_by)}"


def auc_short(interval: Interval | None) -> str:
    """An AUC with its interval and nothing else, for narrow columns: "0.73 (0.68–0.78)"."""
    if interval is None or interval.roc_auc is None:
        return UNDEFINED
    bounds = interval_range(interval)
    return f"{number(interval.roc_auc)} ({bounds})" if bounds != UNDEFINED else number(interval.roc_auc)


def auc_phrase(interval: Interval | None) -> str:
    """An AUC with its interval and sample: "0.73 (95 % 0.68–0.78; 812 utterances, 11 speakers)"."""
    if interval is None or interval.roc_auc is None:
        return f"{UNDEFINED} ({undefined_reason(interval)})"
    bounds = interval_range(interval)
    limits = f"95 % {bounds}" if bounds != UNDEFINED else f"interval {UNDEFINED}"
    return f"{number(interval.roc_auc)} ({limits}; {sample(interval)})"


def undefined_reason(interval: Interval | None) -> str:
    """Why an AUC is not defined, in a few words."""
    if interval is None:
        return "not measured"
    if interval.n == 0:
        return "no labelled utterances"
    if interval.positives == 0:
        return f"none of {plural(interval.n, 'utterance')} is positive"
    if interval.positives == interval.n:
        return f"none of {plural(interval.n, 'utterance')} is negative"
    return f"could not be computed from {sample(interval)}"


def caveats(interval: Interval) -> tuple[str, ...]:
    """What forbids a firm conclusion from an AUC, most serious first; empty where nothing does."""
    found = []
    if interval.ci_low is None or interval.ci_high is None:
        found.append(f"its interval is {UNDEFINED}")
    elif interval.ci_low <= CHANCE <= interval.ci_high:
        found.append(f"the interval contains {CHANCE}")
    if interval.groups == 0 and interval.grouped_by != "utterance":
        found.append(f"how many {interval.grouped_by}s is unknown")
    elif interval.groups < FEW_GROUPS and interval.grouped_by != "utterance":
        found.append(f"only {plural(interval.groups, interval.grouped_by)}")
    if interval.ci_low is not None and interval.ci_high is not None and interval.ci_high - interval.ci_low > WIDE:
        found.append(f"the interval is {number(interval.ci_high - interval.ci_low)} wide")
    return tuple(found)


def conclusion(interval: Interval) -> Conclusion:
    """What an AUC allows to be said: "undefined", "unclear", "worse" or "better" than chance."""
    if interval.roc_auc is None:
        return "undefined"
    if caveats(interval):
        return "unclear"
    return "better" if interval.roc_auc > CHANCE else "worse"


def verdict(evaluation: Evaluation) -> str:
    """One honest sentence, without its full stop, about what an evaluation shows."""
    interval = evaluation.auc
    if interval.roc_auc is None:
        return f"{UNDEFINED}: {undefined_reason(interval)}"
    reasons = "; ".join(caveats(interval))
    low, high = interval.ci_low, interval.ci_high
    if low is not None and high is not None and low <= CHANCE <= high:
        return f"not shown to be better than chance: {reasons}"
    if reasons:
        few = interval.grouped_by != "utterance" and interval.groups < FEW_GROUPS
        return f"too {f'few {interval.grouped_by}s' if few else 'little data'} to conclude: {reasons}"
    if interval.roc_auc < CHANCE:
        return "worse than chance: it ranks negative above positive"
    return "better than chance"


def meaning(interval: Interval) -> str:
    """An AUC as a wager that anyone can follow, or why there is none."""
    if interval.roc_auc is None:
        return f"The ROC AUC is {UNDEFINED}: {undefined_reason(interval)}."
    return (
        "Given one positive and one negative utterance, the positive one gets the higher score "
        f"{interval.roc_auc * 100:.0f} times in 100; guessing gets 50."
    )


def against_words(evaluation: Evaluation) -> str | None:
    """How the sound compares with the words on the same utterances; `None` where that is not defined.

    Overlapping intervals are called a draw: the cautious reading, since the two are not independent.
    """
    ours, words = evaluation.auc, evaluation.words_auc
    if words is None or words.roc_auc is None or ours.roc_auc is None:
        return None
    phrase = f"Words alone, without any sound, get {auc_phrase(words)}"
    if None in (ours.ci_low, ours.ci_high, words.ci_low, words.ci_high):
        return f"{phrase}; without intervals the two cannot be compared."
    assert ours.ci_low is not None and ours.ci_high is not None
    assert words.ci_low is not None and words.ci_high is not None
    if ours.ci_low > words.ci_high:
        return f"{phrase}: the sound is ahead."
    if ours.ci_high < words.ci_low:
        return f"{phrase}: the sound is behind."
    return f"{phrase}: the intervals overlap, so neither is shown to be ahead."


def from_words(labels: LabelSummary) -> bool:
    """Whether the labels were made from the words, rather than brought along in a column."""
    return labels.from_text


def label_kind(labels: LabelSummary) -> str:
    """What a model learns from: "weak labels (lexicon)" or "labels of column mood"."""
    return f"weak labels ({labels.labeller})" if from_words(labels) else f"labels of column {labels.labeller}"


def gold_kind(column: str | None) -> str:
    """What a gold evaluation is against: "gold labels (column emotion)"."""
    return f"gold labels (column {column})" if column else "gold labels"


SPLIT_NAMES = {"train": "training", "valid": "validation", "test": "test"}


@dataclass(frozen=True, slots=True)
class Named:
    """An evaluation, its name in plain words, its part of the split, and whether its labels are gold."""

    name: str
    part: str
    gold: bool
    evaluation: Evaluation


def named_evaluations(result: TrainingResult) -> list[Named]:
    """Every evaluation of a run, the most telling first: gold, test, validation, others."""
    named = []
    if result.gold is not None:
        named.append(Named(f"Test, {gold_kind(result.gold_column)}", "test", True, result.gold))
    order = sorted(result.evaluations, key=lambda part: {"test": 0, "valid": 1}.get(part, 2))
    kind = label_kind(result.labels)
    for part in order:
        name = f"{SPLIT_NAMES.get(part, part).capitalize()}, {kind}"
        named.append(Named(name, part, False, result.evaluations[part]))
    return named


def main_evaluation(result: TrainingResult) -> Named | None:
    """The evaluation that a headline is about: gold, else test, else any; `None` without any."""
    return next(iter(named_evaluations(result)), None)


def balance(counts: Mapping[str, int]) -> str:
    """How the two classes divide: "3,120 positive and 1,904 negative (62 % positive)"."""
    positive, negative = counts.get("positive", 0), counts.get("negative", 0)
    share = percent(positive / (positive + negative)) if positive + negative else UNDEFINED
    return f"{count(positive)} positive and {count(negative)} negative ({share} positive)"


def refinement(found: RefinementResult) -> str:
    """What came of refining labels by the voice, in one sentence."""
    if found.before is None:
        return "labels left as the words gave them: too few speakers to refine them by the voice"
    before, after = number(found.before), number(found.after)
    if not found.rounds:
        return (
            f"labels left as the words gave them: refined by the voice, they would not be heard better in held-out speakers "
            f"(words' labels ranked at AUC {before})"
        )
    return (
        f"labels refined by the voice ({plural(found.rounds, 'round')}): {count(found.flipped)} of "
        f"{count(found.utterances)} changed sides, {count(found.added)} were added; words' labels of held-out speakers "
        f"ranked at AUC {after}, {before} without"
    )
