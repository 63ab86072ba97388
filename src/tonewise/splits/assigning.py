"""Train, validation and test: by speaker (else by recording), so that nobody is heard in two of them, or at random.

Labels have no say in a split: other labels, thresholds or labellers are judged on the very same voices, and nothing that
is said by a speaker of the test part can change who is trained on. Random splitting reproduces the founding article and
flatters: the same voices are trained on and tested with.

The lexical split has the voices of the speaker split, and what is said in its test part is said neither in training nor in
validation: a model that learned words finds none of them there. Rows that would leak are in no part. Validation may say
what training says: kept apart as well, it would be too small to choose anything by.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from tonewise.errors import OptionError, SplitError
from tonewise.splits.contents import check_contents, content_folds
from tonewise.splits.separating import apart, separate

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from tonewise.splits.contents import Content

TRAIN, VALID, TEST = PARTS = ("train", "valid", "test")

#: Of ten folds, how many are tested on and validated with. The founding article used 80/10/10 at random; by speaker, a
#: tenth may be one or two voices, which tells little: two tenths are tested there.
RANDOM_FOLDS = MappingProxyType({TEST: 1, VALID: 1})
SPEAKER_FOLDS = MappingProxyType({TEST: 2, VALID: 1})

#: The same where there are fewer than ten voices, and a fold is one of them.
FEW_FOLDS = MappingProxyType({TEST: 1, VALID: 1})

MINIMUM_GROUPS = 3  # one each to train, to validate and to test with

#: Tenths of the contents that the lexical split tests on. More would leave less to train on; with less, only a few
#: utterances of the test voices would be left.
CONTENT_TENTHS = 4
MINIMUM_CONTENTS = 3

STRATEGIES = ("speaker", "random", "lexical")


def names() -> tuple[str, ...]:
    """Names of the strategies that `split` and `folds` know."""
    return STRATEGIES


def split(
    groups: pd.Series, strategy: str = "speaker", *, seed: int = 0, contents: pd.Series | None = None
) -> pd.Series:
    """Assign every utterance to `train`, `valid` or `test`.

    Args:
        groups: see `speaker_groups`.
        strategy: `speaker`, `random` or `lexical`.
        seed: of the assignment.
        contents: what is said, see `contents`; needed by `lexical`.

    Returns:
        A column of the three names, with the index of `groups`; None = in no part (`lexical` only).

    Raises:
        SplitError: too few groups, utterances or contents.
        OptionError: an unknown strategy.
    """
    import pandas as pd

    contents = None if contents is None else contents.loc[groups.index]
    check_strategy(strategy, contents)
    rows = groups.to_numpy(dtype=str)
    if strategy == "lexical" and contents is not None:
        found = _by_content(_by_group(rows, seed), list(contents), seed)
    else:
        found = _at_random(rows, seed) if strategy == "random" else _by_group(rows, seed)
    result = pd.Series(found, index=groups.index, dtype=object)
    if strategy != "random":
        check_disjoint(result, groups)
    if strategy == "lexical" and contents is not None:
        check_contents(result, contents)
    return result


def check_strategy(strategy: str, contents: pd.Series | None) -> None:
    """Refuse what cannot be split by; `contents` are those of the rows to be split.

    Raises:
        OptionError: an unknown strategy.
        SplitError: `lexical` without contents, or with too few.
    """
    if strategy not in STRATEGIES:
        raise OptionError(f"unknown split '{strategy}'; choose {', '.join(names())}")
    if strategy != "lexical":
        return
    if contents is None:
        raise SplitError("a lexical split needs to know what is said; give contents, or split by speaker")
    count = len(frozenset[str]().union(*contents))
    if count < MINIMUM_CONTENTS:
        raise SplitError(
            f"the corpus has {count} known sentence(s) or sentiment-bearing word(s), and a lexical split needs "
            f"{MINIMUM_CONTENTS} at least; add texts or a column 'sentence', or use --split speaker"
        )


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
    # Of similar size, as far as the groups allow.
    fold_of = _folds(GroupKFold(folds).split(groups, groups=groups), len(groups))
    # Which folds are tested on is what the seed decides: the folds themselves do not depend on it.
    order = np.random.default_rng(seed).permutation(folds)
    if folds < 10:  # of a few uneven voices, the one who says most is learned from
        largest = np.bincount(fold_of).argmax()
        order = np.append(order[order != largest], largest)
    return _name_folds(fold_of, order, SPEAKER_FOLDS if folds == 10 else FEW_FOLDS)


def _at_random(groups: np.ndarray, seed: int) -> np.ndarray:
    import numpy as np
    from sklearn.model_selection import KFold

    if len(groups) < 10:
        raise SplitError(f"{len(groups)} utterances are too few for an 80/10/10 split: 10 are needed at least")
    fold_of = _folds(KFold(10, shuffle=True, random_state=seed).split(groups), len(groups))
    return _name_folds(fold_of, np.arange(10), RANDOM_FOLDS)


def _folds(pairs: Iterable[tuple[np.ndarray, np.ndarray]], count: int) -> np.ndarray:
    """Which fold each of `count` rows is tested in."""
    import numpy as np

    fold_of = np.empty(count, dtype=int)
    for fold, (_, rows) in enumerate(pairs):
        fold_of[rows] = fold
    return fold_of


def _name_folds(fold_of: np.ndarray, order: np.ndarray, counts: Mapping[str, int]) -> np.ndarray:
    """Parts of rows: the first of the folds in `order` are tested on, the next validated with, the rest learned from."""
    import numpy as np

    names = np.full(len(order), TRAIN, dtype=object)
    names[order[: counts[TEST]]] = TEST
    names[order[counts[TEST] : counts[TEST] + counts[VALID]]] = VALID
    named: np.ndarray = names[fold_of]
    return named


def _by_content(parts: np.ndarray, contents: list[Content], seed: int) -> np.ndarray:
    """A split by speaker without the rows whose content is on the other side of the test."""
    sides = content_folds(contents, 10, seed)
    tested = max(1, round(CONTENT_TENTHS * (sides.max() + 1) / 10))
    voices = parts == TEST
    held, learned = separate(contents, voices & (sides < tested), ~voices)
    held = apart(contents, voices, learned)  # what only the voices of the test say can be tested, whatever its fold
    learned = apart(contents, ~voices, held)
    if not (held.any() and learned.any()):
        raise SplitError(
            "what the voices of the test say cannot be kept out of training: nothing would be left; add speakers with "
            "other sentences, or use --split speaker"
        )
    found = parts.copy()
    found[~(held | learned)] = None
    return found
