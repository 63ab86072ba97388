"""Corpora as one table of utterances that can be heard, and an account of what cannot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tonewise import audio, remote
from tonewise.corpus import check_channels, check_times, read_corpus
from tonewise.errors import CorpusError
from tonewise.pipeline.localising import localised
from tonewise.pipeline.probing import bad_audio, probe_all
from tonewise.pipeline.spoken import with_spoken
from tonewise.pipeline.untrusted import harmless
from tonewise.records import UTTERANCE_COLUMNS, Corpus, Progress

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


def read_audible(
    corpora: str | Path | Sequence[str | Path],
    *,
    jobs: int,
    raw: str | None = None,
    transcript_format: str | None = None,
    untrusted: audio.Limits | None = None,
    cache: str | Path | bool = True,
    progress: Progress | None = None,
) -> Corpus:
    """The utterances of corpora that can be heard: `read_corpora`, then `audible`, with the arguments of both."""
    found = read_corpora(
        corpora,
        raw=raw,
        transcript_format=transcript_format,
        untrusted=untrusted,
        cache=cache,
        jobs=jobs,
        progress=progress,
    )
    return audible(found, jobs=jobs, progress=progress)


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
        return replace(corpora[0], utterances=_of_one_kind(corpora[0].utterances))
    joined = pd.concat(with_spoken([corpus.utterances for corpus in corpora]), ignore_index=True)
    for column in joined.columns.difference(["start", "end"]):
        if joined[column].dtype == object:
            joined[column] = joined[column].where(joined[column].notna(), None)
    return Corpus(
        source=" + ".join(corpus.source for corpus in corpora),
        layout=" + ".join(dict.fromkeys(corpus.layout for corpus in corpora)),
        utterances=_of_one_kind(joined),
        problems=tuple(problem for corpus in corpora for problem in corpus.problems),
        formats=sum((Counter(corpus.formats) for corpus in corpora), Counter()),
    )


def _of_one_kind(table: pd.DataFrame) -> pd.DataFrame:
    """The table, the user's columns of words and numbers as words: both can be neither sorted nor written as Parquet."""
    words = {}
    for name in table.columns.difference(list(UTTERANCE_COLUMNS)):
        if table[name].dtype == object:
            fine = table[name].map(lambda value: isinstance(value, str)) | table[name].isna()
            if not fine.all() and table[name][fine].notna().any():
                words[name] = table[name].where(fine, table[name].astype(str))
    return table.assign(**words)


def audible(corpus: Corpus, *, jobs: int, progress: Progress | None = None) -> Corpus:
    """Keep the utterances whose recording can be decoded, with times inside it; the rest become problems.

    Raises:
        CorpusError: nothing is left.
    """
    recordings = corpus.utterances["audio"]
    infos, broken = probe_all(recordings.unique().tolist(), jobs=jobs, progress=progress)
    checked = check_times(corpus, {path: info.duration for path, info in infos.items()})
    checked = replace(checked, problems=(*checked.problems, *bad_audio(broken, recordings)))
    if checked.utterances.empty:
        why = "; ".join(f"{problem.subject}: {problem.detail}" for problem in checked.problems[:1])
        raise CorpusError(
            f"{corpus.source} has no utterance that can be heard ({why or 'it is empty'}); check the paths"
        )
    return checked
