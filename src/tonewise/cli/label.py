"""`tonewise label`: weak labels of a corpus or of a table of texts, and what they are worth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tonewise.cli import options
from tonewise.cli.console import console, print_json, table, tell_problems
from tonewise.records import LabelSummary

if TYPE_CHECKING:
    from tonewise.pipeline import LabelledCorpus


@click.command(short_help="Weak labels from words, and what they are worth.")
@options.corpora
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write the labelled table (.parquet or .csv).")
@options.labeller
@options.threshold
@options.seed
@options.as_json
def label(
    corpora: tuple[Path, ...], output: Path | None, labeller: str, threshold: float, seed: int, as_json: bool
) -> None:
    """Label the sentences of CORPUS by their words and say what the labels are worth.

    CORPUS is a manifest (CSV or Parquet), a folder of recordings with transcripts beside them, a known corpus layout, or
    a table with a `text` column and no audio. The output keeps the input's rows and order and adds `label` (empty =
    abstained), `score` (-1 to 1), `confidence` (0 to 1), `abstention` (why) and a score for each lexicon.
    """
    from tonewise import pipeline
    from tonewise.pipeline.results import labels_json, problems_json
    from tonewise.tables import check_format, write_table

    if output is not None:
        check_format(output)
    labelled = pipeline.label(list(corpora), labeller=labeller, threshold=threshold, seed=seed)
    if output is not None:
        write_table(labelled.table, output)
    if as_json:
        print_json(
            {
                **labels_json(labelled.summary),
                "layout": labelled.corpus.layout,
                "recordings": int(labelled.corpus.utterances["recording"].nunique()),
                "output": None if output is None else str(output),
                "problems": problems_json(labelled.problems),
            }
        )
    else:
        _show(labelled, output)
    tell_problems(labelled.problems)


def _show(labelled: LabelledCorpus, output: Path | None) -> None:
    from tonewise.report.wording import balance, plural

    summary, screen = labelled.summary, console()
    utterances = labelled.corpus.utterances
    recordings = utterances["recording"].nunique()
    screen.print(
        f"{labelled.corpus.source}: {plural(summary.utterances, 'utterance')} of {plural(recordings, 'recording')} "
        f"({labelled.corpus.layout})",
        soft_wrap=True,
    )
    screen.print(
        f"{summary.coverage:.0%} labelled by {summary.labeller}: {balance(summary.counts)}; "
        f"{summary.counts['abstained']} left out"
    )
    screen.print(table("Left out because", ["reason", "utterances"], _reasons(summary)))
    screen.print(
        table(
            "Do the lexicons agree?",
            ["pair", "both say something", "same sign", "share"],
            _agreement(summary),
        )
    )
    for kind, examples in summary.examples.items():
        if examples:
            parts = [key for key in examples[0] if key not in ("text", "score")]
            rows = [[_short(e["text"]), f"{e['score']:+.2f}", *(f"{e[part]:+.2f}" for part in parts)] for e in examples]
            screen.print(table(f"{kind.capitalize()}, for example", ["text", "score", *parts], rows))
    if output is not None:
        screen.print(f"written to {output}")


def _reasons(summary: LabelSummary) -> list[list[str]]:
    return [[reason.replace("_", " "), str(count)] for reason, count in summary.abstentions.items()]


def _agreement(summary: LabelSummary) -> list[list[str]]:
    return [
        [pair.replace("~", " and "), str(found["both"]), str(found["agree"]), _share(found["rate"])]
        for pair, found in summary.agreement.items()
    ]


def _share(rate: float | None) -> str:
    return "not defined" if rate is None else f"{rate:.0%}"


def _short(text: str, limit: int = 70) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
