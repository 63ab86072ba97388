"""`tonewise finetune`: a speech encoder that learns from weak labels."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tonewise import splits
from tonewise.cli import options
from tonewise.cli.console import console, print_json, progress_bars, say, table, tell_problems
from tonewise.finetuning.settings import FULL, HEAD, LORA, Settings

if TYPE_CHECKING:
    from tonewise.pipeline.finetuning import FinetuningResult


@click.command(short_help="Let a speech encoder learn from weak labels.")
@options.corpora
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The folder of the encoder.")
@click.option(
    "--encoder", metavar="hub:ID", required=True, help="A speech encoder of the Hugging Face hub, or hub:FOLDER."
)
@options.labeller
@options.threshold
@options.context
@options.labeller_files
@click.option("--gold", metavar="COLUMN", help="Also judge by this column (never trained on).")
@click.option("--split", type=click.Choice(splits.names()), default="speaker", show_default=True)
@click.option("--lora", "tuning", flag_value=LORA, default=LORA, help="Learn small matrices beside its own.  [default]")
@click.option("--full", "tuning", flag_value=FULL, help="Learn all of its blocks.")
@click.option("--head", "tuning", flag_value=HEAD, help="Learn only what weighs its layers and attends to its frames.")
@click.option(
    "--epochs", type=click.IntRange(min=1), default=Settings.__dataclass_fields__["epochs"].default, show_default=True
)
@click.option(
    "--batch-seconds",
    type=float,
    default=Settings.__dataclass_fields__["batch_seconds"].default,
    show_default=True,
    help="Of sound a step.",
)
@click.option(
    "--learning-rate", type=float, help="At its highest  [default: 3e-4 for --lora, 2e-5 for --full, 1e-3 for --head]."
)
@click.option(
    "--patience",
    type=click.IntRange(min=1),
    default=Settings.__dataclass_fields__["patience"].default,
    show_default=True,
    help="Epochs without a better validation AUC, after which it ends.",
)
@click.option(
    "--resume/--restart",
    default=True,
    show_default=True,
    help="Go on with an unfinished run of the same options, or begin anew.",
)
@click.option("--note", default="", help="One sentence on what the corpus is, kept with the figures.")
@options.seed
@options.jobs
@options.reading
@options.as_json
def finetune(
    corpora: tuple[Path, ...],
    output: Path,
    encoder: str,
    labeller: str,
    resume: bool,
    as_json: bool,
    **asked: Any,
) -> None:
    """Fine-tune a speech encoder on the weak labels of CORPUS.

    The folder it leaves is heard with like any encoder: `tonewise train CORPUS --features hub:FOLDER`, with the same --seed
    and --split, or on other voices.
    """
    from tonewise.pipeline.finetuning import finetune as run

    with progress_bars() as progress:
        result = run(
            list(corpora), output, encoder=encoder, labels=labeller, restart=not resume, progress=progress, **asked
        )
    if as_json:
        print_json(result.as_json())
    else:
        _show(result)
    tell_problems(result.problems)


def _show(result: FinetuningResult) -> None:
    from tonewise.pipeline.describing import interval_of
    from tonewise.report.wording import auc_short, duration

    screen, facts = console(), result.facts
    rows = [_epoch(epoch, facts["best_epoch"]) for epoch in facts["epochs"]]
    screen.print(table(f"{facts['encoder']['model']}, {facts['tuning']}", ["epoch", "loss", "validation AUC"], rows))
    named = {"validation (weak labels)": facts["metrics"]["valid"], "test (weak labels)": facts["metrics"]["test"]}
    if facts["gold"]:
        named[f"test ({facts['gold']['column']})"] = facts["gold"]
    cells = [[name, auc_short(interval_of(found)), str(found["n"])] for name, found in named.items()]
    screen.print(table("", ["judged on", "ROC AUC (95 %)", "n"], cells))
    say(screen, f"{facts['reading']}.", style="dim")
    say(
        screen,
        f"{duration(result.audio_seconds)} of sound in {duration(result.seconds['total'])}; encoder in {result.folder}: "
        f"--features hub:{result.folder}",
    )


def _epoch(epoch: dict[str, Any], best: int) -> list[str]:
    """An epoch as cells of a table; the one that was kept has a star."""
    from tonewise.report.wording import number

    star = " *" if epoch["number"] == best else ""
    return [f"{epoch['number']}{star}", number(epoch["loss"], 3), number(epoch["roc_auc"], 3)]
