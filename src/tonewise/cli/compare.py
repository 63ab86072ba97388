"""`tonewise compare`: the founding article's systems and ours, on the user's corpus."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from tonewise.cli import options
from tonewise.cli.compare_screen import show_comparison
from tonewise.cli.console import console, print_json, progress_bars, say, tell_problems
from tonewise.records import ComparisonResult

PAGE = ".html"


@click.command(short_help="The founding article's systems and ours, side by side.")
@options.corpora
@click.option("--gold", metavar="COLUMN", help="Also judge by this column (never trained on).")
@options.founding_labeller
@click.option(
    "--systems", metavar="KEY[,KEY]", default="", help="Only these rows, by key, such as mel-forest  [default: all]."
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Write the comparison (.html, .json, .csv or .parquet)."
)
@click.option("--report", type=click.Path(path_type=Path), help="Write an HTML report.")
@click.option("--note", default="", help="One sentence on what the corpus is, kept with the figures.")
@options.seed
@options.jobs
@options.cache
@options.reading
@options.as_json
def compare(
    corpora: tuple[Path, ...],
    gold: str | None,
    labeller: str,
    systems: str,
    output: Path | None,
    report: Path | None,
    note: str,
    seed: int,
    jobs: int,
    cache: Path | bool,
    as_json: bool,
    **reading: Any,
) -> None:
    """Train and judge every system on CORPUS, under the article's random split and with speakers kept apart.

    The founding article's rows (random forest, nearest neighbours and a network on time-averaged Mels; VGG16) stand beside
    ours. Features and finished rows are kept in the cache: the same command goes on where it was interrupted.
    """
    from tonewise import pipeline
    from tonewise.tables import check_format

    if output is not None:
        check_format(output, (PAGE, ".json"))
    asked: dict[str, Any] = {"labels": labeller, "seed": seed, "jobs": jobs, "cache": cache, **reading}
    keys = tuple(key.strip() for key in systems.split(",") if key.strip())
    with progress_bars() as progress:
        result = pipeline.compare(list(corpora), gold=gold, systems=keys or None, note=note, progress=progress, **asked)
        written = _write(result, corpora, (output, report), {**asked, "progress": progress})
    if as_json:
        print_json(_json(result) | {"written": [str(path) for path in written]})
    else:
        screen = console()
        show_comparison(result, screen)
        for path in written:
            say(screen, f"written to {path}")
    tell_problems(result.problems)


def _write(
    result: ComparisonResult, corpora: Sequence[Path], files: tuple[Path | None, Path | None], asked: dict[str, Any]
) -> list[Path]:
    """Write the file of any kind and the page; a page is made once, however often it is wanted."""
    output, report = files
    pages = [path for path in (output, report) if path is not None and (path is report or path.suffix.lower() == PAGE)]
    if output is not None and output not in pages:
        _write_figures(result, output)
    if pages:
        from tonewise.tables import write_text

        page = _page(result, corpora, asked)
        for path in pages:
            write_text(page, path)
    return list(dict.fromkeys(path for path in files if path is not None))


def _write_figures(result: ComparisonResult, output: Path) -> None:
    from tonewise.pipeline.comparison_results import comparison_table
    from tonewise.tables import write_json, write_table

    if output.suffix.lower() == ".json":
        write_json(_json(result), output)
    else:
        write_table(comparison_table(result), output)


def _json(result: ComparisonResult) -> dict[str, Any]:
    from tonewise.pipeline.comparison_results import comparison_json

    return comparison_json(result)


def _page(result: ComparisonResult, corpora: Sequence[Path], asked: dict[str, Any]) -> str:
    from tonewise.pipeline.figures import sound_pictures
    from tonewise.report import comparison_report

    pictures = sound_pictures(list(corpora), **asked)
    return comparison_report(result, spectrograms=pictures.spectrograms, correlation=pictures.correlation)
