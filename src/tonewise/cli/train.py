"""`tonewise train`: a model of how speech sounds, learned from what it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tonewise import engines, models, splits
from tonewise.cli import options
from tonewise.cli.console import console, evaluation_table, note, print_json, progress_bars, say, tell_problems
from tonewise.records import TrainingResult


@click.command(short_help="Learn how speech sounds from what it says.")
@options.corpora
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=Path("tonewise-model"),
    show_default=True,
    help="The model.",
)
@options.labeller
@options.threshold
@options.context
@options.labeller_files
@click.option(
    "--refine/--no-refine",
    default=False,
    show_default=True,
    help="Let the voice correct the words' labels, where held-out speakers show that it helps.",
)
@options.features_option
@options.baseline
@options.transcribe_first
@click.option("--classifier", type=click.Choice(models.names()), default="logistic", show_default=True)
@click.option("--split", type=click.Choice(splits.names()), default="speaker", show_default=True)
@click.option(
    "--audit/--no-audit",
    default=True,
    show_default=True,
    help="Hold voices and words out in turn, and say whether tone is heard or words are read.",
)
@click.option("--gold", metavar="COLUMN", help="Also judge by this column (never trained on).")
@click.option("--report", type=click.Path(path_type=Path), help="Write an HTML report.")
@click.option("--note", default="", help="One sentence on what the corpus is, kept with the figures.")
@options.seed
@options.jobs
@options.engine
@options.cache
@options.reading
@options.as_json
def train(
    corpora: tuple[Path, ...],
    output: Path,
    labeller: str,
    cache: Path | bool,
    as_json: bool,
    report: Path | None,
    transcribe_first: bool,
    engine_name: str,
    address: str | None,
    **asked: Any,
) -> None:
    """Train a model on CORPUS: labels come from the words, features from the sound.

    Speakers (or recordings) are kept apart between training and test, unless told otherwise. The model is a folder that
    `score` and `evaluate` need nothing beside.
    """
    from tonewise import pipeline
    from tonewise.pipeline.results import training_json
    from tonewise.pipeline.transcribing import transcribe_missing

    workers = options.stated_jobs(asked["jobs"]) if engine_name != engines.LOCAL else None
    with options.chosen_engine(engine_name, workers, address) as engine, progress_bars() as progress:
        if transcribe_first:
            hearing = {name: asked[name] for name in ("raw", "untrusted")}
            tell_problems(transcribe_missing(list(corpora), cache=cache, progress=progress, **hearing))
        result = pipeline.train(
            list(corpora),
            output,
            labels=labeller,
            report_file=report,
            cache=cache,
            engine=engine,
            progress=progress,
            **asked,
        )
    if as_json:
        print_json(training_json(result))
    else:
        show_training(result)
    tell_problems(result.problems)


def show_training(result: TrainingResult) -> None:
    """The figures of a training run on the terminal."""
    from tonewise.report import wording

    screen = console()
    parts = {part: result.split[part] for part in splits.PARTS}
    sizes = ", ".join(f"{part} {found['labelled']} ({found['groups']})" for part, found in parts.items())
    say(
        screen,
        f"{wording.plural(result.utterances, 'utterance')}, {result.coverage:.0%} labelled by {result.labels.labeller}: "
        f"{wording.balance(result.labels.counts)}",
    )
    say(screen, f"split by {result.split['strategy']}, utterances ({result.split['grouped_by']}s): {sizes}")
    if result.refinement is not None:
        say(screen, wording.refinement(result.refinement))
    named = wording.named_evaluations(result)
    screen.print(evaluation_table("", {one.name: one.evaluation for one in named}))
    main = wording.main_evaluation(result)
    if main:
        say(screen, f"{main.name}: {wording.verdict(main.evaluation)}.")
    if result.audit:
        from tonewise.report.audit import headline

        say(screen, f"Audit, by {result.audit[0].truth}: {headline(result.audit[0])}")
    if result.gold is None:
        note(screen, wording.WEAK_CAVEAT)
    if result.data_note:
        note(screen, f"Data: {result.data_note}")
    say(
        screen,
        f"{wording.duration(result.audio_seconds)} of sound in {wording.duration(result.seconds['total'])} "
        f"({result.cache['hits']} clips from the cache); model in {result.model}",
    )
