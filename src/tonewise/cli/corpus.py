"""`tonewise corpus`: known corpora as they were downloaded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tonewise.cli import options
from tonewise.cli.console import console, print_json, progress_bars, say, table, tell_problems

if TYPE_CHECKING:
    from rich.table import Table

    from tonewise.pipeline.corpora import MoseiCheck

_NAMES = {"transcript": "transcript", "audio": "sound", "labels": "labels", "fold": "official fold"}
_FILE = click.Path(path_type=Path)


@click.group(short_help="Check known corpora, and make manifests of them.")
def corpus() -> None:
    """Known corpora as they were downloaded: what is there, what is missing, and a manifest of what can be used."""


@corpus.command()
@click.argument("path", type=_FILE)
@click.option("-o", "--output", type=_FILE, help="Write a manifest (.csv or .parquet).")
@click.option(
    "--labels",
    type=_FILE,
    multiple=True,
    help="A file of labels: CSV, Parquet or .csd (repeatable)  [default: those in PATH].",
)
@click.option(
    "--folds",
    type=_FILE,
    multiple=True,
    help="The official folds: cmu_mosei_std_folds.py (it is not run), JSON, or text files named train, valid and test "
    "(repeatable)  [default: that file in PATH, else what the labels say].",
)
@options.jobs
@options.as_json
def mosei(
    path: Path, output: Path | None, labels: tuple[Path, ...], folds: tuple[Path, ...], jobs: int, as_json: bool
) -> None:
    """Check the copy of CMU-MOSEI in PATH: how many videos lack sound, transcript, labels or fold, and where to get them.

    PATH is the unpacked archive, with Transcript/Segmented/Combined and Audio/Full/WAV_16000 in it. The manifest has the
    columns audio, start, end, text, speaker, recording, language, sentiment (-3 to 3, the mean over the raters) and split
    (train, valid or test); speaker and recording are the video. Train on it with `tonewise train MANIFEST --gold
    sentiment`: the sign of the sentiment judges.
    """
    from tonewise.pipeline.corpora import check_mosei

    with progress_bars() as progress:
        found = check_mosei(path, labels=labels, folds=folds, output=output, jobs=jobs, progress=progress)
    if as_json:
        print_json(found.as_json())
    else:
        _show(found)
    tell_problems(found.problems)


def _show(found: MoseiCheck) -> None:
    screen = console()
    screen.print(_videos(found))
    for sentence in (*_sentences(found), *_where(found)):
        say(screen, sentence)
    if found.written:
        say(screen, f"written to {found.written}")


def _videos(found: MoseiCheck) -> Table:
    rows = []
    for name, shown in _NAMES.items():
        missing = found.missing[name]
        if missing is None:
            rows.append([shown, "unknown", "unknown", ""])
        else:
            rows.append([shown, _n(found.videos - missing.videos), _n(missing.videos), ", ".join(missing.examples)])
    title = f"CMU-MOSEI: {_n(found.videos)} videos, {_n(found.complete)} of them complete"
    return table(title, ["videos with", "here", "missing", "such as"], rows)


def _sentences(found: MoseiCheck) -> list[str]:
    said, splits = found.sentiment, found.splits
    lines = [
        f"{_n(len(found.manifest))} utterances can be heard: {_n(said['positive'])} positive, {_n(said['negative'])} "
        f"negative, {_n(said['neutral'])} neutral, {_n(said['none'])} without a label.",
        *(f"Labels: {_n(source.utterances)} utterances from {source.file} ({source.kind})." for source in found.labels),
    ]
    if found.folds is None:
        lines.append("Folds: unknown, so the column `split` is empty.")
    else:
        lines.append(
            f"Folds from {found.folds}: {_n(splits['train'])} utterances to train, {_n(splits['valid'])} to validate, "
            f"{_n(splits['test'])} to test, {_n(splits['unknown'])} in none."
        )
    if found.elsewhere.videos:
        lines.append(
            f"Labelled, but neither here nor in the folds: {_n(found.elsewhere.videos)} "
            f"({', '.join(found.elsewhere.examples)}); the lab's files label videos of other corpora, too."
        )
    return lines


def _where(found: MoseiCheck) -> list[str]:
    """Where to get what is missing; nothing where nothing is."""
    from tonewise.pipeline.corpora import MOSEI_SOURCES

    lacks = {name for name, missing in found.missing.items() if missing is None or missing.videos}
    wanted = {
        "recordings and transcripts": bool(lacks & {"audio", "transcript"}),
        "labels": "labels" in lacks,
        "folds": found.folds is None,
    }
    lines = [f"Where to get {name}: {MOSEI_SOURCES[name]}." for name, asked in wanted.items() if asked]
    return [*lines, f"Terms: {MOSEI_SOURCES['terms']}."] if lines else []


def _n(count: int) -> str:
    return f"{count:,}"
