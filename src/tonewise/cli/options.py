"""Options that several commands share. Choices come from the registries, so that help cannot drift."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from tonewise import features, labels

corpora = click.argument("corpora", metavar="CORPUS...", nargs=-1, required=True, type=click.Path(path_type=Path))
model = click.argument("model", metavar="MODEL", type=click.Path(path_type=Path))
as_json = click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout, everything else on stderr.")
seed = click.option("--seed", default=0, show_default=True, help="Of everything random.")
jobs = click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=os.cpu_count() or 1,
    show_default="all cores",
    help="Threads.",
)
labeller = click.option(
    "--labels",
    "labeller",
    default="lexicon",
    show_default=True,
    metavar="NAME",
    help=f"Where labels come from: {', '.join(labels.names())}, or a column of the corpus. llm sends sentences to a server.",
)
threshold = click.option(
    "--threshold",
    default=labels.DEFAULT_THRESHOLD,
    show_default=True,
    help="Text scores of smaller absolute value (0 to 1) are left out as near-neutral.",
)
context = click.option(
    "--context",
    type=click.IntRange(0, 20),
    default=0,
    show_default=True,
    metavar="N",
    help="Take N sentences on either side into account: moods last longer than a sentence.",
)
features_option = click.option(
    "--features",
    default=",".join(features.DEFAULT_FEATURES),
    show_default=True,
    metavar="NAME[,NAME]",
    help=f"What is heard: {', '.join(features.names())}; whisper takes a size (whisper:small.en), "
    "turn takes layers (turn:0+1).",
)


def labeller_files(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--prototypes`, `--poles` and `--endpoint`: what single labellers can be told."""
    file = click.Path(path_type=Path, dir_okay=False)
    for option in (
        click.option(
            "--endpoint", metavar="URL", help="Of llm: an OpenAI-compatible server  [env var: OPENAI_BASE_URL]"
        ),
        click.option(
            "--poles", type=file, help="Of hub: JSON with the label names that are positive, negative, neutral."
        ),
        click.option(
            "--prototypes", type=file, help="Of semantic: sentences for your own two poles, such as calm, angry."
        ),
    ):
        command = option(command)
    return command


def cache(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--cache DIR` and `--no-cache`, as the one argument `cache`."""
    command = click.option("--no-cache", is_flag=True, help="Neither read nor write the feature cache.")(command)
    return click.option(
        "--cache",
        "cache_folder",
        type=click.Path(path_type=Path, file_okay=False),
        envvar="TONEWISE_FEATURE_CACHE",
        show_envvar=True,
        help="Where features are kept  [default: the user's cache folder].",
    )(command)


def chosen_cache(cache_folder: Path | None, no_cache: bool) -> Path | bool:
    """What the pipeline calls `cache`."""
    return False if no_cache else (cache_folder or True)
