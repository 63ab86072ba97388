"""Train, validation and test: by speaker (else by recording), so that nobody is heard in two of them, or at random.

Random splitting reproduces the founding article and flatters: the same voices are trained on and tested with.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

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


def split(labels: pd.Series, groups: pd.Series, strategy: str = "speaker", *, seed: int = 0) -> pd.Series:
    """Assign every utterance to `train`, `valid` or `test`, with similar shares of each label.

    Args:
        labels: one label a row, None = abstained; abstained rows are assigned too, so that they can be judged later.
        groups: see `speaker_groups`.
        strategy: `speaker` or `random`.
        seed: of the assignment.

    Returns:
        A column of the three names, with the index of `labels`.

    Raises:
        SplitError: too few groups or utterances.
        OptionError: an unknown strategy.
    """
    import pandas as pd

    if strategy not in _STRATEGIES:
        raise OptionError(f"unknown split '{strategy}'; choose {', '.join(names())}")
    classes = labels.where(labels.notna(), "abstained").to_numpy(dtype=str)
    assigned = _STRATEGIES[strategy](classes, groups.to_numpy(dtype=str), seed)
    result = pd.Series(assigned, index=labels.index, dtype=object)
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


def _by_group(classes: np.ndarray, groups: np.ndarray, seed: int) -> np.ndarray:
    import numpy as np
    from sklearn.model_selection import StratifiedGroupKFold

    count = len(np.unique(groups))
    if count < MINIMUM_GROUPS:
        raise SplitError(
            f"the corpus has {count} speaker(s) or recording(s), and a split by speaker needs {MINIMUM_GROUPS} at least: "
            "one each to train, validate and test with; add recordings, or use --split random and expect flattered figures"
        )
    folds = min(10, count)
    purpose = f"to split by {folds} speakers or recordings"
    fold_of = _folds(StratifiedGroupKFold(folds), classes, groups, purpose)
    # Which folds are tested on is what the seed decides: the folds themselves hardly depend on it.
    order = np.random.default_rng(seed).permutation(folds)
    if folds < 10:  # of a few uneven voices, the one who says most is learned from
        largest = np.bincount(fold_of).argmax()
        order = np.append(order[order != largest], largest)
    tenths = SPEAKER_TENTHS if folds == 10 else {TEST: 1, VALID: 1}
    return _name_folds(fold_of, order, tenths)


def _at_random(classes: np.ndarray, groups: np.ndarray, seed: int) -> np.ndarray:
    import numpy as np
    from sklearn.model_selection import StratifiedKFold

    if len(classes) < 10:
        raise SplitError(f"{len(classes)} utterances are too few for an 80/10/10 split: 10 are needed at least")
    splitter = StratifiedKFold(10, shuffle=True, random_state=seed)
    fold_of = _folds(splitter, classes, groups, "for an 80/10/10 split by label")
    return _name_folds(fold_of, np.arange(10), RANDOM_TENTHS)


def _folds(splitter: Any, classes: np.ndarray, groups: np.ndarray, purpose: str) -> np.ndarray:
    """Which of the splitter's folds each row is tested in; `purpose` says what there are too few rows for."""
    import warnings

    import numpy as np

    fold_of = np.empty(len(classes), dtype=int)
    with warnings.catch_warnings():
        # A class rarer than the folds cannot be in each of them; an undefined metric says so later.
        warnings.filterwarnings("ignore", message="The least populated class")
        # Splitters that do not look at groups warn when they are given any.
        warnings.filterwarnings("ignore", message="The groups parameter is ignored")
        try:
            for fold, (_, rows) in enumerate(splitter.split(classes, classes, groups)):
                fold_of[rows] = fold
        except ValueError as error:  # every class is rarer than the folds
            raise SplitError(f"{len(classes)} utterances are too few {purpose}; add recordings") from error
    return fold_of


def _name_folds(fold_of: np.ndarray, order: np.ndarray, tenths: dict[str, int]) -> np.ndarray:
    import numpy as np

    names = np.full(len(order), TRAIN, dtype=object)
    names[order[: tenths[TEST]]] = TEST
    names[order[tenths[TEST] : tenths[TEST] + tenths[VALID]]] = VALID
    return names[fold_of]


_STRATEGIES: dict[str, Callable[[np.ndarray, np.ndarray, int], np.ndarray]] = {
    "speaker": _by_group,
    "random": _at_random,
}
