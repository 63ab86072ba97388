"""`tonewise features`: vectors of a corpus as one Parquet file, made here or on a cluster."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tonewise.cli import options
from tonewise.cli.console import console, print_json, progress_bars, say, tell_problems

if TYPE_CHECKING:
    from tonewise.pipeline.spreading_table import FeatureTable


@click.command(short_help="Feature vectors of a corpus, as Parquet.")
@options.corpora
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="FILE|URL",
    help="A .parquet file, here or at s3://, gs://, az:// … (extra `remote`).",
)
@options.features_option
@options.seed
@options.engine
@options.workers
@options.cache
@options.reading
@options.as_json
def features(
    corpora: tuple[Path, ...],
    output: str,
    features: str,
    seed: int,
    engine_name: str,
    jobs: int | None,
    address: str | None,
    cache: Path | bool,
    as_json: bool,
    **reading: Any,
) -> None:
    """Hear every utterance of CORPUS and write the vectors: the corpus's rows, in order, with a column an encoder.

    A row that could not be heard has no vectors, and a `problem`. What is finished is kept beside the output until all
    is, so that a run that was killed goes on from there.
    """
    from tonewise.pipeline.spreading_table import feature_table

    with options.chosen_engine(engine_name, jobs, address) as engine, progress_bars() as progress:
        made = feature_table(
            list(corpora),
            output,
            features=[name.strip() for name in features.split(",") if name.strip()],
            engine=engine,
            seed=seed,
            cache=cache,
            progress=progress,
            **reading,
        )
    if as_json:
        print_json(made.as_json())
    else:
        _show(made)
    tell_problems(made.problems)


def _show(made: FeatureTable) -> None:
    from tonewise.report.wording import duration, plural

    named = ", ".join(f"{name} ({width} numbers)" for name, width in made.features.items())
    resumed = f"; {made.resumed} of {made.shards} shards were there" if made.resumed else ""
    say(
        console(),
        f"{made.heard} of {plural(made.utterances, 'utterance')} heard by {named}: {duration(made.audio_seconds)} of sound "
        f"in {duration(made.seconds['total'])} ({made.hits} clips from the cache{resumed}); written to {made.output}",
    )
