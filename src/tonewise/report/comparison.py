"""One self-contained HTML page about a comparison: the founding article's systems and ours, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tonewise.records import ComparisonResult, ComparisonRow, Evaluation
from tonewise.report import comparison_facts as facts
from tonewise.report import sections, wording
from tonewise.report.comparison_facts import Judge, System
from tonewise.report.comparison_sentences import summary
from tonewise.report.inputs import Spectrogram
from tonewise.report.page import environment, label_context
from tonewise.report.plots import Correlation, RocLine
from tonewise.report.sections import Bar, Cell

_NOT_RUN = Cell("not run")
_BLANK = Cell("–")


def comparison_report(
    result: ComparisonResult,
    *,
    spectrograms: Sequence[Spectrogram] = (),
    correlation: Correlation | None = None,
) -> str:
    """An HTML page that sets systems side by side, under every split, and says what that does not show.

    Like the page of a training run it needs nothing from elsewhere, equal arguments give equal bytes, and everything
    that comes from the corpus is escaped.

    Args:
        result: of `tonewise.pipeline.compare`.
        spectrograms: a few utterances as the article's systems hear them.
        correlation: of the article's features.
    """
    page = environment().get_template("comparison.html.j2")
    judges = facts.judges(result)
    return page.render(
        result=result,
        title="Comparison",
        problems=result.problems,
        compared=facts,
        summary=summary(result),
        contest=facts.contest(result),
        splits=[(name, facts.split_title(result, name)) for name in facts.split_names(result)],
        split_tables=[
            (facts.split_title(result, name), sections.split_table(result.splits[name]))
            for name in facts.split_names(result)
            if name in result.splits
        ],
        judges=[(judge, _table(result, judge), _bars(result, judge)) for judge in judges],
        costs=_costs(result),
        not_run=[(system.title, system.problems) for system in facts.systems(result) if system.problems],
        **_pictures(result, judges[0], spectrograms, correlation),
        **label_context(result.labels),
    )


@dataclass(frozen=True, slots=True)
class Table:
    """A table of systems: `groups` are (heading, [(title, what it is, cells)]), `baselines` rows that are no systems."""

    columns: tuple[str, ...]
    groups: list[tuple[str, list[tuple[str, str, list[Cell]]]]]
    baselines: list[tuple[str, str, list[Cell]]]


def _table(result: ComparisonResult, judge: Judge) -> Table:
    """A row a system, a column a split (and, of other labels than gold, a part), and what random splitting changes."""
    splits = facts.split_names(result)
    both = facts.RANDOM in splits and facts.SPEAKER in splits
    columns = [wording.capital(facts.split_title(result, split)) for split in splits]
    if not judge.gold:
        columns = [f"{column}, {part}" for column in columns for part in ("validation", "test")]
    return Table(
        columns=(*columns, *(["What random splitting changes"] if both else [])),
        groups=[
            (name, [(system.title, system.about, _cells(judge, system, splits, both)) for system in members])
            for name, members in facts.grouped(result)
        ],
        baselines=_baselines(result, judge, splits, both),
    )


def _cells(judge: Judge, system: System, splits: Sequence[str], both: bool) -> list[Cell]:
    cells = []
    for split in splits:
        row = system.rows.get(split)
        found = [judge.of(row)]
        if not judge.gold:
            found.insert(0, None if row is None else row.evaluations.get("valid"))
        cells += [_cell(row, each) for each in found]
    return [*cells, _change(judge, system)] if both else cells


def _cell(row: ComparisonRow | None, found: Evaluation | None) -> Cell:
    if row is None:
        return _BLANK
    if row.problem:
        return _NOT_RUN
    if found is None or found.auc.roc_auc is None:
        return Cell(wording.UNDEFINED, wording.undefined_reason(None if found is None else found.auc))
    accuracy = "" if found.accuracy is None else f"accuracy\N{NO-BREAK SPACE}{wording.percent(found.accuracy)}"
    bounds = wording.interval_range(found.auc)
    interval = f"95 % {bounds}" if bounds != wording.UNDEFINED else f"interval {bounds}"
    return Cell(wording.number(found.auc.roc_auc), ", ".join(filter(None, (interval, accuracy))))


def _change(judge: Judge, system: System) -> Cell:
    change = facts.change(judge, system)
    if change is None:
        return _BLANK
    return Cell(change.words, "intervals overlap" if change.overlap else "intervals apart")


def _baselines(
    result: ComparisonResult, judge: Judge, splits: Sequence[str], both: bool
) -> list[tuple[str, str, list[Cell]]]:
    """What needs no sound: the words, and one answer to all."""
    rest = [_BLANK] * both
    words, majority = [], []
    for split in splits:
        parts = ("test",) if judge.gold else ("valid", "test")
        for part in parts:
            found = facts.baseline(result, judge, split, part)
            words.append(_words(result, judge, found))
            majority.append(_majority(found))
    return [
        ("Words alone", "the text, without any sound", [*words, *rest]),
        ("One answer to all", "the larger class", [*majority, *rest]),
    ]


def _words(result: ComparisonResult, judge: Judge, found: Evaluation | None) -> Cell:
    if found is not None and found.words_auc is not None:
        bounds = wording.interval_range(found.words_auc)
        return Cell(wording.number(found.words_auc.roc_auc), "" if bounds == wording.UNDEFINED else f"95 % {bounds}")
    circular = not judge.gold and wording.from_words(result.labels)
    return Cell("–", "the labels were made from the words" if circular else "no text to read")


def _majority(found: Evaluation | None) -> Cell:
    if found is None or found.majority is None:
        return _BLANK
    return Cell(wording.number(wording.CHANCE), f"accuracy {wording.percent(found.majority)}")


def _bars(result: ComparisonResult, judge: Judge) -> list[Bar]:
    """Every system's interval under the split that nobody is flattered by."""
    first = facts.split_names(result)[:1]
    rows = [system.rows.get(split) for split in first for system in facts.systems(result)]
    kind: Literal["gold", "weak"] = "gold" if judge.gold else "weak"
    return [
        sections.bar(row.title, kind, found.auc)
        for row in rows
        if row is not None and (found := judge.of(row)) is not None
    ]


def _costs(result: ComparisonResult) -> Table:
    splits = facts.split_names(result)
    return Table(
        columns=("Dimensions", "Features", *(f"Fit, {facts.split_title(result, split)}" for split in splits)),
        groups=[
            (name, [(system.title, system.about, _cost(system, splits)) for system in members])
            for name, members in facts.grouped(result)
        ],
        baselines=[],
    )


def _cost(system: System, splits: Sequence[str]) -> list[Cell]:
    rows = list(system.rows.values())
    dimensions = next((row.dimensions for row in rows if row.dimensions is not None), None)
    return [
        _BLANK if dimensions is None else Cell(wording.count(dimensions)),
        _time(next((row.seconds_features for row in rows if row.seconds_features is not None), None)),
        *(_time(system.rows[split].seconds_fit if split in system.rows else None) for split in splits),
    ]


def _time(seconds: float | None) -> Cell:
    return _BLANK if seconds is None else Cell(wording.duration(seconds))


def _pictures(
    result: ComparisonResult, judge: Judge, spectrograms: Sequence[Spectrogram], correlation: Correlation | None
) -> dict[str, Any]:
    from markupsafe import Markup

    from tonewise.report import figures, plots

    curves = [
        (split, plots.roc_lines(_roc_lines(result, judge, split), **name)) for split, name in _named(result, judge)
    ]
    return {
        "curves": [(facts.split_title(result, split), Markup(drawn) if drawn else None) for split, drawn in curves],
        "spectrograms": figures.spectrograms(spectrograms),
        "correlation": correlation,
        "correlation_plot": Markup(plots.mel_correlation(correlation)) if correlation else None,
    }


def _named(result: ComparisonResult, judge: Judge) -> list[tuple[str, dict[str, str]]]:
    return [
        (
            split,
            {"key": f"roc{index}", "title": f"ROC curves by {judge.name}, split {facts.split_title(result, split)}"},
        )
        for index, split in enumerate(facts.split_names(result))
    ]


def _roc_lines(result: ComparisonResult, judge: Judge, split: str) -> list[RocLine]:
    rows = [system.rows.get(split) for system in facts.systems(result)]
    return [
        RocLine(row.title, found, row.founding)
        for row in rows
        if row is not None and (found := judge.of(row)) is not None
    ]
