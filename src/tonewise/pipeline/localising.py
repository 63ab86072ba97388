"""Recordings made ready to be decoded: those at addresses are copied, those without a header get told what they hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from tonewise import audio, remote
from tonewise.errors import InputError
from tonewise.records import Corpus, Problem, Progress


def localised(corpus: Corpus, *, raw: str | None = None, progress: Progress | None = None) -> Corpus:
    """A corpus whose recordings are files on this machine, or are not there; see `remote` and `audio.declare`.

    Utterances of a recording that cannot be had are left out and counted as `unreachable`. The column `recording` keeps
    saying what the address was.
    """
    found = corpus.utterances["audio"]
    urls = [str(path) for path in found.dropna().unique() if remote.address(path)]
    if urls:
        corpus = _copied(corpus, urls, progress)
    declare_raw(corpus.utterances["audio"].dropna().unique(), raw)
    return corpus


def local_recording(path: str | Path, raw: str | None = None) -> Path:
    """A recording as a file on this machine.

    Raises:
        InputError: it is at an address and cannot be had, or `raw` is no declaration.
    """
    url = remote.address(path)
    file = Path(path) if url is None else remote.fetch(url)
    declare_raw([file], raw)
    return file


def recording_name(path: str | Path) -> str:
    """What problems call a recording: the name of its file, without the query of an address, which may be a secret."""
    url = remote.address(path)
    return Path(path).name if url is None else remote.name_of(url)


def declare_raw(paths: Iterable[str | Path], raw: str | None) -> None:
    """Say what headerless files hold, as `--raw` puts it; None says nothing.

    Raises:
        OptionError: it is no declaration.
    """
    if raw is None:
        return
    form = audio.parse_raw(raw)
    for path in filter(audio.is_raw, paths):
        audio.declare(path, form)


def _copied(corpus: Corpus, urls: Sequence[str], progress: Progress | None) -> Corpus:
    copies = remote.fetch_all(urls, progress=progress)
    table = corpus.utterances
    rows = table["audio"].value_counts()
    failed = {url: error for url, error in copies.items() if isinstance(error, InputError)}
    problems = [Problem("unreachable", remote.name_of(url), str(why), int(rows[url])) for url, why in failed.items()]
    kept = table[~table["audio"].isin(list(failed))].reset_index(drop=True)
    here = {url: str(copy) for url, copy in copies.items() if isinstance(copy, Path)}
    kept = kept.assign(audio=kept["audio"].map(lambda path: here.get(path, path)))
    return replace(corpus, utterances=kept, problems=(*corpus.problems, *problems))
