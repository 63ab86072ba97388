"""What `tonewise compare` shows on a terminal: who is ahead, what random splitting flatters, what it costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from tonewise.cli.console import note, say, table
from tonewise.errors import printable
from tonewise.records import ComparisonResult, Evaluation

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from tonewise.report.comparison_facts import Judge, System

WIDE = 105  # cells: from here on tables that have five columns show whole titles, below it keys

Cells = Callable[["System"], Sequence[str]]


def show_comparison(result: ComparisonResult, screen: Console) -> None:
    """Show a comparison in lines of 80 cells or more."""
    from tonewise.report import comparison_facts as facts
    from tonewise.report import comparison_summary

    _show_corpus(result, screen)
    judges = facts.judges(result)
    _show_test(result, judges[0], screen)
    for split in facts.split_names(result):
        _show_split(result, judges[-1], split, screen)
    note(screen, facts.TIME_NOTE)
    _show_not_run(result, screen)
    screen.print()
    screen.print(printable(" ".join(comparison_summary(result))), markup=False)
    _show_limits(result, screen)


def _show_corpus(result: ComparisonResult, screen: Console) -> None:
    from tonewise.report.wording import balance, duration, percent, plural

    utterances, recordings = plural(result.utterances, "utterance"), plural(result.recordings, "recording")
    speakers = "speakers unknown" if result.speakers is None else plural(result.speakers, "speaker")
    labels = result.labels
    say(screen, f"{result.corpus}: {utterances} of {recordings}, {speakers} ({result.layout})")
    say(screen, f"{percent(labels.coverage)} labelled by {labels.labeller}: {balance(labels.counts)}")
    say(screen, f"{duration(result.audio_seconds)} of sound, compared in {duration(result.seconds)}")


def _show_test(result: ComparisonResult, judge: Judge, screen: Console) -> None:
    """The table that matters: the test part under every split, side by side."""
    from tonewise.report import comparison_facts as facts

    splits = facts.split_names(result)
    both = facts.RANDOM in splits and facts.SPEAKER in splits

    def cells(system: System) -> list[str]:
        found = [_auc(judge, system, split) for split in splits]
        change = facts.change(judge, system)
        return [*found, *([change.signed if change else "–"] if both else [])]

    columns = [*(facts.split_title(result, split) for split in splits), *(["difference"] if both else [])]
    drawn = _systems(f"ROC AUC (95 %) by {judge.name}, test part", columns, result, cells, titles=True)
    for name, row in _baselines(result, judge, splits):
        drawn.add_row(name, *row, *(["–"] if both else []))
    screen.print()
    screen.print(drawn)
    if both:
        note(screen, facts.difference_note(result), facts.SAME_VOICES_NOTE)


def _auc(judge: Judge, system: System, split: str) -> str:
    row = system.rows.get(split)
    if row is None:
        return "–"
    return "not run" if row.problem else _short(judge.of(row))


def _short(found: Evaluation | None) -> str:
    from tonewise.report.wording import auc_short

    return auc_short(None if found is None else found.auc)


def _baselines(result: ComparisonResult, judge: Judge, splits: Sequence[str]) -> list[tuple[str, list[str]]]:
    """What needs no sound; the words are none for labels that were made from them."""
    from tonewise.report import comparison_facts as facts
    from tonewise.report.wording import CHANCE, auc_short, number, percent

    found = [facts.baseline(result, judge, split) for split in splits]
    words = ["–" if each is None or each.words_auc is None else auc_short(each.words_auc) for each in found]
    majority = [
        "–" if each is None or each.majority is None else f"{number(CHANCE)} (acc. {percent(each.majority)})"
        for each in found
    ]
    return [("words alone", words)] * (set(words) != {"–"}) + [("one answer to all", majority)]


def _show_split(result: ComparisonResult, weak: Judge, split: str, screen: Console) -> None:
    """The labels of the comparison on both parts of a split, and what a row costs."""
    from tonewise.report import comparison_facts as facts

    def cells(system: System) -> list[str]:
        row = system.rows.get(split)
        if row is None or row.problem:
            return ["–" if row is None else "not run", "", "", ""]
        valid, test = row.evaluations.get("valid"), row.evaluations.get("test")
        return [_short(valid), _short(test), _time(row.seconds_features), _time(row.seconds_fit)]

    title = f"ROC AUC (95 %) by {weak.name}, split {facts.split_title(result, split)}"
    columns = ["validation", "test", "features", "fit"]
    screen.print()
    screen.print(_systems(title, columns, result, cells, titles=screen.width >= WIDE))


def _time(seconds: float | None) -> str:
    from tonewise.report.wording import duration

    return "–" if seconds is None else duration(seconds)


def _systems(title: str, columns: Sequence[str], result: ComparisonResult, cells: Cells, *, titles: bool) -> Table:
    """A table with a row a system, the founding article's first; figures stay whole and titles are folded."""
    from rich.padding import Padding
    from rich.text import Text

    from tonewise.report import comparison_facts as facts

    drawn = table(title, ["", *columns], [])
    for column in drawn.columns[1:]:
        column.no_wrap = True
    for heading, members in facts.grouped(result):
        drawn.add_row(Text(heading, style="bold"))
        for system in members:
            name = Text(printable(system.title if titles else system.key))
            drawn.add_row(Padding(name, (0, 0, 0, 1)), *map(Text, cells(system)))
    return drawn


def _show_not_run(result: ComparisonResult, screen: Console) -> None:
    from tonewise.report import comparison_facts as facts

    for system in facts.systems(result):
        for problem in system.problems:
            say(screen, f"not run: {system.title}: {problem}")


def _show_limits(result: ComparisonResult, screen: Console) -> None:
    from tonewise.report import wording

    if wording.from_words(result.labels):
        note(screen, wording.WEAK_CAVEAT)
    if result.data_note:
        note(screen, f"Data: {result.data_note}")
