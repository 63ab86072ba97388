"""Corpora as one table of utterances that can be heard, and an account of what cannot."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from tonewise import audio
from tonewise.corpus import check_times, read_corpus
from tonewise.errors import AudioError, CorpusError
from tonewise.records import Corpus, Problem, Progress

if TYPE_CHECKING:
    import pandas as pd


def read_corpora(corpora: str | Path | Sequence[str | Path], *, require_audio: bool = True) -> Corpus:
    """Read one corpus, or several as one.

    Speakers and recordings of equal names count as the same in all of them: two strangers who share a name are kept
    together by a split, which costs nothing, while one speaker under two names would leak.
    """
    paths = [corpora] if isinstance(corpora, str | Path) else list(corpora)
    if not paths:
        raise CorpusError("no corpus was named; expected a manifest (CSV or Parquet) or a folder of recordings")
    return join([read_corpus(path, require_audio=require_audio) for path in paths])


def join(corpora: Sequence[Corpus]) -> Corpus:
    """One corpus of several, their tables one below the other."""
    import pandas as pd

    if len(corpora) == 1:
        return corpora[0]
    tables = [corpus.utterances for corpus in corpora]
    joined = pd.concat(tables, ignore_index=True)
    for column in joined.columns.difference(["start", "end"]):
        if joined[column].dtype == object:
            joined[column] = joined[column].where(joined[column].notna(), None)
    return Corpus(
        source=" + ".join(corpus.source for corpus in corpora),
        layout=" + ".join(dict.fromkeys(corpus.layout for corpus in corpora)),
        utterances=joined,
        problems=tuple(problem for corpus in corpora for problem in corpus.problems),
    )


def audible(corpus: Corpus, *, jobs: int, progress: Progress | None = None) -> Corpus:
    """Keep the utterances whose recording can be decoded, with times inside it; the rest become problems.

    Raises:
        CorpusError: nothing is left.
    """
    durations, broken = _durations(corpus.utterances, jobs, progress)
    checked = check_times(corpus, durations)
    checked = Corpus(checked.source, checked.layout, checked.utterances, (*checked.problems, *broken))
    if checked.utterances.empty:
        why = "; ".join(f"{problem.subject}: {problem.detail}" for problem in checked.problems[:1])
        raise CorpusError(
            f"{corpus.source} has no utterance that can be heard ({why or 'it is empty'}); check the paths"
        )
    return checked


def _durations(
    utterances: pd.DataFrame, jobs: int, progress: Progress | None
) -> tuple[dict[str, float], tuple[Problem, ...]]:
    paths = list(dict.fromkeys(utterances["audio"]))
    rows = utterances["audio"].value_counts()
    durations: dict[str, float] = {}
    broken: list[Problem] = []

    def probe(path: str) -> float | AudioError:
        try:
            return audio.probe(path).duration
        except AudioError as error:
            return error

    with ThreadPoolExecutor(jobs) as pool:
        for done, (path, found) in enumerate(zip(paths, pool.map(probe, paths), strict=True), start=1):
            if isinstance(found, AudioError):
                broken.append(Problem("bad_audio", Path(path).name, str(found), int(rows[path])))
            else:
                durations[path] = found
            if progress and (done % 100 == 0 or done == len(paths)):
                progress("checking recordings", done, len(paths))
    return durations, tuple(broken)
