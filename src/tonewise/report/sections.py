"""Records turned into what the report's template shows: rows of text, no markup and no algorithm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tonewise.records import Evaluation, Interval, Problem, TrainingResult
from tonewise.report import wording
from tonewise.report.inputs import LanguageResult
from tonewise.report.wording import Named

PARTS = ("train", "valid", "test")
SUBJECTS_SHOWN = 3  # a kind of problem


@dataclass(frozen=True, slots=True)
class Cell:
    """A value of a table; `note` says why it is undefined or what it is to be compared with."""

    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: what it is, what chance would get, a cell a column."""

    name: str
    hint: str
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Bar:
    """An AUC to be drawn on an axis from 0 to 1: all in percent of its length, None where undefined."""

    name: str
    kind: Literal["gold", "weak", "words"]
    point: float | None
    low: float | None
    high: float | None
    phrase: str
    short: str
    note: str


def bar(name: str, kind: Literal["gold", "weak", "words"], interval: Interval) -> Bar:
    """An AUC and its interval for the axis of intervals."""
    point, low, high = (
        None if value is None else round(value * 100, 2)
        for value in (interval.roc_auc, interval.ci_low, interval.ci_high)
    )
    undefined = interval.roc_auc is None
    note = wording.undefined_reason(interval) if undefined else wording.sample(interval)
    phrase, short = wording.auc_phrase(interval), wording.auc_short(interval)
    return Bar(name, kind, point, low, high, phrase, short, note)


def bars(named: Sequence[Named]) -> list[Bar]:
    """Every evaluation's interval, each followed by that of the words alone where there is one."""
    found = []
    for each in named:
        found.append(bar(each.name, "gold" if each.gold else "weak", each.evaluation.auc))
        if each.evaluation.words_auc is not None:
            found.append(bar("… from the words alone", "words", each.evaluation.words_auc))
    return found


def metric_rows(named: Sequence[Named], words_labels: bool) -> list[Row]:
    """The table of evaluations: a row a metric, a column an evaluation, undefined ones with their reason.

    `words_labels` says that the labels of those that are not gold were made from the words.
    """
    each = [column.evaluation for column in named]
    return [
        Row("ROC AUC", "chance 0.50", [_metric(e, e.auc.roc_auc) for e in each]),
        Row("95 % interval", "", [_range(e.auc) for e in each]),
        Row("PR AUC", "chance is the positive rate", [_pr_auc(e) for e in each]),
        Row("Balanced accuracy", "chance 0.50", [_metric(e, e.balanced_accuracy) for e in each]),
        Row("Accuracy", "score above 0.5", [_metric(e, e.accuracy) for e in each]),
        Row("Majority baseline", "accuracy of one answer to all", [_metric(e, e.majority) for e in each]),
        Row("Words baseline", "ROC AUC of the text alone", [_words(column, words_labels) for column in named]),
        Row("Utterances", "", [Cell(wording.count(e.auc.n)) for e in each]),
        Row("Positive", "", [Cell(wording.count(e.auc.positives)) for e in each]),
        Row("Speakers", "or recordings", [_groups(e.auc) for e in each]),
        Row("What it shows", "", [Cell(wording.capital(wording.verdict(e))) for e in each]),
    ]


def _metric(evaluation: Evaluation, value: float | None) -> Cell:
    text = wording.number(value)
    if text != wording.UNDEFINED:
        return Cell(text)
    undefined = evaluation.auc.roc_auc is None
    return Cell(text, wording.undefined_reason(evaluation.auc) if undefined else "not measured")


def _range(interval: Interval) -> Cell:
    text = wording.interval_range(interval)
    if text != wording.UNDEFINED:
        return Cell(text)
    if interval.roc_auc is None:
        return Cell(text, wording.undefined_reason(interval))
    return Cell(text, f"too little to resample: {wording.sample(interval)}")


def _pr_auc(evaluation: Evaluation) -> Cell:
    cell = _metric(evaluation, evaluation.pr_auc)
    if cell.note or evaluation.positive_rate is None:
        return cell
    return Cell(cell.text, f"positive rate {wording.number(evaluation.positive_rate)}")


def _words(column: Named, words_labels: bool) -> Cell:
    words = column.evaluation.words_auc
    if words is None:
        circular = words_labels and not column.gold
        reason = "the labels were made from the words" if circular else "no text to read"
        return Cell(wording.UNDEFINED, reason)
    if words.roc_auc is None:
        return Cell(wording.UNDEFINED, wording.undefined_reason(words))
    return Cell(wording.number(words.roc_auc), f"95 % {wording.interval_range(words)}")


def _groups(interval: Interval) -> Cell:
    if not interval.groups:
        return Cell(wording.UNDEFINED, f"{interval.grouped_by}s unknown")
    return Cell(wording.plural(interval.groups, interval.grouped_by))


@dataclass(frozen=True, slots=True)
class SplitTable:
    """A split: `parts` with a cell a column, and the `rest` of what is known about it by name."""

    columns: list[str]
    parts: list[tuple[str, list[str]]]
    rest: list[tuple[str, str]]


def split_table(split: Mapping[str, Any]) -> SplitTable:
    """A split as a table, whatever it tells about its parts.

    Sizes may be given as `{"train": n}`, `{"train": {"utterances": n}}` or `{"utterances": {"train": n}}`.
    """
    table: dict[str, dict[str, Any]] = {}
    rest: list[tuple[str, str]] = []
    for key, value in split.items():
        if key in PARTS:
            sizes = value if isinstance(value, Mapping) else {"utterances": value}
            table.setdefault(key, {}).update(sizes)
        elif isinstance(value, Mapping) and value and set(value) <= set(PARTS):
            for part, size in value.items():
                table.setdefault(part, {})[key] = size
        else:
            rest.append((wording.words_from_slug(key), plain(value)))
    columns = list(dict.fromkeys(column for sizes in table.values() for column in sizes))
    parts = [
        (wording.SPLIT_NAMES[part].capitalize(), [plain(table[part].get(column)) for column in columns])
        for part in PARTS
        if part in table
    ]
    return SplitTable([wording.words_from_slug(column) for column in columns], parts, rest)


def plain(value: Any) -> str:
    """Any value as text: counts with separators, lists joined and cut after a dozen, None as a dash."""
    if value is None or isinstance(value, bool):
        return {None: "–", True: "yes", False: "no"}[value]
    if isinstance(value, int):
        return wording.count(value)
    if isinstance(value, float):
        return f"{value:.4g}".replace("-", wording.MINUS)
    if isinstance(value, Mapping):
        return ", ".join(f"{wording.words_from_slug(str(key)).lower()} {plain(each)}" for key, each in value.items())
    if isinstance(value, list | tuple | set | frozenset):
        items = [plain(each) for each in (sorted(value) if isinstance(value, set | frozenset) else value)]
        return ", ".join(items[:12]) + (f" and {len(items) - 12} more" if len(items) > 12 else "")
    return str(value)


def problem_rows(problems: Sequence[Problem]) -> list[tuple[str, int, list[tuple[str, str]], int]]:
    """Problems by kind, most utterances first: (kind, utterances, [(subject, detail)], how many more)."""
    kinds: dict[str, list[Problem]] = {}
    for problem in problems:
        kinds.setdefault(problem.kind, []).append(problem)
    rows = []
    for kind, found in kinds.items():
        shown = [(each.subject, each.detail) for each in found[:SUBJECTS_SHOWN]]
        rows.append((wording.words_from_slug(kind), sum(each.count for each in found), shown, len(found) - len(shown)))
    return sorted(rows, key=lambda row: (-row[1], row[0]))


def stage_rows(result: TrainingResult) -> list[tuple[str, str]]:
    """How long each stage took, as (stage, duration), the total last."""
    stages = sorted(result.seconds.items(), key=lambda stage: stage[0] == "total")
    return [(wording.words_from_slug(name), wording.duration(seconds)) for name, seconds in stages]


def speed(result: TrainingResult) -> str | None:
    """How much faster than the sound lasts the run was: "310 times real time"; None where not defined."""
    total = result.seconds.get("total", 0.0)
    if total <= 0 or result.audio_seconds <= 0:
        return None
    times = result.audio_seconds / total
    told = wording.count(round(times)) if times >= 999.5 else f"{times:.3g}"  # of more, %g makes "1.57e+03"
    return f"{told} times real time"


def languages_summary(languages: Sequence[LanguageResult]) -> str | None:
    """In how many languages positive recordings score higher, and in how many that is shown; or None."""
    means = [
        (
            sum(each.positive_scores) / len(each.positive_scores),
            sum(each.negative_scores) / len(each.negative_scores),
        )
        for each in languages
        if each.positive_scores and each.negative_scores
    ]
    if not means:
        return None
    higher = sum(positive > negative for positive, negative in means)
    shown = sum(wording.conclusion(each.evaluation.auc) == "better" for each in languages)
    return (
        f"Positive recordings score higher on average in {higher} of "
        f"{wording.plural(len(means), 'language')}; "
        f"ranking better than chance is shown in {shown} of {len(languages)}."
    )
