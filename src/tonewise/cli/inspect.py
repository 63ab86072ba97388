"""`tonewise inspect`: what tonewise sees in a corpus, before anybody trains."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tonewise.cli import options
from tonewise.cli.console import console, print_json, progress_bars, say, table

if TYPE_CHECKING:
    from tonewise.pipeline.inspection import Inspection, SplitOutlook, Spread

SHOWN = 6  # values of a kind that are listed; the others are counted


@click.command(short_help="See what is in a corpus before training.")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@options.reading
@options.cache
@options.jobs
@options.as_json
def inspect(
    paths: tuple[Path, ...],
    cache: Path | bool,
    as_json: bool,
    **asked: Any,
) -> None:
    """Show what tonewise sees in PATH: recordings, words, speakers, languages, problems, and what to do next.

    PATH is a manifest, a folder, a known corpus, a single recording or a single transcript. Nothing is learned or written.
    """
    from tonewise import pipeline

    with progress_bars() as progress:
        found = pipeline.inspect(list(paths), cache=cache, progress=progress, **asked)
    if as_json:
        print_json(found.as_json())
    else:
        _show(found)


def _show(found: Inspection) -> None:
    screen = console()
    drawn = table(f"{found.source} ({found.layout})", ["", ""], _rows(found))
    drawn.columns[1].justify = "left"
    drawn.show_header = False
    screen.print(drawn)
    if found.problems:
        rows = [[each.kind, f"{each.places:,}", f"{each.utterances:,}", each.examples[0]] for each in found.problems]
        problems = table("Problems", ["kind", "places", "utterances", "such as"], rows)
        problems.columns[-1].justify = "left"
        screen.print(problems)
    say(screen, f"Next: {found.next}")


def _rows(found: Inspection) -> list[list[str]]:
    return [[name, shown] for name, shown in (*_sound(found), *_words(found), *_people(found)) if shown]


def _sound(found: Inspection) -> Iterable[tuple[str, str]]:
    from tonewise.report.wording import duration

    sound = found.sound
    length = f", {duration(sound.hours * 3600)}" if sound.recordings else ""
    yield "recordings", f"{sound.recordings:,}{length}"
    yield "cannot be opened", f"{found.unreadable:,}" if found.unreadable else ""
    yield "length of one", _lengths(sound.seconds)
    yield "sample rates", _listed({f"{rate:,} Hz": count for rate, count in sound.rates.items()})
    yield "channels", _listed(sound.channels)
    copies = f"{sound.copied} of {sound.compared} that were compared are copies of one channel"
    yield "several channels", copies if sound.compared else ""
    yield "formats", _listed(sound.formats)


def _words(found: Inspection) -> Iterable[tuple[str, str]]:
    yield "transcripts", _listed(found.transcripts)
    if found.without_transcript:
        yield "without words", f"{found.without_transcript:,} recordings, such as {', '.join(found.silent)}"
    text = f", {found.with_text / found.utterances:.0%} with text" if found.utterances else ""
    yield "utterances", f"{found.utterances:,}{text}"
    yield "length of one", _lengths(found.lengths)
    yield "languages, stated", _listed(found.languages) or "none"
    yield f"languages, by the words of {found.sampled:,}", _listed(found.detected)
    yield "columns", ", ".join(found.columns)


def _people(found: Inspection) -> Iterable[tuple[str, str]]:
    each = found.per_speaker
    utterances = f", {each.least:g} to {each.most:g} utterances each (median {each.median:g})" if each else ""
    yield "speakers", "unknown" if found.speakers is None else f"{found.speakers:,}{utterances}"
    for name, outlook in found.splits.items():
        kept_apart = f"{found.grouped_by} and word" if name == "lexical" else found.grouped_by
        yield f"split by {kept_apart}", _outlook(outlook, found.grouped_by)


def _outlook(outlook: SplitOutlook, grouped_by: str) -> str:
    if not outlook.possible:
        return f"impossible: {outlook.why}"
    parts = ", ".join(
        f"{part} {size['utterances']:,} ({size['groups']:,} {grouped_by}s)" for part, size in outlook.parts.items()
    )
    return f"possible: {parts}"


def _lengths(found: Spread | None) -> str:
    if found is None or found.n == 1:
        return ""
    most = f"nine in ten {found.p5:.1f} to {found.p95:.1f} s"
    return f"{found.least:.1f} to {found.most:.1f} s, median {found.median:.1f} s, {most}"


def _listed(counts: Mapping[Any, int]) -> str:
    shown = [f"{name} ({count:,})" for name, count in list(counts.items())[:SHOWN]]
    rest = len(counts) - len(shown)
    return ", ".join([*shown, *([f"{rest} more"] if rest else [])])
