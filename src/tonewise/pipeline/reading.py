"""Corpora as one table of utterances that can be heard, and an account of what cannot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tonewise import audio, remote
from tonewise.corpus import check_channels, check_times, read_corpus
from tonewise.errors import AudioError, CorpusError
from tonewise.pipeline.localising import localised
from tonewise.pipeline.untrusted import harmless
from tonewise.records import Corpus, Problem, Progress

if TYPE_CHECKING:
    import pandas as pd


def read_corpora(
    corpora: str | Path | Sequence[str | Path],
    *,
    require_audio: bool = True,
    raw: str | None = None,
    transcript_format: str | None = None,
    untrusted: audio.Limits | None = None,
    cache: str | Path | bool = True,
    jobs: int = 1,
    progress: Progress | None = None,
) -> Corpus:
    """Read one corpus, or several as one.

    Speakers and recordings of equal names count as the same in all of them: two strangers who share a name are kept
    together by a split, which costs nothing, while one speaker under two names would leak.

    Args:
        corpora: paths, or addresses such as `s3://bucket/calls.csv`: see `remote`.
        require_audio: leave out what has no recording, and make recordings ready to be decoded: see `localised`.
        raw: what recordings without a header hold, `ENCODING:RATE[:CHANNELS]`.
        transcript_format: what transcripts beside recordings are read as; None = by their content.
        untrusted: what one recording of a stranger may take; None = whoever recorded them is trusted. See `untrusted`.
        cache: where it is remembered which were harmless: True = the user's cache, False = nowhere, a path = that folder.
        jobs: recordings that are checked at once.
        progress: called as `progress(stage, done, total)`.
    """
    paths = [corpora] if isinstance(corpora, str | Path) else list(corpora)
    if not paths:
        raise CorpusError("no corpus was named; expected a manifest (CSV or Parquet) or a folder of recordings")
    found = join([_read(path, require_audio, transcript_format, progress) for path in paths])
    if not require_audio:
        return found
    here = localised(found, raw=raw, progress=progress)
    return check_channels(harmless(here, untrusted, cache=cache, jobs=jobs, progress=progress))


def _read(path: str | Path, require_audio: bool, form: str | None, progress: Progress | None) -> Corpus:
    url = remote.address(path)
    if url is None:
        return read_corpus(path, require_audio=require_audio, transcript_format=form)
    if not remote.is_folder(url):
        found = read_corpus(remote.fetch(url), require_audio=require_audio, base=url)
        return replace(found, source=remote.shown(url))
    folder, problems = remote.fetch_folder(url, progress=progress)
    found = read_corpus(folder, require_audio=require_audio, transcript_format=form)
    return replace(found, source=url, problems=(*problems, *found.problems))


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
        formats=sum((Counter(corpus.formats) for corpus in corpora), Counter()),
    )


def audible(corpus: Corpus, *, jobs: int, progress: Progress | None = None) -> Corpus:
    """Keep the utterances whose recording can be decoded, with times inside it; the rest become problems.

    Raises:
        CorpusError: nothing is left.
    """
    durations, broken = _durations(corpus.utterances, jobs, progress)
    checked = check_times(corpus, durations)
    checked = replace(checked, problems=(*checked.problems, *broken))
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
