"""What an utterance says, as far as a model could learn it by heart: its sentence, else its sentiment-bearing words."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tonewise.errors import SplitError
from tonewise.splits.groups import balanced_folds

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

SENTENCE = "sentence"  # the column that names what was really said

#: What is said by one utterance; empty = nothing that it could be recognised by.
Content = frozenset[str]


def contents(utterances: pd.DataFrame, words: pd.Series) -> pd.Series:
    """What must not be shared by training and test.

    Args:
        utterances: the table; its column `sentence`, where there is one, names sentences that were really spoken.
        words: the sentiment-bearing words of each row (see `labels.sentiment_words`), with the table's index.

    Returns:
        A frozenset a row: {"sentence:<name>"} where the sentence is known, else {"word:<word>", ...}; empty where there is
        neither, and the row then shares nothing with any other.
    """
    import pandas as pd

    known = utterances[SENTENCE] if SENTENCE in utterances.columns else pd.Series(None, index=utterances.index)
    found = [
        frozenset({f"sentence:{sentence}"}) if _is_known(sentence) else frozenset(f"word:{word}" for word in here)
        for sentence, here in zip(known, words.loc[utterances.index], strict=True)
    ]
    return pd.Series(found, index=utterances.index, dtype=object)


def check_contents(assigned: pd.Series, contents: pd.Series) -> None:
    """Refuse a split in which something that is said in the test part is said in another part.

    Raises:
        SplitError: naming one of them.
    """
    test = frozenset[str]().union(*contents[(assigned == "test").to_numpy()])
    others = frozenset[str]().union(*contents[assigned.isin(["train", "valid"]).to_numpy()])
    leaked = sorted(test & others)
    if leaked:
        raise SplitError(
            f"the split leaks: {leaked[0]} and {len(leaked) - 1} more are said in the test part and in another; "
            "split with --split lexical"
        )


def content_folds(contents: list[Content], count: int, seed: int) -> np.ndarray:
    """Deal rows into at most `count` folds by what they say; `(n,)` int, -1 = it says nothing that is known."""
    import numpy as np

    names = _keys(contents)
    said = names != ""
    fold_of = np.full(len(names), -1)
    fold_of[said] = balanced_folds(names[said], min(count, len(np.unique(names[said]))), seed=seed)
    return fold_of


def _keys(contents: list[Content]) -> np.ndarray:
    """What each row is sorted by: the content that most rows have; "" where it has none.

    So the rows of a frequent word come together. What else they say is rarer, and is missed less in training.
    """
    import numpy as np

    rows = Counter(each for content in contents for each in content)
    return np.array([max(content, key=lambda each: (rows[each], each), default="") for content in contents], dtype=str)


def _is_known(sentence: object) -> bool:
    return sentence is not None and sentence == sentence and bool(str(sentence).strip())
