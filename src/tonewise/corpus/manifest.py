"""Manifests: a CSV or Parquet table with a column `audio`, perhaps other utterance columns, and any more."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonewise import remote
from tonewise.corpus.layout import Layout
from tonewise.corpus.tabular import Tabular, column_names, is_table, read_tabular
from tonewise.corpus.utterance_table import TIME_COLUMNS, utterance_table
from tonewise.errors import CorpusError
from tonewise.records import Corpus, Problem
from tonewise.transcripts.merging import channel_of

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


def recognise(path: Path) -> bool:
    """Whether it is a table at all: what a manifest lacks is for `read` to tell."""
    return is_table(path)


def read(path: Path, require_audio: bool, base: str | None = None) -> Corpus:
    """Read a manifest; `start` and `end` are seconds, `audio` holds addresses, or paths relative to the manifest's folder
    (that of `base`, its address, where it was copied from there).

    Rows with a missing recording, a time that is no finite number or a channel that is none are left out and
    counted; with `require_audio=False` they are kept, without that time or channel. A recording is called as
    the `recording` column says, else as the path of its audio without extension. Raises `CorpusError` without
    an `audio` column, without rows, or if no recording is there.
    """
    table = read_tabular(path)
    if "audio" not in table.known:
        found = ", ".join(column_names(path)) or "none"
        raise CorpusError(
            f"{path}: no column 'audio' (columns: {found}); name the recordings in one, "
            "or use `tonewise label`, which needs only 'text'"
        )
    return corpus_of(path, table, LAYOUT.name, require_audio, base)


def corpus_of(path: Path, table: Tabular, layout: str, require_audio: bool, base: str | None = None) -> Corpus:
    """The corpus of a table that was read, with or without a column `audio`."""
    if not len(table):
        raise CorpusError(f"{path}: the table has a header but no rows")
    problems: list[Problem] = []
    known: dict[str, Sequence[Any]] = dict(table.known)
    good = _fill_numbers(path, table, known, problems)
    written = table.known["audio"].tolist() if "audio" in table.known else [None] * len(table)
    known["audio"], exists = _resolve(written, base or path.parent)
    known["recording"] = _recordings(known.get("recording"), written, path)
    if require_audio:
        good &= exists
        _report_missing(path, written, exists, problems)
    utterances = utterance_table(known, table.user)
    if require_audio and not good.all():
        utterances = utterances[good].reset_index(drop=True)
    return Corpus(str(path), layout, utterances, tuple(problems))


def _fill_numbers(path: Path, table: Tabular, known: dict[str, Sequence[Any]], problems: list[Problem]) -> np.ndarray:
    """Put seconds and channels into `known`; returns which rows have none that is wrong."""
    import numpy as np

    good = np.ones(len(table), dtype=bool)
    for name in (name for name in TIME_COLUMNS if name in known):
        seconds, valid = _times(table.known[name], table.decimal_comma)
        known[name] = seconds.to_numpy()
        good &= valid
        if not valid.all():
            _report(path, "bad_time", f"no number of seconds in {name!r}", table.known[name][~valid], problems)
    if "channel" in known:
        known["channel"], valid = _channels(table.known["channel"])
        good &= valid
        if not valid.all():
            _report(path, "bad_channel", "no number from 0, left or right", table.known["channel"][~valid], problems)
    return good


def _report(path: Path, kind: str, what: str, wrong: pd.Series, problems: list[Problem]) -> None:
    problems.append(Problem(kind, str(path), f"{what}, such as {wrong.iloc[0]!r}", len(wrong)))


def _resolve(written: list[str | None], folder: Path | str) -> tuple[list[str | None], np.ndarray]:
    """Absolute paths, and whether a file is there; each path is looked up once, however often it is named.

    What is at an address is taken to be there: only who copies it finds out.
    """
    import numpy as np

    # os.path, because pathlib takes four times as long and a manifest may have a million rows.
    base = str(folder.absolute()) if isinstance(folder, Path) else folder
    absolute = {name: _absolute(name, base) for name in set(written) if name}
    there = {name: _is_address(file) or os.path.isfile(file) for name, file in absolute.items()}  # noqa: PTH113
    exists = np.asarray([name is not None and there[name] for name in written], dtype=bool)
    return [absolute[name] if name else None for name in written], exists


def _absolute(name: str, base: str) -> str:
    if _is_address(name):
        return remote.address(name) or name
    if _is_address(base):
        return remote.beside(base, name)
    return os.path.normpath(os.path.join(base, name))  # noqa: PTH118


def _is_address(name: str) -> bool:
    """Whether a recording is at an address rather than on this machine."""
    return ":/" in name and remote.address(name) is not None


def _without_extension(name: str) -> str:
    """A path or an address without its extension: what a recording is called that nobody named."""
    if _is_address(name):
        shown = remote.shown(name)
        return shown.removesuffix(os.path.splitext(shown)[1])  # noqa: PTH122
    return os.path.splitext(os.path.normpath(name))[0]  # noqa: PTH122


def _recordings(stated: Sequence[Any] | None, written: list[str | None], path: Path) -> list[str]:
    names = [None] * len(written) if stated is None else list(stated)
    unnamed = {audio for name, audio in zip(names, written, strict=True) if audio and not name}
    fallback: dict[str | None, str] = {None: path.stem}
    fallback |= {audio: _without_extension(audio) for audio in unnamed}
    return [name or fallback[audio] for name, audio in zip(names, written, strict=True)]


def _report_missing(path: Path, written: list[str | None], exists: np.ndarray, problems: list[Problem]) -> None:
    missing = [name for name, found in zip(written, exists, strict=True) if not found]
    if not missing:
        return
    first = next((name for name in missing if name), None)
    example = "the column 'audio' is empty" if first is None else f"such as {first!r}"
    if len(missing) == len(written):
        raise CorpusError(
            f"{path}: none of its {len(set(missing))} recordings is there ({example}); "
            f"paths are relative to {path.parent}, and files must be on this machine"
        )
    problems.append(Problem("missing_audio", str(path), f"no recording is there, {example}", len(missing)))


def _times(column: pd.Series, decimal_comma: bool) -> tuple[pd.Series, np.ndarray]:
    """Seconds as float64, and whether each is a finite number or missing; what is neither becomes missing."""
    import numpy as np
    import pandas as pd

    stated = column.notna().to_numpy()
    if column.dtype == object and stated.any():
        text = column.str.replace(",", ".", regex=False) if decimal_comma else column
        column = pd.to_numeric(text, errors="coerce")
    seconds = column.astype("float64")
    finite = np.isfinite(seconds.to_numpy())
    return seconds.where(finite), finite | ~stated


def _channels(column: pd.Series) -> tuple[list[int | None], np.ndarray]:
    import numpy as np

    numbers = {value: _channel(value) for value in column.unique()}
    channels = [numbers[value] for value in column]
    valid = [value is None or channel is not None for value, channel in zip(column, channels, strict=True)]
    return channels, np.asarray(valid, dtype=bool)


def _channel(value: str | None) -> int | None:
    # A column of integers with gaps has been written as floats by many a program.
    return channel_of((value or "").removesuffix(".0"))


LAYOUT = Layout("manifest", recognise, read)
