"""Options that several commands share. Choices come from the registries, so that help cannot drift."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import click

from tonewise import audio, engines, features, labels, transcripts
from tonewise.features.threads import cores

corpora = click.argument("corpora", metavar="CORPUS...", nargs=-1, required=True, type=click.Path(path_type=Path))
model = click.argument("model", metavar="MODEL", type=click.Path(path_type=Path))
as_json = click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout, everything else on stderr.")
seed = click.option(
    "--seed",
    type=click.IntRange(0, 2**32 - 1),  # of scikit-learn
    metavar="INTEGER",
    default=0,
    show_default=True,
    help="Of everything random.",
)
jobs = click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=cores(),
    show_default="all cores",
    help="Threads.",
)


def _labeller(default: str) -> Callable[..., Any]:
    return click.option(
        "--labels",
        "labeller",
        default=default,
        show_default=True,
        metavar="NAME",
        help=f"Where labels come from: {', '.join(labels.names())}, or a column of the corpus. "
        "llm sends sentences to a server.",
    )


labeller = _labeller(labels.DEFAULT_LABELS)
founding_labeller = _labeller("lexicon")  # the article's
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
    "turn takes layers (turn:0+1), hub a model and its layers (hub:OWNER/NAME#2+4+6).",
)

baseline = click.option(
    "--baseline",
    type=click.Choice(features.BASELINES),
    default=features.DEFAULT_BASELINE,
    show_default=True,
    help="speaker: judge each voice by how it differs from how that speaker usually sounds.",
)

raw = click.option(
    "--raw",
    metavar="ENCODING:RATE[:CHANNELS]",
    envvar="TONEWISE_RAW",
    show_envvar=True,
    callback=lambda _context, _option, given: _checked_raw(given),
    help="What .raw and .pcm hold, which have no header: pcm16:16000, ulaw:8000:2 … "
    f"({', '.join(audio.ENCODINGS)}). .ulaw, .alaw and .sln are 8 kHz mono.",
)

untrusted = click.option(
    "--untrusted",
    is_flag=True,
    callback=lambda _context, _option, given: audio.Limits() if given else None,
    help="Recordings of strangers: first decode each in a process that is killed if it crashes, hangs or swells.",
)

transcript_format = click.option(
    "--transcript-format",
    type=click.Choice(transcripts.formats()),
    metavar="NAME",
    help="What transcripts are read as, where their content does not tell: " + ", ".join(transcripts.formats()) + ".",
)
whisper_size = click.option(
    "--size",
    default="tiny.en",
    show_default=True,
    help="Of Whisper: tiny.en, tiny, base, small, medium, large-v3 …; others than tiny.en come from the hub.",
)

transcribe_first = click.option(
    "--transcribe",
    "transcribe_first",
    is_flag=True,
    help="First write transcripts of recordings that have none, with Whisper tiny.en; see `tonewise transcribe`.",
)


def _checked_raw(given: str | None) -> str | None:
    """Refuse what is no declaration before the work is done."""
    return None if given is None else str(audio.parse_raw(given))


def reading(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--raw`, `--untrusted` and `--transcript-format`: how the recordings and transcripts of a corpus are read."""
    return raw(untrusted(transcript_format(command)))


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
    """`--cache DIR` and `--no-cache`, as the one argument `cache` of the pipeline: a folder, the user's own, or none."""

    @wraps(command)
    def with_cache(*arguments: Any, cache_folder: Path | None, no_cache: bool, **given: Any) -> Any:
        return command(*arguments, cache=False if no_cache else (cache_folder or True), **given)

    with_option = click.option("--no-cache", is_flag=True, help="Neither read nor write the cache.")(with_cache)
    return click.option(
        "--cache",
        "cache_folder",
        type=click.Path(path_type=Path, file_okay=False),
        envvar="TONEWISE_FEATURE_CACHE",
        show_envvar=True,
        help="Where features and votes are kept  [default: the user's cache folder].",
    )(with_option)


def engine(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--engine NAME` and `--address HOST:PORT`: who does the work."""
    command = click.option(
        "--address", metavar="HOST:PORT", help="Of a running Ray cluster  [default: one is started here and ended]."
    )(command)
    return click.option(
        "--engine",
        "engine_name",
        type=click.Choice(engines.names()),
        default=engines.LOCAL,
        show_default=True,
        help="Who does the work: this machine, or a Ray cluster (pip install 'tonewise[ray]').",
    )(command)


workers = click.option(
    "--jobs",
    type=click.IntRange(min=1),
    help="Processes on this machine, or work at a time on a cluster  [default: one process with a thread a core; all "
    "processors of the cluster].",
)


@contextmanager
def chosen_engine(name: str, jobs: int | None, address: str | None) -> Iterator[engines.Engine | None]:
    """What the pipeline calls `engine`, None = this process; whatever it started has ended afterwards."""
    made = engines.create(name, jobs=jobs, address=address)
    if is_this_process(name, jobs):
        yield None
        return
    with closing(made):
        yield made


def is_this_process(name: str, jobs: int | None) -> bool:
    """Whether an engine and its `--jobs` mean that nobody else does the work."""
    return name == engines.LOCAL and jobs in (None, 1)


def stated_jobs(jobs: int) -> int | None:
    """`--jobs` where it was given: the default is of this machine, and says nothing of a cluster."""
    from click.core import ParameterSource

    source = click.get_current_context().get_parameter_source("jobs")
    return None if source in (ParameterSource.DEFAULT, ParameterSource.DEFAULT_MAP) else jobs
