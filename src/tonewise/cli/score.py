"""`tonewise score`: tone over time of new recordings."""

from __future__ import annotations

from pathlib import Path

import click

from tonewise.cli import options
from tonewise.cli.console import print_json, progress_bars, tell_problems
from tonewise.errors import InputError

_channel = click.IntRange(min=0)


@click.command(short_help="Tone over time of new recordings.")
@options.model
@click.argument("recordings", metavar="RECORDING...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--transcript", type=click.Path(path_type=Path), help="Of the one RECORDING.")
@options.transcript_format
@click.option(
    "--channel",
    metavar="customer|agent|N",
    help="Hear this channel: a number from 0, or a transcript's speaker.",
)
@click.option("--customer-channel", type=_channel, metavar="N", help="The customer is on this channel, from 0.")
@click.option("--agent-channel", type=_channel, metavar="N", help="The agent is on this channel, from 0.")
@click.option(
    "--agent",
    is_flag=True,
    help="Judge the agent's tone, too, if you may: the EU AI Act, Art. 5(1)(f), bans inferring emotions of people at work.",
)
@click.option(
    "--list",
    "listed",
    type=click.IntRange(min=1),
    metavar="N",
    help="Show the N strongest mismatches of words and voice rather than every segment.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Write segments to a .json, .csv or .parquet file; of one RECORDING also Audacity's labels (.txt), captions with "
    "tone (.vtt), or a page to look at and listen to (.html).",
)
@options.transcribe_first
@options.cache
@options.raw
@options.as_json
def score(
    model: Path,
    recordings: tuple[Path, ...],
    transcript: Path | None,
    transcript_format: str | None,
    channel: str | None,
    customer_channel: int | None,
    agent_channel: int | None,
    agent: bool,
    listed: int | None,
    output: Path | None,
    transcribe_first: bool,
    cache_folder: Path | None,
    no_cache: bool,
    raw: str | None,
    as_json: bool,
) -> None:
    """Score RECORDINGs with MODEL, sentence by sentence.

    Sentences come from --transcript, else from a transcript of the same name beside the recording, else from where
    somebody speaks, channel by channel. Where it is known who the customer is, only the customer's tone is judged. Tone is
    0 (negative) to 1 (positive), words -1 to 1; a mismatch is where the two disagree more than 19 of 20 sentences do.
    """
    from tonewise.cli.score_screen import problems_of, show
    from tonewise.pipeline.results import score_json
    from tonewise.pipeline.scoring import score_many
    from tonewise.pipeline.scoring_files import check_output, write_scores
    from tonewise.pipeline.transcribing import transcribe_missing

    if output is not None:
        check_output(output, len(recordings))
    with progress_bars() as progress:
        if transcribe_first:
            tell_problems(transcribe_missing(list(recordings), raw=raw, progress=progress))
        scored, failed = score_many(
            model,
            list(recordings),
            transcript=transcript,
            transcript_format=transcript_format,
            channel=channel,
            agent=agent,
            customer_channel=customer_channel,
            agent_channel=agent_channel,
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
        write_scores(scored, output, raw=raw)
    if as_json:
        print_json(score_json(scored))
    else:
        show(scored, listed)
    tell_problems([*problems_of(scored), *failed])
