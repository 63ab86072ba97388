"""Channels that utterances are said to be on, against those that recordings have."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tonewise.audio import identical_channels, probe
from tonewise.errors import AudioError
from tonewise.records import Corpus, Problem, Progress

if TYPE_CHECKING:
    import pandas as pd


def check_channels(corpus: Corpus, progress: Progress | None = None) -> Corpus:
    """Say once for each kind where channels are not what transcripts say that they are.

    `mono_recording`: utterances on channels of a recording that has only one are put on that one, which is None.
    `copied_channels`: utterances on several channels that are copies of one stay as they are. To know that, recordings with
    utterances on two channels or more are decoded up to where the channels differ. What cannot be decoded is passed over:
    whoever reads it tells.
    """
    stated = corpus.utterances["channel"].notna() & corpus.utterances["audio"].notna()
    paths = corpus.utterances["audio"][stated].unique().tolist()
    mono = [path for path in paths if _channels(path) == 1]
    corpus = _on_their_only_channel(corpus, mono)
    copied = _copied(corpus.utterances[stated & ~corpus.utterances["audio"].isin(mono)], progress)
    if not copied:
        return corpus
    what = (
        "all channels are copies of one: whoever is on one is heard together with the others; export the channels apart"
    )
    problem = _problem("copied_channels", what, corpus, corpus.utterances["audio"].isin(copied), len(copied))
    return replace(corpus, problems=(*corpus.problems, problem))


def _on_their_only_channel(corpus: Corpus, mono: list[str]) -> Corpus:
    table = corpus.utterances
    rows = table["audio"].isin(mono) & table["channel"].notna()
    if not rows.any():
        return corpus
    what = "its transcript names channels, and it has only one: everybody is heard on that one"
    problem = _problem("mono_recording", what, corpus, rows, len(mono))
    channels = table["channel"].where(~rows, None)
    return replace(corpus, utterances=table.assign(channel=channels), problems=(*corpus.problems, problem))


def _copied(stated: pd.DataFrame, progress: Progress | None) -> list[str]:
    """Recordings with utterances on several channels that are copies."""
    used = stated.groupby("audio", sort=False)["channel"].nunique()
    several = used[used > 1].index.tolist()
    copied = []
    for done, path in enumerate(several, start=1):
        if _is_copied(path):
            copied.append(path)
        if progress:
            progress("comparing channels", done, len(several))
    return copied


def _problem(kind: str, what: str, corpus: Corpus, rows: pd.Series, recordings: int) -> Problem:
    name = str(corpus.utterances["recording"][rows].iloc[0])
    if recordings == 1:
        return Problem(kind, name, what, int(rows.sum()))
    return Problem(kind, corpus.source, f"{what} ({recordings} recordings, such as {name})", int(rows.sum()))


def _channels(path: str) -> int:
    try:
        return probe(path).channels
    except AudioError:
        return 0


def _is_copied(path: str) -> bool:
    try:
        return identical_channels(path)
    except AudioError:
        return False
