"""How commands talk: results on stdout, progress and problems on stderr."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from tonewise.errors import InputError, printable
from tonewise.records import Evaluation, Problem, Progress
from tonewise.tables import json_text

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

PROBLEM_LINES = 8  # more are counted, not listed


def print_json(value: Any) -> None:
    """One JSON value on stdout; see `tables.json_text`."""
    click.echo(json_text(value))


def console() -> Console:
    """A console on stdout; wide enough to be read when the output is kept in a file."""
    from rich.console import Console

    found = Console(highlight=False)
    if not found.is_terminal:
        found.width = 110
    return found


def say(screen: Console, line: str, style: str | None = None) -> None:
    """A line as it is: brackets in a path are no markup, and a path or a command is not broken."""
    screen.print(printable(line), style=style, markup=False, soft_wrap=True)


def note(screen: Console, *sentences: str) -> None:
    """A paragraph that stands back behind the figures."""
    screen.print(printable(" ".join(sentences)), style="dim", markup=False)


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """A plain table; the first column is text, the others are figures. Nothing in it is markup, or obeyed by a terminal."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    named = Text(printable(title)) if title else None
    drawn = Table(title=named, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, show_edge=False)
    for position, column in enumerate(columns):
        drawn.add_column(Text(column), justify="left" if position == 0 else "right", overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(printable(cell)) for cell in row))
    return drawn


def evaluation_table(title: str, named: Mapping[str, Evaluation]) -> Table:
    """Evaluations by name, a row each: our figures, then the baselines."""
    columns = ["judged on", "ROC AUC (95 %)", "PR AUC (chance)", "balanced acc.", "majority acc.", "words alone", "n"]
    return table(title, columns, [_evaluation_row(name, found) for name, found in named.items()])


def _evaluation_row(name: str, found: Evaluation) -> list[str]:
    """One evaluation as cells of a table: ours, then the baselines."""
    from tonewise.report.wording import auc_short, number

    chance = "" if found.pr_auc is None else f" ({number(found.positive_rate)})"
    return [
        name,
        auc_short(found.auc),
        f"{number(found.pr_auc)}{chance}",
        number(found.balanced_accuracy),
        number(found.majority),
        "–" if found.words_auc is None else auc_short(found.words_auc),
        str(found.auc.n),
    ]


@contextmanager
def progress_bars() -> Iterator[Progress]:
    """Bars on stderr, one a stage, drawn only where somebody watches."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    stderr = Console(stderr=True)
    bars = Progress(
        TextColumn("{task.description:<28}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=stderr,
        disable=not stderr.is_terminal,
    )
    tasks: dict[str, Any] = {}
    with bars:

        def report(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield report


def nothing_done(failed: Sequence[Problem], done: str) -> InputError:
    """The error of a run that came to nothing.

    Args:
        failed: a problem of each recording; not empty.
        done: what was to be done, such as "scored".
    """
    first = failed[0].detail
    several = f"none of {len(failed)} recordings could be {done}; the first: {first}"
    return InputError(first if len(failed) == 1 else several)


def tell_problems(problems: Sequence[Problem]) -> None:
    """What was left out or clamped: a line each on stderr, the most frequent first."""
    if not problems:
        return
    ranked = sorted(problems, key=lambda problem: -problem.count)
    for problem in ranked[:PROBLEM_LINES]:
        count = f" ({problem.count} utterances)" if problem.count > 1 else ""
        line = f"{problem.kind}: {problem.subject}: {problem.detail}{count}"
        click.echo("  " + " ".join(printable(line).split()), err=True)
    if len(ranked) > PROBLEM_LINES:
        rest = ranked[PROBLEM_LINES:]
        more = sum(problem.count for problem in rest)
        click.echo(f"  … and {len(rest)} more problems ({more} utterances); --json lists them all", err=True)
