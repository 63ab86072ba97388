"""`tonewise score`: tone over time of new recordings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tonewise.cli import options
from tonewise.cli.console import console, print_json, progress_bars, table, tell_problems
from tonewise.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from tonewise.pipeline import RecordingScore


@click.command(short_help="Tone over time of new recordings.")
@options.model
@click.argument("recordings", metavar="RECORDING...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--transcript", type=click.Path(path_type=Path), help="Of the one RECORDING.")
@click.option(
    "--channel",
    metavar="customer|agent|N",
    help="Hear this channel: a number from 0, or a transcript's speaker.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Write segments to a .json, .csv or .parquet file.",
)
@options.transcribe_first
@options.cache
@options.raw
@options.as_json
def score(
    model: Path,
    recordings: tuple[Path, ...],
    transcript: Path | None,
    channel: str | None,
    output: Path | None,
    transcribe_first: bool,
    cache_folder: Path | None,
    no_cache: bool,
    raw: str | None,
    as_json: bool,
) -> None:
    """Score RECORDINGs with MODEL, sentence by sentence.

    Sentences come from --transcript, else from a transcript of the same name beside the recording, else from where
    somebody speaks. Tone is 0 (negative) to 1 (positive), words -1 to 1; a mismatch is where the two disagree.
    """
    from tonewise.pipeline.results import score_json
    from tonewise.pipeline.scoring import score_many
    from tonewise.pipeline.transcribing import transcribe_missing
    from tonewise.tables import check_format

    if output is not None:
        check_format(output, (".json",))
    with progress_bars() as progress:
        if transcribe_first:
            tell_problems(transcribe_missing(list(recordings), raw=raw, progress=progress))
        scored, failed = score_many(
            model,
            list(recordings),
            transcript=transcript,
            channel=channel,
            raw=raw,
            cache=options.chosen_cache(cache_folder, no_cache),
            progress=progress,
        )
    if not scored:
        raise InputError(
            failed[0].detail
            if len(failed) == 1
            else f"none of {len(failed)} recordings could be scored; the first: {failed[0].detail}"
        )
    if output is not None:
        _write(scored, output)
    if as_json:
        print_json(score_json(scored))
    else:
        _show(scored)
    tell_problems([*(problem for recording in scored for problem in recording.problems), *failed])


def _write(scored: Sequence[RecordingScore], output: Path) -> None:
    import json

    from tonewise.pipeline.results import score_json
    from tonewise.tables import write_table, write_text

    if output.suffix.lower() == ".json":
        write_text(json.dumps(score_json(scored), ensure_ascii=False, allow_nan=False, indent=2) + "\n", output)
    else:
        write_table(_table(scored), output)


def _table(scored: Sequence[RecordingScore]) -> pd.DataFrame:
    from dataclasses import asdict

    import pandas as pd

    rows = [{"recording": one.recording, **asdict(segment)} for one in scored for segment in one.segments]
    return pd.DataFrame(rows)


def _show(scored: Sequence[RecordingScore]) -> None:
    from tonewise.report.wording import duration, number, percent

    screen = console()
    for recording in scored:
        summary = recording.summary
        rows = [
            [
                f"{segment.start:8.2f} – {segment.end:.2f}",
                segment.speaker or "",
                number(segment.tone),
                "" if segment.words is None else f"{segment.words:+.2f}",
                "≠" if segment.mismatch else "",
                " ".join((segment.text or "").split())[:60],
            ]
            for segment in recording.segments
        ]
        drawn = table(recording.recording, ["seconds", "speaker", "tone", "words", "", "text"], rows)
        drawn.columns[-1].justify = drawn.columns[1].justify = "left"
        screen.print(drawn)
        screen.print(
            f"{duration(recording.duration)}, {summary['heard']} of {summary['segments']} segments heard; mean tone "
            f"{number(summary['mean_tone'])}, {percent(summary['positive_share'])} of the speech positive; "
            f"{summary['mismatches']} where words and tone disagree. Tone ranks; it is not calibrated.",
            soft_wrap=True,
        )
