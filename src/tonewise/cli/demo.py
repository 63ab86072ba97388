"""`tonewise demo`: a corpus, models, an evaluation and a report, from nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tonewise.cli import options
from tonewise.cli.console import console, print_json, progress_bars, say, table

if TYPE_CHECKING:
    from tonewise.pipeline.demonstration import Demonstration


@click.command(short_help="A corpus, a model, an evaluation and a report, from nothing.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("tonewise-demo"),
    show_default=True,
    help="Folder for the corpus, the models and report.html.",
)
@click.option(
    "--features",
    "features",
    multiple=True,
    metavar="NAME[,NAME]",
    help="Train with these (repeatable: one model each)  [default: turn, melstats, whisper].",
)
@click.option("--utterances", type=click.IntRange(min=60), default=1200, show_default=True, help="Of training speech.")
@options.seed
@options.jobs
@options.cache
@options.as_json
def demo(
    output: Path,
    features: tuple[str, ...],
    utterances: int,
    seed: int,
    jobs: int,
    cache: Path | bool,
    as_json: bool,
) -> None:
    """Show the whole way on SYNTHETIC speech whose tone is known.

    espeak-ng voices speak English training sentences and test sentences in English, French, Russian and Armenian; tone
    is made by pitch, tempo, loudness and voice quality, and agrees with the words three times in four. Models learn from
    the words alone and are judged against the known tone. Needs the extra `demo`.
    """
    from tonewise.pipeline.demonstration import DEMO_FEATURES, demonstrate

    with progress_bars() as progress:
        shown = demonstrate(
            output,
            features=[tuple(names.split(",")) for names in features] or DEMO_FEATURES,
            utterances=utterances,
            seed=seed,
            jobs=jobs,
            cache=cache,
            progress=progress,
        )
    if as_json:
        _print_json(shown)
    else:
        _show(shown)


def _print_json(shown: Demonstration) -> None:
    from tonewise.pipeline.results import evaluation_result_json, training_json

    print_json(
        {
            "synthetic": True,
            "report": str(shown.report),
            "models": [
                {"train": training_json(result), "languages": evaluation_result_json(languages)}
                for result, languages in zip(shown.trained, shown.languages, strict=True)
            ],
        }
    )


def _show(shown: Demonstration) -> None:
    from tonewise.pipeline.demonstration import reads_words
    from tonewise.pipeline.pictures import LANGUAGES
    from tonewise.report.wording import auc_short, duration, plural

    screen = console()
    first = shown.trained[0]
    screen.print(
        "SYNTHETIC speech by espeak-ng voices: this shows that the software works, not how well people are heard."
    )
    screen.print(
        f"{plural(first.utterances, 'utterance')} by {plural(first.speakers or 0, 'voice')}, labelled by their words alone; "
        "judged on voices that were not trained on."
    )
    rows = []
    for result, languages in zip(shown.trained, shown.languages, strict=True):
        by = languages.by["language"]
        rows.append(
            [
                ", ".join(result.features),
                auc_short(result.evaluations["test"].auc),
                auc_short(result.gold.auc if result.gold else None),
                *(auc_short(by[language].auc) if language in by else "–" for language in LANGUAGES),
                duration(result.seconds["total"]),
            ]
        )
    columns = ["features", "words' labels", "known tone", *LANGUAGES.values(), "time"]
    screen.print(
        table(
            "ROC AUC (95 %): labels from words on test voices; known tone there and in four languages",
            columns,
            rows,
        )
    )
    for result in filter(reads_words, shown.trained):
        say(
            screen,
            f"{', '.join(result.features)} knows the words better than the tone: it reads, and that does not carry "
            "over to other languages.",
        )
    say(screen, f"report: {shown.report}")
    say(screen, f"models: {', '.join(result.model for result in shown.trained)}")
