"""Train, validation and test: by speaker (else by recording), so that nobody is heard in two of them, or at random.

Labels have no say in a split: other labels, thresholds or labellers are judged on the very same voices, and nothing that
is said by a speaker of the test part can change who is trained on. Random splitting reproduces the founding article and
flatters: the same voices are trained on and tested with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from tonewise.errors import OptionError, SplitError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

TRAIN, VALID, TEST = PARTS = ("train", "valid", "test")

#: Tenths of the utterances that are tested on and validated with. The founding article used 80/10/10 at random; by
#: speaker, a tenth may be one or two voices, which tells little: two tenths are tested there.
RANDOM_TENTHS = {TEST: 1, VALID: 1}
SPEAKER_TENTHS = {TEST: 2, VALID: 1}

MINIMUM_GROUPS = 3  # one each to train, to validate and to test with


def names() -> tuple[str, ...]:
    """Names of the strategies that `split` knows."""
    return tuple(_STRATEGIES)


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


def split(groups: pd.Series, strategy: str = "speaker", *, seed: int = 0) -> pd.Series:
    """Assign every utterance to `train`, `valid` or `test`.

    Args:
        groups: see `speaker_groups`.
        strategy: `speaker` or `random`.
        seed: of the assignment.

    Returns:
        A column of the three names, with the index of `groups`.

    Raises:
        SplitError: too few groups or utterances.
        OptionError: an unknown strategy.
    """
    import pandas as pd

    if strategy not in _STRATEGIES:
        raise OptionError(f"unknown split '{strategy}'; choose {', '.join(names())}")
    result = pd.Series(_STRATEGIES[strategy](groups.to_numpy(dtype=str), seed), index=groups.index, dtype=object)
    if strategy != "random":
        check_disjoint(result, groups)
    return result


def check_disjoint(assigned: pd.Series, groups: pd.Series) -> None:
    """Refuse a split in which a group is in more than one part.

    Raises:
        SplitError: naming one of them.
    """
    parts = assigned.groupby(groups.to_numpy()).nunique()
    leaked = parts[parts > 1]
    if len(leaked):
        raise SplitError(
            f"the split leaks: {leaked.index[0]} and {len(leaked) - 1} more are in more than one of train, valid and "
            "test; split by speaker"
        )


def _by_group(groups: np.ndarray, seed: int) -> np.ndarray:
    import numpy as np
    from sklearn.model_selection import GroupKFold

    count = len(np.unique(groups))
    if count < MINIMUM_GROUPS:
        raise SplitError(
            f"the corpus has {count} speaker(s) or recording(s), and a split by speaker needs {MINIMUM_GROUPS} at least: "
            "one each to train, validate and test with; add recordings, or use --split random and expect flattered figures"
        )
    folds = min(10, count)
    fold_of = _folds(
        GroupKFold(folds).split(groups, groups=groups), len(groups)
    )  # of similar size, as far as the groups allow
    # Which folds are tested on is what the seed decides: the folds themselves do not depend on it.
    order = np.random.default_rng(seed).permutation(folds)
    if folds < 10:  # of a few uneven voices, the one who says most is learned from
        largest = np.bincount(fold_of).argmax()
        order = np.append(order[order != largest], largest)
    tenths = SPEAKER_TENTHS if folds == 10 else {TEST: 1, VALID: 1}
    return _name_folds(fold_of, order, tenths)


def _at_random(groups: np.ndarray, seed: int) -> np.ndarray:
    import numpy as np
    from sklearn.model_selection import KFold

    if len(groups) < 10:
        raise SplitError(f"{len(groups)} utterances are too few for an 80/10/10 split: 10 are needed at least")
    fold_of = _folds(KFold(10, shuffle=True, random_state=seed).split(groups), len(groups))
    return _name_folds(fold_of, np.arange(10), RANDOM_TENTHS)


def _folds(pairs: Iterable[tuple[np.ndarray, np.ndarray]], count: int) -> np.ndarray:
    """Which fold each of `count` rows is tested in."""
    import numpy as np

    fold_of = np.empty(count, dtype=int)
    for fold, (_, rows) in enumerate(pairs):
        fold_of[rows] = fold
    return fold_of


def _name_folds(fold_of: np.ndarray, order: np.ndarray, tenths: dict[str, int]) -> np.ndarray:
    import numpy as np

    names = np.full(len(order), TRAIN, dtype=object)
    names[order[: tenths[TEST]]] = TEST
    names[order[tenths[TEST] : tenths[TEST] + tenths[VALID]]] = VALID
    return names[fold_of]


_STRATEGIES: dict[str, Callable[[np.ndarray, int], np.ndarray]] = {
    "speaker": _by_group,
    "random": _at_random,
}
