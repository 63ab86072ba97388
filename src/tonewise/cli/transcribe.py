"""`tonewise transcribe`: transcripts of recordings that have none."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tonewise.cli import options
from tonewise.cli.console import console, nothing_done, print_json, progress_bars, say, tell_problems

if TYPE_CHECKING:
    from tonewise.audio import Limits


@click.command(short_help="Write transcripts of recordings that have none.")
@click.argument("recordings", metavar="RECORDING...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="A folder for the transcripts  [default: beside the recordings]",
)
@options.whisper_size
@click.option("--language", metavar="TAG", help="What is spoken, such as en or pl  [default: found out]")
@click.option("--per-channel", is_flag=True, help="Each channel by itself: calls with a person a channel.")
@click.option("--force", is_flag=True, help="Transcribe anew what has a transcript.")
@options.raw
@options.untrusted
@options.cache
@options.as_json
def transcribe(
    recordings: tuple[Path, ...],
    output: Path | None,
    size: str,
    language: str | None,
    per_channel: bool,
    force: bool,
    raw: str | None,
    untrusted: Limits | None,
    cache: Path | bool,
    as_json: bool,
) -> None:
    """Transcribe RECORDINGs (files or folders) with Whisper; the JSON lies beside them, where other commands find it.

    Nothing leaves this machine. Words that Whisper invents in silence are guarded against, not ruled out: read a sample.
    """
    from tonewise.pipeline.transcribing import transcribe as run

    with progress_bars() as progress:
        done, failed = run(
            list(recordings),
            output=output,
            size=size,
            language=language,
            per_channel=per_channel,
            overwrite=force,
            raw=raw,
            untrusted=untrusted,
            cache=cache,
            progress=progress,
        )
    if not done:
        raise nothing_done(failed, "transcribed")
    if as_json:
        print_json({"transcribed": [asdict(one) for one in done], "problems": [asdict(problem) for problem in failed]})
    else:
        from tonewise.report.wording import duration, plural

        screen = console()
        for one in done:
            what = f"{plural(one.segments, 'segment')}, {plural(one.words, 'word')}" if one.new else "was there"
            say(screen, f"{one.transcript}: {what} ({duration(one.duration)})")
    tell_problems(failed)
