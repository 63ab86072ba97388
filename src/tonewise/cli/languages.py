"""`tonewise languages`: does the tone carry over to other languages, and what may be concluded from so few recordings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tonewise.cli import options
from tonewise.cli.console import console, print_json, progress_bars, say, table, tell_problems
from tonewise.errors import printable

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from tonewise.pipeline.languages_results import LanguagesResult

LISTED = 24  # utterances that are listed one by one
OTHER_FORMATS = (".html", ".json")


@click.command(short_help="Other languages: exact tests for few recordings.")
@options.model
@options.corpora
@click.option("--gold", metavar="COLUMN", help="The column of gold labels  [default: polarity].")
@click.option("--by", metavar="COLUMN", default="language", show_default=True, help="Tell the values of it apart.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Write a .html page, .json, or the tones as .csv, .parquet."
)
@options.seed
@options.jobs
@options.cache
@options.reading
@options.as_json
def languages(
    model: Path,
    corpora: tuple[Path, ...],
    gold: str | None,
    by: str,
    output: Path | None,
    seed: int,
    jobs: int,
    cache: Path | bool,
    as_json: bool,
    **reading: Any,
) -> None:
    """Rank positive over negative in each language of CORPUS by the tone that MODEL hears.

    Works on eight recordings, one positive and one negative in each of four languages, and on thousands: exact tests and
    intervals for small samples, all languages together, and a plain sentence on what can be concluded.
    """
    from tonewise.pipeline.languages import rank_languages
    from tonewise.pipeline.languages_results import languages_json
    from tonewise.tables import check_format

    if output is not None:
        check_format(output, OTHER_FORMATS)
    with progress_bars() as progress:
        result = rank_languages(
            model,
            list(corpora),
            gold=gold,
            by=by,
            seed=seed,
            jobs=jobs,
            cache=cache,
            progress=progress,
            **reading,
        )
    if output is not None:
        _write(result, output)
    if as_json:
        print_json(languages_json(result))
    else:
        show_languages(result, console())
        if output is not None:
            click.echo(f"written to {output}")
    tell_problems(result.problems)


def _write(result: LanguagesResult, output: Path) -> None:
    from tonewise.pipeline.languages_results import languages_json, languages_page
    from tonewise.tables import write_json, write_table, write_text

    kind = output.suffix.lower()
    if kind == ".html":
        write_text(languages_page(result), output)
    elif kind == ".json":
        write_json(languages_json(result), output)
    else:
        write_table(result.scores, output)


def show_languages(result: LanguagesResult, screen: Console) -> None:
    """Show what was found in lines of 80 cells or more."""
    say(screen, f"{result.corpus}, gold column '{result.gold_column}'")
    screen.print()
    screen.print(_findings(result))
    if len(result.scores) <= LISTED:
        screen.print()
        screen.print(_scores(result))
    screen.print()
    for found in result.findings:
        screen.print(printable(f"{found.name}: {result.conclusion_of(found)}"), markup=False)
    screen.print(printable(f"together: {result.conclusion}"), markup=False, style="bold")
    if result.trained_groups:
        screen.print(
            f"{result.trained_groups} of these {result.overall.voices.grouped_by}s were in the model's training split: "
            "figures are flattered.",
            style="bold",
        )


def _findings(result: LanguagesResult) -> Table:
    from tonewise.report.language_facts import p_value
    from tonewise.report.wording import auc_short, interval_range

    rows = [
        [
            found.name,
            f"{found.positives}/{found.negatives}",
            auc_short(found.interval),
            "–" if found.interval.roc_auc is None else interval_range(found.voices),
            p_value(found.p_greater),
            p_value(found.p_two_sided),
            p_value(found.p_holm),
        ]
        for found in (*result.findings, result.overall)
    ]
    columns = [result.by, "+/−", "AUC (95 %)", "other\nvoices", "p,\n1-sided", "\n2-sided", "\nHolm"]
    drawn = table("How often positive outranks negative", [printable(columns[0]), *columns[1:]], rows)
    for column in drawn.columns[1:]:
        column.no_wrap = True
    return drawn


def _scores(result: LanguagesResult) -> Table:
    from tonewise.report.wording import number

    gold = f"gold_{result.gold_column}"
    shown = {scale: name for scale, name in _SCALES.items() if result.scores[scale].notna().any()}
    rows = [
        [
            str(row[result.by]),
            row[gold],
            *("–" if row[scale] != row[scale] else number(row[scale]) for scale in shown),
            Path(row["audio"]).name,
        ]
        for row in result.scores.to_dict("records")
    ]
    columns = [printable(result.by), "gold", *shown.values(), "recording"]
    drawn = table("Tone, and the same min–max scaled", columns, rows)
    drawn.columns[1].justify = drawn.columns[-1].justify = "left"
    return drawn


_SCALES = {"tone": "tone", "tone_minmax": "over all", "tone_minmax_within": "within", "tone_percentile": "percentile"}
