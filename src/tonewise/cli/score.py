"""`tonewise score`: tone over time of new recordings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tonewise.cli import options
from tonewise.cli.console import nothing_done, print_json, progress_bars, tell_problems

if TYPE_CHECKING:
    from tonewise.audio import Limits
    from tonewise.records import Problem, RecordingScore

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
@click.option(
    "--store",
    metavar="FILE|URL",
    help="Enter calls into an SQLite file or postgresql://USER@HOST/DATABASE, new ones only; see `tonewise calls`.",
)
@click.option(
    "--calls-table",
    type=click.Path(path_type=Path),
    help="With --store: CSV or Parquet with `recording` and any of called_at, agent, queue and others.",
)
@click.option(
    "--pages", type=click.Path(path_type=Path, file_okay=False), help="With --store: a page of each new call, here."
)
@options.transcribe_first
@options.engine
@options.workers
@options.cache
@options.raw
@options.untrusted
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
    store: str | None,
    calls_table: Path | None,
    pages: Path | None,
    transcribe_first: bool,
    engine_name: str,
    jobs: int | None,
    address: str | None,
    cache: Path | bool,
    raw: str | None,
    untrusted: Limits | None,
    as_json: bool,
) -> None:
    """Score RECORDINGs with MODEL, sentence by sentence; of a folder, all below it.

    Sentences come from --transcript, else from a transcript of the same name beside the recording, else from where
    somebody speaks, channel by channel. Where it is known who the customer is, only the customer's tone is judged. Tone is
    0 (negative) to 1 (positive), words -1 to 1; a mismatch is where the two disagree more than 19 of 20 sentences do.
    """
    from tonewise.cli.score_store import check_store_options, tell_archived
    from tonewise.pipeline.archive import archive, recordings_of
    from tonewise.pipeline.scoring import score_many
    from tonewise.pipeline.scoring_files import check_output
    from tonewise.pipeline.transcribing import transcribe_missing

    check_store_options(store, transcript=transcript, output=output, calls_table=calls_table, pages=pages)
    unlisted: list[Problem] = []
    named = recordings_of(recordings, unlisted)
    if output is not None:
        check_output(output, len(named))
    hearing: dict[str, Any] = {"transcript_format": transcript_format, "channel": channel, "agent": agent}
    hearing |= {"customer_channel": customer_channel, "agent_channel": agent_channel}
    kept: dict[str, Any] = {"raw": raw, "cache": cache, "untrusted": untrusted}
    with options.chosen_engine(engine_name, jobs, address) as engine, progress_bars() as progress:
        if transcribe_first:
            tell_problems(transcribe_missing(named, progress=progress, **kept))
        kept["progress"] = progress
        if store is None:
            scored, failed = score_many(model, named, transcript=transcript, engine=engine, **hearing, **kept)
        else:
            kept |= {"calls_table": calls_table, "pages": pages}
            found = archive(model, recordings, store, engine=engine, **hearing, **kept)
    if store is not None:
        tell_archived(found, as_json=as_json)
    else:
        _tell(scored, named, [*failed, *unlisted], listed, output, raw, as_json=as_json)


def _tell(
    scored: list[RecordingScore],
    named: list[str | Path],
    failed: list[Problem],
    listed: int | None,
    output: Path | None,
    raw: str | None,
    *,
    as_json: bool,
) -> None:
    from tonewise.cli.score_screen import problems_of, show
    from tonewise.pipeline.results import score_json
    from tonewise.pipeline.scoring_files import write_scores

    if not scored:
        raise nothing_done(failed, "scored")
    if output is not None:
        write_scores(scored, named, output, raw=raw)
    if as_json:
        print_json(score_json(scored))
    else:
        show(scored, listed)
    tell_problems([*problems_of(scored), *failed])
