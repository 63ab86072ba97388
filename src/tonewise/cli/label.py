"""`tonewise label`: weak labels of a corpus or of a table of texts, and what they are worth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tonewise.cli import options
from tonewise.cli.console import console, print_json, progress_bars, say, tell_problems
from tonewise.cli.label_screen import show_labels

if TYPE_CHECKING:
    from tonewise.pipeline import LabelledCorpus


@click.command(short_help="Weak labels from words, and what they are worth.")
@options.corpora
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write the labelled table (.parquet or .csv).")
@click.option("--report", type=click.Path(path_type=Path), help="Write an HTML report.")
@click.option("--gold", metavar="COLUMN", help="Judge the labels by this column: what people say of the text.")
@options.labeller
@options.threshold
@options.context
@options.labeller_files
@options.seed
@options.engine
@options.workers
@options.cache
@options.raw
@options.transcript_format
@options.as_json
def label(
    corpora: tuple[Path, ...],
    output: Path | None,
    report: Path | None,
    labeller: str,
    cache: Path | bool,
    engine_name: str,
    jobs: int | None,
    address: str | None,
    as_json: bool,
    raw: str | None,  # words need no sound: taken so that one set of options serves every command
    **asked: Any,
) -> None:
    """Label the sentences of CORPUS by their words and say what the labels are worth.

    CORPUS is a manifest (CSV or Parquet), a folder of recordings with transcripts beside them, a known corpus layout, or
    a table with a `text` column and no audio. The output keeps the input's rows and order and adds `label` (empty =
    abstained), `score` (-1 to 1), `confidence` (0 to 1), `abstention` (why), `text_language`, and each labeller's vote.
    """
    from tonewise import pipeline
    from tonewise.pipeline.results import labels_json, problems_json
    from tonewise.tables import check_format, write_table

    if output is not None:
        check_format(output)
    with options.chosen_engine(engine_name, jobs, address) as engine, progress_bars() as progress:
        asked |= {"labeller": labeller, "cache": cache, "engine": engine, "progress": progress}
        labelled = pipeline.label(list(corpora), **asked)
    if output is not None:
        write_table(labelled.table, output)
    if report is not None:
        _write_report(labelled, report)
    if as_json:
        print_json(
            {
                **labels_json(labelled.summary),
                "layout": labelled.corpus.layout,
                "recordings": _recordings(labelled),
                "output": None if output is None else str(output),
                "report": None if report is None else str(report),
                "problems": problems_json(labelled.problems),
            }
        )
    else:
        screen = console()
        show_labels(labelled, screen)
        for path in filter(None, (output, report)):
            say(screen, f"written to {path}")
    tell_problems(labelled.problems)


def _recordings(labelled: LabelledCorpus) -> int:
    return int(labelled.corpus.utterances["recording"].nunique())


def _write_report(labelled: LabelledCorpus, path: Path) -> None:
    from tonewise.report import labels_report
    from tonewise.tables import write_text

    corpus = labelled.corpus
    page = labels_report(
        labelled.summary,
        source=corpus.source,
        layout=corpus.layout,
        problems=labelled.problems,
        recordings=_recordings(labelled),
    )
    write_text(page, path)
