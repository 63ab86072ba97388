"""Recordings opened for what their headers state, and a problem for each that cannot be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from tonewise import audio
from tonewise.errors import AudioError
from tonewise.records import Problem, Progress

if TYPE_CHECKING:
    import pandas as pd


def probe_all(
    files: Sequence[str], *, jobs: int = 1, stage: str = "checking recordings", progress: Progress | None = None
) -> tuple[dict[str, audio.AudioInfo], dict[str, str]]:
    """What each file states, and why others cannot be opened; `jobs` of them at once."""
    infos: dict[str, audio.AudioInfo] = {}
    broken: dict[str, str] = {}
    with ThreadPoolExecutor(jobs) as pool:
        for done, (path, found) in enumerate(zip(files, pool.map(_probed, files), strict=True), start=1):
            if isinstance(found, AudioError):
                broken[path] = str(found)
            else:
                infos[path] = found
            if progress and (done % 100 == 0 or done == len(files)):
                progress(stage, done, len(files))
    return infos, broken


def bad_audio(why: Mapping[str, str], recordings: pd.Series) -> list[Problem]:
    """A problem for each recording that cannot be used, with how many utterances' `recordings` it is (1 at least)."""
    rows = recordings.value_counts()
    return [Problem("bad_audio", Path(path).name, detail, int(rows.get(path, 1))) for path, detail in why.items()]


def _probed(path: str) -> audio.AudioInfo | AudioError:
    try:
        return audio.probe(path)
    except AudioError as error:
        return error
