"""`tonewise evaluate`: a model judged by gold labels."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tonewise.cli import options
from tonewise.cli.console import console, evaluation_table, print_json, progress_bars, say, tell_problems

if TYPE_CHECKING:
    from tonewise.pipeline import EvaluationResult


@click.command(short_help="Judge a model by gold labels.")
@options.model
@options.corpora
@click.option("--gold", metavar="COLUMN", required=True, help="The column of gold labels.")
@click.option(
    "--by",
    metavar="COLUMN",
    multiple=True,
    help="Also judge each value of this column by itself, and warn where one lags (repeatable).",
)
@click.option(
    "--against",
    metavar="MODEL",
    type=click.Path(path_type=Path),
    help="Compare with a second model on the same utterances.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write the judged utterances with their tone.")
@options.seed
@options.jobs
@options.cache
@options.reading
@options.as_json
def evaluate(
    model: Path,
    corpora: tuple[Path, ...],
    gold: str,
    by: tuple[str, ...],
    against: Path | None,
    output: Path | None,
    seed: int,
    jobs: int,
    cache: Path | bool,
    as_json: bool,
    **reading: Any,
) -> None:
    """Compare the tone that MODEL hears in CORPUS with a column of gold labels (positive, negative, or numbers)."""
    from tonewise import pipeline
    from tonewise.pipeline.results import evaluation_result_json
    from tonewise.tables import check_format, write_table

    if output is not None:
        check_format(output)
    with progress_bars() as progress:
        result = pipeline.evaluate(
            model,
            list(corpora),
            gold=gold,
            by=by,
            against=against,
            seed=seed,
            jobs=jobs,
            cache=cache,
            progress=progress,
            **reading,
        )
    if output is not None:
        write_table(result.scores, output)
    if as_json:
        print_json(evaluation_result_json(result))
    else:
        _show(result)
    tell_problems(result.problems)


def _show(result: EvaluationResult) -> None:
    from tonewise.cli.evaluate_screen import calibration_lines, chance_line, group_lines, rival_line
    from tonewise.report import wording

    screen = console()
    named = {"all": result.evaluation}
    for column, values in result.by.items():
        named |= {f"{column} = {value}": found for value, found in values.items()}
    screen.print(evaluation_table(f"Gold column '{result.gold_column}'", named))
    say(screen, f"{wording.verdict(result.evaluation)}.")
    for line in (*chance_line(result), *rival_line(result), *group_lines(result)):
        say(screen, line)
    if result.trained_groups:
        screen.print(
            f"{result.trained_groups} of these speakers or recordings were in the model's training split: "
            "figures are flattered.",
            style="bold",
        )
    for part in calibration_lines(result.calibration):
        screen.print(part, markup=False, soft_wrap=True)
