"""Cross-validation: every utterance is tested by a model that knows neither its voice nor, where asked for, its words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tonewise.errors import SplitError
from tonewise.splits.assigning import check_strategy
from tonewise.splits.contents import content_folds
from tonewise.splits.groups import balanced_folds
from tonewise.splits.separating import separate

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from tonewise.splits.contents import Content

    Fold = tuple[np.ndarray, np.ndarray]

FOLDS = 5


def folds(
    groups: pd.Series,
    strategy: str = "speaker",
    *,
    count: int = FOLDS,
    seed: int = 0,
    contents: pd.Series | None = None,
    content_count: int | None = None,
) -> Iterator[Fold]:
    """Pairs of rows to train on and rows to test.

    Args:
        groups: see `speaker_groups`.
        strategy: `speaker`, `random`, or `lexical`: a grid of speakers and contents, up to `count` times
            `content_count` folds.
        count: of folds (of speakers); fewer where there are fewer speakers.
        seed: of who is tested with whom.
        contents: what is said, see `contents`; needed by `lexical`.
        content_count: of folds of contents; None = `count`.

    Returns:
        Int arrays of positions (not of index labels), (training, test). `speaker` and `random` test every row exactly once;
        `lexical` no row more than once, and every row unless that would leave less than half of a training set.

    Raises:
        SplitError: too few groups, utterances or contents.
        OptionError: an unknown strategy.
    """
    contents = None if contents is None else contents.loc[groups.index]
    check_strategy(strategy, contents)
    names = groups.to_numpy(dtype=str)
    if strategy == "lexical" and contents is not None:
        return _grid(_voices(names, count, seed), list(contents), content_count or count, seed)
    return _plain(_voices(names, count, seed) if strategy == "speaker" else _shuffled(len(names), count, seed))


def _plain(fold_of: np.ndarray) -> Iterator[Fold]:
    import numpy as np

    for fold in range(fold_of.max() + 1):
        yield np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)


def _grid(voices: np.ndarray, contents: list[Content], count: int, seed: int) -> Iterator[Fold]:
    """A fold for each fold of voices and each of contents, those left out of which nothing can be tested."""
    import numpy as np

    sides = content_folds(contents, count, seed)
    free = sides < 0  # whoever says nothing that is known is tested in any of them
    sides[free] = np.random.default_rng(seed).permutation(free.sum()) % (sides.max() + 1)
    for voice in range(voices.max() + 1):
        for side in range(sides.max() + 1):
            held, learned = separate(contents, (voices == voice) & (sides == side), voices != voice)
            if held.any() and learned.any():
                yield np.flatnonzero(learned), np.flatnonzero(held)


def _voices(names: np.ndarray, count: int, seed: int) -> np.ndarray:
    import numpy as np

    known = len(np.unique(names))
    if known < 2:
        raise SplitError(
            f"the corpus has {known} speaker(s) or recording(s), and folds by speaker need 2 at least; add recordings, or "
            "use random folds and expect flattered figures"
        )
    return balanced_folds(names, min(count, known), seed=seed)


def _shuffled(rows: int, count: int, seed: int) -> np.ndarray:
    import numpy as np

    if rows < count:
        raise SplitError(f"{rows} utterances are too few for {count} folds; add recordings")
    return np.random.default_rng(seed).permutation(rows) % count
