"""Who is kept together."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


def speaker_groups(utterances: pd.DataFrame) -> tuple[pd.Series, str]:
    """Who is kept together: the speaker where known, else the recording.

    Returns:
        (one name a row, "speaker" or "recording"). A table in which only some speakers are known is grouped by speaker,
        its other rows by recording.
    """
    import pandas as pd

    speaker, recording = utterances["speaker"], utterances["recording"]
    known = speaker.notna()
    names = [
        f"speaker:{who}" if is_known else f"recording:{what}"
        for who, what, is_known in zip(speaker, recording, known, strict=True)
    ]
    return pd.Series(names, index=utterances.index, dtype=object), "speaker" if known.any() else "recording"


def balanced_folds(names: np.ndarray, count: int, *, seed: int) -> np.ndarray:
    """Deal rows into folds of about equal size, rows of one name into the same.

    Args:
        names: `(n,)`.
        count: of folds; no more than there are names.
        seed: of who goes with whom.

    Returns:
        `(n,)` int, 0 to `count` - 1.
    """
    import numpy as np

    _, name_of, sizes = np.unique(names, return_inverse=True, return_counts=True)
    # The large ones first, into the lightest fold: else the last of them would tip it. Among about equals, chance decides.
    order = np.lexsort((np.random.default_rng(seed).permutation(len(sizes)), -np.floor(np.log2(sizes))))
    load, fold_of = np.zeros(count, dtype=int), np.zeros(len(sizes), dtype=int)
    for name in order:
        fold_of[name] = load.argmin()
        load[fold_of[name]] += sizes[name]
    return fold_of[name_of]
