"""Recordings that a corpus names: where they lie, and what becomes of rows whose recording is not there."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tonewise.corpus.utterance_table import table_of_rows
from tonewise.errors import CorpusError
from tonewise.records import Corpus, Problem


def locate(names: Iterable[str], folders: Sequence[Path]) -> dict[str, str | None]:
    """Absolute paths by name: in the first of `folders` where such a file is; None where it is in none.

    Each name is looked up once, however often it comes. A name that the system takes for no path is nowhere.
    """
    # os.path, because pathlib takes four times as long and corpora have a million clips.
    bases = [str(folder.absolute()) for folder in folders]
    return {name: _first(name, bases) for name in dict.fromkeys(names) if name}


def _first(name: str, bases: Sequence[str]) -> str | None:
    for base in bases:
        file = os.path.normpath(os.path.join(base, name))  # noqa: PTH118
        if os.path.isfile(file):  # noqa: PTH113
            return file
    return None


def corpus_of_rows(
    path: Path, layout: str, rows: Sequence[dict[str, Any]], problems: Sequence[Problem], require_audio: bool
) -> Corpus:
    """The corpus of rows whose key `audio` is None where the recording is not there.

    Such rows are left out and counted as `missing_audio`, unless `require_audio` is False. A key `file` says what the
    recording is called and is no column.

    Raises:
        CorpusError: there are no rows, or none has a recording though one is required.
    """
    if not rows:
        why = f" ({problems[0].detail})" if problems else ""
        raise CorpusError(f"{path}: not one utterance can be used{why}")
    kept = [{name: value for name, value in row.items() if name != "file"} for row in rows]
    if not require_audio:
        return Corpus(str(path), layout, table_of_rows(kept), tuple(problems))
    missing = [row["file"] for row in rows if row["audio"] is None]
    example = f"such as {missing[0]!r}" if missing else ""
    if len(missing) == len(rows):
        raise CorpusError(
            f"{path}: none of its {len(set(missing))} recordings is there ({example}); put them where the corpus names "
            "them, or use `tonewise label`, which needs only the words"
        )
    if missing:
        detail = f"no recording is there, {example}"
        problems = (*problems, Problem("missing_audio", str(path), detail, len(missing)))
    return Corpus(str(path), layout, table_of_rows([row for row in kept if row["audio"] is not None]), tuple(problems))
