"""`tonewise figures`: the founding article's pictures of any corpus, as SVG files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tonewise.cli import options
from tonewise.cli.console import print_json, progress_bars, tell_problems

if TYPE_CHECKING:
    from tonewise.pipeline.figures import FiguresResult


@click.command(short_help="The founding article's pictures, as SVG.")
@options.corpora
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=Path("tonewise-figures"),
    show_default=True,
    help="Folder for the pictures; older ones are replaced.",
)
@click.option(
    "--model", type=click.Path(path_type=Path), help="Also draw how well this model ranks CORPUS (with --gold)."
)
@click.option("--gold", metavar="COLUMN", help="The column of gold labels that the model is judged by.")
@options.founding_labeller
@options.seed
@options.jobs
@options.cache
@options.reading
@options.as_json
def figures(
    corpora: tuple[Path, ...],
    output: Path,
    model: Path | None,
    gold: str | None,
    labeller: str,
    seed: int,
    jobs: int,
    cache: Path | bool,
    as_json: bool,
    **reading: Any,
) -> None:
    """Draw CORPUS as the founding article drew its own.

    Mel spectrograms of a positive and a negative utterance drawn at random (spectrogram-1.svg, spectrogram-2.svg), and how
    time-averaged Mel features correlate (mel-correlation.svg). With --model and --gold also the model's ROC curve
    (roc.svg) and each language's positive and negative recordings on one axis (languages.svg).
    """
    from tonewise.pipeline.figures import write_figures

    with progress_bars() as progress:
        result = write_figures(
            list(corpora),
            output,
            model=model,
            gold=gold,
            labels=labeller,
            seed=seed,
            jobs=jobs,
            cache=cache,
            progress=progress,
            **reading,
        )
    if as_json:
        _print_json(result)
    else:
        for file in result.files:
            click.echo(f"{file.path}: {file.shows}")
    tell_problems(result.problems)


def _print_json(result: FiguresResult) -> None:
    from tonewise.pipeline.results import problems_json

    print_json(
        {
            "folder": str(result.folder),
            "files": [{"file": str(file.path), "shows": file.shows} for file in result.files],
            "trained_groups": result.trained_groups,
            "problems": problems_json(result.problems),
        }
    )
